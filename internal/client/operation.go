package client

import "encoding/json"

// Operation is an operation's properties.
type Operation struct {
	DisplayName        string      `json:"displayName,omitempty"`
	Method             string      `json:"method,omitempty"`
	URLTemplate        string      `json:"urlTemplate,omitempty"`
	Description        string      `json:"description,omitempty"`
	TemplateParameters []Parameter `json:"templateParameters,omitempty"`
	Request            *Request    `json:"request,omitempty"`
	Responses          []Response  `json:"responses,omitempty"`
}

// Parameter is a parameter of a path, a query, a header or a form.
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

// Request is what an operation takes.
type Request struct {
	Description     string           `json:"description,omitempty"`
	QueryParameters []Parameter      `json:"queryParameters,omitempty"`
	Headers         []Parameter      `json:"headers,omitempty"`
	Representations []Representation `json:"representations,omitempty"`
}

// Response is an answer of an operation.
type Response struct {
	StatusCode      int              `json:"statusCode"`
	Description     string           `json:"description,omitempty"`
	Headers         []Parameter      `json:"headers,omitempty"`
	Representations []Representation `json:"representations,omitempty"`
}

// Representation is a body in one media type.
type Representation struct {
	ContentType    string             `json:"contentType"`
	SchemaID       string             `json:"schemaId,omitempty"`
	TypeName       string             `json:"typeName,omitempty"`
	FormParameters []Parameter        `json:"formParameters,omitempty"`
	Examples       map[string]Example `json:"examples,omitempty"`
}

// Example is an example of a value: the value, or the address of one.
type Example struct {
	Summary       string          `json:"summary,omitempty"`
	Description   string          `json:"description,omitempty"`
	Value         json.RawMessage `json:"value,omitempty"`
	ExternalValue string          `json:"externalValue,omitempty"`
}
