package listen

import "net/http"

// refusal is the answer to a request that is not served at all.
type refusal struct {
	status int
	text   string
}

// checkRequest refuses what the engine lets through and a gateway must not.
func checkRequest(r *http.Request) *refusal {
	switch {
	case r.Method == http.MethodConnect || r.Method == http.MethodTrace:
		return &refusal{http.StatusMethodNotAllowed, "The method is not allowed."}
	case r.RequestURI == "*":
		return &refusal{http.StatusBadRequest, "The request target is malformed."}
	case r.Host == "":
		return &refusal{http.StatusBadRequest, "The Host header is missing."}
	}
	return nil
}

// refuse answers a refusal and closes the connection.
func refuse(w http.ResponseWriter, f *refusal) {
	w.Header()["Connection"] = []string{"close"}
	w.Header()["Content-Type"] = []string{"text/plain; charset=utf-8"}
	w.WriteHeader(f.status)
	// The client is told what is wrong if it still listens.
	_, _ = w.Write([]byte(f.text + "\n"))
}
