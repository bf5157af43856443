package policies

import (
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// includeFragment describes include-fragment: the steps of a policy fragment in
// the place of the element.
func includeFragment() *policy.Spec {
	return &policy.Spec{
		Name:    "include-fragment",
		Summary: "Inserts the policies of a policy fragment.",
		Details: "The fragment's policies run as if they stood here. They are checked here too: each must be one that can " +
			"stand in this section and at this scope. A fragment may include others, which Azure API Management does not " +
			"allow, but never itself.",
		Example:  `<include-fragment fragment-id="correlation" />`,
		Sections: everySection,
		Scopes:   everyScope,
		Shape: policy.Shape{Attributes: []policy.Attribute{
			{Name: "fragment-id", Required: true, Value: policy.Value{Doc: "id of the policy fragment"}},
		}},
		Compile: func(c *policy.Compiler, el *document.Element) policy.Step {
			id, ok := el.Attr("fragment-id")
			if !ok {
				return nil // It has been reported.
			}
			return c.Include(el, id.Value)
		},
	}
}
