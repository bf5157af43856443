package redis

import (
	"context"
	"strings"

	goredis "github.com/redis/go-redis/v9"
)

// maxMembers bounds the leases that a counter remembers in Redis. More than
// these are counted, and counted twice where an answer is lost.
const maxMembers = "1000"

// now is the time in microseconds: the server's, or for tests the last argument.
const now = `
local now = tonumber(ARGV[#ARGV])
if now == 0 then
  local t = redis.call('TIME')
  now = t[1] * 1000000 + t[2]
end
local function text(n) return string.format('%.0f', n) end
`

// settleRates settles sliding windows: for each key an argument with member,
// epoch, calls counted, calls settled, granule in microseconds, limit and time
// to live in milliseconds. A window is a hash: e is its epoch, which begins with
// f where it was made by counting and with r where it was set; m… is what a
// member has counted; all others are granules.
//
// The answer has, for each key, the epoch, the current granule, the calls in the
// window, and the microseconds until the limit allows one, if it does not.
const settleRates = now + `
local out = {}
for i, key in ipairs(KEYS) do
  local member, epoch, counted, settled, granule, limit, ttl =
    string.match(ARGV[i], '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+)$')
  granule = tonumber(granule)
  local index = math.floor(now / granule)
  local own = 'm' .. member
  local e, mine, members, total, gone, live = nil, nil, 0, 0, {}, {}
  local hash = redis.call('HGETALL', key)
  for j = 1, #hash, 2 do
    local field, first = hash[j], string.byte(hash[j])
    if first == 101 then
      e = hash[j + 1]
    elseif first == 109 then
      members = members + 1
      if field == own then mine = tonumber(hash[j + 1]) end
    else
      local g = tonumber(field)
      if g < index - 60 or g > index + 60 then
        gone[#gone + 1] = field
      else
        live[#live + 1] = {g, tonumber(hash[j + 1])}
        total = total + live[#live][2]
      end
    end
  end
  if #gone > 0 then redis.call('HDEL', key, unpack(gone)) end
  local set = e and epoch ~= '-' and epoch ~= e and string.byte(e) == 114
  local delta = tonumber(counted) - (mine or tonumber(settled))
  if not set and delta > 0 then
    if not e then
      e = 'f' .. text(now)
      redis.call('HSET', key, 'e', e)
    end
    redis.call('HINCRBY', key, text(index), text(delta))
    if mine or members < ` + maxMembers + ` then redis.call('HSET', key, own, counted) end
    redis.call('PEXPIRE', key, ttl)
    total = total + delta
    live[#live + 1] = {index, delta}
  end
  local free, need = 0, total - tonumber(limit) + 1
  if need > 0 and #live > 0 then
    table.sort(live, function(a, b) return a[1] < b[1] end)
    for _, g in ipairs(live) do
      need = need - g[2]
      free = (g[1] + 61) * granule - now
      if need <= 0 then break end
    end
  end
  out[i] = (e or '-') .. ' ' .. text(index) .. ' ' .. text(total) .. ' ' .. text(free)
end
return table.concat(out, ';')
`

// settleQuotas settles windows of quotas: for each key an argument with member,
// epoch, calls and bytes counted, calls and bytes settled, calls and bytes that
// the window holds at least, and time to live in milliseconds. A window is a
// hash: e and m… as in settleRates, c and b the calls and bytes. What a server
// has forgotten that is older than what the gateway knows, as a replica may be
// that has become the primary, is counted once: it is in what the window holds at
// least.
//
// The answer has, for each key, the epoch, the calls and the bytes.
const settleQuotas = now + `
local out = {}
for i, key in ipairs(KEYS) do
  local member, epoch, counted, bytes, settled, settledBytes, floor, floorBytes, ttl =
    string.match(ARGV[i], '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+)$')
  local own = 'm' .. member
  local hash = redis.call('HMGET', key, 'e', 'c', 'b', own)
  local e, c, b = hash[1], tonumber(hash[2] or 0), tonumber(hash[3] or 0)
  local set = e and epoch ~= '-' and epoch ~= e and string.byte(e) == 114
  if not set then
    local mine, mineBytes = settled, settledBytes
    if hash[4] then mine, mineBytes = string.match(hash[4], '^(%S+) (%S+)$') end
    local newC = math.max(c, c + counted - mine, floor + math.max(0, counted - settled))
    local newB = math.max(b, b + bytes - mineBytes, floorBytes + math.max(0, bytes - settledBytes))
    if newC > c or newB > b then
      e = e or ('f' .. text(now))
      c, b = newC, newB
      redis.call('HSET', key, 'e', e, 'c', text(c), 'b', text(b))
      if hash[4] or redis.call('HLEN', key) < ` + maxMembers + ` then redis.call('HSET', key, own, counted .. ' ' .. bytes) end
      redis.call('PEXPIRE', key, ttl)
    end
  end
  out[i] = (e or '-') .. ' ' .. text(c) .. ' ' .. text(b)
end
return table.concat(out, ';')
`

// setCounter makes a counter that is there stand at a number: its arguments are
// calls, bytes, the granule in microseconds, or zero for a quota, and the time to
// live in milliseconds. The answer is the new epoch, or nothing.
const setCounter = now + `
if redis.call('EXISTS', KEYS[1]) == 0 then return '' end
local e, granule = 'r' .. text(now), tonumber(ARGV[3])
redis.call('DEL', KEYS[1])
if granule == 0 then
  redis.call('HSET', KEYS[1], 'e', e, 'c', ARGV[1], 'b', ARGV[2])
else
  redis.call('HSET', KEYS[1], 'e', e, text(math.floor(now / granule)), ARGV[1])
end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return e
`

// present says that a gateway is there, until its term in microseconds has
// passed, and answers how many are.
const present = now + `
redis.call('ZADD', KEYS[1], text(now), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', text(now - tonumber(ARGV[2])))
redis.call('ZREMRANGEBYSCORE', KEYS[1], '(' .. text(now + tonumber(ARGV[2])), '+inf')
redis.call('PEXPIRE', KEYS[1], text(math.ceil(tonumber(ARGV[2]) / 500)))
return redis.call('ZCARD', KEYS[1])
`

// absent says that a gateway has gone.
const absent = `return redis.call('ZREM', KEYS[1], ARGV[1])`

// script is a script and its digest, by which the server knows it once it has
// seen it.
type script struct{ text, digest string }

func newScript(text string) script { return script{text, goredis.NewScript(text).Hash()} }

// queue adds a call of the script to a pipeline: by its digest, or with its text
// where the server may not know it.
func (s script) queue(ctx context.Context, p goredis.Pipeliner, whole bool, keys []string, args []any) *goredis.Cmd {
	if whole {
		return p.Eval(ctx, s.text, keys, args...)
	}
	return p.EvalSha(ctx, s.digest, keys, args...)
}

// unknownScript says that the server does not know a script.
func unknownScript(err error) bool { return err != nil && strings.HasPrefix(err.Error(), "NOSCRIPT") }
