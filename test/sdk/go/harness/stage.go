package harness

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
)

// stage is the server of one example, with what the example assumes.
type stage struct {
	server  http.Handler
	links   map[string]string // documents by URL
	version string
	samples samples
	want    map[string]any
	set     bool
	path    string // of the resource that the first request is about
	action  string // of the request itself
	body    string
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
		body = []byte(certificates(string(body)))
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	if r.Body == nil {
		r.Body = http.NoBody // As a server has it.
	}
	if !s.set {
		s.set, s.made = true, map[string]bool{}
		s.path, s.action, s.body = r.URL.Path, r.URL.Path, string(body)
		if _, segments := split(s.path); r.Method == http.MethodPost && len(segments)%2 == 1 && len(segments) > 1 {
			s.path = s.path[:strings.LastIndexByte(s.path, '/')]
		}
		s.prepare(r, string(body))
	}
	if r.Header.Get("If-Match") == "<if-match>" {
		r.Header.Set("If-Match", s.etag(r.URL.Path))
	}
	w := httptest.NewRecorder()
	s.server.ServeHTTP(w, r)
	response := w.Result()
	response.Request = r
	s.note(r.Method, r.URL.RequestURI(), string(body), w)
	return response, nil
}

// etag is the version of a resource, for the examples that leave it open.
func (s *stage) etag(path string) string {
	w := httptest.NewRecorder()
	s.server.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path+"?api-version="+s.version, nil))
	return w.Header().Get("ETag")
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
	body = certificates(body)
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
	r := httptest.NewRequest(http.MethodPost, service+"/backup?api-version="+s.version, strings.NewReader(body))
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
	r := httptest.NewRequest(http.MethodDelete, service+"?api-version="+s.version, nil)
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

// make makes one resource: as it is expected, else as a sample has it.
func (s *stage) make(service string, segments []string, want map[string]any) {
	path := service + "/" + strings.Join(segments, "/")
	key := strings.ToLower(path)
	if len(segments) < 2 || s.made[key] {
		return
	}
	s.made[key] = true
	s.root(service, segments, want)
	if target := s.target(segments); target != nil {
		s.make(service, target, want)
	}
	if want != nil {
		body := encode(given(sourced(service, segments, want)))
		s.references(service, segments, body)
		if s.put(path, body) || s.put(path, completed(body, s.samples.body(path))) {
			return
		}
	}
	sample := s.samples.body(path)
	s.references(service, segments, sample)
	s.put(path, sample)
}

// overlaid is an expected resource with what a request says of it.
func overlaid(want, asked map[string]any) map[string]any {
	properties := map[string]any{}
	for _, tree := range []map[string]any{want, asked} {
		p, _ := tree["properties"].(map[string]any)
		maps.Copy(properties, p)
	}
	return map[string]any{"properties": properties}
}

// root makes the API of which a resource is a revision that is not current.
func (s *stage) root(service string, segments []string, want map[string]any) {
	last := len(segments) - 1
	name, _, ok := strings.Cut(segments[last], ";rev=")
	if !ok || !strings.EqualFold(segments[last-1], "apis") {
		return
	}
	root := append(slices.Clone(segments[:last]), name)
	properties, ok := want["properties"].(map[string]any)
	if !ok {
		s.make(service, root, nil)
		return
	}
	properties = maps.Clone(properties)
	for _, field := range []string{"apiRevision", "isCurrent", "sourceApiId", "apiRevisionDescription"} {
		delete(properties, field)
	}
	s.make(service, root, map[string]any{"properties": properties})
}

// sourced is an expected revision with what a PUT must say of where it comes from.
func sourced(service string, segments []string, want map[string]any) map[string]any {
	name, revision, ok := strings.Cut(segments[len(segments)-1], ";rev=")
	properties, also := want["properties"].(map[string]any)
	if !ok || !also {
		return want
	}
	properties = maps.Clone(properties)
	properties["sourceApiId"] = service + "/" + strings.Join(segments[:len(segments)-1], "/") + "/" + name
	properties["apiRevision"] = revision
	want = maps.Clone(want)
	want["properties"] = properties
	return want
}

// completed is a body with what only a sample has: what is never answered, as
// secrets are, and still must be given.
func completed(body, sample string) string {
	var b, s map[string]any
	if json.Unmarshal([]byte(body), &b) != nil || json.Unmarshal([]byte(sample), &s) != nil {
		return body
	}
	has, _ := b["properties"].(map[string]any)
	adds, _ := s["properties"].(map[string]any)
	for name, value := range adds {
		if _, ok := has[name]; !ok && has != nil {
			has[name] = value
		}
	}
	for _, name := range []string{"displayName", "lastName"} { // What is required now, and was not when the example was made.
		if add, ok := adds[name]; ok && has != nil && (has[name] == nil || has[name] == "") {
			has[name] = add
		}
	}
	switch has["versioningScheme"] {
	case "Query":
		has["versionQueryName"] = "version"
	case "Header":
		has["versionHeaderName"] = "version"
	}
	return encode(b)
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

// document lets the link of an import lead to a document.
func (s *stage) document(body string) {
	var object struct {
		Properties struct{ Format, Value string }
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
	if strings.EqualFold(segments[0], "workspaces") && collection != "users" {
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
		s.make(service, target, s.want)
	}
	s.references(service, segments, body)
}

// references makes what a body refers to.
func (s *stage) references(service string, segments []string, body string) {
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
		s.mentioned(service, workspace, v)
		if collection := named[field]; collection != "" && v != "" {
			s.make(service, []string{collection, v}, nil)
			return
		}
		s.reference(service, workspace, v)
	}
}

// mentions are what policies say of resources: named values and loggers.
var mentions = map[string]*regexp.Regexp{
	"namedValues": regexp.MustCompile(`\{\{([A-Za-z0-9._-]+)\}\}`),
	"loggers":     regexp.MustCompile(`logger-id="([^"]+)"`),
}

// mentioned makes what a policy mentions.
func (s *stage) mentioned(service, workspace, text string) {
	if !strings.HasPrefix(strings.TrimSpace(text), "<") {
		return
	}
	for collection, mention := range mentions {
		for _, found := range mention.FindAllStringSubmatch(text, -1) {
			place := append(strings.FieldsFunc(workspace, func(r rune) bool { return r == '/' }), collection, found[1])
			s.ancestors(service, place)
			s.make(service, place, nil)
		}
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
		if workspace != "" && !strings.EqualFold(segments[0], "workspaces") {
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
