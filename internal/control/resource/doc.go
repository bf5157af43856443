// Package resource is the contract between the management API and the kinds of
// resources that it manages: a Kind says everything about one of them (where it
// stands, the contracts of its bodies, its secrets, its filters, what it does
// when it is written), a Session reads and writes entities in one transaction
// of the store, and a Registry finds the kind that a path names.
//
// The kinds themselves are in control/resources, a file each; nothing here
// knows any of them, nor HTTP.
package resource
