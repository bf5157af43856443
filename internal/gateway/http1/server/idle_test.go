package server

import (
	"fmt"
	"io"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/gateway/http1/socket"
)

// parkedNow returns how many connections have given up their goroutine.
func (s *Server) parkedNow() int {
	place := s.park.Load()
	if place == nil {
		return 0
	}
	place.mu.Lock()
	defer place.mu.Unlock()
	return len(place.parked)
}

// parkAll advances the clock until so many connections are parked: slowly enough
// for the last one to begin to wait long before the first has waited for too long.
func parkAll(c *clock.Fake, s *Server, connections int) {
	pause := time.NewTicker(time.Millisecond)
	defer pause.Stop()
	for s.parkedNow() < connections {
		<-pause.C
		c.Advance(ParkTime / 100)
	}
}

func TestParkedConnectionGoesOn(t *testing.T) {
	g := start(t, handlerFunc(echo))
	c := g.dial(t)
	for range 3 {
		c.send(get)
		if status, _, _ := c.answer(); status != 200 {
			t.Errorf("answered %d, want 200", status)
		}
		parkAll(g.clock, g.server, 1)
	}
	g.clock.Advance(IdleTimeout)
	if !c.ended() {
		t.Error("a connection that was idle for IdleTimeout has not ended")
	}
}

func TestParkedConnectionIsClosed(t *testing.T) {
	tests := []struct {
		name string
		end  func(*rig, *client)
	}{
		{"with the idle ones", func(g *rig, _ *client) { g.server.CloseIdle() }},
		{"with all", func(g *rig, _ *client) { g.server.Close() }},
		{"by its client", func(_ *rig, c *client) { _ = c.CloseWrite() }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := start(t, handlerFunc(echo))
			c := g.dial(t)
			c.send(get)
			c.answer()
			parkAll(g.clock, g.server, 1)
			test.end(g, c)
			if !c.ended() {
				t.Error("the connection has not ended")
			}
		})
	}
}

// TestIdleConnectionsAreSmall opens connections that have been used and are idle
// now, and measures what they hold.
func TestIdleConnectionsAreSmall(t *testing.T) {
	const connections, most = 500, 4 << 10
	idleMemory(t, connections, most)
}

// idleMemory fails where an idle connection holds more than most bytes.
func idleMemory(t *testing.T, connections, most int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	now := clock.NewFake(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC))
	s := New(Options{Handler: handlerFunc(echo), Clock: now})
	near, far, over := make([]net.Conn, connections), make([]net.Conn, connections), make(chan struct{}, connections)
	for i := range far {
		if far[i], err = net.Dial("tcp", l.Addr().String()); err != nil {
			t.Fatal(err)
		}
		if near[i], err = l.Accept(); err != nil {
			t.Fatal(err)
		}
		near[i] = socket.New(near[i])
	}
	before := memory()
	answer := make([]byte, 4<<10)
	for i, c := range far {
		go s.Serve(Connection{Net: near[i], Socket: near[i], Ended: func() { over <- struct{}{} }})
		if _, err := io.WriteString(c, get); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Read(answer); err != nil {
			t.Fatal(err)
		}
	}
	parkAll(now, s, connections)
	each := (memory() - before) / connections
	if each > most {
		t.Errorf("an idle connection holds %d bytes, want at most %d", each, most)
	}
	fmt.Printf("an idle connection of HTTP/1.1 holds %d bytes beyond its socket, of %d (at most %d)\n", each, connections, most)
	s.Close()
	for _, c := range far {
		_ = c.Close()
		<-over
	}
}

// memory returns what is in use on the heap and by stacks, once it has settled.
func memory() int {
	var m runtime.MemStats
	for range 6 { // Each look halves the stacks that are mostly empty.
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc + m.StackInuse)
}
