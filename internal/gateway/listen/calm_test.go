package listen

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/clock"
)

// frame is a frame of HTTP/2.
func frame(kind, flags byte, stream uint32, payload string) string {
	head := binary.BigEndian.AppendUint32(nil, uint32(len(payload)))[1:]
	return string(binary.BigEndian.AppendUint32(append(head, kind, flags), stream)) + payload
}

// hello is what a client of HTTP/2 sends first.
const hello = preface + "\x00\x00\x00\x04\x00\x00\x00\x00\x00"

// floods make the n-th piece of what a hostile client sends without end.
var floods = []struct {
	name  string
	begin string
	piece func(n uint32) string
}{
	{"rapid reset", "", func(n uint32) string {
		return headersOf(2*n+1, 0x5) + frame(frameReset, 0, 2*n+1, "\x00\x00\x00\x08")
	}},
	{"resets that are provoked", "", func(n uint32) string {
		return headersOf(2*n+1, 0x5) + frame(frameWindow, 0, 2*n+1, "\x00\x00\x00\x00")
	}},
	{"PING", "", func(uint32) string { return frame(0x6, 0, 0, "12345678") }},
	{"SETTINGS", "", func(uint32) string { return frame(frameSettings, 0, 0, "\x00\x03\x00\x00\x00\x64") }},
	{"PRIORITY", "", func(n uint32) string { return frame(0x2, 0, 2*n+1, "\x00\x00\x00\x00\x10") }},
	{"empty DATA", headersOf(1, 0x4), func(uint32) string { return frame(frameData, 0, 1, "") }},
	{"empty CONTINUATION", headersOf(1, 0x1), func(uint32) string { return frame(frameContinuation, 0, 1, "") }},
	{"WINDOW_UPDATE", "", func(uint32) string { return frame(frameWindow, 0, 0, "\x00\x00\x00\x01") }},
	{"unknown frames", "", func(uint32) string { return frame(0xbb, 0, 0, "") }},
}

// headersOf is a HEADERS frame of a request.
func headersOf(stream uint32, flags byte) string {
	text := headers(0, ":method", "POST", ":scheme", "http", ":path", "/", ":authority", "a.example")
	return frame(frameHeaders, flags, stream, text[frameHeaderBytes:])
}

// flood sends pieces, as many as are asked for or until the connection ends. It
// returns the code of the GOAWAY that came, or -1.
func flood(t *testing.T, address, begin string, piece func(uint32) string, pieces uint32) (code int64) {
	t.Helper()
	c := dial(t, address)
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	done := make(chan int64, 1)
	go func() { done <- readGoAway(c) }()
	if _, err := io.WriteString(c, hello+begin); err != nil {
		t.Fatal(err)
	}
	var batch strings.Builder
	for n := uint32(1); n < pieces; n++ {
		batch.WriteString(piece(n))
		if n%10 == 0 {
			if _, err := io.WriteString(c, batch.String()); err != nil {
				return <-done
			}
			batch.Reset()
		}
	}
	// A client that has not been told anything goes.
	_ = c.CloseWrite()
	return <-done
}

// readGoAway reads frames to the end, and returns the code of the GOAWAY.
func readGoAway(c net.Conn) int64 {
	for {
		var head [frameHeaderBytes]byte
		if _, err := io.ReadFull(c, head[:]); err != nil {
			return -1
		}
		payload := make([]byte, frameLength(head[:]))
		if _, err := io.ReadFull(c, payload); err != nil {
			return -1
		}
		if head[3] == frameGoAway {
			return int64(binary.BigEndian.Uint32(payload[4:]))
		}
	}
}

// TestS5_Floods floods connections of HTTP/2 in ways that cost the gateway more
// than the client.
func TestS5_Floods(t *testing.T) {
	const pieces = 200_000
	_, address := start(t, Options{Clock: clock.NewFake(time.Now())})
	calmed := 0
	for _, f := range floods {
		t.Run(f.name, func(t *testing.T) {
			if code := flood(t, address, f.begin, f.piece, pieces); code != enhanceYourCalm {
				t.Errorf("the client was told %#x, want ENHANCE_YOUR_CALM", code)
				return
			}
			calmed++
		})
	}
	fmt.Printf("S5: %d of %d floods ended with ENHANCE_YOUR_CALM (all)\n", calmed, len(floods))
}

// TestS5_Floods_NegativeControl sends as many of the same frames as are allowed:
// nobody is told to calm down.
func TestS5_Floods_NegativeControl(t *testing.T) {
	_, address := start(t, Options{Clock: clock.NewFake(time.Now())})
	for _, f := range floods {
		if strings.Contains(f.name, "CONTINUATION") {
			continue // The head never ends.
		}
		if code := flood(t, address, f.begin, f.piece, MaxControlFrames/5); code == enhanceYourCalm {
			t.Errorf("%s: %d frames are too many", f.name, MaxControlFrames/5)
		}
	}
}

func TestCalmGivesBack(t *testing.T) {
	now := clock.NewFake(time.Now())
	ping := []byte(frame(0x6, 0, 0, "12345678"))[:frameHeaderBytes]
	var c calm
	spend := func() (n int) {
		for !c.tooMany(ping, now.Now) {
			n++
		}
		return n
	}
	if n := spend(); n != MaxControlFrames {
		t.Errorf("%d frames are taken, want %d", n, MaxControlFrames)
	}
	now.Advance(time.Second)
	if n := spend(); n < ControlFrameRate-2 || n > ControlFrameRate {
		t.Errorf("after a second %d more are taken, want %d", n, ControlFrameRate)
	}
	c.sent([]byte(frame(frameData, 0, 1, "abc") + frame(frameData, 0, 1, "abc")))
	if n := spend(); n > 2 {
		t.Errorf("for two pieces of an answer %d more are taken, want 2 at most", n)
	}
	for range 5 * MaxControlFrames {
		c.tooMany([]byte(headersOf(1, 0x5)), now.Now)
	}
	if n := spend(); n < MaxControlFrames {
		t.Errorf("after many requests %d more are taken, want %d", n, MaxControlFrames)
	}
}

// FuzzFrameWalk follows bytes at once and in pieces: the headers are the same, and
// what is to be written is as long as what was.
func FuzzFrameWalk(f *testing.F) {
	f.Add([]byte(hello[len(preface):]+headersOf(1, 0x5)), uint8(3))
	f.Add([]byte(frame(frameGoAway, 0, 0, "\x00\x00\x00\x01\x00\x00\x00\x06")), uint8(0))
	f.Add([]byte("\xff\xff\xff\x00\x00"), uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, size uint8) {
		headers := func(piece int) (all []string) {
			var w frameWalk
			for rest := data; len(rest) > 0; {
				n := min(piece, len(rest))
				w.walk(rest[:n], func(header []byte, payload int) {
					if payload < 0 || payload > n {
						t.Errorf("the payload begins at %d of %d bytes", payload, n)
					}
					all = append(all, string(header))
				})
				rest = rest[n:]
			}
			return all
		}
		if diff := cmp.Diff(headers(len(data)), headers(int(size)+1)); diff != "" {
			t.Errorf("headers at once and in pieces (-once +pieces):\n%s", diff)
		}
		var c calm
		c.over.Store(true)
		if got := c.sent(data); len(got) != len(data) {
			t.Errorf("%d bytes are to be written instead of %d", len(got), len(data))
		}
	})
}
