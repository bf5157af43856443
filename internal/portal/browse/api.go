package browse

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/markdown"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// apiPage is the data of an API's overview and of its change log.
type apiPage struct {
	API         *catalogue.API
	Type        string
	Description template.HTML
	// Version is the description of this version.
	Version template.HTML
	Bases   []string
	// Placed says where the version goes that is not in the path, and Key where the key goes.
	Placed string
	// Operations are the first of them; More counts the others.
	Operations []*catalogue.Operation
	More       int
	// Revision is the one that was asked for where it is not the current one.
	Revision *catalogue.Revision
	// Contact, License and Terms are addresses that can be followed, or "".
	Contact, License, Terms string
	Changes                 []change
}

// change is an entry of the change log.
type change struct {
	catalogue.Release
	HTML template.HTML
}

// find returns the API that the path names.
func (s *section) find(x *page.Exchange) (*catalogue.API, error) {
	a, ok := s.view(x).API(x.Value("api"))
	if !ok {
		return nil, notFound("API")
	}
	return a, nil
}

// api is the overview. A revision other than the current one can be asked for by who sees it.
func (s *section) api(x *page.Exchange) error {
	a, err := s.find(x)
	if err != nil {
		return err
	}
	s.opened(a)
	d := apiPage{
		API: a, Type: typeName(a.Type), Description: markdown.Render(a.Description, markdown.Options{Level: 2}),
		Version: markdown.Render(a.VersionDescription, markdown.Options{Level: 3, Prefix: "version-"}),
		Bases:   bases(s.index().GatewayURL(), a), Placed: versionPlace(a),
		Operations: a.Operations[:min(len(a.Operations), maxOperations)], More: max(len(a.Operations)-maxOperations, 0),
		Contact: outside(a.Contact.URL), License: outside(a.License.URL), Terms: outside(a.TermsURL),
	}
	if d.Revision, err = otherRevision(x, a); err != nil {
		return err
	}
	if d.Revision != nil {
		d.Operations, d.More = nil, 0 // Those of the catalogue are the current revision's.
		for i := range d.Bases {
			d.Bases[i] += ";rev=" + d.Revision.Number
		}
	}
	return x.Render(http.StatusOK, page.Page{
		Title: title(a), Section: "apis", Template: "api", Data: d, Styles: []string{"browse.css"},
		Crumbs:      []page.Link{{Text: "APIs", Path: "/apis"}},
		Description: markdown.Text(a.Description, excerptLength),
	})
}

// otherRevision is the revision that is asked for, where it is not the current one;
// nil is the current one.
func otherRevision(x *page.Exchange, a *catalogue.API) (*catalogue.Revision, error) {
	rev := x.Form().Get("rev")
	if rev == "" || rev == a.Revision {
		return nil, nil
	}
	i := slices.IndexFunc(a.Revisions, func(r catalogue.Revision) bool { return r.Number == rev })
	if i < 0 {
		return nil, notFound("revision")
	}
	return &a.Revisions[i], nil
}

// changes is the change log. It is that of all revisions; one that was asked for is
// kept in the links to the other pages.
func (s *section) changes(x *page.Exchange) error {
	a, err := s.find(x)
	if err != nil {
		return err
	}
	d := apiPage{API: a}
	if d.Revision, err = otherRevision(x, a); err != nil {
		return err
	}
	for _, r := range a.Releases {
		d.Changes = append(d.Changes, change{r, markdown.Render(r.Notes, markdown.Options{Level: 3, Prefix: "r-" + r.Name + "-"})})
	}
	return x.Render(http.StatusOK, page.Page{
		Title: "Changes", Section: "apis", Template: "changes", Data: d, Styles: []string{"browse.css"},
		Crumbs: []page.Link{{Text: "APIs", Path: "/apis"}, {Text: title(a), Path: "/apis/" + url.PathEscape(a.Name) + d.Query()}},
	})
}

// title names an API with its version.
func title(a *catalogue.API) string { return strings.TrimSpace(a.DisplayName + " " + a.Version) }

// Title names an API with its version.
func (d apiPage) Title() string { return title(d.API) }

// Operation is the address of an operation in the reference.
func (d apiPage) Operation(o *catalogue.Operation) string { return operationPath(d.API, o) }

func operationPath(a *catalogue.API, o *catalogue.Operation) string {
	return "/apis/" + url.PathEscape(a.Name) + "/operations/" + url.PathEscape(o.Name)
}

// Reference is the address of the reference, of the revision that is shown.
func (d apiPage) Reference() string {
	return "/apis/" + url.PathEscape(d.API.Name) + "/operations" + d.Query()
}

// Query keeps links at the revision that is shown.
func (d apiPage) Query() string {
	if d.Revision == nil {
		return ""
	}
	return "?rev=" + url.QueryEscape(d.Revision.Number)
}

// GraphQL says whether the API has one address for all calls, and no operations.
func (d apiPage) GraphQL() bool { return d.API.Type == "graphql" }

// Open is the open product by which the API can be called without a subscription; nil where there is none.
func (d apiPage) Open() *catalogue.Product {
	for _, p := range d.API.Products {
		if !p.SubscriptionRequired {
			return p
		}
	}
	return nil
}

// NeedsKey says whether calls need a subscription key.
func (d apiPage) NeedsKey() bool { return d.API.SubscriptionRequired && d.Open() == nil }

// bases are the addresses at which an API is called, https first.
func bases(gateway string, a *catalogue.API) []string {
	u, err := url.Parse(gateway)
	if err != nil || u.Host == "" {
		return nil
	}
	path := strings.TrimRight(u.Path, "/") + "/" + a.Path
	if a.VersioningScheme == "Segment" && a.Version != "" {
		path = strings.TrimRight(path, "/") + "/" + a.Version
	}
	protocols := slices.Clone(a.Protocols)
	if len(protocols) == 0 {
		protocols = []string{u.Scheme}
	}
	slices.SortFunc(protocols, func(a, b string) int { return strings.Compare(b, a) })
	var list []string
	for _, protocol := range slices.Compact(protocols) {
		if host := hostFor(u, protocol); host != "" {
			list = append(list, protocol+"://"+host+strings.TrimRight(path, "/"))
		}
	}
	if len(list) == 0 { // The gateway is reached in another way than the API is offered: on this machine, for example.
		list = append(list, u.Scheme+"://"+u.Host+strings.TrimRight(path, "/"))
	}
	return list
}

// hostFor is where a gateway speaks a protocol: what its address says where that is of this protocol, and the
// protocol's own port where it is not.
func hostFor(u *url.URL, protocol string) string {
	secure := protocol == "https" || protocol == "wss"
	switch {
	case protocol != "http" && protocol != "https" && protocol != "ws" && protocol != "wss":
		return ""
	case secure == (u.Scheme == "https") || u.Port() == "":
		return u.Host
	}
	return "" // On which port it is, nothing says.
}

// versionPlace says where the version of an API goes that is not in the path.
func versionPlace(a *catalogue.API) string {
	switch {
	case a.Version == "" || a.VersionParameter == "":
		return ""
	case a.VersioningScheme == "Header":
		return a.VersionParameter + ": " + a.Version
	case a.VersioningScheme == "Query":
		return "?" + url.QueryEscape(a.VersionParameter) + "=" + url.QueryEscape(a.Version)
	}
	return ""
}

// outside is an address elsewhere that may be followed, or "".
func outside(address string) string {
	checked, ok := markdown.Link(address)
	if !ok || !strings.HasPrefix(checked, "http:") && !strings.HasPrefix(checked, "https:") {
		return ""
	}
	return checked
}
