package limits

import (
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/policy/stated"
)

// bytesPerKilobyte is what a kilobyte of a quota is.
const bytesPerKilobyte = 1024

// counters finds what limits stand at.
type counters struct {
	*resource.Session
	subscription *resource.Entity
	readings     map[string][]counter.Reading
	truncated    bool
}

// bodies are a limit as it is answered: one that counts by the subscription's
// key counts for each of the two on its own.
func (c *counters) bodies(l *limit) []map[string]any {
	if l.Key == nil || l.Key.By() != stated.SubscriptionKey {
		return []map[string]any{c.body(l, "")}
	}
	return []map[string]any{c.body(l, "primary"), c.body(l, "secondary")}
}

// body is a limit as it is answered. key is which key it counts, where it does.
func (c *counters) body(l *limit, key string) map[string]any {
	body := map[string]any{"kind": "quota", "known": false, "countedBy": "subscription"}
	if l.Rate() {
		body["kind"] = "rateLimit"
	}
	if !l.PeriodVaries {
		body["renewalPeriod"] = int64(l.Period / time.Second)
	}
	set := func(name string, value any, when bool) {
		if when {
			body[name] = value
		}
	}
	set("api", l.api, l.api != "")
	set("operation", l.operation, l.operation != "")
	set("calls", l.Calls, l.Calls > 0)
	set("bandwidth", l.Kilobytes, l.Kilobytes > 0)
	set("conditional", true, l.Conditional)
	set("partly", true, l.Partly)
	set("callsVary", true, l.CallsVary)
	set("periodVaries", true, l.PeriodVaries)
	set("countedBy", "user", l.Key.By() == stated.UserID)
	set("countedBy", "key", key != "")
	set("key", key, key != "")
	counted, ok := l.key(c, key)
	set("split", true, !ok)
	if ok && c.Counters != nil && !l.PeriodVaries {
		c.stand(body, l, counted)
	}
	return body
}

// key is what the limit counts by, for this subscription; false where only a
// call can tell.
func (l *limit) key(c *counters, which string) (string, bool) {
	if l.Key == nil {
		return c.subscription.ID.Relative(), true
	}
	subject := stated.Subject{
		Subscription: c.subscription.ID.Name(), User: resource.ID(c.subscription.Text("ownerId")).Name(), API: l.api, Operation: l.operation,
	}
	if l.scope == "product" {
		subject.Product = l.owner.Name()
	}
	if which != "" {
		subject.Key, _ = c.Reveal(c.subscription, which+"Key") //nolint:errcheck // One that cannot be opened is not known.
	}
	return l.Key.Of(subject)
}

// stand adds what the limit stands at, and when it begins anew. One that is not
// among the readings has counted nothing yet.
func (c *counters) stand(body map[string]any, l *limit, key string) {
	readings, ok := c.read(counter.BoundedKey(key))
	if !ok {
		return
	}
	used, kind := counter.Usage{}, counter.KindQuota
	var start, end time.Time
	if l.Rate() {
		kind = counter.KindRate
	} else if l.Period > 0 {
		start, end = l.window(c.Now(), c.begun())
	}
	for i := range readings {
		r := &readings[i]
		if r.Kind != kind || r.Period != l.Period || !l.counts(r.Name) {
			continue
		}
		used.Calls, used.Bytes = max(used.Calls, r.Used.Calls), max(used.Bytes, r.Used.Bytes)
		if !r.End.IsZero() {
			start, end = r.Start, r.End
		}
	}
	body["known"], body["usedCalls"], body["usedKilobytes"] = true, used.Calls, float64(used.Bytes)/bytesPerKilobyte
	if !end.IsZero() {
		body["start"], body["end"] = start.UTC().Format(time.RFC3339), end.UTC().Format(time.RFC3339)
	}
}

// begun is when the subscription began, which is where its quotas begin.
func (c *counters) begun() time.Time {
	for _, name := range []string{"startDate", "createdDate"} {
		if at, err := time.Parse(time.RFC3339, c.subscription.Text(name)); err == nil {
			return at
		}
	}
	return time.Time{}
}

// window is the window of a quota that runs now.
func (l *limit) window(now, begun time.Time) (start, end time.Time) {
	if l.Key != nil {
		begun = l.Start
	}
	period := l.Period.Milliseconds()
	into := (now.UnixMilli() - begun.UnixMilli()) % period
	if into < 0 {
		into += period
	}
	start = time.UnixMilli(now.UnixMilli() - into)
	return start, start.Add(l.Period)
}

// read asks for the counters of a key, once for each.
func (c *counters) read(key string) ([]counter.Reading, bool) {
	if readings, ok := c.readings[key]; ok {
		return readings, true
	}
	if len(c.readings) == MaxKeys {
		c.truncated = true
		return nil, false
	}
	if c.readings == nil {
		c.readings = map[string][]counter.Reading{}
	}
	readings := c.Counters.List(counter.Filter{Key: key})
	c.readings[key] = readings
	return readings, true
}

// counts reports whether gateways count the limit under that name.
func (l *limit) counts(name string) bool {
	if l.Key != nil {
		return name == l.Policy
	}
	prefix := "quota/"
	if l.Rate() {
		prefix = "rate-limit/" + l.scope + "/"
	}
	for _, owner := range []string{l.owner.Relative(), l.owner.Child("policies", "policy").Relative()} {
		if strings.EqualFold(name, prefix+owner+l.Path) {
			return true
		}
	}
	return false
}
