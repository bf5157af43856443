package policy

import (
	"encoding/json"
	"fmt"
	"strings"
)

// DescriptionVersion is the version of the form that Describe writes. Members
// may be added without a new one.
const DescriptionVersion = 1

// Describe writes what the policies are as one JSON document, for editors:
// names, documentation, attributes, content, and where each may stand.
func Describe(r *Registry) ([]byte, error) {
	doc := registryDescription{Version: DescriptionVersion, Policies: make([]policyDescription, 0, len(r.All()))}
	for _, s := range r.All() {
		doc.Policies = append(doc.Policies, policyDescription{
			Name: s.Name, Summary: s.Summary, Details: s.Details, Example: s.Example,
			Sections: words(s.Sections.String()), Scopes: words(s.Scopes.String()), Once: s.Once,
			shapeDescription: describeShape(&s.Shape),
		})
	}
	data, err := json.MarshalIndent(&doc, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("describing policies: %w", err)
	}
	return append(data, '\n'), nil
}

// String returns the name that documentation has for the type.
func (t Type) String() string {
	switch t {
	case TypeInteger:
		return "integer"
	case TypeBoolean:
		return "boolean"
	case TypeEnum:
		return "enum"
	case TypeDuration:
		return "duration"
	case TypeURL:
		return "url"
	case TypeDateTime:
		return "date-time"
	case TypeAny:
		return "any"
	case TypeString:
	}
	return "string"
}

type registryDescription struct {
	Version  int                 `json:"version"`
	Policies []policyDescription `json:"policies"`
}

type policyDescription struct {
	Name     string   `json:"name"`
	Summary  string   `json:"summary"`
	Details  string   `json:"details,omitempty"`
	Example  string   `json:"example,omitempty"`
	Sections []string `json:"sections"`
	Scopes   []string `json:"scopes"`
	Once     bool     `json:"once,omitempty"`
	shapeDescription
}

type shapeDescription struct {
	Attributes []attributeDescription `json:"attributes,omitempty"`
	OneOf      [][]string             `json:"oneOf,omitempty"`
	Children   []childDescription     `json:"children,omitempty"`
	Text       *valueDescription      `json:"text,omitempty"`
	Policies   bool                   `json:"policies,omitempty"` // The content is policies.
	Only       []string               `json:"only,omitempty"`     // The policies that it is limited to.
	Markup     bool                   `json:"markup,omitempty"`   // The content is free markup.
}

type attributeDescription struct {
	Name     string `json:"name"`
	Required bool   `json:"required,omitempty"`
	valueDescription
}

type childDescription struct {
	Name string `json:"name"`
	Min  int    `json:"min,omitempty"`
	Max  int    `json:"max,omitempty"`
	Doc  string `json:"doc,omitempty"`
	shapeDescription
}

type valueDescription struct {
	Type       string   `json:"type"`
	Expression bool     `json:"expression,omitempty"`
	Default    string   `json:"default,omitempty"`
	Enum       []string `json:"enum,omitempty"`
	Min        *int64   `json:"min,omitempty"`
	Max        *int64   `json:"max,omitempty"`
	Doc        string   `json:"doc,omitempty"`
}

func describeShape(s *Shape) shapeDescription {
	d := shapeDescription{OneOf: s.OneOf, Policies: s.Policies, Only: s.Only, Markup: s.Payload}
	for i := range s.Attributes {
		a := &s.Attributes[i]
		d.Attributes = append(d.Attributes, attributeDescription{
			Name: a.Name, Required: a.Required, valueDescription: describeValue(&a.Value),
		})
	}
	for i := range s.Children {
		k := &s.Children[i]
		d.Children = append(d.Children, childDescription{
			Name: k.Name, Min: k.Min, Max: k.Max, Doc: k.Doc, shapeDescription: describeShape(&k.Shape),
		})
	}
	if s.Text != nil {
		text := describeValue(s.Text)
		d.Text = &text
	}
	return d
}

func describeValue(v *Value) valueDescription {
	d := valueDescription{Type: v.Type.String(), Expression: v.Expression, Default: v.Default, Enum: v.Enum, Doc: v.Doc}
	if v.Min != 0 || v.Max != 0 {
		d.Min, d.Max = &v.Min, &v.Max
	}
	return d
}

func words(list string) []string { return strings.Split(list, ", ") }
