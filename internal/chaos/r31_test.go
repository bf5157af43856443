package chaos

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The limits of R31.
const (
	// amplification is how much more than the client the gateway may spend.
	amplification = 20
	// connectionCost is what a connection costs a client besides what it sends: its
	// socket and the packets that open and close it, in bytes.
	connectionCost = 1 << 10
	// heldConnections are held open with a head that does not end.
	heldConnections = 400
)

var repeated = regexp.MustCompile(`\{\{(.*?)\*(\d+)\}\}`)

// corpus returns the requests of the vectors and of the fuzz targets.
func corpus(t *testing.T) (all []string) {
	t.Helper()
	text, err := os.ReadFile("../gateway/listen/testdata/http1.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if columns := strings.Split(strings.TrimSpace(line), "\t"); len(columns) >= 3 && line[0] != '#' {
			all = append(all, repeated.ReplaceAllStringFunc(unquote(t, columns[2]), func(m string) string {
				parts := repeated.FindStringSubmatch(m)
				n, _ := strconv.Atoi(parts[2]) // The expression lets only digits through.
				return strings.Repeat(strings.NewReplacer(`\r`, "\r", `\n`, "\n").Replace(parts[1]), n)
			}))
		}
	}
	const chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
	for target, before := range map[string]string{"FuzzRequest": "", "FuzzBuffer": "", "FuzzChunked": chunked} {
		files, err := filepath.Glob("../gateway/http1/testdata/fuzz/" + target + "/*")
		if err != nil || len(files) == 0 {
			t.Fatalf("there is no corpus of %s (%v)", target, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, value, _ := strings.Cut(string(data), "(")
			if end := strings.LastIndexByte(value, ')'); end > 0 && (value[0] == '"' || value[0] == '`') {
				if text, err := strconv.Unquote(value[:end]); err == nil {
					all = append(all, before+text)
				}
			}
		}
	}
	return all
}

func unquote(t *testing.T, text string) string {
	t.Helper()
	out, err := strconv.Unquote(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return out
}

// startAnswering starts a gateway that answers without a backend.
func startAnswering(t *testing.T, body string) *gateway {
	t.Helper()
	return start(t, options{apis: map[string]string{"": "127.0.0.1:1"}, policies: map[string]string{"": policyOf(
		"<return-response><set-status code=\"200\" reason=\"OK\" /><set-body>"+body+"</set-body></return-response>", "")}})
}

// spent is what clients and gateway have spent on requests, in bytes of memory
// and in processor time.
type spent struct {
	clientBytes, allocated float64
	client, gateway        time.Duration
}

func (s spent) memory() float64 { return s.allocated / s.clientBytes }
func (s spent) time() float64   { return float64(s.gateway) / float64(s.client) }

// send sends each request on a connection of its own and reads to the end.
func (g *gateway) send(t *testing.T, all []string, rounds int) (s spent) {
	t.Helper()
	allocated, client, own := g.metric(t, "go_memstats_alloc_bytes_total"), processorTime(t, os.Getpid()), g.processorTime(t)
	for range rounds {
		for _, text := range all {
			c, err := net.Dial("tcp", g.address)
			if err != nil {
				t.Fatal(err)
			}
			_ = c.SetDeadline(time.Now().Add(patience)) // Fails on a closed connection, as does all that follows.
			_, _ = io.WriteString(c, text)
			_ = c.(*net.TCPConn).CloseWrite()
			_, _ = io.Copy(io.Discard, c)
			_ = c.Close()
			s.clientBytes += float64(len(text) + connectionCost)
		}
	}
	s.allocated = g.metric(t, "go_memstats_alloc_bytes_total") - allocated
	s.client, s.gateway = processorTime(t, os.Getpid())-client, g.processorTime(t)-own
	return s
}

// hold sends heads of so many bytes that do not end, and returns what the gateway
// holds for each byte.
func (g *gateway) hold(t *testing.T, n int) float64 {
	t.Helper()
	text := "GET / HTTP/1.1\r\nHost: a\r\n"
	for len(text) < n {
		text += "X: " + strings.Repeat("x", min(n-len(text), 8<<10)) + "\r\n"
	}
	before := g.resident()
	var all []*client
	for range heldConnections {
		c, err := g.dial()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
		_, _ = c.Write([]byte(text)) // Fails where the gateway has closed.
	}
	pause(200 * time.Millisecond) // All of it is read by then, or held elsewhere.
	held := g.resident() - before
	for _, c := range all {
		_ = c.Close()
	}
	return max(0, float64(held)/float64(heldConnections*(len(text)+connectionCost)))
}

// TestR31_Amplification sends all vectors and corpora of HTTP/1.1, and heads that
// do not end.
func TestR31_Amplification(t *testing.T) {
	all := corpus(t)
	g := startAnswering(t, "ok")
	g.send(t, all[:100], 1)
	s := g.send(t, all, size(2, 50))
	small, large := g.hold(t, 100), g.hold(t, 60<<10)
	fmt.Printf("R31: for %d requests the gateway allocated %.1f bytes for each byte of a client (%d), and took %.2f of its processor time (%d); for %d heads that do not end it held %.1f for each of 100 bytes, %.1f of 60 KiB (%d)\n",
		len(all), s.memory(), amplification, s.time(), amplification, heldConnections, small, large, amplification)
	if s.memory() > amplification || s.time() > amplification || small > amplification || large > amplification {
		t.Error("that is too much")
	}
}

// TestR31_Amplification_NegativeControl has a policy make a large text for each
// request.
func TestR31_Amplification_NegativeControl(t *testing.T) {
	g := startAnswering(t, `@(new string('x', 400000))`)
	s := g.send(t, []string{"GET / HTTP/1.1\r\nHost: a\r\n\r\n"}, 50)
	if s.memory() <= amplification {
		t.Errorf("400,000 bytes an answer are %.1f times what the client has spent: the test finds nothing", s.memory())
	}
}
