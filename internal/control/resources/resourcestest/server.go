// Package resourcestest gives tests of the kinds of resources a management API
// of their own: every kind, over a store in memory, for a caller who may do
// everything.
package resourcestest

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/contract"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources"
	"github.com/sallyport/sallyport/internal/control/rest"
	"github.com/sallyport/sallyport/internal/control/secret/vault"
	"github.com/sallyport/sallyport/internal/control/service"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
	"github.com/sallyport/sallyport/internal/control/traces"
	"github.com/sallyport/sallyport/internal/control/usage"
	"github.com/sallyport/sallyport/internal/counter"
)

// Service is the id of the service that every Server has, and Version the
// api-version of its requests.
const (
	Service = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg1" +
		"/providers/Microsoft.ApiManagement/service/apimService1"
	Version = "2024-05-01"
)

// Server is a management API with one service, apimService1.
type Server struct {
	// Clock stands still at the morning of 2026-01-01 until a test moves it.
	Clock *clock.Fake
	// Plane is what the API stands on, for sessions of a test's own.
	Plane *service.Plane
	// Documents are what links lead to, by URL.
	Documents map[string]string
	// Fetching, where it is set, is called before a document is fetched.
	Fetching func(link string)

	t       testing.TB
	handler http.Handler
}

// Options are what tests vary. The zero value is what most want.
type Options struct {
	Exporter resource.Exporter
	// Store is one in memory where it is nil.
	Store store.Store
	// Log is the test's where it is nil.
	Log *slog.Logger
	// Guard lets everyone do everything where it is nil.
	Guard rest.Guard
	// Backups are in memory where they are nil.
	Backups resource.Backups
	// Counters are out of reach where they are nil.
	Counters counter.Inspector
	// Vault reads no secrets where it is nil.
	Vault vault.Source
	// Limits are the limits of requests: a clock that stands still fills no
	// bucket, so there are none where it is nil.
	Limits *rest.Limits
}

// New makes a server, whose service is there already. exporter may be nil.
func New(t testing.TB, exporter resource.Exporter) *Server {
	t.Helper()
	return NewWith(t, Options{Exporter: exporter})
}

// complete puts what is usual in the place of what is nil.
func (o Options) complete(t testing.TB) Options {
	if o.Store == nil {
		o.Store = memory.New()
	}
	if o.Backups == nil {
		o.Backups = &Backups{Store: o.Store}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	if o.Guard == nil {
		o.Guard = everybody{}
	}
	if o.Limits == nil {
		o.Limits = &rest.Limits{}
	}
	return o
}

// NewWith makes a server, whose service is there already.
func NewWith(t testing.TB, o Options) *Server {
	t.Helper()
	o = o.complete(t)
	registry, err := resources.Registry()
	if err != nil {
		t.Fatal(err)
	}
	contracts, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{
		Clock:     clock.NewFake(time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)),
		Documents: map[string]string{},
		t:         t,
	}
	env := &resource.Environment{
		Registry: registry, Contracts: contracts, Sealer: Sealer{}, Fetcher: s, Vault: o.Vault, Exporter: o.Exporter, Backups: o.Backups,
		Clock: s.Clock, Location: "West US", Counters: o.Counters,
		GatewayURL: func(service string) string { return "https://" + service + ".example" },
	}
	if ledger, ok := o.Store.(store.Ledger); ok {
		env.Ledger = ledger
		env.Traces = traces.New(traces.Options{Ledger: ledger, Sealer: env.Sealer, Clock: s.Clock, Log: o.Log})
		env.Usage = usage.New(usage.Options{Ledger: ledger, Clock: s.Clock, Log: o.Log})
	}
	s.Plane = service.New(env, o.Store, nil)
	s.handler = rest.New(rest.Options{
		Plane: s.Plane, Guard: o.Guard, Log: o.Log, Base: "https://management.example", Limits: o.Limits,
	})
	status, _, body := s.Do(http.MethodPut, "", `{"location": "West US", "sku": {"name": "Developer", "capacity": 1},
		"properties": {"publisherEmail": "apim@example.com", "publisherName": "Example"}}`)
	if status != http.StatusCreated && status != http.StatusOK {
		t.Fatalf("the service cannot be made: %d %v", status, body)
	}
	return s
}

// Do sends a request. path is below the service, as "apis/echo?export=true", or
// begins with a slash and is below the host; body is JSON text, or any value
// that is encoded, or nil. headers are names and values in turn. The answer's
// body is nil where it has none.
func (s *Server) Do(method, path string, body any, headers ...string) (status int, header http.Header, answer map[string]any) {
	s.t.Helper()
	status, header, raw := s.Raw(method, path, body, headers...)
	if len(raw) == 0 {
		return status, header, nil
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		s.t.Fatalf("%s %s: the answer is no object of JSON: %v: %s", method, path, err, raw)
	}
	return status, header, answer
}

// Raw is Do, with the bytes of the answer.
func (s *Server) Raw(method, path string, body any, headers ...string) (int, http.Header, []byte) {
	s.t.Helper()
	var content []byte
	switch b := body.(type) {
	case nil:
	case string:
		content = []byte(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			s.t.Fatal(err)
		}
		content = raw
	}
	if !strings.HasPrefix(path, "/") {
		path = strings.TrimSuffix(Service+"/"+path, "/")
	}
	if !strings.Contains(path, "api-version=") {
		separator := "?"
		if strings.Contains(path, "?") {
			separator = "&"
		}
		path += separator + "api-version=" + Version
	}
	r := httptest.NewRequestWithContext(s.t.Context(), method, strings.ReplaceAll(path, " ", "%20"), bytes.NewReader(content))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w.Code, w.Header(), w.Body.Bytes()
}

// Must is Do for what has to give one of the statuses: the test ends where it
// does not. It returns the answer.
func (s *Server) Must(method, path string, body any, statuses ...int) map[string]any {
	s.t.Helper()
	status, _, answer := s.Do(method, path, body)
	if !slices.Contains(statuses, status) {
		s.t.Fatalf("%s %s: status %d, not %v: %v", method, path, status, statuses, answer)
	}
	return answer
}

// Put is Must for a PUT of something that is new, or is there already.
func (s *Server) Put(path string, body any) map[string]any {
	s.t.Helper()
	return s.Must(http.MethodPut, path, body, http.StatusCreated, http.StatusOK)
}

// Get is Must for a GET.
func (s *Server) Get(path string) map[string]any {
	s.t.Helper()
	return s.Must(http.MethodGet, path, nil, http.StatusOK)
}

// Names are the names of what a list answers, in its order.
func (s *Server) Names(path string) []string {
	s.t.Helper()
	list, _ := s.Get(path)["value"].([]any)
	names := make([]string, len(list))
	for i, item := range list {
		object, _ := item.(map[string]any)
		names[i], _ = object["name"].(string)
	}
	return names
}

// At is what is at a path of an answer: At(body, "properties.path"); nil where
// nothing is.
func At(body map[string]any, path string) any {
	value, _ := resource.At(body, path)
	return value
}

// Targets are the targets of the details of an error, sorted.
func Targets(body map[string]any) []string {
	list, _ := At(body, "error.details").([]any)
	targets := map[string]bool{}
	for _, item := range list {
		if detail, ok := item.(map[string]any); ok {
			targets[fmt.Sprint(detail["target"])] = true
		}
	}
	return slices.Sorted(maps.Keys(targets))
}

// Write calls f with a session of the plane, as the API's handlers have it.
func (s *Server) Write(f func(*resource.Session) error) error {
	call := &resource.Call{Principal: "test", Name: "test", Version: Version, Query: map[string]string{}}
	_, err := s.Plane.Write(s.t.Context(), call, f)
	return err
}

// Fetch answers with one of the Documents.
func (s *Server) Fetch(_ context.Context, link string) ([]byte, error) {
	if s.Fetching != nil {
		s.Fetching(link)
	}
	document, ok := s.Documents[link]
	if !ok {
		return nil, errors.New("the host answered 404")
	}
	return []byte(document), nil
}

// Sealer is a resource.Sealer that binds to the context and hides nothing.
type Sealer struct{}

// Seal binds the text to its place.
func (Sealer) Seal(plaintext []byte, place string) (string, error) {
	return "sealed:v1:" + base64.StdEncoding.EncodeToString([]byte(place)) + ":" + base64.StdEncoding.EncodeToString(plaintext), nil
}

// Open returns a text that was sealed for the place.
func (Sealer) Open(sealed, place string) ([]byte, error) {
	content, ok := strings.CutPrefix(sealed, "sealed:v1:"+base64.StdEncoding.EncodeToString([]byte(place))+":")
	if !ok {
		return nil, fmt.Errorf("it was sealed for another place than %s", place)
	}
	return base64.StdEncoding.DecodeString(content)
}

// everybody is a guard that lets everyone do everything.
type everybody struct{}

func (everybody) Authenticate(context.Context, string) (rest.Principal, error) {
	return rest.Principal{ID: "11111111-1111-1111-1111-111111111111", Name: "tester"}, nil
}

func (everybody) Allow(context.Context, rest.Principal, access.Permission, string) (bool, error) {
	return true, nil
}
