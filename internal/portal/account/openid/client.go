package openid

import "net/http"

// NewClient makes a client for calls to authorization servers that are no
// providers of sign-in: it reaches the same addresses as Relying does, and its
// times and answers have the same bounds. A request that is no GET follows no
// redirect.
func NewClient(o Options) *http.Client { return newClient(o) }
