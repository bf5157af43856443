// Package policytest runs golden files of policies: a policy document, requests
// and the backend's answers go in; the requests as forwarded and the responses
// are compared.
//
// A golden file is in txtar form:
//
//	-- setup --            optional: "name: value" lines: scope, product, subscription,
//	                       user, backends (id=URL …), template, parameters (name=value …)
//	-- policy.xml --       the document, of the scope that setup names (api)
//	-- global.xml --       optional documents of the other scopes: global.xml,
//	                       workspace.xml, product.xml, api.xml, operation.xml
//	-- fragment NAME --    optional policy fragments
//	-- named-values --     optional: "name: value" lines
//	-- request --          an HTTP/1.1 message
//	-- operation --        optional: the operation, as JSON
//	-- schema --           optional: the schemas of the API, as JSON
//	-- backend --          optional: what the backend answers; default 200 without body
//	-- forwarded --        expected: the request as the backend got it; absent where none
//	-- waits --            expected: how long policies waited
//	-- trace --            expected: what trace logged
//	-- response --         expected: the answer to the client
//	-- fault --            expected: source, reason and place of the failure, if one
//	-- errors --           expected instead of all that: what the compiler reports
//
// Further exchanges follow with a number behind the name ("request 2"); a file
// "advance 2" moves the clock before the exchange. go test -update rewrites what
// is expected.
package policytest
