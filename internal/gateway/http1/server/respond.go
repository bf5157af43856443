package server

import (
	"errors"
	"fmt"
	"io"

	"github.com/sallyport/sallyport/internal/gateway/http1"
	"github.com/sallyport/sallyport/internal/message"
)

// altSvc is the field that names other ways to the server (RFC 7838).
var altSvc = message.NameOf("Alt-Svc")

// Inform sends an interim response. HTTP/1.0 has none.
func (c *conn) Inform(status int, header *message.Header) error {
	w := c.work
	if w.request.Protocol == message.HTTP10 || c.answer.responded {
		return nil
	}
	w.body.interim.Lock()
	defer w.body.interim.Unlock()
	out := http1.AppendStatusLine(w.buffer()[:0], status, "")
	out = appendFields(out, header)
	if err := c.send(append(out, "\r\n"...)); err != nil {
		c.answer.broken = true // A part of it may have been sent: nothing may follow.
		return &message.ClientError{Err: err}
	}
	return nil
}

// errBroken is the failure of an answer behind an interim one that broke off.
var errBroken = errors.New("an interim answer could not be sent")

// Respond sends the answer.
func (c *conn) Respond(m *message.Response) (message.Sent, error) {
	if c.answer.broken {
		_ = m.Discard() // The failure is what is reported.
		return message.Sent{}, &message.ClientError{Err: errBroken}
	}
	if m.Upgraded != nil {
		return c.join(m)
	}
	sent, err := c.sendAnswer(m)
	if closing := m.Body.Close(); err == nil && closing != nil && !sent.HeadSent {
		err = closing
	}
	return sent, err
}

// bodyPlan is how the body of an answer is sent.
type bodyPlan struct {
	absent  bool  // there are no bytes
	size    int64 // declared; -1 where it is not
	chunked bool
}

// sendAnswer sends head, body and trailer.
func (c *conn) sendAnswer(m *message.Response) (sent message.Sent, err error) {
	plan := c.planBody(m)
	if plan.absent {
		return c.answerWhole(m, plan, nil)
	}
	if data, ok := m.Body.Whole(); ok {
		return c.answerWhole(m, plan, data)
	}
	source, err := m.Body.Reader()
	if err != nil {
		return sent, err
	}
	return c.answerStream(m, plan, source)
}

// planBody decides how the body is framed (RFC 9112 §6).
func (c *conn) planBody(m *message.Response) bodyPlan {
	plan := bodyPlan{size: m.Body.Size()}
	switch {
	case m.Status < 200 || m.Status == 204:
		plan.absent, plan.size = true, -1 // They have no Content-Length either.
	case !http1.MayHaveBody(c.work.request.Method, m.Status):
		plan.absent = true
		if !m.Body.Present() {
			plan.size = -1
		}
	case !m.Body.Present() || m.Body.Consumed():
		plan.absent, plan.size = true, 0
	case plan.size < 0 && c.work.request.Protocol != message.HTTP10:
		plan.chunked = true
	case plan.size < 0:
		c.answer.closing = true // To HTTP/1.0 the end of the connection is the end of the body.
	}
	return plan
}

// appendHead appends the head of the answer.
func (c *conn) appendHead(out []byte, m *message.Response, plan bodyPlan) []byte {
	w := c.work
	if c.server.draining.Load() || w.body.failed.Load() || c.interrupted.Load() || w.body.beginAnswer() || c.tooMuchLeft() {
		c.answer.closing = true
	}
	out = http1.AppendStatusLine(out, m.Status, m.Reason)
	out = appendFields(out, &m.Header)
	if !m.Header.Has(message.Date) {
		out = http1.AppendField(out, "Date", c.server.dateOf(c.server.clock.Now()))
	}
	if c.answer.altSvc != "" && !m.Header.Has(altSvc) {
		out = http1.AppendField(out, "Alt-Svc", c.answer.altSvc)
	}
	switch {
	case plan.chunked:
		out = append(out, "Transfer-Encoding: chunked\r\n"...)
	case plan.size >= 0:
		out = http1.AppendContentLength(out, plan.size)
	}
	switch {
	case c.answer.closing:
		out = append(out, "Connection: close\r\n"...)
	case w.request.Protocol == message.HTTP10:
		out = append(out, "Connection: keep-alive\r\n"...)
	}
	return append(out, "\r\n"...)
}

// tooMuchLeft reports whether the connection will end because the client is still
// to send more of a body than is thrown away.
func (c *conn) tooMuchLeft() bool {
	w := c.work
	return w.framing.Length > MaxDiscard && !w.body.done.Load() && !w.body.reading.Load()
}

// appendFields appends the fields that may be sent, in the spelling of their
// specification.
func appendFields(out []byte, h *message.Header) []byte {
	fields := h.Fields()
	for i := range fields {
		if f := &fields[i]; http1.Sendable(f) {
			out = http1.AppendField(out, f.Key().Canonical(), f.Value)
		}
	}
	return out
}

// answerWhole sends an answer whose body is in memory.
func (c *conn) answerWhole(m *message.Response, plan bodyPlan, data []byte) (message.Sent, error) {
	buffer := c.work.buffer()
	out := c.appendHead(buffer[:0], m, plan)
	c.keepLarger(out)
	together := len(data) <= cap(out)-len(out)
	if together {
		out = append(out, data...)
	}
	c.answer.responded = true
	err := c.send(out)
	if err == nil && !together {
		err = c.send(data)
	}
	sent := message.Sent{HeadSent: true, Bytes: int64(len(data))}
	if err != nil {
		c.answer.broken = true
		return message.Sent{HeadSent: true}, &message.ClientError{Err: err}
	}
	return sent, nil
}

// keepLarger keeps the array of an answer whose head was larger than the one
// there was.
func (c *conn) keepLarger(out []byte) {
	if cap(out) != cap(c.work.out) {
		http1.GiveArray(c.work.out)
		c.work.out = out[:cap(out)]
	}
}

// answerStream sends an answer whose body streams. Where nothing can be read of a
// body whose length is known, nothing is sent, and another answer is possible.
func (c *conn) answerStream(m *message.Response, plan bodyPlan, source io.Reader) (sent message.Sent, err error) {
	s := stream{conn: c, source: source, chunked: plan.chunked, left: plan.size}
	buffer := c.work.buffer()
	ready, _ := source.(interface{ Buffered() int })
	waits := (m.Unbuffered || plan.size < 0) && (ready == nil || ready.Buffered() == 0)
	if !waits {
		// The head goes out with the first bytes; there is room for both.
		n, failed := source.Read(buffer[headRoom : len(buffer)-behind])
		if failed != nil && !errors.Is(failed, io.EOF) {
			return sent, fmt.Errorf("passing the body on: %w", failed)
		}
		s.first, s.ended = n, failed != nil
	}
	out := c.appendHead(buffer[:0:headRoom-before], m, plan)
	sent.HeadSent, c.answer.responded = true, true
	sent.Bytes, err = s.run(out, &m.Trailer)
	if err != nil {
		c.answer.broken = true
	}
	return sent, err
}
