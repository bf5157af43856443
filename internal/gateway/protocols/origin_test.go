package protocols

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// origin is a backend of HTTP/1.1 that keeps every byte that it gets.
type origin struct {
	address string
	mu      sync.Mutex
	streams []*bytes.Buffer // of a connection each
}

// newOrigin runs an origin until the test ends.
func newOrigin(tb testing.TB) *origin {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	o := &origin{address: l.Addr().String()}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { o.serve(c) })
		}
	})
	tb.Cleanup(func() {
		_ = l.Close()
		all.Wait()
	})
	return o
}

// serve answers each request on a connection with 200.
func (o *origin) serve(c net.Conn) {
	defer c.Close()
	kept := &lockedBuffer{mu: &o.mu}
	o.mu.Lock()
	o.streams = append(o.streams, &kept.Buffer)
	o.mu.Unlock()
	r := bufio.NewReader(io.TeeReader(c, kept))
	for {
		request, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, request.Body); err != nil {
			return
		}
		if _, err := io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"); err != nil {
			return
		}
	}
}

// lockedBuffer is a buffer that is looked at while it fills.
type lockedBuffer struct {
	bytes.Buffer
	mu *sync.Mutex
}

// Write keeps bytes.
func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

// attackField names an attack in its request, so that the origin can tell which one
// it has got.
const attackField = "X-Attack"

// took returns what the origin has got: how often each attack was forwarded, and
// what is dangerous in it.
func (o *origin) took() (forwarded map[string]int, dangers []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	forwarded = map[string]int{}
	for _, stream := range o.streams {
		for rest := stream.Bytes(); len(rest) > 0; {
			name, n, found := judge(rest, o.address)
			forwarded[name]++
			dangers = append(dangers, found...)
			if forwarded[name] == 2 {
				dangers = append(dangers, name+": became two requests")
			}
			if n == 0 {
				break
			}
			rest = rest[n:]
		}
	}
	return forwarded, dangers
}

var (
	goodLine  = regexp.MustCompile(`^(GET|POST|PUT|OPTIONS|HEAD) /[\x21-\x7e]* HTTP/1\.1$`)
	goodField = regexp.MustCompile("^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([\\t\\x20-\\x7e\\x80-\\xff]*)$")
)

// forbidden are the fields that the gateway may not pass on, and those that
// attacks want to slip in.
var forbidden = []string{
	"evil", "connection", "keep-alive", "proxy-connection", "upgrade", "te", "content_length", "transfer_encoding", "x_forwarded_for",
}

// judge looks at the request that a stream begins with. It returns the attack that
// it is of, its length, 0 where no other can follow, and what is dangerous in it.
func judge(stream []byte, host string) (attack string, length int, dangers []string) {
	head, _, whole := bytes.Cut(stream, []byte("\r\n\r\n"))
	lines := strings.Split(string(head), "\r\n")
	attack = "unknown"
	found := func(format string, arguments ...any) { dangers = append(dangers, fmt.Sprintf(format, arguments...)) }
	if !whole {
		found("a head has no end")
	}
	if !goodLine.MatchString(lines[0]) || strings.Contains(lines[0], "smuggled") {
		found("request line %q", lines[0])
	}
	seen := map[string][]string{}
	for _, line := range lines[1:] {
		m := goodField.FindStringSubmatch(line)
		if m == nil {
			found("field line %q", line)
			continue
		}
		name := strings.ToLower(m[1])
		seen[name] = append(seen[name], m[2])
		if slices.Contains(forbidden, name) {
			found("field %q", line)
		}
	}
	if names := seen[strings.ToLower(attackField)]; len(names) == 1 {
		attack = names[0]
	} else {
		found("fields %s: %q", attackField, names)
	}
	if len(seen["host"]) != 1 || seen["host"][0] != host {
		found("Host %q, want %q", seen["host"], host)
	}
	lengths, codings := seen["content-length"], seen["transfer-encoding"]
	if len(lengths)+len(codings) > 1 || (len(codings) == 1 && codings[0] != "chunked") {
		found("two lengths: %q, %q", lengths, codings)
	}
	length, trailer := requestLength(stream)
	for name := range trailer {
		if name != "Checksum" && trailer[name] != nil {
			found("trailer %s: %q", name, trailer[name])
		}
	}
	for i := range dangers {
		dangers[i] = attack + ": " + dangers[i]
	}
	return attack, length, dangers
}

// requestLength returns the length of the request that a stream begins with, or 0
// where it is not whole, and its trailer.
func requestLength(stream []byte) (int, http.Header) {
	source := bytes.NewReader(stream)
	r := bufio.NewReader(source)
	request, err := http.ReadRequest(r)
	if err != nil {
		return 0, nil
	}
	if _, err := io.Copy(io.Discard, request.Body); err != nil {
		return 0, nil
	}
	return len(stream) - source.Len() - r.Buffered(), request.Trailer
}
