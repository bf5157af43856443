package link

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/problem"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fetchable is a Fetcher that may reach the servers of tests.
func fetchable() *Fetcher { return New(Options{AllowPrivate: true}) }

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// compress answers with a body in gzip. That the reader goes away is no fault.
func compress(t *testing.T, w http.ResponseWriter, body io.Reader) {
	t.Helper()
	w.Header().Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(w)
	if _, err := io.Copy(z, body); err != nil {
		t.Log(err)
		return
	}
	if err := z.Close(); err != nil {
		t.Log(err)
	}
}

func TestFetch(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "/a?b=c", http.StatusFound)
		case "/gzip":
			compress(t, w, strings.NewReader("text"))
		default:
			fmt.Fprintf(w, "%s %s %s", r.Method, r.URL, r.Header.Get("User-Agent"))
		}
	})
	tests := []struct{ name, path, want string }{
		{"plain", "/a?b=c", "GET /a?b=c Sallyport"},
		{"redirected", "/moved", "GET /a?b=c Sallyport"},
		{"compressed", "/gzip", "text"},
		{"fragment", "/a?b=c#d", "GET /a?b=c Sallyport"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := fetchable().Fetch(t.Context(), s.URL+tt.path)
			if err != nil || string(got) != tt.want {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestFetchFails(t *testing.T) {
	redirects := 0
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/missing":
			http.NotFound(w, r)
		case "/loop":
			redirects++
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/declared":
			w.Header().Set("Content-Length", fmt.Sprint(MaxSize+1))
			w.WriteHeader(http.StatusOK)
		case "/large":
			compress(t, w, io.LimitReader(zeros{}, MaxSize+1))
		case "/long":
			http.Redirect(w, r, "/"+strings.Repeat("a", MaxURLLength), http.StatusFound)
		case "/password":
			http.Redirect(w, r, "http://u:secret@"+r.Host+"/", http.StatusFound)
		case "/file":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		}
	})
	tests := []struct{ name, url, want string }{
		{"not there", s.URL + "/missing", "answers 404"},
		{"redirected without end", s.URL + "/loop", "limit MaxRedirects"},
		{"too large, declared", s.URL + "/declared", "limit MaxSize"},
		{"too large, compressed", s.URL + "/large", "limit MaxSize"},
		{"redirected to a long URL", s.URL + "/long", "limit MaxURLLength"},
		{"redirected with a password", s.URL + "/password", "password"},
		{"redirected to a file", s.URL + "/file", "scheme"},
		{"long URL", "http://a.example/" + strings.Repeat("a", MaxURLLength), "limit MaxURLLength"},
		{"password", "http://u:secret@a.example/", "password"},
		{"no URL", "http://[::1", "not a URL"},
		{"control character", "http://a.example/\n\x00", "not a URL"},
		{"relative", "/a/b", "scheme"},
		{"no host", "http:///a", "no host"},
		{"opaque", "http:a.example", "no host"},
		{"empty", "", "scheme"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := fetchable().Fetch(t.Context(), tt.url)
			var p *problem.Error
			if !errors.As(err, &p) || p.Status != http.StatusBadRequest || !strings.Contains(p.Message, tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the error holds the password: %v", err)
			}
		})
	}
	if redirects != MaxRedirects+1 {
		t.Errorf("%d requests in the loop, want %d", redirects, MaxRedirects+1)
	}
}

// zeros is an endless body that compresses well.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

func TestFetchTakesTooLong(t *testing.T) {
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	_, err := New(Options{AllowPrivate: true, Timeout: 20 * time.Millisecond}).Fetch(t.Context(), s.URL)
	if err == nil || !strings.Contains(err.Error(), "limit MaxTime") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := fetchable().Fetch(ctx, s.URL); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestRedirectToPlainHTTP(t *testing.T) {
	request := func(text string) *http.Request {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return &http.Request{URL: u}
	}
	err := checkRedirect(request("http://a.example/"), []*http.Request{request("https://a.example/")})
	if err == nil || !strings.Contains(err.Error(), "from https to http") {
		t.Errorf("got %v", err)
	}
	if err := checkRedirect(request("https://a.example/"), []*http.Request{request("http://a.example/")}); err != nil {
		t.Error(err)
	}
}

func TestCheck(t *testing.T) {
	office := []netip.Prefix{netip.MustParsePrefix("169.254.7.0/24"), netip.MustParsePrefix("10.1.0.0/16")}
	tests := []struct {
		name, address string
		options       Options
		allowed       bool
	}{
		{"public", "93.184.215.14", Options{}, true},
		{"public IPv6", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", Options{}, true},
		{"public, translated", "64:ff9b::5db8:d70e", Options{}, true},
		{"public, mapped", "::ffff:93.184.215.14", Options{}, true},
		{"private", "10.1.2.3", Options{}, false},
		{"private, allowed by prefix", "10.1.2.3", Options{Allow: office}, true},
		{"private, another prefix", "10.2.2.3", Options{Allow: office}, false},
		{"private, mapped, by prefix", "::ffff:10.1.2.3", Options{Allow: office}, true},
		{"private, allowed", "192.168.1.1", Options{AllowPrivate: true}, true},
		{"private, translated", "64:ff9b::a01:203", Options{AllowPrivate: true}, false},
		{"unique local, allowed", "fd12::1", Options{AllowPrivate: true}, true},
		{"loopback, allowed", "::1", Options{AllowPrivate: true}, true},
		{"link-local is not private", "169.254.7.1", Options{AllowPrivate: true}, false},
		{"link-local, by prefix", "169.254.7.1", Options{Allow: office}, true},
		{"metadata is not private", "169.254.169.254", Options{AllowPrivate: true}, false},
		{"metadata, IPv6", "fd00:ec2::254", Options{AllowPrivate: true}, false},
		{"host agent", "168.63.129.16", Options{AllowPrivate: true}, false},
		{"compatible", "::7f00:1", Options{AllowPrivate: true}, false},
		{"zone", "fe80::1%eth0", Options{AllowPrivate: true}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.options.check(netip.MustParseAddr(tt.address)); (err == nil) != tt.allowed {
				t.Errorf("got %v", err)
			}
		})
	}
}

// FuzzParseURL checks that no host that is an address in disguise passes.
func FuzzParseURL(f *testing.F) {
	for _, text := range []string{"http://a.example/b", "https://[::1]:8080", "http://0x7f.1", "http://2130706433/", "http://u@h", "http:a", "HTTP://A.EXAMPLE"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := parseURL(text)
		if err != nil {
			return
		}
		host := u.Hostname()
		if u.User != nil || host == "" || u.Scheme != "http" && u.Scheme != "https" {
			t.Fatalf("%q passes", text)
		}
		if _, err := netip.ParseAddr(host); err != nil && strings.Trim(host, "0123456789.") == "" && strings.Trim(host, ".") != "" {
			t.Fatalf("the host %q passes", host)
		}
	})
}
