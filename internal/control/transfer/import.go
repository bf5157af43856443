package transfer

import "github.com/sallyport/sallyport/internal/model"

// Import is what a document that describes an API says of it: properties of
// the API, its operations, and what belongs to them.
type Import struct {
	// Properties are those of the API that the document names; all others are
	// empty. Its ID is the API's.
	Properties model.API
	// Operations are in the order of the document.
	Operations []*model.Operation
	// Schemas are those that operations name, or the document itself where the
	// format is one that the gateway reads again (GraphQL, OData, gRPC, WSDL).
	Schemas []*model.Schema
	// Policies are those of operations that cannot be served without: those
	// that make a SOAP call of a REST one.
	Policies []*model.Policy
	// Tags are in the order of the document.
	Tags []ImportedTag
	// Positions say where operations are in the document.
	Positions map[model.Key]Position
}

// ImportedTag is a tag that a document gives to operations.
type ImportedTag struct {
	// Name is as it is in the document; it may not be allowed as a resource's.
	Name        string
	Description string
	// Operations are those that have the tag, in the order of the document.
	Operations []model.ID
}

// Position is a place in a document; both count from 1.
type Position struct{ Line, Column int }

// Fill gives an API what the document says and the API does not: a property
// that is set stays.
func (i *Import) Fill(a *model.API) {
	p := &i.Properties
	fill(&a.DisplayName, p.DisplayName)
	fill(&a.Description, p.Description)
	fill(&a.Type, p.Type)
	fill(&a.ServiceURL, p.ServiceURL)
	fill(&a.TermsOfServiceURL, p.TermsOfServiceURL)
	if len(a.Protocols) == 0 {
		a.Protocols = append(a.Protocols, p.Protocols...)
	}
	if a.Contact == nil && p.Contact != nil {
		contact := *p.Contact
		a.Contact = &contact
	}
	if a.License == nil && p.License != nil {
		license := *p.License
		a.License = &license
	}
}

// fill sets a text that is empty.
func fill[T ~string](to *T, from T) {
	if *to == "" {
		*to = from
	}
}
