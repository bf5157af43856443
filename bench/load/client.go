package load

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"time"
)

// Target is what clients call.
type Target struct {
	// Address is host and port of the gateway.
	Address string
	// TLS is the configuration of TLS; nil is clear text.
	TLS *tls.Config
	// Request is the whole request, a GET without a body.
	Request []byte
	// Body is the length that the body of each answer has to have, in bytes.
	Body int
	// Connections is how many clients there are, one request at a time each.
	Connections int
}

// Clients are connections to one gateway, open until Close.
type Clients struct {
	loop   *Loop
	target Target
	all    []*client

	idle     []*client // a queue: the one that waited longest is the next
	awaited  int       // answers that have not come yet
	again    bool      // a client asks again as soon as it has its answer
	answered int

	measured bool // delays are kept
	delays   []time.Duration
}

// Dial connects the clients.
func (l *Loop) Dial(target Target) (*Clients, error) {
	c := &Clients{loop: l, target: target}
	for range target.Connections {
		fd, s, err := dial(target.Address, target.TLS)
		if err != nil {
			c.Close()
			return nil, err
		}
		one := &client{clients: c, fd: fd, stream: s}
		c.all = append(c.all, one)
		c.idle = append(c.idle, one)
		if err := l.add(fd, one); err != nil {
			c.Close()
			return nil, err
		}
	}
	return c, nil
}

// Close closes the connections.
func (c *Clients) Close() {
	for _, one := range c.all {
		c.loop.remove(one.fd)
	}
	c.all, c.idle = nil, nil
}

// next takes the client that has waited longest, or nil where all are waiting
// for answers.
func (c *Clients) next() *client {
	if len(c.idle) == 0 {
		return nil
	}
	one := c.idle[0]
	c.idle = c.idle[:copy(c.idle, c.idle[1:])]
	return one
}

// client is one connection.
type client struct {
	clients *Clients
	fd      int
	stream  stream

	asking bool
	due    time.Time // when the request should have been sent
	head   []byte    // of the answer: begun, and not whole yet
	left   int       // bytes of the body that have not come yet
}

// ask sends a request that was due at a time.
func (c *client) ask(due time.Time) error {
	c.asking, c.due = true, due
	c.clients.awaited++
	if err := c.stream.write(c.clients.target.Request); err != nil {
		return fmt.Errorf("asking: %w", err)
	}
	return nil
}

// ready reads what has come.
func (c *client) ready() error {
	buffer := c.clients.loop.buffer
	for {
		more, err := c.receive(buffer)
		if errors.Is(err, io.EOF) {
			return errors.New("the gateway closed a connection")
		}
		if err != nil || !more {
			return err
		}
	}
}

// receive reads once and takes note of what has come; more says whether there
// may be more.
func (c *client) receive(buffer []byte) (more bool, err error) {
	if c.left == 0 {
		n, more, err := c.stream.read(buffer)
		if err != nil || n == 0 {
			return more, err
		}
		return more, c.take(buffer[:n])
	}
	n, more, err := c.stream.discard(buffer, c.left)
	if err != nil || n == 0 {
		return more, err
	}
	if c.left -= n; c.left > 0 {
		return more, nil
	}
	// Nothing follows an answer before the next request.
	return c.clients.target.TLS != nil, c.done()
}

// take reads the beginning of an answer.
func (c *client) take(p []byte) error {
	if len(c.head) > 0 {
		c.head = append(c.head, p...)
		p = c.head
	}
	head, body, err := parseHead(p)
	switch {
	case err != nil:
		return err
	case !c.asking:
		return fmt.Errorf("an answer that nobody asked for: %q", p)
	case head == 0:
		c.head = bytes.Clone(p)
		return nil
	case body != c.clients.target.Body:
		return fmt.Errorf("a body of %d bytes; want %d", body, c.clients.target.Body)
	case len(p) > head+body:
		return fmt.Errorf("%d bytes behind the answer", len(p)-head-body)
	}
	c.head = nil
	if c.left = head + body - len(p); c.left == 0 {
		return c.done()
	}
	return nil
}

// done counts an answer and asks again or rests.
func (c *client) done() error {
	s := c.clients
	c.asking = false
	s.awaited--
	s.answered++
	if s.measured {
		s.delays = append(s.delays, s.loop.clock.Since(c.due))
	}
	if s.again {
		return c.ask(time.Time{})
	}
	s.idle = append(s.idle, c)
	return nil
}
