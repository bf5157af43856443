package desync

import (
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
)

// rawOrigin is an origin that reads the gateway's bytes as strictly as can be:
// whatever could be written in another way is a finding.
type rawOrigin struct {
	*ledger
	address string
	// answer makes the answer to a request, and says whether the connection ends
	// with it.
	answer func(r *reading, id string) (text string, last bool)
	// refuse makes the answer to a request that it does not take, with which it
	// resets the connection; empty for those that it takes. May be nil.
	refuse func(r *reading) string
}

// startRaw runs a raw origin until the test ends.
func startRaw(tb testing.TB, l *ledger) *rawOrigin {
	tb.Helper()
	return startAnswering(tb, l, func(r *reading, id string) (string, bool) { return reply(r, id), false })
}

// startAnswering runs a raw origin with answers of its own.
func startAnswering(tb testing.TB, l *ledger, answer func(*reading, string) (string, bool)) *rawOrigin {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	o := &rawOrigin{ledger: l, address: listener.Addr().String(), answer: answer}
	o.accept(tb, listener)
	return o
}

// accept serves on a listener until the test ends.
func (o *rawOrigin) accept(tb testing.TB, listener net.Listener) {
	tb.Helper()
	var all sync.WaitGroup
	open := map[net.Conn]bool{}
	var mu sync.Mutex
	all.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open[c] = true
			mu.Unlock()
			all.Go(func() {
				o.serve(c)
				_ = c.Close()
				mu.Lock()
				delete(open, c)
				mu.Unlock()
			})
		}
	})
	tb.Cleanup(func() {
		_ = listener.Close()
		mu.Lock()
		for c := range open {
			_ = c.Close()
		}
		mu.Unlock()
		all.Wait()
	})
}

// serve reads requests from a connection.
func (o *rawOrigin) serve(c net.Conn) {
	buffer := make([]byte, 64<<10)
	var text string
	for {
		r, rest, err := readRequest(text)
		switch {
		case text == "" || err == errMore: //nolint:errorlint // It is returned as it is.
			n, failed := c.Read(buffer)
			if text += string(buffer[:n]); failed != nil {
				return // A client that left has its request broken off.
			}
			continue
		case err != nil:
			o.find("the origin cannot read %q: %v", text, err)
			return
		}
		if strange := o.canonical(&r, text[:len(text)-len(rest)]); strange != "" {
			if strings.HasPrefix(strange, "TWIN") {
				o.find("TWIN: %s", strange)
			}
			o.find("not canonical: %s, in %q", strange, text[:len(text)-len(rest)])
		}
		if o.refuse != nil {
			if refusal := o.refuse(&r); refusal != "" {
				_, _ = io.WriteString(c, refusal)
				_ = c.(*net.TCPConn).SetLinger(0)
				return
			}
		}
		ids := values(r.fields, idField)
		if len(ids) != 1 {
			o.find("a request without an id at the origin: %q", text)
			return
		}
		o.observe("the raw origin", ids[0], &sighting{r.method, r.target, r.fields, r.body})
		answer, last := o.answer(&r, ids[0])
		if _, err := io.WriteString(c, answer); err != nil || last {
			return
		}
		text = rest
	}
}

// reply makes an answer. Which form it has depends on the request.
func reply(r *reading, id string) string {
	head := "HTTP/1.1 200 OK\r\n" + originField + ": " + id + "\r\n"
	body := r.method + " " + r.target
	switch {
	case r.method == "HEAD":
		return head + fmt.Sprintf("Content-Length: %d\r\n\r\n", len(body))
	case len(r.target)%4 == 1:
		return head + fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(body), body)
	case len(r.target)%16 == 2:
		return strings.Replace(head, "200 OK", "204 No Content", 1) + "\r\n"
	}
	return head + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)
}

// canonical says what in a request could have been written in another way.
func (o *rawOrigin) canonical(r *reading, text string) string {
	var b strings.Builder
	b.WriteString(r.method + " " + r.target + " HTTP/1.1\r\n")
	for _, f := range r.fields {
		b.WriteString(f.name + ": " + f.value + "\r\n")
	}
	b.WriteString("\r\n")
	if !strings.HasPrefix(text, b.String()) {
		return "the head"
	}
	if r.target[0] != '/' {
		return "the target"
	}
	if hosts := values(r.fields, "Host"); len(hosts) != 1 || hosts[0] != o.address {
		return fmt.Sprintf("the Host %q", hosts)
	}
	for _, f := range r.fields {
		if why := foreign(f); why != "" {
			return why
		}
	}
	if chunked := len(values(r.fields, "Transfer-Encoding")) > 0; chunked {
		return canonicalChunks(text[len(b.String()):], r)
	}
	if lengths := values(r.fields, "Content-Length"); len(lengths) == 1 && lengths[0] != fmt.Sprint(len(r.body)) {
		return "the length " + lengths[0]
	}
	return ""
}

// never are the fields that no origin may see.
var never = []string{"connection", "keep-alive", "proxy-connection", "proxy-authorization", "te", "expect", "upgrade"}

// framing are the fields that no other name may look like.
var framingNames = []string{"content-length", "transfer-encoding", "host", "connection", "x-forwarded-for", "content-type"}

// foreign says why a field should not have been forwarded.
func foreign(f field) string {
	name := strings.ToLower(f.name)
	if slices.Contains(never, name) && f.value != "websocket" && f.value != "Upgrade" {
		return "the field " + f.name
	}
	if plain := strings.ReplaceAll(name, "_", "-"); plain != name && slices.Contains(framingNames, plain) {
		return "TWIN: " + f.name
	}
	if name == "transfer-encoding" && f.value != "chunked" {
		return "the coding " + f.value
	}
	return ""
}

// canonicalChunks says what in chunks could have been written in another way.
func canonicalChunks(text string, r *reading) string {
	body := r.body
	for {
		line, rest, _ := strings.Cut(text, "\r\n")
		var n int
		if _, err := fmt.Sscanf(line, "%x", &n); err != nil || fmt.Sprintf("%x", n) != line {
			return "the chunk's line " + line
		}
		if n == 0 {
			break
		}
		if rest[:n] != body[:n] {
			return "the chunk"
		}
		text, body = rest[n+2:], body[n:]
	}
	for _, f := range r.trailer {
		if slices.Contains(append([]string{"trailer", "content-length", "transfer-encoding"}, never...), strings.ToLower(f.name)) ||
			slices.Contains(framingNames, strings.ReplaceAll(strings.ToLower(f.name), "_", "-")) {
			return "the trailer's field " + f.name
		}
	}
	return ""
}
