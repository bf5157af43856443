package policies

import (
	"strings"

	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// limitTarget says which requests a rate limit or quota applies to: all of the
// document's scope, or those of an API or operation that a child element names.
type limitTarget struct {
	apiID, apiName             string
	operationID, operationName string
	anyAPI, anyOperation       bool
}

// targetAttributes are the attributes that name an API or operation.
func targetAttributes(what string) []policy.Attribute {
	return []policy.Attribute{
		{Name: "name", Value: policy.Value{Doc: "display name of the " + what}},
		{Name: "id", Value: policy.Value{Doc: "id of the " + what + "; where both are given, the id counts"}},
	}
}

// limitChildren describes the api and operation elements inside a limit.
func limitChildren(attributes []policy.Attribute) []policy.Child {
	operation := policy.Child{Name: "operation", Doc: "a limit for one operation, besides the others",
		Shape: policy.Shape{Attributes: append(targetAttributes("operation"), attributes...)}}
	return []policy.Child{
		{Name: "api", Doc: "a limit for one API, besides that of the whole", Shape: policy.Shape{
			Attributes: append(targetAttributes("API"), attributes...),
			Children:   []policy.Child{operation},
		}},
		operation,
	}
}

// eachTarget calls f for the element itself and for the api and operation
// elements inside it, each with its target and a name for its counter.
func eachTarget(c *policy.Compiler, el *document.Element, f func(el *document.Element, t limitTarget, name string)) {
	root := limitTarget{anyAPI: true, anyOperation: true}
	f(el, root, "")
	for _, child := range el.Children {
		t := root
		label := targetLabel(c, child)
		if child.Name == "operation" {
			t.setOperation(child)
			f(child, t, "/operation/"+label)
			continue
		}
		t.setAPI(child)
		f(child, t, "/api/"+label)
		for _, operation := range child.Children {
			inner := t
			inner.setOperation(operation)
			f(operation, inner, "/api/"+label+"/operation/"+targetLabel(c, operation))
		}
	}
}

// targetLabel returns what names the API or operation.
func targetLabel(c *policy.Compiler, el *document.Element) string {
	if id, ok := el.Attr("id"); ok && id.Value != "" {
		return id.Value
	}
	name, ok := el.Attr("name")
	if !ok || name.Value == "" {
		c.Failf(el, "the attribute name or id is missing")
	}
	return name.Value
}

func (t *limitTarget) setAPI(el *document.Element) {
	t.anyAPI = false
	t.apiID, t.apiName = idAndName(el)
}

func (t *limitTarget) setOperation(el *document.Element) {
	t.anyOperation = false
	t.operationID, t.operationName = idAndName(el)
}

// idAndName reads what names an API or operation; only one of them is set.
func idAndName(el *document.Element) (id, name string) {
	if v, ok := el.Attr("id"); ok && v.Value != "" {
		return v.Value, ""
	}
	v, _ := el.Attr("name")
	return "", v.Value
}

// applies reports whether the limit applies to the call.
func (t *limitTarget) applies(c *policy.Call) bool {
	if !t.anyAPI && (c.API == nil || !isNamed(c.API.ID.Name(), c.API.DisplayName, t.apiID, t.apiName)) {
		return false
	}
	return t.anyOperation ||
		(c.Operation != nil && isNamed(c.Operation.ID.Name(), c.Operation.DisplayName, t.operationID, t.operationName))
}

// isNamed compares a resource with what a policy names: ids without regard to
// case and revision, display names as they are.
func isNamed(id, displayName, wantID, wantName string) bool {
	if wantID == "" {
		return displayName == wantName
	}
	plain, _, _ := strings.Cut(id, ";rev=")
	return strings.EqualFold(plain, wantID)
}
