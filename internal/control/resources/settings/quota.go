package settings

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/problem"
)

const (
	// byKey is the name under which quota-by-key counts.
	byKey = "quota-by-key"
	// bytesPerKilobyte is what a kilobyte of a quota is.
	bytesPerKilobyte = 1024
	// beginning is a time that is not known.
	beginning = "0001-01-01T00:00:00Z"
	// outOfReach tells those who ask that the counters are elsewhere.
	outOfReach = "The gateways count by themselves, where this management plane cannot look: start it and them with the same --counters."
)

// quotaRoutes are the counters of quota-by-key. Counters live in the gateways and
// in what they share: they are read and set there, through the environment's
// Counters.
func quotaRoutes() []resource.Route {
	const counters = servicePath + "quotas/{counter}"
	const period = counters + "/periods/{period}"
	const update = "QuotaCounterValueUpdateContract"
	return []resource.Route{
		{Method: "GET", Path: counters, Permission: access.Quotas.Read(), Run: listQuotas},
		{Method: "PATCH", Path: counters, Permission: access.Quotas.Write(), Body: update, Run: listQuotas},
		{Method: "GET", Path: period, Permission: access.QuotaPeriods.Read(), Run: onePeriod},
		{Method: "PATCH", Path: period, Permission: access.QuotaPeriods.Write(), Body: update, Run: onePeriod},
	}
}

// listQuotas lists the counters of all periods of a key, after it has set them
// where the call has a body.
func listQuotas(s *resource.Session, segments map[string]string, in resource.Input) (resource.Result, error) {
	list, err := quotasOf(s, segments["counter"], "", in)
	if err != nil {
		return resource.Result{}, err
	}
	items := make([]any, len(list))
	for n := range list {
		items[n] = quotaBody(&list[n])
	}
	body := map[string]any{"value": items, "count": len(items)}
	if s.Counters == nil {
		body["sallyportRemark"] = outOfReach
	}
	return resource.Result{Body: body}, nil
}

// onePeriod is the counter of one period, after it has set it where the call has
// a body. Where no counters can be reached it stands at zero, of a time that is
// not known.
func onePeriod(s *resource.Session, segments map[string]string, in resource.Input) (resource.Result, error) {
	list, err := quotasOf(s, segments["counter"], segments["period"], in)
	switch {
	case err != nil:
		return resource.Result{}, err
	case s.Counters == nil:
		return resource.Result{Body: map[string]any{
			"counterKey": segments["counter"], "periodKey": segments["period"],
			"periodStartTime": beginning, "periodEndTime": beginning,
			"value":           map[string]any{"callsCount": 0, "kbTransferred": 0},
			"sallyportRemark": outOfReach,
		}}, nil
	case len(list) == 0:
		return resource.Result{}, problem.NotFound("Quota counter", segments["counter"]+"/periods/"+segments["period"])
	}
	return resource.Result{Body: quotaBody(&list[0])}, nil
}

// quotasOf returns the running counters of a key, of one period where that is
// given. A body sets them first.
func quotasOf(s *resource.Session, key, period string, in resource.Input) ([]counter.Reading, error) {
	if _, err := s.Get(in.ID.Service()); err != nil {
		return nil, err
	}
	if s.Counters == nil {
		return nil, nil
	}
	return readQuotas(s.Counters, key, period, in), nil
}

// readQuotas waits for the servers of the counters, in a transaction that only
// reads: nobody waits for it.
func readQuotas(counters counter.Inspector, key, period string, in resource.Input) []counter.Reading {
	properties, _ := in.Body["properties"].(map[string]any)
	var list []counter.Reading
	for _, r := range counters.List(counter.Filter{Kind: counter.KindQuota, Name: byKey, Key: key}) {
		if period == "" || samePeriod(period, periodKey(r.Period)) {
			setQuota(counters, &r, properties)
			list = append(list, r)
		}
	}
	return list
}

// setQuota sets what the properties of a body name.
func setQuota(counters counter.Inspector, r *counter.Reading, properties map[string]any) {
	calls, hasCalls := numberOf(properties["callsCount"])
	kilobytes, hasKilobytes := numberOf(properties["kbTransferred"])
	if !hasCalls && !hasKilobytes {
		return
	}
	wanted := *r
	if hasCalls {
		wanted.Used.Calls = int64(calls)
	}
	if hasKilobytes {
		wanted.Used.Bytes = int64(math.Round(kilobytes * bytesPerKilobyte))
	}
	if counters.Set(wanted) {
		*r = wanted
	}
}

// numberOf reads a number of a checked body.
func numberOf(value any) (float64, bool) {
	switch n := value.(type) {
	case float64:
		return n, true
	case json.Number:
		f, err := n.Float64()
		return f, err == nil
	}
	return 0, false
}

// quotaBody is a counter as API Management shows it.
func quotaBody(r *counter.Reading) map[string]any {
	start, end := beginning, "9999-12-31T23:59:59Z"
	if r.Period > 0 {
		start, end = r.Start.UTC().Format(time.RFC3339Nano), r.End.UTC().Format(time.RFC3339Nano)
	}
	return map[string]any{
		"counterKey": r.Key, "periodKey": periodKey(r.Period), "periodStartTime": start, "periodEndTime": end,
		"value": map[string]any{"callsCount": min(r.Used.Calls, math.MaxInt32), "kbTransferred": float64(r.Used.Bytes) / bytesPerKilobyte},
	}
}

// periodKey names a period: the number of the running one, which is always 0, and
// its length.
func periodKey(period time.Duration) string {
	if period <= 0 {
		return "0_P0D"
	}
	var b strings.Builder
	b.WriteString("0_P")
	seconds := int64(period / time.Second)
	write := func(length int64, unit byte) {
		if n := seconds / length; n > 0 {
			b.WriteString(strconv.FormatInt(n, 10) + string(unit))
			seconds %= length
		}
	}
	write(24*60*60, 'D')
	if seconds > 0 {
		b.WriteByte('T')
	}
	write(60*60, 'H')
	write(60, 'M')
	write(1, 'S')
	return b.String()
}

// samePeriod compares the lengths that two names of periods have.
func samePeriod(a, b string) bool {
	_, a, _ = strings.Cut(a, "_")
	_, b, _ = strings.Cut(b, "_")
	return strings.EqualFold(a, b)
}
