package policies

import "github.com/sallyport/sallyport/internal/policy"

// All returns every policy, in the order of their names.
func All() *policy.Registry {
	return policy.NewRegistry(
		choose(),
		includeFragment(),
		returnResponse(),
		setBody(),
		setHeader(),
		setStatus(),
		setVariable(),
	)
}
