package browse

import (
	"net/http"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/markdown"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// filter is what a visitor asks of the list of APIs.
type filter struct{ Text, Tag, Product, Type, Workspace string }

// Set reports whether anything is asked for.
func (f filter) Set() bool { return f != filter{} }

// filterOf reads the fields of the form, cut to what can be meant.
func filterOf(x *page.Exchange) filter {
	field := func(name string) string {
		v := strings.TrimSpace(x.Form().Get(name))
		if len(v) > catalogue.MaxQuery {
			v = strings.ToValidUTF8(v[:catalogue.MaxQuery], "")
		}
		return v
	}
	return filter{Text: field("q"), Tag: field("tag"), Product: field("product"), Type: field("type"), Workspace: field("workspace")}
}

// ofService is what a filter by workspaces asks for what is in none: no workspace can be called so.
const ofService = ":"

// inWorkspace reports whether a place is the one that is asked for.
func (f filter) inWorkspace(p catalogue.Place) bool {
	switch f.Workspace {
	case "":
		return true
	case ofService:
		return p.Workspace == ""
	}
	return strings.EqualFold(p.Workspace, f.Workspace)
}

// matches reports whether an API has the tag, the product, the type and the workspace that are asked for.
func (f filter) matches(a *catalogue.API) bool {
	return (f.Tag == "" || slices.ContainsFunc(a.Tags, func(tag string) bool { return strings.EqualFold(tag, f.Tag) })) &&
		(f.Type == "" || a.Type == f.Type) && f.inWorkspace(a.Place) &&
		(f.Product == "" || slices.ContainsFunc(a.Products, func(p *catalogue.Product) bool { return strings.EqualFold(p.Name, f.Product) }))
}

// entry is an entry of the list: an API, or all versions of one.
type entry struct {
	// API is the newest of Versions.
	API      *catalogue.API
	Name     string
	Excerpt  string
	Versions []*catalogue.API
}

// apisPage is the data of the list of APIs.
type apisPage struct {
	Filter              filter
	Entries             []entry
	Tags, Products, All []page.Option
	// Workspaces are the places that APIs are in; none where all are in one.
	Workspaces []page.Option
	Pager      page.Pager
	// Total counts the APIs of all pages; Any says whether the visitor sees any at all.
	Total int
	Any   bool
}

func (s *section) apis(x *page.Exchange) error {
	v, f := s.view(x), filterOf(x)
	var found []*catalogue.API
	for _, a := range v.Find(f.Text) {
		if f.matches(a) {
			found = append(found, a)
		}
	}
	entries := group(found)
	d := apisPage{Filter: f, Total: len(found), Any: len(v.APIs()) > 0}
	d.Pager = page.NewPager(x.R.URL, page.PageNumber(x.Form()), apisPerPage, len(entries))
	if len(entries) > 0 {
		d.Entries = entries[d.Pager.From-1 : d.Pager.To]
	}
	for i := range d.Entries {
		d.Entries[i].Excerpt = markdown.Text(d.Entries[i].API.Description, excerptLength)
	}
	d.Tags = options(v.Tags(), f.Tag, func(name string) string { return name })
	d.All = options(v.Types(), f.Type, typeName)
	d.Products = productOptions(v.Products(), f.Product)
	d.Workspaces = workspaceOptions(v.Places(), f.Workspace)
	return x.Render(http.StatusOK, page.Page{
		Title: "APIs", Section: "apis", Template: "apis", Data: d, Styles: []string{"browse.css"},
		Description: "The APIs of this portal.",
	})
}

// group puts the versions of one API together, in the place of the first one that was found.
func group(apis []*catalogue.API) []entry {
	var entries []entry
	at := make(map[string]int)
	for _, a := range apis {
		if i, ok := at[a.VersionSet]; ok && a.VersionSet != "" {
			entries[i].Versions = append(entries[i].Versions, a)
			continue
		}
		at[a.VersionSet] = len(entries)
		entries = append(entries, entry{Versions: []*catalogue.API{a}})
	}
	for i := range entries {
		e := &entries[i]
		slices.SortFunc(e.Versions, func(a, b *catalogue.API) int { return place(a) - place(b) })
		e.API = e.Versions[len(e.Versions)-1]
		e.Name = e.API.DisplayName
	}
	return entries
}

// place is where an API stands among its versions.
func place(a *catalogue.API) int { return slices.Index(a.Versions, a) }

// options are the choices of a filter, with the number of APIs of each. A value that is asked for and not
// there is one of them too, so that the form says what is shown.
func options(counts []catalogue.Count, chosen string, name func(string) string) []page.Option {
	list := []page.Option{{Value: "", Text: "All"}}
	for _, c := range counts {
		if strings.EqualFold(c.Name, chosen) {
			chosen = ""
		}
		list = append(list, page.Option{Value: c.Name, Text: name(c.Name)})
	}
	if chosen != "" {
		list = append(list, page.Option{Value: chosen, Text: chosen})
	}
	return list
}

func productOptions(products []*catalogue.Product, chosen string) []page.Option {
	list := []page.Option{{Value: "", Text: "All"}}
	for _, p := range products {
		if strings.EqualFold(p.Name, chosen) {
			chosen = ""
		}
		list = append(list, page.Option{Value: p.Name, Text: placed(p.DisplayName, p.Place)})
	}
	if chosen != "" {
		list = append(list, page.Option{Value: chosen, Text: chosen})
	}
	return list
}

// placed is a name with what the workspace is called that it is in.
func placed(name string, p catalogue.Place) string {
	if p.Workspace == "" {
		return name
	}
	return name + " (" + p.WorkspaceName + ")"
}

// workspaceOptions are the places to choose from, where there is more than one.
func workspaceOptions(places []catalogue.Place, chosen string) []page.Option {
	if len(places) < 2 && chosen == "" {
		return nil
	}
	list := []page.Option{{Value: "", Text: "All"}}
	for _, p := range places {
		o := page.Option{Value: p.Workspace, Text: p.WorkspaceName}
		if p.Workspace == "" {
			o = page.Option{Value: ofService, Text: "No workspace"}
		}
		if strings.EqualFold(o.Value, chosen) {
			chosen = ""
		}
		list = append(list, o)
	}
	if chosen != "" {
		list = append(list, page.Option{Value: chosen, Text: chosen})
	}
	return list
}

// typeNames are the types of APIs as people call them.
var typeNames = map[string]string{
	"http": "REST", "soap": "SOAP", "graphql": "GraphQL", "websocket": "WebSocket", "grpc": "gRPC", "odata": "OData",
}

func typeName(t string) string {
	if name, ok := typeNames[t]; ok {
		return name
	}
	return t
}

// TypeName is what the type of the entry's API is called, "" for the usual one.
func (e entry) TypeName() string {
	if e.API.Type == "http" {
		return ""
	}
	return typeName(e.API.Type)
}

// Listed are the versions that the entry names, newest first; none where there is one without a version.
func (e entry) Listed() []*catalogue.API {
	if len(e.Versions) == 1 && e.API.Version == "" {
		return nil
	}
	versions := slices.Clone(e.Versions)
	slices.Reverse(versions)
	return versions[:min(len(versions), maxVersions)]
}

// maxVersions is how many versions an entry names.
const maxVersions = 6
