package export

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/sallyport/sallyport/internal/control/transfer/openapi"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/problem"
)

var update = flag.Bool("update", false, "write the golden files anew")

// formats are those that importing reads as OpenAPI.
var formats = []string{"openapi-link", "openapi+json-link", "swagger-link"}

// imported reads a document and makes a source of it.
func imported(t *testing.T, data []byte) Source {
	t.Helper()
	in, problems := openapi.Read("apis/a", data, openapi.Options{})
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	s := Source{
		API: &model.API{
			ID: "apis/a", DisplayName: in.Title, Description: in.Description, TermsOfServiceURL: in.TermsOfService,
			Contact: in.Contact, License: in.License,
		},
		Operations: in.Operations,
		Tags:       map[model.Key][]string{},
		Servers:    []string{"https://gateway.example/shop/v1", "http://gateway.example/shop/v1"},
	}
	if in.Schema != nil {
		s.Schemas = append(s.Schemas, in.Schema)
	}
	for _, tag := range in.Tags {
		for _, id := range tag.Operations {
			s.Tags[id.Key()] = append(s.Tags[id.Key()], tag.Name)
		}
	}
	return s
}

// TestGolden describes what the first file of each archive holds, in all
// formats. Where the file is named operations.json it is a list of operations
// with their names, else it is a description that is imported.
func TestGolden(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got := &txtar.Archive{Comment: a.Comment, Files: slices.Clone(a.Files[:1])}
			for _, format := range exportFormats {
				d, problems := Write(format, imported(t, a.Files[0].Data))
				got.Files = append(got.Files, txtar.File{Name: format + d.Extension, Data: append([]byte(notes(problems)), d.Data...)})
			}
			if *update {
				if err := os.WriteFile(name, txtar.Format(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(txtar.Format(a)), string(txtar.Format(got))); diff != "" && !*update {
				t.Error(diff)
			}
		})
	}
}

func notes(problems problem.Problems) string {
	if len(problems) == 0 {
		return ""
	}
	return problems.String() + "\n"
}

// exportFormats are all that can be written of operations.
var exportFormats = []string{"openapi-link", "openapi+json-link", "swagger-link", "wadl-link"}

// TestRoundTrip imports what was exported of the samples of the importer.
func TestRoundTrip(t *testing.T) {
	names, err := filepath.Glob("../openapi/testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "wrong.txtar") {
			continue
		}
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, format := range formats {
			if format == "swagger-link" && !strings.Contains(name, "swagger") {
				continue // Swagger 2 has no place for what OpenAPI 3 says.
			}
			t.Run(filepath.Base(name)+" "+format, func(t *testing.T) { roundTrip(t, format, imported(t, a.Files[0].Data)) })
		}
	}
}

// roundTrip compares operations by their properties.
func roundTrip(t *testing.T, format string, s Source) {
	t.Helper()
	d, problems := Write(format, s)
	if len(problems) > 0 {
		t.Error(problems)
	}
	again, problems := openapi.Read("apis/a", d.Data, openapi.Options{File: format})
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	if format != "swagger-link" {
		filesAsStrings(s.Operations)
	}
	want := propertiesOf(t, s.Operations)
	if diff := cmp.Diff(want, propertiesOf(t, again.Operations)); diff != "" {
		t.Error(diff)
	}
}

// filesAsStrings changes the files in forms to what OpenAPI 3 has for them.
func filesAsStrings(operations []*model.Operation) {
	for _, o := range operations {
		if o.Request == nil {
			continue
		}
		for _, r := range o.Request.Representations {
			for i := range r.FormParameters {
				if r.FormParameters[i].Type == "file" {
					r.FormParameters[i].Type = "string"
				}
			}
		}
	}
}

// propertiesOf has the properties of operations by their names. An operation without
// responses is described with one that says nothing.
func propertiesOf(t *testing.T, operations []*model.Operation) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, o := range operations {
		c := *o
		if len(c.Responses) == 0 {
			c.Responses = []model.Response{{StatusCode: 200}}
		}
		text, err := model.Encode(&c)
		if err != nil {
			t.Fatal(err)
		}
		out[o.ID.Name()] = strings.ReplaceAll(string(text), `,"`, ",\n\"")
	}
	return out
}
