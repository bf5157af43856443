package client

import (
	"errors"
	"fmt"
	"io"
	"runtime"
)

// readHead reads the head of the answer, and passes over interim ones.
func (x *Exchange) readHead() error {
	// The backend needs a moment. Others do what they have to do in it, and a read
	// that finds the answer is cheaper than one that has to wait.
	runtime.Gosched()
	for range MaxInterim + 1 {
		end, err := x.scanHead()
		if err != nil {
			return err
		}
		if final, err := x.takeHead(end); final || err != nil {
			return err
		}
	}
	return errManyInterim
}

// scanHead reads until there is a whole head, and returns where it ends.
func (x *Exchange) scanHead() (end int, err error) {
	x.parser.Reset()
	for {
		if x.in.Len() > 0 {
			x.answer = true
			if end, err = x.parser.ScanResponse(x.in.Bytes()); end > 0 || err != nil {
				return end, err
			}
		}
		if _, err := x.in.Fill(x.conn); err != nil {
			return 0, x.headFailure(err)
		}
	}
}

// headFailure returns why no head came.
func (x *Exchange) headFailure(err error) error {
	switch {
	case x.unsent != nil:
		err = x.unsent
	case !errors.Is(err, io.EOF):
	case x.answer:
		return errCutHead
	default:
		return errNoAnswer
	}
	return fmt.Errorf("calling the backend: %w", err)
}

// takeHead makes the head that ends there the response, and reports whether it is
// the final one.
func (x *Exchange) takeHead(end int) (final bool, err error) {
	r := x.call.Response
	x.framing, err = x.parser.Response(x.in.Bytes()[:end], x.call.Request.Method, r)
	if err != nil {
		return false, err
	}
	x.in.Advance(end)
	switch {
	case r.Status == 101 && x.call.Request.Upgrade == "":
		return false, errSwitched
	case r.Status == 101 && !x.framing.Switches:
		return false, errSwitchedOtherwise
	case r.Status >= 200 || r.Status == 101:
		// After a change of protocol that was refused, some servers no longer read
		// HTTP as before: Node.js leaves a malformed request without an answer.
		x.framing.Close = x.framing.Close || x.call.Request.Upgrade != ""
		x.in.Pin()
		return true, nil
	case r.Status == 100:
		x.proceed(true)
	case x.call.Informer != nil:
		err = x.call.Informer.Inform(r.Status, &r.Header)
	}
	r.Reset()
	return false, err
}

// tunnel is the backend's side of a connection after a change of protocol. One
// goroutine reads from it while another writes.
type tunnel struct {
	exchange *Exchange
	conn     *conn
}

// Read reads what came behind the head, then from the backend.
func (t *tunnel) Read(p []byte) (int, error) {
	if in := &t.exchange.in; in.Len() > 0 {
		n := copy(p, in.Bytes())
		in.Advance(n)
		return n, nil
	}
	return t.conn.Read(p)
}

// Write writes to the backend.
func (t *tunnel) Write(p []byte) (int, error) { return t.conn.Write(p) }

// CloseWrite ends the direction to the backend, which may still send.
func (t *tunnel) CloseWrite() error {
	half, ok := t.conn.Conn.(interface{ CloseWrite() error })
	if !ok {
		return errNoHalf
	}
	return half.CloseWrite()
}

// Close closes the connection, which ends reading and writing.
func (t *tunnel) Close() error {
	t.conn.shut()
	return nil
}
