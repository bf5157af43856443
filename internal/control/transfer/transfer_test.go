package transfer

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/problem"
)

func TestConfiguration(t *testing.T) {
	c := New()
	for _, name := range []string{"b", "A", "c"} {
		c.Resources = append(c.Resources, &model.Tag{ID: model.NewID("tags", name), DisplayName: name})
	}
	c.Sort()
	if r, ok := c.Find("tags/B"); !ok || r.ResourceID() != "tags/b" {
		t.Errorf("found %v, %v", r, ok)
	}
	if r, ok := c.Find("tags/d"); ok {
		t.Errorf("found %v", r)
	}
	if first := c.Resources[0].ResourceID(); first != "tags/A" {
		t.Errorf("the first is %s", first)
	}
}

func TestLocate(t *testing.T) {
	c := New()
	c.Sources["tags/a"] = Source{File: "tags/a/tagInformation.json", Line: 2, Column: 3}
	at := func(l problem.Location) problem.Problem { return problem.Problem{Location: l} }
	got := c.Locate(problem.Problems{
		at(problem.Location{Resource: "tags/A"}),
		at(problem.Location{Resource: "tags/a", Line: 7, Column: 1}),
		at(problem.Location{Resource: "tags/a", File: "other"}),
		at(problem.Location{Resource: "tags/b"}),
	})
	want := problem.Problems{
		at(problem.Location{Resource: "tags/A", File: "tags/a/tagInformation.json", Line: 2, Column: 3}),
		at(problem.Location{Resource: "tags/a", File: "tags/a/tagInformation.json", Line: 7, Column: 1}),
		at(problem.Location{Resource: "tags/a", File: "other"}),
		at(problem.Location{Resource: "tags/b"}),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
