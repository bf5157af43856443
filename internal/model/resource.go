package model

import (
	"encoding/json"
	"fmt"
)

// Resource is a pointer to one of the structs of this package.
type Resource interface {
	// ResourceID returns the id of the resource, relative to its service.
	ResourceID() ID
	// Kind returns the kind of the resource.
	Kind() Kind
}

// Rest holds what the properties of a resource said that its struct does not:
// properties that this release does not know, and explicit zero values. Encode
// puts it back, so that nothing is lost between reading and writing. A property
// that the struct has set wins over Rest.
type Rest map[string]json.RawMessage

// entity is what Decode needs of a struct; all of this package implement it.
type entity interface {
	Resource
	setID(id ID)
	rest() *Rest
}

// New returns an empty resource of the kind that the id names.
func New(id ID) (Resource, error) {
	e, err := newEntity(id)
	if err != nil {
		return nil, err
	}
	return e, nil
}

func newEntity(id ID) (entity, error) {
	e := emptyEntity(id.Kind())
	if e == nil {
		return nil, fmt.Errorf("%w: %q names no known kind of resource", errNotID, string(id))
	}
	e.setID(id)
	return e, nil
}

// emptyEntity returns nil for an unknown kind.
func emptyEntity(kind Kind) entity {
	switch kind {
	case KindService:
		return &Service{}
	case KindWorkspace:
		return &Workspace{}
	case KindAPI:
		return &API{}
	case KindOperation:
		return &Operation{}
	case KindRelease:
		return &Release{}
	case KindSchema:
		return &Schema{}
	case KindVersionSet:
		return &VersionSet{}
	case KindProduct:
		return &Product{}
	case KindGroup:
		return &Group{}
	case KindUser:
		return &User{}
	case KindSubscription:
		return &Subscription{}
	case KindNamedValue:
		return &NamedValue{}
	case KindBackend:
		return &Backend{}
	default:
		return emptyMinorEntity(kind)
	}
}

func emptyMinorEntity(kind Kind) entity {
	switch kind {
	case KindPolicyFragment:
		return &PolicyFragment{}
	case KindPolicy:
		return &Policy{}
	case KindTag:
		return &Tag{}
	case KindDiagnostic:
		return &Diagnostic{}
	case KindLogger:
		return &Logger{}
	case KindGateway:
		return &Gateway{}
	case KindCertificate:
		return &Certificate{}
	case KindCache:
		return &Cache{}
	case KindGatewayHostname:
		return &GatewayHostname{}
	case KindGatewayAuthority:
		return &GatewayAuthority{}
	case KindProductAPI, KindProductGroup, KindGroupUser, KindGatewayAPI,
		KindAPITag, KindProductTag, KindOperationTag:
		return &Link{}
	default:
		return nil
	}
}

// Decode reads the properties of a resource, a JSON object as in a PUT body's
// "properties". Empty properties are those of an empty object. The error names
// the property where its type is wrong.
func Decode(id ID, properties []byte) (Resource, error) {
	e, err := newEntity(id)
	if err != nil {
		return nil, err
	}
	if len(properties) == 0 {
		return e, nil
	}
	if err := json.Unmarshal(properties, e); err != nil {
		return nil, fmt.Errorf("decoding the properties of %s: %w", id, describeJSONError(err))
	}
	if s, ok := e.(speller); ok {
		s.spell()
	}
	if err := keepRest(e, properties); err != nil {
		return nil, fmt.Errorf("decoding the properties of %s: %w", id, err)
	}
	return e, nil
}

// Encode returns the properties of a resource as canonical JSON: keys sorted
// at every level, no white space, no HTML escapes. Equal resources have equal
// encodings.
func Encode(r Resource) ([]byte, error) {
	e, ok := r.(entity)
	if !ok {
		return nil, fmt.Errorf("encoding %T: not a resource of this package", r)
	}
	known, err := canonical(e)
	if err != nil {
		return nil, fmt.Errorf("encoding %s: %w", r.ResourceID(), err)
	}
	if len(*e.rest()) == 0 {
		return known, nil
	}
	out, err := withRest(known, *e.rest())
	if err != nil {
		return nil, fmt.Errorf("encoding %s: %w", r.ResourceID(), err)
	}
	return out, nil
}

// Clone returns a copy that shares nothing that may be written with r.
func Clone(r Resource) (Resource, error) {
	properties, err := Encode(r)
	if err != nil {
		return nil, err
	}
	return Decode(r.ResourceID(), properties)
}
