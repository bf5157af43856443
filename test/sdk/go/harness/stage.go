package harness

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

// stage is the server of one example, with what the example assumes.
type stage struct {
	server  *resourcestest.Server
	version string
	samples samples
	want    map[string]any
	set     bool
	made    map[string]bool
	log     []string
}

// send answers a request of the example. Before the first one, what the example
// assumes is put into the server.
func (s *stage) send(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	if !s.set {
		s.set, s.made = true, map[string]bool{}
		s.prepare(r, string(body))
	}
	w := httptest.NewRecorder()
	s.server.ServeHTTP(w, r)
	response := w.Result()
	response.Request = r
	s.note(r.Method, r.URL.RequestURI(), string(body), w)
	return response, nil
}

// note keeps what was done, for the message of a failure.
func (s *stage) note(method, path, body string, w *httptest.ResponseRecorder) {
	line := fmt.Sprintf("  %s %s → %d", method, short(path, 300), w.Code)
	if body != "" {
		line += "\n      " + short(body, 600)
	}
	if w.Body.Len() > 0 {
		line += "\n    = " + short(w.Body.String(), 900)
	}
	s.log = append(s.log, line)
}

// story is what was done, in order.
func (s *stage) story() string { return strings.Join(s.log, "\n") }

func short(text string, most int) string {
	if len(text) > most {
		return text[:most] + "…"
	}
	return text
}

// put puts something into the server, and says whether it is there then.
func (s *stage) put(path, body string) bool {
	r := httptest.NewRequest(http.MethodPut, (&urlPath{path}).String()+"?api-version="+s.version, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.server.ServeHTTP(w, r)
	if w.Code >= 300 {
		s.note("(prepare) PUT", path, body, w)
	}
	return w.Code < 300
}

// urlPath encodes a path.
type urlPath struct{ path string }

// String writes the path as it stands in a URL.
func (p *urlPath) String() string {
	return strings.NewReplacer(" ", "%20", "?", "%3F", "#", "%23").Replace(p.path)
}

// prepare makes what the request is about and what it refers to.
func (s *stage) prepare(r *http.Request, body string) {
	service, segments := split(r.URL.Path)
	if service == "" {
		s.prepareServices()
		return
	}
	if len(segments) == 0 {
		if r.Method != http.MethodPut {
			s.service(service, s.want)
		}
		return
	}
	s.service(service, nil)
	s.refer(service, segments, body)
	odd := len(segments)%2 == 1
	resource := segments
	if odd {
		resource = segments[:len(segments)-1]
	}
	s.ancestors(service, resource)
	switch {
	case r.Method == http.MethodPut && !odd:
	case r.Method == http.MethodGet && odd && s.items() != nil:
		s.prepareItems(service, segments)
	case odd:
		s.make(service, resource, nil)
	default:
		s.make(service, resource, s.want)
	}
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
	for _, item := range s.items() {
		object, _ := item.(map[string]any)
		id, _ := object["id"].(string)
		if service, segments := split(id); service != "" && len(segments) == 0 {
			s.service(id, object)
		}
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
		if name == "" {
			continue
		}
		s.refer(service, nil, encode(object))
		s.make(service, append(slices.Clone(collection), name), object)
	}
}

// ancestors makes everything above a resource.
func (s *stage) ancestors(service string, segments []string) {
	for end := 2; end < len(segments); end += 2 {
		s.make(service, segments[:end], nil)
	}
}

// make makes one resource: as it is expected, else as a sample has it.
func (s *stage) make(service string, segments []string, want map[string]any) {
	path := service + "/" + strings.Join(segments, "/")
	key := strings.ToLower(path)
	if len(segments) < 2 || s.made[key] {
		return
	}
	s.made[key] = true
	if target := s.target(segments); target != nil {
		s.make(service, target, want)
	}
	if want != nil {
		body := encode(given(want))
		s.refer(service, nil, body)
		if s.put(path, body) {
			return
		}
	}
	sample := s.samples.body(path)
	s.refer(service, nil, sample)
	s.put(path, sample)
}

// given is the part of an expected answer that a PUT takes.
func given(want map[string]any) map[string]any {
	object := map[string]any{}
	for name, value := range want {
		if name != "id" && name != "type" && name != "name" {
			object[name] = value
		}
	}
	return object
}

// links are the collections whose elements are resources that stand elsewhere
// under the same name.
var links = []string{
	"products/apis", "products/groups", "groups/users", "gateways/apis", "apis/tags", "products/tags",
	"operations/tags", "notifications/recipientusers", "apis/tagdescriptions", "gateways/certificateauthorities",
}

// target is where the resource stands that a link leads to, or nil.
func (s *stage) target(segments []string) []string {
	n := len(segments)
	if n < 4 {
		return nil
	}
	pair := strings.ToLower(segments[n-4] + "/" + segments[n-2])
	if !slices.Contains(links, pair) {
		return nil
	}
	collection := segments[n-2]
	switch strings.ToLower(collection) {
	case "recipientusers":
		collection = "users"
	case "tagdescriptions":
		collection = "tags"
	case "certificateauthorities":
		collection = "certificates"
	}
	target := []string{collection, segments[n-1]}
	if strings.EqualFold(segments[0], "workspaces") {
		target = append(slices.Clone(segments[:2]), target...)
	}
	return target
}

// named are the fields that name a resource without saying its collection.
var named = map[string]string{
	"authorizationServerId": "authorizationServers", "openidProviderId": "openidConnectProviders", "schemaId": "",
}

// refer makes what a body, or the last segment of a link, refers to.
func (s *stage) refer(service string, segments []string, body string) {
	if target := s.target(segments); target != nil {
		s.ancestors(service, target)
		s.make(service, target, nil)
	}
	var object any
	if body == "" || json.Unmarshal([]byte(body), &object) != nil {
		return
	}
	workspace := ""
	if len(segments) > 1 && strings.EqualFold(segments[0], "workspaces") {
		workspace = "/" + segments[0] + "/" + segments[1]
	}
	s.follow(service, workspace, "", object)
}

// follow looks for references in a value.
func (s *stage) follow(service, workspace, field string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			if name != "id" || field == "services" {
				s.follow(service, workspace, name, inner)
			}
		}
	case []any:
		for _, inner := range v {
			s.follow(service, workspace, field, inner)
		}
	case string:
		if collection := named[field]; collection != "" && v != "" {
			s.make(service, []string{collection, v}, nil)
			return
		}
		s.reference(service, workspace, v)
	}
}

// roots are the collections that references lead to.
var roots = []string{
	"apis", "products", "users", "groups", "loggers", "apiversionsets", "backends", "certificates", "workspaces",
	"tags", "namedvalues", "authorizationservers", "openidconnectproviders", "gateways", "identityproviders",
}

// reference makes what a string refers to, where it is a reference.
func (s *stage) reference(service, workspace, text string) {
	own, segments := split(text)
	if own == "" {
		if !strings.HasPrefix(text, "/") {
			return
		}
		segments = strings.Split(strings.Trim(text, "/"), "/")
		if workspace != "" {
			segments = append(strings.Split(workspace[1:], "/"), segments...)
		}
	}
	if len(segments) < 2 || len(segments)%2 == 1 || !slices.Contains(roots, strings.ToLower(segments[0])) {
		return
	}
	s.ancestors(service, segments)
	s.make(service, segments, nil)
}

func encode(value any) string {
	raw, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(raw)
}
