package harness

import (
	"io"
	"net/http"
	"strings"
)

// samples are bodies by the kind of resource that they are for, as
// "apis/operations": the smallest that an example puts there.
type samples map[string]string

// collect runs every example up to its first request, and keeps the bodies of
// those that put something.
func collect(examples []Example) samples {
	found := samples{}
	for _, e := range examples {
		c := &Call{send: func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPut && r.Body != nil {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					return nil, err
				}
				kind := kindOf(r.URL.Path)
				if old, ok := found[kind]; !ok || len(body) < len(old) {
					found[kind] = string(body)
				}
			}
			return nil, errRecorded
		}}
		c.run(e)
	}
	for kind, body := range plain {
		if _, ok := found[kind]; !ok || body != "" {
			found[kind] = body
		}
	}
	return found
}

// plain are bodies for kinds that no example puts, or where the smallest of the
// examples is about something special.
var plain = samples{
	"apis":            `{"properties": {"path": "PATH", "displayName": "NAME", "serviceUrl": "http://echoapi.cloudapp.net/api", "protocols": ["https"]}}`,
	"products":        `{"properties": {"displayName": "NAME"}}`,
	"groups":          `{"properties": {"displayName": "NAME"}}`,
	"users":           `{"properties": {"firstName": "foo", "lastName": "bar", "email": "NAME@example.org"}}`,
	"subscriptions":   `{"properties": {"displayName": "NAME", "scope": "/apis"}}`,
	"tags":            `{"properties": {"displayName": "NAME"}}`,
	"loggers":         `{"properties": {"loggerType": "applicationInsights", "credentials": {"instrumentationKey": "11111111-1111-1111-1111-111111111111"}}}`,
	"namedvalues":     `{"properties": {"displayName": "NAME", "value": "10"}}`,
	"workspaces":      `{"properties": {"displayName": "NAME"}}`,
	"apiversionsets":  `{"properties": {"displayName": "NAME", "versioningScheme": "Segment"}}`,
	"apis/operations": `{"properties": {"displayName": "NAME", "method": "GET", "urlTemplate": "/PATH"}}`,
	"schemas":         `{"properties": {"schemaType": "json", "document": {}}}`,
	"apis/releases":   `{"properties": {}}`,
}

// serviceMark is what stands before the name of a service in a path.
const serviceMark = "/providers/Microsoft.ApiManagement/service/"

// split divides a path into that of its service and the segments below.
func split(path string) (service string, segments []string) {
	at := strings.Index(strings.ToLower(path), strings.ToLower(serviceMark))
	if at < 0 {
		return "", nil
	}
	rest := path[at+len(serviceMark):]
	name, below, _ := strings.Cut(rest, "/")
	service = path[:at+len(serviceMark)] + name
	if below == "" {
		return service, nil
	}
	return service, strings.Split(strings.Trim(below, "/"), "/")
}

// kindOf names the kind of a resource by the collections in its path, without
// the workspace that it is in.
func kindOf(path string) string {
	_, segments := split(path)
	var kinds []string
	for i := 0; i < len(segments); i += 2 {
		if i == 0 && strings.EqualFold(segments[i], "workspaces") && len(segments) > 2 {
			continue
		}
		kinds = append(kinds, strings.ToLower(segments[i]))
	}
	return strings.Join(kinds, "/")
}

// body is the sample for a resource, with its name in it.
func (s samples) body(path string) string {
	name := path[strings.LastIndexByte(path, '/')+1:]
	name, _, _ = strings.Cut(name, ";")
	body, ok := s[kindOf(path)]
	if !ok {
		return "{}"
	}
	return strings.NewReplacer("NAME", name, "PATH", strings.ToLower(name)).Replace(body)
}
