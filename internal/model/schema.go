package model

import "encoding/json"

// Schema is a schema document of an API; representations and parameters of
// its operations name types in it.
type Schema struct {
	ID ID `json:"-"`
	// ContentType says what the document is; see the SchemaContentType
	// constants.
	ContentType string         `json:"contentType"`
	Document    SchemaDocument `json:"document"`
	// Rest holds the other properties.
	Rest Rest `json:"-"`
}

// The content types of schema documents that the gateway reads.
const (
	// SchemaOpenAPI documents have Components: an object of name to JSON Schema
	// below "schemas".
	SchemaOpenAPI = "application/vnd.oai.openapi.components+json"
	// SchemaSwagger documents have Definitions: an object of name to schema.
	SchemaSwagger = "application/vnd.ms-azure-apim.swagger.definitions+json"
	// SchemaGraphQL documents have a Value in GraphQL's schema language.
	SchemaGraphQL = "application/vnd.ms-azure-apim.graphql.schema"
)

// SchemaDocument is a schema document, in one of three forms.
type SchemaDocument struct {
	Components  json.RawMessage `json:"components,omitempty"`
	Definitions json.RawMessage `json:"definitions,omitempty"`
	Value       string          `json:"value,omitempty"`
}

// ResourceID returns the schema's id.
func (s *Schema) ResourceID() ID { return s.ID }

// Kind returns KindSchema.
func (*Schema) Kind() Kind { return KindSchema }

func (s *Schema) setID(id ID) { s.ID = id }
func (s *Schema) rest() *Rest { return &s.Rest }
