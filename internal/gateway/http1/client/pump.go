package client

import (
	"time"

	"github.com/sallyport/sallyport/internal/gateway/http1"
)

// startPump has what is left of the body sent by a goroutine, while this one
// waits for the answer, which may begin, and end, before that.
func (x *Exchange) startPump() {
	x.pumping = true
	if x.call.Continue > 0 {
		x.ahead = make(chan bool, 1)
	}
	go x.pump()
}

// pump sends what is left of the body. Until it has ended it alone uses the
// source, and writes to the connection.
func (x *Exchange) pump() {
	defer func() { x.ended <- struct{}{} }()
	if x.ahead != nil && !x.awaitContinue() {
		return
	}
	buffer := http1.TakeArray(http1.LargeBuffer)
	defer http1.GiveArray(buffer)
	for x.source != nil && !x.stopped.Load() {
		piece, err := x.readPiece(buffer)
		if err != nil {
			x.failed = err
			x.conn.interrupt(hitBody)
			return
		}
		if len(piece) == 0 {
			continue
		}
		x.last.Store(x.source == nil)
		if _, err := x.conn.Write(piece); err != nil {
			x.late = err
			return // The backend may have answered, or will say why it has not.
		}
	}
}

// readPiece reads the next piece of the body, with what frames it.
func (x *Exchange) readPiece(buffer []byte) ([]byte, error) {
	if x.chunked {
		return x.readChunk(buffer, 0)
	}
	if int64(len(buffer)) > x.unread {
		buffer = buffer[:x.unread]
	}
	n, err := x.source.Read(buffer)
	if x.unread -= int64(n); x.unread == 0 {
		x.source = nil
		return buffer[:n], nil
	}
	if err != nil {
		return nil, shortened(err)
	}
	return buffer[:n], nil
}

// awaitContinue waits until the backend wants the body, or has kept silent for
// long enough. It reports whether the body is to be sent.
func (x *Exchange) awaitContinue() bool {
	timer := x.client.clock.NewTimer(x.call.Continue)
	defer timer.Stop()
	select {
	case send := <-x.ahead:
		return send
	case <-timer.C():
		return true
	}
}

// proceed tells the goroutine that waits for 100 (Continue) whether to send the
// body.
func (x *Exchange) proceed(send bool) {
	if x.ahead == nil {
		return
	}
	select {
	case x.ahead <- send:
	default: // It knows already.
	}
}

// settleTime is how long an answer that has ended waits for the last piece of its
// request. The backend has seen it, as a rule: the goroutine that has written it
// only has not come to say so.
const settleTime = 100 * time.Millisecond

// settled reports whether all of the request has been sent.
func (x *Exchange) settled() bool {
	if x.pumping {
		select {
		case <-x.ended:
			x.pumping = false
		default:
			if !x.last.Load() || !x.settle() {
				return false
			}
		}
	}
	return x.source == nil && x.unsent == nil && x.failed == nil && x.late == nil
}

// settle waits for the last piece.
func (x *Exchange) settle() bool {
	timer := x.client.clock.NewTimer(settleTime)
	defer timer.Stop()
	select {
	case <-x.ended:
		x.pumping = false
		return true
	case <-timer.C():
		return false
	}
}

// stopPump ends the goroutine that sends the body, and waits for its end. The
// connection has been closed, or interrupted.
func (x *Exchange) stopPump() {
	if !x.pumping {
		return
	}
	x.stopped.Store(true)
	x.proceed(false)
	select {
	case <-x.ended:
	default:
		_ = x.call.Request.Body.Close() // This breaks off reading from the client; it cannot fail otherwise.
		<-x.ended
	}
	x.pumping = false
}
