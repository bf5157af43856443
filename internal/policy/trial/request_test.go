package trial_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/policy/trial"
)

func TestReadRequest(t *testing.T) {
	type request struct {
		Method, URL, Header, Body string
		HasBody                   bool
	}
	tests := []struct {
		name, text string
		want       request
		err        string
	}{
		{"least", "GET /", request{Method: "GET", URL: "https://localhost/"}, ""},
		{"host and query", "GET /a?b=c HTTP/1.1\r\nHost: x.example:8443\r\nA: 1\r\na:2\r\n\r\n", request{Method: "GET", URL: "https://x.example:8443/a?b=c", Header: "A=1 a=2"}, ""},
		{"absolute", "PUT http://x.example HTTP/1.0\n\n\n", request{Method: "PUT", URL: "http://x.example/", Body: "\n", HasBody: true}, ""},
		{"body to the end", "POST / HTTP/1.1\nA: b\n\none\ntwo\n", request{Method: "POST", URL: "https://localhost/", Header: "A=b", Body: "one\ntwo\n", HasBody: true}, ""},
		{"body of a length", "POST / HTTP/1.1\nContent-Length: 3\n\none\n", request{Method: "POST", URL: "https://localhost/", Header: "Content-Length=3", Body: "one", HasBody: true}, ""},
		{"body of no length", "POST / HTTP/1.1\nContent-Length: 0\n\n", request{Method: "POST", URL: "https://localhost/", Header: "Content-Length=0", HasBody: true}, ""},
		{"nothing", "", request{}, `request line "": write METHOD TARGET HTTP/1.1`},
		{"no target", "GET", request{}, `request line "GET"`},
		{"HTTP/2", "GET / HTTP/2", request{}, `the version "HTTP/2" is not HTTP/1.1`},
		{"no field", "GET / HTTP/1.1\nA: b\nnonsense\n", request{}, `line 3: "nonsense" is no field line`},
		{"control character", "GET / HTTP/1.1\nA: b\x00\n", request{}, "line 2"},
		{"no host", "GET / HTTP/1.1\nHost: [\n", request{}, "reading the target"},
		{"body too short", "POST / HTTP/1.1\nContent-Length: 4\n\none", request{}, "the Content-Length is 4, and 3 bytes follow"},
		{"chunked", "POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n0\n", request{}, "Transfer-Encoding"},
		{"long line", "GET / HTTP/1.1\nA: " + strings.Repeat("x", 64<<10), request{}, "line 2: it has 65539 bytes, more than the 65536"},
		{"many fields", "GET / HTTP/1.1\n" + strings.Repeat("A: b\n", 1001), request{}, "line 1002: there are more than 1000"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r, err := trial.ReadRequest([]byte(test.text))
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Fatalf("the error is %v, want %s", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := request{Method: r.Method, URL: r.URL.String(), HasBody: r.Body.Present()}
			var fields []string
			for _, f := range r.Header.Fields() {
				fields = append(fields, f.Name+"="+f.Value)
			}
			got.Header = strings.Join(fields, " ")
			body, _ := r.Body.Buffered()
			got.Body = string(body)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
			if call := trial.New(r); call.Expression().Request.OriginalURL().Path != r.URL.Path || call.Expression().Response != nil {
				t.Error("the call does not show the request")
			}
		})
	}
}

// FuzzReadRequest wants a request that can be shown, or an error.
func FuzzReadRequest(f *testing.F) {
	f.Add([]byte("GET /a?b HTTP/1.1\nHost: x\n\nbody"))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := trial.ReadRequest(text)
		if err != nil {
			return
		}
		if r.Method == "" || r.URL.Host == "" || !strings.HasPrefix(r.URL.Path, "/") {
			t.Errorf("%q gives method %q and URL %s", text, r.Method, r.URL.String())
		}
	})
}
