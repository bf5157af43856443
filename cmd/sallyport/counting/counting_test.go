package counting

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/counter/disk"
	"github.com/sallyport/sallyport/internal/redisconn/redistest"
	"github.com/sallyport/sallyport/internal/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var hourly = counter.QuotaLimit{Calls: 100, Bytes: counter.Unlimited, Period: time.Hour}

func process(t *testing.T) Process {
	t.Helper()
	metrics, err := telemetry.NewMetrics(clock.System())
	if err != nil {
		t.Fatal(err)
	}
	return Process{Service: "s", Region: "north", Clock: clock.System(), Log: slog.New(slog.DiscardHandler), Metrics: metrics}
}

func open(t *testing.T, f Flags) *Counters {
	t.Helper()
	c, err := Open(f, process(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func TestOpenRefusesWhatIsWrong(t *testing.T) {
	for name, f := range map[string]Flags{
		"no address":                  {Servers: "redis://:secret@"},
		"global without others":       {Global: "redis://h"},
		"a global one that is wrong":  {Servers: "redis://h", Global: "http://:secret@h"},
		"authorities that are absent": {Servers: "rediss://:secret@h?ca=/does/not/exist"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Open(f, process(t)); err == nil || strings.Contains(err.Error(), "secret") {
				t.Errorf("err = %v", err)
			}
		})
	}
}

func TestQuotasAreKeptInTheFolder(t *testing.T) {
	url := redistest.Start(t, redistest.Options{}).URL()
	for name, f := range map[string]Flags{"alone": {}, "shared": {Servers: url}} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			c := open(t, f)
			if err := c.Keep(folder); err != nil {
				t.Fatal(err)
			}
			c.Store.Quota("q", counter.Sharing{}).Take("k", hourly, counter.Usage{Calls: 30})
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
			// The next one has lost its server, if it had one.
			next := open(t, Flags{})
			if err := next.Keep(folder); err != nil {
				t.Fatal(err)
			}
			if got := next.Store.Quota("q", counter.Sharing{}).Peek("k", hourly, counter.Usage{}).Remaining.Calls; got != 70 {
				t.Errorf("%d calls left after a restart, want 70; the file is %s", got, filepath.Join(folder, disk.File))
			}
		})
	}
}

// ask asks the admin handler from an address.
func ask(c *Counters, method, target, from, host, contentType, body string) (int, string) {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.RemoteAddr, r.Host = from, host
	r.Header.Set("Content-Type", contentType)
	w := httptest.NewRecorder()
	c.Handle(http.NotFoundHandler()).ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestHandlerAnswersThisMachineOnly(t *testing.T) {
	c := open(t, Flags{})
	const here, there, json = "127.0.0.1:9", "192.0.2.1:9", "application/json"
	for _, tt := range []struct {
		name, method, target, from, host, contentType, body string
		want                                                int
	}{
		{"a list", "GET", "/counters", here, "127.0.0.1:9090", "", "", 200},
		{"by name", "GET", "/counters?kind=quota&limit=10", "[::1]:9", "localhost:9090", "", "", 200},
		{"from elsewhere", "GET", "/counters", there, "127.0.0.1:9090", "", "", 403},
		{"for a name of somebody's", "GET", "/counters", here, "evil.example", "", "", 403},
		{"a kind that is none", "GET", "/counters?kind=x", here, "127.0.0.1", "", "", 400},
		{"a limit that is too high", "GET", "/counters?limit=1000000", here, "127.0.0.1", "", "", 400},
		{"a form of a page", "PUT", "/counters", here, "127.0.0.1", "text/plain", "{}", 415},
		{"no counter", "PUT", "/counters", here, "127.0.0.1", json, "[]", 400},
		{"a period that is none", "PUT", "/counters", here, "127.0.0.1", json, `{"kind":"rate","scope":"region","period":"x"}`, 400},
		{"below zero", "PUT", "/counters", here, "127.0.0.1", json, `{"kind":"rate","scope":"region","period":"1s","calls":-1}`, 400},
		{"too long", "PUT", "/counters", here, "127.0.0.1", json, `{"name":"` + strings.Repeat("x", maxBody) + `"}`, 400},
		{"not there", "PUT", "/counters", here, "127.0.0.1", json, `{"kind":"rate","scope":"region","period":"1s"}`, 404},
		{"what is for others", "GET", "/metrics", there, "gateway.example", "", "", 404},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, body := ask(c, tt.method, tt.target, tt.from, tt.host, tt.contentType, tt.body); got != tt.want {
				t.Errorf("%d %s, want %d", got, body, tt.want)
			}
		})
	}
}

func TestCommandsShowAndSet(t *testing.T) {
	c := open(t, Flags{})
	q := c.Store.Quota("quota-by-key", counter.Sharing{})
	q.Take("alice", hourly, counter.Usage{Calls: 30})
	c.Store.Rate("rate-limit-by-key", counter.Sharing{}).Take("alice", counter.RateLimit{Calls: 5, Period: time.Minute}, 2)
	server := httptest.NewServer(c.Handle(http.NotFoundHandler()))
	t.Cleanup(func() {
		server.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	admin := strings.TrimPrefix(server.URL, "http://")
	run := func(args ...string) (string, error) {
		command := Command()
		var out bytes.Buffer
		command.SetOut(&out)
		command.SetErr(io.Discard)
		command.SilenceUsage, command.SilenceErrors = true, true
		command.SetArgs(append(args, "--admin", admin))
		err := command.ExecuteContext(t.Context())
		return out.String(), err
	}
	if out, err := run("list"); err != nil || strings.Count(out, "alice") != 2 {
		t.Errorf("list: %v\n%s", err, out)
	}
	if out, err := run("get", "alice", "--kind", "rate", "-o", "json"); err != nil || !strings.Contains(out, `"calls": 2`) || strings.Contains(out, "quota") {
		t.Errorf("get: %v\n%s", err, out)
	}
	if out, err := run("set", "alice", "--kind", "quota", "--calls", "100"); err != nil || !strings.Contains(out, "100") {
		t.Errorf("set: %v\n%s", err, out)
	}
	if q.Take("alice", hourly, counter.Usage{Calls: 1}).Allowed() {
		t.Error("a call is allowed beyond what the quota was set to")
	}
	if out, err := run("reset", "alice"); err != nil {
		t.Errorf("reset: %v\n%s", err, out)
	}
	if !q.Take("alice", hourly, counter.Usage{Calls: 1}).Allowed() {
		t.Error("a quota that was reset refuses a call")
	}
	for _, args := range [][]string{{"get", "bob"}, {"set", "alice"}, {"get", "alice", "--period", "9m0s"}} {
		if out, err := run(args...); err == nil {
			t.Errorf("%v is no error:\n%s", args, out)
		}
	}
}
