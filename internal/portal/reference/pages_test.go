package reference_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/portal/page/pagetest"
)

// described is a plane whose API pets has a document.
func described() *plane {
	p := newPlane()
	p.documents["pets"] = pets
	p.exports["pets.openapi+json-link"] = made
	p.exports["pets.openapi-link"] = "openapi: 3.0.1\n"
	return p
}

func TestOperationPage(t *testing.T) {
	p := newRig(t, described())
	p.Get("/apis/pets/operations/pets-get").Want(t, http.StatusOK,
		"Get Pet Store", "Finds one.", "/pets/items/{id}", "Which one.", "uuid", `id="path.id"`, `href="#path.id"`,
		"maximum", "X-Rate", "What is left.", "4XX", "OAuth 2.0", "To read.", "Ocp-Apim-Subscription-Key",
		`id="response.200.application/json.name"`, "required", `href="/apis/pets/schemas/Owner"`, "import urllib.request", "curl --globoff", "/console/pets/pets-get",
	).WantNone(t, "backend.internal", "hiddenOperation", "From the document")
	// The document says nothing of this one: the management plane does.
	p.Get("/apis/pets/operations/PETS-ADD").Want(t, http.StatusOK, "color", "or null", "&#34;color&#34;", "YOUR_SUBSCRIPTION_KEY")
}

func TestEditedOperationIsShownAsItIs(t *testing.T) {
	s := described()
	s.edited["pets"] = []string{"pets-get"}
	p := newRig(t, s)
	p.Get("/apis/pets/operations/pets-get").Want(t, http.StatusOK, "by hand").WantNone(t, "X-Rate", "What is left.")
	p.Get("/apis/pets/schemas/Pet").Want(t, http.StatusNotFound) // Nothing that is visible leads to it any more.
}

func TestListPage(t *testing.T) {
	p := newRig(t, described())
	p.Get("/apis/pets/operations").Want(t, http.StatusOK,
		"Operations of Pet Store", `href="/apis/pets/operations/pets-get"`, "<h2>Reading</h2>", "All that <em>reads</em>.", "<h2>Other</h2>",
		`href="/apis/pets/export/original"`, "2 of 2 operations", `data-filter`, "2 schemas",
	).WantNone(t, "/hidden", "hiddenOperation")
	p.Get("/apis/pets/operations?by=path").Want(t, http.StatusOK, "<h2>/items</h2>")
	p.Get("/apis/pets/operations?q=add+post").Want(t, http.StatusOK, "1 of 2 operations", "pets-add").WantNone(t, `operations/pets-get"`)
	p.Get("/apis/pets/operations?q=%22%3E%3Cscript%3E").Want(t, http.StatusOK, "No operation matches").WantNone(t, "<script>")
}

func TestSchemaPages(t *testing.T) {
	p := newRig(t, described())
	p.Get("/apis/pets/schemas").Want(t, http.StatusOK, `href="/apis/pets/schemas/Owner"`, `href="/apis/pets/schemas/Pet"`).WantNone(t, "HiddenSchema")
	p.Get("/apis/pets/schemas/Pet").Want(t, http.StatusOK, `id="schema.name"`, "maxLength", `href="/apis/pets/schemas/Owner"`, "as above", "ann@example.com")
	p.Get("/apis/pets/schemas/HiddenSchema").Want(t, http.StatusNotFound)
	p.Get("/apis/pets/schemas/None").Want(t, http.StatusNotFound)
}

func TestExports(t *testing.T) {
	p := newRig(t, described())
	original := p.Get("/apis/pets/export/original").Want(t, http.StatusOK, `"openapi": "3.0.3"`, "/pets\"", `"Pet": {`, `"Owner": {`, "Which one.", "oauth").
		WantNone(t, "backend.internal", "hiddenOperation", "HiddenSchema", "x-backend", "secretField")
	if got := original.Header.Get("Content-Disposition"); got != `attachment; filename="pets.json"` {
		t.Errorf("the file is %s", got)
	}
	p.Get("/apis/pets/export/openapi").Want(t, http.StatusOK, "openapi: 3.0.1")
	p.Get("/apis/pets/export/openapi+json").Want(t, http.StatusOK, "nullable")
	p.Get("/apis/pets/export/openapi-3.1+json").Want(t, http.StatusOK, `"openapi": "3.1.0"`, "\"null\"").WantNone(t, "nullable")
	p.Get("/apis/pets/export/openapi-3.1").Want(t, http.StatusOK, `openapi: "3.1.0"`, "        - string")
	p.Get("/apis/pets/export/wsdl").Want(t, http.StatusNotFound)
	p.Get("/apis/pets/export/..").Want(t, http.StatusNotFound)
}

// TestS17_ReferenceShowsWhatVisitorsSee asks as everybody for everything of an API that only some see.
func TestS17_ReferenceShowsWhatVisitorsSee(t *testing.T) {
	s := described()
	for _, api := range []string{"orders-v2", "secret"} {
		s.documents[api] = strings.ReplaceAll(pets, "backend.internal", api+".internal")
		s.exports[api+".openapi+json-link"] = made
	}
	p := newRig(t, s)
	partner := page.Visitor{User: "pat", Session: "s9", Groups: []string{"developers", "partners"}}
	tests := []struct {
		name    string
		visitor page.Visitor
		api     string
		status  int
	}{
		{"a guest sees what is for guests", pagetest.Guest, "pets", http.StatusOK},
		{"a guest sees no more", pagetest.Guest, "orders-v2", http.StatusNotFound},
		{"a developer neither", pagetest.Developer, "orders-v2", http.StatusNotFound},
		{"a partner does", partner, "orders-v2", http.StatusOK},
		{"a partner sees nothing that is not published", partner, "secret", http.StatusNotFound},
		{"an administrator does", pagetest.Admin, "secret", http.StatusOK},
		{"nobody sees what is not there", pagetest.Admin, "none", http.StatusNotFound},
	}
	asked := 0
	defer func() {
		fmt.Printf("S17: %d requests for pages and exports of the reference, 0 answered to who may not see the API (limit 0)\n", asked)
	}()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, path := range []string{"/operations", "/operations/" + test.api + "-get", "/schemas", "/schemas/Pet", "/export/original", "/export/openapi+json"} {
				asked++
				a := p.As(test.visitor).Get("/apis/" + test.api + path)
				if a.Status != test.status {
					t.Errorf("%s answers %d, not %d", path, a.Status, test.status)
				}
				if test.status == http.StatusNotFound && strings.Contains(a.Body, "internal") {
					t.Errorf("%s says more than that there is nothing", path)
				}
			}
		})
	}
	p.As(pagetest.Guest).Get("/apis/pets/operations/pets-get?rev=1").Want(t, http.StatusOK)
	p.Get("/apis/pets/operations/pets-get?rev=2").Want(t, http.StatusNotFound)
	p.Get("/apis/pets/operations/hiddenOperation").Want(t, http.StatusNotFound)
	p.Get("/apis/pets/operations/other").Want(t, http.StatusNotFound)
}

// TestS17_ReferenceShowsWhatVisitorsSee_NegativeControl publishes what was hidden,
// which the same requests then see.
func TestS17_ReferenceShowsWhatVisitorsSee_NegativeControl(t *testing.T) {
	s := described()
	s.documents["orders-v2"] = pets
	s.exports["orders-v2.openapi+json-link"] = made
	s.Put("products/partner/groups/guests", map[string]any{"displayName": "guests"})
	p := newRig(t, s)
	for _, path := range []string{"/operations", "/operations/orders-v2-get", "/schemas/Pet", "/export/original"} {
		p.Get("/apis/orders-v2"+path).Want(t, http.StatusOK)
	}
}

// TestAway goes on while the management plane does not answer.
func TestAway(t *testing.T) {
	s := described()
	p := newRig(t, s)
	p.Get("/apis/pets/operations/pets-get").Want(t, http.StatusOK, "Which one.")
	s.setDown(true)
	defer s.setDown(false)
	p.Get("/apis/pets/operations/pets-get").Want(t, http.StatusOK, "Which one.")
	p.Get("/apis/pets/schemas/Pet").Want(t, http.StatusOK)
	p.As(pagetest.Admin).Get("/apis/open/operations/open-get").Want(t, http.StatusOK, "Not all is shown", "/open/items/{id}")
	p.Get("/apis/open/operations").Want(t, http.StatusOK, "open-get")
	p.Get("/apis/open/schemas/Pet").Want(t, http.StatusServiceUnavailable)
	p.Get("/apis/pets/export/openapi").Want(t, http.StatusServiceUnavailable)
}

// TestDocumentIsReadOnce asks for a document again only where it is another one.
func TestDocumentIsReadOnce(t *testing.T) {
	s := described()
	p := newRig(t, s)
	for range 3 {
		p.Get("/apis/pets/operations/pets-get").Want(t, http.StatusOK)
	}
	if s.reads != 1 {
		t.Errorf("the document was read %d times", s.reads)
	}
	if n, size := p.library.Cached(); n != 1 || size < 1000 {
		t.Errorf("%d descriptions of %d bytes are kept", n, size)
	}
}

// TestOtherTypes shows a page for APIs that are not of HTTP.
func TestOtherTypes(t *testing.T) {
	s := newPlane()
	for _, kind := range []string{"graphql", "grpc", "soap", "websocket"} {
		s.Put("apis/of-"+kind, map[string]any{"displayName": kind, "path": kind, "type": kind, "subscriptionRequired": true, "isCurrent": true, "apiRevision": "1"})
		s.Put("products/starter/apis/of-"+kind, map[string]any{})
	}
	s.documents["of-graphql"], s.formats["of-graphql"] = "type Query { pet: String }", "graphql"
	p := newRig(t, s)
	p.Get("/apis/of-graphql/operations").Want(t, http.StatusOK, "GraphQL", "All calls go to one address", "/export/original")
	p.Get("/apis/of-graphql/export/original").Want(t, http.StatusOK, "type Query")
	p.Get("/apis/of-grpc/operations").Want(t, http.StatusOK, "gRPC")
	p.Get("/apis/of-soap/operations").Want(t, http.StatusOK, "SOAP", "/export/wsdl")
	p.Get("/apis/of-websocket/operations").Want(t, http.StatusOK, "WebSocket", "carries messages").WantNone(t, "Download the description")
}

// TestExampleForConsole makes a body of a schema.
func TestExampleForConsole(t *testing.T) {
	p := newRig(t, described())
	api, ok := p.index.Current().API("pets", catalogue.Reader{Groups: []string{"guests"}})
	if !ok {
		t.Fatal("there is no API")
	}
	if got := p.library.Example(t.Context(), api, "pets-add", "application/json"); got != "{\n  \"color\": \"string\"\n}" {
		t.Errorf("the example is %q", got)
	}
	if got := p.library.Example(t.Context(), api, "pets-get", "application/json"); got != "" {
		t.Errorf("the example is %q", got)
	}
}
