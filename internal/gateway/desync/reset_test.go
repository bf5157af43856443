package desync

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// reset reports whether an origin has refused a request, of which it has taken
// nothing, and reset its connection before its answer was whole. Servers do so
// that close with bytes of the request unread, as Node.js does where a head is too
// long for it: whether the whole answer has been read by then is a matter of time.
// The caller holds the record's lock.
func (r *record) reset() bool {
	return r.refused && r.originStatus >= 400 && r.origin == nil && r.sightings == 0 && errors.Is(r.failure, syscall.ECONNRESET)
}

// cutByReset reports whether an answer of which more should come is the refusal of
// an origin that reset its connection. That is no mix-up as long as it is the
// answer to the request whose turn it is, the gateway has ended the client's
// connection, and nothing behind the request has been forwarded: the client cannot
// take what follows for a part of it. records are those without an answer.
func (t *talk) cutByReset(a *answer, records []*record) bool {
	if len(records) != 1 || !t.closed {
		return false
	}
	r := records[0]
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reset() && a.status == r.originStatus && slices.Equal(values(a.fields, echoField), []string{r.id})
}

// cutRefusals are answers that are not whole when the connection is reset.
var cutRefusals = []string{
	"HTTP/1.1 431 Request Header Fields Too Large\r\nTransfer-Encoding: chunked\r\n\r\n",
	"HTTP/1.1 431 Request Header Fields Too Large\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
	"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n\r\n",
	"HTTP/1.1 400 Bad Request\r\nContent-Length: 5\r\n\r\nhel",
}

// startResetting runs an origin that refuses each request for /refused, with one
// of those answers, and resets the connection. It answers all others.
func startResetting(tb testing.TB, l *ledger) (url string) {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	o := &rawOrigin{ledger: l, address: listener.Addr().String()}
	o.answer = func(r *reading, id string) (string, bool) { return reply(r, id), false }
	o.refuse = func(r *reading) (text string) {
		if number, ok := strings.CutPrefix(r.target, "/refused/"); ok {
			return cutRefusals[int(number[0]-'0')%len(cutRefusals)]
		}
		return ""
	}
	o.accept(tb, listener)
	return "http://" + o.address
}

// TestS3_ResettingOrigin has an origin refuse requests and reset its connection
// before its answer is whole: the client's connection ends with what came of it,
// and who comes next is not concerned.
func TestS3_ResettingOrigin(t *testing.T) {
	l := &ledger{}
	g := newRig(t, l, startResetting(t, l))
	var all tally
	for i := range 100 * len(cutRefusals) {
		for m := range modes {
			attack := fmt.Sprintf("POST /refused/%d HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", i%len(cutRefusals))
			all.add(g.run(attack, m, 2*i))
			all.sent++
		}
	}
	if all.originRefused != all.sent {
		t.Errorf("of %d requests the origin has refused %d", all.sent, all.originRefused)
	}
	fmt.Printf("S3: an origin that refuses and resets: %+v, %d findings (0)\n", all, report(t, l))
}

// TestS3_ResettingOrigin_NegativeControl shows the oracle connections that differ
// in one thing from one whose answer was cut off by a reset: each is a finding.
func TestS3_ResettingOrigin_NegativeControl(t *testing.T) {
	const request = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
	tests := []struct {
		name   string
		change func(*talk, *record)
		want   bool // findings
	}{
		{"nothing", func(*talk, *record) {}, false},
		{"the gateway has not ended the connection", func(c *talk, _ *record) { c.closed = false }, true},
		{"the request behind it was forwarded", func(c *talk, _ *record) {
			c.sent.WriteString(request)
			c.rig.forward(c.address, &record{gateway: sighting{method: "GET", target: "/a"}, forwarded: "/a"})
		}, true},
		{"the request behind it was answered", func(c *talk, _ *record) { c.received.WriteString("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") }, true},
		{"the answer has the form of none", func(c *talk, _ *record) { c.received.WriteString("x\r\n") }, true},
		{"the answer is that to another request", func(_ *talk, r *record) { r.id = "other" }, true},
		{"the answer has another status", func(_ *talk, r *record) { r.originStatus = 400 }, true},
		{"the origin has answered a request that it has taken", func(_ *talk, r *record) { r.refused = false }, true},
		{"the origin has understood it", func(_ *talk, r *record) { r.origin = &sighting{method: "GET", target: "/a"} }, true},
		{"the origin has ended its answer too early", func(_ *talk, r *record) { r.failure = errNotWhole }, true},
		{"nothing has failed", func(_ *talk, r *record) { r.failure = nil }, true},
	}
	caught := 0
	for _, test := range tests {
		l := &ledger{}
		c := &talk{rig: &rig{ledger: l}, address: netip.MustParseAddrPort("10.0.0.1:1"), ended: true, closed: true}
		r := &record{gateway: sighting{method: "GET", target: "/a"}, forwarded: "/a", originStatus: 431, refused: true,
			failure: fmt.Errorf("reading the backend's answer: %w", syscall.ECONNRESET)}
		l.forward(c.address, r)
		c.sent.WriteString(request)
		c.received.WriteString("HTTP/1.1 431 X\r\n" + echoField + ": " + r.id + "\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
		test.change(c, r)
		c.judge()
		count, first := l.found()
		if got := count > 0; got != test.want {
			t.Errorf("%s: %d findings: %q", test.name, count, first)
		}
		if test.want && count > 0 {
			caught++
		}
	}
	fmt.Printf("S3: %d of %d connections that only look reset are findings (all)\n", caught, len(tests)-1)
}

// errNotWhole is the failure of an answer that ended without a reset.
var errNotWhole = errors.New("the answer is not whole")
