// Package harness runs the examples that package rewrite made, each against a
// management API of its own in which everything is there that the example
// assumes, and compares the answers with what the examples expect.
package harness

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

// Subscription is what stands for the subscription of the examples.
const Subscription = "00000000-0000-0000-0000-000000000000"

// Example is one published example.
type Example struct {
	// Name is the example's, Group the client that it is about.
	Name, Group string
	// Run is the example.
	Run func(*Call)
	// Want makes what the example expects to be answered; nil where it is silent.
	Want func() any
}

// Call is one run of one example.
type Call struct {
	send   func(*http.Request) (*http.Response, error)
	got    []any
	failed string
}

// Credential gives the example a token.
func (c *Call) Credential() (azcore.TokenCredential, error) { return credential{}, nil }

// credential is a token that needs no issuer.
type credential struct{}

// forever is when the tests' tokens end.
var forever = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// GetToken gives a token that the test's server takes.
func (credential) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "token", ExpiresOn: forever}, nil
}

// Options sends the example's requests to the server of the call.
func (c *Call) Options() *arm.ClientOptions {
	return &arm.ClientOptions{
		DisableRPRegistration: true,
		ClientOptions: policy.ClientOptions{
			Transport: c,
			Retry:     policy.RetryOptions{MaxRetries: -1},
			Cloud: cloud.Configuration{Services: map[cloud.ServiceName]cloud.ServiceConfiguration{
				cloud.ResourceManager: {Endpoint: "https://management.example", Audience: "https://management.example"},
			}},
		},
	}
}

// Do is the transport of the SDK.
func (c *Call) Do(r *http.Request) (*http.Response, error) { return c.send(r) }

// Got takes an answer from the example.
func (c *Call) Got(answer any) { c.got = append(c.got, answer) }

// Fatalf ends the example, as log.Fatalf would end the program.
func (c *Call) Fatalf(format string, args ...any) {
	c.failed = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// run runs the example to its end in a goroutine of its own, so that Fatalf can
// end it, and returns how it failed.
func (c *Call) run(e Example) string {
	done := make(chan struct{})
	go func() {
		defer close(done)
		e.Run(c)
	}()
	<-done
	return c.failed
}

// Run runs the examples of one version of the API, as tests by group and name.
func Run(t *testing.T, version string, examples []Example) {
	t.Helper()
	samples := collect(examples)
	t.Logf("%s: %d examples, %d kinds of bodies", version, len(examples), len(samples))
	var in *installation
	if os.Getenv(ServeVariable) != "" {
		in = install(t)
	}
	passed := 0
	for _, e := range examples {
		if t.Run(e.Group+"/"+e.Name, func(t *testing.T) { one(t, version, e, samples, in) }) {
			passed++
		}
	}
	t.Logf("%s: %d of %d examples passed", version, passed, len(examples))
}

// one runs one example, in the installation where there is one.
func one(t *testing.T, version string, e Example, samples samples, in *installation) {
	t.Helper()
	if reason, ok := skipped(e.Name); ok {
		t.Skip(reason)
	}
	s := &stage{ctx: t.Context(), version: version, samples: samples, links: map[string]string{}}
	if in == nil {
		server := resourcestest.New(t, nil)
		s.server, s.links = server, server.Documents
	} else {
		if strings.Contains(e.Name, "Import") || strings.Contains(e.Name, "GrpcApi") || strings.Contains(e.Name, "ODataApi") {
			t.Skip("it imports a document from the internet")
		}
		in.reset(t)
		s.server = in
	}
	if e.Want != nil {
		s.want = tree(t, e.Want())
	}
	c := &Call{send: s.send}
	failed := c.run(e)
	if t.Failed() || failed != "" {
		t.Errorf("%s\nwhat was done:\n%s", failed, s.story())
		return
	}
	if e.Want == nil {
		return
	}
	if reason, ok := uncompared(e.Name); ok {
		t.Logf("the answer is not compared: %s", reason)
		return
	}
	if faults := compare(s.want, merged(t, c.got), s); len(faults) > 0 {
		t.Errorf("the answer is not as published:\n%s\nwhat was done:\n%s", lines(faults), s.story())
	}
}

// tree turns an answer of the SDK into plain JSON values.
func tree(t *testing.T, answer any) map[string]any {
	t.Helper()
	raw, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	var object map[string]any
	if err := json.Unmarshal(raw, &object); err != nil {
		t.Fatalf("%T is no object: %v: %.200s", answer, err, raw)
	}
	return object
}

// merged makes one list of the pages that an example got.
func merged(t *testing.T, answers []any) map[string]any {
	t.Helper()
	var all map[string]any
	for _, answer := range answers {
		page := tree(t, answer)
		if all == nil {
			all = page
			continue
		}
		before, _ := all["value"].([]any)
		more, _ := page["value"].([]any)
		all["value"] = append(before, more...)
	}
	return all
}

// errRecorded ends a run that is only there to see the request.
var errRecorded = errors.New("recorded")
