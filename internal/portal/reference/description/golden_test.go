package description_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/sallyport/sallyport/internal/portal/reference/description"
)

var update = flag.Bool("update", false, "write the golden files")

// told is what a document says, as the golden files have it.
type told struct {
	Operations []operation         `json:"operations"`
	Schemas    map[string]any      `json:"schemas,omitempty"`
	Tags       []description.Tag   `json:"tags,omitempty"`
	Webhooks   []description.Entry `json:"webhooks,omitempty"`
}

type operation struct {
	*description.Operation
	Made map[string]string `json:",omitempty"`
}

// TestGolden reads documents and tells all of what they say. The first file of
// each archive is the document, the second what is told of it.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no documents", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			d, err := description.Read(archive.Files[0].Data)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := json.MarshalIndent(tell(d), "", " ") //nolint:musttag // Golden files have the names of Go.
			if err != nil {
				t.Fatal(err)
			}
			got := sparse(t, raw)
			if *update {
				archive.Files = append(archive.Files[:1], txtar.File{Name: "told.json", Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(archive), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if len(archive.Files) < 2 {
				t.Fatal("there is no golden file: run with -update")
			}
			if diff := cmp.Diff(string(archive.Files[1].Data), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func tell(d *description.Description) told {
	out := told{Tags: d.Tags, Webhooks: d.Webhooks, Schemas: map[string]any{}}
	for i := range d.Operations {
		o := operation{d.Read(&d.Operations[i]), map[string]string{}}
		if o.Body != nil {
			for j := range o.Body.Media {
				o.Made["request "+o.Body.Media[j].Type], _ = o.Body.Media[j].Example(description.Request)
			}
		}
		for _, r := range o.Responses {
			for j := range r.Media {
				o.Made[r.Status+" "+r.Media[j].Type], _ = r.Media[j].Example(description.Answer)
			}
		}
		for j := range o.Parameters {
			o.Made[o.Parameters[j].In+" "+o.Parameters[j].Name] = d.Example(&o.Parameters[j])
		}
		out.Operations = append(out.Operations, o)
	}
	for _, name := range d.Schemas() {
		s, _ := d.Schema(name)
		out.Schemas[name] = map[string]any{"is": s.Type(), "schema": s, "example": json.RawMessage(orNull(d.Make(s, description.Answer).JSON()))}
	}
	return out
}

func orNull(raw []byte) []byte {
	if len(raw) == 0 {
		return []byte("null")
	}
	return raw
}

// sparse is JSON without what is empty, so that golden files can be read.
func sparse(t *testing.T, raw []byte) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	v, _ = full(v)
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func full(v any) (any, bool) {
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			if name == "example" {
				continue
			}
			if kept, ok := full(inner); ok {
				v[name] = kept
			} else {
				delete(v, name)
			}
		}
		return v, len(v) > 0
	case []any:
		for i := range v {
			v[i], _ = full(v[i])
		}
		return v, len(v) > 0
	case string:
		return v, v != ""
	case bool:
		return v, v
	case nil:
		return nil, false
	default:
		return v, true
	}
}

// FuzzRead reads anything that is a description, and all operations and schemas of
// it.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		`{"openapi":"3.1.0","paths":{"/a":{"$ref":"#/paths/~1a"}},"components":{"schemas":{"A":{"allOf":[{"$ref":"#/components/schemas/A"}]}}}}`,
		`{"openapi":"3.0.0","paths":{"/a/{b}":{"get":{"parameters":[{"name":"b","in":"path","schema":{"type":"array","items":{"oneOf":[{"type":"null"},{"pattern":"[a-z]{3}"}]}}}],"responses":{"200":{"content":{"application/xml":{"schema":{"$ref":"#/components/schemas/A"}}}}}}}},"components":{"schemas":{"A":{"properties":{"a":{"$ref":"#/components/schemas/A"},"b":{"type":"number","multipleOf":3}}}}}}`,
		`{"swagger":"2.0","paths":{"/a":{"post":{"consumes":["multipart/form-data"],"parameters":[{"name":"f","in":"formData","type":"file"},{"$ref":"#/parameters/P"}]}}},"parameters":{"P":{"name":"p","in":"query","collectionFormat":"multi"}}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		const most = 4 << 10
		if len(data) > most {
			return
		}
		d, err := description.Read(data)
		if err != nil {
			return
		}
		var entries []*description.Entry
		for i := range d.Operations {
			entries = append(entries, &d.Operations[i])
		}
		d.Reach(entries)
		marshal(t, tell(d))
	})
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestLimits reads documents that have more than is read.
func TestLimits(t *testing.T) {
	wide := `{"type":"object","properties":{`
	for i := range 2 * description.MaxShown {
		if i > 0 {
			wide += ","
		}
		wide += `"p` + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + `":{"type":"string"}`
	}
	wide += `}}`
	nested := strings.Repeat(`{"type":"object","properties":{"a":`, 60) + `{"type":"string"}` + strings.Repeat(`}}`, 60)
	bomb := `{"openapi":"3.0.0","paths":{"/a":{"get":{"responses":{"200":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/L0"}}}}}}}},"components":{"schemas":{`
	for i := range 20 {
		next := `{"$ref":"#/components/schemas/L` + string(rune('1'+i)) + `"}`
		bomb += `"L` + string(rune('0'+i)) + `":{"allOf":[` + strings.Repeat(next+",", 9) + next + `]},`
	}
	bomb += `"Z":{}}}}`
	of := func(schema string) string {
		return `{"openapi":"3.0.0","paths":{"/a":{"post":{"requestBody":{"content":{"application/json":{"schema":` + schema + `}}}}}}}`
	}
	for name, text := range map[string]string{"wide": of(wide), "nested": of(nested), "bomb": bomb} {
		t.Run(name, func(t *testing.T) {
			d, err := description.Read([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			raw := marshal(t, d.Read(&d.Operations[0]))
			if s, ok := d.Schema("L0"); ok {
				raw += marshal(t, s) + string(d.Make(s, description.Answer).JSON())
			}
			if !strings.Contains(raw, `"Cut":true`) {
				t.Error("nothing says that something was left out")
			}
			const most = 8 << 20
			if len(raw) > most {
				t.Errorf("it is told in %d bytes", len(raw))
			}
		})
	}
	if _, err := description.Read([]byte(`{"openapi":"4.0"}`)); err == nil {
		t.Error("a version that is unknown was read")
	}
}
