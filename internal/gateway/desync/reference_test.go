package desync

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/sallyport/sallyport/internal/gateway/listen"
	"github.com/sallyport/sallyport/internal/message"
)

// bodyFailed stands between the method and the failure of a body that could not
// be read.
const bodyFailed = " body: "

// witness is a handler that writes down what it sees, whoever the engine is.
type witness struct {
	mu   sync.Mutex
	seen map[netip.AddrPort][]string
}

// Serve notes a request and answers it with what was seen.
func (w *witness) Serve(r *message.Request, to message.Responder) {
	body, err := r.Body.Buffer(1 << 20)
	var lines []string
	for _, h := range []*message.Header{&r.Header, &r.Trailer} {
		var some []string
		for _, f := range h.Fields() {
			some = append(some, "\n"+strings.ToLower(f.Name)+": "+f.Value)
		}
		slices.Sort(some)
		lines = append(append(lines, some...), "\n")
	}
	m := message.Response{Status: 200}
	text := r.Method + " " + r.URL.Authority() + " " + string(r.URL.AppendTarget(nil)) + strings.Join(lines, "")
	if err != nil {
		m.Status = 400
		text = r.Method + bodyFailed + err.Error()
	} else {
		text += strconv.Quote(string(body))
	}
	w.mu.Lock()
	w.seen[r.Client] = append(w.seen[r.Client], text)
	w.mu.Unlock()
	_ = m.Body.SetBytes([]byte(text))
	_, _ = to.Respond(&m)
}

// take returns what was seen of a client.
func (w *witness) take(client netip.AddrPort) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer delete(w.seen, client)
	return w.seen[client]
}

// ownEngine serves a handler with the gateway's own engine.
func ownEngine(tb testing.TB, h message.Handler) *hall {
	tb.Helper()
	l := newHall()
	serveOn(tb, listen.New(listen.Options{Handler: h, Log: discard, Poison: true}), l)
	return l
}

// referenceEngine serves the same handler with net/http.
func referenceEngine(tb testing.TB, h message.Handler) *hall {
	tb.Helper()
	l := newHall()
	s := &http.Server{
		Handler:                      http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.Serve(translate(r), &responder{w}) }),
		ErrorLog:                     log.New(io.Discard, "", 0),
		DisableGeneralOptionsHandler: true,
		MaxHeaderBytes:               64 << 10,
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(l)
	}()
	tb.Cleanup(func() {
		_ = s.Close()
		<-done
	})
	return l
}

// translate makes a message of a request of net/http.
func translate(r *http.Request) *message.Request {
	host, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		host, port = strings.Trim(r.Host, "[]"), ""
	}
	path, query, _ := strings.Cut(originForm(r.RequestURI), "?")
	m := &message.Request{Method: r.Method, URL: message.URL{Scheme: "http", Host: strings.ToLower(host), Path: path, Query: query}}
	if n, err := strconv.ParseUint(port, 10, 16); err == nil && n != 80 {
		m.URL.Port = uint16(n)
	}
	m.Client, _ = netip.ParseAddrPort(r.RemoteAddr)
	for name, values := range r.Header {
		for _, v := range values {
			if n := message.NameOf(name); !n.ForConnection() {
				m.Header.Add(n, v)
			}
		}
	}
	for option := range strings.SplitSeq(strings.Join(r.Header["Connection"], ","), ",") {
		if option = strings.Trim(option, " \t"); message.ValidFieldName(option) && !strings.EqualFold(option, "close") {
			m.Header.Delete(message.NameOf(option))
		}
	}
	if r.Body != nil && r.Body != http.NoBody {
		m.Body.SetStream(&trailed{r.Body, r, m}, r.ContentLength)
	}
	return m
}

// trailed is a body of net/http, behind which the trailer is.
type trailed struct {
	io.ReadCloser
	from *http.Request
	to   *message.Request
}

func (b *trailed) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		for name, values := range b.from.Trailer {
			for _, v := range values {
				b.to.Trailer.Set(message.NameOf(name), v)
			}
		}
	}
	return n, err
}

// responder answers over net/http.
type responder struct{ w http.ResponseWriter }

func (r *responder) Inform(int, *message.Header) error { return nil }

func (r *responder) Respond(m *message.Response) (message.Sent, error) {
	data, err := m.Body.Buffer(1 << 20)
	if err != nil {
		return message.Sent{}, err
	}
	r.w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	r.w.Header().Set("Content-Type", "text/plain")
	r.w.WriteHeader(m.Status)
	n, err := r.w.Write(data)
	return message.Sent{HeadSent: true, Bytes: int64(n)}, err
}
