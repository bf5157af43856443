package reference_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/asset"
	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/catalogue/cataloguetest"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/portal/page/pagetest"
	"github.com/sallyport/sallyport/internal/portal/reference"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// plane is a management API with descriptions.
type plane struct {
	*cataloguetest.Service

	mu        sync.Mutex
	documents map[string]string // By names of APIs.
	formats   map[string]string
	edited    map[string][]string
	exports   map[string]string
	reads     int
	down      bool
	// hold keeps the answers of documents back until it is closed; asked is told of
	// each. Both may be nil.
	hold, asked chan struct{}
}

// newPlane is a service with the APIs of the example.
func newPlane() *plane {
	s := cataloguetest.New()
	cataloguetest.Example(s)
	return &plane{Service: s, documents: map[string]string{}, formats: map[string]string{}, edited: map[string][]string{}, exports: map[string]string{}}
}

func (p *plane) setDown(down bool) {
	p.mu.Lock()
	p.down = down
	p.mu.Unlock()
	p.SetDown(down)
}

// RoundTrip implements http.RoundTripper.
func (p *plane) RoundTrip(r *http.Request) (*http.Response, error) {
	if p.hold != nil && strings.HasSuffix(r.URL.Path, "/document") {
		p.asked <- struct{}{}
		select {
		case <-p.hold:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	if response, err := p.own(r); response != nil {
		return response, err
	}
	return p.Service.RoundTrip(r)
}

// own answers what the service does not; nil leaves it to that.
func (p *plane) own(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down {
		return answer(http.StatusServiceUnavailable, map[string]any{"error": map[string]any{"code": "ServiceUnavailable", "message": "away"}})
	}
	name := client.NameIn("apis", r.URL.Path)
	_, own := client.WorkspaceOf(name)
	_, below, _ := strings.Cut(r.URL.Path, "/apis/"+own+"/")
	switch {
	case strings.HasPrefix(r.URL.Path, "/exports/"):
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(p.exports[strings.TrimPrefix(r.URL.Path, "/exports/")]))}, nil
	case r.URL.Query().Get("export") == "true":
		return answer(http.StatusOK, map[string]any{"value": map[string]any{"link": "http://elsewhere.example/exports/" + name + "." + r.URL.Query().Get("format")}})
	case below == "sallyportDescriptions/original" && p.documents[name] != "":
		format := p.formats[name]
		if format == "" {
			format = "openapi"
		}
		return answer(http.StatusOK, map[string]any{"id": r.URL.Path, "name": "original", "properties": map[string]any{
			"format": format, "sha256": p.documents[name][:min(20, len(p.documents[name]))], "edited": p.edited[name],
		}})
	case below == "sallyportDescriptions/original/document" && p.documents[name] != "":
		p.reads++
		return answer(http.StatusOK, map[string]any{"format": "openapi", "value": p.documents[name]})
	case strings.HasPrefix(below, "sallyportDescriptions/"):
		return answer(http.StatusNotFound, map[string]any{"error": map[string]any{"code": "ResourceNotFound", "message": "not found"}})
	}
	return nil, nil
}

func answer(status int, body any) (*http.Response, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(raw))}, nil
}

// rig is the section over a plane.
type rig struct {
	*pagetest.Portal
	plane   *plane
	library *reference.Library
	index   *catalogue.Catalogue
}

func newRig(t *testing.T, p *plane) *rig {
	t.Helper()
	c, err := client.New(client.Options{Service: cataloguetest.ServiceID, Transport: p})
	if err != nil {
		t.Fatal(err)
	}
	index, err := catalogue.Follow(t.Context(), catalogue.Options{Client: c})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { <-index.Done() })
	library := reference.NewLibrary(reference.LibraryOptions{Catalogue: index, Client: c})
	section := reference.New(reference.Options{Catalogue: index, Library: library})
	return &rig{pagetest.New(t, page.Options{Client: c}, append(asset.Sections(), section)...), p, library, index}
}

// pets is a document of the API pets of the example.
const pets = `openapi: 3.0.3
info: {title: Pets, version: "1"}
servers: [{url: https://backend.internal.example/v1}]
x-backend: secret
tags: [{name: Reading, description: All that *reads*.}]
paths:
  /items/{id}:
    get:
      operationId: other
      tags: [Reading]
      summary: From the document
      parameters:
        - {name: id, in: path, required: true, schema: {type: string, format: uuid}, description: Which one.}
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100, default: 10}}
      responses:
        "200":
          description: The pet.
          headers: {X-Rate: {description: What is left., schema: {type: integer}}}
          content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}
        4XX: {description: Wrong.}
      security: [{oauth: [read]}]
  /hidden:
    get:
      operationId: hiddenOperation
      responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/HiddenSchema"}}}}}
components:
  securitySchemes: {oauth: {type: oauth2, flows: {implicit: {authorizationUrl: "https://id.example/a", scopes: {read: To read.}}}}}
  schemas:
    Pet:
      type: object
      required: [name]
      properties:
        name: {type: string, maxLength: 80}
        owner: {$ref: "#/components/schemas/Owner"}
        parent: {$ref: "#/components/schemas/Pet"}
    Owner: {type: object, properties: {email: {type: string, format: email}}}
    HiddenSchema: {type: object, properties: {secretField: {type: string}}}
`

// made is what the management plane makes of the API.
const made = `{"openapi":"3.0.1","info":{"title":"Pet Store","version":"1"},"servers":[{"url":"https://gw/pets"}],
 "paths":{"/items":{"post":{"operationId":"pets-add","summary":"Add","requestBody":{"content":{"application/json":{"schema":{"type":"object","properties":{"color":{"type":"string","nullable":true}}}}}},"responses":{"201":{"description":"made"}}}},
 "/items/{id}":{"get":{"operationId":"pets-get","parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],"responses":{"200":{"description":"by hand"}}}}}}`
