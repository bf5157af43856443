package desync

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/sallyport/sallyport/internal/message"
)

// mode is how an attack is sent.
type mode int

const (
	fresh     mode = iota // alone on a connection
	keptAlive             // after a canary, and another when it has been answered
	pipelined             // with a canary right behind it
	modes
)

func (m mode) String() string { return [...]string{"fresh", "kept alive", "pipelined"}[m] }

// canary is a request whose fate is known. n tells it from all others.
func canary(n int) string {
	return fmt.Sprintf("GET /canary/%d HTTP/1.1\r\nHost: canary.example\r\n\r\n", n)
}

// tally counts what came of cases.
type tally struct {
	sent, forwarded, refused, understood, originRefused int
}

func (t *tally) add(o tally) {
	t.sent += o.sent
	t.forwarded += o.forwarded
	t.refused += o.refused
	t.understood += o.understood
	t.originRefused += o.originRefused
}

// talk is a client's connection, with all that was said on it.
type talk struct {
	*side
	rig      *rig
	address  netip.AddrPort
	sent     strings.Builder
	received strings.Builder
	ended    bool
	closed   bool // it is the gateway that has ended the connection
	rude     bool // the client has left without waiting for its answers
}

func (g *rig) talk() *talk {
	c := g.hall.dial()
	return &talk{side: c, rig: g, address: c.local.(*net.TCPAddr).AddrPort()}
}

// say sends text and takes what is answered.
func (t *talk) say(text string) {
	if t.ended {
		return
	}
	t.sent.WriteString(text)
	if _, err := t.Write([]byte(text)); err != nil {
		t.ended = true
	}
	t.listen()
}

func (t *talk) listen() {
	text, ended, ok := t.settle()
	t.received.WriteString(text)
	t.ended = t.ended || ended
	if !ok {
		t.ended = true
		t.rig.find("HANGS: neither answered nor waiting for more after %q", t.sent.String())
	}
}

// run sends one attack in a way, and judges what comes of it.
func (g *rig) run(attack string, m mode, number int) tally {
	t := g.talk()
	switch m {
	case keptAlive:
		t.say(canary(number))
		t.say(attack)
		t.say(canary(number + 1))
	case pipelined:
		t.say(attack + canary(number))
	default:
		t.say(attack)
	}
	return t.hangUp()
}

// hangUp ends the client's direction, takes the rest, and judges the connection.
func (t *talk) hangUp() tally {
	t.closed = t.ended
	_ = t.CloseWrite()
	for !t.ended {
		t.listen()
	}
	_ = t.Close()
	before, _ := t.rig.found()
	out := t.judge()
	if after, _ := t.rig.found(); after > before {
		t.rig.find("  … of the connection that sent %.2000q and received %.2000q", t.sent.String(), t.received.String())
	}
	return out
}

// runOnSocket sends one attack over a socket, where nobody knows what the other
// side waits for: all at once, up to the end.
func (g *rig) runOnSocket(text string) (tally, error) {
	c, err := net.Dial("tcp", g.sockets)
	if err != nil {
		return tally{}, err
	}
	defer c.Close()
	tcp := c.(*net.TCPConn)
	t := &talk{rig: g, address: tcp.LocalAddr().(*net.TCPAddr).AddrPort()}
	t.sent.WriteString(text)
	go func() { // The gateway may answer, and stop reading, before it has all.
		_, _ = io.WriteString(tcp, text)
		_ = tcp.CloseWrite()
	}()
	_ = tcp.SetReadDeadline(time.Now().Add(patience))
	received, err := io.ReadAll(tcp)
	t.received.Write(received)
	if errors.Is(err, syscall.ECONNRESET) {
		err = nil // It has been refused, with more to come.
	}
	return t.judge(), err
}

// judge compares what the client has sent, what the gateway has forwarded, what
// the origin has understood and what the client has been answered.
func (t *talk) judge() tally {
	l := t.rig.ledger
	read, readErr := readRequests(t.sent.String())
	read = slices.DeleteFunc(read, func(r reading) bool { return r.target == "*" })
	records := l.close(t.address)
	out := tally{forwarded: len(records)}
	if len(records) > len(read) {
		l.find("DESYNC: the gateway has read %d requests where there are %d (%v)", len(records), len(read), readErr)
		return out
	}
	for i, rec := range records {
		rec.mu.Lock()
		t.judgeOne(rec, &read[i])
		if rec.origin != nil {
			out.understood++
		}
		if rec.refused {
			out.originRefused++
		}
		rec.mu.Unlock()
	}
	if t.judgeAnswers(records) {
		out.refused++
	}
	return out
}

// judgeOne compares one request as the three have understood it.
func (t *talk) judgeOne(rec *record, read *reading) {
	l := t.rig.ledger
	target := originForm(read.target)
	if rec.gateway.method != read.method || !sameTarget(rec.gateway.target, target) {
		l.find("DESYNC: the gateway has read %q where there is %s %s", rec.gateway, read.method, read.target)
	}
	o := rec.origin
	switch {
	case o == nil && (t.rig.mayFail(rec) || rec.reset()):
		return
	case o == nil:
		// The gateway may be stricter with bodies than the reader, as long as it
		// blames the client.
		if _, client := errors.AsType[*message.ClientError](rec.failure); read.whole && rec.failure != nil && !client {
			l.find("%q was not forwarded: %v", rec.gateway, rec.failure)
		}
		return
	case !read.whole:
		l.find("DESYNC: the origin has read %q of a request that is not whole", o)
	case o.body != read.body:
		l.find("DESYNC: the origin has read the body %q, sent was %q", o.body, read.body)
	}
	if o.method != rec.gateway.method || o.target != rec.forwarded {
		l.find("DESYNC: the origin has read %s %s, forwarded was %s %s", o.method, o.target, rec.gateway.method, rec.forwarded)
	}
	if o.fields != nil && !slices.Equal(passed(o.fields), passed(rec.gateway.fields)) {
		l.find("the origin has read the fields %q, forwarded were %q", passed(o.fields), passed(rec.gateway.fields))
	}
}

// passed are the fields that a gateway passes on unchanged, in a form that does
// not depend on order and case.
func passed(fields []field) []string {
	list := make([]string, 0, len(fields))
	for _, f := range fields {
		switch name := strings.ToLower(f.name); name {
		case "host", "content-length", "transfer-encoding", "x-forwarded-for", "desync-id", "connection", "upgrade", "expect", "trailer", "te":
		default:
			list = append(list, name+": "+f.value)
		}
	}
	slices.Sort(list)
	return list
}

// originForm returns a target as origins get it.
func originForm(target string) string {
	_, after, ok := strings.Cut(target, "://")
	if target[0] == '/' || !ok {
		return target
	}
	i := strings.IndexAny(after, "/?")
	switch {
	case i < 0:
		return "/"
	case after[i] == '?':
		return "/" + after[i:]
	}
	return after[i:]
}

// sameTarget reports whether a target is the one that was sent, but for what has
// to be escaped in a query.
func sameTarget(got, sent string) bool {
	path, query, _ := strings.Cut(sent, "?")
	gotPath, gotQuery, _ := strings.Cut(got, "?")
	if path != gotPath {
		return false
	}
	var b strings.Builder
	for _, c := range []byte(query) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(c)
	}
	return gotQuery == b.String()
}

// judgeAnswers reads what the client was answered. It reports whether the gateway
// has refused a request itself.
func (t *talk) judgeAnswers(records []*record) (refused bool) {
	l, text, at := t.rig.ledger, t.received.String(), 0
	for text != "" {
		a, rest, err := readAnswer(text, func(a *answer) string {
			if len(values(a.fields, echoField)) > 0 && at < len(records) {
				return records[at].gateway.method
			}
			return ""
		})
		if err != nil && at < len(records) && t.rig.mayFail(records[at]) && t.ended {
			return refused // The origin's answer breaks off, and with it the connection.
		}
		if errors.Is(err, errMore) && t.cutByReset(&a, records[at:]) {
			return refused
		}
		if err != nil {
			l.find("the client cannot read the answer %q: %v", text, err)
			return refused
		}
		text = rest
		echo := values(a.fields, echoField)
		switch {
		case a.status < 200:
		case len(echo) > 0:
			if at >= len(records) || len(echo) != 1 || echo[0] != records[at].id {
				l.find("MIX-UP: answer %d is that to %q", at, echo)
				return refused
			}
			t.judgeAnswer(&a, records[at])
			at++
		case a.status == 200 && len(values(a.fields, "Allow")) > 0: // OPTIONS *
		case a.status < 400 || a.status >= 500 && a.status != 501 && a.status != 505:
			l.find("a client's fault is answered with %d", a.status)
		case !a.last || text != "":
			l.find("the connection goes on after %d", a.status)
		default:
			refused = true
		}
	}
	if at < len(records) && !t.rude && !t.rig.mayFail(records[at]) {
		l.find("%d of %d requests have an answer", at, len(records))
	}
	return refused
}

// mayFail reports whether a request goes to an origin that may do anything.
func (g *rig) mayFail(rec *record) bool {
	return g.hostile != "" && strings.HasPrefix(rec.forwarded, g.hostile)
}

// judgeAnswer looks at the answer to a request that was forwarded.
func (t *talk) judgeAnswer(a *answer, rec *record) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if t.rig.mayFail(rec) {
		return
	}
	if a.status >= 500 && a.status != rec.originStatus {
		t.rig.find("%q is answered with %d: %v", rec.gateway, a.status, rec.failure)
	}
	if a.status == 200 && !rec.refused && rec.origin != nil && a.body != "" && a.body != rec.gateway.method+" "+rec.forwarded {
		t.rig.find("MIX-UP: %q is answered with the body %q", rec.gateway, a.body)
	}
}
