package console

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/portal/catalogue"
)

// apiForTests takes the key in a header.
var apiForTests = &catalogue.API{Name: "shop", KeyHeader: "Ocp-Apim-Subscription-Key"}

// lineEnds are ways to end a line early.
var lineEnds = []string{
	"x\r\nInjected: 1", "x\nInjected: 1", "x\rInjected: 1", "x\r\n\r\nGET /injected HTTP/1.1\r\nHost: x\r\n\r\n", "\r\nInjected: 1", "\nInjected: 1",
	"x%0d%0aInjected: 1", "x\u560d\u560aInjected: 1", "x\u2028Injected: 1", "x\u0085Injected: 1", "x\x00\r\nInjected: 1", "x\x0b\x0cInjected: 1", "\"\r\nInjected: 1", "x\r\n Injected: 1",
}

// rawGateway is a gateway that keeps the bytes which it was sent.
func rawGateway(t *testing.T) (address string, sent func() string) {
	t.Helper()
	var config net.ListenConfig
	l, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan string, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			got <- readOne(conn)
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return "http://" + l.Addr().String(), func() string { return <-got }
}

// readOne reads a request and what comes after it, answers, and returns the head.
func readOne(conn net.Conn) string {
	defer conn.Close() //nolint:errcheck // It is a test's.
	var raw bytes.Buffer
	r := bufio.NewReader(io.TeeReader(conn, &raw))
	req, err := http.ReadRequest(r)
	if err != nil {
		return "unreadable: " + err.Error()
	}
	if _, err := io.Copy(io.Discard, req.Body); err != nil {
		return "unreadable: " + err.Error()
	}
	_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
	_, _ = io.Copy(io.Discard, r) // Whatever else was sent.
	head, body, _ := strings.Cut(raw.String(), "\r\n\r\n")
	if req.Header.Get("Injected") != "" || strings.Contains(head, "\nInjected") || strings.Contains(head, "\rInjected") {
		return "injected: " + head
	}
	if kind := req.Header.Get("Content-Type"); strings.HasPrefix(kind, multipartMedia) && injectedPart(kind, body) {
		return "injected into a part: " + body
	}
	if strings.Count(raw.String(), " HTTP/1.1\r\n") > 1 && !strings.Contains(body, " HTTP/1.1") {
		return "two requests: " + raw.String()
	}
	return head
}

// injectedPart says whether a part of a form has a field in its head that nobody
// meant.
func injectedPart(kind, body string) bool {
	_, boundary, _ := strings.Cut(kind, "boundary=")
	for part := range strings.SplitSeq(body, "--"+boundary) {
		head, _, _ := strings.Cut(strings.TrimPrefix(part, "\r\n"), "\r\n\r\n")
		if strings.Contains(head, "\r\nInjected") || strings.Contains(head, "\nInjected") || strings.Contains(head, "\rInjected") {
			return true
		}
	}
	return false
}

// TestS19_ConsoleKeepsLines writes line ends into every field: no header field and
// no request is sent that nobody meant.
func TestS19_ConsoleKeepsLines(t *testing.T) {
	address, sent := rawGateway(t)
	gateway := mustURL(t, address)
	tried, refusals, injected := 0, 0, 0
	for _, place := range append(places, multipartPlaces...) {
		for _, value := range lineEnds {
			if place.name == "a header line" && strings.HasPrefix(strings.TrimLeft(value, "\r"), "\n") {
				continue // There, a line is a field: this is one that was meant.
			}
			tg := &target{Gateway: gateway, API: "shop", Template: "/{id}", Method: http.MethodPost}
			head, refused := sendRaw(t, tg, place.with(value), sent)
			if tried++; refused {
				refusals++
				continue
			}
			if strings.HasPrefix(head, "injected") || strings.HasPrefix(head, "two") || strings.HasPrefix(head, "unreadable") {
				injected++
				t.Errorf("%q in %s: %s", value, place.name, head)
			}
		}
	}
	fmt.Printf("S19: console: %d injections in %d requests, %d were refused (0)\n", injected, tried, refusals)
}

// multipartPlaces are names and values of parts.
var multipartPlaces = []struct {
	name string
	with func(value string) []string
}{
	{"a name of a part", func(v string) []string { return []string{"path.id", "7", "media", multipartMedia, "form." + v, "x"} }},
	{"a part", func(v string) []string { return []string{"path.id", "7", "media", multipartMedia, "form.a", v} }},
	{"a name of a file", func(v string) []string { return []string{"path.id", "7", "media", multipartMedia, "@name", v} }},
	{"a field of a file", func(v string) []string { return []string{"path.id", "7", "media", multipartMedia, "@field", v} }},
	{"a type of a file", func(v string) []string { return []string{"path.id", "7", "media", multipartMedia, "@type", v} }},
}

// sendRaw sends a draft to a raw gateway and returns the head that came there.
func sendRaw(t *testing.T, tg *target, pairs []string, sent func() string) (head string, refused bool) {
	t.Helper()
	d := &draft{Fields: map[string][]string{}, Files: map[string]upload{}}
	for i := 0; i < len(pairs); i += 2 {
		switch value := pairs[i+1]; pairs[i] {
		case "@name":
			d.Files["file.f"] = upload{Name: value, Content: []byte("x")}
		case "@field":
			d.Files["file."+value] = upload{Name: "n", Content: []byte("x")}
		case "@type":
			d.Files["file.f"] = upload{Name: "n", Media: value, Content: []byte("x")}
		default:
			d.Fields.Add(pairs[i], value)
		}
	}
	out, err := d.build(tg)
	if err != nil {
		return "", true
	}
	if d.get(keyField) == typed {
		c := &console{}
		if err := c.addKey(t.Context(), nil, &place{API: apiForTests}, d, out); err != nil {
			return "", true
		}
	}
	p := newProxy(clock.System(), func() *url.URL { return tg.Gateway }, nil, nil)
	answer, _, err := p.send(t.Context(), out)
	if err != nil {
		// The engine's own second look refused it, before anything was sent.
		return "", true
	}
	_ = answer.Body.Close()
	return sent(), false
}

// TestS19_ConsoleKeepsLines_NegativeControl writes a value into a head as it is:
// the raw gateway sees what was injected.
func TestS19_ConsoleKeepsLines_NegativeControl(t *testing.T) {
	address, sent := rawGateway(t)
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", mustURL(t, address).Host)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nX-A: "+lineEnds[0]+"\r\n\r\n")
	_ = conn.(*net.TCPConn).CloseWrite() //nolint:errcheck,forcetypeassert // It is a test's.
	if got := sent(); !strings.HasPrefix(got, "injected") {
		t.Errorf("the gateway did not see it: %s", got)
	}
	_ = conn.Close()
}
