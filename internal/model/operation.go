package model

import "encoding/json"

// Operation is an operation of an API: a method and a URL template, with what
// its specification says of requests and responses.
type Operation struct {
	ID          ID     `json:"-"`
	DisplayName string `json:"displayName"`
	// Method is an HTTP method in capitals, or one of the client's own.
	Method string `json:"method"`
	// URLTemplate is relative to the API, as in "/pets/{petId}?tag={tag}". It
	// may end with "/*".
	URLTemplate        string      `json:"urlTemplate"`
	Description        string      `json:"description,omitempty"`
	TemplateParameters []Parameter `json:"templateParameters,omitempty"`
	Request            *Request    `json:"request,omitempty"`
	Responses          []Response  `json:"responses,omitempty"`
	// Policies is a policy document in older exports; a Policy resource is what
	// counts.
	Policies string `json:"policies,omitempty"`
	// Rest holds the other properties.
	Rest Rest `json:"-"`
}

// Parameter is a parameter of a URL template, a query string, a header or a
// form.
type Parameter struct {
	Name         string             `json:"name"`
	Type         string             `json:"type"`
	Description  string             `json:"description,omitempty"`
	DefaultValue string             `json:"defaultValue,omitempty"`
	Required     bool               `json:"required,omitempty"`
	Values       []string           `json:"values,omitempty"`
	SchemaID     string             `json:"schemaId,omitempty"`
	TypeName     string             `json:"typeName,omitempty"`
	Examples     map[string]Example `json:"examples,omitempty"`
}

// Example is a named example of a parameter or a representation.
type Example struct {
	Summary       string `json:"summary,omitempty"`
	Description   string `json:"description,omitempty"`
	ExternalValue string `json:"externalValue,omitempty"`
	// Value is any JSON value; the text of an example that is not JSON is a
	// JSON string.
	Value json.RawMessage `json:"value,omitempty"`
}

// Request says what an operation takes.
type Request struct {
	Description     string           `json:"description,omitempty"`
	QueryParameters []Parameter      `json:"queryParameters,omitempty"`
	Headers         []Parameter      `json:"headers,omitempty"`
	Representations []Representation `json:"representations,omitempty"`
}

// Response says what an operation answers with one status code.
type Response struct {
	StatusCode      int              `json:"statusCode"`
	Description     string           `json:"description,omitempty"`
	Headers         []Parameter      `json:"headers,omitempty"`
	Representations []Representation `json:"representations,omitempty"`
}

// Representation is a body of one content type.
type Representation struct {
	ContentType string `json:"contentType"`
	// SchemaID names a Schema of the API (the last segment of its id), and
	// TypeName a type within it.
	SchemaID       string             `json:"schemaId,omitempty"`
	TypeName       string             `json:"typeName,omitempty"`
	FormParameters []Parameter        `json:"formParameters,omitempty"`
	Examples       map[string]Example `json:"examples,omitempty"`
}

// ResourceID returns the operation's id.
func (o *Operation) ResourceID() ID { return o.ID }

// Kind returns KindOperation.
func (*Operation) Kind() Kind { return KindOperation }

func (o *Operation) setID(id ID) { o.ID = id }
func (o *Operation) rest() *Rest { return &o.Rest }

// API returns the id of the operation's API.
func (o *Operation) API() ID { return o.ID.Parent() }
