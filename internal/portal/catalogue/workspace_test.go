package catalogue_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/catalogue/cataloguetest"
)

// seenIn says what readers see where the service and two workspaces have the same names.
var seenIn = []struct {
	name, groups, sees string
}{
	{"nobody", "", ""},
	{"a guest", "guests", ""},
	{"a developer", "developers", ""},
	{"an insider of the service", "developers insiders", "ledger"},
	{"an insider of a workspace", "developers sales:insiders", "sales:ledger"},
	{"in other case", "Sales:Insiders", "sales:ledger"},
	{"an insider of the other", "support:insiders", "support:ledger"},
	{"of both", "sales:insiders support:insiders", "sales:ledger support:ledger"},
	{"a name that only begins so", "sales:insiders2 sales", ""},
	{"no workspace before the colon", ":insiders", ""},
}

// leaks counts what readers see that is not theirs, and what they do not see that is.
func leaks(x *catalogue.Index, tell func(format string, args ...any)) (asked, wrong int) {
	all := []string{"ledger", "sales:ledger", "support:ledger"}
	for _, test := range seenIn {
		r := catalogue.Reader{Groups: strings.Fields(test.groups)}
		want := strings.Fields(test.sees)
		for _, name := range all {
			a, ok := x.API(name, r)
			_, product := x.Product(strings.Replace(name, "ledger", "gold", 1), r)
			asked += 2
			if ok != slices.Contains(want, name) || product != ok {
				wrong++
				tell("%s sees the API %s: %t, and its product: %t", test.name, name, ok, product)
			}
			if ok && (len(a.Products) != 1 || len(a.Versions) != 1 || len(a.Tags) != 1 || a.Products[0].APIs[0] != a) {
				wrong++
				tell("%s sees at %s: products %d, versions %d, tags %v", test.name, name, len(a.Products), len(a.Versions), a.Tags)
			}
		}
		for _, query := range []string{"ledger", "gold", "team", "sales", "kept", "get"} {
			asked++
			res := x.Search(query, r, 0, catalogue.MaxPage)
			for _, h := range res.Hits {
				if !slices.Contains(want, h.API.Name) {
					wrong++
					tell("%s finds %s with %q", test.name, h.API.Name, query)
				}
			}
			for _, p := range res.Products {
				if !slices.Contains(want, strings.Replace(p.Name, "gold", "ledger", 1)) {
					wrong++
					tell("%s finds the product %s with %q", test.name, p.Name, query)
				}
			}
		}
		if n := len(x.View(r).Places()); n != len(want) {
			wrong++
			tell("%s is shown %d places", test.name, n)
		}
	}
	return asked, wrong
}

// TestS17_WorkspacesAreToldApart looks for what one of three places lets through to the others, whose names are the same.
func TestS17_WorkspacesAreToldApart(t *testing.T) {
	s := cataloguetest.New()
	cataloguetest.Workspaces(s)
	c := follow(t, s)
	asked, wrong := leaks(c.Current(), t.Errorf)
	// The same holds where each was read by itself.
	for _, path := range []string{"", "workspaces/SALES/", "workspaces/support/"} {
		s.Note(path + "apis/ledger")
		s.Note(path + "products/gold")
		s.Note(path + "groups/insiders")
		s.Note(path + "apiVersionSets/ledgers")
		s.Note(path + "tags/kept")
	}
	again, more := leaks(await(t, s, c), t.Errorf)
	t.Logf("S17: %d of %d things of the service and of two workspaces with the same names are shown to others, or hidden (0)",
		wrong+more, asked+again)
	a, _ := c.Current().API("SALES:Ledger", admin)
	if a.Name != "sales:ledger" || a.Workspace != "sales" || a.WorkspaceName != "Team sales" || a.VersionSetName != "Set of sales" ||
		a.Tags[0] != "Kept by sales" || a.Operations[0].DisplayName != "Get of Ledger of sales" {
		t.Errorf("the API is %+v", a)
	}
}

// TestS17_WorkspacesAreToldApart_NegativeControl gives the product of one workspace to groups of the same name
// elsewhere: that is told of.
func TestS17_WorkspacesAreToldApart_NegativeControl(t *testing.T) {
	s := cataloguetest.New()
	cataloguetest.Workspaces(s)
	cataloguetest.Link(s, "workspaces/sales/products/gold/groupLinks/m", "groupId", "groups/insiders")
	cataloguetest.Link(s, "workspaces/sales/products/gold/groupLinks/n", "groupId", "workspaces/support/groups/insiders")
	if _, wrong := leaks(follow(t, s).Current(), t.Logf); wrong < 4 {
		t.Errorf("only %d are told of", wrong)
	}
}

func TestLinksOfWorkspaces(t *testing.T) {
	const gold = "workspaces/sales/products/gold/groupLinks/"
	tests := []struct {
		name, group string
		full        bool
		reader      string
		want        bool
	}{
		{"a built-in group of the service", "groups/developers", true, "developers", true},
		{"guests", "groups/guests", true, "guests", true},
		{"an id that is not full", "/groups/developers", false, "developers", false},
		{"of another service", "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/other/groups/developers", false,
			"developers", false},
		{"no group at all", "users/ann", true, "ann", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := cataloguetest.New()
			cataloguetest.Workspaces(s)
			if test.full {
				cataloguetest.Link(s, gold+"x", "groupId", test.group)
			} else {
				s.Put(gold+"x", map[string]any{"groupId": test.group})
			}
			_, got := follow(t, s).Current().API("sales:ledger", catalogue.Reader{Groups: []string{test.reader}})
			if got != test.want {
				t.Errorf("it is seen: %t", got)
			}
		})
	}
	t.Run("a product of the service with an API of a workspace", func(t *testing.T) {
		s := cataloguetest.New()
		cataloguetest.Workspaces(s)
		cataloguetest.Link(s, "products/gold/apiLinks/x", "apiId", "workspaces/support/apis/ledger;rev=2")
		x := follow(t, s).Current()
		if got := names(x.APIs(catalogue.Reader{Groups: []string{"insiders"}})); got != "ledger support:ledger" {
			t.Errorf("insiders see %s", got)
		}
	})
}

func TestChangesOfWorkspaces(t *testing.T) {
	in := catalogue.Reader{Groups: []string{"sales:insiders"}}
	tests := []struct {
		name   string
		change func(*cataloguetest.Service)
		reads  int
		check  func(*catalogue.Index) bool
	}{
		{"another name of the workspace", func(s *cataloguetest.Service) { s.Put("workspaces/sales", map[string]any{"displayName": "Vertrieb"}) },
			1, func(x *catalogue.Index) bool {
				a, _ := x.API("sales:ledger", in)
				return a.WorkspaceName == "Vertrieb" && a.Products[0].WorkspaceName == "Vertrieb" && x.Search("vertr", in, 0, 5).Total == 1
			}},
		{"a workspace that is gone", func(s *cataloguetest.Service) { s.Delete("workspaces/sales") }, 1, func(x *catalogue.Index) bool {
			_, still := x.API("support:ledger", admin)
			return len(x.APIs(admin)) == 2 && len(x.Products(admin)) == 2 && still && x.Search("sales", admin, 0, 5).Total == 0
		}},
		{"a new workspace", func(s *cataloguetest.Service) {
			s.Put("workspaces/new", map[string]any{"displayName": "New"})
			s.Put("workspaces/new/apis/open", map[string]any{"displayName": "Open", "path": "open", "subscriptionRequired": false})
		}, 5, func(x *catalogue.Index) bool {
			a, ok := x.API("new:open", guest)
			return ok && a.WorkspaceName == "New"
		}},
		{"a tag that is taken away", func(s *cataloguetest.Service) { s.Delete("workspaces/sales/tags/kept/apiLinks/l") }, 4,
			func(x *catalogue.Index) bool {
				a, _ := x.API("sales:ledger", in)
				b, _ := x.API("support:ledger", admin)
				return len(a.Tags) == 0 && len(b.Tags) == 1
			}},
		{"a tag of an operation", func(s *cataloguetest.Service) {
			cataloguetest.Link(s, "workspaces/sales/tags/kept/operationLinks/l", "operationId", "workspaces/sales/apis/ledger/operations/get")
		}, 4, func(x *catalogue.Index) bool {
			a, _ := x.API("sales:ledger", in)
			return len(a.Operations[0].Tags) == 1
		}},
		{"a group that sees it no more", func(s *cataloguetest.Service) { s.Delete("workspaces/sales/products/gold/groupLinks/l") }, 3,
			func(x *catalogue.Index) bool { _, ok := x.API("sales:ledger", in); return !ok }},
		{"an API that is gone", func(s *cataloguetest.Service) { s.Delete("workspaces/sales/apis/ledger") }, 1,
			func(x *catalogue.Index) bool { return len(x.APIs(in)) == 0 && len(x.APIs(admin)) == 2 }},
		{"what is no part of it", func(s *cataloguetest.Service) {
			s.Note("workspaces/sales/policies/policy")
			s.Note("workspaces/sales/subscriptions/x")
		}, 0, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := cataloguetest.New()
			cataloguetest.Workspaces(s)
			c := follow(t, s)
			s.Requests()
			test.change(s)
			x := await(t, s, c)
			if got := s.Requests(); len(got) != test.reads {
				t.Errorf("read: %q, want %d", got, test.reads)
			}
			if test.check != nil && !test.check(x) {
				t.Error("the index does not have the change")
			}
		})
	}
}

// TestManyWorkspaces reads 1,000 APIs in 20 workspaces, and a service that has more workspaces than the limit.
func TestManyWorkspaces(t *testing.T) {
	s := cataloguetest.New()
	many(s, 20, 50)
	x := follow(t, s).Current()
	if n := len(x.APIs(admin)); n != 1000 || x.LeftOut() != 0 || len(x.View(admin).Places()) != 20 {
		t.Errorf("%d APIs in %d places, %d left out", n, len(x.View(admin).Places()), x.LeftOut())
	}
	r := catalogue.Reader{Groups: []string{"w7:readers"}}
	if n := len(x.APIs(r)); n != 50 {
		t.Errorf("a reader of one workspace sees %d", n)
	}
	s = cataloguetest.New()
	many(s, catalogue.MaxWorkspaces+1, 0)
	if x = follow(t, s).Current(); x.LeftOut() != 1 {
		t.Errorf("%d are left out", x.LeftOut())
	}
}

// many makes workspaces with as many APIs each, of the same names.
func many(s *cataloguetest.Service, workspaces, apis int) {
	for w := range workspaces {
		prefix := fmt.Sprintf("workspaces/w%d", w)
		s.Put(prefix, map[string]any{"displayName": fmt.Sprintf("Workspace %d", w)})
		if apis == 0 {
			continue
		}
		s.Put(prefix+"/products/p", map[string]any{"displayName": "P", "state": "published"})
		cataloguetest.Link(s, prefix+"/products/p/groupLinks/l", "groupId", prefix+"/groups/readers")
		for a := range apis {
			name := fmt.Sprintf("api%d", a)
			s.Put(prefix+"/apis/"+name, map[string]any{"displayName": name, "path": prefix + name, "isOnline": true})
			cataloguetest.Link(s, prefix+"/products/p/apiLinks/"+name, "apiId", prefix+"/apis/"+name)
		}
	}
}

// TestProductsOfWorkspacesHoldTheirOwn links the product of a workspace to what is elsewhere: guests, who see the
// product, see nothing of that.
func TestProductsOfWorkspacesHoldTheirOwn(t *testing.T) {
	s := cataloguetest.New()
	cataloguetest.Workspaces(s)
	cataloguetest.Link(s, "workspaces/sales/products/gold/groupLinks/x", "groupId", "groups/guests")
	cataloguetest.Link(s, "workspaces/sales/products/gold/apiLinks/x", "apiId", "apis/ledger")
	cataloguetest.Link(s, "workspaces/sales/products/gold/apiLinks/y", "apiId", "workspaces/support/apis/ledger")
	var names []string
	for _, a := range follow(t, s).Current().APIs(catalogue.Reader{Groups: []string{"guests"}}) {
		names = append(names, a.Name)
	}
	if len(names) != 1 || names[0] != "sales:ledger" {
		t.Errorf("guests see %v", names)
	}
}
