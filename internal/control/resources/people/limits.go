package people

import (
	"strconv"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// maxLimits bounds how many limits are told of a subscription.
const maxLimits = 50

// limits is the read sallyportLimits, an addition of ours to the API: the limits
// that the product of a subscription states, and what the counters of gateways
// stand at. What the management plane cannot reach is not told, and neither are
// limits whose numbers the document does not state itself.
func limits(s *resource.Session, e *resource.Entity, _ resource.Input) (resource.Result, error) {
	if err := visitorOwns(s, e, resource.ID(e.Text("ownerId"))); err != nil {
		return resource.Result{}, err
	}
	stated, err := statedLimits(s, resource.ID(e.Text("scope")))
	if err != nil {
		return resource.Result{}, err
	}
	var readings []counter.Reading
	if s.Counters != nil && len(stated) > 0 {
		readings = s.Counters.List(counter.Filter{Key: e.ID.Relative()})
	}
	value := make([]map[string]any, 0, len(stated))
	for i := range stated {
		value = append(value, stated[i].body(s.Counters != nil, readings))
	}
	return resource.Result{Body: map[string]any{"value": value, "count": len(value)}}, nil
}

// statedLimit is a limit of a product's policies.
type statedLimit struct {
	kind counter.Kind
	// names are those under which gateways may count it.
	names            []string
	target           string
	calls, kilobytes int64 // 0 is no limit.
	period           time.Duration
}

// statedLimits reads the limits of a product's policy document: those of inbound
// that hold always, for calls of a subscription.
func statedLimits(s *resource.Session, product resource.ID) ([]statedLimit, error) {
	if !strings.EqualFold(product.Collection().Name(), "products") {
		return nil, nil
	}
	e, err := s.Lookup(product.Child("policies", "policy"))
	if err != nil || e == nil {
		return nil, err
	}
	format := document.XML
	if strings.EqualFold(e.Text("format"), document.RawXML.String()) {
		format = document.RawXML
	}
	root, err := document.Parse([]byte(e.Text("value")), format, document.DefaultLimits())
	if err != nil {
		return nil, nil //nolint:nilerr // What does not parse, gateways do not run; here is not where to say so.
	}
	var found []statedLimit
	for _, section := range root.Children {
		if section.Name != "inbound" {
			continue
		}
		for _, el := range section.Children {
			found = append(found, limitsOf(el, product.Relative())...)
		}
	}
	return found[:min(len(found), maxLimits)], nil
}

// limitsOf reads one element, with the limits of single APIs in it.
func limitsOf(el *document.Element, product string) []statedLimit {
	var kind counter.Kind
	var prefix string
	switch el.Name {
	case "quota":
		kind, prefix = counter.KindQuota, "quota/"
	case "rate-limit":
		kind, prefix = counter.KindRate, "rate-limit/product/"
	default:
		return nil
	}
	outer, _ := whole64(el, "renewal-period")
	var found []statedLimit
	add := func(el *document.Element, suffix, target string) {
		l := statedLimit{kind: kind, target: target, period: time.Duration(outer) * time.Second}
		for _, owner := range []string{product, product + "/policies/policy"} {
			l.names = append(l.names, prefix+owner+suffix)
		}
		var hasCalls, hasBytes bool
		l.calls, hasCalls = whole64(el, "calls")
		l.kilobytes, hasBytes = whole64(el, "bandwidth")
		if seconds, ok := whole64(el, "renewal-period"); ok {
			l.period = time.Duration(seconds) * time.Second
		}
		if hasCalls || hasBytes {
			found = append(found, l)
		}
	}
	add(el, "", "")
	for _, child := range el.Children {
		name, _ := child.Attr("name")
		label := name.Value
		if id, ok := child.Attr("id"); ok && id.Value != "" {
			label = id.Value
		}
		add(child, "/"+child.Name+"/"+label, label)
	}
	return found
}

// whole64 reads an attribute that is a whole number, of at most a few hundred
// years where it is seconds.
func whole64(el *document.Element, name string) (int64, bool) {
	text, ok := el.Attr(name)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(text.Value), 10, 33)
	return n, err == nil && n >= 0
}

// body is a limit as it is answered. known says that counters can be reached: one
// that is not among the readings has counted nothing yet.
func (l *statedLimit) body(known bool, readings []counter.Reading) map[string]any {
	body := map[string]any{"kind": "quota", "renewalPeriod": int64(l.period / time.Second), "known": known}
	if l.kind == counter.KindRate {
		body["kind"] = "rateLimit"
	}
	if l.target != "" {
		body["target"] = l.target
	}
	if l.calls > 0 {
		body["calls"] = l.calls
	}
	if l.kilobytes > 0 {
		body["bandwidth"] = l.kilobytes
	}
	if !known {
		return body
	}
	body["usedCalls"], body["usedKilobytes"] = int64(0), float64(0)
	for i := range readings {
		r := &readings[i]
		if r.Kind != l.kind || r.Period != l.period || !l.named(r.Name) {
			continue
		}
		body["usedCalls"], body["usedKilobytes"] = r.Used.Calls, float64(r.Used.Bytes)/bytesPerKilobyte
		if !r.End.IsZero() {
			body["start"], body["end"] = r.Start.UTC().Format(time.RFC3339), r.End.UTC().Format(time.RFC3339)
		}
	}
	return body
}

func (l *statedLimit) named(name string) bool {
	for _, n := range l.names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// bytesPerKilobyte is what a kilobyte of a quota is.
const bytesPerKilobyte = 1024
