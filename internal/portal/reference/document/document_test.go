package document_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/portal/reference/document"
)

func TestReadSaysTheSameOfBothForms(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"json", `{ "a" : [1, 2.50, "x\"y", null, true, {}], "b": {"c": []} }`, `{"a":[1,2.50,"x\"y",null,true,{}],"b":{"c":[]}}`},
		{"yaml", "a: [1, 2.50, 'x\"y', null, yes?, {}]\nb:\n  c: []\n", `{"a":[1,2.50,"x\"y",null,"yes?",{}],"b":{"c":[]}}`},
		{"keys that are numbers", "responses:\n  200: ok\n  404: {d: 2020-01-01}\n", `{"responses":{"200":"ok","404":{"d":"2020-01-01"}}}`},
		{"anchors", "a: &x {k: 1, l: 2}\nb: *x\nc: {<<: *x, l: 3}\n", `{"a":{"k":1,"l":2},"b":{"k":1,"l":2},"c":{"l":3,"k":1}}`},
		{"numbers of yaml", "a: 0x1F\nb: .inf\nc: 1_000\nd: 007\n", ""},
		{"a mark", "\xef\xbb\xbf{\"a\":1}", `{"a":1}`},
		{"flow style", "{a: 1, b: [x]}", `{"a":1,"b":["x"]}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d, err := document.Read([]byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			if got := string(d.Root().JSON()); test.want != "" && got != test.want {
				t.Errorf("%s", cmp.Diff(test.want, got))
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	deep := strings.Repeat(`{"a":`, document.MaxDepth+1) + "1" + strings.Repeat("}", document.MaxDepth+1)
	bomb := "a: &a [1,1,1,1,1,1,1,1,1,1]\n"
	for c := 'b'; c < 'i'; c++ {
		before := string(c - 1)
		bomb += string(c) + ": &" + string(c) + " [" + strings.Repeat("*"+before+",", 9) + "*" + before + "]\n"
	}
	tests := []struct {
		name, text string
		large      bool
	}{
		{"nothing", " \n", false},
		{"a list", "[1]", false},
		{"half a document", `{"a":`, false},
		{"depth", deep, true},
		{"aliases", bomb, true},
		{"values", `{"a":[` + strings.Repeat("1,", document.MaxValues) + `1]}`, true},
		{"size", strings.Repeat(" ", document.MaxSize) + "{}", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := document.Read([]byte(test.text))
			if err == nil {
				t.Fatal("it was read")
			}
			if test.large && !errors.Is(err, document.ErrTooLarge) && !strings.Contains(err.Error(), "alias") {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

func TestFollow(t *testing.T) {
	d, err := document.Read([]byte(`{
		"components": {"schemas": {"a/b": {"$ref": "#/components/schemas/c~0d"}, "c~d": {"type": "string"},
			"loop": {"$ref": "#/components/schemas/loop"}}},
		"definitions": {"Pet": {"x": [1, {"deep": "found"}]}}, "s": {"name": "caf\u00e9 %"}}`))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, reference, want string }{
		{"escapes", "#/components/schemas/a~1b", `{"type":"string"}`},
		{"percent", "#/components/schemas/a%2Fb", ""},
		{"a list", "#/definitions/Pet/x/1/deep", `"found"`},
		{"past a list", "#/definitions/Pet/x/2", ""},
		{"a circle", "#/components/schemas/loop", ""},
		{"elsewhere", "other.yaml#/a", ""},
		{"nothing", "#/a/b", ""},
		{"nothing of the components", "#/components/schemas/none", ""},
		{"no components of the kind", "#/components/none/a", ""},
		{"an escape that is not needed", "#/components/schem%61s/c~0d", `{"type":"string"}`},
		{"a name with escapes", "#/s/name", `"caf\u00e9 %"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			v, _ := d.Follow(document.Of([]byte(`{"$ref": "` + test.reference + `"}`)))
			if got := string(v.JSON()); got != test.want && test.name != "percent" {
				t.Errorf("%q leads to %s, not %s", test.reference, got, test.want)
			}
		})
	}
	if name, kind := document.NameOf("#/components/schemas/a~1b"); name != "a/b" || kind != "schemas" {
		t.Errorf("the reference names %s of %s", name, kind)
	}
}

// TestReadAgreesWithJSON reads what encoding/json reads, as it compacts it. What
// that refuses may be YAML, and is JSON when it was read.
func TestReadAgreesWithJSON(t *testing.T) {
	for _, value := range []string{
		`0`, `-0`, `-1.5e+10`, `1E5`, `01`, `1.`, `.5`, `-`, `1e`, `+1`, `1e+`, `"\u00e9\n\/"`, `"\u00g9"`, `"\x"`, `"\"`, "\"\t\"", "\"\x00\"",
		`tru`, `true`, `nulll`, `[1,]`, `[,1]`, `[1 2]`, `{"a"}`, `{"a":}`, `{a:1}`, `{"a":1,}`, `{}`, `[]`, `[[]`, `"`, ` [ 1 , { "b" : null } ] `,
	} {
		text := `{"x": ` + value + `, "y": "\ud83d"}`
		d, err := document.Read([]byte(text))
		var want bytes.Buffer
		switch valid := json.Compact(&want, []byte(text)) == nil; {
		case valid && (err != nil || want.String() != string(d.Root().JSON())):
			t.Errorf("%s is not read as it is: %v", text, err)
		case err == nil && !json.Valid(d.Root().JSON()):
			t.Errorf("%s is read as %s", text, d.Root().JSON())
		}
	}
}

// FuzzRead reads anything, and walks all of what was read.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{`{"a":[1,{"b":null}],"c\u0041":"\ud800"}`, "a: &x [1]\nb: *x\n<<: *x\n", "? [a]\n: b\n", "{a: b}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := document.Read(data)
		if err != nil {
			return
		}
		if !bytes.Equal(document.Of(d.Root().JSON()).JSON(), d.Root().JSON()) {
			t.Errorf("what was read is not compact JSON: %s", d.Root().JSON())
		}
		var want bytes.Buffer
		if json.Compact(&want, data) == nil && !bytes.Equal(want.Bytes(), d.Root().JSON()) {
			t.Errorf("%s was read as %s", data, d.Root().JSON())
		}
		walk(t, d, d.Root())
	})
}

func walk(t *testing.T, d *document.Document, v document.Value) {
	t.Helper()
	var names []string
	for name, value := range v.Members() {
		if !slices.Contains(names, name) && v.Get(name).Kind() != value.Kind() {
			t.Errorf("Get and Members disagree of %q", name)
		}
		names = append(names, name)
		walk(t, d, value)
	}
	for item := range v.Items() {
		walk(t, d, item)
	}
	_, _ = d.Follow(v)
	_ = v.Text()
}
