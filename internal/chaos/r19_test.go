package chaos

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The load and the limits of R19.
const (
	slowBackends = 1000
	slowMemory   = 64 << 20
	slowTimeout  = 2 * time.Second
	slowTimeouts = 20
	tolerance    = 100 * time.Millisecond
)

// skipHead reads the head of a request.
func skipHead(c net.Conn) {
	r := bufio.NewReader(c)
	for {
		if line, err := r.ReadString('\n'); err != nil || line == "\r\n" {
			return
		}
	}
}

// startSlowBackends starts a gateway with a backend that is well, one that sends
// heads and then a byte a second, and one that sends no head.
func startSlowBackends(t *testing.T, held int) *gateway {
	t.Helper()
	stop := make(chan struct{})
	t.Cleanup(func() { close(stop) })
	drip := scripted(t, func(c net.Conn) {
		skipHead(c)
		_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n%s", make([]byte, held))
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Second):
				if _, err := c.Write([]byte("x")); err != nil {
					return
				}
			}
		}
	})
	silent := scripted(t, func(c net.Conn) {
		skipHead(c)
		_, _ = c.Write([]byte("H"))
		_, _ = io.Copy(io.Discard, c)
	})
	return start(t, options{
		apis:     map[string]string{"pass": origin(t), "drip": drip, "hold": drip, "silent": silent},
		policies: map[string]string{"silent": policyOf("", fmt.Sprintf(`<forward-request timeout="%d" />`, int(slowTimeout.Seconds())))},
	})
}

// drips calls the slow backend on so many connections and reads the heads. It
// returns the connections, and how many have failed.
func (g *gateway) drips(t *testing.T) (all []*client, failed int) {
	t.Helper()
	for range slowBackends {
		c, err := g.dial()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
		if _, err := io.WriteString(c, "GET /drip/x HTTP/1.1\r\nHost: a\r\n\r\n"); err != nil {
			failed++
		}
	}
	for _, c := range all {
		if r, err := http.ReadResponse(c.in, nil); err != nil || r.StatusCode != http.StatusOK {
			failed++
		}
	}
	return all, failed
}

// timeouts calls the silent backend and returns how late each call ended.
func (g *gateway) timeouts(t *testing.T) (late []time.Duration, wrong int) {
	t.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	var bad atomic.Int64
	for range slowTimeouts {
		all.Go(func() {
			c, err := g.dial()
			if err != nil {
				bad.Add(1)
				return
			}
			defer c.Close()
			begin := time.Now()
			status, _, err := c.ask("GET /silent/x HTTP/1.1\r\nHost: a\r\n\r\n")
			took := time.Since(begin)
			if err != nil || status < 500 {
				bad.Add(1)
			}
			mu.Lock()
			defer mu.Unlock()
			late = append(late, took-slowTimeout)
		})
	}
	all.Wait()
	slices.Sort(late)
	return late, int(bad.Load())
}

// TestR19_SlowBackendsOfTheProcess has 1,000 calls wait for backends that send a
// byte a second, through a running gateway.
func TestR19_SlowBackendsOfTheProcess(t *testing.T) {
	g := startSlowBackends(t, 0)
	before := g.baseline(t)
	memory := g.resident()
	g.forgetPeak(t)
	var failed, wrong int
	var late []time.Duration
	during := g.during(t, func() {
		all, n := g.drips(t)
		failed = n
		late, wrong = g.timeouts(t)
		pause(size(time.Second, 30*time.Second))
		for _, c := range all {
			_ = c.Close()
		}
	})
	grown := g.peak() - memory
	first, median, last := late[0], late[len(late)/2], late[len(late)-1]
	fmt.Printf("R19: %+.1f MiB for %d slow backends (%d), %d calls failed (0), honest p99 %v, %v before (1.5 times, or %v); %d calls ended %v to %v after their time-out, half of them within %v (%v)\n",
		mib(grown), slowBackends, slowMemory>>20, failed, during.at(99), before.at(99), noise, len(late),
		first.Round(time.Millisecond), last.Round(time.Millisecond), median.Round(time.Millisecond), tolerance)
	if grown > slowMemory || failed+wrong > 0 {
		t.Errorf("memory has grown by %.1f MiB, %d calls failed, %d did not time out as they should", mib(grown), failed, wrong)
	}
	if first < -tolerance || median > tolerance { // The last ones say how busy the machine is.
		t.Errorf("calls ended %v, and half of them %v, after their time-out", first, median)
	}
	notSlower(t, before, during, 1.5)
}

// TestR19_SlowBackendsOfTheProcess_NegativeControl has a policy hold 100 KB of
// each answer in memory: that is seen.
func TestR19_SlowBackendsOfTheProcess_NegativeControl(t *testing.T) {
	g := startSmall(t)
	memory := g.resident()
	g.forgetPeak(t)
	g.exchanges(t, 20, "hold", bufferedBodies/2, 1, http.StatusOK)
	if grown := g.peak() - memory; grown <= slowMemory {
		t.Errorf("20 bodies of %.0f MiB in memory make it grow by %.1f MiB: the test finds nothing", mib(bufferedBodies/2), mib(grown))
	}
}
