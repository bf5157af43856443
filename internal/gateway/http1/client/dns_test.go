package client

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

// nameServer is a name server that knows one host, over UDP. It can be told to
// say something else, or to fail.
type nameServer struct {
	conn *net.UDPConn

	mu    sync.Mutex
	list  []netip.Addr
	code  uint16 // of its failure; 0 for none
	asked int
}

// newNameServer runs a name server until the test ends.
func newNameServer(tb testing.TB, list ...string) *nameServer {
	tb.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		tb.Fatal(err)
	}
	s := &nameServer{conn: conn}
	s.set(list...)
	ended := make(chan struct{})
	tb.Cleanup(func() {
		_ = conn.Close()
		<-ended
	})
	go func() {
		defer close(ended)
		buffer := make([]byte, 512)
		for {
			n, from, err := conn.ReadFromUDP(buffer)
			if err != nil {
				return
			}
			if text := s.answer(buffer[:n]); text != nil {
				_, _ = conn.WriteToUDP(text, from)
			}
		}
	}()
	return s
}

// set changes the addresses.
func (s *nameServer) set(list ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = nil
	for _, text := range list {
		s.list = append(s.list, netip.MustParseAddr(text))
	}
}

// fail makes the server fail with a code; 0 ends that.
func (s *nameServer) fail(code uint16) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.code = code
}

// questions returns how often it has been asked for addresses of IPv4.
func (s *nameServer) questions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// answer answers a question (RFC 1035 §4) that was not asked for anything but one
// host's addresses.
func (s *nameServer) answer(question []byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	const header = 12
	end := header
	for end < len(question) && question[end] != 0 {
		end += int(question[end]) + 1
	}
	end += 5
	if end > len(question) {
		return nil
	}
	ipv4 := binary.BigEndian.Uint16(question[end-4:]) == 1
	if ipv4 {
		s.asked++
	}
	text := append([]byte(nil), question[:end]...)
	binary.BigEndian.PutUint16(text[2:], 0x8180|s.code)
	count := 0
	if ipv4 && s.code == 0 {
		for _, a := range s.list {
			count++
			text = append(text, 0xc0, header, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4)
			text = append(text, a.AsSlice()...)
		}
	}
	binary.BigEndian.PutUint16(text[6:], uint16(count))
	clear(text[8:12])
	return text
}

// resolver returns a resolver that asks this server alone.
func (s *nameServer) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", s.conn.LocalAddr().String())
	}}
}

// hosted runs one backend on several addresses of this machine, on one port, each
// of which answers with its own address.
func hosted(tb testing.TB, addresses ...string) (port string) {
	tb.Helper()
	port = "0"
	for _, a := range addresses {
		l, err := net.Listen("tcp", net.JoinHostPort(a, port))
		if err != nil {
			tb.Fatal(err)
		}
		_, port, _ = net.SplitHostPort(l.Addr().String())
		serveOn(tb, l, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"+a)
	}
	return port
}

// TestLookups asks once for many requests, remembers failures for a moment, and
// never asks for what is an address.
func TestLookups(t *testing.T) {
	port := hosted(t, "127.0.0.2")
	s := newNameServer(t, "127.0.0.2")
	clock := newRig(t, Options{}).clock
	r := NewResolver(clock, s.resolver())
	defer r.Close()
	g := newRig(t, Options{Clock: clock, Resolver: r})
	url := "http://backend.example.:" + port + "/"
	s.fail(2)
	for range 3 {
		if _, err := g.do(call(t, "GET", url)); err == nil || !strings.Contains(err.Error(), "backend.example") {
			t.Errorf("with a server that fails: %v", err)
		}
	}
	failures := s.questions()
	s.fail(0)
	if _, err := g.do(call(t, "GET", url)); err == nil || s.questions() != failures {
		t.Errorf("asked again at once: %v, %d questions after %d", err, s.questions(), failures)
	}
	clock.Advance(FailureFor)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { g.want(t, call(t, "GET", url), "127.0.0.2") })
	}
	all.Wait()
	if n := s.questions() - failures; n != 1 {
		t.Errorf("asked %d times for 20 requests, want once", n)
	}
	literal := scripted(t, smallAnswer, false)
	before := s.questions()
	g.want(t, call(t, "GET", literal), `{"ok":true}`)
	clock.Advance(time.Hour)
	g.want(t, call(t, "GET", literal), `{"ok":true}`)
	if s.questions() != before {
		t.Error("an address was looked up")
	}
}

// TestTurns gives the addresses of a host their turns.
func TestTurns(t *testing.T) {
	n := &name{}
	v4 := []netip.Addr{netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2"), netip.MustParseAddr("10.0.0.3")}
	list := append(append([]netip.Addr{}, v4...), netip.MustParseAddr("2001:db8::1"))
	seen := map[netip.Addr]int{}
	for range 9 {
		turn := n.inTurn(list)
		seen[turn[0]]++
		if len(turn) != 4 || turn[3] != list[3] {
			t.Errorf("the order is %v", turn)
		}
	}
	for _, a := range v4 {
		if seen[a] != 3 {
			t.Errorf("%v was first %d times, want 3", a, seen[a])
		}
	}
}

// TestMaxNames forgets the name that has not been used for longest.
func TestMaxNames(t *testing.T) {
	g := newRig(t, Options{})
	first := g.resolver.name("192.0.2.1")
	g.clock.Advance(time.Second)
	second := g.resolver.name("192.0.2.2")
	for i := range MaxNames - 1 {
		g.resolver.name(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}).String())
	}
	if g.resolver.name("192.0.2.2") != second {
		t.Error("a name was forgotten that was used later")
	}
	if g.resolver.name("192.0.2.1") == first {
		t.Error("the name that was not used for longest is remembered")
	}
}

// TestMovedWhileInUse does not keep a connection to an address that the host has
// left while the connection was in use.
func TestMovedWhileInUse(t *testing.T) {
	url, begun, letGo := holding(t)
	g := newRig(t, Options{})
	n := g.resolver.name("127.0.0.1")
	n.literal = false // As if it were a name, which is not looked up again.
	n.due.Store(1<<63 - 1)
	var all sync.WaitGroup
	all.Go(func() { g.want(t, call(t, "GET", url), `{"ok":true}`) })
	<-begun
	n.take([]netip.Addr{netip.MustParseAddr("127.0.0.9")})
	letGo()
	all.Wait()
	p := g.all()[0]
	p.version.Store(n.version.Load()) // As if another request had noticed it meanwhile.
	if _, err := g.do(call(t, "GET", url)); err == nil {
		t.Error("a connection to the old address was used")
	}
	if n := g.dials.Load(); n != 2 {
		t.Errorf("%d connections, want 2", n)
	}
}
