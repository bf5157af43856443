package chaos

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The load and the limits of S5.
const (
	floodClients = 4
	// floodPause is before a client that was told to calm down comes again. One that
	// comes at once is as bad as one that sends requests as fast as it can, which is
	// another matter.
	floodPause  = 250 * time.Millisecond
	floodMemory = 64 << 20
	floodRatio  = 2.0
	calmDown    = 0xb // ENHANCE_YOUR_CALM
)

// The types of frames of HTTP/2 (RFC 9113 §6).
const (
	frameData         = 0x0
	frameHeaders      = 0x1
	framePriority     = 0x2
	frameReset        = 0x3
	frameSettings     = 0x4
	framePing         = 0x6
	frameGoAway       = 0x7
	frameWindow       = 0x8
	frameContinuation = 0x9
	frameHead         = 9
)

// frame is a frame of HTTP/2.
func frame(kind, flags byte, stream uint32, payload string) string {
	head := binary.BigEndian.AppendUint32(nil, uint32(len(payload)))[1:]
	return string(binary.BigEndian.AppendUint32(append(head, kind, flags), stream)) + payload
}

// request is a HEADERS frame, with fields in the literal form of HPACK.
func request(stream uint32, flags byte, path string) string {
	var block []byte
	for _, text := range []string{":method", "GET", ":scheme", "http", ":path", path, ":authority", "a"} {
		if text[0] == ':' {
			block = append(block, 0)
		}
		block = append(append(block, byte(len(text))), text...)
	}
	return frame(frameHeaders, flags, stream, string(block))
}

const (
	preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	small   = "/pass/small"
	whole   = 0x5 // END_STREAM and END_HEADERS
)

// flood is what a hostile client sends: how it begins, and the n-th piece.
type flood struct {
	name, begin string
	piece       func(n uint32) string
}

func floods() []flood {
	begin := preface + frame(frameSettings, 0, 0, "")
	return []flood{
		{"rapid reset", begin, func(n uint32) string {
			return request(2*n+1, whole, small) + frame(frameReset, 0, 2*n+1, "\x00\x00\x00\x08")
		}},
		{"provoked reset", begin, func(n uint32) string {
			return request(2*n+1, whole, small) + frame(frameWindow, 0, 2*n+1, "\x00\x00\x00\x00")
		}},
		{"CONTINUATION", begin + request(1, 0x1, small), func(uint32) string { return frame(frameContinuation, 0, 1, "\x00\x01a\x01b") }},
		{"PING", begin, func(uint32) string { return frame(framePing, 0, 0, "12345678") }},
		{"SETTINGS", begin, func(uint32) string { return frame(frameSettings, 0, 0, "\x00\x03\x00\x00\x00\x64") }},
		{"empty DATA", begin + request(1, 0x4, small), func(uint32) string { return frame(frameData, 0, 1, "") }},
		{"window stall", preface + frame(frameSettings, 0, 0, "\x00\x04\x00\x00\x00\x00"), func(n uint32) string {
			if n > 100 {
				return ""
			}
			return request(2*n+1, whole, "/pass/bytes/1000000")
		}},
	}
}

// run floods on one connection after the other until it is stopped, and counts
// those that were told to calm down, or something else.
func (f *flood) run(g *gateway, stop <-chan struct{}, calmed, told *atomic.Int64) {
	var all sync.WaitGroup
	defer all.Wait()
	for {
		c, err := net.Dial("tcp", g.address)
		if err != nil {
			return
		}
		closed := make(chan struct{})
		all.Go(func() { // The connection ends with the test, or by the gateway.
			defer c.Close()
			select {
			case <-stop:
			case <-closed:
			}
		})
		all.Go(func() {
			defer close(closed)
			switch code := readGoAway(c); {
			case code == calmDown:
				calmed.Add(1)
			case code >= 0:
				told.Add(1)
			}
		})
		f.send(c)
		select {
		case <-stop:
			return
		case <-closed:
			pause(floodPause)
		}
	}
}

// send sends until the connection ends, or there is nothing more to send.
func (f *flood) send(c net.Conn) {
	if _, err := io.WriteString(c, f.begin); err != nil {
		return
	}
	for n := uint32(0); n < 1<<29; {
		var batch strings.Builder
		for range 16 {
			batch.WriteString(f.piece(n))
			n++
		}
		if batch.Len() == 0 {
			return
		}
		if _, err := io.WriteString(c, batch.String()); err != nil {
			return
		}
	}
}

// readGoAway reads to a GOAWAY and returns its code, or -1 at the end.
func readGoAway(r io.Reader) (code int64) {
	payload := make([]byte, 0, 16<<10)
	for {
		var head [frameHead]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return -1
		}
		payload = payload[:int(head[1])<<8|int(head[2])]
		if _, err := io.ReadFull(r, payload); err != nil {
			return -1
		}
		if head[3] == frameGoAway && len(payload) >= 8 {
			return int64(binary.BigEndian.Uint32(payload[4:]))
		}
	}
}

// result is what a flood has done to a gateway.
type result struct {
	calmed, told int64
	memory       int64
	delays       delays
}

// under floods a gateway for a time.
func (g *gateway) under(t *testing.T, f *flood, clients int, d time.Duration) (r result) {
	t.Helper()
	before := g.resident()
	g.forgetPeak(t)
	var calmed, told atomic.Int64
	r.delays = g.during(t, func() {
		stop := make(chan struct{})
		var all sync.WaitGroup
		for range clients {
			all.Go(func() { f.run(g, stop, &calmed, &told) })
		}
		pause(d)
		close(stop)
		all.Wait()
	})
	r.calmed, r.told, r.memory = calmed.Load(), told.Load(), g.peak()-before
	return r
}

// TestS5_FloodsOfTheProcess floods a running gateway in each way while an honest
// client calls it.
func TestS5_FloodsOfTheProcess(t *testing.T) {
	g := start(t, options{apis: map[string]string{"pass": origin(t)}})
	before := g.baseline(t)
	for _, f := range floods() {
		r := g.under(t, &f, floodClients, size(700*time.Millisecond, 30*time.Second))
		g.running(t)
		fmt.Printf("S5: %s: %+.1f MiB (%d), honest p99 %v, %v before (%.0f times, or %v), %d connections were told to calm down, %d something else\n",
			f.name, mib(r.memory), floodMemory>>20, r.delays.at(99), before.at(99), floodRatio, noise, r.calmed, r.told)
		if r.memory > floodMemory {
			t.Errorf("%s: memory has grown by %.1f MiB", f.name, mib(r.memory))
		}
		if f.name != "window stall" && r.calmed+r.told == 0 {
			t.Errorf("%s: no connection was ended", f.name)
		}
		notSlower(t, before, r.delays, floodRatio)
	}
	if *long {
		g.stall(t)
	}
}

// The window stall, in the long form.
const (
	stalled    = 100 // streams
	stallLimit = writeTimeout + writeTimeout/4 + 5*time.Second
)

// stall asks for answers without ever opening a window, and waits until all have
// been given up.
func (g *gateway) stall(t *testing.T) {
	t.Helper()
	c, err := g.dial()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	begin := time.Now()
	_ = c.SetDeadline(begin.Add(2 * stallLimit)) // Fails on a closed connection, as does what follows.
	f := floods()[len(floods())-1]
	f.send(c)
	reset := 0
	for reset < stalled {
		var head [frameHead]byte
		if _, err := io.ReadFull(c.in, head[:]); err != nil {
			break // It has been closed.
		}
		if _, err := c.in.Discard(int(head[1])<<8 | int(head[2])); err != nil {
			break
		}
		if head[3] == frameReset {
			reset++
		}
	}
	took := time.Since(begin)
	fmt.Printf("S5: %d of %d streams without a window were reset within %v (%v)\n", reset, stalled, took.Round(time.Second), stallLimit)
	if took > stallLimit {
		t.Errorf("streams without a window live for %v", took)
	}
}

// TestS5_FloodsOfTheProcess_NegativeControl sends few of the same frames: nobody
// is told anything.
func TestS5_FloodsOfTheProcess_NegativeControl(t *testing.T) {
	g := start(t, options{apis: map[string]string{"pass": origin(t)}})
	ping := flood{"a few PINGs", preface + frame(frameSettings, 0, 0, ""), func(n uint32) string {
		if n > 100 {
			return ""
		}
		return frame(framePing, 0, 0, "12345678")
	}}
	if r := g.under(t, &ping, 1, 300*time.Millisecond); r.calmed+r.told > 0 {
		t.Errorf("a client was ended that sends 100 PINGs: %+v", r)
	}
}
