package harness

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
)

// prepare makes what the request is about and what it refers to.
func (s *stage) prepare(r *http.Request, body string) {
	service, segments := split(r.URL.Path)
	if service == "" {
		s.prepareServices()
		s.prepareGateways(r)
		return
	}
	if len(segments) == 0 {
		if strings.Contains(body, `"restore":true`) {
			s.deleted(map[string]any{"location": "South Central US", "properties": map[string]any{"serviceId": service}})
		} else if r.Method != http.MethodPut {
			s.service(service, s.want)
		}
		return
	}
	if s.want["sku"] != nil {
		s.service(service, s.want)
	} else {
		s.service(service, nil)
	}
	s.versionSet(service)
	s.document(body)
	odd := len(segments)%2 == 1
	var asked map[string]any
	if r.Method == http.MethodPut && !odd && json.Unmarshal([]byte(body), &asked) == nil {
		s.root(service, segments, overlaid(s.want, asked))
	}
	s.refer(service, segments, body)
	resource := segments
	if odd {
		resource = segments[:len(segments)-1]
	}
	s.ancestors(service, resource)
	if segments[0] == "restore" {
		s.backup(service, body)
	}
	switch {
	case r.Method == http.MethodPut && !odd:
	case r.Method == http.MethodGet && odd && s.items() != nil:
		s.make(service, resource, nil)
		s.prepareItems(service, segments)
	case odd && s.want["properties"] == nil:
		s.make(service, resource, nil)
	case len(resource) == 4 && !odd && s.reversed(service, resource[:3], resource[3], s.want):
	case len(resource) == 2 && resource[0] == "issues":
		properties, _ := s.want["properties"].(map[string]any)
		s.issue(service, resource[1], properties)
	case s.want["properties"] == nil:
		s.make(service, resource, nil)
	default:
		s.make(service, resource, s.want)
	}
}

// gatewayMark is what stands before the name of a workspace gateway.
const gatewayMark = "/providers/Microsoft.ApiManagement/gateways/"

// prepareGateways makes the workspace gateways that a request or a list is about.
func (s *stage) prepareGateways(r *http.Request) {
	const sample = `{"location": "West US", "sku": {"name": "Standard", "capacity": 1}, "properties": {}}`
	for _, item := range s.items() {
		object, _ := item.(map[string]any)
		id, _ := object["id"].(string)
		switch before, name, ok := strings.Cut(id, gatewayMark); {
		case ok && !strings.Contains(name, "/"):
			id = "/subscriptions/" + Subscription + before[strings.Index(before+"/resourceGroups", "/resourceGroups"):] + gatewayMark + name
			if !s.put(id, encode(given(object))) {
				s.put(id, sample)
			}
		}
	}
	before, below, ok := strings.Cut(r.URL.Path, gatewayMark)
	if !ok {
		return
	}
	segments := strings.Split(below, "/")
	gateway := before + gatewayMark + segments[0]
	if len(segments) > 1 || r.Method != http.MethodPut {
		if s.want["sku"] == nil || !s.put(gateway, encode(given(s.want))) {
			s.put(gateway, sample)
		}
	}
	if len(segments) == 3 && r.Method != http.MethodPut {
		s.put(r.URL.Path, encode(given(s.want)))
	}
	for _, item := range s.items() {
		if object, _ := item.(map[string]any); len(segments) == 2 && object["name"] != nil {
			s.put(fmt.Sprint(r.URL.Path, "/", object["name"]), encode(given(object)))
		}
	}
}

// versionSet makes the version set that is expected to be answered with an API.
func (s *stage) versionSet(service string) {
	properties, _ := s.want["properties"].(map[string]any)
	set, _ := properties["apiVersionSet"].(map[string]any)
	id, _ := set["id"].(string)
	if set == nil {
		return
	}
	set = maps.Clone(set)
	set["displayName"] = set["name"]
	delete(set, "id")
	s.make(service, []string{"apiVersionSets", id[strings.LastIndexByte(id, '/')+1:]}, map[string]any{"properties": set})
}

// backup makes the backup that is going to be restored.
func (s *stage) backup(service, body string) {
	r := httptest.NewRequestWithContext(s.ctx, http.MethodPost, service+"/backup?api-version="+s.version, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	s.server.ServeHTTP(httptest.NewRecorder(), r)
}

// service makes a service.
func (s *stage) service(path string, want map[string]any) {
	if want != nil && want["sku"] != nil && s.put(path, encode(want)) {
		return
	}
	s.put(path, `{"location": "West US", "sku": {"name": "Developer", "capacity": 1},
		"properties": {"publisherEmail": "apim@autorestsdk.com", "publisherName": "autorestsdk"}}`)
}

// prepareServices makes what lists of services expect.
func (s *stage) prepareServices() {
	for _, item := range append(s.items(), any(s.want)) {
		object, _ := item.(map[string]any)
		id, _ := object["id"].(string)
		if strings.Contains(strings.ToLower(id), "/deletedservices/") {
			s.deleted(object)
		}
		if service, segments := split(id); service != "" && len(segments) == 0 {
			s.service(id, object)
		}
	}
}

// issue makes an issue, which stands below its API.
func (s *stage) issue(service, name string, properties map[string]any) {
	api, _ := properties["apiId"].(string)
	_, segments := split(api)
	s.make(service, segments, nil)
	s.make(service, append(segments, "issues", name), map[string]any{"properties": properties})
}

// deleted makes a service and deletes it.
func (s *stage) deleted(object map[string]any) {
	properties, _ := object["properties"].(map[string]any)
	id, _ := properties["serviceId"].(string)
	location := object["location"]
	service, _ := split(id)
	if service == "" {
		return
	}
	s.put(service, fmt.Sprintf(`{"location": %q, "sku": {"name": "Developer", "capacity": 1}, "properties": {"publisherEmail": "a@example.org", "publisherName": "a"}}`, location))
	r := httptest.NewRequestWithContext(s.ctx, http.MethodDelete, service+"?api-version="+s.version, nil)
	w := httptest.NewRecorder()
	s.server.ServeHTTP(w, r)
	if w.Code >= 300 {
		s.note("(prepare) DELETE", service, "", w)
	}
}

// items are the elements of the list that is expected, or nil.
func (s *stage) items() []any {
	items, _ := s.want["value"].([]any)
	return items
}

// prepareItems makes the elements of the list that is expected.
func (s *stage) prepareItems(service string, collection []string) {
	for _, item := range s.items() {
		object, _ := item.(map[string]any)
		name, _ := object["name"].(string)
		if object["tag"] != nil {
			s.tagged(service, collection, object)
		}
		if name == "" {
			continue
		}
		if properties, _ := object["properties"].(map[string]any); len(collection) == 1 && collection[0] == "issues" {
			s.issue(service, name, properties)
			continue
		}
		if s.reversed(service, collection, name, object) {
			continue
		}
		s.make(service, append(slices.Clone(collection), name), object)
	}
}

// ancestors makes everything above a resource.
func (s *stage) ancestors(service string, segments []string) {
	for end := 2; end < len(segments); end += 2 {
		s.make(service, segments[:end], nil)
	}
}

// document lets the link of an import lead to a document.
func (s *stage) document(body string) {
	var object struct {
		Properties struct {
			Format string `json:"format"`
			Value  string `json:"value"`
		} `json:"properties"`
	}
	if json.Unmarshal([]byte(body), &object) != nil {
		return
	}
	if p := object.Properties; strings.Contains(p.Format, "link") {
		s.links[p.Value] = document(p.Format, s.want)
	}
}

// reversed makes an element of a list that shows links from their other side.
func (s *stage) reversed(service string, collection []string, name string, object map[string]any) bool {
	n := len(collection)
	if n < 3 {
		return false
	}
	parent, scope := collection[n-2], collection[:n-3]
	at := func(segments ...string) []string { return append(slices.Clone(scope), segments...) }
	switch strings.ToLower(collection[n-3] + "/" + collection[n-1]) {
	case "apis/products":
		s.make(service, at("products", name), object)
		s.make(service, at("products", name, "apis", parent), nil)
	case "users/groups":
		s.make(service, at("groups", name), object)
		s.make(service, at("groups", name, "users", parent), nil)
	case "users/subscriptions", "products/subscriptions":
		s.make(service, at("subscriptions", name), object)
	case "apis/revisions":
	case "users/identities", "service/workspacelinks":
	default:
		return false
	}
	return true
}

// tagged makes an element of a list by tags: a tag, what has it, and the link.
func (s *stage) tagged(service string, collection []string, object map[string]any) {
	tag, _ := object["tag"].(map[string]any)
	id, _ := tag["id"].(string)
	tagSegments := strings.Split(strings.Trim(id, "/"), "/")
	name := tagSegments[len(tagSegments)-1]
	s.make(service, []string{"tags", name}, map[string]any{"properties": map[string]any{"displayName": tag["name"]}})
	for _, kind := range []string{"api", "operation", "product"} {
		of, _ := object[kind].(map[string]any)
		id, _ := of["id"].(string)
		if id == "" {
			continue
		}
		segments := strings.Split(strings.Trim(id, "/"), "/")
		if len(collection) > 2 && strings.EqualFold(collection[0], segments[0]) {
			segments[1] = collection[1] // Some answers are about other APIs than their requests.
		}
		properties := given(of)
		properties["displayName"] = of["name"]
		s.ancestors(service, segments)
		s.make(service, segments, map[string]any{"properties": properties})
		s.make(service, append(segments, "tags", name), nil)
	}
}
