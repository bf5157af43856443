// Package cataloguetest gives tests of the portal's sections a service to show: a management API in memory, as
// much of it as the catalogue reads, that tests fill, change and take away.
package cataloguetest

import (
	"cmp"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/clock"
)

// ServiceID is the id of the service.
const ServiceID = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg1" +
	"/providers/Microsoft.ApiManagement/service/apimService1"

// Service is a management API with one service. Its methods are safe for concurrent use.
type Service struct {
	mu        sync.Mutex
	resources map[string]resource
	below     map[string]map[string]bool // The paths of what is in a collection.
	revision  int64
	log       []change
	changed   chan struct{}
	down      bool
	forgets   bool
	requests  []string
}

type resource struct {
	name       string
	properties map[string]any
}

type change struct {
	revision int64
	path     string
}

// New makes a service without anything in it.
func New() *Service {
	return &Service{resources: make(map[string]resource), below: make(map[string]map[string]bool), revision: 1, changed: make(chan struct{})}
}

// Client is a client of the service.
func (s *Service) Client(t testing.TB) *client.Client {
	t.Helper()
	c, err := client.New(client.Options{Service: ServiceID, Transport: s})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Put makes or replaces the resource at a path below the service, "apis/echo". Paths below "products/p/apis"
// and the like are links. A tag is put below what has it, "apis/echo/tags/t", with its displayName.
func (s *Service) Put(path string, properties map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := path[strings.LastIndexByte(path, '/')+1:]
	lower := strings.ToLower(path)
	s.resources[lower] = resource{name: name, properties: properties}
	collection := lower[:strings.LastIndexByte(lower, '/')]
	if s.below[collection] == nil {
		s.below[collection] = make(map[string]bool)
	}
	s.below[collection][lower] = true
	s.note(path)
}

// Delete removes a resource and what is below it.
func (s *Service) Delete(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	path = strings.ToLower(path)
	gone := func(p string) bool { return p == path || strings.HasPrefix(p, path+"/") }
	maps.DeleteFunc(s.resources, func(p string, _ resource) bool { return gone(p) })
	for _, paths := range s.below {
		maps.DeleteFunc(paths, func(p string, _ bool) bool { return gone(p) })
	}
	s.note(path)
}

// Note says that something has changed that the service does not hold: "users/ann/sallyportSessions/x".
func (s *Service) Note(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.note(path)
}

func (s *Service) note(path string) {
	s.revision++
	s.log = append(s.log, change{s.revision, path})
	close(s.changed)
	s.changed = make(chan struct{})
}

// SetDown takes the service away, and brings it back.
func (s *Service) SetDown(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
	close(s.changed)
	s.changed = make(chan struct{})
}

// Forget lets the service answer what has changed as incomplete, once.
func (s *Service) Forget() {
	s.mu.Lock()
	s.forgets = true
	s.mu.Unlock()
	s.Note("nothing")
}

// Revision is the service's revision.
func (s *Service) Revision() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.revision
}

// Requests returns the paths that were asked for since the last call, those of changes left out.
func (s *Service) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.requests
	s.requests = nil
	return r
}

// RoundTrip implements http.RoundTripper.
func (s *Service) RoundTrip(r *http.Request) (*http.Response, error) {
	path := strings.Trim(strings.TrimPrefix(r.URL.Path, ServiceID), "/")
	if path == "sallyportChanges" {
		return s.changes(r)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, path)
	if s.down {
		return answer(r, http.StatusServiceUnavailable, map[string]any{"error": map[string]any{"code": "ServiceUnavailable", "message": "down"}})
	}
	if path == "tagResources" {
		return list(r, s.tagResources())
	}
	if path == "" {
		return answer(r, http.StatusOK,
			body("", resource{name: "apimService1", properties: map[string]any{"gatewayUrl": "https://api.example.com"}}))
	}
	if strings.Count(path, "/")%2 == 1 {
		if found, ok := s.resources[strings.ToLower(path)]; ok {
			return answer(r, http.StatusOK, body(path, found))
		}
		return answer(r, http.StatusNotFound, map[string]any{"error": map[string]any{"code": "ResourceNotFound", "message": "not found"}})
	}
	return list(r, s.children(path))
}

// changes answers the long poll.
func (s *Service) changes(r *http.Request) (*http.Response, error) {
	after, _ := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64) // The client sends numbers.
	seconds, _ := strconv.Atoi(r.URL.Query().Get("wait"))            // As above.
	waits := seconds > 0
	over := clock.System().NewTimer(time.Duration(seconds) * time.Second)
	defer over.Stop()
	for {
		s.mu.Lock()
		if s.down {
			s.mu.Unlock()
			return answer(r, http.StatusServiceUnavailable, map[string]any{"error": map[string]any{"code": "ServiceUnavailable", "message": "down"}})
		}
		if s.revision != after || !waits {
			got := client.Changes{Revision: s.revision, Changed: []string{}, Complete: !s.forgets && after <= s.revision}
			s.forgets = false
			for _, c := range s.log {
				if c.revision > after && !slices.Contains(got.Changed, c.path) {
					got.Changed = append(got.Changed, c.path)
				}
			}
			s.mu.Unlock()
			return answer(r, http.StatusOK, got)
		}
		changed := s.changed
		s.mu.Unlock()
		select {
		case <-changed:
		case <-over.C():
			waits = false
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
}

// children lists a collection, in the order of paths.
func (s *Service) children(collection string) []any {
	items := []any{}
	for _, path := range slices.Sorted(maps.Keys(s.below[strings.ToLower(collection)])) {
		found := s.resources[path]
		if strings.HasSuffix(collection, "/revisions") {
			items = append(items, found.properties)
		} else {
			items = append(items, body(collection+"/"+found.name, found))
		}
	}
	return items
}

func (s *Service) tagResources() []any {
	items := []any{}
	for _, path := range slices.Sorted(maps.Keys(s.resources)) {
		owner, tag, ok := strings.Cut(path, "/tags/")
		if !ok || strings.Contains(tag, "/") || strings.HasPrefix(owner, "workspaces/") {
			continue
		}
		kind := "api"
		switch {
		case strings.HasPrefix(owner, "products/"):
			kind = "product"
		case strings.Contains(owner, "/operations/"):
			kind = "operation"
		}
		name, _ := s.resources[path].properties["displayName"].(string)
		items = append(items, map[string]any{
			"tag": map[string]any{"id": "/tags/" + tag, "name": cmp.Or(name, tag)}, kind: map[string]any{"id": "/" + owner, "name": owner},
		})
	}
	return items
}

func body(path string, r resource) map[string]any {
	return map[string]any{"id": ServiceID + "/" + path, "name": r.name, "type": "test", "properties": r.properties}
}

// list answers a page.
func list(r *http.Request, items []any) (*http.Response, error) {
	q := r.URL.Query()
	skip, _ := strconv.Atoi(cmp.Or(q.Get("$skip"), "0"))  // The client sends numbers.
	top, _ := strconv.Atoi(cmp.Or(q.Get("$top"), "1000")) // The client sends numbers.
	skip = min(skip, len(items))
	end := min(skip+top, len(items))
	page := map[string]any{"value": items[skip:end], "count": len(items)}
	if end < len(items) {
		next := url.Values{"$skip": {strconv.Itoa(end)}, "$top": {strconv.Itoa(top)}}
		page["nextLink"] = "https://management.example" + r.URL.Path + "?" + next.Encode()
	}
	return answer(r, http.StatusOK, page)
}

func answer(r *http.Request, status int, value any) (*http.Response, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
		Body: io.NopCloser(strings.NewReader(string(raw))),
	}, nil
}
