package desync

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// laxProxy forwards the bytes that came, believes the first Content-Length, and
// ends a line where a line feed is: what gateways did before they knew better.
type laxProxy struct {
	*ledger
	origin string
	// hasty says that it forwards a body before it is whole, and uses the same
	// connection to the origin for all clients, whatever has become of the last.
	hasty  bool
	shared struct {
		sync.Mutex
		net.Conn
		answers *bufio.Reader
		dead    bool // the origin does not answer on it
	}
}

// newLaxRig runs a lax proxy in front of an origin.
func newLaxRig(tb testing.TB, l *ledger, origin string) *rig {
	tb.Helper()
	h := newHall()
	p := &laxProxy{ledger: l, origin: strings.TrimPrefix(origin, "http://")}
	p.start(tb, h)
	return &rig{ledger: l, hall: h}
}

// start serves on a listener until the test ends.
func (p *laxProxy) start(tb testing.TB, l net.Listener) {
	tb.Helper()
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { p.serve(c) })
		}
	})
	tb.Cleanup(func() {
		_ = l.Close()
		all.Wait()
	})
}

// serve forwards what comes over a connection.
func (p *laxProxy) serve(c net.Conn) {
	defer c.Close()
	if p.hasty {
		p.serveHastily(c)
		return
	}
	origin, err := net.Dial("tcp", p.origin)
	if err != nil {
		return
	}
	defer origin.Close()
	in, answers := bufio.NewReader(c), bufio.NewReader(origin)
	for p.one(c, in, origin, answers) {
	}
}

// serveHastily does so over the connection to the origin that all share.
func (p *laxProxy) serveHastily(c net.Conn) {
	s := &p.shared
	s.Lock()
	defer s.Unlock()
	if s.Conn != nil && s.dead {
		_ = s.Close()
		s.Conn = nil
	}
	if s.Conn == nil {
		var err error
		if s.Conn, err = net.Dial("tcp", p.origin); err != nil {
			return
		}
		s.answers, s.dead = bufio.NewReader(s.Conn), false
	}
	in := bufio.NewReader(c)
	for p.one(c, in, s.Conn, s.answers) {
	}
}

// laxPatience is how long it waits for an answer.
const laxPatience = 20 * time.Millisecond

// one forwards a request and its answer.
func (p *laxProxy) one(c net.Conn, in *bufio.Reader, origin net.Conn, answers *bufio.Reader) bool {
	head, length := "", 0
	for {
		line, err := in.ReadString('\n')
		if head += line; err != nil {
			return false
		}
		name, value, _ := strings.Cut(line, ":")
		if strings.EqualFold(name, "Content-Length") && length == 0 {
			length, _ = strconv.Atoi(strings.TrimSpace(value))
		}
		if strings.TrimSpace(line) == "" {
			break
		}
	}
	body := make([]byte, max(0, min(length, 1<<20)))
	n, cut := io.ReadFull(in, body)
	if body = body[:n]; cut != nil && !p.hasty {
		return false
	}
	parts := append(strings.Fields(head), "", "")
	rec := &record{gateway: sighting{method: parts[0], target: parts[1]}, forwarded: parts[1]}
	p.forward(c.RemoteAddr().(*net.TCPAddr).AddrPort(), rec)
	line, rest, _ := strings.Cut(head, "\n")
	fmt.Fprintf(origin, "%s\n%s: %s\r\n%s%s", line, idField, rec.id, rest, body)
	if cut != nil {
		return false
	}
	// An origin that divides the bytes otherwise may wait for more of them.
	_ = origin.SetReadDeadline(time.Now().Add(laxPatience))
	answer, err := http.ReadResponse(answers, &http.Request{Method: rec.gateway.method})
	if err != nil {
		if p.hasty { // Otherwise nobody holds the lock.
			p.shared.dead = true
		}
		return false
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return false
	}
	if id := answer.Header.Get(originField); id != "" && id != rec.id {
		p.find("MIX-UP: %s of %q got the answer to %s", rec.id, rec.gateway, id)
	}
	_, err = fmt.Fprintf(c, "HTTP/1.1 %03d X\r\n%s: %s\r\nContent-Length: %d\r\n\r\n%s", answer.StatusCode, echoField, rec.id, len(text), text)
	return err == nil && !answer.Close
}

func TestS3_Vectors_NegativeControl(t *testing.T) {
	l := &ledger{}
	g := newLaxRig(t, l, startStandard(t, l))
	for i, v := range vectors(t) {
		g.run(v, pipelined, i)
	}
	desyncs(t, l)
}

func TestS3_Mutations_NegativeControl(t *testing.T) {
	l := &ledger{}
	g := newLaxRig(t, l, startStandard(t, l))
	g.attack(400)
	desyncs(t, l)
}

// desyncs wants findings, and among them requests that were divided differently.
func desyncs(t *testing.T, l *ledger) {
	t.Helper()
	count, _ := l.found()
	if l.kinds["nobody forwarded"]+l.kinds["MIX-UP"] == 0 || l.kinds["DESYNC"] == 0 {
		t.Errorf("behind a lax proxy there are %d findings, of them %v: the oracle finds nothing", count, l.kinds)
	}
	fmt.Printf("S3: behind a lax proxy %d findings, %v (more than 0 of each)\n", count, l.kinds)
}
