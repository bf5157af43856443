package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if origin := os.Getenv(reverseProxyVariable); origin != "" {
		exit(serveReverseProxy(origin))
	}
	goleak.VerifyTestMain(m)
}

// TestRun measures the gateway that is always there, for a moment.
func TestRun(t *testing.T) {
	var out strings.Builder
	ended := make(chan error)
	go func() { // The thread that run has pinned ends with it.
		ended <- run(t.Context(), &options{scenarios: "small", only: reverseProxy, rounds: 2, connections: 4, round: time.Millisecond}, &out, io.Discard)
	}()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"small: passed through", "Go's ReverseProxy, no log", "targets", "not measured"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("want %q in:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "not measured: Go's") {
		t.Errorf("the reverse proxy was not measured:\n%s", out.String())
	}
}

func TestRunRefusesFlags(t *testing.T) {
	for _, test := range []struct {
		name string
		give options
		want string
	}{
		{"scenario", options{scenarios: "small,large"}, `-scenario "small,large": there is no "large"`},
		{"gateway", options{only: "apache"}, `there is no "apache"`},
		{"rounds", options{connections: 1, round: 1}, "have to be above 0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := run(t.Context(), &test.give, io.Discard, io.Discard)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v; want %q", err, test.want)
			}
		})
	}
}

func TestChosenPeers(t *testing.T) {
	for _, test := range []struct {
		name, flag string
		want       []string
	}{
		{"all", "", peerNames()},
		{"the unit is always there", "sallyport,caddy", []string{nginx, caddy, sallyport}},
		{"and once", "nginx", []string{nginx}},
	} {
		t.Run(test.name, func(t *testing.T) {
			peers, err := chosenPeers(test.flag)
			var got []string
			for _, p := range peers {
				got = append(got, p.name)
			}
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Errorf("%v; %s", err, diff)
			}
		})
	}
}

// TestScenarios holds what the tables have to keep: the unit first, the gateway
// last, and targets that name a row.
func TestScenarios(t *testing.T) {
	for _, c := range allScenarios() {
		t.Run(c.name, func(t *testing.T) {
			labels := map[string]bool{}
			for _, r := range c.rows {
				if _, err := chosenPeers(r.peer); err != nil || labels[r.label] {
					t.Errorf("row %q: %v, or the label is there twice", r.label, err)
				}
				labels[r.label] = true
			}
			if first, last := c.rows[0], c.rows[len(c.rows)-1]; first.label != unitLabel || last.peer != sallyport {
				t.Errorf("the rows begin with %q and end with %q", first.label, last.peer)
			}
			for _, want := range c.targets {
				if !labels[want.against] {
					t.Errorf("no row is called %q", want.against)
				}
			}
			if !strings.HasSuffix(c.path, fmt.Sprint("/", c.body)) {
				t.Errorf("%s asks for another length than %d", c.path, c.body)
			}
		})
	}
}

// TestConfigurations renders every configuration.
func TestConfigurations(t *testing.T) {
	for _, p := range allPeers() {
		t.Run(p.name, func(t *testing.T) {
			to := &site{Dir: t.TempDir(), HTTP: "127.0.0.1:1", Origin: "127.0.0.1:2", Key: subscriptionKey, Lua: p.lua, Log: !p.noLog}
			if err := to.render(p.config); err != nil {
				t.Fatal(err)
			}
			var all strings.Builder
			collect(t, &all, to.Dir)
			if strings.Contains(all.String(), "{{") || strings.Contains(all.String(), "<no value>") {
				t.Errorf("not rendered:\n%s", all.String())
			}
			if lua := strings.Contains(all.String(), "lua_block"); lua != p.lua {
				t.Errorf("Lua: %t; want %t", lua, p.lua)
			}
		})
	}
}

// collect appends all files below a folder.
func collect(t *testing.T, to *strings.Builder, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() {
			collect(t, to, dir+"/"+e.Name())
			continue
		}
		text, err := os.ReadFile(dir + "/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		to.Write(text)
	}
}

func TestVerdicts(t *testing.T) {
	c := &scenario{
		metric: cost, rows: []row{{label: "unit"}, {label: "own"}}, mallocs: true,
		targets: []target{{against: "unit", limit: 1.5}, {against: "unit", limit: 1.4, below: true}, {against: "absent", limit: 1}},
	}
	used := func(label string, mallocs float64, micros ...int) *result {
		r := &result{row: row{label: label}}
		for _, m := range micros {
			r.samples = append(r.samples, sample{Requests: 10, Processor: time.Duration(m) * 10 * time.Microsecond, Mallocs: mallocs})
		}
		return r
	}
	got := c.verdicts([]*result{used("unit", 0, 10, 20, 10), used("own", 5, 14, 20, 18)})
	want := []string{
		"at most 1.50 of unit: 1.40, ok",
		"below 1.40 of unit: 1.40, FALLS SHORT",
		"at most 1.00 of absent: not measured",
		"no allocations per request in steady state: 0.50, FALLS SHORT",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
