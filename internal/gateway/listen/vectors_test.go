package listen

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// vector is one exchange of testdata/http1.txt.
type vector struct {
	name, status, bytes, seen string
	hasSeen                   bool
}

var repeated = regexp.MustCompile(`\{\{(.*?)\*(\d+)\}\}`)

// vectors reads testdata/http1.txt.
func vectors(tb testing.TB) []vector {
	tb.Helper()
	text, err := os.ReadFile("testdata/http1.txt")
	if err != nil {
		tb.Fatal(err)
	}
	var all []vector
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSuffix(line, "\n"); line == "" || line[0] == '#' {
			continue
		}
		columns := strings.Split(line, "\t")
		v := vector{status: columns[0], name: columns[1], bytes: expand(tb, columns[2])}
		if len(columns) > 3 {
			v.seen, v.hasSeen = unquote(tb, columns[3]), true
		}
		all = append(all, v)
	}
	return all
}

func unquote(tb testing.TB, text string) string {
	tb.Helper()
	out, err := strconv.Unquote(text)
	if err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
	return out
}

func expand(tb testing.TB, text string) string {
	tb.Helper()
	return repeated.ReplaceAllStringFunc(unquote(tb, text), func(m string) string {
		parts := repeated.FindStringSubmatch(m)
		n, _ := strconv.Atoi(parts[2])
		return strings.Repeat(strings.NewReplacer(`\r`, "\r", `\n`, "\n").Replace(parts[1]), n)
	})
}

// failures returns which vectors a server does not answer as it should.
func failures(t *testing.T, address string, all []vector, piece int) (failed []string) {
	t.Helper()
	for _, v := range all {
		if piece == 1 && len(v.bytes) > 1000 {
			continue
		}
		text := exchangeRaw(t, address, v.bytes, piece)
		codes, bodies := statuses(text)
		if strings.HasPrefix(v.bytes, "HEAD") {
			codes = codes[:min(1, len(codes))]
		}
		got := strings.Join(codes, ",")
		switch {
		case got != v.status:
			failed = append(failed, fmt.Sprintf("%s: answered %q, want %q", v.name, got, v.status))
		case v.hasSeen && (len(bodies) == 0 || bodies[0] != v.seen):
			failed = append(failed, fmt.Sprintf("%s: handler saw %q, want %q", v.name, bodies, v.seen))
		}
	}
	return failed
}

// minVectors is how many there must be.
const minVectors = 300

func TestS2_HTTP1Vectors(t *testing.T) {
	all := vectors(t)
	if len(all) < minVectors {
		t.Errorf("there are %d vectors, want %d", len(all), minVectors)
	}
	_, address := start(t, Options{})
	bad := 0
	for _, piece := range []int{1 << 20, 1, 7} {
		for _, f := range failures(t, address, all, piece) {
			t.Errorf("in pieces of %d bytes: %s", piece, f)
			bad++
		}
	}
	fmt.Printf("S2: %d of %d HTTP/1.1 vectors right, whole and in pieces (all)\n", len(all)-bad, len(all))
}

// bareNetHTTP is what the engine does without the check in front.
func bareNetHTTP(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, 0, 512)
		buffer := make([]byte, 512)
		for {
			n, err := r.Body.Read(buffer)
			body = append(body, buffer[:n]...)
			if err != nil {
				if err.Error() != "EOF" {
					w.WriteHeader(http.StatusBadGateway) // As httputil.ReverseProxy.
					return
				}
				break
			}
		}
		text := r.Method + " " + r.Host + " " + r.URL.RequestURI() + "\n" + string(body)
		w.Header().Set("Content-Length", strconv.Itoa(len(text)))
		_, _ = w.Write([]byte(text))
	})}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return l.Addr().String()
}

func TestS2_HTTP1Vectors_NegativeControl(t *testing.T) {
	var strict []vector
	for _, v := range vectors(t) {
		if !v.hasSeen && strings.HasSuffix(v.status, "400") {
			strict = append(strict, v)
		}
	}
	failed := failures(t, bareNetHTTP(t), strict, 1<<20)
	if len(failed) < 15 {
		t.Errorf("bare net/http fails %d of %d, want at least 15: the vectors find nothing", len(failed), len(strict))
	}
	fmt.Printf("S2: without the check in front, %d of %d malformed requests get another answer (at least 15)\n", len(failed), len(strict))
}
