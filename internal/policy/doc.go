// Package policy is the policy contract: what a policy is (Spec), what it is
// compiled to (Step), what a step works on (Call), and how the documents of
// all scopes come together for one request.
//
// A policy is described wholly by one Spec. From its Shape come the checks
// when a document is saved, the page in docs/policies and the description for
// editors; its Compile makes the Step. Everything that can be decided when a
// document is compiled is decided then: a Step holds parsed numbers, prepared
// header names and compiled expressions, and is shared by all requests.
package policy
