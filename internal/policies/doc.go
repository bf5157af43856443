// Package policies holds the policies, one a file. All is the only list of
// them: adding a policy is a new file, its golden file in testdata, and one
// line in All. Its page in docs/policies, its checks and the description for
// editors come from its Spec.
package policies

import "github.com/sallyport/sallyport/internal/policy"

// The scopes and sections that most policies share.
const (
	everySection = policy.AnySection
	everyScope   = policy.AnyScope
)
