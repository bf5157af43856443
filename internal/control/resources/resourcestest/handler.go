package resourcestest

import "net/http"

// ServeHTTP answers a request of a client that is none of this package, such as
// an SDK.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }
