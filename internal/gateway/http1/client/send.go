package client

import (
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/sallyport/sallyport/internal/gateway/http1"
	"github.com/sallyport/sallyport/internal/message"
)

// sending is the way of a request to its backend.
type sending struct {
	out     []byte    // the head, with what of the body goes with it
	array   []byte    // the memory that out began in
	source  io.Reader // of the body; nil where there is none, or nothing is left of it
	chunked bool
	unread  int64 // bytes that are still to be read from a source of a known length
	wrote   bool  // bytes of the request have been written
	unsent  error // why the backend has not taken all of it

	pumping bool          // a goroutine sends what is left
	ended   chan struct{} // gets one when it has ended
	ahead   chan bool     // whether to send the body; nil where nobody waits for 100
	stopped atomic.Bool   // the goroutine is to end
	last    atomic.Bool   // it writes the last piece, or has
	failed  error         // of the source, once it has ended
	late    error         // why the backend has not taken what it sent, once it has ended
}

// reset ends the sending and gives its memory back.
func (s *sending) reset() {
	s.giveOut()
	s.source, s.chunked, s.unread, s.wrote, s.unsent = nil, false, 0, false, nil
	s.ahead, s.failed, s.late = nil, nil, nil
	s.stopped.Store(false)
	s.last.Store(false)
}

// giveOut gives the memory of the head back.
func (s *sending) giveOut() {
	if s.array != nil {
		http1.GiveArray(s.array)
	}
	s.out, s.array = nil, nil
}

// prepare writes head and as much of the body as is at hand.
func (x *Exchange) prepare() error {
	if err := x.openBody(); err != nil {
		return err
	}
	x.array = http1.TakeArray(http1.MediumBuffer)
	var err error
	if x.out, err = x.appendHead(x.array[:0]); err != nil {
		return err
	}
	if x.source == nil || x.call.Continue > 0 {
		return nil
	}
	if x.chunked {
		err = x.inlineChunk()
	} else {
		err = x.inline()
	}
	if err != nil {
		return &BodyError{err}
	}
	return nil
}

// openBody finds out what there is of a body.
func (x *Exchange) openBody() error {
	b := &x.call.Request.Body
	if !b.Present() || x.call.Request.Upgrade != "" {
		return nil
	}
	source, err := b.Reader()
	if errors.Is(err, message.ErrBodyConsumed) {
		return nil // An expression has taken it, and nothing was put in its place.
	}
	if err != nil {
		return err
	}
	size := b.Size()
	if size != 0 {
		x.source, x.chunked, x.unread = source, size < 0, size
	}
	return nil
}

// atHand reports whether some of the body can be read without waiting for the
// client.
func (x *Exchange) atHand() bool {
	if b, ok := x.source.(interface{ Buffered() int }); ok {
		return b.Buffered() > 0
	}
	_, inMemory := x.call.Request.Body.Buffered()
	return inMemory
}

// errShortBody is the failure of a body that is shorter than was declared.
var errShortBody = errors.New("the request's body ends before it is complete")

// inline reads a body of a known length behind the head: all of it where it is
// small, otherwise what is at hand.
func (x *Exchange) inline() error {
	from := len(x.out)
	switch room := cap(x.out) - from; {
	case x.unread <= MaxInline:
		if int64(room) < x.unread { // The head is a large one.
			x.out = append(x.out, make([]byte, x.unread)...)
		}
		x.out = x.out[:from+int(x.unread)]
		n, err := io.ReadFull(x.source, x.out[from:])
		if err != nil && int64(n) < x.unread {
			return shortened(err)
		}
		x.unread, x.source = 0, nil
	case room > 0 && x.atHand():
		n, err := x.source.Read(x.out[from:cap(x.out)])
		if err != nil && int64(n) < x.unread {
			return shortened(err)
		}
		x.out = x.out[:from+n]
		if x.unread -= int64(n); x.unread <= 0 {
			x.source = nil
		}
	}
	return nil
}

// shortened returns the failure of a body that could not be read to its declared
// length.
func shortened(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &message.ClientError{Status: 400, Err: errShortBody}
	}
	return err
}

// chunkRoom is what frames a chunk, and ends the body behind it.
const chunkRoom = http1.ChunkHead + len("\r\n") + len(http1.LastChunk)

// inlineChunk reads what is at hand of a body of unknown length behind the head.
func (x *Exchange) inlineChunk() error {
	from := len(x.out)
	if cap(x.out)-from < chunkRoom+1 || !x.atHand() {
		return nil
	}
	out, err := x.readChunk(x.out[:cap(x.out)], from)
	x.out = out
	return err
}

// readChunk reads once from the source and makes a chunk of it in buffer, from a
// place on. It returns what is in the buffer then. At the body's end the last
// chunk follows, with the trailer.
func (x *Exchange) readChunk(buffer []byte, from int) ([]byte, error) {
	data := from + http1.ChunkHead
	n, err := x.source.Read(buffer[data : len(buffer)-len("\r\n")-len(http1.LastChunk)])
	out := buffer[:from]
	if n > 0 {
		begin := data - http1.PutChunkHead(buffer[from:data], n)
		out = buffer[:from+copy(buffer[from:], buffer[begin:data+n])]
		out = append(out, "\r\n"...)
	}
	switch {
	case err == nil:
		return out, nil
	case errors.Is(err, io.EOF):
		x.source = nil
		return http1.AppendTrailer(out, &x.call.Request.Trailer), nil
	}
	return out, err
}

// send writes the request. A backend that does not take all of it may still
// answer.
func (x *Exchange) send() error {
	n, err := x.conn.Write(x.out)
	x.wrote = x.wrote || n > 0
	if err != nil {
		x.unsent = err
		if n == 0 && x.kept {
			return fmt.Errorf("calling the backend: %w", err)
		}
		return nil
	}
	if x.source != nil {
		x.startPump()
	}
	if !x.kept {
		x.giveOut() // It will not be sent again.
	}
	return nil
}

// repeatable reports whether the request can be sent again: nothing of it has
// been written, or its method is idempotent (RFC 9110 §9.2.2) and its body is all
// there.
func (x *Exchange) repeatable() bool {
	switch {
	case !x.wrote && !x.pumping:
		return true
	case !idempotent(x.call.Request.Method):
		return false
	case !x.pumping && x.source == nil:
		return true // All of it went with the head, and is still there.
	}
	_, inMemory := x.call.Request.Body.Buffered()
	return inMemory
}

// idempotent reports whether a request that is sent twice does what it does
// once.
func idempotent(method string) bool {
	switch method {
	case "GET", "HEAD", "OPTIONS", "PUT", "DELETE":
		return true
	}
	return false
}

// rewind prepares to send the request again. A body that was sent piece by piece
// begins anew; otherwise it goes on behind what is sent with the head.
func (x *Exchange) rewind(pumped bool) error {
	x.unsent, x.wrote = nil, false
	if !pumped {
		return nil
	}
	x.sending.reset()
	return x.prepare()
}
