package listen

import (
	"encoding/binary"
	"slices"
	"sync/atomic"
	"time"
)

// The limits of frames of HTTP/2 that carry nothing: PING, SETTINGS, PRIORITY,
// empty DATA and CONTINUATION, and a quarter of each WINDOW_UPDATE. Each costs the
// gateway work that it does not cost its sender (RFC 9113 §10.5). RST_STREAM counts
// four times: a request was begun for it, and a call of the backend, which lost a
// connection by it.
const (
	// MaxControlFrames is how many of them a client may send at once. Its requests,
	// and what it is sent, give it more: a quarter of a frame for each request and
	// each piece of a body, half a one for each answer, and a whole one for each
	// piece of an answer.
	MaxControlFrames = 1000
	// ControlFrameRate is how many more it may send each second.
	ControlFrameRate = 100
)

// The unit in which frames are counted, and what a reset costs in it.
const (
	quarters  = 4
	resetCost = 4 * quarters
)

// calm counts the frames of a connection that carry nothing. One goroutine at a
// time reads, one writes.
type calm struct {
	spent  int64 // in quarters
	since  time.Time
	earned atomic.Int64 // by what was sent to the client, in quarters
	over   atomic.Bool  // the client has been told to calm down
	out    frameWalk
}

// The types of frames (RFC 9113 §6), beside frameSettings.
const (
	frameData         = 0x0
	frameHeaders      = 0x1
	frameReset        = 0x3
	frameGoAway       = 0x7
	frameWindow       = 0x8
	frameContinuation = 0x9
	flagEndStream     = 0x1
	enhanceYourCalm   = 0xb
)

// tooMany counts a frame that the client sends, by its header, and reports whether
// it is one too many.
func (c *calm) tooMany(header []byte, now func() time.Time) bool {
	c.spent = max(0, c.spent+costOf(header))
	if e := c.earned.Load(); e < 0 {
		c.spent -= c.earned.Swap(0)
	}
	if c.since.IsZero() {
		c.since = now()
	}
	if c.spent <= MaxControlFrames*quarters {
		return false
	}
	at := now()
	back := int64(at.Sub(c.since).Seconds()*ControlFrameRate*quarters) + c.earned.Swap(0)
	c.spent, c.since = max(0, c.spent-back), at
	return c.spent > MaxControlFrames*quarters
}

// costOf is what a frame costs, in quarters.
func costOf(header []byte) int64 {
	empty := frameLength(header) == 0
	switch kind := header[3]; {
	case kind == frameHeaders, kind == frameData && !empty:
		return -1
	case kind == frameData && header[4]&flagEndStream != 0:
		return 0
	case kind == frameWindow, kind == frameContinuation && !empty:
		return 1
	case kind == frameReset:
		return resetCost
	}
	return quarters
}

// sent follows what is written to the client, and returns what is to be written
// instead: where the client has been told to calm down, the engine's GOAWAY says
// that.
func (c *calm) sent(p []byte) []byte {
	copied := false
	c.out.walk(p, func(header []byte, at int) {
		switch header[3] {
		case frameData:
			if frameLength(header) > 0 {
				c.earned.Add(quarters)
			}
		case frameHeaders:
			c.earned.Add(quarters / 2)
		case frameReset:
			c.earned.Add(-resetCost) // The client has provoked it, which costs as much as its own.
		case frameGoAway:
			const code = 4 // Where it is in the payload.
			if at+code+4 > len(p) || !c.over.Load() {
				return // A GOAWAY that is cut in two says what the engine says.
			}
			if !copied {
				p, copied = slices.Clone(p), true
			}
			binary.BigEndian.PutUint32(p[at+code:], enhanceYourCalm)
		}
	})
	return p
}

// frameLength is how long the payload is that follows a header.
func frameLength(header []byte) int {
	return int(header[0])<<16 | int(header[1])<<8 | int(header[2])
}

// frameWalk follows frames.
type frameWalk struct {
	header [frameHeaderBytes]byte
	have   int // bytes of the header that have come
	left   int // bytes of the payload that have not come
}

// walk passes over bytes and shows each header, with where its payload begins.
func (w *frameWalk) walk(p []byte, show func(header []byte, payload int)) {
	for at := 0; at < len(p); {
		if n := min(w.left, len(p)-at); n > 0 {
			w.left -= n
			at += n
			continue
		}
		n := copy(w.header[w.have:], p[at:])
		w.have += n
		at += n
		if w.have == frameHeaderBytes {
			w.have, w.left = 0, frameLength(w.header[:])
			show(w.header[:], at)
		}
	}
}

// endAtOnce makes a frame's header one that the engine ends the connection for.
func endAtOnce(header []byte) { header[0], header[1], header[2] = 0xff, 0xff, 0xff }
