package redis_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/cache"
	"github.com/sallyport/sallyport/internal/cache/cachetest"
	"github.com/sallyport/sallyport/internal/cache/redis"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/redisconn"
	"github.com/sallyport/sallyport/internal/redisconn/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patient is a time-out for tests that are about something else.
const patient = 10 * time.Second

func settings(tb testing.TB, url string) redisconn.Settings {
	tb.Helper()
	s, err := redisconn.Parse(url)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// open opens a store until the test ends.
func open(tb testing.TB, o redis.Options) *redis.Store {
	tb.Helper()
	s, err := redis.Open(o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Errorf("closing: %v", err)
		}
	})
	return s
}

// layouts are the ways in which servers are laid out.
func layouts(f redistest.Flavour) map[string]func(testing.TB) string {
	o := redistest.Options{Flavour: f, Password: "open-sesame"}
	return map[string]func(testing.TB) string{
		"single": func(tb testing.TB) string {
			tb.Helper()
			return redistest.Start(tb, o).URL()
		},
		"sentinel": func(tb testing.TB) string {
			tb.Helper()
			return redistest.StartSentinel(tb, o).URL()
		},
		"cluster": func(tb testing.TB) string {
			tb.Helper()
			return redistest.StartCluster(tb, o).URL()
		},
	}
}

// settled is a cache whose entries are in the server when Set returns, so that Get
// reads them from there.
type settled[E cache.Entry] struct {
	cache.Cache[E]
	store *redis.Store
}

func (s settled[E]) Set(ctx context.Context, key string, e E, ttl time.Duration) {
	s.Cache.Set(ctx, key, e, ttl)
	written(s.store)
}

// written waits until nothing is queued.
func written(s *redis.Store) {
	for s.Stats().Queued > 0 {
		time.Sleep(100 * time.Microsecond)
	}
}

// TestConformance runs the suite on real servers: once as requests see the cache,
// with writes that may still be queued, and once through the server alone.
func TestConformance(t *testing.T) {
	t.Parallel()
	for _, flavour := range redistest.Flavours() {
		for name, start := range layouts(flavour) {
			t.Run(string(flavour)+" "+name, func(t *testing.T) {
				t.Parallel()
				where := settings(t, start(t))
				from := func(t *testing.T, c clock.Clock) *redis.Store {
					t.Helper()
					return open(t, redis.Options{Settings: where, Service: t.Name(), Clock: c, GetTimeout: patient, RemoveTimeout: patient})
				}
				cachetest.RunResponses(t, func(t *testing.T, c clock.Clock) cache.Responses {
					t.Helper()
					return from(t, c).Pair().Responses
				})
				cachetest.RunValues(t, func(t *testing.T, c clock.Clock) cache.Values {
					t.Helper()
					return from(t, c).Pair().Values
				})
				cachetest.RunResponses(t, func(t *testing.T, c clock.Clock) cache.Responses {
					t.Helper()
					s := from(t, c)
					return settled[*cache.Response]{s.Pair().Responses, s}
				})
				cachetest.RunValues(t, func(t *testing.T, c clock.Clock) cache.Values {
					t.Helper()
					s := from(t, c)
					return settled[cache.Value]{s.Pair().Values, s}
				})
			})
		}
	}
}

func text(s string) cache.Value { return cache.Value{Type: "System.String", Data: []byte(s)} }

// TestServicesShareAServer opens stores of two services, and of one service twice.
func TestServicesShareAServer(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	from := func(service string) *redis.Store {
		return open(t, redis.Options{Settings: settings(t, server.URL()), Service: service, GetTimeout: patient})
	}
	contoso, fabrikam, again := from("contoso"), from("fabrikam"), from("contoso")
	contoso.Pair().Values.Set(t.Context(), "secret?key=1", text("one"), time.Hour)
	written(contoso)
	if _, ok := fabrikam.Pair().Values.Get(t.Context(), "secret?key=1"); ok {
		t.Error("another service has found it")
	}
	if _, ok := contoso.Pair().Responses.Get(t.Context(), "secret?key=1"); ok {
		t.Error("it is among the responses")
	}
	if got, ok := again.Pair().Values.Get(t.Context(), "secret?key=1"); !ok || string(got.Data) != "one" {
		t.Errorf("another gateway of the service has %v, %v", got, ok)
	}
	keys, err := server.Do("KEYS", "*")
	if err != nil {
		t.Fatal(err)
	}
	const want = "[sallyport:cache:1:contoso:v:t5dhsxszWSl7G0p0x5Sko2VD_UqVsoORgvYLf5rIYLg]"
	if got := fmt.Sprint(keys); got != want {
		t.Errorf("keys %s, want %s", got, want)
	}
	if left, err := server.Do("PTTL", strings.Trim(fmt.Sprint(keys), "[]")); err != nil || left.(int64) > time.Hour.Milliseconds() || left.(int64) < 1 {
		t.Errorf("it is kept for %v ms, %v", left, err)
	}
}

// TestHostileEntries finds things under the store's keys that it has not written.
func TestHostileEntries(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	s := open(t, redis.Options{Settings: settings(t, server.URL()), Service: "contoso", GetTimeout: patient})
	values := s.Pair().Values
	values.Set(t.Context(), "k", text("one"), time.Hour)
	written(s)
	keys, err := server.Do("KEYS", "*")
	if err != nil {
		t.Fatal(err)
	}
	key := strings.Trim(fmt.Sprint(keys), "[]")
	for _, data := range []string{"x", strings.Repeat("x", 20<<20)} {
		if _, err := server.Do("SET", key, data); err != nil {
			t.Fatal(err)
		}
		if got, ok := values.Get(t.Context(), "k"); ok {
			t.Errorf("%.20q is read as %v", data, got)
		}
	}
	if got := s.Stats(); got.Unreadable != 2 || got.Failed != 0 || got.Open {
		t.Errorf("Stats = %+v, want 2 unreadable", got)
	}
	values.Set(t.Context(), "k", text("two"), time.Hour)
	written(s)
	if got, ok := values.Get(t.Context(), "k"); !ok || string(got.Data) != "two" {
		t.Errorf("afterwards %v, %v", got, ok)
	}
}

// TestQueueIsBounded writes while the server stands still.
func TestQueueIsBounded(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	const limit, entries = 1 << 20, 20
	s := open(t, redis.Options{Settings: settings(t, server.URL()), Service: "contoso", QueueBytes: limit, QueueEntries: entries})
	server.Pause()
	defer server.Resume()
	values := s.Pair().Values
	for i := range 100 {
		values.Set(t.Context(), strconv.Itoa(i), cache.Value{Data: make([]byte, 1000*i)}, time.Hour)
		if got := s.Stats(); got.QueuedBytes > limit || got.Queued > entries {
			t.Fatalf("Stats = %+v, beyond the limits", got)
		}
	}
	if got := s.Stats(); got.Dropped < 100-entries {
		t.Errorf("Stats = %+v, want %d dropped", got, 100-entries)
	}
	values.Set(t.Context(), "1", text("new"), time.Hour)
	if got, ok := values.Get(t.Context(), "1"); ok && string(got.Data) != "new" {
		t.Errorf("an entry that was replaced is found: %v", got)
	}
}

// TestDeleteSaysWhetherItIsGone removes from a server that answers, stands still
// and is gone.
func TestDeleteSaysWhetherItIsGone(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	s := open(t, redis.Options{Settings: settings(t, server.URL()), Service: "contoso", GetTimeout: patient})
	values := s.Pair().Values
	for range 3 {
		values.Set(t.Context(), "k", text("one"), time.Hour)
	}
	if err := values.Delete(t.Context(), "k"); err != nil {
		t.Error(err)
	}
	if _, ok := values.Get(t.Context(), "k"); ok {
		t.Error("it is still there")
	}
	server.Pause()
	if err := values.Delete(t.Context(), "k"); !errors.Is(err, redis.ErrUnavailable) {
		t.Errorf("a server that stands still: %v", err)
	}
	server.Resume()
	written(s)
	server.Kill()
	if err := values.Delete(t.Context(), "k"); err == nil {
		t.Error("a server that is gone confirms")
	}
}

// TestCloseWritesWhatIsQueued closes a store and reads through another one.
func TestCloseWritesWhatIsQueued(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	o := redis.Options{Settings: settings(t, server.URL()), Service: "contoso", GetTimeout: patient}
	s, err := redis.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 500 {
		s.Pair().Values.Set(t.Context(), strconv.Itoa(i), text("v"), time.Hour)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	s.Pair().Values.Set(t.Context(), "late", text("v"), time.Hour)
	if _, ok := s.Pair().Values.Get(t.Context(), "late"); ok || s.Stats().Dropped != 1 {
		t.Errorf("after Close: %v, %+v", ok, s.Stats())
	}
	next := open(t, o)
	for i := range 500 {
		if _, ok := next.Pair().Values.Get(t.Context(), strconv.Itoa(i)); !ok {
			t.Fatalf("entry %d was not written: %+v", i, s.Stats())
		}
	}
}

// TestCloseIsBounded closes a store whose server stands still.
func TestCloseIsBounded(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	s, err := redis.Open(redis.Options{Settings: settings(t, server.URL()), Service: "contoso"})
	if err != nil {
		t.Fatal(err)
	}
	server.Pause()
	defer server.Resume()
	for i := range 100 {
		s.Pair().Values.Set(t.Context(), strconv.Itoa(i), text("v"), time.Hour)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Close()
	}()
	select {
	case <-done:
	case <-time.After(patient):
		t.Fatal("it is not closed")
	}
}
