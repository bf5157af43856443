package serve

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// ids are the request ids in answers, which differ from run to run.
var ids = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// failuresConfig has an API for each kind of failure.
func failuresConfig() []model.Resource {
	versioned := func(a *model.API) { a.APIVersion, a.APIVersionSetID, a.Path = "v1", "/apiVersionSets/dated", "dated" }
	limited := `<policies><inbound><base /><rate-limit calls="1" renewal-period="57" /></inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>`
	quota := `<policies><inbound><base /><quota calls="1" renewal-period="460991" /></inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>`
	body := `<policies><inbound><base /><set-variable name="x" value="y" /><inject /></inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>`
	broken := `<policies><inbound><base /><inject /></inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /><inject /></on-error></policies>`
	return all(
		api("echo"), operation("echo", "GET", "/resource"), operation("echo", "POST", "/resource"),
		api("renamed", func(a *model.API) {
			a.Path, a.SubscriptionKeyParameterNames = "/team/renamed", &model.SubscriptionKeyParameterNames{Header: "X-Key", Query: "key"}
		}), operation("renamed", "GET", "/"),
		&model.VersionSet{ID: "apiVersionSets/dated", DisplayName: "dated", VersioningScheme: model.VersionInHeader, VersionHeaderName: "Api-Version"},
		api("dated", versioned), operation("dated", "GET", "/"),
		api("offline", func(a *model.API) { a.IsOnline = no }), operation("offline", "GET", "/"),
		api("limited"), operation("limited", "GET", "/"),
		api("quota"), operation("quota", "GET", "/"),
		api("body", anonymous), operation("body", "POST", "/"), documentOf("apis/body", body),
		api("broken", anonymous), operation("broken", "GET", "/"), documentOf("apis/broken", broken),
		api("jwt", anonymous), operation("jwt", "GET", "/"),
		documentOf("apis/jwt", strings.Replace(body, `<inject />`, `<validate-jwt header-name="Authorization"><issuer-signing-keys><key>c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA==</key></issuer-signing-keys></validate-jwt>`, 1)),
		product("starter", "limited"), documentOf("products/starter", limited), subscription("limited", "/products/starter"),
		product("metered", "quota"), documentOf("products/metered", quota), subscription("metered", "/products/metered"),
		subscription("ada", "/apis/echo"),
	)
}

// buffer is what a policy does that reads the request's body.
func buffer(c *policy.Call) error {
	_, err := c.Request.Body.Buffer(8)
	return err
}

func fault(f *policy.Fault) func(*policy.Call) error { return func(*policy.Call) error { return f } }

// failure is a request that is refused or fails.
type failure struct {
	name    string
	request *message.Request
	set     func(*rig)
}

// failures are the requests whose answers are in testdata/failures.txtar, made
// anew for each run: serving changes them.
func failures() []failure {
	return []failure{
		{"missing key", get("https://gateway.example/echo/resource"), nil},
		{"missing key on a port", get("http://localhost:8080/echo/resource"), nil},
		{"missing key under names of the API", get("https://gateway.example/team/renamed"), nil},
		{"key under the names of another API", get("https://gateway.example/team/renamed", "Ocp-Apim-Subscription-Key: ada-primary"), nil},
		{"invalid key", get("https://gateway.example/echo/resource", "Ocp-Apim-Subscription-Key: nobody"), nil},
		{"invalid key in the query", get("https://gateway.example/echo/resource?subscription-key=nobody"), nil},
		{"no API", get("https://gateway.example/nothing"), nil},
		{"no operation", request("DELETE", "https://gateway.example/echo/resource"), nil},
		{"no version", get("https://gateway.example/dated"), nil},
		{"unknown version", get("https://gateway.example/dated", "Api-Version: v9"), nil},
		{"unknown revision", get("https://gateway.example/echo;rev=9/resource"), nil},
		{"offline API", get("https://gateway.example/offline"), nil},
		{"https API in clear text", get("http://gateway.example/echo/resource", "Ocp-Apim-Subscription-Key: ada-primary"), nil},
		{"path without a canonical form", get("/echo/%2e%2e/resource"), nil},
		{"rate limit", get("https://gateway.example/limited", "Ocp-Apim-Subscription-Key: limited-primary"), func(r *rig) {
			r.serve(get("https://gateway.example/limited", "Ocp-Apim-Subscription-Key: limited-primary"))
		}},
		{"quota", get("https://gateway.example/quota", "Ocp-Apim-Subscription-Key: metered-primary"), func(r *rig) {
			r.serve(get("https://gateway.example/quota", "Ocp-Apim-Subscription-Key: metered-primary"))
		}},
		{"no token", get("https://gateway.example/jwt"), nil},
		{"backend time-out", get("https://gateway.example/echo/resource", "Ocp-Apim-Subscription-Key: ada-primary"), func(r *rig) {
			r.backend.answer = fault(&policy.Fault{Status: 500, Source: "forward-request", Reason: policy.ReasonTimeout, Message: "secret detail"})
		}},
		{"unavailable backend", get("https://gateway.example/echo/resource", "Ocp-Apim-Subscription-Key: ada-secondary"), func(r *rig) {
			r.backend.answer = fault(policy.NewFault(503, "forward-request", "BackendUnavailable", "The backend is temporarily unavailable.").WithHeader(message.RetryAfter, "3"))
		}},
		{"body too large for a policy", withBody(request("POST", "https://gateway.example/body"), strings.NewReader("more than eight bytes")), func(r *rig) { r.inject = buffer }},
		{"body too large for the engine", withBody(request("POST", "https://gateway.example/body"), iotest.ErrReader(&message.ClientError{Status: 413, Err: errors.New("too large")})), func(r *rig) { r.inject = buffer }},
		{"malformed body", withBody(request("POST", "https://gateway.example/body"), iotest.ErrReader(&message.ClientError{Status: 400, Err: errors.New("bad chunk")})), func(r *rig) { r.inject = buffer }},
		{"malformed body on its way to the backend", withBody(request("POST", "https://gateway.example/echo/resource", "Ocp-Apim-Subscription-Key: ada-primary"), iotest.ErrReader(&message.ClientError{Status: 400, Err: errors.New("bad chunk")})), nil},
		{"panic", get("https://gateway.example/broken"), func(r *rig) { r.inject = func(*policy.Call) error { panic("boom") } }},
		{"failure in on-error", get("https://gateway.example/broken"), func(r *rig) {
			r.inject = func(c *policy.Call) error { return fmt.Errorf("failing in %s", c.Section()) }
		}},
	}
}

// TestFailures compares the answers of failures with what Azure API Management
// answers, byte for byte where that is known.
func TestFailures(t *testing.T) {
	const path = "testdata/failures.txtar"
	golden, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, f := range golden.Files {
		want[f.Name] = string(f.Data)
	}
	golden.Files = nil
	for _, tt := range failures() {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, func(o *Options) { o.EnforceProtocols = tt.name == "https API in clear text" })
			r.use(t, failuresConfig()...)
			if tt.set != nil {
				tt.set(r)
			}
			w := r.serve(tt.request)
			got := ids.ReplaceAllString(w.String(), "87aeb87f-192c-424c-84d1-32d5bbfec437")
			golden.Files = append(golden.Files, txtar.File{Name: tt.name, Data: []byte(got)})
			if diff := cmp.Diff(want[tt.name], got); diff != "" && !*update {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if w.answers != 1 {
				t.Errorf("answered %d times", w.answers)
			}
		})
	}
	if *update {
		if err := os.WriteFile(path, txtar.Format(golden), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFailures_Lengths holds the lengths that clients have seen.
func TestFailures_Lengths(t *testing.T) {
	r := newRig(t)
	r.use(t, failuresConfig()...)
	for _, tt := range []struct {
		name    string
		request *message.Request
		length  int
	}{
		{"missing key", get("https://gateway.example/echo/resource"), 152},
		{"no operation", get("https://gateway.example/echo/nothing"), 54},
	} {
		if body := r.serve(tt.request).body; len(body) != tt.length {
			t.Errorf("%s: %d bytes, want %d: %s", tt.name, len(body), tt.length, body)
		}
	}
}

// TestActivityID compares the id in an answer with that in the access log.
func TestActivityID(t *testing.T) {
	r := newRig(t)
	r.use(t, failuresConfig()...)
	r.inject = func(*policy.Call) error { return io.ErrNoProgress }
	w := r.serve(withBody(request("POST", "https://gateway.example/body"), strings.NewReader("x")))
	records := r.records(t)
	if len(records) != 1 || records[0].RequestID == "" || !strings.Contains(w.body, `"activityId": "`+records[0].RequestID+`"`) {
		t.Errorf("answer %s, records %+v", w.body, records)
	}
	if log := r.log.String(); !strings.Contains(log, records[0].RequestID) {
		t.Errorf("the log does not name the request: %s", log)
	}
}

// TestConfigurationMissing answers before there is a configuration.
func TestConfigurationMissing(t *testing.T) {
	r := newRig(t)
	w := r.serve(get("https://gateway.example/echo/resource"))
	if w.status != 503 || !w.header.Has(message.RetryAfter) {
		t.Errorf("answered %s", w)
	}
	if text := r.log.String(); strings.Contains(text, "request failed") {
		t.Errorf("each call is in the log: %s", text)
	}
	if w := r.serve(get("https://gateway.example" + StatusPath)); w.status != 503 {
		t.Errorf("the status path answered %d before there was a configuration", w.status)
	}
	r.use(t, failuresConfig()...)
	if w := r.serve(get("https://gateway.example" + StatusPath)); w.status != 200 {
		t.Errorf("the status path answered %d", w.status)
	}
	r.server.Drain()
	if w := r.serve(get("https://gateway.example" + StatusPath)); w.status != 503 {
		t.Errorf("the status path answered %d while draining", w.status)
	}
	if w := r.serve(get("https://gateway.example/echo/resource", "Ocp-Apim-Subscription-Key: ada-primary")); w.status != 200 {
		t.Errorf("a request was answered %d while draining", w.status)
	}
	r.clock.Advance(time.Second)
}
