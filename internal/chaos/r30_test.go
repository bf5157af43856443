package chaos

import (
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
	"time"
)

// The load and the limits of R30, in the long form.
const (
	slowHeads, slowBodies, slowReaders = 1700, 1700, 1600

	headTimeout, bodyTimeout, writeTimeout = 10 * time.Second, 60 * time.Second, 60 * time.Second

	slowTolerance = 2 * time.Second
	slowRatio     = 1.5
)

// slowClients are connections that keep the gateway waiting.
type slowClients struct {
	mu    sync.Mutex
	open  map[net.Conn]bool // which send a byte a second
	ended []time.Duration   // when each of those was ended
	still []net.Conn        // which do nothing
	all   sync.WaitGroup
}

// begin opens connections, each of which begins with a text. Those that drip send
// a byte a second then.
func (s *slowClients) begin(t *testing.T, g *gateway, many int, text string, drips bool) {
	t.Helper()
	for range many {
		c, err := net.Dial("tcp", g.address)
		if err != nil {
			t.Fatal(err)
		}
		_ = c.(*net.TCPConn).SetReadBuffer(4 << 10)
		if _, err := io.WriteString(c, text); err != nil {
			t.Fatal(err)
		}
		if !drips {
			s.still = append(s.still, c)
			continue
		}
		begun := time.Now()
		s.mu.Lock()
		s.open[c] = true
		s.mu.Unlock()
		s.all.Go(func() {
			_, _ = io.Copy(io.Discard, c) // To the end, whatever it is.
			s.mu.Lock()
			defer s.mu.Unlock()
			delete(s.open, c)
			s.ended = append(s.ended, time.Since(begun))
			_ = c.Close()
		})
	}
}

// dripSlices is into how many parts the connections are divided, each of which has
// its moment of a second.
const dripSlices = 20

// drip sends a byte on each connection of a part, and returns how many there are
// in all.
func (s *slowClients) drip(part int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.open {
		if c.LocalAddr().(*net.TCPAddr).Port%dripSlices == part {
			_, _ = c.Write([]byte("x")) // Fails on one that has just ended.
		}
	}
	return len(s.open)
}

// TestR30_SlowClientsOfTheProcess has 5,000 slow clients at a running gateway. A
// backend takes 2,048 connections of a gateway, so those that hold one are at
// others than the honest client.
func TestR30_SlowClientsOfTheProcess(t *testing.T) {
	if !*long {
		t.Skip("SKIPPED: it takes minutes; make robustness runs it")
	}
	g := start(t, options{apis: map[string]string{"pass": origin(t), "slow": origin(t), "large": origin(t)}})
	before, base := g.baseline(t), g.figures(t)
	heads, bodies, readers := newSlowClients(), newSlowClients(), newSlowClients()
	var open []int
	during := g.during(t, func() {
		heads.begin(t, g, slowHeads, "GET /pass/small HTTP/1.1\r\nHost: a\r\nX: ", true)
		bodies.begin(t, g, slowBodies, "POST /slow/bytes/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n", true)
		readers.begin(t, g, slowReaders, "GET /large/bytes/100000000 HTTP/1.1\r\nHost: a\r\n\r\n", false)
		for part, end := 0, time.Now().Add(bodyTimeout+2*slowTolerance); time.Now().Before(end); pause(time.Second / dripSlices) {
			part = (part + 1) % dripSlices
			if n := heads.drip(part) + bodies.drip(part); part == 0 {
				open = append(open, n)
			}
		}
	})
	// Of the time of a body only that counts in which the gateway waits for it: on a
	// busy machine some end later.
	heads.all.Wait()
	bodies.all.Wait()
	// The readers' backends and the readers themselves are gone when the
	// descriptors are.
	g.until(t, 2*writeTimeout, func(f figures) bool { return f.descriptors < base.descriptors+slowReaders/20 })
	left := g.figures(t).descriptors - base.descriptors
	slices.Sort(heads.ended)
	slices.Sort(bodies.ended)
	fmt.Printf("R30: 99 of 100 slow heads ended after %v to %v (%v ± %v), bodies after %v to %v (%v ± %v), %.0f descriptors of %d slow readers left after twice %v (few), honest p99 %v, %v before (%.1f times, or %v)\n",
		heads.first(), heads.last(), headTimeout, slowTolerance, bodies.first(), bodies.last(), bodyTimeout, slowTolerance,
		left, slowReaders, writeTimeout, during.at(99), before.at(99), slowRatio, noise)
	for _, w := range []struct {
		all  *slowClients
		want time.Duration
	}{{heads, headTimeout}, {bodies, bodyTimeout}} {
		if w.all.first() < w.want-slowTolerance || w.all.last() > w.want+slowTolerance {
			t.Errorf("connections ended after %v to %v, want %v ± %v; open each second: %v", w.all.first(), w.all.last(), w.want, slowTolerance, open)
		}
	}
	notSlower(t, before, during, slowRatio)
	for _, c := range readers.still {
		_ = c.Close()
	}
}

// until waits at most so long that figures hold.
func (g *gateway) until(t *testing.T, most time.Duration, holds func(figures) bool) {
	t.Helper()
	for end := time.Now().Add(most); !holds(g.figures(t)); pause(time.Second) {
		if time.Now().After(end) {
			t.Errorf("after %v there are %v", most, g.figures(t))
			return
		}
	}
}

func newSlowClients() *slowClients { return &slowClients{open: map[net.Conn]bool{}} }

func (s *slowClients) first() time.Duration { return s.ended[0].Round(10 * time.Millisecond) }

// last is when all but a hundredth had ended.
func (s *slowClients) last() time.Duration {
	return s.ended[len(s.ended)*99/100].Round(10 * time.Millisecond)
}
