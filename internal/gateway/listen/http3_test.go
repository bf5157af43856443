package listen

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/message"
)

// startQUIC serves HTTPS and HTTP/3, each on a free port, until the test ends.
func startQUIC(tb testing.TB, o Options) (s *Server, tcp, udp string) {
	tb.Helper()
	s, tcp = start(tb, o)
	socket := newPackets(tb)
	serveQUIC(tb, s, socket)
	return s, tcp, socket.LocalAddr().String()
}

// serveQUIC serves HTTP/3 on a socket until the test ends.
func serveQUIC(tb testing.TB, s *Server, socket net.PacketConn) {
	tb.Helper()
	done := make(chan error, 1)
	go func() { done <- s.ServeHTTP3(socket) }()
	tb.Cleanup(func() {
		_ = s.Close()
		if err := <-done; err != nil {
			tb.Errorf("serving HTTP/3: %v", err)
		}
	})
	for !s.alt.on.Load() { // It is there.
		runtime.Gosched()
	}
}

// newPackets opens a UDP socket.
func newPackets(tb testing.TB) net.PacketConn {
	tb.Helper()
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	return socket
}

// client3 returns a client of HTTP/3.
func client3(tb testing.TB, config *tls.Config) *http.Client {
	tb.Helper()
	transport := &http3.Transport{TLSClientConfig: config}
	tb.Cleanup(func() { _ = transport.Close() })
	return &http.Client{Transport: transport, Timeout: patience}
}

// fetch sends a request and returns the answer with its body read.
func fetch(tb testing.TB, c *http.Client, r *http.Request) (*http.Response, string) {
	tb.Helper()
	answer, err := c.Do(r)
	if err != nil {
		tb.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return answer, string(body)
}

func newRequest(tb testing.TB, method, url string, body io.Reader) *http.Request {
	tb.Helper()
	r, err := http.NewRequestWithContext(tb.Context(), method, url, body)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func TestHTTP3(t *testing.T) {
	i := testCertificate(t)
	var seen atomic.Uint32
	_, _, udp := startQUIC(t, Options{TLS: i.serverConfig(), Handler: handlerFunc(func(r *message.Request, w message.Responder) {
		seen.Store(uint32(r.Protocol))
		echo(r, w)
	})})
	c := client3(t, i.clientConfig())
	fields := func(r *http.Request) { r.Header.Set("Echo", "fields") }
	large := strings.Repeat("0123456789abcdef", 40<<10)
	tests := []struct {
		name, method, path string
		body               io.Reader
		change             func(*http.Request)
		want               string
	}{
		{"GET", "GET", "/a%2Fb?c=d", nil, nil, "GET " + udp + " /a%2Fb?c=d\n"},
		{"fields", "GET", "/", nil, fields, "GET " + udp + " /\nEcho: fields\nUser-Agent: quic-go HTTP/3\n"},
		{"DELETE with a body of unknown length", "DELETE", "/", io.MultiReader(strings.NewReader("body")), nil, "DELETE " + udp + " /\nbody"},
		{"POST", "POST", "/", strings.NewReader("body"), nil, "POST " + udp + " /\nbody"},
		{"POST of unknown length", "POST", "/", io.MultiReader(strings.NewReader("body")), nil, "POST " + udp + " /\nbody"},
		{"POST without a body", "POST", "/", nil, nil, "POST " + udp + " /\n"},
		{"large", "PUT", "/", strings.NewReader(large), nil, "PUT " + udp + " /\n" + large},
		{"trailer", "POST", "/", strings.NewReader("body"), func(r *http.Request) {
			r.Header.Set("Echo", "trailer")
			r.ContentLength, r.Trailer = -1, http.Header{"Checksum": {"1"}}
		}, "POST " + udp + " /\nbodyChecksum: 1\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRequest(t, test.method, "https://"+udp+test.path, test.body)
			if test.change != nil {
				test.change(r)
			}
			answer, got := fetch(t, c, r)
			got = strings.ReplaceAll(got, "Accept-Encoding: gzip\n", "")
			if answer.StatusCode != http.StatusOK || answer.ProtoMajor != 3 || got != test.want {
				t.Errorf("answered %d over %s with %.200q, want %.200q", answer.StatusCode, answer.Proto, got, test.want)
			}
		})
	}
	if protocol := message.Protocol(seen.Load()); protocol != message.HTTP3 || protocol.String() != "HTTP/3" {
		t.Errorf("the protocol is %v, want HTTP/3", protocol)
	}
}

// TestHTTP3HasNoBodyWhereThereIsNone: the engine of HTTP/3 does not say whether a
// request without a length has a body.
func TestHTTP3HasNoBodyWhereThereIsNone(t *testing.T) {
	i := testCertificate(t)
	present := make(chan bool, 1)
	_, _, udp := startQUIC(t, Options{TLS: i.serverConfig(), Handler: handlerFunc(func(r *message.Request, w message.Responder) {
		present <- r.Body.Present()
		echo(r, w)
	})})
	c := client3(t, i.clientConfig())
	for _, test := range []struct {
		name, method string
		body         io.Reader
		want         bool
	}{
		{"GET", "GET", nil, false}, {"HEAD", "HEAD", nil, false}, {"DELETE", "DELETE", nil, false},
		{"GET with a body", "GET", strings.NewReader("x"), true},
		{"GET with a body of unknown length", "GET", io.MultiReader(strings.NewReader("x")), true},
		{"empty POST", "POST", http.NoBody, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRequest(t, test.method, "https://"+udp+"/", test.body)
			if test.name == "empty POST" {
				r.Header.Set("Content-Length", "0")
			}
			fetch(t, c, r)
			if got := <-present; got != test.want {
				t.Errorf("there is a body: %v, want %v", got, test.want)
			}
		})
	}
}

func TestHTTP3Answers(t *testing.T) {
	i := testCertificate(t)
	large := strings.Repeat("x", 3<<20)
	_, _, udp := startQUIC(t, Options{TLS: i.serverConfig(), Handler: handlerFunc(func(r *message.Request, w message.Responder) {
		m := message.Response{Status: 200}
		switch r.URL.Path {
		case "/large":
			m.Body.SetStream(io.NopCloser(strings.NewReader(large)), int64(len(large)))
		case "/unknown":
			m.Body.SetStream(io.NopCloser(strings.NewReader(large)), -1)
		case "/trailer":
			m.Body.SetStream(io.NopCloser(strings.NewReader("body")), -1)
			m.Trailer.Set(message.NameOf("Grpc-Status"), "0")
		case "/hints":
			var h message.Header
			h.Set(message.NameOf("Link"), "</a>; rel=preload")
			_ = w.Inform(103, &h)
		case "/connection":
			m.Header.Set(message.Connection, "close")
			m.Header.Set(message.NameOf("X-Broken"), "a\r\nb")
		case "/broken":
			m.Body.SetStream(io.NopCloser(io.MultiReader(strings.NewReader("part"), &failing{})), 100)
		case "/none":
			return
		}
		_, _ = w.Respond(&m)
	})})
	c := client3(t, i.clientConfig())
	tests := []struct {
		name, method, path, body, fields string
		broken                           bool
	}{
		{"large", "GET", "/large", large, "Content-Length: 3145728", false},
		{"unknown length", "GET", "/unknown", large, "", false},
		{"trailer", "GET", "/trailer", "body", "Grpc-Status: 0", false},
		{"early hints", "GET", "/hints", "", "Content-Length: 0", false},
		{"connection fields and bad values are not sent", "GET", "/connection", "", "Content-Length: 0", false},
		{"HEAD has the length", "HEAD", "/large", "", "Content-Length: 3145728", false},
		{"HEAD of unknown length", "HEAD", "/unknown", "", "", false},
		{"broken off", "GET", "/broken", "", "", true},
		{"no answer", "GET", "/none", "", "", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var hints []string
			trace := &httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
				hints = append(hints, fmt.Sprint(code, " ", h.Get("Link")))
				return nil
			}}
			r := newRequest(t, test.method, "https://"+udp+test.path, nil)
			answer, err := c.Do(r.WithContext(httptrace.WithClientTrace(r.Context(), trace)))
			var body []byte
			if err == nil {
				defer answer.Body.Close()
				body, err = io.ReadAll(answer.Body)
			}
			if got := strings.Join(hints, ", "); (test.path == "/hints") != (got == "103 </a>; rel=preload") {
				t.Errorf("told %q", got)
			}
			if test.broken != (err != nil) {
				t.Fatalf("the answer failed with %v, want broken: %v", err, test.broken)
			}
			if err != nil {
				return
			}
			fields := ""
			for _, name := range []string{"Content-Length", "Connection", "X-Broken", "Alt-Svc"} {
				if v := answer.Header.Get(name); v != "" {
					fields += name + ": " + v
				}
			}
			if v := answer.Trailer.Get("Grpc-Status"); v != "" {
				fields += "Grpc-Status: " + v
			}
			if string(body) != test.body || fields != test.fields {
				t.Errorf("%d bytes and fields %q, want %d and %q", len(body), fields, len(test.body), test.fields)
			}
		})
	}
}

// failing is a body that cannot be read.
type failing struct{}

func (*failing) Read([]byte) (int, error) { return 0, errors.New("gone") }

// TestHTTP3TLS holds HTTP/3 to the rows of the table of TLS that are about names
// and clients' certificates.
func TestHTTP3TLS(t *testing.T) {
	i := newIdentities(t)
	_, _, udp := startQUIC(t, Options{TLS: i.config, Handler: handlerFunc(who), Clock: i.clock})
	rows := 0
	for _, row := range i.rows() {
		config := &tls.Config{RootCAs: i.pool(), ServerName: "localhost"}
		row.change(config)
		if config.MaxVersion == tls.VersionTLS12 || config.MinVersion != 0 || row.name == "no SNI" {
			continue // QUIC has no other version than 1.3, and its client always a name.
		}
		rows++
		t.Run(row.name, func(t *testing.T) {
			r := newRequest(t, "GET", "https://"+udp, nil)
			r.Host = "localhost"
			if row.host != "" {
				r.Host = row.host
			}
			answer, body := fetch(t, client3(t, config), r)
			got := "200 " + body
			if answer.StatusCode != http.StatusOK {
				got = answer.Status[:3]
			}
			if got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
	if rows < 10 {
		t.Errorf("%d rows were tried", rows)
	}
}

func TestHTTP3CertificatesAreReloaded(t *testing.T) {
	i := newIdentities(t)
	_, _, udp := startQUIC(t, Options{TLS: i.config, Clock: i.clock})
	serial := func() int64 {
		c, err := quic.DialAddr(t.Context(), udp, &tls.Config{ServerName: "a.example", InsecureSkipVerify: true, NextProtos: []string{http3.NextProtoH3}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.CloseWithError(0, "") }()
		return c.ConnectionState().TLS.PeerCertificates[0].SerialNumber.Int64()
	}
	before := serial()
	fresh := i.issue(x509.ExtKeyUsageServerAuth, nil, "a.example")
	writePair(t, filepath.Dir(i.files.Certificate), "a", fresh)
	touch(t, i.files.Certificate)
	i.clock.Advance(ReloadInterval)
	if got, want := serial(), fresh.Leaf.SerialNumber.Int64(); got != want {
		t.Errorf("the certificate is %d, want %d (it was %d)", got, want, before)
	}
}

func TestHTTP3IsAdvertised(t *testing.T) {
	i := testCertificate(t)
	answerOwn := handlerFunc(func(r *message.Request, w message.Responder) {
		m := message.Response{Status: 200}
		if r.URL.Path == "/own" {
			m.Header.Set(message.NameOf("Alt-Svc"), "clear")
		}
		_, _ = w.Respond(&m)
	})
	s, tcp, _ := startQUIC(t, Options{TLS: i.serverConfig(), Handler: answerOwn})
	_, plain := start(t, Options{Handler: answerOwn})
	_, port, _ := net.SplitHostPort(tcp)
	ask := func(url, host string, h2 bool) string {
		p := new(http.Protocols)
		p.SetHTTP1(!h2)
		p.SetHTTP2(h2)
		transport := &http.Transport{TLSClientConfig: i.clientConfig(), Protocols: p}
		defer transport.CloseIdleConnections()
		r := newRequest(t, "GET", url, nil)
		r.Host = host
		answer, _ := fetch(t, &http.Client{Transport: transport, Timeout: patience}, r)
		return answer.Header.Get("Alt-Svc")
	}
	for _, h2 := range []bool{false, true} {
		for _, test := range []struct{ name, url, host, want string }{
			{"the port that was called", "https://" + tcp, "", `h3=":` + port + `"; ma=86400`},
			{"the port of HTTPS", "https://" + tcp, "localhost", `h3=":443"; ma=86400`},
			{"another port", "https://" + tcp, "localhost:8443", `h3=":8443"; ma=86400`},
			{"the answer says something else", "https://" + tcp + "/own", "", "clear"},
		} {
			if got := ask(test.url, test.host, h2); got != test.want {
				t.Errorf("%s, HTTP/2 %v: %q, want %q", test.name, h2, got, test.want)
			}
		}
	}
	if got := ask("http://"+plain, "", false); got != "" {
		t.Errorf("without TLS it is %q, want none", got)
	}
	if err := s.stopAccepting(); err != nil {
		t.Fatal(err)
	}
	if got := s.alt.value(0); got != "" {
		t.Errorf("a server that drains says %q, want nothing", got)
	}
}

// TestHTTP3ClientLeaves has clients give up in the middle of things.
func TestHTTP3ClientLeaves(t *testing.T) {
	i := testCertificate(t)
	begun, ended := make(chan struct{}, 1), make(chan error, 1)
	_, _, udp := startQUIC(t, Options{TLS: i.serverConfig(), Handler: handlerFunc(func(r *message.Request, w message.Responder) {
		begun <- struct{}{}
		switch r.URL.Path {
		case "/wait":
			<-r.Context.Done()
			ended <- r.Context.Err()
		case "/upload":
			reader, err := r.Body.Reader()
			if err == nil {
				_, err = io.Copy(io.Discard, reader)
			}
			ended <- err
		case "/download":
			m := message.Response{Status: 200}
			m.Body.SetStream(io.NopCloser(endless{}), -1)
			_, err := w.Respond(&m)
			ended <- err
		}
	})})
	c := client3(t, i.clientConfig())
	for _, test := range []struct {
		name, method, path string
		body               io.Reader
	}{
		{"while it waits", "GET", "/wait", nil},
		{"while it sends", "POST", "/upload", endless{}},
		{"while it reads", "GET", "/download", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			r := newRequest(t, test.method, "https://"+udp+test.path, test.body).WithContext(ctx)
			go func() {
				<-begun
				cancel()
			}()
			answer, err := c.Do(r)
			if err == nil {
				_, err = io.Copy(io.Discard, answer.Body)
				_ = answer.Body.Close()
			}
			if err == nil {
				t.Error("the exchange went well")
			}
			if err := <-ended; err == nil {
				t.Error("the handler has not noticed")
			} else if client, ok := errors.AsType[*message.ClientError](err); !ok && !errors.Is(err, context.Canceled) {
				t.Errorf("the handler got %v (%v), want the client's failure", err, client)
			}
		})
	}
}

// endless is a body without end.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return copy(p, bytes.Repeat([]byte("x"), 1024)), nil }

// TestHTTP3EarlyAnswer answers before the body has come; the client must not be
// made to send all of it.
func TestHTTP3EarlyAnswer(t *testing.T) {
	i := testCertificate(t)
	_, _, udp := startQUIC(t, Options{TLS: i.serverConfig(), Handler: handlerFunc(func(_ *message.Request, w message.Responder) {
		_, _ = w.Respond(&message.Response{Status: 403})
	})})
	c := client3(t, i.clientConfig())
	for range 3 {
		answer, _ := fetch(t, c, newRequest(t, "POST", "https://"+udp+"/", io.LimitReader(endless{}, 1<<30)))
		if answer.StatusCode != http.StatusForbidden {
			t.Errorf("answered %d, want 403", answer.StatusCode)
		}
	}
}

// TestHTTP3IdleConnections: a connection without a request ends, also where its
// client has opened streams on which it says nothing.
func TestHTTP3IdleConnections(t *testing.T) {
	i := testCertificate(t)
	fake := clock.NewFake(time.Now())
	s, _, udp := startQUIC(t, Options{TLS: i.serverConfig(), Clock: fake})
	config := i.clientConfig()
	config.NextProtos = []string{http3.NextProtoH3}
	c, err := quic.DialAddr(t.Context(), udp, config, nil)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := c.OpenStream()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Write([]byte{1}); err != nil { // The type of a HEADERS frame.
		t.Fatal(err)
	}
	q := s.quic.Load()
	for begun := false; !begun; runtime.Gosched() {
		q.mu.Lock()
		for known := range q.open {
			begun = known.idle != nil
		}
		q.mu.Unlock()
	}
	fake.Advance(IdleTimeout)
	<-c.Context().Done()
	if closed, ok := errors.AsType[*quic.ApplicationError](context.Cause(c.Context())); !ok || closed.ErrorCode != closedNormally {
		t.Errorf("the connection ended with %v, want the code for no error", context.Cause(c.Context()))
	}
}

func TestHTTP3Limits(t *testing.T) {
	i := testCertificate(t)
	s, _, udp := startQUIC(t, Options{TLS: i.serverConfig()})
	c := client3(t, i.clientConfig())
	tests := []struct {
		name   string
		change func(*http.Request)
		want   int
	}{
		{"long field", func(r *http.Request) { r.Header.Set("X", strings.Repeat("x", 40<<10)) }, 431},
		{"long head", func(r *http.Request) { r.Header.Set("X", strings.Repeat("x", 70<<10)) }, 431},
		{"many fields", func(r *http.Request) { r.Header["X"] = make([]string, 200) }, 431},
		{"long target", func(r *http.Request) { r.URL.Path = "/" + strings.Repeat("x", 17<<10) }, 414},
		{"long method", func(r *http.Request) { r.Method = strings.Repeat("X", 40) }, 501},
		{"another server", func(r *http.Request) { r.Host = "b.example" }, 421},
		{"TRACE", func(r *http.Request) { r.Method = http.MethodTrace }, 405},
		{"the server as a whole", func(r *http.Request) { r.Method, r.URL.Opaque = http.MethodOptions, "*" }, 200},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRequest(t, "GET", "https://"+udp+"/", nil)
			r.Host = "localhost"
			test.change(r)
			if answer, _ := fetch(t, c, r); answer.StatusCode != test.want {
				t.Errorf("answered %d, want %d", answer.StatusCode, test.want)
			}
		})
	}
	q := s.quic.Load()
	q.mu.Lock()
	q.unproven = MaxUnproven
	q.mu.Unlock()
	if !q.mustProve(nil) {
		t.Error("with many connections that shake hands, clients need not show that they are where they say")
	}
	answer, _ := fetch(t, client3(t, i.clientConfig()), newRequest(t, "GET", "https://"+udp+"/", nil))
	if answer.StatusCode != http.StatusOK {
		t.Errorf("a client that had to show where it is was answered %d", answer.StatusCode)
	}
	q.mu.Lock()
	q.unproven -= MaxUnproven
	for range MaxConnections {
		q.open[&quicConn{}] = struct{}{}
	}
	q.mu.Unlock()
	if _, err := quic.DialAddr(t.Context(), udp, i.clientConfig(), nil); err == nil {
		t.Error("a connection beyond MaxConnections was taken")
	}
	q.mu.Lock()
	clear(q.open)
	q.mu.Unlock()
}
