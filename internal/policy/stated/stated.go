// Package stated reads which limits of calls a policy document states, for those
// who tell callers of them. It compiles nothing and runs nothing: what an
// expression says is only known as far as it can be read off its text, and the
// text itself is never passed on.
package stated

import (
	"strconv"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// MaxLimits bounds how many limits are read of one document with its fragments;
// what is behind is left out.
const MaxLimits = 100

// Limit is one limit that a document states.
type Limit struct {
	// Policy is the name of the policy: rate-limit, rate-limit-by-key, quota or
	// quota-by-key.
	Policy string
	// API and Operation are what an element inside a limit names; zero for all of
	// the document's scope. Path is what the name of its counter ends with.
	API, Operation Target
	Path           string
	// Conditional says that it stands inside a choose.
	Conditional bool
	// Partly says that not every call counts as one.
	Partly bool
	// Calls and Kilobytes are what is allowed in a period; 0 where that is not
	// limited. CallsVary says that calls are limited, by a number that is only
	// known when a call is made, and PeriodVaries the same of the period.
	Calls, Kilobytes        int64
	CallsVary, PeriodVaries bool
	// Period is the length of the window; 0 for a quota without end. Start is
	// where quota-by-key has one of its windows start.
	Period time.Duration
	Start  time.Time
	// Key is what it is counted by; nil for rate-limit and quota, which count by
	// the subscription.
	Key Key
}

// Rate says that the limit's window slides.
func (l *Limit) Rate() bool { return strings.HasPrefix(l.Policy, "rate-") }

// Target is what an element names an API or operation by: its id, or its display
// name where it gives no id.
type Target struct{ ID, Name string }

// IsZero says that nothing is named.
func (t Target) IsZero() bool { return t == Target{} }

// Label is what the target is called in the names of counters.
func (t Target) Label() string {
	if t.ID != "" {
		return t.ID
	}
	return t.Name
}

// Is reports whether the target names a resource with that id and display name:
// ids without regard to case, display names as they are.
func (t Target) Is(id, displayName string) bool {
	if t.ID != "" {
		return strings.EqualFold(t.ID, id)
	}
	return t.Name == displayName
}

// Source is the text of a document or fragment, and its format.
type Source struct {
	Text   []byte
	Format document.Format
}

// Surroundings are what documents refer to. Both may be nil.
type Surroundings struct {
	// Fragment gives a policy fragment.
	Fragment func(id string) (Source, bool)
	// NamedValue gives a named value that may be told; a secret is none.
	NamedValue func(name string) (string, bool)
}

// Read reads the limits of a document's inbound section, in their order. What
// cannot be read has none: gateways do not run it.
func Read(src Source, around Surroundings) []Limit {
	r := &reader{around: around}
	root := r.parse(src)
	if root == nil {
		return nil
	}
	for _, section := range root.Children {
		if section.Name == "inbound" {
			r.walk(section, false)
		}
	}
	return r.found
}

// Mentions reports quickly whether a text may state limits, itself or through
// fragments: most do not, and need not be read.
func Mentions(text string) bool {
	return strings.Contains(text, "rate-limit") || strings.Contains(text, "quota") || strings.Contains(text, "include-fragment")
}

type reader struct {
	around   Surroundings
	found    []Limit
	open     []string // The fragments that are open.
	included int
}

func (r *reader) parse(src Source) *document.Element {
	text := src.Text
	if r.around.NamedValue != nil {
		text, _, _ = document.Substitute(text, r.around.NamedValue)
	}
	root, err := document.Parse(text, src.Format, document.DefaultLimits())
	if err != nil {
		return nil
	}
	return root
}

// walk reads what stands in an element.
func (r *reader) walk(in *document.Element, conditional bool) {
	for _, el := range in.Children {
		if len(r.found) >= MaxLimits {
			return
		}
		switch el.Name {
		case "rate-limit", "quota":
			r.bySubscription(el, conditional)
		case "rate-limit-by-key", "quota-by-key":
			r.byKey(el, conditional)
		case "include-fragment":
			r.include(el, conditional)
		default:
			r.walk(el, conditional || el.Name == "when" || el.Name == "otherwise")
		}
	}
}

// include reads a fragment in its place, within the bounds of the compiler.
func (r *reader) include(el *document.Element, conditional bool) {
	id, _ := el.Attr("fragment-id")
	if r.around.Fragment == nil || id.Expression || len(r.open) >= policy.MaxFragmentDepth || r.isOpen(id.Value) {
		return
	}
	src, ok := r.around.Fragment(id.Value)
	if r.included += len(src.Text); !ok || r.included > policy.MaxIncludedBytes || !Mentions(string(src.Text)) {
		return
	}
	root := r.parse(src)
	if root == nil {
		return
	}
	r.open = append(r.open, id.Value)
	r.walk(root, conditional)
	r.open = r.open[:len(r.open)-1]
}

func (r *reader) isOpen(id string) bool {
	for _, open := range r.open {
		if strings.EqualFold(open, id) {
			return true
		}
	}
	return false
}

// bySubscription reads rate-limit or quota, with the limits of single APIs and
// operations in it.
func (r *reader) bySubscription(el *document.Element, conditional bool) {
	outer := Limit{Policy: el.Name, Conditional: conditional}
	outer.amounts(el)
	r.add(outer)
	for _, child := range el.Children {
		l := outer.inside(child)
		r.add(l)
		for _, operation := range child.Children {
			r.add(l.inside(operation))
		}
	}
}

// inside reads the limit of an API or operation. A quota's has the period of
// what it stands in where it gives none.
func (l *Limit) inside(el *document.Element) Limit {
	inner := *l
	inner.Calls, inner.Kilobytes, inner.CallsVary = 0, 0, false
	inner.amounts(el)
	var t Target
	if id, ok := el.Attr("id"); ok && id.Value != "" {
		t.ID = id.Value
	} else {
		name, _ := el.Attr("name")
		t.Name = name.Value
	}
	if el.Name == "operation" {
		inner.Operation = t
	} else {
		inner.API = t
	}
	inner.Path += "/" + el.Name + "/" + t.Label()
	return inner
}

// byKey reads rate-limit-by-key or quota-by-key.
func (r *reader) byKey(el *document.Element, conditional bool) {
	l := Limit{Policy: el.Name, Conditional: conditional}
	l.amounts(el)
	key, _ := el.Attr("counter-key")
	l.Key = readKey(key)
	if text, ok := el.Attr("first-period-start"); ok {
		l.Start, _ = time.Parse(time.RFC3339, text.Value) // The zero time is the default.
	}
	if text, ok := el.Attr("increment-condition"); ok && (text.Expression || !strings.EqualFold(strings.TrimSpace(text.Value), "true")) {
		l.Partly = true
	}
	if text, ok := el.Attr("increment-count"); ok && (text.Expression || strings.TrimSpace(text.Value) != "1") {
		l.Partly = true
	}
	r.add(l)
}

// add keeps a limit that limits something.
func (r *reader) add(l Limit) {
	if len(r.found) < MaxLimits && (l.Calls > 0 || l.Kilobytes > 0 || l.CallsVary) {
		r.found = append(r.found, l)
	}
}

// amounts reads what is allowed in which period.
func (l *Limit) amounts(el *document.Element) {
	var given bool
	if l.Calls, given = whole(el, "calls"); given && l.Calls == 0 {
		l.CallsVary = !isZero(el, "calls")
	}
	l.Kilobytes, _ = whole(el, "bandwidth")
	if seconds, given := whole(el, "renewal-period"); given {
		l.Period = time.Duration(seconds) * time.Second
		l.PeriodVaries = seconds == 0 && !isZero(el, "renewal-period")
	}
}

// whole reads an attribute that is a whole number of at most 33 bits: as
// seconds, a few hundred years. given says that there is such an attribute.
func whole(el *document.Element, name string) (n int64, given bool) {
	text, ok := el.Attr(name)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(text.Value), 10, 34)
	if err != nil || n < 0 {
		return 0, true
	}
	return n, true
}

// isZero says that the attribute is the number 0, and no expression.
func isZero(el *document.Element, name string) bool {
	text, _ := el.Attr(name)
	n, err := strconv.ParseInt(strings.TrimSpace(text.Value), 10, 64)
	return err == nil && n == 0
}
