package chaos

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
)

// origin is a backend. /small answers with a few bytes, /bytes/N reads the body
// of its request, if there is one, and answers with N bytes.
func origin(t *testing.T) (address string) {
	t.Helper()
	piece := make([]byte, 64<<10)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		count, large := strings.CutPrefix(r.URL.Path, "/bytes/")
		if !large {
			_, _ = io.WriteString(w, "ok")
			return
		}
		if _, err := discard(r.Body); err != nil {
			panic(http.ErrAbortHandler)
		}
		left, err := strconv.Atoi(count)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Content-Length", count)
		for left > 0 {
			n, err := w.Write(piece[:min(left, len(piece))])
			if err != nil {
				return
			}
			left -= n
		}
	}))
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// scripted is a backend whose connections are served by a function, one
// goroutine each.
func scripted(t *testing.T, serve func(net.Conn)) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				serve(c)
			}()
		}
	}()
	return l.Addr().String()
}
