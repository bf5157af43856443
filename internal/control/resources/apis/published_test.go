package apis_test

import (
	"net/http"
	"strings"
	"testing"
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
