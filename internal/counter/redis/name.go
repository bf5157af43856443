package redis

import (
	"fmt"
	"hash/fnv"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/counter"
)

// partitions is the number of slots of a cluster over which counters are spread.
// Those of a partition are settled by one script.
const partitions = 64

// latestEnd is the last end of a window that is read, in milliseconds since 1970:
// the end of the year 9999. No calendar, and so no JSON, has a later one.
const latestEnd = 253402300799999

// endless is how the end of a window without end is written.
const endless = 0

// id names a counter within a circle.
type id struct {
	kind      counter.Kind
	name, key string
	period    time.Duration
}

// partition returns the number of the partition of a counter.
func (i id) partition() int {
	h := fnv.New32a()
	for _, part := range [...]string{i.name, "\x00", i.key} {
		_, _ = h.Write([]byte(part)) // It never fails.
	}
	return int(h.Sum32() % partitions)
}

// kinds are the letters of the kinds in keys.
var kinds = map[counter.Kind]string{counter.KindRate: "r", counter.KindQuota: "q"}

// keyOf returns the key of a counter in Redis; end is that of a quota's window
// in milliseconds since 1970.
func (c *circle) keyOf(i id, end int64) string {
	var b strings.Builder
	fmt.Fprintf(&b, "sallyport:{%02d}:%s:%s:%d:", i.partition(), c.space, kinds[i.kind], int64(i.period))
	if i.kind == counter.KindQuota {
		b.WriteString(strconv.FormatInt(end, 10) + ":")
	}
	b.WriteString(url.QueryEscape(i.name) + ":" + url.QueryEscape(i.key))
	return b.String()
}

// pattern matches the keys of a kind of counter.
func (c *circle) pattern(kind counter.Kind) string {
	return "sallyport:{??}:" + c.space + ":" + kinds[kind] + ":*"
}

// parseKey reads a key that matches the pattern of its kind.
func (c *circle) parseKey(kind counter.Kind, key string) (i id, end int64, ok bool) {
	prefix := len("sallyport:{00}:") + len(c.space) + len(":q:")
	if len(key) < prefix {
		return i, 0, false
	}
	parts := strings.Split(key[prefix:], ":")
	i.kind = kind
	if want := map[counter.Kind]int{counter.KindRate: 3, counter.KindQuota: 4}[kind]; len(parts) != want {
		return i, 0, false
	}
	period, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil || period < 0 {
		return i, 0, false
	}
	i.period = time.Duration(period)
	if kind == counter.KindQuota {
		if end, err = strconv.ParseInt(parts[1], 10, 64); err != nil || end < 0 || end > latestEnd {
			return i, 0, false
		}
		parts = parts[1:]
	}
	var bad error
	if i.name, err = url.QueryUnescape(parts[1]); err != nil {
		bad = err
	}
	if i.key, err = url.QueryUnescape(parts[2]); err != nil {
		bad = err
	}
	return i, end, bad == nil
}
