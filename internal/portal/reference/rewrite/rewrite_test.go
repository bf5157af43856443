package rewrite_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/portal/reference/document"
	"github.com/sallyport/sallyport/internal/portal/reference/rewrite"
)

func read(t *testing.T, text string) document.Value {
	t.Helper()
	d, err := document.Read([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d.Root()
}

func TestUpgrade(t *testing.T) {
	tests := []struct{ name, schema, want string }{
		{"nullable", `{"type":"string","nullable":true}`, `{"type":["string","null"]}`},
		{"not nullable", `{"nullable":false,"type":"string"}`, `{"type":"string"}`},
		{"enum", `{"type":"string","nullable":true,"enum":["a"]}`, `{"type":["string","null"],"enum":["a",null]}`},
		{"exclusive", `{"minimum":1,"exclusiveMinimum":true,"maximum":5,"exclusiveMaximum":false}`, `{"exclusiveMinimum":1,"maximum":5}`},
		{"a property of that name", `{"properties":{"nullable":{"type":"boolean"},"type":{"nullable":true,"type":"string"}}}`, `{"properties":{"nullable":{"type":"boolean"},"type":{"type":["string","null"]}}}`},
		{"data", `{"example":{"nullable":true,"type":"x"},"default":{"nullable":true}}`, `{"example":{"nullable":true,"type":"x"},"default":{"nullable":true}}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := rewrite.Upgrade(read(t, `{"openapi":"3.0.1","components":{"schemas":{"A":`+test.schema+`}}}`))
			want := `{"openapi":"3.1.0","components":{"schemas":{"A":` + test.want + `}}}`
			if diff := cmp.Diff(want, string(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPublish(t *testing.T) {
	p := rewrite.Publication{
		URL:    "https://gateway.example/pets/v1",
		Exists: func(method, path string) bool { return method+" "+path == "GET /a" },
		Leads: func(reference string) bool {
			return reference == "#/components/schemas/A" || reference == "#/definitions/A"
		},
	}
	got := rewrite.Publish(read(t, `{"openapi":"3.0.0","x-internal":1,"info":{"title":"T"},"servers":[{"url":"https://backend"}],
		"paths":{"/a":{"servers":[],"get":{"servers":[1],"x-backend":"b","responses":{}},"post":{}},"/b":{"get":{}}},
		"components":{"schemas":{"A":{},"B":{}},"securitySchemes":{"k":{}}}}`), p)
	want := `{"openapi":"3.0.0","info":{"title":"T"},"servers":[{"url":"https://gateway.example/pets/v1"}],"paths":{"/a":{"get":{"responses":{}}}},"components":{"schemas":{"A":{}},"securitySchemes":{"k":{}}}}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
	got = rewrite.Publish(read(t, `{"swagger":"2.0","host":"backend","basePath":"/x","schemes":["http"],"paths":{"a":{"get":{"schemes":["http"]}}},"definitions":{"A":{},"B":{}}}`), p)
	want = `{"swagger":"2.0","paths":{"a":{"get":{}}},"definitions":{"A":{}},"host":"gateway.example","basePath":"/pets/v1","schemes":["https"]}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

// FuzzYAML writes anything as YAML, which says the same when it is read again.
func FuzzYAML(f *testing.F) {
	for _, seed := range []string{
		`{"a":{"b":[1,{"c":[]},[2,[3]]],"d":{}},"yes":"no","1":"2","x y":"- a","e":"a: b","f":"#","g":" ","h":"a ","i":"~","j":"null","k":"/a/{b}","l":"line\nline","m":true,"n":1.5e3}`,
		`{"":"","-":"-","<<":"x","? a":"&b","*":"!c","0x1":"0x1","2020-01-01":"2020-01-01"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := document.Read(data)
		if err != nil || len(d.Root().JSON()) <= len("{}") {
			return
		}
		again, err := document.Read(rewrite.YAML(d.Root().JSON()))
		if err != nil {
			t.Fatalf("%v\n%s", err, rewrite.YAML(d.Root().JSON()))
		}
		once, err := document.Read(rewrite.YAML(again.Root().JSON()))
		if err != nil || !bytes.Equal(again.Root().JSON(), once.Root().JSON()) {
			t.Errorf("it is not what it was: %v\n%s\n%s", err, again.Root().JSON(), once.Root().JSON())
		}
		rewrite.Upgrade(d.Root())
		rewrite.Publish(d.Root(), rewrite.Publication{Exists: func(string, string) bool { return true }, Leads: func(string) bool { return true }})
	})
}

// TestYAML compares what is written with what was read.
func TestYAML(t *testing.T) {
	text := `{"a":{"b":[1,{"c":[]},[2,[3]]],"d":{}},"yes":"no","1":"2","x y":"- a","e":"a: b","f":"#","g":" ","h":"a ","i":"~","j":"null","k":"/a/{b}","l":"line\nline","m":true,"n":1.5e3}`
	if diff := cmp.Diff(text, string(read(t, string(rewrite.YAML([]byte(text)))).JSON())); diff != "" {
		t.Error(diff)
	}
}
