package snapshot_test

import (
	"testing"

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/snapshot"
)

// FuzzCompile compiles any documents, names and templates: what is wrong is a
// problem with the resource that has it, and never a panic.
func FuzzCompile(f *testing.F) {
	f.Add(`<policies><inbound><mark text="{{colour}}" /></inbound></policies>`, `<fragment><base /></fragment>`, "/items/{id}", "apis/shop", "https://a/b", []byte(`{}`))
	s := settings(f, markRegistry(map[string]int{}))
	f.Fuzz(func(t *testing.T, document, fragment, template, id, url string, components []byte) {
		resources := append(shop(),
			&model.Policy{ID: "apis/shop/operations/list/policies/policy", Value: document},
			&model.PolicyFragment{ID: "policyFragments/other", Value: fragment},
			&model.Operation{ID: "apis/shop/operations/other", DisplayName: "Other", Method: "POST", URLTemplate: template,
				TemplateParameters: []model.Parameter{{Name: "id", Type: "string"}}},
			&model.API{ID: model.ID(id), DisplayName: id, Path: template, ServiceURL: url},
			&model.Schema{ID: "apis/shop/schemas/other", ContentType: model.SchemaOpenAPI, Document: model.SchemaDocument{Components: components}},
			&model.Certificate{ID: "certificates/c", Data: url},
		)
		snap, problems := snapshot.Compile(&snapshot.Document{Revision: 1, Resources: resources}, s)
		if (snap == nil) != problems.HasErrors() {
			t.Fatalf("snapshot %v with problems:\n%s", snap != nil, problems)
		}
		for _, p := range problems {
			if p.Resource == "" && p.Element == "" {
				t.Fatalf("the problem names nothing: %s", p)
			}
			if len(p.Message) > len(policy.InternalErrorPrefix) && p.Message[:len(policy.InternalErrorPrefix)] == policy.InternalErrorPrefix {
				t.Fatal(p)
			}
		}
	})
}
