package apis_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/control/contract"
	"github.com/sallyport/sallyport/internal/control/publish"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/control/service"
	"github.com/sallyport/sallyport/internal/control/store/memory"
	"github.com/sallyport/sallyport/internal/policies"
	"github.com/sallyport/sallyport/internal/snapshot"
)

// TestPublished has gateways compile what imports, copies and releases keep.
func TestPublished(t *testing.T) {
	s := withRevisions(t)
	compile(t, s)
	s.Put("apis/echo/releases/second", `{"properties": {"apiId": "/apis/echo;rev=2"}}`)
	compile(t, s)
	s.Put("apis/pets", importOf("openapi", pets))
	s.Put("apis/pets;rev=2", `{"properties": {"path": "pets", "sourceApiId": "/apis/pets"}}`)
	compile(t, s)
	s.Put("apiVersionSets/set", `{"properties": {"displayName": "Set", "versioningScheme": "Segment"}}`)
	s.Put("apis/pets-v2", importOf("openapi", strings.ReplaceAll(pets, "listPets", "allPets"), "apiVersion", "v2", "path", "more", "apiVersionSetId", "/apiVersionSets/set"))
	s.Put("apis/ws", `{"properties": {"path": "ws", "type": "websocket", "serviceUrl": "wss://echo.example"}}`)
	compile(t, s)
	s.Must(http.MethodDelete, "apis/pets?deleteRevisions=true", nil, http.StatusAccepted)
	compile(t, s)
}

// TestReleaseReachesGateways has the publisher apply what a release changed to
// what gateways run, as it does at each commit.
func TestReleaseReachesGateways(t *testing.T) {
	compiler, err := compilerOf()
	if err != nil {
		t.Fatal(err)
	}
	env, st := resourcestest.New(t, nil).Plane.Environment(), memory.New()
	publisher := publish.New(publish.Options{
		Store: st, Environment: env, Settings: &snapshot.Settings{Policies: policies.All(), Expressions: compiler},
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Clock: env.Clock,
	})
	if err := publisher.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	plane := service.New(env, st, publisher)
	serviceID := resource.ID(resourcestest.Service)
	steps := []struct{ path, body string }{
		{"", `{"location": "x", "sku": {"name": "Developer", "capacity": 1}, "properties": {"publisherEmail": "a@example.com", "publisherName": "A"}}`},
		{"/apis/echo", echo},
		{"/apis/echo/operations/get", getThing},
		{"/apis/echo/policies/policy", noPolicy},
		{"/apis/echo;rev=2", `{"properties": {"path": "echo", "sourceApiId": "/apis/echo"}}`},
		{"/apis/echo;rev=2/operations/new", `{"properties": {"displayName": "New", "method": "GET", "urlTemplate": "/new"}}`},
		{"/apis/echo/releases/two", `{"properties": {"apiId": "/apis/echo;rev=2"}}`},
		{"/apis/echo/releases/one", `{"properties": {"apiId": "/apis/echo;rev=1"}}`},
		{"/apis/echo/releases/again", `{"properties": {"apiId": "/apis/echo;rev=2"}}`},
	}
	for _, step := range steps {
		body, err := contract.DecodeObject([]byte(step.body), 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		call := &resource.Call{Principal: "test", Version: resourcestest.Version, Query: map[string]string{}}
		revision, err := plane.Write(t.Context(), call, func(s *resource.Session) error {
			_, err := s.Put(serviceID+resource.ID(step.path), body)
			return err
		})
		if err != nil {
			t.Fatalf("%s: %v", step.path, err)
		}
		if now := publisher.Current(serviceID); now == nil || now.Revision() != uint64(revision) {
			t.Errorf("%s: gateways do not run revision %d", step.path, revision)
		}
	}
}
