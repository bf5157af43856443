package fleet

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/snapshot/feed"
)

// What R6 promises of many gateways whose management plane is started anew.
const (
	r6Gateways = 50
	// r6Few are enough to show what happens without back-off.
	r6Few = 40
	// r6Peak is how many times the requests of a quiet second there may be in the
	// busiest one.
	r6Peak = 3
	// r6Late may be counted a moment later than they began.
	r6Late = 1
	// r6Step is how soon all are in step.
	r6Step = 30 * time.Second
)

// counted is a way to a management plane that counts what reaches it.
type counted struct {
	*httptest.Server
	mu       sync.Mutex
	requests []time.Time
	begun    []time.Time // Feeds.
}

func count(t *testing.T, c *control) *counted {
	t.Helper()
	to, err := url.Parse("http://" + c.address)
	if err != nil {
		t.Fatal(err)
	}
	n := &counted{}
	transport := &http.Transport{}
	proxy := &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(to) },
		Transport:     transport,
		FlushInterval: -1,
		ErrorLog:      slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
		// A management plane that is not there has no load of what does not reach it.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
		ModifyResponse: func(r *http.Response) error {
			n.mu.Lock()
			defer n.mu.Unlock()
			n.requests = append(n.requests, time.Now())
			if r.Header.Get("Content-Type") == feed.MediaType {
				n.begun = append(n.begun, time.Now())
			}
			return nil
		},
	}
	n.Server = httptest.NewServer(proxy)
	t.Cleanup(func() {
		n.CloseClientConnections()
		n.Close()
		transport.CloseIdleConnections()
	})
	return n
}

// busiest is how many of the times fall into the busiest second after a time.
func (n *counted) busiest(list *[]time.Time, after time.Time) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	most := 0
	for i, from := range *list {
		if from.Before(after) {
			continue
		}
		in := 0
		for _, at := range (*list)[i:] {
			if at.Sub(from) < time.Second {
				in++
			}
		}
		most = max(most, in)
	}
	return most
}

// together is what came of many gateways that come back.
type together struct {
	feeds, requests int // In the busiest second.
	quiet           int // Requests in the busiest second before; 0 in the short form.
	step            time.Duration
	waits           []time.Duration // Of all until they follow again.
}

// comeBack kills the management plane, starts it anew and makes a change.
func comeBack(t *testing.T, gateways int, random func() float64, down time.Duration) together {
	t.Helper()
	c := startControl(t)
	c.publish(t, 0)
	n := count(t, c)
	s := &seen{}
	s.reset(gateways)
	token := command(t, "gateway", "token", "managed", "--data", c.dir)
	list := startFollowers(t, n.URL, token, gateways, random, s.saw)
	for _, f := range list {
		eventually(t, "all follow", func() bool { return f.client.Status().Control != "" })
	}
	time.Sleep(size(0, feed.SettledAfter))
	settled := time.Now()
	time.Sleep(size(0, 2*feed.HeartbeatInterval))
	var r together
	if *long {
		r.quiet = n.busiest(&n.requests, settled)
	}
	c.kill()
	time.Sleep(down)
	c.start(t)
	up := time.Now()
	c.publish(t, 1)
	eventually(t, "all are in step", func() bool {
		_, missing := s.all(1)
		return missing == 0
	})
	r.step = time.Since(up)
	delays, _ := s.all(1)
	r.waits = delays
	time.Sleep(2 * time.Second)
	r.feeds, r.requests = n.busiest(&n.begun, up), n.busiest(&n.requests, up)
	for _, f := range list {
		f.close(t)
	}
	return r
}

// steady is how many requests a second many gateways make that follow: their
// heartbeats.
const steady = r6Gateways / int(feed.HeartbeatInterval/time.Second)

// TestR6_ComingBack starts the management plane of many gateways anew.
func TestR6_ComingBack(t *testing.T) {
	for _, down := range size([]time.Duration{time.Second}, []time.Duration{100 * time.Millisecond, 3 * time.Second, 15 * time.Second}) {
		r := comeBack(t, r6Gateways, random, down)
		if r.feeds > r6Peak*steady+r6Late {
			t.Errorf("%d feeds began in one second, more than %d times %d", r.feeds, r6Peak, steady)
		}
		if *long && r.requests > r6Peak*r.quiet {
			t.Errorf("%d requests in one second, with those that were put off: more than %d times the %d of the busiest quiet one",
				r.requests, r6Peak, r.quiet)
		}
		if r.step > r6Step {
			t.Errorf("all were in step after %s, more than %s", r.step, r6Step)
		}
		fmt.Printf("R6: %d gateways, %s after the management plane was killed: %d feeds begin in the busiest second (%d = %d × steady %d), "+
			"%d requests with those that were put off (3 × %d of the busiest quiet second), all in step after %s (%s)\n",
			r6Gateways, down, r.feeds, r6Peak*steady, r6Peak, steady, r.requests, r.quiet, r.step.Round(10*time.Millisecond), r6Step)
	}
}

// TestR6_ComingBack_NegativeControl has gateways that do not wait.
func TestR6_ComingBack_NegativeControl(t *testing.T) {
	r := comeBack(t, r6Few, func() float64 { return 0 }, 200*time.Millisecond)
	if r.requests <= r6Peak*steady {
		t.Errorf("%d requests in one second from gateways that do not wait", r.requests)
	}
	if len(slices.Compact(r.waits)) == 0 {
		t.Error("no gateway came back")
	}
}
