package export

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/sallyport/sallyport/internal/control/transfer/wadl"
	"github.com/sallyport/sallyport/internal/model"
)

// TestWADLRoundTrip imports what was exported of the importer's sample.
func TestWADLRoundTrip(t *testing.T) {
	a, err := txtar.ParseFile("../wadl/testdata/news.txtar")
	if err != nil {
		t.Fatal(err)
	}
	in, problems := wadl.Read("apis/a", a.Files[0].Data, wadl.Options{})
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	fixed := operation("fixed", "POST", "/call?action=Add")
	wild := operation("wild", "GET", "/files/*")
	s := Source{
		API: &in.Properties, Operations: append(in.Operations, fixed, wild), Schemas: in.Schemas, Servers: []string{"https://gateway.example/news"},
	}
	s.API.ID = "apis/a"
	d, problems := Write("wadl-link", s)
	if len(problems) > 0 {
		t.Error(problems)
	}
	again, problems := wadl.Read("apis/a", d.Data, wadl.Options{})
	if problems.HasErrors() {
		t.Fatalf("%v\n%s", problems, d.Data)
	}
	if diff := cmp.Diff(propertiesOf(t, s.Operations), propertiesOf(t, again.Operations)); diff != "" {
		t.Errorf("%s\n%s", diff, d.Data)
	}
	if p := again.Properties; p.ServiceURL != s.Servers[0] || p.DisplayName != in.Properties.DisplayName || len(again.Schemas) != 1 {
		t.Errorf("got %+v", p)
	}
}

func TestWADLEscapes(t *testing.T) {
	o := operation("o", "GET", "/a")
	o.DisplayName, o.Description = `<"&>`, "</doc>\x00"
	d, _ := Write("wadl-link", Source{API: &model.API{ID: "apis/a"}, Operations: []*model.Operation{o}})
	again, problems := wadl.Read("apis/a", d.Data, wadl.Options{})
	if problems.HasErrors() || again.Operations[0].DisplayName != o.DisplayName || again.Operations[0].Description != "</doc>\ufffd" {
		t.Errorf("%v\n%s", problems, d.Data)
	}
}
