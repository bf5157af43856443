package resources_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/control/contract"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
	"github.com/sallyport/sallyport/internal/control/store/sqlite"
)

// minefield is an API with a mine in it.
type minefield struct {
	*resourcestest.Server
	t         *testing.T
	m         *mine
	log       strings.Builder
	contracts *contract.Set
	handler   http.Handler
	laid      map[*resource.Route]bool
	writes    int
	verdict   verdict
}

// verdict counts what came of panics.
type verdict struct{ struck, dead, wrong, silent, changed, stuck int }

func (v verdict) bad() bool { return v != verdict{struck: v.struck} }

func newMinefield(t *testing.T, st store.Store, leaks bool) *minefield {
	t.Helper()
	f := &minefield{t: t, m: newMine(), laid: map[*resource.Route]bool{}}
	var err error
	if f.contracts, err = contract.Load(); err != nil {
		t.Fatal(err)
	}
	f.Server = resourcestest.NewWith(t, resourcestest.Options{
		Store: &minedStore{Store: st, m: f.m, leaks: leaks, lock: make(chan struct{}, 1)},
		Log:   slog.New(slog.NewTextHandler(&f.log, nil)), Guard: minedGuard{f.m}, Exporter: minedExporter{f.m},
	})
	f.handler = f.Server
	f.Fetching = func(string) { f.m.pass() }
	serviceKinds(t, f.Server)
	for _, path := range []string{"loggers/h", "workspaces/h/loggers/h"} {
		f.Put(path, resourcestest.Body(t, f.contracts, "LoggerContract", ""))
	}
	f.m.lay(f.Plane.Environment().Registry)
	return f
}

// prepare makes what an operation needs, and lays the mine before it where it is
// a route. It returns the body to send.
func (f *minefield) prepare(op operation, path string) map[string]any {
	f.t.Helper()
	registry := f.Plane.Environment().Registry
	if route, _ := registry.Match(op.method, path); route != nil {
		if !f.laid[route] {
			f.laid[route] = true
			f.m.before(reflect.ValueOf(&route.Run).Elem())
		}
		return resourcestest.Body(f.t, f.contracts, route.Body, "")
	}
	place, ok, err := registry.Walk(path)
	if !ok || err != nil {
		return nil
	}
	f.found(place, op.method)
	workspace := ""
	if strings.Contains(path, "/workspaces/") {
		workspace = "/workspaces/h"
	}
	switch {
	case place.Rest != "":
		for _, a := range place.Node.Actions {
			if strings.EqualFold(a.Path, place.Rest) {
				return resourcestest.Body(f.t, f.contracts, a.Body, workspace)
			}
		}
		return nil
	case op.method == http.MethodPut && !place.Node.NoBody:
		return resourcestest.Body(f.t, f.contracts, place.Node.Create, workspace)
	}
	return map[string]any{}
}

// found keeps what is above a place, and what is there unless it is to be made.
func (f *minefield) found(place resource.Place, method string) {
	f.t.Helper()
	if status, _, _ := f.Do(http.MethodGet, "", nil); status != http.StatusOK {
		f.Put("", map[string]any{"location": "West US", "sku": map[string]any{"name": "Developer", "capacity": 1},
			"properties": map[string]any{"publisherEmail": "apim@example.com", "publisherName": "Example", "restore": true}})
	}
	id := place.ID
	if place.Collection || method == http.MethodPut {
		id = id.Parent()
	}
	err := f.Write(func(s *resource.Session) error {
		for at := id; at != at.Service(); at = at.Parent() {
			above, ok, err := s.Registry.Walk(string(at))
			if err != nil {
				return err
			}
			if !ok || above.Collection {
				break
			}
			if there, err := s.Has(at); there || err != nil {
				continue
			}
			if err := s.Store(at, map[string]any{"properties": map[string]any{"displayName": "x", "path": "x"}}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		f.t.Fatalf("%s: %v", place.ID, err)
	}
}

// send sends a request, and says whether the process would have died.
func (f *minefield) send(method, path string, body map[string]any) (w *httptest.ResponseRecorder, dead bool) {
	f.t.Helper()
	var content []byte
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			f.t.Fatal(err)
		}
		content = raw
	}
	separator := "?"
	if strings.Contains(path, "?") {
		separator = "&"
	}
	r := httptest.NewRequestWithContext(f.t.Context(), method, path+separator+"api-version="+resourcestest.Version, &minedBody{f.m, content})
	r.Header.Set("If-Match", "*")
	if method == http.MethodPut {
		r.Header.Del("If-Match")
	}
	w = httptest.NewRecorder()
	defer func() { dead = recover() != nil }()
	f.handler.ServeHTTP(w, r)
	return w, false
}

// strike lets a request panic at the n-th place that it passes, and looks at
// what came of it. It reports whether there was such a place.
func (f *minefield) strike(n int, method, path string, body map[string]any) bool {
	f.t.Helper()
	before := f.revision()
	f.log.Reset()
	f.m.arm(n)
	w, dead := f.send(method, path, body)
	if !f.m.disarm() {
		return false
	}
	v := &f.verdict
	v.struck++
	correlation := w.Header().Get("X-Ms-Correlation-Request-Id")
	log := f.log.String()
	for count, is := range map[*int]bool{
		&v.dead:    dead,
		&v.wrong:   !isInternal(w, method, correlation),
		&v.silent:  !strings.Contains(log, errStruck) || !strings.Contains(log, "goroutine") || !strings.Contains(log, correlation),
		&v.changed: f.revision() != before,
		&v.stuck:   !f.writable(),
	} {
		if is {
			*count++
		}
	}
	return true
}

// isInternal says whether an answer is the API's for what failed inside.
func isInternal(w *httptest.ResponseRecorder, method, correlation string) bool {
	var answer struct {
		Error struct {
			Code    string `json:"code"`
			Message string `json:"message"`
			Target  string `json:"target"`
		} `json:"error"`
	}
	if method == http.MethodHead {
		return w.Code == http.StatusInternalServerError
	}
	return w.Code == http.StatusInternalServerError && json.Unmarshal(w.Body.Bytes(), &answer) == nil && correlation != "" &&
		answer.Error.Code == "InternalServerError" && strings.Contains(answer.Error.Message, correlation) && answer.Error.Target != "" &&
		!strings.Contains(w.Body.String(), errStruck)
}

func (f *minefield) revision() (r store.Revision) {
	f.t.Helper()
	call := &resource.Call{Version: resourcestest.Version, Query: map[string]string{}}
	err := f.Plane.Read(f.t.Context(), call, func(s *resource.Session) error {
		r = s.Reader().Revision()
		return nil
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return r
}

// writable says whether the next request, a write, is done.
func (f *minefield) writable() bool {
	f.t.Helper()
	f.writes++
	w, dead := f.send(http.MethodPut, "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg1/providers/Microsoft.ApiManagement/gateways/after",
		map[string]any{"location": "West US", "sku": map[string]any{"name": "WorkspaceGatewayPremium"}, "tags": map[string]any{"n": fmt.Sprint(f.writes)}, "properties": map[string]any{}})
	return !dead && w.Code < http.StatusMultipleChoices
}

// everywhere lets every every-th operation of the API panic: at each of the first
// places that it passes, and at some of the later ones. It reports how many were
// struck.
func (f *minefield) everywhere(every int) (operationsStruck int) {
	f.t.Helper()
	const each = 8 // The guard's two places, and the first six behind it.
	for i, op := range operations(f.t) {
		if i%every != 0 {
			continue
		}
		path := spell(f.Plane.Environment().Registry, op.path)
		body := f.prepare(op, path)
		n := 0
		for f.strike(n, op.method, path, body) {
			n++
			if n > each {
				n += n / 2
			}
		}
		if n > 2 {
			operationsStruck++
		} else {
			f.t.Logf("%s %s passes %d places only", op.method, path, n)
		}
	}
	return operationsStruck
}

// export lets a request for an exported document panic.
func (f *minefield) export() {
	f.t.Helper()
	call := &resource.Call{Version: resourcestest.Version, Query: map[string]string{}}
	var link string
	err := f.Plane.Read(f.t.Context(), call, func(s *resource.Session) (err error) {
		link, err = s.ExportLink(resource.ID(resourcestest.Service+"/apis/h"), "openapi-link")
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
	if !f.strike(0, http.MethodGet, link, nil) {
		f.t.Error("an export did not panic")
	}
}

// TestR35_PanicInEveryHandler lets every operation of the management API panic, at
// every place where it calls the guard, its kind, or the store.
func TestR35_PanicInEveryHandler(t *testing.T) {
	onDisk, err := sqlite.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = onDisk.Close() })
	for _, tt := range []struct {
		name  string
		store store.Store
		every int
	}{
		{"memory", memory.New(), 1},
		{"SQLite", onDisk, 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newMinefield(t, tt.store, false)
			struck := f.everywhere(tt.every)
			f.export()
			if want := (publishedOperations + tt.every - 1) / tt.every; struck != want {
				t.Errorf("%d operations panicked behind the guard, want %d", struck, want)
			}
			if f.verdict.bad() {
				t.Errorf("%+v", f.verdict)
			}
			fmt.Printf("R35: %s: %d panics in %d operations, %d processes dead, %d answers not 500, %d without stack in the log, %d with an effect, %d next writes refused (all operations on memory, a quarter on SQLite; 0, 0, 0, 0, 0)\n",
				tt.name, f.verdict.struck, struck, f.verdict.dead, f.verdict.wrong, f.verdict.silent, f.verdict.changed, f.verdict.stuck)
		})
	}
}

// TestR35_PanicInEveryHandler_NegativeControl does it where nothing contains a
// panic, and on a store that keeps its lock after one.
func TestR35_PanicInEveryHandler_NegativeControl(t *testing.T) {
	f := newMinefield(t, memory.New(), false)
	f.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.m.pass()
		f.ServeHTTP(w, r)
	})
	f.strike(0, http.MethodGet, resourcestest.Service, nil)
	if v := f.verdict; v.dead != 1 || v.wrong != 1 || v.silent != 1 {
		t.Errorf("an API that does not contain panics passed: %+v", v)
	}
	f = newMinefield(t, memory.New(), true)
	f.strike(6, http.MethodPut, resourcestest.Service+"/tags/t", map[string]any{"properties": map[string]any{"displayName": "t"}})
	if v := f.verdict; v.stuck != 1 {
		t.Errorf("a store that keeps its lock passed: %+v", v)
	}
}
