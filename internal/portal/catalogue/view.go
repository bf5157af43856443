package catalogue

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// View is an Index as one reader sees it. It holds what the reader may see and nothing else, so no count, no
// search and no duration tells of the rest. It never changes.
type View struct {
	apis     []*API
	products []*Product
	api      map[string]*API
	product  map[string]*Product
	tags     []Count
	types    []Count
	places   []Place
}

// Count is a word to filter by and how many APIs have it.
type Count struct {
	Name string
	APIs int
}

// API returns the API with a name, in whatever case.
func (v *View) API(name string) (*API, bool) {
	a, ok := v.api[strings.ToLower(name)]
	return a, ok
}

// Product returns the product with a name, in whatever case.
func (v *View) Product(name string) (*Product, bool) {
	p, ok := v.product[strings.ToLower(name)]
	return p, ok
}

// APIs returns all APIs of the view by display name and version, shared.
func (v *View) APIs() []*API { return v.apis }

// Products returns all products of the view by display name, shared.
func (v *View) Products() []*Product { return v.products }

// Tags returns the tags of the view's APIs in alphabetical order, shared.
func (v *View) Tags() []Count { return v.tags }

// Types returns the types of the view's APIs in alphabetical order, shared.
func (v *View) Types() []Count { return v.types }

// Places returns the places of the view's APIs, shared: the service first, and then workspaces by what they are
// called.
func (v *View) Places() []Place { return v.places }

// seenBy is the first rule of visibility: a published product is seen by the groups that it names.
func (p *productRecord) seenBy(r Reader) bool {
	if r.Admin {
		return true
	}
	return p.product.Published && slices.ContainsFunc(r.Groups, func(group string) bool {
		return slices.Contains(p.groups, strings.ToLower(group))
	})
}

// seesAPI is the second rule: an API is seen in the products that hold it. One that is in none is seen by
// all where it can be called by all, without a key, and by administrators alone where it cannot.
func seesAPI(a *API, r Reader, inProduct, inVisible bool) bool {
	return r.Admin || inVisible || !inProduct && !a.SubscriptionRequired
}

// link makes the view of a reader.
func (x *Index) link(r Reader) *View {
	v := &View{api: make(map[string]*API), product: make(map[string]*Product)}
	held, visible := make(map[string]bool), make(map[string]bool)
	for name, record := range x.records.products {
		seen := record.seenBy(r)
		for _, api := range record.apis {
			held[api] = true
			visible[api] = visible[api] || seen
		}
		if seen {
			v.product[name] = record.shown(r)
		}
	}
	for name, api := range x.records.apis {
		if seesAPI(api, r, held[name], visible[name]) {
			shown := *api
			if !r.Admin {
				shown.Revisions = nil
			}
			v.api[name] = &shown
			v.apis = append(v.apis, &shown)
		}
	}
	slices.SortFunc(v.apis, compareAPIs)
	for _, p := range v.product {
		v.products = append(v.products, p)
	}
	slices.SortFunc(v.products, func(a, b *Product) int {
		return cmp.Or(compareVersions(a.doc.name, b.doc.name), cmp.Compare(a.Name, b.Name))
	})
	v.hold(x.records.products)
	v.version()
	v.tags = count(v.apis, func(a *API) []string { return a.Tags })
	v.types = count(v.apis, func(a *API) []string { return []string{a.Type} })
	v.places = places(v.apis)
	return v
}

func places(apis []*API) []Place {
	known := make(map[Place]bool)
	for _, a := range apis {
		known[a.Place] = true
	}
	return Order(known)
}

// Order are places as they are shown: the service first, and then workspaces by what they are called.
func Order(places map[Place]bool) []Place {
	return slices.SortedFunc(maps.Keys(places), func(a, b Place) int {
		return byName(a.WorkspaceName, a.Workspace, b.WorkspaceName, b.Workspace)
	})
}

func (p *productRecord) shown(r Reader) *Product {
	shown := p.product
	if r.Admin {
		shown.Groups = p.groups
	}
	return &shown
}

// hold links products and APIs with each other, in order.
func (v *View) hold(records map[string]*productRecord) {
	for _, p := range v.products {
		for _, name := range records[strings.ToLower(p.Name)].apis {
			if a := v.api[name]; a != nil {
				p.APIs = append(p.APIs, a)
				a.Products = append(a.Products, p)
			}
		}
		slices.SortFunc(p.APIs, compareAPIs)
	}
}

// version links the versions of each API with each other.
func (v *View) version() {
	sets := make(map[string][]*API)
	for _, a := range v.apis {
		if a.VersionSet != "" {
			sets[a.VersionSet] = append(sets[a.VersionSet], a)
		}
	}
	for _, versions := range sets {
		slices.SortFunc(versions, func(a, b *API) int { return compareVersions(a.Version, b.Version) })
		for _, a := range versions {
			a.Versions = versions
		}
	}
}

func count(apis []*API, words func(*API) []string) []Count {
	n := make(map[string]int)
	for _, a := range apis {
		for _, word := range words(a) {
			n[word]++
		}
	}
	counts := make([]Count, 0, len(n))
	for word, apis := range n {
		counts = append(counts, Count{Name: word, APIs: apis})
	}
	slices.SortFunc(counts, func(a, b Count) int { return byName(a.Name, a.Name, b.Name, b.Name) })
	return counts
}

func compareAPIs(a, b *API) int {
	return cmp.Or(
		compareVersions(a.doc.name, b.doc.name),
		compareVersions(a.Version, b.Version), cmp.Compare(a.Name, b.Name))
}

// compareVersions orders versions, and names, as people count them: the original first, v2 before v10, 1.9
// before 1.10.
func compareVersions(a, b string) int {
	whole := cmp.Compare(a, b)
	for a != "" && b != "" {
		na, restA := leadingNumber(a)
		nb, restB := leadingNumber(b)
		if na >= 0 && nb >= 0 {
			if na != nb {
				return cmp.Compare(na, nb)
			}
			a, b = restA, restB
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Or(cmp.Compare(len(a), len(b)), whole)
}

// maxDigits is how many digits of a version are read as one number.
const maxDigits = 18

// leadingNumber returns the number that s begins with, or -1, and the rest.
func leadingNumber(s string) (int64, string) {
	end := 0
	for end < len(s) && end < maxDigits && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	if end == 0 {
		return -1, s
	}
	n, err := strconv.ParseInt(s[:end], 10, 64)
	if err != nil {
		return -1, s
	}
	return n, s[end:]
}
