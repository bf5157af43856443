package upstream

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
)

// The load of R18: API A, whose backend swallows everything, has five requests
// for each of API B.
const (
	askedOfB = 100
	askedOfA = 5 * askedOfB
)

// swallow sends the load and returns how many requests to B failed while
// requests to A were being swallowed. With places, that many requests in all
// have room.
func swallow(t *testing.T, places int) (failed int64) {
	t.Helper()
	hole, begun, gone := hang(t)
	good := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("b")) })
	g := newRig(t, Options{})
	a, b := mustURL(t, hole.URL), mustURL(t, good.URL)
	address := g.listen(t, func(c *policy.Call) {
		if strings.HasPrefix(c.Request.URL.Path, "/a") {
			c.SetBaseURL(&a)
			return
		}
		c.SetBaseURL(&b)
	}, &policy.DefaultForward)
	transport := &http.Transport{MaxIdleConnsPerHost: 16}
	defer transport.CloseIdleConnections()
	var sender http.RoundTripper = transport
	held := askedOfA
	if places > 0 {
		sender, held = &shared{make(chan struct{}, places), transport}, places
	}
	ctx, cancel := context.WithCancel(t.Context())
	var waiting sync.WaitGroup
	for range askedOfA {
		waiting.Go(func() { _ = ask(ctx, sender, address+"/a") }) // None of them is answered.
	}
	for range held {
		<-begun
	}
	var asking sync.WaitGroup
	for range 4 {
		asking.Go(func() {
			for range askedOfB / 4 {
				if err := ask(ctx, sender, address+"/b"); err != nil {
					atomic.AddInt64(&failed, 1)
				}
			}
		})
	}
	asking.Wait()
	cancel()
	waiting.Wait()
	for range held {
		g.clock.until(gone)
	}
	return failed
}

// ask sends a request that is to be answered with 200.
func ask(ctx context.Context, sender http.RoundTripper, url string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	answer, err := sender.RoundTrip(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil || answer.StatusCode != http.StatusOK {
		return fmt.Errorf("answered %d, %w", answer.StatusCode, err)
	}
	return nil
}

func mustURL(t *testing.T, text string) message.URL {
	t.Helper()
	u, err := message.ParseURL(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestR18_BlackHole(t *testing.T) {
	failed := swallow(t, 0)
	if failed > 0 {
		t.Errorf("%d of %d requests to API B failed while API A's backend swallowed %d, want 0", failed, askedOfB, askedOfA)
	}
	fmt.Printf("R18: %d of %d requests to API B failed while %d to API A were swallowed (0)\n", failed, askedOfB, askedOfA)
}

// shared lets requests through as long as there is room for all of them
// together: what a gateway does whose APIs share one pool of workers.
type shared struct {
	places chan struct{}
	next   http.RoundTripper
}

// RoundTrip sends a request, or refuses it.
func (s *shared) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case s.places <- struct{}{}:
		defer func() { <-s.places }()
		return s.next.RoundTrip(r)
	default:
		return nil, http.ErrHandlerTimeout
	}
}

func TestR18_BlackHole_NegativeControl(t *testing.T) {
	failed := swallow(t, askedOfB/2)
	if failed == 0 {
		t.Error("with one pool of places for all APIs none failed: the test finds nothing")
	}
	fmt.Printf("R18: %d of %d requests to API B failed with one pool of places for all APIs (more than 0)\n", failed, askedOfB)
}
