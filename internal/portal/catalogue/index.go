package catalogue

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Index is the catalogue at one revision of the service. It never changes; all methods are safe for concurrent
// use and take neither the network nor a lock that is held for long.
type Index struct {
	revision int64
	readAt   time.Time
	leftOut  int
	records  records

	// The views are what the index is for each set of groups, made when first asked for.
	mu    sync.Mutex
	views map[string]*View
}

// records is what was read, before it is linked for a reader. Names are qualified, "sales:orders", so that what
// belongs to one workspace is never taken for what belongs to another, and in lower case, since resource ids are
// compared without regard to it. The maps are never written once an Index has them.
type records struct {
	// spaces are the workspaces.
	spaces   map[string]Place
	apis     map[string]*API
	products map[string]*productRecord
	sets     map[string]versionSet
	tagged   tagged
	gateway  string
}

// productRecord is a product with the names of what it holds and of who sees it.
type productRecord struct {
	product Product
	apis    []string
	groups  []string
}

type versionSet struct{ name, displayName, scheme, parameter string }

func newIndex(revision int64, readAt time.Time, r records) *Index {
	return &Index{revision: revision, readAt: readAt, records: r, views: make(map[string]*View)}
}

// Revision is the revision of the service's configuration that the index has; 0 before anything was read.
func (x *Index) Revision() int64 { return x.revision }

// ReadAt is when the index was read; the zero time before anything was. Catalogue.Status says until when it
// is known to have been true.
func (x *Index) ReadAt() time.Time { return x.readAt }

// GatewayURL is where gateways answer, without a slash at its end; "" where the service does not say.
func (x *Index) GatewayURL() string { return x.records.gateway }

// LeftOut is how many resources the limits of this package kept out.
func (x *Index) LeftOut() int { return x.leftOut }

// API returns the API with a name, in whatever case, as the reader sees it. It reports false for what the
// reader may not see just as for what does not exist, in the same time.
func (x *Index) API(name string, r Reader) (*API, bool) { return x.View(r).API(name) }

// APIs returns all APIs that the reader sees, by display name and version. The slice is shared: do not write
// to it.
func (x *Index) APIs(r Reader) []*API { return x.View(r).apis }

// Product returns the product with a name, as API does.
func (x *Index) Product(name string, r Reader) (*Product, bool) { return x.View(r).Product(name) }

// Products returns all products that the reader sees, by display name, open ones too. The slice is shared: do
// not write to it.
func (x *Index) Products(r Reader) []*Product { return x.View(r).products }

// Search finds APIs by their names, tags, operations and descriptions, and products by their names. Page
// counts from 0; size is at most MaxPage.
func (x *Index) Search(query string, r Reader, page, size int) Results {
	return x.View(r).Search(query, page, size)
}

// View returns the index as the reader sees it.
func (x *Index) View(r Reader) *View {
	key := x.key(r)
	x.mu.Lock()
	v := x.views[key]
	x.mu.Unlock()
	if v != nil {
		return v
	}
	v = x.link(r)
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.views) >= maxViews {
		clear(x.views) // Rare, and a view is made in about a millisecond.
	}
	x.views[key] = v
	return v
}

// key names the view of a reader: of its groups, those that see a product.
func (x *Index) key(r Reader) string {
	if r.Admin {
		return "*"
	}
	var groups []string
	for _, group := range r.Groups {
		group = strings.ToLower(group)
		if x.grouped(group) && !slices.Contains(groups, group) {
			groups = append(groups, group)
		}
	}
	slices.Sort(groups)
	return strings.Join(groups, "/") // No name of a group has a slash.
}

func (x *Index) grouped(group string) bool {
	for _, p := range x.records.products {
		if p.product.Published && slices.Contains(p.groups, group) {
			return true
		}
	}
	return false
}

// clone returns records whose maps may be written.
func (r *records) clone() records {
	c := *r
	c.spaces, c.apis, c.products, c.sets = cloneMap(r.spaces), cloneMap(r.apis), cloneMap(r.products), cloneMap(r.sets)
	return c
}

func cloneMap[V any](m map[string]V) map[string]V {
	c := make(map[string]V, len(m)+1)
	maps.Copy(c, m)
	return c
}

// byName orders by what is shown, without regard to case, and then by name, so that the order is always the same.
func byName(aShown, aName, bShown, bName string) int {
	return cmp.Or(cmp.Compare(strings.ToLower(aShown), strings.ToLower(bShown)), cmp.Compare(aName, bName))
}
