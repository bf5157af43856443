package snapshot_test

import (
	"fmt"
	"testing"

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/snapshot"
)

// thousand is a configuration of 1,000 APIs of ten operations.
func thousand() []model.Resource {
	resources := shop()
	for i := range 1000 {
		api := &model.API{ID: model.NewID("apis", fmt.Sprintf("bench%d", i)), DisplayName: "Bench", Path: fmt.Sprintf("bench/%d", i),
			ServiceURL: "https://origin.example", Protocols: []model.Protocol{model.ProtocolHTTPS}}
		resources = append(resources, api)
		for o := range 10 {
			resources = append(resources, &model.Operation{ID: api.ID.Child("operations", fmt.Sprintf("get%d", o)), DisplayName: "Get",
				Method: "GET", URLTemplate: fmt.Sprintf("/things%d/{id}", o), TemplateParameters: []model.Parameter{{Name: "id", Type: "string"}}})
		}
	}
	return resources
}

// BenchmarkApply changes one thing in a configuration of 1,000 APIs and 10,000
// operations: what a write of the management API costs before it is committed.
func BenchmarkApply(b *testing.B) {
	snap := compile(b, settings(b, markRegistry(map[string]int{})), thousand())
	changes := []struct {
		name string
		put  model.Resource
	}{
		{"named value", &model.NamedValue{ID: "namedValues/fresh", DisplayName: "fresh", Value: "v"}},
		{"operation", &model.Operation{ID: "apis/bench7/operations/new", DisplayName: "New", Method: "PUT", URLTemplate: "/new"}},
		{"policy", &model.Policy{ID: "apis/bench7/policies/policy", Format: model.PolicyRawXML, Value: "<policies><inbound><base /></inbound></policies>"}},
	}
	for _, change := range changes {
		b.Run(change.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, problems := snap.Apply(&snapshot.Delta{Base: 1, Revision: 2, Put: []model.Resource{change.put}}); problems.HasErrors() {
					b.Fatal(problems)
				}
			}
		})
	}
}
