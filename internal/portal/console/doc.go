// Package console is the part of the developer portal in which visitors try
// operations of the APIs that they see.
//
// A page's request goes through a proxy of the portal, so that it works without
// CORS. That proxy is no open one: it reaches the service's gateway and nothing
// else. The visitor chooses values; the scheme, the host, the path's beginning
// and the method come from the catalogue (target.go), header fields that belong
// to the connection are refused (fields.go), the address is dialled whatever a
// URL says (proxy.go), and no redirect is followed. Request and answer are
// bounded by the limits of limits.go.
//
// The visitor's keys and tokens stay on the server: a key is read from the
// management plane when it is needed, and a token lives in memory with the
// session (tokens.go). A page has them only where the visitor asks to see them.
package console
