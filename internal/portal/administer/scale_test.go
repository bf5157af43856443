package administer_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/control/rest"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
	"github.com/sallyport/sallyport/internal/control/store/postgres"
	"github.com/sallyport/sallyport/internal/control/store/postgres/postgrestest"
	"github.com/sallyport/sallyport/internal/control/store/sqlite"
	"github.com/sallyport/sallyport/internal/portal/administer"
	"github.com/sallyport/sallyport/internal/portal/asset"
	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/content"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/portal/page/pagetest"
	"github.com/sallyport/sallyport/internal/portal/subscribe"
	"github.com/sallyport/sallyport/internal/portal/usage"
	counted "github.com/sallyport/sallyport/internal/telemetry/usage"
)

var (
	long   = flag.Bool("long", false, "measure with 100,000 users, on SQLite and PostgreSQL")
	series = flag.Int("series", 200, "how many series are called each day, in the long form")
)

// everybody lets a portal do everything, for whomever.
type everybody struct{}

func (everybody) Authenticate(context.Context, string) (rest.Principal, error) {
	return rest.Principal{ID: "portal", Name: "portal"}, nil
}

func (everybody) Allow(context.Context, rest.Principal, access.Permission, string) (bool, error) {
	return true, nil
}

func (everybody) ActsForUsers(rest.Principal, string) bool { return true }

// inProcess calls a management API without a network, and counts the calls.
type inProcess struct {
	api   http.Handler
	calls atomic.Int64
}

func (p *inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	p.calls.Add(1)
	if r.Body == nil {
		r.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	p.api.ServeHTTP(w, r)
	return w.Result(), nil
}

// crowd is a portal over a management API with many users.
type crowd struct {
	*pagetest.Portal
	api   *resourcestest.Server
	plane *inProcess
}

func newCrowd(t *testing.T, st store.Store, users int) *crowd {
	t.Helper()
	c := &crowd{api: resourcestest.NewWith(t, resourcestest.Options{Store: st, Guard: everybody{}, Log: slog.New(slog.DiscardHandler)})}
	c.api.Plane.Environment().Indexes = resource.NewIndexes()
	for i := range 1000 {
		name := fmt.Sprintf("products/p%03d", i)
		if i < 3 || users > 1000 {
			c.api.Put(name, fmt.Sprintf(`{"properties": {"displayName": "Product No. %d", "state": "published"}}`, i))
		}
		if i < 3 {
			c.api.Put(name+"/groups/developers", nil)
		}
	}
	populate(t, st, users)
	c.year(t)
	c.plane = &inProcess{api: c.api}
	portal, err := client.New(client.Options{Service: resourcestest.Service, Transport: c.plane})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	index, err := catalogue.Follow(ctx, catalogue.Options{Client: portal, Clock: c.api.Clock})
	if err != nil {
		t.Fatal(err)
	}
	library, err := content.Follow(ctx, content.Options{Client: portal})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); <-index.Done(); <-library.Done() })
	sections := append(asset.Sections(), administer.New(administer.Options{Library: library}), content.New(content.SectionOptions{Library: library}),
		subscribe.New(subscribe.Options{Catalogue: index.Current}), usage.New(usage.Options{Catalogue: index.Current}))
	c.Portal = pagetest.New(t, page.Options{Client: portal, Clock: c.api.Clock}, sections...)
	return c
}

// populate writes users, who are all developers, and a subscription for each;
// the user u000007 has 1,000 of them.
func populate(t *testing.T, st store.Store, users int) {
	t.Helper()
	const batch = 5000
	service := resource.ID(resourcestest.Service)
	for from := 0; from < users; from += batch {
		_, err := st.Update(t.Context(), func(tx store.Tx) error {
			put := func(id resource.ID, properties map[string]any) error {
				body := map[string]any{}
				if properties != nil {
					body["properties"] = properties
				}
				value, err := json.Marshal(body)
				if err != nil {
					return err
				}
				return tx.Put(id.Key(), string(id), value)
			}
			for i := from; i < min(users, from+batch); i++ {
				name := fmt.Sprintf("u%06d", i)
				email := fmt.Sprintf("person%d@example.com", i)
				owner := name
				if i%97 == 0 || i < min(1000, users/2) {
					owner = "u000007"
				}
				for _, err := range []error{
					put(service.Child("users", name), map[string]any{
						"email": email, "firstName": "First" + name, "lastName": "Last" + name, "state": []string{"active", "pending", "blocked"}[i%3],
						"registrationDate": "2026-01-01T00:00:00Z", "identities": []any{map[string]any{"provider": "Basic", "id": email}},
					}),
					put(service.Child("groups", "developers").Child("users", name), nil),
					put(service.Child("subscriptions", fmt.Sprintf("s%06d", i)), map[string]any{
						"displayName": "Subscription " + name, "scope": fmt.Sprintf("%s/products/p%03d", service, i%3),
						"ownerId": string(service.Child("users", owner)), "state": []string{"active", "submitted"}[i%2],
						"createdDate": "2026-01-01T00:00:00Z",
					}),
				} {
					if err != nil {
						return err
					}
				}
			}
			_, err := tx.Audit([]byte(`{}`))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// year has gateways count for a year: each day the calls of 200 series, of which
// 20 are the developer's.
func (c *crowd) year(t *testing.T) {
	t.Helper()
	book := c.api.Plane.Environment().Usage
	if !*long || book == nil {
		return
	}
	const days = 365
	for day := range days {
		p := &counted.Parcel{Version: counted.Version, Instance: "i", Boot: "b", Sequence: uint64(day) + 1, Region: "here"}
		for i := range *series {
			user := fmt.Sprintf("u%06d", i+1000)
			if i < 20 {
				user = "u000007"
			}
			row := counted.Row{Minute: c.api.Clock.Now().Truncate(time.Minute), Series: counted.Series{
				API: fmt.Sprintf("api%d", i%50), Operation: "get", Product: fmt.Sprintf("p%03d", i%3),
				Subscription: fmt.Sprintf("s%06d", i%7+1), User: user,
			}}
			row.Totals.Success, row.Totals.BytesOut = uint64(day+i+1), 1000
			row.Totals.Whole.Observe(time.Duration(i+1) * time.Millisecond)
			p.Rows = append(p.Rows, row)
		}
		if err := book.Take(t.Context(), resourcestest.Service, "managed", p); err != nil {
			t.Fatal(err)
		}
		c.api.Clock.Advance(24 * time.Hour)
	}
}

// pageLimit is how long a page may take, and callLimit how many calls of the
// management API it may need.
const (
	pageLimit = 200 * time.Millisecond
	// quarterLimit is how long the usage of 90 days with 200 series each may take:
	// each of its reports reads 18,000 totals.
	quarterLimit = 500 * time.Millisecond
	callLimit    = 15
)

// visits are the pages that are measured, as who looks at them.
var visits = []struct {
	path, has string
	developer bool
	// large is a page of what only the long form has.
	large bool
}{
	{path: "/admin/users", has: "u000000"},
	{path: "/admin/users?page=%d", has: "person"},
	{path: "/admin/users?q=person%d%%40example", has: "person"},
	{path: "/admin/users?state=blocked&page=9", has: "blocked"},
	{path: "/admin/users?group=developers", has: "u000000"},
	{path: "/admin/users?group=developers&state=pending&q=last", has: "pending"},
	{path: "/admin/users?q=nobody-at-all", has: "No user matches"},
	{path: "/admin/groups/developers", has: "u000000"},
	{path: "/admin/subscriptions", has: "Product No. 1"},
	{path: "/admin/subscriptions?page=%d", has: "Product No."},
	{path: "/admin/subscriptions?q=u00%d", has: "Subscription"},
	{path: "/admin/subscriptions?owner=u000007", has: "Firstu000007"},
	{path: "/admin/subscriptions?owner=person%d%%40example", has: "person"},
	{path: "/admin/subscriptions?product=p002&state=submitted", has: "Product No. 2"},
	{path: "/admin/subscriptions?product=No.+2", has: ""},
	{path: "/admin/approvals", has: "Product No. 1"},
	{path: "/admin/approvals?page=40", has: ""},
	{path: "/subscriptions", has: "Subscription", developer: true},
	{path: "/subscriptions?page=17", has: "", developer: true},
	{path: "/subscriptions/s000007", has: "Subscription", developer: true},
	{path: "/subscribe/p001", has: "Subscribe to", developer: true},
	{path: "/usage", has: "Usage", developer: true},
	{path: "/usage?range=quarter&subscription=s000007", has: "Usage", developer: true},
	{path: "/usage?subscription=s099910", has: "Usage", developer: true, large: true},
	{path: "/usage?range=quarter", has: "api1", developer: true, large: true},
	{path: "/admin/usage?range=quarter&by=api", has: "api1", large: true},
	{path: "/admin/usage?range=quarter&by=user", has: "Usage"},
}

// TestManyUsers opens every list. In its long form there are 100,000 users and
// subscriptions, and each page is timed.
func TestManyUsers(t *testing.T) {
	stores := map[string]func(t *testing.T) store.Store{"memory": func(*testing.T) store.Store { return memory.New() }}
	users := 1000
	if *long {
		users = 100_000
		stores = map[string]func(t *testing.T) store.Store{"sqlite": onSQLite, "postgres": onPostgres}
	}
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			c := newCrowd(t, open(t), users)
			t.Logf("%d users, members and subscriptions were written in %s", users, time.Since(began).Round(time.Second))
			developer := page.Visitor{User: "u000007", Session: "s7", Groups: []string{"developers", "guests"}}
			var worst time.Duration
			for _, v := range visits {
				if v.large && !*long {
					continue
				}
				c.As(pagetest.Admin)
				if v.developer {
					c.As(developer)
				}
				path := v.path
				if strings.Contains(path, "%d") {
					path = fmt.Sprintf(path, users/50)
				}
				took, calls, first := c.visit(t, path, v.has)
				if !strings.Contains(path, "range=quarter") {
					worst = max(worst, took)
				}
				if *long {
					t.Logf("%-62s %7.1f ms, first %7.1f ms, %d calls", path, milliseconds(took), milliseconds(first), calls)
				}
				limit := pageLimit
				if strings.Contains(path, "range=quarter") {
					limit = quarterLimit
				}
				if *long && took > limit || calls > callLimit {
					t.Errorf("%s takes %s (%s) and %d calls (%d)", path, took, limit, calls, callLimit)
				}
			}
			if *long {
				t.Logf("%s: the slowest page, but for the usage of 90 days, takes %.1f ms (%s)", name, milliseconds(worst), pageLimit)
			}
		})
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// visit opens a page some times, and returns the middle of what it took.
func (c *crowd) visit(t *testing.T, path, has string) (middle time.Duration, calls int, first time.Duration) {
	t.Helper()
	times := 1
	if *long {
		times = 5
	}
	var took []time.Duration
	for range times {
		before, began := c.plane.calls.Load(), time.Now()
		if a := c.Get(path); a.Status != http.StatusOK || !strings.Contains(a.Body, has) {
			t.Errorf("%s is answered with %d, without %q", path, a.Status, has)
		}
		took = append(took, time.Since(began))
		calls = int(c.plane.calls.Load() - before)
	}
	first = took[0]
	slices.Sort(took)
	return took[len(took)/2], calls, first
}

func onSQLite(t *testing.T) store.Store {
	t.Helper()

	st, err := sqlite.Open(t.Context(), t.TempDir())
	return opened(t, st, err)
}

func onPostgres(t *testing.T) store.Store {
	t.Helper()

	st, err := postgres.Open(t.Context(), postgres.Options{URL: postgrestest.Database(t)})
	return opened(t, st, err)
}

func opened(t *testing.T, st store.Store, err error) store.Store {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.(io.Closer).Close() })
	return st
}
