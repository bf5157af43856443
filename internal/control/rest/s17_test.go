package rest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/control/rest"
	"github.com/sallyport/sallyport/internal/problem"
)

// door is a guard to whom the token is the name of the principal, but for
// "wrong", and for "slow", which waits at the door.
type door struct {
	waiting chan struct{} // Gets a value from each that waits.
	open    chan struct{} // Closed to let them in.
}

// Authenticate reads a token.
func (d *door) Authenticate(_ context.Context, authorization string) (rest.Principal, error) {
	switch authorization {
	case "", "wrong":
		return rest.Principal{}, problem.New(http.StatusUnauthorized, problem.CodeUnauthorized, "Who are you?")
	case "slow":
		d.waiting <- struct{}{}
		<-d.open
	}
	return rest.Principal{ID: authorization, Name: authorization}, nil
}

// Allow says yes.
func (*door) Allow(context.Context, rest.Principal, access.Permission, string) (bool, error) {
	return true, nil
}

// asked is an API with limits, and what was answered, by status.
type asked struct {
	*resourcestest.Server
	door *door
}

func newAsked(t *testing.T, limits rest.Limits) *asked {
	t.Helper()
	d := &door{waiting: make(chan struct{}), open: make(chan struct{})}
	// The service is made by a principal of its own.
	return &asked{resourcestest.NewWith(t, resourcestest.Options{Guard: first{d}, Limits: &limits}), d}
}

// first is a guard that lets in who makes the service, who has no token.
type first struct{ *door }

// Authenticate lets in a caller from the address of tests without a token, for
// PUT only of which resourcestest makes one.
func (f first) Authenticate(ctx context.Context, authorization string) (rest.Principal, error) {
	if authorization == "" {
		return rest.Principal{ID: "first", Name: "first"}, nil
	}
	return f.door.Authenticate(ctx, authorization)
}

// ask sends a request n times, and counts the statuses. Each refusal has to have
// the form of the API's errors, and to say when to come back.
func (a *asked) ask(t *testing.T, n int, token, address string) map[int]int {
	t.Helper()
	counts := map[int]int{}
	for range n {
		w := a.once(t, token, address)
		counts[w.Code]++
		if w.Code != http.StatusTooManyRequests {
			continue
		}
		var answer struct {
			Error struct {
				Code    string `json:"code"`
				Message string `json:"message"`
				Target  string `json:"target"`
			} `json:"error"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || answer.Error.Code != "TooManyRequests" || answer.Error.Target == "" {
			t.Fatalf("the refusal is no error of the API: %v %s", err, w.Body)
		}
		if after, err := strconv.Atoi(w.Header().Get("Retry-After")); err != nil || after < 1 {
			t.Fatalf("Retry-After is %q", w.Header().Get("Retry-After"))
		}
	}
	return counts
}

func (a *asked) once(t *testing.T, token, address string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, resourcestest.Service+"/tags?api-version="+resourcestest.Version, strings.NewReader(""))
	r.RemoteAddr = address + ":40000"
	if token != "" {
		r.Header.Set("Authorization", token)
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w
}

const (
	here  = "203.0.113.7"
	there = "203.0.113.8"
)

// excess asks more than the default limits allow, and returns how much was let
// through beyond them.
func excess(t *testing.T, limits rest.Limits) (beyond int) {
	t.Helper()
	a := newAsked(t, limits)
	bounds := rest.DefaultLimits()
	burst, failures := int(bounds.Requests.Burst), int(bounds.Failures.Burst)
	beyond += a.ask(t, burst+100, "alice", here)[http.StatusOK] - burst
	a.Clock.Advance(100 * time.Millisecond)
	beyond += a.ask(t, 200, "alice", here)[http.StatusOK] - int(bounds.Requests.PerSecond/10)
	if got := a.ask(t, 10, "bob", here)[http.StatusOK]; got != 10 {
		t.Errorf("%d of 10 requests of another principal were answered", got)
	}
	beyond += a.ask(t, failures+100, "wrong", here)[http.StatusUnauthorized] - failures
	// One more guess cannot be right; elsewhere, and later, it can.
	beyond += a.ask(t, 1, "bob", here)[http.StatusOK]
	if got := a.ask(t, 10, "bob", there)[http.StatusOK]; got != 10 {
		t.Errorf("%d of 10 requests from another address were answered", got)
	}
	a.Clock.Advance(time.Second)
	beyond += a.ask(t, 200, "wrong", here)[http.StatusUnauthorized] - int(bounds.Failures.PerSecond)
	a.Clock.Advance(time.Second)
	if got := a.ask(t, 10, "bob", here)[http.StatusOK]; got != 10 {
		t.Errorf("%d of 10 requests were answered when the guesses had ended", got)
	}
	return beyond + crowd(t, a, bounds.Concurrent)
}

// crowd lets requests wait inside, as many as there are slots, and returns how
// many more get in.
func crowd(t *testing.T, a *asked, slots int) (beyond int) {
	t.Helper()
	var inside sync.WaitGroup
	for range slots {
		inside.Go(func() { a.once(t, "slow", there) })
		<-a.door.waiting
	}
	beyond = a.ask(t, 10, "carol", there)[http.StatusOK]
	close(a.door.open)
	inside.Wait()
	if got := a.ask(t, 10, "carol", there)[http.StatusOK]; got != 10 {
		t.Errorf("%d of 10 requests were answered when the slots were free again", got)
	}
	return beyond
}

// TestS17_Limits asks too often, guesses tokens, and takes every slot.
func TestS17_Limits(t *testing.T) {
	beyond := excess(t, rest.DefaultLimits())
	if beyond != 0 {
		t.Errorf("%d requests were answered beyond the limits", beyond)
	}
	fmt.Printf("S17: %d requests answered beyond the limits of principals, addresses and slots (0)\n", beyond)
}

// TestS17_Limits_NegativeControl does it where there are no limits.
func TestS17_Limits_NegativeControl(t *testing.T) {
	if excess(t, rest.Limits{}) == 0 {
		t.Error("without limits no request was answered beyond them")
	}
}

// TestRequestsWithoutTokenAreNoGuesses: who sends none is told so, each time.
func TestRequestsWithoutTokenAreNoGuesses(t *testing.T) {
	d := &door{}
	s := resourcestest.NewWith(t, resourcestest.Options{Guard: first{d}, Limits: &rest.Limits{Failures: rest.Rate{PerSecond: 1, Burst: 1}}})
	shared := rest.New(rest.Options{Plane: s.Plane, Guard: d, Limits: &rest.Limits{Failures: rest.Rate{PerSecond: 1, Burst: 1}}})
	ask := func(h http.Handler, token string) int {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, resourcestest.Service+"?api-version="+resourcestest.Version, http.NoBody)
		if token != "" {
			r.Header.Set("Authorization", token)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	for range 3 {
		if status := ask(shared, ""); status != http.StatusUnauthorized {
			t.Errorf("a request without a token is answered with %d", status)
		}
	}
	// What another handler under the same limits refuses counts as well.
	other := shared.Share(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }))
	for _, want := range []int{http.StatusUnauthorized, http.StatusTooManyRequests} {
		if status := ask(other, "wrong"); status != want {
			t.Errorf("a wrong token at the other handler is answered with %d, not %d", status, want)
		}
	}
	if status := ask(shared, "alice"); status != http.StatusTooManyRequests {
		t.Errorf("after a guess elsewhere the answer is %d", status)
	}
}
