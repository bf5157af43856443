package policies

import (
	"fmt"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// serviceFabricOnly documents the attributes that only backends of Service Fabric
// have.
const serviceFabricOnly = "read, and without effect: the backend is no Service Fabric service here"

// setBackendService describes set-backend-service.
func setBackendService() *policy.Spec {
	return &policy.Spec{
		Name:    "set-backend-service",
		Summary: "Sends the request to another backend than the API's own.",
		Details: "With `backend-id` the request goes to a backend of the configuration, with its credentials, TLS settings, " +
			"pool and circuit breaker. With `base-url` it goes to that URL: the part of the path that belongs to the " +
			"operation is kept, and a query of the base URL is added to the request's.\n\n" +
			"Where the document of a broader scope has set a `backend-id`, a `base-url` in the document of a narrower one " +
			"has no effect; only another `backend-id` overrides it.",
		Example:  `<set-backend-service backend-id="orders-eu" />`,
		Sections: policy.Inbound | policy.Backend,
		Scopes:   everyScope,
		Shape: policy.Shape{
			Attributes: []policy.Attribute{
				{Name: "base-url", Value: policy.Value{Type: policy.TypeURL, Expression: true, Doc: "base URL of the backend"}},
				{Name: "backend-id", Value: policy.Value{Expression: true, Doc: "id of a backend of the configuration"}},
				{Name: "sf-resolve-condition", Value: policy.Value{Type: policy.TypeBoolean, Expression: true, Doc: serviceFabricOnly}},
				{Name: "sf-service-instance-name", Value: policy.Value{Expression: true, Doc: serviceFabricOnly}},
				{Name: "sf-partition-key", Value: policy.Value{Expression: true, Doc: serviceFabricOnly}},
				{Name: "sf-replica-type", Value: policy.Value{Type: policy.TypeEnum, Expression: true, Enum: []string{"primary", "secondary"}, Doc: serviceFabricOnly}},
				{Name: "sf-listener-name", Value: policy.Value{Expression: true, Doc: serviceFabricOnly}},
			},
			OneOf: [][]string{{"base-url", "backend-id"}},
		},
		Compile: compileSetBackendService,
	}
}

func compileSetBackendService(c *policy.Compiler, el *document.Element) policy.Step {
	for _, name := range []string{"sf-service-instance-name", "sf-partition-key", "sf-replica-type", "sf-listener-name"} {
		c.String(el, name) // What is wrong in an expression is reported, though nothing uses it.
	}
	c.Bool(el, "sf-resolve-condition")
	if id := c.String(el, "backend-id"); id.IsSet() {
		text, known := id.Constant()
		if at, _ := el.Attr("backend-id"); known && !c.Exists("backends/"+text) {
			c.Fail(at.Pos, el.Name, "there is no backend "+text, "create it, or correct the backend-id")
		}
		return &backendStep{id: id, scope: c.Scope()}
	}
	s := &baseURLStep{url: c.String(el, "base-url"), scope: c.Scope()}
	if text, known := s.url.Constant(); known {
		if base, err := message.ParseURL(text); err == nil { // Otherwise the shape check has reported it.
			s.known = &base
			if err := checkPath(base.Path); err != nil {
				c.Failf(el, "base-url: %s", err)
			}
		}
	}
	return s
}

// backendStep sends the request to a backend of the configuration.
type backendStep struct {
	id    policy.String
	scope policy.Scope
}

// Run chooses the backend. Its URL is looked up when the request is forwarded.
func (s *backendStep) Run(c *policy.Call) error {
	id, err := s.id.Eval(c)
	if err != nil {
		return err
	}
	b := findBackend(c, id)
	if b == nil {
		return fmt.Errorf("setting the backend: there is no backend %.100q", id)
	}
	c.SetBackend(id, b, s.scope)
	return nil
}

// findBackend looks for a backend in the workspace of the API, then in the
// service.
func findBackend(c *policy.Call, id string) *model.Backend {
	if id == "" {
		return nil
	}
	if c.API != nil {
		if workspace := c.API.ID.Workspace(); workspace != "" {
			if b := c.Directory.Backend(string(workspace) + "/backends/" + id); b != nil {
				return b
			}
		}
	}
	return c.Directory.Backend(id)
}

// baseURLStep sends the request to a base URL.
type baseURLStep struct {
	url   policy.String
	known *message.URL // where url is a literal
	scope policy.Scope
}

// Run sets the base URL, unless the document of a broader scope has chosen a
// backend.
func (s *baseURLStep) Run(c *policy.Call) error {
	if c.Destination.Backend != nil && c.Destination.Scope > s.scope {
		return nil
	}
	base := s.known
	if base == nil {
		text, err := s.url.Eval(c)
		if err != nil {
			return err
		}
		parsed, err := message.ParseURL(text)
		if err == nil {
			err = checkPath(parsed.Path)
		}
		if err != nil {
			return fmt.Errorf("setting the backend's base URL: %w", err)
		}
		base = &parsed
	}
	c.DropBackend()
	c.SetBaseURL(base)
	addBaseQuery(c, base)
	return nil
}

// addBaseQuery adds the parameters of a base URL's query that the request does
// not have.
func addBaseQuery(c *policy.Call, base *message.URL) {
	for p := range base.QueryParameters() {
		if _, there := c.Request.URL.QueryParameter(p.Name()); there {
			continue
		}
		c.Request.URL.Query = joinQuery(c.Request.URL.Query, p.Raw)
	}
}

// joinQuery joins two parts of a query.
func joinQuery(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "&" + b
}
