package policies

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// descriptions is the list of the policies that there are.
func descriptions() *resource.Node {
	return resource.New(access.PolicyDescriptions, resource.Kind{
		Collection: "policyDescriptions", Title: "PolicyDescription", Contract: "PolicyDescriptionContract",
		Verbs: resource.List, Unpaged: true,
		Hooks: resource.Hooks{Items: listDescriptions},
	})
}

// Scopes at which a policy may stand, as the API numbers them.
const (
	scopeTenant = 1 << iota
	scopeProduct
	scopeAPI
	scopeOperation

	everyScope = scopeTenant | scopeProduct | scopeAPI | scopeOperation
	// scopeBuiltIn marks the policies that the service itself brings.
	scopeBuiltIn = 1 << 28
)

// description is a policy in a few words.
type description struct {
	name, summary string
	scopes        int
}

// known are the policies of the gateway. The management plane does not import
// them; a test holds both lists together.
var known = []description{
	{"authentication-basic", "Authenticates at the backend with user and password.", everyScope},
	{"authentication-certificate", "Authenticates at the backend with a client certificate.", everyScope},
	{"base", "Runs the same section of the next broader scope that has it.", everyScope},
	{"cache-lookup", "Answers from the cache, where an answer to the same request is kept.", everyScope},
	{"cache-lookup-value", "Sets a variable to a value that 'cache-store-value' has kept.", everyScope},
	{"cache-remove-value", "Removes a value that 'cache-store-value' has kept.", everyScope},
	{"cache-store", "Keeps the response for later requests that 'cache-lookup' finds to be the same.", everyScope},
	{"cache-store-value", "Keeps a value for later requests, which 'cache-lookup-value' finds.", everyScope},
	{"check-header", "Requires that the request has a header, and that it has one of the given values.", everyScope},
	{"choose", "Runs the policies of the first 'when' whose condition holds, or those of 'otherwise'.", everyScope},
	{"cors", "Lets scripts of other sites call the API (cross-origin resource sharing).", everyScope},
	{"forward-request", "Forwards the request to the backend and waits for the head of its answer.", everyScope},
	{"include-fragment", "Inserts the policies of a policy fragment.", everyScope},
	{"ip-filter", "Allows or forbids callers by their addresses.", everyScope},
	{"limit-concurrency", "Lets at most a number of requests into the enclosed policies at the same time.", everyScope},
	{"mock-response", "Ends the pipeline and answers with what the operation's specification says of its responses.", everyScope},
	{"quota", "Limits the calls and the bandwidth of a subscription in fixed periods.", scopeProduct},
	{"quota-by-key", "Limits the calls and the bandwidth for each value of a key in fixed periods.", everyScope},
	{"rate-limit", "Limits how often a subscription may call, in a sliding window.", scopeProduct | scopeAPI | scopeOperation},
	{"rate-limit-by-key", "Limits how often may be called for each value of a key, in a sliding window.", everyScope},
	{"retry", "Runs the policies inside once, and again as long as a condition holds.", everyScope},
	{"return-response", "Ends the pipeline and answers the caller at once.", everyScope},
	{"rewrite-uri", "Changes path and query of the request that is forwarded.", everyScope},
	{"set-backend-service", "Sends the request to another backend than the API's own.", everyScope},
	{"set-body", "Replaces the body of the request or of the response.", everyScope},
	{"set-header", "Adds, replaces, extends or removes a header of the request or of the response.", everyScope},
	{"set-method", "Changes the method of the request that is forwarded.", everyScope},
	{"set-query-parameter", "Adds, replaces or removes a parameter of the query that is forwarded.", everyScope},
	{"set-status", "Sets the status code and the reason phrase of the response.", everyScope},
	{"set-variable", "Sets a context variable for later policies of the same request.", everyScope},
	{"trace", "Writes a message to the gateway's log, and to the trace of the request where one is recorded.", everyScope},
	{
		"validate-client-certificate",
		"Requires that the client has shown a certificate that passes the given checks and is one of the given identities.", everyScope,
	},
	{"validate-jwt", "Requires a JSON Web Token and checks its signature, times, issuer, audience and claims.", everyScope}}

func listDescriptions(s *resource.Session, collection resource.ID) ([]*resource.Entity, error) {
	wanted, err := wantedScope(s.Call.Query["scope"])
	if err != nil {
		return nil, err
	}
	var items []*resource.Entity
	for _, d := range known {
		if d.scopes&wanted == 0 {
			continue
		}
		items = append(items, &resource.Entity{
			ID: collection + "/" + resource.ID(d.name),
			Body: resource.Object(map[string]any{
				"description": d.summary, "scope": json.Number(strconv.Itoa(d.scopes | scopeBuiltIn)),
			}),
		})
	}
	return items, nil
}

// wantedScope reads the scope that the list is narrowed to.
func wantedScope(name string) (int, error) {
	switch strings.ToLower(name) {
	case "", "all":
		return everyScope, nil
	case "tenant":
		return scopeTenant, nil
	case "product":
		return scopeProduct, nil
	case "api":
		return scopeAPI, nil
	case "operation":
		return scopeOperation, nil
	default:
		return 0, resource.Invalid("scope", "%q is not a scope; give Tenant, Product, Api, Operation or All", name)
	}
}
