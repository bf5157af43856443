package server

import (
	"errors"
	"fmt"
	"io"

	"github.com/sallyport/sallyport/internal/gateway/http1"
	"github.com/sallyport/sallyport/internal/message"
)

// stream passes a body on in pieces, each in one write with what frames it.
type stream struct {
	conn    *conn
	source  io.Reader
	chunked bool
	left    int64 // of a declared length
	first   int   // bytes of the body that are at headRoom in the buffer of the head
	ended   bool  // and whether that was all
	total   int64
	fast    bool // as much comes as there is room for
	large   []byte
}

// The room that is kept in a buffer around a piece of the body.
const (
	headRoom = 4 << 10 // for the head, before the first piece
	before   = http1.ChunkHead
	behind   = len("\r\n" + http1.LastChunk)
)

// errShort and errLong are failures of a body that is not what its length says.
var (
	errShort = errors.New("passing the body on: it is shorter than its length")
	errLong  = errors.New("passing the body on: it is longer than its length")
)

// run sends the head and the body behind it, and returns how many bytes of the
// body were sent.
func (s *stream) run(head []byte, trailer *message.Header) (int64, error) {
	defer s.release()
	if err := s.begin(head, trailer); err != nil {
		return s.total, err
	}
	for !s.ended {
		buffer := s.buffer()
		n, err := s.source.Read(buffer[before : len(buffer)-behind])
		s.fast = n == len(buffer)-behind-before
		failed := err != nil && !errors.Is(err, io.EOF)
		s.ended = err != nil && !failed
		if n > 0 || s.ended {
			if err := s.piece(buffer, before, n, trailer); err != nil {
				return s.total, err
			}
		}
		if failed {
			return s.total, fmt.Errorf("passing the body on: %w", err)
		}
	}
	if s.left > 0 {
		return s.total, errShort
	}
	return s.total, nil
}

// begin sends the head, with what has been read of the body.
func (s *stream) begin(head []byte, trailer *message.Header) error {
	if s.first == 0 && !s.ended {
		return s.send(head, 0)
	}
	if len(head) > headRoom-before {
		// A head that has outgrown its room goes by itself.
		if err := s.send(head, 0); err != nil {
			return err
		}
		head = nil
	}
	buffer := s.conn.work.out
	from := s.frame(buffer, headRoom, s.first)
	from -= copy(buffer[from-len(head):from], head)
	return s.sendFramed(buffer, from, headRoom, s.first, trailer)
}

// piece sends n bytes of the body that are at a place in the buffer.
func (s *stream) piece(buffer []byte, at, n int, trailer *message.Header) error {
	return s.sendFramed(buffer, s.frame(buffer, at, n), at, n, trailer)
}

// frame writes what frames a piece before it, and returns where that begins.
func (s *stream) frame(buffer []byte, at, n int) (from int) {
	if !s.chunked || n == 0 {
		return at
	}
	return at - http1.PutChunkHead(buffer[at-before:at], n)
}

// sendFramed sends what is in the buffer from a place to the end of a piece, and
// what follows the piece.
func (s *stream) sendFramed(buffer []byte, from, at, n int, trailer *message.Header) error {
	to := at + n
	switch {
	case !s.chunked:
		if s.left >= 0 {
			if s.left -= int64(n); s.left < 0 {
				return errLong
			}
		}
		return s.send(buffer[from:to], n)
	case n > 0:
		to += copy(buffer[to:], "\r\n")
	}
	if !s.ended {
		return s.send(buffer[from:to], n)
	}
	if trailer.Len() == 0 {
		to += copy(buffer[to:], http1.LastChunk)
		return s.send(buffer[from:to], n)
	}
	if err := s.send(buffer[from:to], n); err != nil {
		return err
	}
	return s.send(http1.AppendTrailer(nil, trailer), 0)
}

// send writes to the client n bytes of the body and what frames them.
func (s *stream) send(p []byte, n int) error {
	if len(p) == 0 {
		return nil
	}
	if err := s.conn.send(p); err != nil {
		return &message.ClientError{Err: err}
	}
	s.total += int64(n)
	return nil
}

// buffer returns the memory for the next piece: a large one for a body that comes
// fast. Thousands of slow ones are to cost little.
func (s *stream) buffer() []byte {
	switch {
	case s.large != nil:
	case s.fast:
		s.large = http1.TakeArray(http1.LargeBuffer)
	default:
		return s.conn.work.buffer()
	}
	return s.large
}

// release gives the memory back.
func (s *stream) release() {
	if s.large != nil {
		http1.GiveArray(s.large)
	}
}
