package pagetest

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sallyport/sallyport/internal/client"
)

// Service is the ARM id of the service in tests.
const Service = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/contoso"

// Management answers as the management API does for resources of any kind: put,
// get, patch, list and delete with ETags, by their paths below the service. What
// a test gives with Handle is asked first.
type Management struct {
	// Client calls it.
	Client *client.Client
	// URL is where it listens, for clients of the test's own.
	URL string

	mu        sync.Mutex
	resources map[string]entry
	revision  int
	away      bool
	handlers  map[string]http.HandlerFunc
	calls     []string
}

type entry struct {
	properties map[string]any
	revision   int
}

// NewManagement starts a management API with nothing in it.
func NewManagement(t testing.TB) *Management {
	t.Helper()
	m := &Management{resources: map[string]entry{}, handlers: map[string]http.HandlerFunc{}}
	server := httptest.NewServer(m)
	t.Cleanup(server.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	c, err := client.New(client.Options{BaseURL: server.URL, Service: Service, Transport: transport})
	if err != nil {
		t.Fatalf("making a client: %v", err)
	}
	m.Client, m.URL = c, server.URL
	return m
}

// Away makes the API answer nothing but 503, or lets it answer again.
func (m *Management) Away(away bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.away = away
}

// Handle answers what a method and path below the service name: "POST
// sallyportSignIn". A part of the path may be "*".
func (m *Management) Handle(pattern string, f http.HandlerFunc) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.handlers[pattern] = f
}

// Set puts a resource there. Properties may be a struct or a map.
func (m *Management) Set(name string, properties any) {
	text, err := json.Marshal(properties)
	if err != nil {
		return
	}
	var p map[string]any
	if json.Unmarshal(text, &p) != nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.revision++
	m.resources[name] = entry{p, m.revision}
}

// Remove takes a resource away.
func (m *Management) Remove(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.resources, name)
}

// Properties are those of a resource, nil where there is none.
func (m *Management) Properties(name string) map[string]any {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.resources[name].properties)
}

// Calls are the requests so far: "PUT users/ann".
func (m *Management) Calls() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.calls)
}

// ServeHTTP implements http.Handler.
func (m *Management) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.Trim(strings.TrimPrefix(r.URL.Path, Service), "/")
	m.mu.Lock()
	m.calls = append(m.calls, r.Method+" "+name)
	away, handler := m.away, m.handler(r.Method, name)
	m.mu.Unlock()
	switch {
	case away:
		fail(w, http.StatusServiceUnavailable, "ServiceUnavailable", "The management plane is away.")
	case handler != nil:
		handler(w, r)
	default:
		m.serve(w, r, name)
	}
}

func (m *Management) handler(method, name string) http.HandlerFunc {
	for pattern, f := range m.handlers {
		want, glob, _ := strings.Cut(pattern, " ")
		if ok, err := path.Match(glob, name); want == method && ok && err == nil {
			return f
		}
	}
	return nil
}

func (m *Management) serve(w http.ResponseWriter, r *http.Request, name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, there := m.resources[name]
	if stale(r, e, there) {
		fail(w, http.StatusPreconditionFailed, "PreconditionFailed", "The resource has changed, or is there already.")
		return
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		if strings.Count(name, "/")%2 == 0 && !there {
			m.list(w, name)
			return
		}
		if !there {
			fail(w, http.StatusNotFound, "ResourceNotFound", "The resource was not found.")
			return
		}
		m.answer(w, http.StatusOK, name)
	case http.MethodPut, http.MethodPatch:
		m.write(w, r, name, there)
	case http.MethodDelete:
		delete(m.resources, name)
		w.WriteHeader(http.StatusOK)
	default:
		fail(w, http.StatusNotFound, "ResourceNotFound", "There is no such action.")
	}
}

func stale(r *http.Request, e entry, there bool) bool {
	if r.Header.Get("If-None-Match") == "*" && there {
		return true
	}
	want := r.Header.Get("If-Match")
	return there && want != "" && want != "*" && want != fmt.Sprintf(`"%d"`, e.revision)
}

func (m *Management) write(w http.ResponseWriter, r *http.Request, name string, there bool) {
	text, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	var body struct {
		Properties map[string]any `json:"properties"`
	}
	if err == nil && len(text) > 0 {
		err = json.Unmarshal(text, &body)
	}
	if err != nil {
		fail(w, http.StatusBadRequest, "ValidationError", "The body cannot be read.")
		return
	}
	status, p := http.StatusCreated, map[string]any{}
	if there {
		status = http.StatusOK
	}
	if r.Method == http.MethodPatch {
		if !there {
			fail(w, http.StatusNotFound, "ResourceNotFound", "The resource was not found.")
			return
		}
		maps.Copy(p, m.resources[name].properties)
	}
	maps.Copy(p, body.Properties)
	m.revision++
	m.resources[name] = entry{p, m.revision}
	m.answer(w, status, name)
}

func (m *Management) list(w http.ResponseWriter, folder string) {
	value := []any{}
	for _, name := range slices.Sorted(maps.Keys(m.resources)) {
		rest, ok := strings.CutPrefix(name, folder+"/")
		if ok && !strings.Contains(rest, "/") {
			value = append(value, m.resource(name))
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{"value": value, "count": len(value)})
}

func (m *Management) resource(name string) map[string]any {
	return map[string]any{
		"id": Service + "/" + name, "name": path.Base(name),
		"type": "Microsoft.ApiManagement/service/" + path.Dir(name), "properties": m.resources[name].properties,
	}
}

func (m *Management) answer(w http.ResponseWriter, status int, name string) {
	w.Header().Set("ETag", fmt.Sprintf(`"%d"`, m.resources[name].revision))
	writeJSON(w, status, m.resource(name))
}

func fail(w http.ResponseWriter, status int, code, message string) {
	writeJSON(w, status, map[string]any{"error": map[string]any{"code": code, "message": message, "details": nil}})
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		status = http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}
