package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/sallyport/sallyport/internal/gateway/http1"
	"github.com/sallyport/sallyport/internal/message"
)

// Call is one request with what its message does not say.
type Call struct {
	Request *message.Request
	// Response is filled with the answer. Its strings are views that are valid
	// until the exchange is freed.
	Response *message.Response
	// Header has fields that are sent instead of those of the same name in the
	// request, such as credentials; nil for none.
	Header *message.Header
	// Query is appended to that of the request, escaped.
	Query string
	// Begin is the time now; zero where the caller has not looked.
	Begin time.Time
	// Deadline is when the head of the answer must have come; zero for never.
	Deadline time.Time
	// Continue is how long to wait for 100 (Continue) before the body is sent; 0
	// for not at all.
	Continue time.Duration
	// Watch makes the exchange end in the moment in which the request's context
	// does, at the price of an allocation. Otherwise it ends within LookEvery.
	Watch bool
	// Informer is told of each interim answer (1xx) but 100 (Continue), which is
	// the engine's own business; nil for nobody.
	Informer Informer
}

// Informer is told of interim answers.
type Informer interface {
	// Inform is called in the goroutine of the exchange, which waits for it. The
	// header is valid until it returns, and may be changed. An error ends the
	// exchange.
	Inform(status int, header *message.Header) error
}

// The failures that callers tell apart.
var (
	// ErrTimeout says that the head of the answer did not come in time.
	ErrTimeout = errors.New("the backend did not answer in time")
	// ErrGone says that the request's context has ended.
	ErrGone = errors.New("the request has been given up")
	// ErrBodyTimeout says that nothing more came of the answer's body.
	ErrBodyTimeout = errors.New("the backend's answer has stopped (BodyTimeout)")
)

// The failures of backends.
var (
	errNoAnswer          = errors.New("the backend has closed the connection without an answer")
	errCutHead           = errors.New("the backend has closed the connection within the head of its answer")
	errNoHalf            = errors.New("the connection ends in both directions only")
	errSwitched          = errors.New("the backend changed the protocol although nobody had asked it to")
	errSwitchedOtherwise = errors.New("the backend changed the protocol otherwise than it had been asked to: " +
		"Upgrade is not websocket, or Connection does not name it")
	errManyInterim = errors.New("the backend has sent too many interim answers (MaxInterim)")
	errClosed      = errors.New("the exchange is over")
)

// BodyError says that the request's body could not be read: the backend is not to
// blame.
type BodyError struct{ Err error }

// Error describes the failure.
func (e *BodyError) Error() string { return "reading the request's body: " + e.Err.Error() }

// Unwrap returns what the body returned.
func (e *BodyError) Unwrap() error { return e.Err }

// Exchange is one request with its answer, and the answer's body. It belongs to
// one goroutine. Free ends it.
type Exchange struct {
	client  *Client
	call    Call
	now     time.Time // when it began
	conn    *conn     // nil when the exchange no longer has one
	kept    bool      // the connection was used before
	answer  bool      // bytes of an answer have come
	in      http1.Buffer
	parser  http1.Parser
	framing http1.Framing
	body    http1.BodyReader
	got     int64 // bytes of the body that have been read
	left    error // what Read returns when the exchange has no connection any more
	unwatch func() bool
	sending
}

var _ io.ReadCloser = (*Exchange)(nil)

// Do sends a request and reads the head of its answer into the call's response,
// whose body is the exchange. The error is ErrTimeout, ErrGone, a *BodyError, the
// Informer's, or the backend's; the response is empty then.
func (c *Client) Do(call *Call) (*Exchange, error) {
	x := c.exchanges.Get().(*Exchange) //nolint:forcetypeassert // The pool makes nothing else.
	x.call, x.now = *call, call.Begin
	if x.now.IsZero() {
		x.now = c.clock.Now()
	}
	x.in.Smallest, x.in.Poison = c.window, c.poison
	if err := x.run(); err != nil {
		x.Free()
		call.Response.Reset()
		return nil, err
	}
	return x, nil
}

// run sends the request, at most twice, and reads the head of the answer.
func (x *Exchange) run() error {
	if err := x.prepare(); err != nil {
		return err
	}
	for again := false; ; again = true {
		err := x.attempt(again)
		if err == nil {
			return x.begun()
		}
		repeat, pumped := !again && x.mayRepeat(), x.pumping
		err = x.failure(err)
		x.finish(false)
		if !repeat {
			return err
		}
		if err := x.rewind(pumped); err != nil {
			return err
		}
	}
}

// attempt sends the request on a connection and reads the head of the answer.
func (x *Exchange) attempt(fresh bool) error {
	if err := x.takeConnection(fresh); err != nil {
		return err
	}
	x.conn.begin(x.call.Request.Context, x.now, x.call.Deadline)
	if x.call.Watch {
		x.unwatch = watch(x.call.Request.Context, x.conn)
	}
	if err := x.send(); err != nil {
		return err
	}
	return x.readHead()
}

// takeConnection takes a connection from the pool.
func (x *Exchange) takeConnection(fresh bool) error {
	for {
		p, err := x.client.poolFor(&x.call.Request.URL)
		if err != nil {
			return err
		}
		x.conn, x.kept, err = p.take(x, fresh)
		if !errors.Is(err, errForgotten) {
			return err
		}
	}
}

// watch interrupts a connection when a context ends.
func watch(ctx context.Context, c *conn) func() bool {
	return context.AfterFunc(ctx, func() { c.interrupt(hitGone) })
}

// limited returns a context that ends with the exchange's deadline, or after a
// time with that cause, and what ends it before.
func (x *Exchange) limited(most time.Duration, cause error) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(x.call.Request.Context)
	if !x.call.Deadline.IsZero() {
		if left := x.call.Deadline.Sub(x.client.clock.Now()); left < most {
			most, cause = left, ErrTimeout
		}
	}
	if most <= 0 {
		cancel(cause)
		return ctx, func() {}
	}
	timer := x.client.clock.AfterFunc(most, func() { cancel(cause) })
	return ctx, func() {
		timer.Stop()
		cancel(nil)
	}
}

// mayRepeat reports whether the request may be sent again: its connection was
// kept and has turned out to be dead before any byte of an answer, and the
// backend cannot have seen the request, or seeing it twice is as seeing it once.
func (x *Exchange) mayRepeat() bool {
	if x.conn == nil || !x.kept || x.answer || x.conn.interrupted() != busy {
		return false
	}
	return x.repeatable()
}

// failure returns what has gone wrong, in the words of whoever it is about.
func (x *Exchange) failure(err error) error {
	why := busy
	if x.conn != nil {
		why = x.conn.interrupted()
	}
	switch why {
	case hitDeadline:
		return ErrTimeout
	case hitGone:
		return ErrGone
	case hitBody:
		x.stopPump()
		return &BodyError{x.failed}
	}
	switch {
	case errors.Is(err, ErrTimeout):
		return ErrTimeout
	case x.call.Request.Context.Err() != nil:
		return ErrGone
	}
	return err
}

// begun makes the answer whose head has come the call's response.
func (x *Exchange) begun() error {
	x.conn.extend(time.Time{})
	if x.conn.interrupted() != busy {
		err := x.failure(nil)
		x.finish(false)
		return err
	}
	x.giveOut()
	r := x.call.Response
	if r.Status == 101 {
		r.Upgraded = &tunnel{exchange: x, conn: x.conn}
		return nil
	}
	x.body.Start(x.conn, &x.in, &x.framing, &r.Trailer)
	size := x.framing.Length
	switch {
	case !x.body.Done():
		if x.framing.Chunked {
			size = -1
		}
		r.Body.SetStream(x, size)
		return nil
	case !x.framing.Absent:
		r.Body.SetStream(x, 0)
	case size >= 0:
		r.Body.SetStream(x, size) // What it would have; there are no bytes of it.
	}
	x.end()
	return nil
}

// end ends the exchange with the backend when the answer has been read to its
// end.
func (x *Exchange) end() {
	x.left = io.EOF
	x.finish(x.settled() && x.in.Len() == 0 && !x.framing.Close)
}

// finish gives the connection up: to the pool where it can be used again.
func (x *Exchange) finish(reusable bool) {
	c := x.conn
	if c == nil {
		return
	}
	if !reusable {
		c.close() // Before what follows, so that nobody waits for the backend.
	}
	x.stopPump()
	if x.unwatch != nil {
		reusable = x.unwatch() && reusable
		x.unwatch = nil
	}
	x.conn = nil
	if reusable = c.finish() && reusable; reusable {
		c.pool.put(c)
		return
	}
	c.close()
	c.pool.left()
}

// Read reads from the body of the answer.
func (x *Exchange) Read(p []byte) (int, error) {
	if x.conn == nil {
		return 0, x.left
	}
	if t := x.client.bodyTimeout; t > 0 {
		x.conn.extend(x.client.clock.Now().Add(t))
	}
	n, err := x.body.Read(p)
	x.got += int64(n)
	switch {
	case err == nil:
	case x.body.Done():
		x.end()
	default:
		err = x.bodyFailure(err)
		x.left = err
		x.finish(false)
	}
	return n, err
}

// bodyFailure returns what has gone wrong with the body of the answer.
func (x *Exchange) bodyFailure(err error) error {
	err = x.failure(err)
	if failed, ok := errors.AsType[*BodyError](err); ok {
		return failed.Err // The backend gives up because the client did.
	}
	switch {
	case errors.Is(err, ErrTimeout):
		return ErrBodyTimeout
	case errors.Is(err, ErrGone):
		return &message.ClientError{Err: err}
	}
	return fmt.Errorf("reading the backend's answer: %w", err)
}

// Close ends the exchange with the backend. The connection can be used again
// where what is left of the answer has come already.
func (x *Exchange) Close() error {
	if x.conn == nil {
		return nil
	}
	if x.call.Response.Upgraded == nil && !x.framing.Chunked && !x.framing.UntilClose && x.framing.Length-x.got == int64(x.in.Len()) {
		x.in.Advance(x.in.Len())
		x.end()
	}
	x.finish(false)
	x.left = errClosed
	return nil
}

// Free ends the exchange and gives its memory back: nothing of the response may
// be used any more.
func (x *Exchange) Free() {
	_ = x.Close() // It cannot fail.
	x.in.Release()
	x.body.Reset()
	x.parser.Reset()
	x.sending.reset()
	x.call, x.framing, x.left, x.got, x.answer = Call{}, http1.Framing{}, nil, 0, false
	x.client.exchanges.Put(x)
}

// newExchange makes an exchange for a client's pool.
func newExchange(c *Client) *Exchange {
	x := &Exchange{client: c}
	x.ended = make(chan struct{}, 1)
	return x
}
