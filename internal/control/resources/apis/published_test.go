package apis_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/control/publish"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/policies"
	"github.com/sallyport/sallyport/internal/snapshot"
)

// TestPublished has gateways compile what imports, copies and releases keep.
func TestPublished(t *testing.T) {
	compiler, err := expr.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	settings := &snapshot.Settings{Policies: policies.All(), Expressions: compiler}
	s := withRevisions(t)
	compiles := func(step string) {
		t.Helper()
		err := s.Plane.Read(t.Context(), &resource.Call{}, func(session *resource.Session) error {
			doc, err := publish.Document(session, resource.ID(resourcestest.Service))
			if err != nil {
				return err
			}
			_, problems := snapshot.Compile(doc, settings)
			return problems.Err()
		})
		if err != nil {
			t.Errorf("after %s: %v", step, err)
		}
	}
	compiles("a revision")
	s.Put("apis/echo/releases/second", `{"properties": {"apiId": "/apis/echo;rev=2"}}`)
	compiles("a release")
	s.Put("apis/pets", importOf("openapi", pets))
	s.Put("apis/pets;rev=2", `{"properties": {"path": "pets", "sourceApiId": "/apis/pets"}}`)
	compiles("an import")
	s.Put("apiVersionSets/set", `{"properties": {"displayName": "Set", "versioningScheme": "Segment"}}`)
	s.Put("apis/pets-v2", importOf("openapi", strings.ReplaceAll(pets, "listPets", "allPets"), "apiVersion", "v2", "path", "more", "apiVersionSetId", "/apiVersionSets/set"))
	s.Put("apis/ws", `{"properties": {"path": "ws", "type": "websocket", "serviceUrl": "wss://echo.example"}}`)
	compiles("versions and WebSockets")
	s.Must(http.MethodDelete, "apis/pets?deleteRevisions=true", nil, http.StatusAccepted)
	compiles("a delete")
}
