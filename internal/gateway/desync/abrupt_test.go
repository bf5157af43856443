package desync

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// pairs are requests of many forms, each with another behind it.
func pairs() (list []string) {
	long := strings.Repeat("x", 20)
	for _, one := range []string{
		"GET /a HTTP/1.1\r\nHost: a\r\nX-A: 1\r\n\r\n",
		"HEAD /ab HTTP/1.1\r\nHost: a\r\n\r\n",
		post(fmt.Sprint("Content-Length: ", len(inner)), inner),
		"PUT /abc HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
		post("Transfer-Encoding: chunked", "5\r\nhello\r\n5;a=b\r\nagain\r\n0\r\nX-Sum: 1\r\n\r\n"),
		post("Transfer-Encoding: chunked", fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(inner), inner)),
		post("Expect: 100-continue\r\nContent-Length: 5", "hello"),
		"GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
		"DELETE /abcd HTTP/1.1\r\nHost: a\r\nConnection: X-A\r\nX-A: " + long + "\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
	} {
		list = append(list, one+canary(len(list)))
	}
	return list
}

// leave is a way in which a client ends abruptly.
type leave int

const (
	halves leave = iota // ends its direction, and waits for the answers
	closes              // closes, whatever comes
	resets              // breaks off: what has not been read is lost
	leaves
)

// abandon sends the beginning of a text in memory and ends. patient waits before
// that until the gateway has read it, and wants more.
func (g *rig) abandon(text string, l leave, patient bool) tally {
	t := g.talk()
	if patient {
		t.say(text)
	} else {
		t.sent.WriteString(text)
		_, _ = io.WriteString(t.side, text) // The gateway may have refused it.
	}
	switch t.rude = l != halves; l {
	case closes:
		_ = t.Close()
	case resets:
		_ = t.reset()
	}
	out := t.hangUp()
	out.sent = 1
	return out
}

// abandonAll does so at each position of each pair, in all ways. Who comes next
// has the same connections to the origin.
func (g *rig) abandonAll(step int) (out tally) {
	var all sync.WaitGroup
	var mu sync.Mutex
	for a := range attackers {
		all.Go(func() {
			var mine tally
			for _, text := range pairs() {
				for i := a * step; i <= len(text); i += attackers * step {
					for way := range 2 * leaves {
						mine.add(g.abandon(text[:i], way/2, way%2 == 0))
						t := g.talk()
						t.say(canary(2*i) + canary(2*i+1))
						t.hangUp()
					}
				}
			}
			mu.Lock()
			defer mu.Unlock()
			out.add(mine)
		})
	}
	all.Wait()
	return out
}

// TestS3_AbruptClients ends clients in the middle of what they say: the origin
// gets whole requests, and who comes next is not concerned.
func TestS3_AbruptClients(t *testing.T) {
	tests := []struct {
		name string
		run  func(*testing.T, *rig) tally
	}{
		{"in memory", func(_ *testing.T, g *rig) tally { return g.abandonAll(1) }},
		{"on sockets", func(t *testing.T, g *rig) tally {
			t.Helper()
			address, settle := g.listenOn(t, nil)
			return g.departAll(t, 1, settle, func(text string, number int, l leave) (departed, error) { return g.depart(address, text, number, l) })
		}},
		{"over TLS", func(t *testing.T, g *rig) tally {
			t.Helper()
			address, settle := g.listenOn(t, secureConfig(t))
			return g.departAll(t, 3, settle, func(text string, number int, l leave) (departed, error) {
				return g.departSecurely(address, text, number, 40, l)
			})
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := &ledger{}
			g := newRig(t, l, "http://"+startRaw(t, l).address)
			out := test.run(t, g)
			if out.sent < 1000 || out.understood < out.sent/10 {
				t.Errorf("of %d clients the origin has understood %d requests: too few to say anything", out.sent, out.understood)
			}
			fmt.Printf("S3: %s clients that ended abruptly: %+v, %d canaries, %d findings (0)\n", test.name, out, 2*out.sent, report(t, l))
		})
	}
}

func TestS3_AbruptClients_NegativeControl(t *testing.T) {
	l := &ledger{}
	h := newHall()
	p := &laxProxy{ledger: l, origin: startRaw(t, l).address, hasty: true}
	p.start(t, h)
	t.Cleanup(func() {
		if p.shared.Conn != nil {
			_ = p.shared.Close()
		}
	})
	g := &rig{ledger: l, hall: h}
	g.abandonAll(10)
	desyncs(t, l)
}

// departed is a client of sockets that has ended abruptly.
type departed struct{ *talk }

// depart sends the beginning of a text over a socket, from an address of its own,
// and ends.
func (g *rig) depart(address, text string, number int, l leave) (departed, error) {
	c, err := (&net.Dialer{LocalAddr: loopback(number)}).Dial("tcp", address)
	if err != nil {
		return departed{}, err
	}
	defer c.Close()
	tcp := c.(*net.TCPConn)
	d := departed{&talk{rig: g, address: tcp.LocalAddr().(*net.TCPAddr).AddrPort(), ended: true, rude: l != halves}}
	d.sent.WriteString(text)
	_, _ = io.WriteString(c, text) // The gateway may have refused it.
	return d, d.end(tcp, c, tcp.CloseWrite, l)
}

// end ends a connection in a way, with what ends its direction.
func (d departed) end(tcp *net.TCPConn, clear io.Reader, half func() error, l leave) error {
	switch l {
	case halves:
		_ = half()
		_ = tcp.SetReadDeadline(time.Now().Add(patience))
		received, err := io.ReadAll(clear)
		d.received.Write(received)
		return err
	case resets:
		return tcp.SetLinger(0)
	}
	return nil
}

// departSecurely is depart over TLS. The beginning is in records of the size of a
// piece; what is left of the last one says how much of its bytes are sent.
func (g *rig) departSecurely(address, text string, number, piece int, l leave) (departed, error) {
	raw, err := (&net.Dialer{LocalAddr: loopback(number)}).Dial("tcp", address)
	if err != nil {
		return departed{}, err
	}
	defer raw.Close()
	cut := &cutting{Conn: raw}
	c := tls.Client(cut, careless)
	if err := c.Handshake(); err != nil {
		return departed{}, err
	}
	d := departed{&talk{rig: g, address: raw.LocalAddr().(*net.TCPAddr).AddrPort(), ended: true, rude: l != halves}}
	whole := len(text) / piece * piece
	for at := 0; at < whole; at += piece {
		_, _ = io.WriteString(c, text[at:at+piece]) // The gateway may have refused it.
	}
	d.sent.WriteString(text[:whole])
	if left := len(text) - whole; left > 0 {
		cut.most = left
		_, _ = io.WriteString(c, text[whole:]+strings.Repeat(" ", piece-left))
		cut.most = 0
	}
	tcp := raw.(*net.TCPConn)
	half := c.CloseWrite
	if len(text)%2 == 0 || whole < len(text) {
		half = tcp.CloseWrite // Without saying so: the text may have been cut by anyone.
	}
	err = d.end(tcp, c, half, l)
	return d, err
}

// cutting is a connection that sends at most so many bytes of a write, where there
// is a most.
type cutting struct {
	net.Conn
	most int
}

func (c *cutting) Write(p []byte) (int, error) {
	if c.most > 0 {
		p = p[:min(c.most, len(p))]
	}
	return c.Conn.Write(p)
}

// departAll has clients of sockets end at each position of each pair, in all ways,
// and judges them when the gateway has done with them.
func (g *rig) departAll(t *testing.T, step int, settle func(), one func(text string, number int, l leave) (departed, error)) (out tally) {
	t.Helper()
	lists := make([][]departed, attackers)
	var all sync.WaitGroup
	for a := range attackers {
		all.Go(func() {
			number := a << 18
			for _, text := range pairs() {
				for i := a * step; i <= len(text); i += attackers * step {
					for l := range leaves {
						number++
						d, err := one(text[:i], number, l)
						if err != nil {
							t.Errorf("%q: %v", text[:i], err)
							continue
						}
						lists[a] = append(lists[a], d)
						next := g.talk()
						next.say(canary(2*i) + canary(2*i+1))
						next.hangUp()
					}
				}
			}
		})
	}
	all.Wait()
	settle()
	for _, list := range lists {
		for _, d := range list {
			out.add(d.judge())
			out.sent++
		}
	}
	return out
}
