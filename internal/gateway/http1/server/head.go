package server

import (
	"errors"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/gateway/http1"
	"github.com/sallyport/sallyport/internal/message"
)

// preface is what a client of HTTP/2 sends first (RFC 9113 §3.4).
const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

// prefaceLine is the part of it that a request of HTTP/1.1 cannot begin with.
const prefaceLine = "PRI * HTTP/2.0\r\n"

// readHead reads the head of a request, of which something has come. Without a
// refusal an error means that there is no one to tell.
func (c *conn) readHead() (*http1.Refusal, error) {
	w := c.work
	limited := false
	blank := false
	for {
		whole, refused := c.scanHead(&blank)
		switch {
		case refused != nil:
			return refused, nil
		case c.taken:
			return nil, errTaken
		case whole:
			c.read.Clear()
			return nil, nil
		case !limited:
			limited = true
			c.read.Set(c.server.clock.Now().Add(HeadTimeout))
		}
		if _, err := w.in.Fill(c); err != nil {
			return c.headFailed(err)
		}
	}
}

// scanHead goes on with the head, and reports whether it is whole.
func (c *conn) scanHead(blank *bool) (whole bool, refused *http1.Refusal) {
	refused, more := c.skipBlank(blank)
	if refused != nil || !more {
		return false, refused
	}
	if !c.used && c.from.HTTP2 != nil {
		if more, refused := c.scanPreface(); more || refused != nil || c.taken {
			return false, refused
		}
	}
	end, refused := c.work.parser.ScanRequest(c.work.in.Bytes())
	return end > 0, refused
}

// scanPreface hands the connection over where the client speaks HTTP/2. It
// reports whether that is still to be seen.
func (c *conn) scanPreface() (more bool, refused *http1.Refusal) {
	b := c.work.in.Bytes()
	n := min(len(b), len(preface))
	switch {
	case string(b[:n]) == preface:
		c.handOver()
		return false, nil
	case string(b[:n]) == preface[:n]:
		return true, nil
	case n >= len(prefaceLine) && string(b[:len(prefaceLine)]) == prefaceLine:
		return false, http1.RefusedPreface
	}
	return false, nil
}

// errTaken says that somebody else has the connection.
var errTaken = errors.New("the connection has been handed over")

// skipBlank leaves one empty line before a request out (RFC 9112 §2.2). It
// reports whether there is more.
func (c *conn) skipBlank(done *bool) (refused *http1.Refusal, more bool) {
	in := &c.work.in
	if *done || c.work.parser.Begun() {
		return nil, in.Len() > 0
	}
	switch b := in.Bytes(); {
	case len(b) == 0:
		return nil, false
	case b[0] == '\n':
		return http1.RefusedBareLF, false
	case b[0] != '\r':
	case len(b) == 1:
		return nil, false
	case b[1] != '\n':
		return http1.RefusedBareCR, false
	default:
		in.Advance(len("\r\n"))
	}
	*done = true
	return nil, in.Len() > 0
}

// headFailed decides what it means that no more of a head can be read.
func (c *conn) headFailed(err error) (*http1.Refusal, error) {
	if errors.Is(err, os.ErrDeadlineExceeded) && !c.interrupted.Load() {
		return http1.RefusedSlowHead, nil
	}
	if errors.Is(err, io.EOF) {
		return nil, io.ErrUnexpectedEOF
	}
	return nil, err
}

// handOver gives the connection to the engine of HTTP/2.
func (c *conn) handOver() {
	c.taken = true
	c.read.Stop()
	_ = c.net.SetReadDeadline(time.Time{}) // Fails on a closed connection, as will all that follows.
	early := append([]byte(nil), c.work.in.Bytes()...)
	c.giveWork()
	c.from.HTTP2(early)
}

// takeRequest makes a message of the head.
func (c *conn) takeRequest() *http1.Refusal {
	w := c.work
	end := w.parser.End()
	r := &w.request
	r.Context, r.Client, r.TLS, r.URL.Scheme = c.ctx, c.client, c.from.TLS, "http"
	if c.from.TLS != nil {
		r.URL.Scheme = "https"
	}
	var refused *http1.Refusal
	w.framing, refused = w.parser.Request(w.in.Bytes()[:end], r)
	w.in.Advance(end)
	w.in.Pin()
	if refused != nil {
		return refused
	}
	if w.framing.Authority == "" {
		// HTTP/1.0 need not say whom it means.
		http1.TakeAuthority(&r.URL, strings.ToLower(c.net.LocalAddr().String()))
	}
	if c.from.Serves != nil && !c.from.Serves(r.URL.Host) {
		return http1.RefusedMisdirected
	}
	if w.framing.HasBody() {
		w.body.start(c)
		r.Body.SetStream(&w.body, w.framing.Length)
	}
	return nil
}

// refuse tells the client why its request is not served. An answer of HTTP/1
// means nothing to who speaks something else: the end of the connection does.
func (c *conn) refuse(r *http1.Refusal) {
	c.server.refused(c, r)
	c.answer.closing, c.answer.refused = true, true
	if r == http1.RefusedProtocol {
		return
	}
	if c.send(r.Answer(c.server.clock.Now())) == nil {
		c.answer.responded = true
	}
}

// recovered tells of a panic of the handler. What the request used is not used
// again: somebody may still have it.
func (c *conn) recovered(p any) {
	c.answer.broken, c.work = true, nil
	c.server.options.Log.Error("connection", slog.String("message", "panic serving "+c.client.String()),
		slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
}

// answerAsterisk answers a request about the server as a whole (RFC 9110 §9.3.7).
func (c *conn) answerAsterisk() bool {
	m := message.Response{Status: 200}
	m.Header.Add(message.NameOf("Allow"), http1.AllowedMethods)
	_ = m.Body.SetBytes(nil) // There was nothing to close.
	_, err := c.Respond(&m)
	return err == nil
}
