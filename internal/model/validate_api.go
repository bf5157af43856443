package model

import (
	"fmt"
	"strings"
)

func (v *validation) service(s *Service) {
	for i, h := range s.HostnameConfigurations {
		at := fmt.Sprintf("hostnameConfigurations[%d]", i)
		v.text(at+".hostName", h.HostName, 1, 255)
		checkEnum(v, at+".type", h.Type, required, hostnameTypes)
	}
}

func (v *validation) api(a *API) {
	v.text("displayName", a.DisplayName, 0, 300)
	v.text("path", a.Path, 0, 400)
	if strings.ContainsAny(a.Path, "?#*&+:<>\\ \t\r\n") {
		v.add("path", fmt.Sprintf("%q has a character that a path must not have", firstRunes(a.Path, 80)),
			"give segments divided by /, as in store/orders")
	}
	checkEnum(v, "type", a.Type, optional, apiTypes)
	for i, p := range a.Protocols {
		checkEnum(v, fmt.Sprintf("protocols[%d]", i), p, required, protocols)
	}
	v.text("serviceUrl", a.ServiceURL, 0, 2000)
	v.absoluteURL("serviceUrl", a.ServiceURL, "http", "https", "ws", "wss", "grpc", "grpcs")
	v.text("apiVersion", a.APIVersion, 0, 100)
	v.text("apiRevision", a.APIRevision, 0, 100)
	v.text("apiRevisionDescription", a.APIRevisionDescription, 0, 256)
	v.text("apiVersionDescription", a.APIVersionDescription, 0, 256)
	if a.APIVersion != "" && a.APIVersionSetID == "" && a.APIVersionSet == nil {
		v.add("apiVersion", "is given without a version set", "give apiVersionSetId, as in /apiVersionSets/NAME")
	}
	_, revision := SplitRevision(a.name())
	if revision != "" && a.APIRevision != "" && revision != a.APIRevision {
		v.add("apiRevision", fmt.Sprintf("is %q, but the API's name says ;rev=%s", a.APIRevision, revision), "make them equal")
	}
}

// maxURLTemplate bounds a URL template, in characters.
const maxURLTemplate = 1000

func (v *validation) operation(o *Operation) {
	v.text("displayName", o.DisplayName, 1, 300)
	v.text("method", o.Method, 1, 100)
	if !isToken(o.Method) {
		v.add("method", fmt.Sprintf("%q is not an HTTP method", firstRunes(o.Method, 40)), "give a method, as in GET")
	}
	v.text("urlTemplate", o.URLTemplate, 1, maxURLTemplate)
	v.parameters("templateParameters", o.TemplateParameters)
	if o.Request != nil {
		v.parameters("request.queryParameters", o.Request.QueryParameters)
		v.parameters("request.headers", o.Request.Headers)
		v.representations("request.representations", o.Request.Representations)
	}
	for i, r := range o.Responses {
		at := fmt.Sprintf("responses[%d]", i)
		v.number(at+".statusCode", int64(r.StatusCode), 100, 999)
		v.parameters(at+".headers", r.Headers)
		v.representations(at+".representations", r.Representations)
	}
	v.templateNames(o)
}

// templateNames checks that each parameter in the template is defined.
func (v *validation) templateNames(o *Operation) {
	names, err := TemplateNames(o.URLTemplate)
	if err != nil {
		v.add("urlTemplate", err.Error(), "")
		return
	}
	defined := make(map[string]bool, len(o.TemplateParameters))
	for _, p := range o.TemplateParameters {
		defined[strings.ToLower(p.Name)] = true
	}
	for _, name := range names {
		if !defined[strings.ToLower(name)] {
			v.add("templateParameters", fmt.Sprintf("lack the parameter %q of the URL template", name), "define it, with a name and a type")
		}
	}
}

// TemplateNames returns the names of the parameters of a URL template in their
// order, without the "*" of a parameter that takes several segments. It fails
// where braces do not match, a name is empty or a name comes twice.
func TemplateNames(template string) ([]string, error) {
	var names []string
	seen := map[string]bool{}
	for rest := template; ; {
		open := strings.IndexAny(rest, "{}")
		if open < 0 {
			return names, nil
		}
		end := strings.IndexAny(rest[open+1:], "{}")
		if rest[open] == '}' || end < 0 || rest[open+1+end] == '{' {
			return nil, fmt.Errorf("the braces of the template %q do not match", firstRunes(template, 200))
		}
		name := strings.TrimPrefix(rest[open+1:open+1+end], "*")
		switch {
		case name == "":
			return nil, fmt.Errorf("the template %q has a parameter without a name", firstRunes(template, 200))
		case seen[strings.ToLower(name)]:
			return nil, fmt.Errorf("the template %q has the parameter %q twice", firstRunes(template, 200), name)
		}
		seen[strings.ToLower(name)] = true
		names = append(names, name)
		rest = rest[open+1+end+1:]
	}
}

func (v *validation) parameters(element string, parameters []Parameter) {
	for i, p := range parameters {
		if p.Name == "" {
			v.add(fmt.Sprintf("%s[%d].name", element, i), "is missing or empty", "")
		}
		if p.Type == "" && p.SchemaID == "" {
			v.add(fmt.Sprintf("%s[%d].type", element, i), "is missing or empty", "give a type, as in string")
		}
	}
}

func (v *validation) representations(element string, representations []Representation) {
	for i, r := range representations {
		if r.ContentType == "" {
			v.add(fmt.Sprintf("%s[%d].contentType", element, i), "is missing or empty", "give a media type, as in application/json")
		}
		v.parameters(fmt.Sprintf("%s[%d].formParameters", element, i), r.FormParameters)
	}
}

// isToken reports whether s is a token of HTTP (RFC 9110, 5.6.2). The empty
// string passes here; its length is checked elsewhere.
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return true
}

func (v *validation) versionSet(s *VersionSet) {
	v.text("displayName", s.DisplayName, 1, 100)
	checkEnum(v, "versioningScheme", s.VersioningScheme, required, versioningSchemes)
	switch s.VersioningScheme {
	case VersionInQuery:
		v.text("versionQueryName", s.VersionQueryName, 1, 100)
	case VersionInHeader:
		v.text("versionHeaderName", s.VersionHeaderName, 1, 100)
		if !isToken(s.VersionHeaderName) {
			v.add("versionHeaderName", "is not the name of a header", "")
		}
	case VersionInSegment:
	}
}
