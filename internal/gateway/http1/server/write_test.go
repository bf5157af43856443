package server

import (
	"net"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/message"
)

// slowReader is the connection of a client that takes so many bytes of each write
// before its time is over.
type slowReader struct {
	net.Conn

	clock  *clock.Fake
	takes  []int
	writes []int // how long each was
}

func (r *slowReader) Write(p []byte) (int, error) {
	r.writes = append(r.writes, len(p))
	if len(r.writes) > 100 {
		return 0, net.ErrClosed // Whoever writes so often has not understood.
	}
	n := len(p)
	if len(r.takes) > 0 {
		n, r.takes = min(n, r.takes[0]), r.takes[1:]
	}
	if n == len(p) {
		return n, nil
	}
	r.clock.Advance(WriteTimeout)
	return n, os.ErrDeadlineExceeded
}

func (*slowReader) SetWriteDeadline(time.Time) error { return nil }
func (*slowReader) RemoteAddr() net.Addr             { return &net.TCPAddr{} }

func TestSlowWrites(t *testing.T) {
	const all = 40_000
	tests := []struct {
		name   string
		secure bool
		takes  []int
		writes []int
		fails  bool
	}{
		{"at once", false, nil, []int{all}, false},
		{"fast enough", false, []int{slowWrite}, []int{all, all - slowWrite}, false},
		{"too slow", false, []int{slowWrite - 1}, []int{all}, true},
		{"too slow later", false, []int{slowWrite, 1}, []int{all, all - slowWrite}, true},
		{"over TLS", true, nil, []int{record, record, all - 2*record}, false},
		{"over TLS, not all", true, []int{record, slowWrite}, []int{record, record}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			now := clock.NewFake(time.Now())
			r := &slowReader{clock: now, takes: test.takes}
			from := Connection{Net: r, Socket: r}
			if test.secure {
				from.TLS = &message.TLS{}
			}
			c := newConn(New(Options{Clock: now}), &from)
			if err := c.send(make([]byte, all)); (err != nil) != test.fails {
				t.Errorf("writing failed with %v, want a failure: %v", err, test.fails)
			}
			if diff := cmp.Diff(test.writes, r.writes); diff != "" {
				t.Errorf("writes (-want +got):\n%s", diff)
			}
		})
	}
}

// TestInterimAnswerThatBreaksOff sends nothing behind a part of an interim answer.
func TestInterimAnswerThatBreaksOff(t *testing.T) {
	for name, takes := range map[string][]int{"whole": nil, "a part": {5}} {
		t.Run(name, func(t *testing.T) {
			now := clock.NewFake(time.Now())
			r := &slowReader{clock: now, takes: takes}
			c := newConn(New(Options{Clock: now}), &Connection{Net: r, Socket: r})
			c.takeWork().request.Protocol = message.HTTP11
			informed := c.Inform(103, &message.Header{})
			sent, err := c.Respond(&message.Response{Status: 200})
			if broken := takes != nil; (informed != nil) != broken || (err != nil) != broken || sent.HeadSent == broken {
				t.Errorf("Inform failed with %v, then Respond with %v, having sent the head: %v", informed, err, sent.HeadSent)
			}
			if writes := map[bool]int{true: 1, false: 2}[takes != nil]; len(r.writes) != writes {
				t.Errorf("%d writes, want %d", len(r.writes), writes)
			}
		})
	}
}
