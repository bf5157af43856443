package http1

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/message"
)

// readRequest reads a head that arrives in pieces of some bytes. It returns what
// is left behind the head, or why it is refused; nothing where it is not whole.
func readRequest(text string, piece int, dst *message.Request) (f Framing, rest string, whole bool, refused *Refusal) {
	var p Parser
	buffer := []byte{}
	for at := 0; at < len(text); {
		n := min(piece, len(text)-at)
		buffer = append(buffer, text[at:at+n]...)
		at += n
		end, refused := p.ScanRequest(buffer)
		if refused != nil {
			return f, "", false, refused
		}
		if end > 0 {
			dst.URL.Scheme = "http"
			f, refused = p.Request(buffer[:end], dst)
			return f, string(buffer[end:]) + text[at:], refused == nil, refused
		}
	}
	return f, "", false, nil
}

// shown is a request as a test compares it.
func shown(r *message.Request, f Framing) string {
	var b strings.Builder
	b.WriteString(r.Method + " " + r.URL.Authority() + " " + string(r.URL.AppendTarget(nil)) + " " + r.Protocol.String() + "\n")
	for _, line := range r.Header.Fields() {
		b.WriteString(line.Name + ": " + line.Value + "\n")
	}
	if f.Chunked {
		b.WriteString("chunked\n")
	}
	if f.Close {
		b.WriteString("close\n")
	}
	if r.Upgrade != "" {
		b.WriteString("upgrade " + r.Upgrade + "\n")
	}
	return b.String()
}

func TestRequest(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"least", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET a / HTTP/1.1\n"},
		{"order and spelling stay", "GET / HTTP/1.1\r\nb: 2\r\nHost: a\r\nA: 1 \r\nB:\t3\r\n\r\n", "GET a / HTTP/1.1\nb: 2\nA: 1\nB: 3\n"},
		{"host in small letters", "GET / HTTP/1.1\r\nHost: EXAMPLE.com:8080\r\n\r\n", "GET example.com:8080 / HTTP/1.1\n"},
		{"absolute form", "GET http://B.example?x=1 HTTP/1.1\r\nHost: b.example:80\r\n\r\n", "GET b.example /?x=1 HTTP/1.1\n"},
		{"what Connection names goes", "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nY: 2\r\nConnection: x, close\r\n\r\n", "GET a / HTTP/1.1\nY: 2\nclose\n"},
		{"HTTP/1.0 closes", "GET / HTTP/1.0\r\n\r\n", "GET  / HTTP/1.0\nclose\n"},
		{"HTTP/1.0 stays", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET  / HTTP/1.0\n"},
		{"WebSocket", "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n", "GET a / HTTP/1.1\nupgrade websocket\n"},
		{"another protocol", "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", "GET a / HTTP/1.1\n"},
		{"query is escaped", "GET /?a=<\" HTTP/1.1\r\nHost: a\r\n\r\n", "GET a /?a=%3C%22 HTTP/1.1\n"},
		{"chunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n", "POST a / HTTP/1.1\nchunked\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, piece := range []int{1, 3, 1 << 20} {
				var r message.Request
				f, rest, whole, refused := readRequest(test.in+"rest", piece, &r)
				if !whole || refused != nil || rest != "rest" {
					t.Fatalf("whole %v, refused %v, rest %q", whole, refused, rest)
				}
				if diff := cmp.Diff(test.want, shown(&r, f)); diff != "" {
					t.Errorf("in pieces of %d (-want +got):\n%s", piece, diff)
				}
			}
		})
	}
}

func TestParserAllocatesNothing(t *testing.T) {
	head := []byte("GET /orders/42?expand=lines HTTP/1.1\r\nHost: gateway.example:8080\r\nAccept: */*\r\nX-Request-Id: 1\r\nUser-Agent: test\r\n\r\n")
	text := make([]byte, len(head))
	var p Parser
	var r message.Request
	read := func() {
		copy(text, head)
		p.Reset()
		r.Reset()
		r.URL.Scheme = "http"
		end, refused := p.ScanRequest(text)
		if refused != nil {
			t.Fatal(refused)
		}
		if _, refused := p.Request(text[:end], &r); refused != nil {
			t.Fatal(refused)
		}
	}
	read()
	if n := testing.AllocsPerRun(100, read); n > 0 {
		t.Errorf("reading a head makes %v allocations, want none", n)
	}
}

func BenchmarkRequest(b *testing.B) {
	head := []byte("GET /orders/42?expand=lines HTTP/1.1\r\nHost: gateway.example:8080\r\nAccept: application/json\r\nAccept-Encoding: gzip\r\nX-Request-Id: 0123456789\r\nUser-Agent: bench/1.0\r\n\r\n")
	var p Parser
	var r message.Request
	b.SetBytes(int64(len(head)))
	b.ReportAllocs()
	for b.Loop() {
		p.Reset()
		r.Reset()
		end, _ := p.ScanRequest(head)
		_, _ = p.Request(head[:end], &r)
	}
}

// write makes a head of a request as a gateway forwards it.
func write(r *message.Request, f Framing) []byte {
	out := append(r.URL.AppendTarget([]byte(r.Method+" ")), " HTTP/1.1\r\n"...)
	out = AppendField(out, "Host", r.URL.Authority())
	for i := range r.Header.Fields() {
		if line := &r.Header.Fields()[i]; Sendable(line) {
			out = AppendField(out, line.Name, line.Value)
		}
	}
	switch {
	case f.Chunked:
		out = append(out, "Transfer-Encoding: chunked\r\n"...)
	case f.Length >= 0:
		out = AppendContentLength(out, f.Length)
	}
	return append(out, "\r\n"...)
}

// FuzzRequest holds the reading of heads to this: however a head is cut, it is
// read in one way; what is written of it is read as the same request again, and
// the second writing is that of the first.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{
		"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "POST /a?b HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
		"GET http://a/ HTTP/1.1\r\nHost: a:80\r\nConnection: x\r\nX: y\r\n\r\n", "PUT / HTTP/1.1\r\nHost: [::1]:80\r\nTransfer-Encoding: chunked\r\n\r\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var whole, cut message.Request
		f1, rest1, ok1, refused1 := readRequest(text, 1<<20, &whole)
		f2, rest2, ok2, refused2 := readRequest(text, 1, &cut)
		if ok1 != ok2 || refused1 != refused2 || rest1 != rest2 || (ok1 && shown(&whole, f1) != shown(&cut, f2)) {
			t.Fatalf("whole: %v %v %q, cut: %v %v %q", ok1, refused1, rest1, ok2, refused2, rest2)
		}
		if !ok1 || whole.URL.Host == "" || whole.URL.Path == "*" {
			return
		}
		once := write(&whole, f1)
		var again message.Request
		f3, rest, ok, refused := readRequest(string(once), 1<<20, &again)
		if !ok || refused != nil || rest != "" {
			t.Fatalf("%q is written as %q, which is not read: %v, rest %q", text, once, refused, rest)
		}
		if twice := write(&again, f3); !bytes.Equal(once, twice) {
			t.Fatalf("%q is written as %q and then as %q", text, once, twice)
		}
	})
}

func readResponse(text string, piece int, method string, dst *message.Response) (f Framing, rest string, whole bool, err error) {
	var p Parser
	buffer := []byte{}
	for at := 0; at < len(text); {
		n := min(piece, len(text)-at)
		buffer = append(buffer, text[at:at+n]...)
		at += n
		end, err := p.ScanResponse(buffer)
		if err != nil {
			return f, "", false, err
		}
		if end > 0 {
			f, err = p.Response(buffer[:end], method, dst)
			return f, string(buffer[end:]) + text[at:], err == nil, err
		}
	}
	return f, "", false, nil
}

func TestResponse(t *testing.T) {
	tests := []struct {
		name, method, in string
		want             Framing
		fails            bool
	}{
		{"length", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", Framing{Length: 3}, false},
		{"the same length twice", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n", Framing{Length: 3}, false},
		{"two lengths", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n", Framing{}, true},
		{"length and chunks", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", Framing{}, true},
		{"chunks", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Framing{Length: -1, Chunked: true}, false},
		{"chunks twice", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", Framing{}, true},
		{"another coding", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", Framing{}, true},
		{"chunks in HTTP/1.0", "GET", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Framing{}, true},
		{"until the end", "GET", "HTTP/1.1 200 OK\r\n\r\n", Framing{Length: -1, UntilClose: true, Close: true}, false},
		{"no phrase", "GET", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", Framing{Length: 0}, false},
		{"HEAD", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", Framing{Length: 3, Absent: true}, false},
		{"HEAD of chunks", "HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Framing{Length: -1, Absent: true}, false},
		{"not modified", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n", Framing{Length: 3, Absent: true}, false},
		{"interim", "GET", "HTTP/1.1 103 Early Hints\r\n\r\n", Framing{Length: -1, Absent: true}, false},
		{"interim with a body", "GET", "HTTP/1.1 103 Early Hints\r\nContent-Length: 3\r\n\r\n", Framing{}, true},
		{"close", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: x, Close\r\nX: 1\r\n\r\n", Framing{Close: true}, false},
		{"bare line feed", "GET", "HTTP/1.1 200 OK\nContent-Length: 0\n\n", Framing{}, true},
		{"folded", "GET", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", Framing{}, true},
		{"status of two digits", "GET", "HTTP/1.1 20 OK\r\n\r\n", Framing{}, true},
		{"status below 100", "GET", "HTTP/1.1 099 OK\r\n\r\n", Framing{}, true},
		{"HTTP/2 in clear text", "GET", "HTTP/2.0 200 OK\r\n\r\n", Framing{}, true},
		{"not HTTP", "GET", "SSH-2.0-OpenSSH\r\n\r\n", Framing{}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, piece := range []int{1, 1 << 20} {
				var r message.Response
				f, rest, whole, err := readResponse(test.in+"rest", piece, test.method, &r)
				if (err != nil) != test.fails {
					t.Fatalf("in pieces of %d: %v, whether it should fail: %v", piece, err, test.fails)
				}
				if err == nil && (!whole || rest != "rest" || f != test.want) {
					t.Errorf("in pieces of %d: %+v, rest %q, want %+v", piece, f, rest, test.want)
				}
			}
		})
	}
}

// FuzzResponse holds the reading of answers' heads to reading them in one way,
// however they are cut.
func FuzzResponse(f *testing.F) {
	f.Add("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: x\r\nX: 1\r\n\r\nabc", true)
	f.Add("HTTP/1.0 304 \r\nTransfer-Encoding: chunked\r\n\r\n", false)
	f.Fuzz(func(t *testing.T, text string, head bool) {
		method := "GET"
		if head {
			method = "HEAD"
		}
		var whole, cut message.Response
		f1, rest1, ok1, err1 := readResponse(text, 1<<20, method, &whole)
		f2, rest2, ok2, err2 := readResponse(text, 1, method, &cut)
		if ok1 != ok2 || (err1 != nil) != (err2 != nil) || rest1 != rest2 || f1 != f2 {
			t.Fatalf("whole: %v %v %q, cut: %v %v %q", ok1, err1, rest1, ok2, err2, rest2)
		}
		if !ok1 {
			return
		}
		for _, line := range whole.Header.Fields() {
			if line.Key().ForConnection() || !message.ValidFieldName(line.Name) || !message.ValidFieldValue(line.Value) {
				t.Fatalf("%s: %q is passed on", line.Name, line.Value)
			}
		}
	})
}
