package follow_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policies"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
	"github.com/sallyport/sallyport/internal/problem"
	"github.com/sallyport/sallyport/internal/snapshot"
)

// minPoison is how many documents have to be refused at the least.
const minPoison = 300

// poison is a document that should not have come through validation.
type poison struct {
	name      string
	resources []model.Resource
	// harmless says that the document may be taken: a blank field is often
	// allowed.
	harmless bool
}

// outcome is what came of the documents.
type outcome struct {
	pushed, refused, taken  int
	crashed, unnamed        int
	lost, failed, swallowed int
	first                   string // the first failure
}

func (o *outcome) fail(count *int, format string, args ...any) {
	*count++
	if o.first == "" {
		o.first = fmt.Sprintf(format, args...)
	}
}

// push offers each document to a gateway that serves a good configuration, and
// looks at what it serves afterwards.
func push(g *gateway, list []poison, offer func(*snapshot.Document) problem.Problems) outcome {
	var o outcome
	for _, p := range list {
		before := g.server.Snapshot()
		problems, crash := offered(g, p, offer)
		o.pushed++
		for _, one := range problems {
			if strings.HasPrefix(one.Message, policy.InternalErrorPrefix) {
				crash = one.String()
			}
		}
		switch {
		case crash != "":
			o.fail(&o.crashed, "%s: the compiler panicked: %s", p.name, crash)
		case !problems.HasErrors():
			o.taken++
			if !p.harmless {
				o.fail(&o.swallowed, "%s: it was taken", p.name)
			}
			g.follower.Offer(g.document(good()), nil)
			continue
		}
		o.refused++
		for _, one := range problems {
			if one.Resource == "" && one.Element == "" && !strings.Contains(one.Message, "MaxResources") {
				o.fail(&o.unnamed, "%s: the refusal names nothing: %s", p.name, one)
				break
			}
		}
		if g.server.Snapshot() != before {
			o.fail(&o.lost, "%s: the last good configuration is no longer served", p.name)
		}
		if status := g.get("/shop/items/1", "key-one"); status != 200 {
			o.fail(&o.failed, "%s: a request was answered with %d", p.name, status)
		}
	}
	return o
}

// offered offers one document and catches what must not happen.
func offered(g *gateway, p poison, offer func(*snapshot.Document) problem.Problems) (problems problem.Problems, crash string) {
	defer func() {
		if r := recover(); r != nil {
			crash = fmt.Sprint(r)
		}
	}()
	return offer(g.document(p.resources)), ""
}

// TestR4_PoisonConfiguration pushes documents that validation should have kept
// away at a gateway.
func TestR4_PoisonConfiguration(t *testing.T) {
	g := serving(t)
	defer g.close(t)
	list := allPoison(t)
	o := push(g, list, func(d *snapshot.Document) problem.Problems { return g.follower.Offer(d, nil) })
	if bad := o.crashed + o.unnamed + o.lost + o.failed + o.swallowed; bad > 0 {
		t.Errorf("%d crashes, %d refusals without a name, %d times the last good one was lost, %d failed requests, %d taken that are wrong; first: %s",
			o.crashed, o.unnamed, o.lost, o.failed, o.swallowed, o.first)
	}
	if o.refused < minPoison {
		t.Errorf("%d documents were refused, want at least %d", o.refused, minPoison)
	}
	fmt.Printf("R4: %d documents pushed, %d refused by name, %d harmless, %d crashes, %d failed requests (at least %d, 0, 0)\n",
		o.pushed, o.refused, o.taken, o.crashed, o.failed, minPoison)
}

// TestR4_PoisonConfiguration_NegativeControl pushes the same documents at a
// gateway that serves what it could make of a document, whatever was wrong.
func TestR4_PoisonConfiguration_NegativeControl(t *testing.T) {
	g := serving(t)
	defer g.close(t)
	empty, _ := snapshot.Compile(&snapshot.Document{}, g.settings)
	o := push(g, allPoison(t)[:20], func(d *snapshot.Document) problem.Problems {
		problems := g.follower.Offer(d, nil)
		if problems.HasErrors() {
			g.server.Use(empty)
			for i := range problems {
				problems[i].Location = problem.Location{}
			}
		}
		return problems
	})
	if o.lost == 0 || o.failed == 0 || o.unnamed == 0 {
		t.Errorf("a gateway that trusts documents passed: %+v", o)
	}
}

// serving makes a gateway that serves the good configuration.
func serving(t *testing.T) *gateway {
	t.Helper()
	g := newGateway(t, nil)
	if problems := g.follower.Offer(g.document(good()), nil); problems.HasErrors() {
		t.Fatalf("the good configuration is refused:\n%s", problems)
	}
	if status := g.get("/shop/items/1", "key-one"); status != 200 {
		t.Fatalf("status %d with the good configuration", status)
	}
	return g
}

// allPoison lists the documents.
func allPoison(t *testing.T) []poison {
	t.Helper()
	list := repeated()
	list = append(list, handmade()...)
	list = append(list, fields(t)...)
	return append(list, attributes(t)...)
}

// repeated has each resource twice, and each kind as a nil pointer.
func repeated() []poison {
	var list []poison
	for i, r := range good() {
		twice := append(good(), r)
		list = append(list, poison{name: "twice: " + r.ResourceID().String(), resources: twice})
		gone := good()
		gone[i] = reflect.Zero(reflect.TypeOf(r)).Interface().(model.Resource)
		list = append(list, poison{name: "nil: " + r.ResourceID().String(), resources: gone})
	}
	return list
}

// fields has each field of each resource blank, and then too long or out of
// range.
func fields(t *testing.T) []poison {
	t.Helper()
	var list []poison
	for i, r := range good() {
		paths := fieldPaths(reflect.ValueOf(r).Elem(), nil)
		for _, path := range paths {
			for _, change := range changes {
				resources := good()
				at := reflect.ValueOf(resources[i]).Elem()
				for _, step := range path {
					at = step(at)
				}
				if at.CanSet() && change.to(at) {
					list = append(list, poison{name: fmt.Sprintf("%s of %s (%s)", change.name, r.ResourceID(), at.Type()), resources: resources, harmless: true})
				}
			}
		}
	}
	return list
}

// changes are what is done to a field; to reports whether it applies.
var changes = []struct {
	name string
	to   func(reflect.Value) bool
}{
	{"blank", func(v reflect.Value) bool {
		if v.IsZero() {
			return false
		}
		v.SetZero()
		return true
	}},
	{"too long", func(v reflect.Value) bool {
		if v.Kind() != reflect.String {
			return false
		}
		v.SetString(strings.Repeat("x", 10*document.MaxDocumentBytes/8))
		return true
	}},
	{"control characters", func(v reflect.Value) bool {
		if v.Kind() != reflect.String {
			return false
		}
		v.SetString("a\x00/../%2e%2e\r\n{*}?")
		return true
	}},
	{"out of range", func(v reflect.Value) bool {
		if !v.CanInt() {
			return false
		}
		v.SetInt(-1)
		return true
	}},
	{"null elements", func(v reflect.Value) bool {
		if v.Kind() != reflect.Slice {
			return false
		}
		v.Set(reflect.MakeSlice(v.Type(), 3, 3))
		return true
	}},
}

// step goes from a value to one inside it.
type step func(reflect.Value) reflect.Value

// fieldPaths lists the ways to all fields inside a value, at any depth.
func fieldPaths(v reflect.Value, prefix []step) [][]step {
	var list [][]step
	add := func(s step, inner reflect.Value) {
		path := append(append([]step{}, prefix...), s)
		list = append(list, path)
		list = append(list, fieldPaths(inner, path)...)
	}
	switch v.Kind() {
	case reflect.Struct:
		if v.Type().String() == "time.Time" {
			return nil
		}
		for i := range v.NumField() {
			if v.Type().Field(i).Name != "Rest" {
				add(func(v reflect.Value) reflect.Value { return v.Field(i) }, v.Field(i))
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			add(reflect.Value.Elem, v.Elem())
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() != reflect.Uint8 {
			for i := range v.Len() {
				add(func(v reflect.Value) reflect.Value { return v.Index(i) }, v.Index(i))
			}
		}
	default:
	}
	return list
}

// attributes has the example of each policy with each attribute and child blank,
// gone, or too long.
func attributes(t *testing.T) []poison {
	t.Helper()
	var list []poison
	for _, spec := range policies.All().All() {
		text := "<fragment>" + spec.Example + "</fragment>"
		for n := 0; ; n++ {
			root, err := document.Parse([]byte(text), document.RawXML, document.DefaultLimits())
			if err != nil {
				t.Fatalf("the example of %s: %v", spec.Name, err)
			}
			name, ok := mutate(root, n)
			if !ok {
				break
			}
			list = append(list, poison{name: spec.Name + ": " + name, resources: withPolicy(spec, root), harmless: true})
		}
	}
	return list
}

// mutate makes the n-th change of a document, and says which it was.
func mutate(root *document.Element, n int) (name string, ok bool) {
	all := elements(root)
	for _, el := range all[1:] {
		for i := range el.Attributes {
			a := &el.Attributes[i]
			for _, change := range []struct {
				name string
				do   func()
			}{
				{"blank", func() { a.Value = document.Literal("") }},
				{"gone", func() { el.Attributes = append(el.Attributes[:i:i], el.Attributes[i+1:]...) }},
				{"renamed", func() { a.Name += "-future" }},
				{"too long", func() { a.Value = document.Literal(strings.Repeat("9", 10*document.MaxDocumentBytes/8)) }},
				{"control character", func() { a.Value = document.Literal("x\r\ny") }},
			} {
				if n == 0 {
					was := a.Name
					change.do()
					return el.Name + " " + was + " " + change.name, true
				}
				n--
			}
		}
		switch n {
		case 0:
			el.Name += "-future"
			return el.Name, true
		case 1:
			el.Children, el.Text, el.Inner = nil, document.Text{}, ""
			return el.Name + " emptied", true
		case 2:
			el.Children = append(el.Children, &document.Element{Name: "unknown"})
			return el.Name + " with an unknown child", true
		}
		n -= 3
	}
	return "", false
}

// elements lists an element and all below it.
func elements(el *document.Element) []*document.Element {
	list := []*document.Element{el}
	for _, child := range el.Children {
		list = append(list, elements(child)...)
	}
	return list
}

// withPolicy is the good configuration with the policies of an example at a
// scope and in a section where they may stand.
func withPolicy(spec *policy.Spec, example *document.Element) []model.Resource {
	section := &document.Element{Name: strings.Split(spec.Sections.String(), ", ")[0], Children: example.Children}
	root := &document.Element{Name: "policies", Children: []*document.Element{section}}
	if spec.Name == "base" {
		root.Children = example.Children
	}
	var text strings.Builder
	if err := document.Write(&text, root, document.RawXML); err != nil {
		text.WriteString("<policies><inbound>") // What cannot be written is broken in another way.
	}
	id := model.ID("products/starter/policies/policy")
	if spec.Scopes&policy.ScopeProduct == 0 {
		id = "apis/shop/policies/policy"
	}
	resources := good()
	for i, r := range resources {
		if r.ResourceID() == id {
			resources[i] = &model.Policy{ID: id, Format: model.PolicyRawXML, Value: text.String()}
		}
	}
	return resources
}
