// Package route is the matching tree of a snapshot: it picks, for a request's
// host, path, version, revision, method and query, the API and the operation.
//
// A Table is immutable. It is built once by a Builder, read by all requests at
// the same time, and derived cheaply: replacing one API's operations shares
// every other API's tree. A look-up allocates nothing.
//
// Paths are matched in the one form that Normalize gives them, and that form
// is what is forwarded: what was authorised, what was matched and what the
// backend receives are the same path. docs/decisions/0010 and 0011 say which
// operation wins and what is done with each unusual path.
package route
