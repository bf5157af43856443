package desync

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
)

// understood notes a request that a server of net/http has understood, whoever
// has read it before, and answers it.
func understood(l *ledger, origin string, fields bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // It is not whole.
		}
		o := &sighting{method: r.Method, target: r.RequestURI, body: string(body)}
		id := r.Header.Get(idField)
		if fields {
			o.fields = []field{}
			for name, list := range r.Header {
				for _, v := range list {
					o.fields = append(o.fields, field{name, v})
				}
			}
		}
		l.observe(origin, id, o)
		text := r.Method + " " + r.RequestURI
		w.Header().Set(originField, id)
		w.Header().Set("Content-Length", strconv.Itoa(len(text)))
		if r.Method != http.MethodHead {
			_, _ = io.WriteString(w, text)
		}
	}
}

// startStandard runs an origin of net/http until the test ends.
func startStandard(tb testing.TB, l *ledger) (url string) {
	tb.Helper()
	s := httptest.NewUnstartedServer(understood(l, "Go", true))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Config.DisableGeneralOptionsHandler = true
	s.Start()
	tb.Cleanup(s.Close)
	return s.URL
}
