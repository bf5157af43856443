package caching

import (
	"bytes"
	"context"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/cache"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/redisconn/redistest"
	"github.com/sallyport/sallyport/internal/snapshot"
	"github.com/sallyport/sallyport/internal/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patient is a time-out for tests that are about something else.
const patient = time.Second

func newCaches(t *testing.T, log *slog.Logger) (*Caches, *policy.Services, *telemetry.Metrics) {
	t.Helper()
	metrics, err := telemetry.NewMetrics(clock.System())
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Options{
		Flags:  Flags{Size: 64 << 20, Wait: time.Second, Timeout: patient},
		Region: "West Europe", Service: "contoso", Clock: clock.System(), Log: log, Metrics: metrics,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	services := &policy.Services{}
	c.Lend(services)
	return c, services, metrics
}

// observe shows the caches a configuration with these external ones.
func observe(t *testing.T, c *Caches, caches ...*model.Cache) {
	t.Helper()
	doc := &snapshot.Document{Revision: 1, Resources: []model.Resource{
		&model.Service{Name: "contoso"}, &model.NamedValue{ID: "namedValues/p", DisplayName: "password", Value: "open-sesame"},
	}}
	for _, one := range caches {
		doc.Resources = append(doc.Resources, one)
	}
	s, problems := snapshot.Compile(doc, &snapshot.Settings{})
	if s == nil {
		t.Fatal(problems)
	}
	c.Observe(s)
}

func external(server *redistest.Server, from string) *model.Cache {
	return &model.Cache{
		ID: model.NewID("caches", from), ConnectionString: server.Address() + ",password={{password}},abortConnect=False", UseFromLocation: from,
	}
}

// keeps reports whether the values of a type are kept and found.
func keeps(t *testing.T, s *policy.Services, kind cache.Type, key string) bool {
	t.Helper()
	values := s.ValuesOf(kind)
	if values == nil {
		return false
	}
	values.Set(t.Context(), key, cache.Value{Type: "System.String"}, time.Hour)
	_, ok := values.Get(t.Context(), key)
	return ok
}

// TestObserveExchangesTheExternalCache goes through the configurations that there
// can be, while requests use the cache.
func TestObserveExchangesTheExternalCache(t *testing.T) {
	o := redistest.Options{Password: "open-sesame"}
	all, here := redistest.Start(t, o), redistest.Start(t, o)
	var log bytes.Buffer
	c, services, metrics := newCaches(t, slog.New(slog.NewTextHandler(&log, nil)))
	ctx, stop := context.WithCancel(t.Context())
	var requests sync.WaitGroup
	for range 4 {
		requests.Go(func() {
			for ctx.Err() == nil {
				for _, kind := range []cache.Type{cache.Internal, cache.PreferExternal, cache.ExternalOnly} {
					keeps(t, services, kind, "load")
				}
			}
		})
	}
	filled := func(server *redistest.Server) bool {
		for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
			n, err := server.Do("DBSIZE")
			if err != nil {
				t.Fatal(err)
			}
			if n != int64(0) {
				return true
			}
		}
		return false
	}
	for _, tt := range []struct {
		name     string
		caches   []*model.Cache
		external bool
		used     *redistest.Server
	}{
		{"none", nil, false, nil},
		{"the default one", []*model.Cache{external(all, "default")}, true, all},
		{"that of the region", []*model.Cache{external(all, "default"), external(here, "westeurope")}, true, here},
		{"the same again", []*model.Cache{external(all, "default"), external(here, "westeurope")}, true, here},
		{"the default one again", []*model.Cache{external(all, "default"), external(here, "eastus")}, true, all},
		{"one that cannot be read", []*model.Cache{{ID: "caches/default", ConnectionString: "a b:c", UseFromLocation: "default"}}, false, nil},
		{"none again", nil, false, nil},
	} {
		observe(t, c, tt.caches...)
		for _, server := range []*redistest.Server{all, here} {
			if _, err := server.Do("FLUSHALL"); err != nil {
				t.Fatal(err)
			}
		}
		if got := keeps(t, services, cache.ExternalOnly, "k"); got != tt.external {
			t.Errorf("%s: external keeps %v", tt.name, got)
		}
		unusable := tt.name == "one that cannot be read"
		if !keeps(t, services, cache.Internal, "k") || keeps(t, services, cache.PreferExternal, "p") == unusable {
			t.Errorf("%s: the internal cache, or the one that there is, does not keep", tt.name)
		}
		if tt.used != nil && !filled(tt.used) {
			t.Errorf("%s: it is not used", tt.name)
		}
	}
	stop()
	requests.Wait()
	if text := log.String(); strings.Contains(text, "sesame") || strings.Count(text, "using an external cache") != 3 ||
		!strings.Contains(text, "cannot be used") || !strings.Contains(text, "no external cache") {
		t.Errorf("the log says\n%s", text)
	}
	shown := httptest.NewRecorder()
	telemetry.Admin(metrics, telemetry.NewHealth()).ServeHTTP(shown, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	if !strings.Contains(shown.Body.String(), `sallyport_cache_hits_total{cache="external"}`) {
		t.Error("the metrics do not show the cache")
	}
}

func TestFlags(t *testing.T) {
	for _, tt := range []struct {
		args  []string
		size  string
		wrong string
	}{
		{nil, "128MiB", ""},
		{[]string{"--cache-size", "2GiB", "--cache-wait", "0", "--cache-timeout", "50ms"}, "2GiB", ""},
		{[]string{"--cache-size", "10000000"}, "10000000", ""},
		{[]string{"--cache-size", " 9000 KiB"}, "9000KiB", ""},
		{[]string{"--cache-size", "1MiB"}, "1MiB", "the least is 8MiB"},
		{[]string{"--cache-wait", "-1s"}, "128MiB", "negative"},
		{[]string{"--cache-timeout", "2s"}, "128MiB", "between"},
		{[]string{"--cache-size", "much"}, "", "no size"},
		{[]string{"--cache-size", "-1"}, "", "no size"},
		{[]string{"--cache-size", "99999999999GiB"}, "", "no size"},
	} {
		var f Flags
		c := &cobra.Command{}
		f.Bind(c)
		err := c.ParseFlags(tt.args)
		if err == nil {
			err = f.check()
			if f.Size.String() != tt.size {
				t.Errorf("%v: size %s, want %s", tt.args, &f.Size, tt.size)
			}
		}
		if (err != nil) != (tt.wrong != "") || err != nil && !strings.Contains(err.Error(), tt.wrong) {
			t.Errorf("%v: %v, want %q", tt.args, err, tt.wrong)
		}
	}
}
