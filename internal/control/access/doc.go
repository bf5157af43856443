// Package access says who may do what in the management plane.
//
// A Permission is what one operation needs, in Azure's words, as in
// "Microsoft.ApiManagement/service/apis/write". A role is a set of permissions,
// an assignment gives a role to a principal at a scope, and an Authorizer
// answers from the assignments in the store. An Authenticator turns the
// Authorization header of a request into a Principal.
package access
