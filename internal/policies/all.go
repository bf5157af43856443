package policies

import "github.com/sallyport/sallyport/internal/policy"

// All returns every policy, in the order of their names.
func All() *policy.Registry {
	return policy.NewRegistry(
		authenticationBasic(),
		authenticationCertificate(),
		base(),
		cacheLookup(),
		cacheLookupValue(),
		cacheRemoveValue(),
		cacheStore(),
		cacheStoreValue(),
		checkHeader(),
		choose(),
		cors(),
		forwardRequest(),
		includeFragment(),
		ipFilter(),
		limitConcurrency(),
		mockResponse(),
		quota(),
		quotaByKey(),
		rateLimit(),
		rateLimitByKey(),
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
		validateClientCertificate(),
		validateJWT(),
	)
}
