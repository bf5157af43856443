package upstream

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
)

// answers are what the mutated answers of backends are made of.
var answers = []string{
	"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: 1\r\nX-a: 2\r\n\r\nhello",
	"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;a=b\r\n!\r\n0\r\nX-Sum: 1\r\n\r\n",
	"HTTP/1.1 204 No Content\r\nETag: \"x\"\r\n\r\n",
	"HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n",
	"HTTP/1.1 200 OK\r\nConnection: close, X-Mine\r\nX-Mine: 1\r\nKeep-Alive: 5\r\n\r\nuntil the end",
	"HTTP/1.0 200 Fine\r\nServer: old\r\n\r\nuntil the end",
	"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 500 \r\nContent-Length: 2\r\nRetry-After: 5\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\n\r\nno",
}

// odd are answers that are malformed, or nearly so, in ways that chance seldom
// finds.
var odd = []string{
	"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nx",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nContent-Length: 02\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok",
	"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
	"HTTP/1.1 103 Early Hints\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nX-A: a\x01b\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nX-A: a\rb\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nX A: 1\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;=\r\nx\r\n0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1 \r\nx\r\n0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\nx\n0\n\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Sum: 1\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nok",
	"HTTP/1.1  200 OK\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 999 High\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.2 200 OK\r\nContent-Length: 0\r\n\r\n",
	"\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 205 Reset Content\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nX\xc3\xa9: 1\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nX-A: caf\xe9\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 200 OK\r\n: 1\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nX\r\nContent-Length: 0\r\n\r\n",
}

// tokens are put into answers.
var tokens = []string{
	"\r\n", "\n", "\r", " ", "\t", ":", "0", "\x00", "\x7f", "\xff", "Content-Length: 5\r\n", "Content-Length: 3\r\n", "Content-Length : 5\r\n",
	"Transfer-Encoding: chunked\r\n", "Transfer-Encoding: gzip\r\n", "Connection: X-A\r\n", "X-B: 1\r\n folded\r\n", "HTTP/1.1 ", "HTTP/1.1 200 OK\r\n\r\n",
	"FFFFFFFFFFFFFFFFF", "-1", "+5", "0x5", ";", "Trailer: X-Sum\r\n", "Upgrade: h2c\r\n",
}

// mutate changes an answer in one to three places.
func mutate(r *rand.Rand, text string) string {
	for range 1 + r.IntN(3) {
		at := r.IntN(len(text) + 1)
		to := min(at+1+r.IntN(8), len(text))
		switch r.IntN(5) {
		case 0:
			text = text[:at] + tokens[r.IntN(len(tokens))] + text[at:]
		case 1:
			text = text[:at] + text[to:]
		case 2:
			text = text[:at] + text[at:to] + text[at:]
		case 3:
			text = text[:at]
		default:
			text = text[:at] + tokens[r.IntN(len(tokens))] + text[to:]
		}
	}
	return text
}

// outcome of a call, in words that both engines share.
type result struct {
	Status  int
	Reason  string
	Header  []string
	Body    string
	Trailer []string
	Failure string // empty where there was none
}

// sorted writes fields down without regard to order and spelling.
func sorted(h *message.Header) []string {
	var list []string
	for _, f := range h.Fields() {
		list = append(list, http.CanonicalHeaderKey(f.Name)+": "+f.Value)
	}
	slices.Sort(list)
	return list
}

// via calls a backend over an engine.
func (g *rig) via(tb testing.TB, url string) result {
	tb.Helper()
	c := g.call(tb, http.MethodGet, url)
	defer c.Reset()
	if err := g.manager.Forward(c, &policy.DefaultForward); err != nil {
		fault, ok := errors.AsType[*policy.Fault](err)
		if !ok || fault.Reason != policy.ReasonBackendConnectionFailure {
			tb.Errorf("failed with %v", err)
			return result{}
		}
		return result{Failure: "head: " + fault.Err.Error()}
	}
	out := result{Status: c.Response.Status, Reason: strings.TrimSpace(c.Response.Reason), Header: sorted(&c.Response.Header)}
	body, err := c.Response.Body.Buffer(1 << 20)
	out.Body = string(body)
	if err != nil {
		out.Failure = "body: " + err.Error()
	}
	out.Trailer = sorted(&c.Response.Trailer)
	_ = c.Response.Discard()
	return clone(out)
}

// clone copies the views of a result.
func clone(r result) result {
	r.Reason = strings.Clone(r.Reason)
	for _, list := range [][]string{r.Header, r.Trailer} {
		for i := range list {
			list[i] = strings.Clone(list[i])
		}
	}
	return r
}

// stricter are the failures of our own engine where net/http lets an answer
// through, each with why it does not.
var stricter = map[string]string{
	"the status line is malformed":         "one space, three digits, nothing before the version",
	"BareLineFeed":                         "a line that ends without a carriage return ends elsewhere for others",
	"ObsFold":                              "a folded field is two fields for others",
	"FieldName":                            "a name that is no token, or has a space before its colon",
	"Content-Length and Transfer-Encoding": "the answer's end could be read in two ways",
	"HTTP/1.0 has no Transfer-Encoding":    "as above",
	"ChunkExtension":                       "extensions are checked, though they are not passed on",
	"TrailerField":                         "a trailer cannot frame, route or authenticate",
	"nobody had asked it to":               "a connection is not given away unasked",
}

// laxer are the failures of net/http where our own engine lets an answer through.
var laxer = map[string]string{
	"multiple Content-Length": "one length in two spellings is one length",
}

// TestDifferential has both engines read the same answers, well-formed and not.
// Where they differ the tables say why.
func TestDifferential(t *testing.T) {
	const rounds = 1500
	r := rand.New(rand.NewPCG(62, 63))
	scripts := slices.Concat(answers, odd)
	for len(scripts) < rounds {
		scripts = append(scripts, mutate(r, answers[r.IntN(len(answers))]))
	}
	url := scriptedBackend(t, scripts)
	own, standard := newRig(t, Options{}), newRig(t, Options{Engine: EngineStandard})
	explained, same := map[string]int{}, 0
	for i, text := range scripts {
		at := url + "/" + strconv.Itoa(i)
		a, b := own.via(t, at), standard.via(t, at)
		switch why := explain(text, a, b); {
		case why == "same":
			same++
		case why != "":
			explained[why]++
		default:
			t.Errorf("%q:\n%s", text, cmp.Diff(b, a))
		}
	}
	for _, why := range slices.Sorted(maps.Keys(explained)) {
		t.Logf("%5d %s", explained[why], why)
	}
	for _, table := range []map[string]string{stricter, laxer} {
		for why := range table {
			if explained[why] == 0 {
				t.Errorf("nothing differs for %q: the table is out of date", why)
			}
		}
	}
	t.Logf("%d of %d answers were read alike", same, rounds)
}

// explain says why two results differ: "same" where they do not, "" where nothing
// explains it.
func explain(text string, own, standard result) string {
	if own.Failure == "" && standard.Failure == "" {
		if cmp.Equal(own, standard) {
			return "same"
		}
		standard.Header = slices.DeleteFunc(standard.Header, func(line string) bool {
			name, _, _ := strings.Cut(line, ":")
			_, named, _ := strings.Cut(text, "Connection: close")
			named, _, _ = strings.Cut(named, "\r\n")
			return strings.Contains(named, name)
		})
		if slices.Equal(own.Header, standard.Header) {
			return "a field that Connection names beside close, which net/http passes on"
		}
		return ""
	}
	if own.Failure != "" && standard.Failure != "" {
		return "same"
	}
	table, failure := stricter, own.Failure
	if own.Failure == "" {
		table, failure = laxer, standard.Failure
	}
	for part := range table {
		if strings.Contains(failure, part) {
			return part
		}
	}
	return ""
}

// scriptedBackend runs a backend that answers with what the path says, and closes
// the connection.
func scriptedBackend(t *testing.T, scripts []string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer c.Close()
				request, err := http.ReadRequest(bufio.NewReader(c))
				if err != nil {
					return
				}
				n, _ := strconv.Atoi(strings.TrimPrefix(request.URL.Path, "/"))
				_, _ = io.WriteString(c, scripts[n])
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		all.Wait()
	})
	return fmt.Sprint("http://", l.Addr())
}
