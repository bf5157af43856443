package policies

import (
	"errors"
	"testing"

	"github.com/sallyport/sallyport/internal/policy"
)

func TestAppendTimeSpan(t *testing.T) {
	for _, tt := range []struct {
		name string
		n    int64
		want string
	}{
		{"nothing", 0, "00:00:00"},
		{"a day less one second", 86399, "23:59:59"},
		{"a day", 86400, "1.00:00:00"},
		{"days", 5*86400 + 3*3600 + 23*60 + 11, "5.03:23:11"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(appendTimeSpan(nil, tt.n)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestPlaceIsGivenBackAfterFailure checks that limit-concurrency counts nobody
// who is no longer inside, whatever happened there.
func TestPlaceIsGivenBackAfterFailure(t *testing.T) {
	r := newRig(t)
	r.mustCompile(t, `<limit-concurrency key="k" max-count="1">
		<check-header name="x-missing" failed-check-httpcode="400" failed-check-error-message="no" ignore-case="true" />
	</limit-concurrency>`)
	for range 3 {
		if reason := reasonOf(r.run(t, r.call("GET", "/echo"))); reason != "HeaderNotFound" {
			t.Errorf("got %q, want the failure inside", reason)
		}
	}
	if n := r.services.Concurrency.Inside("k"); n != 0 {
		t.Errorf("%d places are still taken", n)
	}
}

// TestRefusedCallsUseNothingUp checks that a call which the limit of an
// operation refuses does not count for the product.
func TestRefusedCallsUseNothingUp(t *testing.T) {
	r := newRig(t)
	r.mustCompile(t, `<rate-limit calls="3" renewal-period="60"><operation id="get" calls="1" renewal-period="60" /></rate-limit>`)
	for n := range 5 {
		if reason := reasonOf(r.run(t, r.call("GET", "/echo"))); (reason == "") != (n == 0) {
			t.Errorf("call %d: %q", n, reason)
		}
	}
	other := r.call("GET", "/echo")
	other.Operation.ID = "apis/echo/operations/other"
	if reason := reasonOf(r.run(t, other)); reason != "" {
		t.Errorf("another operation: %q, want it served", reason)
	}
}

// TestCapturedBodyOfFailedResponseIsNotKept checks that an answer that breaks
// off is not kept.
func TestCapturedBodyOfFailedResponseIsNotKept(t *testing.T) {
	r := newRig(t)
	r.mustCompile(t, `<cache-lookup vary-by-developer="false" vary-by-developer-groups="false" />`)
	outbound := &cacheStoreStep{}
	c := r.call("GET", "/echo")
	if err := c.RunSection(policy.Inbound); err != nil {
		t.Fatal(err)
	}
	c.Response.Status = 200
	c.Response.Body.SetStream(breaking{}, -1)
	outbound.store(c, c.Services.Responses, seconds(60))
	reader, err := c.Response.Body.Reader()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reader.Read(make([]byte, 10)); err == nil {
		t.Fatal("the body does not break off")
	}
	if _, ok := r.services.Responses.Get(t.Context(), c.Lookup.Key); ok {
		t.Error("a broken answer is kept")
	}
}

// breaking is a body that breaks off.
type breaking struct{}

func (breaking) Read([]byte) (int, error) { return 0, errors.New("connection reset") }
func (breaking) Close() error             { return nil }
