package console

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// plane is a management API for tests: what it answers, by method and path below
// the service. Lists that it does not have are empty.
type plane struct {
	mu      sync.Mutex
	answers map[string]any
	down    bool
	asked   []string
}

const testService = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/x"

// lists are the collections that are empty where nothing is said of them.
var lists = []string{"apis", "products", "apiVersionSets", "tagResources", "operations", "releases", "revisions", "groups", "tags", "subscriptions", "schemas"}

// RoundTrip implements http.RoundTripper.
func (p *plane) RoundTrip(r *http.Request) (*http.Response, error) {
	path := strings.Trim(strings.TrimPrefix(r.URL.EscapedPath(), testService), "/")
	p.mu.Lock()
	p.asked = append(p.asked, r.Method+" "+path)
	answer, ok := p.answers[r.Method+" "+path]
	down := p.down
	p.mu.Unlock()
	if path == "sallyportChanges" && r.URL.Query().Get("wait") != "0" {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	status, last := http.StatusOK, path[strings.LastIndexByte(path, '/')+1:]
	switch {
	case down:
		status, answer = http.StatusServiceUnavailable, map[string]any{"error": map[string]any{"code": "ServiceUnavailable", "message": "away"}}
	case path == "sallyportChanges":
		answer = map[string]any{"revision": 1, "changed": []string{}, "complete": true}
	case ok:
	case isList(last):
		answer = map[string]any{"value": []any{}, "count": 0}
	default:
		status, answer = http.StatusNotFound, map[string]any{"error": map[string]any{"code": "ResourceNotFound", "message": "There is no " + path + "."}}
	}
	raw, err := json.Marshal(answer)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(raw)), Request: r}, nil
}

func isList(last string) bool {
	return slices.Contains(lists, last)
}

// set says what is answered.
func (p *plane) set(key string, answer any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers[key] = answer
}

// fails makes the management plane be away, or come back.
func (p *plane) fails(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
}

func (p *plane) wasAsked(what string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Contains(p.asked, what)
}

type object = map[string]any

func resource(name string, properties object) object {
	return object{"id": testService + "/" + name, "name": name[strings.LastIndexByte(name, '/')+1:], "properties": properties}
}

func listOf(items ...any) object { return object{"value": items, "count": len(items)} }

// newPlane is a plane with a service, whose gateway is at an address, and two APIs:
// "shop", which all see, and "secret", which is in no product.
func newPlane(gateway string) *plane {
	shop := object{"displayName": "Shop", "path": "shop", "type": "http", "isCurrent": true, "isOnline": true, "subscriptionRequired": true,
		"subscriptionKeyParameterNames": object{"header": "Ocp-Apim-Subscription-Key", "query": "subscription-key"}, "protocols": []string{"https"},
		"apiRevision": "1", "authenticationSettings": object{"oAuth2": object{"authorizationServerId": "main", "scope": "orders"}}}
	hidden := object{"displayName": "Secret", "path": "shop/secret", "type": "http", "isCurrent": true, "isOnline": true, "subscriptionRequired": true, "apiRevision": "1"}
	order := resource("apis/shop/operations/order", object{"displayName": "Order", "method": "POST", "urlTemplate": "/orders/{id}",
		"templateParameters": []any{object{"name": "id", "type": "string", "required": true, "description": "The <b>id</b>."}},
		"request": object{
			"queryParameters": []any{object{"name": "size", "type": "string", "values": []string{"s", "l"}}},
			"headers":         []any{object{"name": "X-Trace-Name", "type": "string"}},
			"representations": []any{
				object{"contentType": "application/json", "examples": object{"default": object{"value": object{"item": "hat"}}}},
				object{"contentType": "multipart/form-data", "formParameters": []any{object{"name": "note", "type": "string"}, object{"name": "picture", "type": "file"}}},
			},
		},
		"responses": []any{object{"statusCode": 200, "representations": []any{object{"contentType": "application/json"}}}}})
	files := resource("apis/shop/operations/files", object{"displayName": "Files", "method": "GET", "urlTemplate": "/files/{*path}"})
	return &plane{answers: object{
		"GET ":                           resource("", object{"gatewayUrl": gateway}),
		"GET apis":                       listOf(resource("apis/shop", shop), resource("apis/secret", hidden)),
		"GET apis/shop":                  resource("apis/shop", shop),
		"GET products":                   listOf(resource("products/starter", object{"displayName": "Starter", "state": "published", "subscriptionRequired": true})),
		"GET apis/shop/operations":       listOf(order, files),
		"GET apis/shop/operations/order": order,
		"GET apis/shop/operations/files": files,
		"GET products/starter/apis":      listOf(resource("apis/shop", shop)),
		"GET products/starter/groups":    listOf(resource("groups/guests", object{}), resource("groups/developers", object{})),
		"GET users/ann/subscriptions": listOf(
			resource("subscriptions/mine", object{"displayName": "My key", "state": "active", "scope": testService + "/products/starter"}),
			resource("subscriptions/ended", object{"displayName": "Ended", "state": "cancelled", "scope": testService + "/products/starter"}),
			resource("subscriptions/other", object{"displayName": "Other", "state": "active", "scope": testService + "/apis/else"}),
		),
		"POST subscriptions/mine/listSecrets":   object{"primaryKey": "key-of-ann", "secondaryKey": "second"},
		"POST subscriptions/theirs/listSecrets": object{"primaryKey": "key-of-bob", "secondaryKey": "second"},
	}}
}

// listener is a gateway for tests that remembers what reached it.
type listener struct {
	*httptest.Server
	mu   sync.Mutex
	seen []*http.Request
	body []string
}

// newListener starts a gateway that answers with a handler, or with "ok".
func newListener(t *testing.T, answer http.HandlerFunc) *listener {
	t.Helper()
	l := &listener{}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		l.mu.Lock()
		l.seen, l.body = append(l.seen, r.Clone(r.Context())), append(l.body, string(body))
		l.mu.Unlock()
		if answer != nil {
			answer(w, r)
			return
		}
		_, _ = io.WriteString(w, "ok")
	}))
	t.Cleanup(l.Close)
	return l
}

// requests are what reached the gateway.
func (l *listener) requests() []*http.Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.seen
}

// bodies are the bodies that reached the gateway.
func (l *listener) bodies() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.body
}
