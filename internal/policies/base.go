package policies

import (
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// base describes base. The compiler itself makes its step, because only it knows
// the documents that are above; the Spec is what the page and editors show.
func base() *policy.Spec {
	return &policy.Spec{
		Name:    "base",
		Summary: "Runs the same section of the next broader scope that has it.",
		Details: "The scopes are, from the narrowest to the broadest: operation, API, product, workspace, global. " +
			"A section that is absent from a document inherits the broader one; a section that is present without " +
			"`base` drops it. A document at global scope has nothing above it: there, `base` in the section `backend` " +
			"forwards the request, and does nothing in the others.\n\n" +
			"It stands directly in a section: not inside another policy, and not in a policy fragment.",
		Example: `<inbound>
    <base />
    <set-header name="x-api" exists-action="override">
        <value>orders</value>
    </set-header>
</inbound>`,
		Sections: everySection,
		Scopes:   everyScope,
		Compile: func(c *policy.Compiler, el *document.Element) policy.Step {
			c.Failf(el, "base stands for a section and is no policy of its own")
			return nil
		},
	}
}
