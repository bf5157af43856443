// Package redis counts rate limits and quotas together with other gateways,
// through Redis or Valkey, without a request ever waiting for the network.
//
// Each gateway counts in its own memory, as package memory does, and settles in
// the background: twice in a settle interval it sends what it has counted since,
// for the counters that were asked for meanwhile, and is told what all gateways
// have counted. The answer is a lease: the others have used so much of the
// limit, the rest is free, and that is good for a while. A call is decided by
// the limit less what the others have used, in the gateway's own window. Where
// a limit is far from used up, a gateway counts a part of the rest before it
// settles again, so small that all gateways together cannot use it up, and for
// two seconds at most.
//
// So a gateway learns of a call that another one admitted within the settle
// interval and one round trip. Until then both may give away the same rest of a
// limit, and together they admit at most
//
//	limit + (gateways - 1) × rate × settle interval
//
// calls, where rate is what the busiest of them admits in a unit of time, and
// the settle interval includes the round trip.
//
// The others' calls of a sliding window are counted by the server's clock, in
// granules, from when they are settled: they count for a granule and a settle
// interval longer than the period at most. Quotas have a key for each window, by
// the gateway's clock: a gateway whose clock is wrong moves to the next window
// early or late, counts there with those that do the same, and disturbs nobody.
//
// What is sent is not a difference but what has been counted in all, under a
// name that only this lease has, so that a settlement that was made, and whose
// answer was lost, is not made twice. A settlement that takes long delays the
// next one; there is never a second one under way.
//
// When the server does not answer, its breaker opens within a second, and each
// limit does what it says. Open limits count in the gateway alone: rate limits
// up to the limit divided by the gateways that were last known, quotas up to
// their share of what was left; at least 1 in both cases. Closed limits say that
// they are unavailable. When the server has come back with nothing in it,
// quotas are brought back to what the gateways know.
//
// Every key expires, and all keys of a script are in one slot of a cluster.
package redis
