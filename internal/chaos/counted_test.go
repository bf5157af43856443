package chaos

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// What gateways that count together are asked for, and what they may admit.
const (
	countedLimit  = 100
	countedPeriod = time.Second
	countedPause  = 2 * time.Millisecond
)

const countedRequest = "GET /counted HTTP/1.1\r\nHost: a\r\n\r\n"

// startCounted starts a gateway with one limit, shared through the server at a
// URL; by itself where that is empty.
func startCounted(t *testing.T, counters string) *gateway {
	t.Helper()
	o := options{
		apis: map[string]string{"counted": "127.0.0.1:1", "pass": origin(t)},
		policies: map[string]string{"counted": policyOf(
			`<rate-limit-by-key calls="100" renewal-period="1" counter-key="all" /><return-response />`, "")},
	}
	if counters != "" {
		o.arguments = []string{"--counters", counters}
	}
	return start(t, o)
}

// isLost says that a gateway knows that the server of its counters is lost.
func (g *gateway) isLost(t *testing.T) bool {
	t.Helper()
	return g.metrics(t)[`sallyport_counters_lost{scope="region"}`] == 1
}

// counted are calls of a limit, with what became of them.
type counted struct {
	stop chan struct{}
	done sync.WaitGroup

	mu       sync.Mutex
	admitted []time.Time
	answers  map[int]int // By status; 0 for none.
	delays   delays
}

// callCounted calls gateways all the time, each on a connection of its own.
func callCounted(gateways []*gateway) *counted {
	c := &counted{stop: make(chan struct{}), answers: map[int]int{}}
	for _, g := range gateways {
		c.done.Go(func() { c.call(g, countedRequest) })
	}
	return c
}

func (c *counted) call(g *gateway, request string) {
	var connection *client
	for {
		select {
		case <-c.stop:
			if connection != nil {
				_ = connection.Close()
			}
			return
		case <-time.After(countedPause):
		}
		begin := time.Now()
		status, err := 0, error(nil)
		if connection == nil {
			connection, err = g.dial()
		}
		if err == nil {
			_ = connection.SetDeadline(time.Now().Add(patience)) // Fails where asking does.
			if status, _, err = connection.ask(request); err != nil {
				_ = connection.Close()
				connection, status = nil, 0
			}
		}
		c.note(status, begin)
	}
}

func (c *counted) note(status int, begin time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answers[status]++
	c.delays = append(c.delays, time.Since(begin))
	if status == http.StatusOK {
		c.admitted = append(c.admitted, begin)
	}
}

// end stops the calls.
func (c *counted) end() {
	close(c.stop)
	c.done.Wait()
}

// wrong counts the answers that are neither admitted nor refused by the limit.
func (c *counted) wrong() (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for status, times := range c.answers {
		if status != http.StatusOK && status != http.StatusTooManyRequests {
			n += times
		}
	}
	return n
}

// perWindow returns how many calls were admitted in a window, on average from one
// time to another, and at most.
func (c *counted) perWindow(from, to time.Time) (average float64, most int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	first, total := 0, 0
	for i, at := range c.admitted {
		for at.Sub(c.admitted[first]) >= countedPeriod {
			first++
		}
		if at.Before(from) || at.After(to) {
			continue
		}
		total++
		if !c.admitted[first].Before(from) {
			most = max(most, i-first+1)
		}
	}
	return float64(total) / (to.Sub(from).Seconds() / countedPeriod.Seconds()), most
}

// takeDelays returns the delays of calls since it was last asked.
func (c *counted) takeDelays() delays {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := c.delays
	c.delays = nil
	return d
}

// awaitShared waits until gateways count together, and says how long that took.
func awaitShared(t *testing.T, gateways []*gateway) time.Duration {
	t.Helper()
	return eventually(t, "the gateways count together", func() bool {
		for _, g := range gateways {
			if g.isLost(t) {
				return false
			}
		}
		return true
	})
}

// hostOf is the part of a URL that a proxy or server has.
func hostOf(url string) string { return strings.TrimPrefix(url, "redis://") }
