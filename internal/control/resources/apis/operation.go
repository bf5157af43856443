package apis

import (
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/settings"
	"github.com/sallyport/sallyport/internal/model"
)

// operations is the kind of the operations of an API.
func operations(filter string, children ...*resource.Node) *resource.Node {
	return resource.New(access.APIOperations, resource.Kind{
		Collection: "operations", Title: "Operation", MaxName: maxShortName,
		Contract: "OperationContract", Update: "OperationUpdateContract", Filter: filter,
		Hooks: resource.Hooks{
			Prepare: prepareOperation, Written: writtenOperation, Present: presentOperation, Listed: hasTags, ListedBy: "tags",
			Deleting: func(s *resource.Session, e *resource.Entity) error { return settings.Unlink(s, e.ID) },
		},
		Children: children,
	})
}

// legacyPolicies is the property of an operation that holds its policy document,
// as clients of old versions of the API write it.
const legacyPolicies = "policies"

// prepareOperation checks that an operation can be one of its API.
func prepareOperation(s *resource.Session, e, old *resource.Entity) error {
	api, err := s.Get(e.ID.Parent())
	if err != nil {
		return err
	}
	switch model.APIType(strings.ToLower(api.Text("type"))) {
	case model.APIGraphQL:
		return resource.Invalid("name", "a GraphQL API has resolvers and no operations")
	case model.APIWebSocket:
		if !strings.EqualFold(e.ID.Name(), handshake) {
			return resource.Invalid("name", "an API of WebSockets has the operation %s only", handshake)
		}
	}
	e.Work = e.Text(legacyPolicies)
	completeOperation(e)
	if err := checkTemplate(e); err != nil {
		return err
	}
	if s.Declaring() || old != nil && operationKey(old) == operationKey(e) {
		return nil
	}
	return requireTemplate(s, e)
}

// completeOperation sets what a body leaves out.
func completeOperation(e *resource.Entity) {
	e.Unset(legacyPolicies)
	e.Set("method", strings.TrimSpace(e.Text("method")))
	e.SetDefault("templateParameters", []any{})
	e.SetDefault("responses", []any{})
}

// checkTemplate refuses a URL template whose parameters are not defined.
func checkTemplate(e *resource.Entity) error {
	names, err := model.TemplateNames(e.Text("urlTemplate"))
	if err != nil {
		return resource.Invalid("properties.urlTemplate", "%v", err)
	}
	defined := map[string]bool{}
	list, _ := e.Properties()["templateParameters"].([]any)
	for _, item := range list {
		if parameter, ok := item.(map[string]any); ok {
			defined[strings.ToLower(strings.TrimPrefix(textOf(parameter["name"]), "*"))] = true
		}
	}
	for _, name := range names {
		if !defined[strings.ToLower(name)] {
			return resource.Invalid("properties.templateParameters",
				"All template parameters used in the UriTemplate must be defined: {%s} is not", name)
		}
	}
	if method := e.Text("method"); method == "" || strings.ContainsAny(method, " \t\r\n\"(),/:;<=>?@[\\]{}") {
		return resource.Invalid("properties.method", "%q is not a method of HTTP", method)
	}
	return nil
}

// operationKey is what calls find an operation by.
func operationKey(e *resource.Entity) string {
	return strings.ToUpper(e.Text("method")) + " " + strings.ToLower(e.Text("urlTemplate"))
}

// requireTemplate refuses an operation that calls could not tell from another.
func requireTemplate(s *resource.Session, e *resource.Entity) error {
	same, err := having(s, e.ID.Collection(), "urlTemplate", e.Text("urlTemplate"))
	if err != nil {
		return err
	}
	for _, other := range same {
		if !other.ID.Equal(e.ID) && operationKey(other) == operationKey(e) {
			return resource.Invalid("properties.urlTemplate",
				"Operation with the same method and URL template already exists: %s %s is %s",
				e.Text("method"), e.Text("urlTemplate"), other.ID.Name())
		}
	}
	return nil
}

// writtenOperation keeps the policy document that the operation came with.
func writtenOperation(s *resource.Session, e, _ *resource.Entity) error {
	document, _ := e.Work.(string)
	if strings.TrimSpace(document) == "" {
		return nil
	}
	_, err := s.Put(e.ID.Child("policies", model.PolicyName), resource.Object(map[string]any{"format": "xml", "value": document}))
	if err != nil {
		return fmt.Errorf("writing the policies of %s: %w", e.ID, err)
	}
	return nil
}

// presentOperation gives an operation the lists that answers always have.
func presentOperation(_ *resource.Session, e *resource.Entity) error {
	e.SetDefault("templateParameters", []any{})
	e.SetDefault("responses", []any{})
	if request, ok := e.Properties()["request"].(map[string]any); ok {
		for _, name := range []string{"queryParameters", "headers", "representations"} {
			if _, given := request[name]; !given {
				request[name] = []any{}
			}
		}
	}
	return nil
}
