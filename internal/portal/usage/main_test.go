package usage

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/portal/asset"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/portal/page/pagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// now is the time of the tests.
var now = time.Date(2026, 3, 10, 12, 34, 56, 0, time.UTC)

// bench is a portal with the section, in front of a management API that answers
// reports.
type bench struct {
	*pagetest.Portal
	management *pagetest.Management
	mu         sync.Mutex
	filters    []string // of reports that were asked for
	// hostile is put into all names.
	hostile string
}

func newBench(tb testing.TB) *bench {
	tb.Helper()
	b := &bench{management: pagetest.NewManagement(tb)}
	sections := append([]*page.Section{New(Options{})}, asset.Sections()...)
	b.Portal = pagetest.New(tb, page.Options{Client: b.management.Client, Clock: clock.NewFake(now)}, sections...)
	b.As(pagetest.Developer)
	b.management.Set("users/ann/subscriptions/one", map[string]any{"displayName": "Shop front", "state": "active"})
	b.management.Set("users/ann/subscriptions/two", map[string]any{"displayName": "Batch", "state": "suspended"})
	b.management.Handle("GET reports/*", b.report)
	b.management.Handle("GET subscriptions/*/sallyportLimits", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, `{"value":[{"kind":"quota","calls":1000,"bandwidth":0,"renewalPeriod":604800,"known":true,"usedCalls":412,`+
			`"start":"2026-03-08T00:00:00Z","end":"2026-03-15T00:00:00Z"},{"kind":"rateLimit","calls":5,"renewalPeriod":60}]}`)
	})
	return b
}

// asked are the filters of the reports so far.
func (b *bench) asked() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.filters...)
}

// report answers with made-up figures.
func (b *bench) report(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	b.mu.Lock()
	b.filters = append(b.filters, q.Get("$filter"))
	b.mu.Unlock()
	var rows []map[string]any
	row := func(calls int, fields map[string]any) {
		m := map[string]any{
			"callCountSuccess": calls - calls/10, "callCountFailed": calls / 20, "callCountBlocked": calls/10 - calls/20, "callCountTotal": calls,
			"bandwidth": calls * 1400, "apiTimeAvg": 40 + float64(calls%17), "sallyportApiTimeP95": 120 + float64(calls%53),
		}
		maps.Copy(m, fields)
		rows = append(rows, m)
	}
	switch by := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]; {
	case by == "byTime" && q.Get("interval") == "P20000D":
		row(4000, map[string]any{"timestamp": "1970-01-01T00:00:00Z"})
	case by == "byTime":
		unit := map[string]time.Duration{"PT1M": time.Minute, "PT1H": time.Hour, "P1D": 24 * time.Hour}[q.Get("interval")]
		for i := range 20 {
			row(100+i*i%37*7, map[string]any{"timestamp": now.Truncate(unit).Add(-time.Duration(i) * unit).Format(time.RFC3339)})
		}
	default:
		for i, name := range []string{"Orders", "Payments", "Weather", "=HYPERLINK(\"http://evil.example\")"} {
			row(4000/(i+1), map[string]any{
				"name": name + b.hostile, "apiId": fmt.Sprintf("/apis/api-%d", i), "operationId": fmt.Sprintf("/apis/api-%d/operations/get", i),
				"productId": "/products/starter", "subscriptionId": fmt.Sprintf("/subscriptions/s%d", i), "userId": fmt.Sprintf("/users/u%d", i),
				"apiRegion": "north",
			})
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"value": rows, "count": len(rows)})
}
