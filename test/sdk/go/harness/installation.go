package harness

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/sallyport/sallyport/test/sdk/go/serve"
)

// ServeVariable is the environment variable with which the examples run against
// a running program in place of an API in the test's own process.
const ServeVariable = "SALLYPORT_EXAMPLES_SERVE"

// installation is a running program that serves the service of the examples.
type installation struct {
	*serve.Installation
	client *http.Client
}

func install(t *testing.T) *installation {
	t.Helper()
	in := serve.Start(t, "--service", "apimService1", "--resource-group", "rg1", "--subscription", Subscription)
	return &installation{in, in.Client(t)}
}

// ServeHTTP sends the request to the program.
func (in *installation) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out, err := http.NewRequestWithContext(r.Context(), r.Method, in.Management+r.URL.RequestURI(), r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	out.Header = r.Header.Clone()
	out.Header.Set("Authorization", "Bearer "+in.Token)
	out.ContentLength = r.ContentLength
	answer, err := in.client.Do(out)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer func() { _ = answer.Body.Close() }()
	for name, values := range answer.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.StatusCode)
	_, _ = io.Copy(w, answer.Body) // A short answer fails where it is read.
}

// reset deletes every service for good: each example begins with a new one.
func (in *installation) reset(t *testing.T) {
	t.Helper()
	const provider = "/subscriptions/" + Subscription + "/providers/Microsoft.ApiManagement/"
	for _, list := range []string{provider + "service", provider + "gateways", provider + "deletedservices"} {
		var found struct {
			Value []struct {
				ID string `json:"id"`
			} `json:"value"`
		}
		if err := json.Unmarshal(in.call(t, http.MethodGet, list), &found); err != nil {
			t.Fatalf("reading %s: %v", list, err)
		}
		for _, item := range found.Value {
			in.call(t, http.MethodDelete, item.ID)
		}
	}
}

// call sends a request that must succeed.
func (in *installation) call(t *testing.T, method, path string) []byte {
	t.Helper()
	w := httptest.NewRecorder()
	in.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, (&urlPath{path}).String()+"?api-version=2024-05-01", nil))
	if w.Code >= 300 {
		t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	return w.Body.Bytes()
}
