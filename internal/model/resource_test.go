package model

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestDecodeEncodeLosesNothing(t *testing.T) {
	tests := []struct {
		name string
		id   ID
		in   string
	}{
		{"unknown properties", "apis/echo", `{"path":"echo","displayName":"Echo","future":{"a":[1,2.50]},"subscriptionRequired":false}`},
		{"explicit zero values", "products/p", `{"displayName":"P","description":"","terms":null,"subscriptionsLimit":0}`},
		{"unknown below a known one", "backends/b", `{"url":"https://a","protocol":"http","tls":{"validateCertificateChain":false,"newer":1}}`},
		{"unknown in a list", "backends/b", `{"pool":{"services":[{"id":"/backends/a","newer":true},{"id":"/backends/c"}]},"type":"Pool"}`},
		{"HTML in text", "apis/a", `{"path":"a","description":"<b>&amp;</b>"}`},
		{"dates", "subscriptions/s", `{"scope":"/apis","createdDate":"2024-01-02T03:04:05Z"}`},
		{"service", "", `{"name":"s","location":"West Europe","sku":{"name":"Premium"}}`},
		{"link", "products/p/apis/a", `{}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := Decode(tt.id, []byte(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			got, err := Encode(r)
			if err != nil {
				t.Fatal(err)
			}
			want, err := Canonical([]byte(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Error(diff)
			}
			again, err := Clone(r)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(r, again); diff != "" {
				t.Errorf("clone: %s", diff)
			}
		})
	}
}

func TestEncodeStructWinsOverRest(t *testing.T) {
	r, err := Decode("products/p", []byte(`{"displayName":"P","description":"","other":1}`))
	if err != nil {
		t.Fatal(err)
	}
	p, ok := r.(*Product)
	if !ok {
		t.Fatalf("got %T", r)
	}
	p.Description = "new"
	got, err := Encode(p)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"description":"new","displayName":"P","other":1}`; string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestDecodeErrors(t *testing.T) {
	_, err := Decode("apis/a", []byte(`{"path":1}`))
	var wrong *WrongTypeError
	if !errors.As(err, &wrong) || wrong.Element != "path" || !strings.Contains(err.Error(), "path must not be a number") {
		t.Errorf("got %v", err)
	}
	if _, err = Decode("nothing/a", nil); err == nil {
		t.Error("an unknown collection was decoded")
	}
}

// TestEveryKindIsMade keeps New and the table of kinds in step.
func TestEveryKindIsMade(t *testing.T) {
	var walk func(n *kindNode, id ID)
	walk = func(n *kindNode, id ID) {
		r, err := New(id)
		if err != nil {
			t.Errorf("%s: %v", id, err)
			return
		}
		if r.Kind() != n.kind || r.ResourceID() != id {
			t.Errorf("%s: made %T of kind %s with id %s", id, r, r.Kind(), r.ResourceID())
		}
		for _, c := range n.children {
			walk(c, id.Child(c.collection, "x"))
		}
	}
	walk(kindRoot, "")
}

func TestLinkEnds(t *testing.T) {
	tests := []struct {
		name           string
		link           Link
		holder, member ID
		wrong          bool
	}{
		{name: "product API", link: Link{ID: "products/p/apis/a"}, holder: "products/p", member: "apis/a"},
		{name: "API link", link: Link{ID: "workspaces/w/products/p/apiLinks/l", APIID: "/apis/a"}, holder: "workspaces/w/products/p", member: "workspaces/w/apis/a"},
		{name: "group", link: Link{ID: "products/p/groups/developers"}, holder: "products/p", member: "groups/developers"},
		{name: "tag of an API", link: Link{ID: "apis/a/tags/t"}, holder: "tags/t", member: "apis/a"},
		{name: "tag of an operation", link: Link{ID: "tags/t/operationLinks/l", OperationID: "/apis/a/operations/o"}, holder: "tags/t", member: "apis/a/operations/o"},
		{name: "user", link: Link{ID: "workspaces/w/groups/g/users/u"}, holder: "workspaces/w/groups/g", member: "users/u"},
		{name: "nothing linked", link: Link{ID: "products/p/apiLinks/l"}, holder: "products/p", wrong: true},
		{name: "wrong kind", link: Link{ID: "products/p/apiLinks/l", APIID: "/groups/g"}, holder: "products/p", wrong: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			member, err := tt.link.Member()
			if tt.link.Holder() != tt.holder || member != tt.member || (err != nil) != tt.wrong {
				t.Errorf("holder %q, member %q, %v", tt.link.Holder(), member, err)
			}
		})
	}
}

func TestParseDuration(t *testing.T) {
	tests := []struct {
		in   string
		want time.Duration
	}{
		{"PT1M", time.Minute}, {"P1DT2H", 26 * time.Hour}, {"PT1H30M5S", 90*time.Minute + 5*time.Second},
		{"PT0.5S", time.Second / 2}, {"P1W", 7 * 24 * time.Hour}, {"PT0S", 0},
		{"", -1}, {"P", -1}, {"PT", -1}, {"1M", -1}, {"P1M", -1}, {"PT1", -1}, {"PT1S1M", -1}, {"PT-1S", -1}, {"P99999999999D", -1}, {"PTNaNS", -1},
	}
	for _, tt := range tests {
		got, err := ParseDuration(tt.in)
		if tt.want < 0 {
			if err == nil {
				t.Errorf("%q: got %v, want an error", tt.in, got)
			}
		} else if err != nil || got != tt.want {
			t.Errorf("%q: got %v, %v; want %v", tt.in, got, err, tt.want)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	doc := []byte(`{"displayName":"S","primaryKey":"0123456789abcdef0123456789abcdef","scope":"/products/starter","secondaryKey":"0123456789abcdef0123456789abcdee","state":"active"}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode("subscriptions/s", doc); err != nil {
			b.Fatal(err)
		}
	}
}

// TestSortKeys checks the short way of sorting against the long one.
func TestSortKeys(t *testing.T) {
	tests := []struct {
		name, in string
		ok       bool
	}{
		{"nested", `{"b":{"d":[{"z":1,"y":"\\\"}{,"}],"c":null},"a":-1.5e+3}`, true},
		{"sorted", `{"a":1,"b":[]}`, true},
		{"scalar", `"x"`, true},
		{"escape with another form", `{"a":"\u00e9"}`, false},
		{"escape in a name", `{"\n":1}`, false},
		{"white space", `{"a": 1}`, false},
		{"twice", `{"a":1,"a":2}`, false},
		{"not finished", `{"a":[1`, false},
		{"more", `{}{}`, false},
		{"empty", ``, false},
		{"deep", strings.Repeat("[", 300) + strings.Repeat("]", 300), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := sortKeys([]byte(tt.in))
			if ok != tt.ok {
				t.Fatalf("ok is %v (%s)", ok, got)
			}
			if !ok {
				return
			}
			want, err := Canonical([]byte(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// TestEnumsInAnyCase covers values of enumerations that were written by hand.
func TestEnumsInAnyCase(t *testing.T) {
	r, err := Decode("diagnostics/d", []byte(`{"loggerId":"/loggers/l","verbosity":"Error","httpCorrelationProtocol":"w3c",`+
		`"frontend":{"request":{"dataMasking":{"headers":[{"value":"a","mode":"hide"}]}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if p := Validate(r); len(p) > 0 {
		t.Error(p)
	}
	got, err := Encode(r)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"frontend":{"request":{"dataMasking":{"headers":[{"mode":"Hide","value":"a"}]}}},` +
		`"httpCorrelationProtocol":"W3C","loggerId":"/loggers/l","verbosity":"error"}`
	if string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, id := range []ID{"", "apis/a", "backends/b", "products/p", "users/u", "loggers/l", "apiVersionSets/v", "policies/policy"} {
		if e, err := newEntity(id); err != nil {
			t.Error(err)
		} else if _, ok := e.(speller); !ok {
			t.Errorf("%T has enumerations and no spell", e)
		}
	}
}
