package policies

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policies/sample"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// mockResponse describes mock-response.
func mockResponse() *policy.Spec {
	return &policy.Spec{
		Name:    "mock-response",
		Summary: "Ends the pipeline and answers with what the operation's specification says of its responses.",
		Details: "The body is an example of the operation's response with that status and content type. Where there is no " +
			"example, it is a sample made from the schema; where there is no schema either, it is empty. Without " +
			"`content-type` the first content type counts that the specification has.",
		Example:  `<mock-response status-code="200" content-type="application/json" />`,
		Sections: policy.Inbound | policy.Outbound | policy.OnError,
		Scopes:   everyScope,
		Shape: policy.Shape{Attributes: []policy.Attribute{
			{Name: "status-code", Value: policy.Value{Type: policy.TypeInteger, Default: "200", Min: 200, Max: 999, Doc: "status of the answer"}},
			{Name: "content-type", Value: policy.Value{Doc: "content type of the answer"}},
		}},
		Compile: func(c *policy.Compiler, el *document.Element) policy.Step {
			status, _ := c.Int(el, "status-code").Constant()
			contentType, _ := c.String(el, "content-type").Constant()
			contentType = strings.TrimSpace(contentType)
			if !message.ValidFieldValue(contentType) {
				c.Failf(el, "the content type has a control character, which a header cannot carry")
			}
			return &mockResponseStep{status: int(status), contentType: contentType}
		},
	}
}

type mockResponseStep struct {
	status      int
	contentType string
}

// Run makes the answer.
func (s *mockResponseStep) Run(c *policy.Call) error {
	representation := s.representation(c)
	contentType := s.contentType
	if contentType == "" && representation != nil && message.ValidFieldValue(representation.ContentType) {
		contentType = representation.ContentType
	}
	body := mockBody(c, representation)
	if err := c.Answer(s.status, contentType, body); err != nil {
		return err
	}
	if body == nil && contentType != "" {
		c.Response.Header.Set(message.ContentType, contentType)
	}
	return policy.ErrDone
}

// representation returns what the operation says of the answer, or nil.
func (s *mockResponseStep) representation(c *policy.Call) *model.Representation {
	if c.Operation == nil {
		return nil
	}
	for i := range c.Operation.Responses {
		r := &c.Operation.Responses[i]
		if r.StatusCode != s.status {
			continue
		}
		for j := range r.Representations {
			if s.contentType == "" || sameMediaType(s.contentType, r.Representations[j].ContentType) {
				return &r.Representations[j]
			}
		}
	}
	return nil
}

// sameMediaType compares media types without their parameters.
func sameMediaType(a, b string) bool {
	a, _, _ = strings.Cut(a, ";")
	b, _, _ = strings.Cut(b, ";")
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}

// mockBody returns the example of a representation, or a sample of its schema, or
// nil where it has neither.
func mockBody(c *policy.Call, r *model.Representation) []byte {
	if r == nil {
		return nil
	}
	if body := exampleOf(r); body != nil {
		return body
	}
	if r.SchemaID == "" || r.TypeName == "" || c.API == nil || c.Directory == nil {
		return nil
	}
	schema := c.Directory.Schema(c.API.ID, r.SchemaID)
	if schema == nil {
		return nil
	}
	types := schema.Document.Components
	if len(types) == 0 {
		types = schema.Document.Definitions
	}
	body, err := sample.Of(types, r.TypeName)
	if err != nil {
		c.Services.Log.Warn("mock-response has no sample of a schema", "api", c.API.ID.String(), "schema", r.SchemaID, "error", err)
		return nil
	}
	return body
}

// exampleOf returns the example called default, otherwise the first by name.
func exampleOf(r *model.Representation) []byte {
	names := slices.Sorted(maps.Keys(r.Examples))
	if i := slices.Index(names, "default"); i > 0 {
		names[0] = names[i]
	}
	for _, name := range names {
		if value := bytes.TrimSpace(r.Examples[name].Value); len(value) > 0 {
			return exampleText(value, r.ContentType)
		}
	}
	return nil
}

// exampleText returns an example as it is sent. A JSON string is the text of an
// example that is not JSON, and sometimes of one that is.
func exampleText(value json.RawMessage, contentType string) []byte {
	var text string
	if json.Unmarshal(value, &text) != nil {
		return slices.Clone(value)
	}
	if strings.Contains(strings.ToLower(contentType), "json") && !looksStructured(text) {
		return slices.Clone(value)
	}
	return []byte(text)
}

// looksStructured reports whether a text is a JSON object or array.
func looksStructured(text string) bool {
	text = strings.TrimSpace(text)
	return text != "" && (text[0] == '{' || text[0] == '[') && json.Valid([]byte(text))
}
