package postgres_test

import (
	"bytes"
	"net"
	"net/url"
	"sync"
	"testing"
)

// fault is what a proxy does to a commit.
type fault int

const (
	none   fault = iota
	before       // The commit does not reach the server.
	after        // The server commits, and its answer is lost.
	late         // The connection is lost; the commit reaches the server when the store asks for it.
)

// proxy stands between a store and its server, and breaks connections where it
// is told to.
type proxy struct {
	listener net.Listener
	server   string
	// choose says what happens to the next commit.
	choose func() fault
	// asked has a word when a store wants to lock out other writers.
	asked chan struct{}
	wait  sync.WaitGroup

	mu    sync.Mutex
	conns []net.Conn
}

// throughProxy starts a proxy, and returns the address of a database through it.
func throughProxy(t *testing.T, address string, choose func() fault) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l, server: u.Host, choose: choose, asked: make(chan struct{}, 1)}
	p.wait.Go(p.serve)
	t.Cleanup(p.close)
	u.Host = l.Addr().String()
	u.RawQuery = "sslmode=disable"
	return u.String()
}

func (p *proxy) close() {
	_ = p.listener.Close() // The test is over.
	p.mu.Lock()
	for _, c := range p.conns {
		_ = c.Close()
	}
	p.mu.Unlock()
	p.wait.Wait()
}

func (p *proxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.mu.Lock()
		p.conns = append(p.conns, client, server)
		p.mu.Unlock()
		c := &connection{proxy: p, client: client, server: server, mute: make(chan struct{}), ended: make(chan struct{})}
		p.wait.Go(c.requests)
		p.wait.Go(c.answers)
	}
}

// connection is one through the proxy.
type connection struct {
	proxy          *proxy
	client, server net.Conn
	// mute is closed when no answer is to reach the client any more, ended when
	// the server has answered then, or is gone.
	mute, ended chan struct{}
}

// requests passes on what a client says, and spoils its commits.
func (c *connection) requests() {
	defer func() { _ = c.server.Close() }()
	defer func() { _ = c.client.Close() }()
	buffer := make([]byte, 64<<10)
	for {
		n, err := c.client.Read(buffer)
		if err != nil {
			return
		}
		what := none
		if bytes.Contains(buffer[:n], []byte("commit\x00")) {
			what = c.proxy.choose()
		}
		if bytes.Contains(buffer[:n], []byte("LOCK TABLE")) {
			select {
			case c.proxy.asked <- struct{}{}:
			default:
			}
		}
		switch what {
		case before:
			return
		case after, late:
			close(c.mute)
			if what == late {
				_ = c.client.Close()
				<-c.proxy.asked // The word of this update itself.
				<-c.proxy.asked
			}
			_, _ = c.server.Write(buffer[:n])
			<-c.ended
			return
		}
		if _, err := c.server.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// answers passes on what a server says, until it is to be mute.
func (c *connection) answers() {
	defer close(c.ended)
	defer func() { _ = c.client.Close() }()
	buffer := make([]byte, 64<<10)
	for {
		n, err := c.server.Read(buffer)
		if err != nil {
			return
		}
		select {
		case <-c.mute:
			return
		default:
		}
		if _, err := c.client.Write(buffer[:n]); err != nil {
			return
		}
	}
}
