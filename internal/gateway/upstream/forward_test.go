package upstream

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
)

// receive runs a backend that shows what it has received.
func receive(tb testing.TB) (*httptest.Server, chan string) {
	tb.Helper()
	seen := make(chan string, 10)
	return serve(tb, func(w http.ResponseWriter, r *http.Request) {
		var b strings.Builder
		fmt.Fprintf(&b, "%s %s %s %s\n", r.Method, r.Host, r.RequestURI, r.Proto)
		_ = r.Header.Write(&b)
		body, _ := io.ReadAll(r.Body)
		b.Write(body)
		seen <- strings.ReplaceAll(b.String(), "\r\n", "\n")
		_, _ = io.WriteString(w, "ok")
	}), seen
}

func TestRequestAsForwarded(t *testing.T) {
	backend, seen := receive(t)
	host := strings.TrimPrefix(backend.URL, "http://")
	text := func(s string) *string { return &s }
	tests := []struct {
		name   string
		method string
		path   string
		fields string
		body   *string
		entity *model.Backend
		change func(*policy.Call)
		want   string
	}{
		{name: "plain", path: "/a/b?c=d", want: "GET HOST /a/b?c=d HTTP/1.1\nX-Forwarded-For: 192.0.2.7\n"},
		{name: "no path", path: "", want: "GET HOST / HTTP/1.1\nX-Forwarded-For: 192.0.2.7\n"},
		{name: "a path that is read again comes out the same", path: "/a%3Bb;c/%7B/%25/(x)!*'", want: "GET HOST /a%3Bb;c/%7B/%25/(x)!*' HTTP/1.1\nX-Forwarded-For: 192.0.2.7\n"},
		{name: "fields", path: "/", fields: "Accept: a\nx-b: 1\nAccept: b\nUser-Agent: me\nX-Forwarded-For: 1.2.3.4",
			want: "GET HOST / HTTP/1.1\nAccept: a\nAccept: b\nUser-Agent: me\nX-B: 1\nX-Forwarded-For: 1.2.3.4, 192.0.2.7\n"},
		{name: "fields of the connection", path: "/", fields: "Keep-Alive: 1\nTE: gzip\nProxy-Authorization: x\nUpgrade: h2c\nTrailer: X\nExpect: 100-continue\nContent-Length: 7\nTransfer-Encoding: chunked",
			want: "GET HOST / HTTP/1.1\nX-Forwarded-For: 192.0.2.7\n"},
		{name: "a value with a line break", path: "/", fields: "X-A: a\x0dX-Evil: 1", want: "GET HOST / HTTP/1.1\nX-Forwarded-For: 192.0.2.7\n"},
		{name: "Host of a policy", path: "/", fields: "Host: other.example", want: "GET other.example / HTTP/1.1\nX-Forwarded-For: 192.0.2.7\n"},
		{name: "body", method: "POST", path: "/", body: text("hello"), want: "POST HOST / HTTP/1.1\nContent-Length: 5\nX-Forwarded-For: 192.0.2.7\nhello"},
		{name: "empty body", method: "POST", path: "/", body: text(""), want: "POST HOST / HTTP/1.1\nContent-Length: 0\nX-Forwarded-For: 192.0.2.7\n"},
		{name: "no body", method: "POST", path: "/", want: "POST HOST / HTTP/1.1\nContent-Length: 0\nX-Forwarded-For: 192.0.2.7\n"},
		{name: "body that is gone", method: "POST", path: "/", body: text("hello"), change: func(c *policy.Call) { _, _ = c.Request.Body.Consume(10) },
			want: "POST HOST / HTTP/1.1\nContent-Length: 0\nX-Forwarded-For: 192.0.2.7\n"},
		{name: "PUT is not marked", method: "PUT", path: "/", body: text("x"), want: "PUT HOST / HTTP/1.1\nContent-Length: 1\nX-Forwarded-For: 192.0.2.7\nx"},
		{name: "backend with a base path", path: "/a", entity: &model.Backend{URL: backend.URL + "/base/"}, want: "GET HOST /base/a HTTP/1.1\nX-Forwarded-For: 192.0.2.7\n"},
		{name: "credentials", path: "/a?x=1", fields: "X-Key: from the client\nAuthorization: from the client", entity: &model.Backend{URL: backend.URL, Credentials: &model.BackendCredentials{
			Authorization: &model.BackendAuthorization{Scheme: "Basic", Parameter: "abc"},
			Header:        map[string][]string{"x-key": {"1", "2"}}, Query: map[string][]string{"code": {"a b"}, "a": {"&"}}}},
			want: "GET HOST /a?x=1&a=%26&code=a%20b HTTP/1.1\nAuthorization: Basic abc\nX-Forwarded-For: 192.0.2.7\nX-Key: 1\nX-Key: 2\n"},
		{name: "credentials in an empty query", path: "/a", entity: &model.Backend{URL: backend.URL, Credentials: &model.BackendCredentials{Query: map[string][]string{"code": {"1"}}}},
			want: "GET HOST /a?code=1 HTTP/1.1\nX-Forwarded-For: 192.0.2.7\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newRig(t, Options{})
			method := test.method
			if method == "" {
				method = http.MethodGet
			}
			c := g.call(t, method, backend.URL+test.path)
			for line := range strings.SplitSeq(test.fields, "\n") {
				if name, value, ok := strings.Cut(line, ": "); ok {
					c.Request.Header.Add(message.NameOf(name), value)
				}
			}
			if test.body != nil {
				_ = c.Request.Body.SetBytes([]byte(*test.body))
			}
			if test.entity != nil {
				g.add("b", test.entity)
				c.Destination.Backend, c.Destination.BackendID = test.entity, "b"
			}
			if test.change != nil {
				test.change(c)
			}
			if body, err := g.forward(c, &policy.DefaultForward); err != nil || body != "ok" {
				t.Fatalf("forwarding: %q, %v", body, err)
			}
			if diff := cmp.Diff(strings.ReplaceAll(test.want, "HOST", host), <-seen); diff != "" {
				t.Errorf("the backend received (-want +got):\n%s", diff)
			}
		})
	}
}

func TestVersionsOfHTTP(t *testing.T) {
	show := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) })
	plain := httptest.NewUnstartedServer(show)
	plain.Config.Protocols = new(http.Protocols)
	plain.Config.Protocols.SetHTTP1(true)
	plain.Config.Protocols.SetUnencryptedHTTP2(true)
	plain.Start()
	defer plain.Close()
	both := httptest.NewUnstartedServer(show)
	both.EnableHTTP2 = true
	both.StartTLS()
	defer both.Close()
	old := httptest.NewTLSServer(show)
	defer old.Close()
	roots := x509.NewCertPool()
	roots.AddCert(both.Certificate())
	tests := []struct {
		name    string
		url     string
		version policy.HTTPVersion
		want    string
	}{
		{"plain, 1", plain.URL, policy.HTTP1, "HTTP/1.1"},
		{"plain, 2", plain.URL, policy.HTTP2, "HTTP/2.0"},
		{"plain, 2or1", plain.URL, policy.HTTP2Or1, "HTTP/1.1"},
		{"TLS, 1", both.URL, policy.HTTP1, "HTTP/1.1"},
		{"TLS, 2", both.URL, policy.HTTP2, "HTTP/2.0"},
		{"TLS, 2or1", both.URL, policy.HTTP2Or1, "HTTP/2.0"},
		{"TLS without HTTP/2, 2or1", old.URL, policy.HTTP2Or1, "HTTP/1.1"},
		{"TLS without HTTP/2, 2", old.URL, policy.HTTP2, policy.ReasonBackendConnectionFailure},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newRig(t, Options{Roots: roots})
			got, err := g.forward(g.call(t, "GET", test.url+"/"), &policy.ForwardOptions{Version: test.version})
			if fault, ok := errors.AsType[*policy.Fault](err); ok {
				got = fault.Reason
			}
			if got != test.want {
				t.Errorf("got %q (%v), want %q", got, err, test.want)
			}
		})
	}
}

func TestTLSOfBackends(t *testing.T) {
	asked := make(chan int, 1)
	backend := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked <- len(r.TLS.PeerCertificates) }))
	backend.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
	backend.StartTLS()
	defer backend.Close()
	trusted := x509.NewCertPool()
	trusted.AddCert(backend.Certificate())
	no, own := false, &backend.TLS.Certificates[0]
	byAddress := backend.URL
	byName := strings.Replace(backend.URL, "127.0.0.1", "localhost", 1) // Not in the certificate.
	const failure = policy.ReasonBackendConnectionFailure
	tests := []struct {
		name, url, want string
		roots           *x509.CertPool
		tls             *model.BackendTLS
		credentials     *model.BackendCredentials
		certificates    int
	}{
		{name: "trusted", url: byAddress, roots: trusted, want: "200"},
		{name: "other roots", url: byAddress, roots: x509.NewCertPool(), want: failure},
		{name: "other roots, chain not validated", url: byAddress, roots: x509.NewCertPool(), tls: &model.BackendTLS{ValidateCertificateChain: &no}, want: "200"},
		{name: "other name", url: byName, roots: trusted, want: failure},
		{name: "other name, name not validated", url: byName, roots: trusted, tls: &model.BackendTLS{ValidateCertificateName: &no}, want: "200"},
		{name: "other name, chain not validated", url: byName, roots: trusted, tls: &model.BackendTLS{ValidateCertificateChain: &no}, want: failure},
		{name: "other roots, name not validated", url: byAddress, roots: x509.NewCertPool(), tls: &model.BackendTLS{ValidateCertificateName: &no}, want: failure},
		{name: "nothing validated", url: byName, roots: x509.NewCertPool(), tls: &model.BackendTLS{ValidateCertificateName: &no, ValidateCertificateChain: &no}, want: "200"},
		{name: "client certificate by id", url: byAddress, roots: trusted, credentials: &model.BackendCredentials{CertificateIDs: []string{"own"}}, want: "200", certificates: 1},
		{name: "client certificate by thumbprint", url: byAddress, roots: trusted, credentials: &model.BackendCredentials{Certificate: []string{"own"}}, want: "200", certificates: 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newRig(t, Options{Roots: test.roots, Clock: clock.System()})
			g.certificates = map[string]*tls.Certificate{"own": own}
			g.add("b", &model.Backend{URL: test.url, TLS: test.tls, Credentials: test.credentials})
			if got := g.status(g.to(t, "b")); got != test.want {
				t.Fatalf("got %s, want %s", got, test.want)
			}
			if test.want == "200" {
				if n := <-asked; n != test.certificates {
					t.Errorf("the backend was shown %d certificates, want %d", n, test.certificates)
				}
			}
		})
	}
}

func TestProxy(t *testing.T) {
	seen := make(chan string, 1)
	proxy := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		seen <- r.RequestURI + " " + r.Host + " " + r.Header.Get("Proxy-Authorization")
	})
	g := newRig(t, Options{})
	g.add("b", &model.Backend{URL: "http://backend.invalid/base", Proxy: &model.BackendProxy{URL: proxy.URL, Username: "u", Password: "p"}})
	c := g.to(t, "b")
	c.SetRelativePath("/a%3Bb")
	c.Request.URL.Query = "q=1"
	if got := g.status(c); got != "200" {
		t.Fatal(got)
	}
	if got, want := <-seen, "http://backend.invalid/base/a%3Bb?q=1 backend.invalid Basic dTpw"; got != want {
		t.Errorf("the proxy was asked for %q, want %q", got, want)
	}
}

// hang runs a backend that begins no answer until it is let go.
func hang(tb testing.TB) (s *httptest.Server, begun chan struct{}, gone chan struct{}) {
	tb.Helper()
	begun, gone = make(chan struct{}, 1000), make(chan struct{}, 1000)
	s = serve(tb, func(_ http.ResponseWriter, r *http.Request) {
		begun <- struct{}{}
		<-r.Context().Done()
		gone <- struct{}{}
	})
	return s, begun, gone
}

func TestTimeout(t *testing.T) {
	backend, begun, gone := hang(t)
	g := newRig(t, Options{})
	go func() {
		<-begun
		g.clock.Advance(5 * time.Second)
	}()
	_, err := g.forward(g.call(t, "GET", backend.URL), &policy.ForwardOptions{Timeout: 5 * time.Second})
	var fault *policy.Fault
	if !errors.As(err, &fault) || fault.Reason != policy.ReasonTimeout || fault.Status != 500 {
		t.Errorf("got %v, want a time-out", err)
	}
	<-gone // The backend's request has been cancelled.
}

func TestTimeoutIsForTheHeadOnly(t *testing.T) {
	g := newRig(t, Options{})
	more := make(chan struct{})
	backend := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_ = http.NewResponseController(w).Flush()
		<-more
		_, _ = io.WriteString(w, "late")
	})
	c := g.call(t, "GET", backend.URL)
	if err := g.manager.Forward(c, &policy.ForwardOptions{Timeout: time.Second}); err != nil {
		t.Fatal(err)
	}
	g.clock.Advance(time.Hour)
	close(more)
	if body, err := c.Response.Body.Buffer(100); err != nil || string(body) != "late" {
		t.Errorf("the body is %q, %v", body, err)
	}
}

func TestClientThatGoesAwayEndsTheCallOfTheBackend(t *testing.T) {
	backend, begun, gone := hang(t)
	g := newRig(t, Options{})
	address := g.gateway(t, backend.URL, &policy.ForwardOptions{})
	c, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	<-begun
	_ = c.Close()
	g.clock.until(gone)
}

func TestRedirects(t *testing.T) {
	backend := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/old" {
			http.Redirect(w, r, "/new%2Fx", http.StatusTemporaryRedirect)
			return
		}
		body, _ := io.ReadAll(r.Body)
		_, _ = io.WriteString(w, r.Method+" "+r.RequestURI+" "+string(body))
	})
	g := newRig(t, Options{})
	for follow, want := range map[bool]string{false: "307 ", true: "200 POST /new%2Fx body"} {
		c := g.call(t, "POST", backend.URL+"/old")
		_ = c.Request.Body.SetBytes([]byte("body"))
		body, err := g.forward(c, &policy.ForwardOptions{FollowRedirects: follow})
		if got := fmt.Sprint(c.Response.Status, " ", body); err != nil || got != want {
			t.Errorf("following %v: %q, %v, want %q", follow, got, err, want)
		}
	}
}

func TestFailOnErrorStatus(t *testing.T) {
	backend := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	g := newRig(t, Options{})
	_, err := g.forward(g.call(t, "GET", backend.URL), &policy.ForwardOptions{FailOnErrorStatus: true})
	var fault *policy.Fault
	if !errors.As(err, &fault) || fault.Status != 404 {
		t.Errorf("got %v, want a failure with 404", err)
	}
}

func TestContinue(t *testing.T) {
	expected := make(chan string, 1)
	backend := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		expected <- r.Header.Get("Expect")
		_, _ = io.Copy(io.Discard, r.Body)
	})
	g := newRig(t, Options{})
	for wait, want := range map[time.Duration]string{0: "", patience: "100-continue"} {
		c := g.call(t, "POST", backend.URL)
		_ = c.Request.Body.SetBytes([]byte("body"))
		if _, err := g.forward(c, &policy.ForwardOptions{ContinueTimeout: wait}); err != nil {
			t.Fatal(err)
		}
		if got := <-expected; got != want {
			t.Errorf("waiting %v: the backend was sent Expect %q, want %q", wait, got, want)
		}
	}
}

// dropping runs a backend that answers the first request of each connection and
// drops the connection at the second, when it has read its head.
func dropping(t *testing.T) (address string, seen *atomic.Int64) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	seen = &atomic.Int64{}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				r := bufio.NewReader(c)
				for n := range 2 {
					request, err := http.ReadRequest(r)
					if err != nil {
						return
					}
					seen.Add(1)
					_, _ = io.Copy(io.Discard, request.Body)
					if n == 0 {
						_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
					}
				}
			}()
		}
	}()
	t.Cleanup(func() { _ = l.Close() })
	return "http://" + l.Addr().String(), seen
}

// TestStaleConnections sends a second request on a connection that dies of it: a
// request that may be sent twice is, another is not.
func TestStaleConnections(t *testing.T) {
	tests := []struct {
		method, body string
		want         string
		requests     int64
	}{
		{"GET", "", "200", 3},
		{"DELETE", "", "200", 3},
		{"PUT", "body", "200", 3},
		{"POST", "", policy.ReasonBackendConnectionFailure, 2},
		{"POST", "body", policy.ReasonBackendConnectionFailure, 2},
		{"PATCH", "body", policy.ReasonBackendConnectionFailure, 2},
	}
	for _, test := range tests {
		t.Run(test.method+" "+test.body, func(t *testing.T) {
			address, seen := dropping(t)
			g := newRig(t, Options{})
			for i, want := range []string{"200", test.want} {
				c := g.call(t, test.method, address)
				if test.body != "" {
					_ = c.Request.Body.SetBytes([]byte(test.body))
				}
				if got := g.status(c); got != want {
					t.Errorf("request %d: %s, want %s", i, got, want)
				}
			}
			if n := seen.Load(); n != test.requests {
				t.Errorf("the backend has seen %d requests, want %d", n, test.requests)
			}
		})
	}
}

// TestClientsFaultIsNotTheBackends sends malformed bodies through: 400 each, and
// the circuit breaker does not count them.
func TestClientsFaultIsNotTheBackends(t *testing.T) {
	backend := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, "ok")
	})
	g := newRig(t, Options{})
	g.add("b", breaking(backend.URL, 1))
	address := g.listen(t, func(c *policy.Call) {
		c.Destination.Backend, c.Destination.BackendID = g.backends["b"], "b"
	}, &policy.DefaultForward)
	for _, body := range []string{"x\r\n", "3\r\nabcd\r\n0\r\n\r\n", "3\nabc\r\n0\r\n\r\n", "3\r\nabc\r\n0\r\nBad Name: 1\r\n\r\n"} {
		c, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(c, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"+body)
		answer, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil || answer.StatusCode != http.StatusBadRequest {
			t.Errorf("%q: answered %v, %v, want 400", body, answer, err)
		}
		_ = c.Close()
	}
	if status, body := get(t, httpClient(t), address); status != 200 {
		t.Errorf("afterwards: %d %s", status, body)
	}
}

func TestBackendThatBreaksOff(t *testing.T) {
	for _, head := range []string{"Content-Length: 10\r\n\r\nhalf", "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = http.ReadRequest(bufio.NewReader(c))
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n"+head)
			_ = c.Close()
		}()
		g := newRig(t, Options{})
		address := g.gateway(t, "http://"+l.Addr().String(), &policy.DefaultForward)
		r, err := httpClient(t).Get(address)
		if err == nil {
			body, failed := io.ReadAll(r.Body)
			if failed == nil {
				t.Errorf("%q: the client takes %q for a whole body", head, body)
			}
			_ = r.Body.Close()
		}
		_ = l.Close()
	}
}

func TestAnswerWithTooManyFields(t *testing.T) {
	backend := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		for i := range MaxResponseFields + 1 {
			w.Header().Set(fmt.Sprint("X-", i), "1")
		}
	})
	g := newRig(t, Options{})
	if got := g.status(g.call(t, "GET", backend.URL)); got != policy.ReasonBackendConnectionFailure {
		t.Errorf("got %s", got)
	}
}

// TestBigBodies sends 64 MiB both ways and looks at what was allocated.
func TestBigBodies(t *testing.T) {
	const size, bound = 64 << 20, 16 << 20
	backend := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(size))
		_ = http.NewResponseController(w).EnableFullDuplex()
		_, _ = io.Copy(w, r.Body)
	})
	g := newRig(t, Options{})
	address := g.gateway(t, backend.URL, &policy.DefaultForward)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r, err := httpClient(t).Post(address, "", io.LimitReader(zeros{}, size))
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, r.Body)
	_ = r.Body.Close()
	runtime.ReadMemStats(&after)
	if n != size || err != nil {
		t.Fatalf("%d bytes came back, %v", n, err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > bound {
		t.Errorf("%d bytes were allocated to pass %d on, want at most %d", used, size, bound)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestTrailers(t *testing.T) {
	backend := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "X-Back")
		_, _ = io.Copy(w, r.Body)
		w.Header().Set("X-Back", r.Trailer.Get("X-Sum"))
	})
	g := newRig(t, Options{})
	address := g.gateway(t, backend.URL, &policy.DefaultForward)
	r, err := http.NewRequest(http.MethodPost, address, io.NopCloser(strings.NewReader("body")))
	if err != nil {
		t.Fatal(err)
	}
	r.Trailer = http.Header{"X-Sum": {"42"}}
	answer, err := httpClient(t).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, err := io.ReadAll(answer.Body); err != nil || string(body) != "body" || answer.Trailer.Get("X-Back") != "42" {
		t.Errorf("answered %q with the trailer %v, %v", body, answer.Trailer, err)
	}
}

func TestServerSentEvents(t *testing.T) {
	next := make(chan struct{})
	backend := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for range next {
			_, _ = io.WriteString(w, "data: x\n\n")
			_ = http.NewResponseController(w).Flush()
		}
	})
	g := newRig(t, Options{})
	address := g.gateway(t, backend.URL, &policy.DefaultForward)
	go func() { next <- struct{}{} }()
	r, err := httpClient(t).Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	event := make([]byte, len("data: x\n\n"))
	for range 5 {
		if _, err := io.ReadFull(r.Body, event); err != nil {
			t.Fatal(err)
		}
		next <- struct{}{}
	}
	close(next)
}

func TestWebSocket(t *testing.T) {
	backend := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "websocket" || r.Header.Get("Sec-WebSocket-Key") != "k" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		c, buffered, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: a\r\n\r\n\x81\x02hi")
		frame := make([]byte, 8)
		_, _ = io.ReadFull(buffered, frame)
		_, _ = c.Write(append([]byte("\x82\x08"), frame...))
	})
	g := newRig(t, Options{})
	address := g.gateway(t, strings.Replace(backend.URL, "http://", "ws://", 1), &policy.ForwardOptions{Version: policy.HTTP2Or1})
	c, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, _ = io.WriteString(c, "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n")
	r := bufio.NewReader(c)
	answer, err := http.ReadResponse(r, nil)
	if err != nil || answer.StatusCode != http.StatusSwitchingProtocols || answer.Header.Get("Sec-WebSocket-Accept") != "a" {
		t.Fatalf("answered %v, %v", answer, err)
	}
	_, _ = io.WriteString(c, "12345678")
	rest, err := io.ReadAll(r)
	if want := "\x81\x02hi\x82\x0812345678"; err != nil || string(rest) != want {
		t.Errorf("received %q, %v, want %q", rest, err, want)
	}
}

func TestFetch(t *testing.T) {
	backend := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, "/", http.StatusFound)
			return
		}
		w.Header().Set("ETag", "1")
		_, _ = io.WriteString(w, "document")
	})
	f := newRig(t, Options{}).manager.Fetcher()
	got, err := f.Fetch(t.Context(), backend.URL, 8)
	if etag, _ := got.Header.Get(message.ETag); err != nil || string(got.Body) != "document" || got.Status != 200 || etag != "1" {
		t.Errorf("fetched %+v, %v", got, err)
	}
	var large *message.TooLargeError
	if _, err := f.Fetch(t.Context(), backend.URL, 7); !errors.As(err, &large) {
		t.Errorf("a document above the limit: %v", err)
	}
	if got, err := f.Fetch(t.Context(), backend.URL+"/moved", 1000); err != nil || got.Status != 302 {
		t.Errorf("a redirect was followed: %+v, %v", got, err)
	}
}
