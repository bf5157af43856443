package description

import (
	"github.com/sallyport/sallyport/internal/portal/reference/document"
)

// Requirement is what a call needs, all of it; nothing where it is empty.
type Requirement struct{ Schemes []Needed }

// Needed is one scheme, with the scopes that the call needs.
type Needed struct {
	Scheme Scheme
	Scopes []Scope
}

// Scheme is a way to say who calls.
type Scheme struct {
	Name string
	// Type is apiKey, http, oauth2, openIdConnect or mutualTLS.
	Type, Text string
	// In and Parameter say where an API key is sent; HTTP is the scheme of the
	// header Authorization (basic, bearer …), and Format what the bearer's token
	// is.
	In, Parameter, HTTP, Format string
	Flows                       []Flow
	// Discovery is the URL of OpenID Connect.
	Discovery string
}

// Flow is a way to get a token.
type Flow struct {
	Name, AuthorizationURL, TokenURL string
}

// Scope is a scope and what it is for.
type Scope struct{ Name, Text string }

// security reads the alternatives of an operation.
func (d *Description) security(node document.Value) []Requirement {
	list := node.Get("security")
	if !list.Exists() {
		list = d.doc.At("#/security")
	}
	var out []Requirement
	for item := range list.Items() {
		if len(out) == MaxList {
			break
		}
		var r Requirement
		for name, scopes := range item.Members() {
			if len(r.Schemes) < MaxList {
				r.Schemes = append(r.Schemes, d.needed(name, scopes.Texts()))
			}
		}
		out = append(out, r)
	}
	return out
}

func (d *Description) needed(name string, scopes []string) Needed {
	holder := d.doc.At("#/components/securitySchemes")
	if d.swagger {
		holder = d.doc.At("#/securityDefinitions")
	}
	v, _ := d.doc.Follow(holder.Get(name))
	s := Scheme{
		Name: name, Type: v.Get("type").Text(), Text: text(v), In: v.Get("in").Text(), Parameter: v.Get("name").Text(),
		HTTP: v.Get("scheme").Text(), Format: v.Get("bearerFormat").Text(), Discovery: Link(v.Get("openIdConnectUrl").Text()),
	}
	meaning := map[string]string{}
	flow := func(name string, f document.Value) {
		if len(s.Flows) == MaxList {
			return
		}
		s.Flows = append(s.Flows, Flow{name, Link(f.Get("authorizationUrl").Text()), Link(f.Get("tokenUrl").Text())})
		for scope, t := range f.Get("scopes").Members() {
			meaning[scope] = t.Text()
		}
	}
	switch {
	case d.swagger && s.Type == "basic":
		s.Type, s.HTTP = "http", "basic"
	case d.swagger && s.Type == "oauth2":
		flow(v.Get("flow").Text(), v)
	}
	for kind, f := range v.Get("flows").Members() {
		flow(kind, f)
	}
	n := Needed{Scheme: s}
	for _, scope := range scopes[:min(len(scopes), MaxList)] {
		n.Scopes = append(n.Scopes, Scope{scope, meaning[scope]})
	}
	return n
}
