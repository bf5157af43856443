package harness

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
)

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
