package policies

import "github.com/sallyport/sallyport/internal/policy"

// All returns every policy, in the order of their names.
func All() *policy.Registry {
	return policy.NewRegistry(
		base(),
		choose(),
		forwardRequest(),
		includeFragment(),
		mockResponse(),
		retry(),
		returnResponse(),
		rewriteURI(),
		setBackendService(),
		setBody(),
		setHeader(),
		setMethod(),
		setQueryParameter(),
		setStatus(),
		setVariable(),
		trace(),
	)
}
