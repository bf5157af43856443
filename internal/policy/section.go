package policy

import "strings"

// Section is one of the four parts of a policy document, or a set of them.
type Section uint8

// The sections, in the order in which a request meets them.
const (
	Inbound Section = 1 << iota
	Backend
	Outbound
	OnError

	sectionCount = 4
	// AnySection is all four.
	AnySection = Inbound | Backend | Outbound | OnError
)

// sections lists the sections in order, with their element names.
var sections = [sectionCount]struct {
	section Section
	name    string
}{{Inbound, "inbound"}, {Backend, "backend"}, {Outbound, "outbound"}, {OnError, "on-error"}}

// String returns the element names, joined by commas.
func (s Section) String() string {
	var names []string
	for _, known := range sections {
		if s&known.section != 0 {
			names = append(names, known.name)
		}
	}
	return strings.Join(names, ", ")
}

// index returns the place of a single section in arrays by section.
func (s Section) index() int {
	switch s {
	case Inbound:
		return 0
	case Backend:
		return 1
	case Outbound:
		return 2
	}
	return 3
}

// sectionNamed returns the section with that element name, or 0.
func sectionNamed(name string) Section {
	for _, known := range sections {
		if known.name == name {
			return known.section
		}
	}
	return 0
}

// Scope is one of the levels at which a policy document can be set, or a set
// of them.
type Scope uint8

// The scopes, narrowest first: the order in which <base/> climbs.
const (
	ScopeOperation Scope = 1 << iota
	ScopeAPI
	ScopeProduct
	ScopeWorkspace
	ScopeGlobal

	scopeCount = 5
	// AnyScope is all five.
	AnyScope = ScopeOperation | ScopeAPI | ScopeProduct | ScopeWorkspace | ScopeGlobal
)

// scopes lists the scopes in order, with their names as LastError.Scope has
// them.
var scopes = [scopeCount]struct {
	scope Scope
	name  string
}{{ScopeOperation, "operation"}, {ScopeAPI, "api"}, {ScopeProduct, "product"}, {ScopeWorkspace, "workspace"}, {ScopeGlobal, "global"}}

// String returns the names, joined by commas.
func (s Scope) String() string {
	var names []string
	for _, known := range scopes {
		if s&known.scope != 0 {
			names = append(names, known.name)
		}
	}
	return strings.Join(names, ", ")
}

// index returns the place of a single scope in Chain.
func (s Scope) index() int {
	switch s {
	case ScopeOperation:
		return 0
	case ScopeAPI:
		return 1
	case ScopeProduct:
		return 2
	case ScopeWorkspace:
		return 3
	}
	return 4
}
