package server

import (
	"github.com/sallyport/sallyport/internal/gateway/http1"
	"github.com/sallyport/sallyport/internal/message"
)

// work is what a connection needs while it has a request, and gives back when it
// waits for the next.
type work struct {
	request message.Request
	parser  http1.Parser
	framing http1.Framing
	in      http1.Buffer
	body    clientBody
	out     []byte // the head of the answer, and pieces of its body
}

func newWork(poison bool) *work {
	w := &work{}
	w.in.Poison = poison
	return w
}

// takeWork gets what a request needs.
func (c *conn) takeWork() *work {
	if c.work == nil {
		c.work = c.server.works.Get().(*work) //nolint:forcetypeassert // The pool makes nothing else.
	}
	return c.work
}

// giveWork gives it back. What the client has sent ahead must have been used.
func (c *conn) giveWork() {
	w := c.work
	if w == nil {
		return
	}
	c.work = nil
	w.in.Release()
	if w.out != nil {
		http1.GiveArray(w.out)
		w.out = nil
	}
	c.server.works.Put(w)
}

// next prepares for the next request of the connection.
func (w *work) next() {
	w.request.Reset()
	w.parser.Reset()
	w.body.reset()
	w.in.Unpin()
}

// buffer returns the memory that answers are written from.
func (w *work) buffer() []byte {
	if w.out == nil {
		w.out = http1.TakeArray(http1.MediumBuffer)
	}
	return w.out
}
