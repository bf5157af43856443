package listen

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/gateway/http1"
	"github.com/sallyport/sallyport/internal/message"
)

// client returns a client of one version of HTTP.
func client(tb testing.TB, h2 bool) *http.Client {
	tb.Helper()
	p := new(http.Protocols)
	p.SetHTTP1(!h2)
	p.SetUnencryptedHTTP2(h2)
	transport := &http.Transport{Protocols: p, DisableCompression: true, MaxIdleConnsPerHost: 64}
	tb.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: patience}
}

var discard = slog.New(slog.DiscardHandler)

// versions are the versions of HTTP; the value says whether it is HTTP/2.
var versions = map[string]bool{"HTTP/1.1": false, "HTTP/2": true}

// brokenReader gives some bytes and then fails.
type brokenReader struct {
	text string
	err  error
}

func (b *brokenReader) Read(p []byte) (int, error) {
	if b.text == "" {
		return 0, b.err
	}
	n := copy(p, b.text)
	b.text = b.text[n:]
	return n, nil
}

func (*brokenReader) Close() error { return nil }

func TestBrokenBodyIsNotTakenForAWhole(t *testing.T) {
	broken := errors.New("the backend has gone")
	for _, size := range []int64{-1, 100} {
		for name, h2 := range versions {
			t.Run(name, func(t *testing.T) {
				_, address := start(t, Options{Handler: handlerFunc(func(_ *message.Request, w message.Responder) {
					m := message.Response{Status: 200}
					m.Body.SetStream(&brokenReader{text: "half", err: broken}, size)
					sent, err := w.Respond(&m)
					if !errors.Is(err, broken) || !sent.HeadSent || sent.Bytes != 4 {
						t.Errorf("Respond: %+v, %v", sent, err)
					}
				})})
				r, err := client(t, h2).Get("http://" + address)
				if err != nil {
					return // HTTP/1 may not have sent the head yet; it is a failure all the same.
				}
				defer r.Body.Close()
				if body, err := io.ReadAll(r.Body); err == nil {
					t.Errorf("the client takes %q for a whole body", body)
				}
			})
		}
	}
}

func TestBodyThatFailsAtOnceCanBeAnsweredOtherwise(t *testing.T) {
	for name, h2 := range versions {
		t.Run(name, func(t *testing.T) {
			_, address := start(t, Options{Handler: handlerFunc(func(_ *message.Request, w message.Responder) {
				m := message.Response{Status: 200}
				m.Header.Set(message.ETag, `"1"`)
				m.Body.SetStream(&brokenReader{err: errors.New("gone")}, 100)
				if sent, err := w.Respond(&m); err == nil || sent.HeadSent {
					t.Errorf("Respond: %+v, %v", sent, err)
				}
				_, _ = w.Respond(&message.Response{Status: 500})
			})})
			r, err := client(t, h2).Get("http://" + address)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Body.Close()
			if r.StatusCode != http.StatusInternalServerError || r.Header.Get("ETag") != "" || r.ContentLength != 0 {
				t.Errorf("answered %d %v with %d bytes, want 500 and nothing of the first answer", r.StatusCode, r.Header, r.ContentLength)
			}
		})
	}
}

func TestNoAnswerIsNotAnEmptyOne(t *testing.T) {
	for name, h2 := range versions {
		t.Run(name, func(t *testing.T) {
			_, address := start(t, Options{Handler: handlerFunc(func(*message.Request, message.Responder) {})})
			if r, err := client(t, h2).Get("http://" + address); err == nil {
				_ = r.Body.Close()
				t.Errorf("a request that was not answered got %d", r.StatusCode)
			}
		})
	}
}

// TestStreaming sends and receives in turns: neither side may hold anything
// back.
func TestStreaming(t *testing.T) {
	for name, h2 := range versions {
		t.Run(name, func(t *testing.T) {
			_, address := start(t, Options{Handler: handlerFunc(func(r *message.Request, w message.Responder) {
				m := message.Response{Status: 200}
				in, err := r.Body.Reader()
				if err != nil {
					t.Error(err)
					return
				}
				m.Body.SetStream(io.NopCloser(in), -1)
				_, _ = w.Respond(&m)
			})})
			from, to := io.Pipe()
			r, err := http.NewRequest(http.MethodPost, "http://"+address, from)
			if err != nil {
				t.Fatal(err)
			}
			go func() { _, _ = io.WriteString(to, "0") }()
			answer, err := client(t, h2).Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			for i := range 5 {
				got := make([]byte, 1)
				if _, err := io.ReadFull(answer.Body, got); err != nil || got[0] != byte('0'+i) {
					t.Fatalf("piece %d came back as %q, %v", i, got, err)
				}
				if _, err := fmt.Fprint(to, i+1); err != nil {
					t.Fatal(err)
				}
			}
			_ = to.Close()
		})
	}
}

func TestTrailers(t *testing.T) {
	for name, h2 := range versions {
		t.Run(name, func(t *testing.T) {
			_, address := start(t, Options{Handler: handlerFunc(func(r *message.Request, w message.Responder) {
				if names := show(&r.Trailer); names != "X-Sum: \n" {
					t.Errorf("before the body the trailer is %q, want its name", names)
				}
				body, err := r.Body.Buffer(100)
				if err != nil {
					t.Error(err)
				}
				m := message.Response{Status: 200}
				m.Trailer.Add(message.NameOf("X-Sum"), "of "+string(body)+" "+show(&r.Trailer)[:8])
				m.Body.SetStream(io.NopCloser(strings.NewReader("body")), -1)
				_, _ = w.Respond(&m)
			})})
			r, err := http.NewRequest(http.MethodPost, "http://"+address, io.NopCloser(strings.NewReader("abc")))
			if err != nil {
				t.Fatal(err)
			}
			r.Trailer = http.Header{"X-Sum": {"1"}}
			answer, err := client(t, h2).Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			if _, err := io.ReadAll(answer.Body); err != nil {
				t.Fatal(err)
			}
			if got := answer.Trailer.Get("X-Sum"); got != "of abc X-Sum: 1" {
				t.Errorf("the answer's trailer is %q", got)
			}
		})
	}
}

// TestHeads compares what HTTP/1 and HTTP/2 answer where there is no body.
func TestHeads(t *testing.T) {
	tests := []struct {
		name, method string
		status       int
		size         int64 // -2: no body at all
		want         string
	}{
		{"HEAD with a length", "HEAD", 200, 7, "7"},
		{"HEAD without a length", "HEAD", 200, -1, ""},
		{"HEAD of nothing", "HEAD", 200, 0, "0"},
		{"no content", "GET", 204, -2, ""},
		{"no content with a body", "GET", 204, 7, ""},
		{"not modified", "GET", 304, -2, ""},
		{"empty", "GET", 200, -2, "0"},
		{"with a body", "GET", 200, 7, "7"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for name, h2 := range versions {
				t.Run(name, func(t *testing.T) {
					_, address := start(t, Options{Handler: handlerFunc(func(_ *message.Request, w message.Responder) {
						m := message.Response{Status: test.status}
						if test.size >= -1 {
							m.Body.SetStream(io.NopCloser(strings.NewReader(strings.Repeat("x", int(max(test.size, 0))))), test.size)
						}
						_, _ = w.Respond(&m)
					})})
					r, err := http.NewRequest(test.method, "http://"+address, http.NoBody)
					if err != nil {
						t.Fatal(err)
					}
					answer, err := client(t, h2).Do(r)
					if err != nil {
						t.Fatal(err)
					}
					defer answer.Body.Close()
					if got := answer.Header.Get("Content-Length"); got != test.want || answer.StatusCode != test.status {
						t.Errorf("answered %d with the length %q, want %d with %q", answer.StatusCode, got, test.status, test.want)
					}
					if types := answer.Header["Content-Type"]; types != nil {
						t.Errorf("a content type was made up: %q", types)
					}
				})
			}
		})
	}
}

func TestReasonPhrase(t *testing.T) {
	_, address := start(t, Options{Handler: handlerFunc(func(_ *message.Request, w message.Responder) {
		m := message.Response{Status: 401, Reason: "Access Denied"}
		_ = m.Body.SetBytes([]byte("x"))
		_, _ = w.Respond(&m)
	})})
	one := "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
	got := exchangeRaw(t, address, one+one, 1<<20)
	if n := strings.Count(got, "HTTP/1.1 401 Access Denied\r\n"); n != 2 {
		t.Errorf("%d of 2 answers have the reason phrase:\n%s", n, got)
	}
}

func TestInterimResponses(t *testing.T) {
	_, address := start(t, Options{Handler: handlerFunc(func(_ *message.Request, w message.Responder) {
		var hints message.Header
		hints.Add(message.NameOf("Link"), "</a>")
		if err := w.Inform(103, &hints); err != nil {
			t.Error(err)
		}
		_, _ = w.Respond(&message.Response{Status: 200})
	})})
	for version, want := range map[string]string{"HTTP/1.1": "103,200", "HTTP/1.0": "200"} {
		text := exchangeRaw(t, address, "GET / "+version+"\r\nHost: a\r\n\r\n", 1<<20)
		var codes []string
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "HTTP/1.") {
				codes = append(codes, line[9:12])
			}
		}
		if got := strings.Join(codes, ","); got != want {
			t.Errorf("%s: answered %s, want %s", version, got, want)
		}
	}
}

func TestClientThatGoesAwayEndsTheContext(t *testing.T) {
	for name, h2 := range versions {
		t.Run(name, func(t *testing.T) {
			begun, ended := make(chan struct{}), make(chan struct{})
			_, address := start(t, Options{Handler: handlerFunc(func(r *message.Request, _ message.Responder) {
				close(begun)
				<-r.Context.Done()
				close(ended)
			})})
			if !h2 { // The end of one direction alone says nothing.
				c := dial(t, address)
				_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
				<-begun
				_ = c.SetLinger(0)
				_ = c.Close()
				<-ended
				return
			}
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				<-begun
				cancel()
			}()
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			if answer, err := client(t, h2).Do(r); err == nil {
				_ = answer.Body.Close()
				t.Error("a cancelled request was answered")
			}
			<-ended
		})
	}
}

// TestEarlyAnswer answers before the body has been read: the client gets the
// answer, and no request is made of the rest of the body.
func TestEarlyAnswer(t *testing.T) {
	var served atomic.Int32
	_, address := start(t, Options{Handler: handlerFunc(func(_ *message.Request, w message.Responder) {
		served.Add(1)
		_, _ = w.Respond(&message.Response{Status: 401})
	})})
	body := strings.Repeat("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 100_000)
	text := exchangeRaw(t, address, fmt.Sprintf("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", len(body))+body, 1<<16)
	if codes, _ := statuses(text); cmp.Diff([]string{"401"}, codes) != "" || served.Load() != 1 {
		t.Errorf("answered %q to %d requests, want one 401", codes, served.Load())
	}
}

// rawHTTP2 sends one request of HTTP/2 with fields that clients do not send.
func rawHTTP2(t *testing.T, address string, method, target, host string, fields http.Header) int {
	t.Helper()
	r := &http.Request{Method: method, URL: &url.URL{Scheme: "http", Host: address, Opaque: target}, Host: host, Header: fields}
	answer, err := client(t, true).Do(r)
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

func TestHTTP2Heads(t *testing.T) {
	_, address := start(t, Options{})
	tests := []struct {
		name, method, target, host string
		fields                     http.Header
		want                       int
	}{
		{"plain", "GET", "/a?b", "a.example", nil, 200},
		{"TRACE", "TRACE", "/", "a.example", nil, 405},
		{"bad authority", "GET", "/", "a,b", nil, 400},
		{"twin", "GET", "/", "a.example", http.Header{"Content_length": {"5"}}, 400},
		{"twin of X-Forwarded-For", "GET", "/", "a.example", http.Header{"X_Forwarded_For": {"1.2.3.4"}}, 400},
		{"long target", "GET", "/" + strings.Repeat("a", http1.MaxTargetBytes), "a.example", nil, 414},
		{"unknown expectation", "GET", "/", "a.example", http.Header{"Expect": {"other"}}, 417},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := rawHTTP2(t, address, test.method, test.target, test.host, test.fields); got != test.want {
				t.Errorf("answered %d, want %d", got, test.want)
			}
		})
	}
}

// TestCheckHTTP2 checks what the client of the standard library cannot send.
func TestCheckHTTP2(t *testing.T) {
	tests := []struct {
		name string
		in   http.Request
		want *http1.Refusal
	}{
		{"plain", http.Request{Method: http.MethodGet, RequestURI: "/", Host: "a.example"}, nil},
		{"the same Host", http.Request{Method: http.MethodGet, RequestURI: "/", Host: "a.example", Header: http.Header{"Host": {"A.example:443"}}}, nil},
		{"another Host", http.Request{Method: http.MethodGet, RequestURI: "/", Host: "a.example", Header: http.Header{"Host": {"b.example"}}}, http1.RefusedOtherHost},
		{"two Hosts", http.Request{Method: http.MethodGet, RequestURI: "/", Host: "a.example", Header: http.Header{"Host": {"a.example", "a.example"}}}, http1.RefusedHosts},
		{"no authority", http.Request{Method: http.MethodGet, RequestURI: "/"}, http1.RefusedNoHost},
		{"user in authority", http.Request{Method: http.MethodGet, RequestURI: "/", Host: "u@a.example"}, http1.RefusedHost},
		{"asterisk", http.Request{Method: http.MethodOptions, RequestURI: "*", Host: "a.example"}, nil},
		{"asterisk with GET", http.Request{Method: http.MethodGet, RequestURI: "*", Host: "a.example"}, http1.RefusedTarget},
		{"relative path", http.Request{Method: http.MethodGet, RequestURI: "a", Host: "a.example"}, http1.RefusedTarget},
		{"absolute path", http.Request{Method: http.MethodGet, RequestURI: "http://b/", Host: "a.example"}, http1.RefusedTarget},
		{"space in path", http.Request{Method: http.MethodGet, RequestURI: "/a b", Host: "a.example"}, http1.RefusedTarget},
		{"line end in path", http.Request{Method: http.MethodGet, RequestURI: "/a\r\nX: y", Host: "a.example"}, http1.RefusedTarget},
		{"NUL in path", http.Request{Method: http.MethodGet, RequestURI: "/\x00", Host: "a.example"}, http1.RefusedTarget},
		{"space in method", http.Request{Method: "GET /x", RequestURI: "/", Host: "a.example"}, http1.RefusedMethod},
		{"CONNECT", http.Request{Method: http.MethodConnect, RequestURI: "/", Host: "a.example"}, http1.RefusedConnect},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := checkHead(&test.in); got != test.want {
				t.Errorf("refused as %v, want %v", got, test.want)
			}
		})
	}
}

func TestManyConnectionsOfTLS(t *testing.T) {
	i := testCertificate(t)
	s, address := start(t, Options{TLS: i.serverConfig()})
	// Something else than TLS ends without an answer and without a trace.
	if got := exchangeRaw(t, address, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 1<<20); strings.Contains(got, "200") {
		t.Errorf("clear text on a TLS port was answered: %q", got)
	}
	for _, protocols := range [][]string{{alpnHTTP2}, {alpnHTTP1}, nil} {
		config := i.clientConfig()
		config.NextProtos = protocols
		c, err := tls.Dial("tcp", address, config)
		if err != nil {
			t.Fatal(err)
		}
		var want string
		if len(protocols) > 0 && protocols[0] == alpnHTTP2 {
			want = "\x00\x00"
			_, err = io.WriteString(c, preface+"\x00\x00\x00\x04\x00\x00\x00\x00\x00")
		} else {
			want = "HTTP/1.1 200 OK\r\n"
			_, err = io.WriteString(c, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
		}
		if err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len(want))
		if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, []byte(want)) {
			t.Errorf("%v: read %q, %v, want %q", protocols, got, err, want)
		}
		_ = c.Close()
	}
	drain(t, s)
}
