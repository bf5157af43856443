package client

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/message"
)

// TestHead writes requests, and compares every byte of their heads.
func TestHead(t *testing.T) {
	tests := []struct {
		name, method, url string
		fields            string
		own               string // fields of the call
		query             string
		upgrade           string
		change            func(*message.Request)
		want              string // with "|" for a line end; empty for a failure
	}{
		{name: "plain", url: "http://a.example/b/c?d=e", want: "GET /b/c?d=e HTTP/1.1|Host: a.example|X-Forwarded-For: 192.0.2.7||"},
		{name: "no path", url: "http://a.example", want: "GET / HTTP/1.1|Host: a.example|X-Forwarded-For: 192.0.2.7||"},
		{name: "no path, query", url: "http://a.example?x", want: "GET /?x HTTP/1.1|Host: a.example|X-Forwarded-For: 192.0.2.7||"},
		{name: "port", url: "http://a.example:8080/", want: "GET / HTTP/1.1|Host: a.example:8080|X-Forwarded-For: 192.0.2.7||"},
		{name: "address", url: "http://[2001:db8::1]:81/", want: "GET / HTTP/1.1|Host: [2001:db8::1]:81|X-Forwarded-For: 192.0.2.7||"},
		{name: "escapes stay", url: "http://a/%2F%3b;x/(y)!*'", want: "GET /%2F%3b;x/(y)!*' HTTP/1.1|Host: a|X-Forwarded-For: 192.0.2.7||"},
		{name: "order and spelling", url: "http://a/", fields: "x-b: 2|Accept: 1|X-B: 3", want: "GET / HTTP/1.1|Host: a|x-b: 2|Accept: 1|X-B: 3|X-Forwarded-For: 192.0.2.7||"},
		{name: "fields of the connection", url: "http://a/",
			fields: "Connection: X|Keep-Alive: 1|TE: trailers|Trailer: X|Upgrade: h2c|Transfer-Encoding: chunked|Content-Length: 5|Proxy-Connection: x|Proxy-Authorization: x|Expect: 100-continue|Y: 1",
			want:   "GET / HTTP/1.1|Host: a|Y: 1|X-Forwarded-For: 192.0.2.7||"},
		{name: "forwarded for others", url: "http://a/", fields: "X-Forwarded-For: 1.2.3.4, 5.6.7.8|A: 1|x-forwarded-for: 9.9.9.9",
			want: "GET / HTTP/1.1|Host: a|A: 1|X-Forwarded-For: 1.2.3.4, 5.6.7.8, 9.9.9.9, 192.0.2.7||"},
		{name: "Host of a policy", url: "http://a/", fields: "Host: b.example:1|Host: c.example", want: "GET / HTTP/1.1|Host: c.example|X-Forwarded-For: 192.0.2.7||"},
		{name: "credentials", url: "http://a/?x=1", fields: "Authorization: client|A: 1", own: "authorization: Basic x|X-Key: 1|X-Key: 2", query: "code=1",
			want: "GET /?x=1&code=1 HTTP/1.1|Host: a|A: 1|X-Forwarded-For: 192.0.2.7|authorization: Basic x|X-Key: 1|X-Key: 2||"},
		{name: "credentials alone", url: "http://a/", query: "code=1", want: "GET /?code=1 HTTP/1.1|Host: a|X-Forwarded-For: 192.0.2.7||"},
		{name: "credentials that say who calls", url: "http://a/", own: "X-Forwarded-For: nobody|Host: evil|Content-Length: 7", want: "GET / HTTP/1.1|Host: a|X-Forwarded-For: nobody||"},
		{name: "upgrade", url: "ws://a/", upgrade: "websocket", want: "GET / HTTP/1.1|Host: a|X-Forwarded-For: 192.0.2.7|Connection: Upgrade|Upgrade: websocket||"},
		{name: "POST", method: "POST", url: "http://a/", want: "POST / HTTP/1.1|Host: a|X-Forwarded-For: 192.0.2.7|Content-Length: 0||"},
		{name: "value with a line end", url: "http://a/", fields: "A: 1\rX-Evil: 1|B: 2\nX-Evil: 1|C: \x00|D: 3", want: "GET / HTTP/1.1|Host: a|D: 3|X-Forwarded-For: 192.0.2.7||"},
		{name: "name that is none", url: "http://a/", fields: "A B: 1|C\n: 1|D: 3", want: "GET / HTTP/1.1|Host: a|D: 3|X-Forwarded-For: 192.0.2.7||"},
		{name: "method with a space", method: "GET /evil HTTP/1.1\r\nA:", url: "http://a/"},
		{name: "no method", method: " ", url: "http://a/"},
		{name: "CONNECT", method: "CONNECT", url: "http://a/"},
		{name: "path with a space", url: "http://a/", change: func(r *message.Request) { r.URL.Path = "/a b" }},
		{name: "path with a line end", url: "http://a/", change: func(r *message.Request) { r.URL.Path = "/a\r\nX: 1" }},
		{name: "path that does not begin as one", url: "http://a/", change: func(r *message.Request) { r.URL.Path = "a" }},
		{name: "query with a line end", url: "http://a/", change: func(r *message.Request) { r.URL.Query = "a\r\nX: 1" }},
		{name: "fragment", url: "http://a/", change: func(r *message.Request) { r.URL.Query = "a#b" }},
		{name: "host with a line end", url: "http://a/", change: func(r *message.Request) { r.URL.Host = "a\r\nX: 1" }},
		{name: "Host with a line end", url: "http://a/", fields: "Host: a\rX: 1"},
		{name: "Host with user information", url: "http://a/", fields: "Host: u@a"},
		{name: "upgrade with a line end", url: "http://a/", upgrade: "a\r\nX: 1", want: "GET / HTTP/1.1|Host: a|X-Forwarded-For: 192.0.2.7||"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := call(t, strings.TrimSpace(test.method), test.url)
			if test.method == "" {
				c.Request.Method = "GET"
			}
			add(&c.Request.Header, test.fields)
			if test.own != "" {
				c.Header = &message.Header{}
				add(c.Header, test.own)
			}
			c.Query, c.Request.Upgrade = test.query, test.upgrade
			if test.change != nil {
				test.change(c.Request)
			}
			x := newExchange(newRig(t, Options{}).Client)
			x.call = *c
			got, err := x.appendHead(nil)
			if test.want == "" {
				if err == nil {
					t.Errorf("written as %q", got)
				}
				return
			}
			if diff := cmp.Diff(test.want, strings.ReplaceAll(string(got), "\r\n", "|")); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// add adds fields, which may be malformed.
func add(h *message.Header, fields string) {
	for line := range strings.SplitSeq(fields, "|") {
		if name, value, ok := strings.Cut(line, ": "); ok {
			h.Add(message.NameOf(name), value)
		}
	}
}

// TestLargeHead sends a head that is larger than the memory it begins in, with a
// body behind it.
func TestLargeHead(t *testing.T) {
	url := backend(t, func(c net.Conn, r *bufio.Reader) {
		for {
			request, err := http.ReadRequest(r)
			if err != nil {
				return
			}
			body, _ := io.ReadAll(request.Body)
			_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n%d%s", len(request.Header), body)
		}
	})
	g := newRig(t, Options{})
	for range 3 {
		c := call(t, "POST", url)
		for i := range 60 {
			c.Request.Header.Add(message.NameOf(fmt.Sprint("X-", i)), strings.Repeat("x", 1000))
		}
		_ = c.Request.Body.SetBytes([]byte("body"))
		g.want(t, c, "62body") // With Content-Length and X-Forwarded-For.
	}
}
