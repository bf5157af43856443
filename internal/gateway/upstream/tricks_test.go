package upstream

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sallyport/sallyport/internal/gateway/match"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/snapshot/route"
)

// trickTable has an operation that is open, and one that is not.
func trickTable(t *testing.T) *route.Table {
	t.Helper()
	var b route.Builder
	api, err := b.AddAPI(route.API{Name: "shop", Path: "shop", Revision: "1", Current: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, template := range []string{"/items/{id}", "/admin/keys", "/public/*", "/{page}"} {
		if err := b.AddOperation(api, http.MethodGet, template, int32(i)); err != nil {
			t.Fatal(err)
		}
	}
	table, problems := b.Build()
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return table
}

// tricks are spellings of paths that servers read in different ways.
func tricks() []string {
	var all []string
	for _, from := range []string{"/shop/items/1", "/shop/admin/keys", "/shop/public/a/b", "/shop/page"} {
		for i := 1; i < len(from); i++ {
			if from[i] == '/' {
				for _, s := range []string{"%2f", "%2F", "//", "/./", "/../", "/%2e/", "/%2e%2e/", "/..;/", "\\", "%5c", ";x/", "/;/", "%252f", "%c0%af", "%00/", "/%20", "?/", "%3f/", "#/", "%23/"} {
					all = append(all, from[:i]+s+from[i+1:])
				}
				continue
			}
			all = append(all, fmt.Sprintf("%s%%%02x%s", from[:i], from[i], from[i+1:]), from[:i]+strings.ToUpper(from[i:i+1])+from[i+1:],
				fmt.Sprintf("%s%%25%02x%s", from[:i], from[i], from[i+1:]), from[:i]+";"+from[i:], from[:i]+"%09"+from[i:])
		}
		for _, s := range []string{"/", "/.", "/..", "%2e", ".", ";", ";a=b", "%3b", "%00", "%20", "+", "%2b", "?a=%2f", "%c3%a9", "\xc3\xa9", "%e9", "%", "%2", "%zz", "|", "%7c", "~", "%7e"} {
			all = append(all, from+s)
		}
		for _, s := range []string{"/shop/public/..", "/shop/public/%2e%2e", "/shop/public/..;", "//", "/.", "/x/.."} {
			all = append(all, s+strings.TrimPrefix(from, "/shop"), s+from)
		}
	}
	return all
}

// trick is what became of one path.
type trick struct {
	raw      string
	status   int
	matched  string // path below the API, as it was matched
	received string // as the backend received it
}

// sendTricks sends the paths through listen, matching and upstream. forwarded
// chooses the path that goes on.
func sendTricks(t *testing.T, forwarded func(r *message.Request, raw string, prefix int)) (all []trick) {
	t.Helper()
	var received, matched atomic.Value
	backend := serve(t, func(_ http.ResponseWriter, r *http.Request) { received.Store(r.RequestURI) })
	base := mustURL(t, backend.URL)
	table := trickTable(t)
	g := newRig(t, Options{})
	address := g.start(t, handlerFunc(func(r *message.Request, w message.Responder) {
		var m route.Match
		raw := r.URL.Path
		if fault := match.Find(table, r, &m); fault != nil {
			_, _ = w.Respond(&message.Response{Status: fault.Status})
			return
		}
		matched.Store(strings.Clone(r.URL.Path[m.PrefixLen:]))
		forwarded(r, raw, m.PrefixLen)
		c := &policy.Call{}
		c.Reset()
		var response message.Response
		c.Request, c.Response, c.Services, c.Directory, c.Original = r, &response, g.services, g.directory, r.URL
		c.SetBaseURL(&base)
		if err := g.manager.Forward(c, &policy.DefaultForward); err != nil {
			answerFailure(err, w)
			return
		}
		_, _ = w.Respond(&response)
	}))
	c, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	in := bufio.NewReader(c)
	for _, raw := range tricks() {
		matched.Store("")
		received.Store("")
		if _, err := io.WriteString(c, "GET "+raw+" HTTP/1.1\r\nHost: a\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		answer, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatalf("%q: %v", raw, err)
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		all = append(all, trick{raw, answer.StatusCode, matched.Load().(string), received.Load().(string)})
		if answer.Close { // It was refused in front.
			_ = c.Close()
			if c, err = net.Dial("tcp", strings.TrimPrefix(address, "http://")); err != nil {
				t.Fatal(err)
			}
			in = bufio.NewReader(c)
		}
	}
	return all
}

// misrouted counts the tricks whose path was forwarded otherwise than it was
// matched, and those that were forwarded at all.
func misrouted(all []trick) (wrong, forwarded int, first trick) {
	for _, one := range all {
		if one.received == "" {
			continue
		}
		forwarded++
		path, _, _ := strings.Cut(one.received, "?")
		if path != one.matched || one.status != 200 {
			wrong++
			first = one
		}
	}
	return wrong, forwarded, first
}

func TestS7_ForwardedAsMatched(t *testing.T) {
	all := sendTricks(t, func(r *message.Request, _ string, prefix int) { r.URL.Path = r.URL.Path[prefix:] })
	wrong, forwarded, first := misrouted(all)
	if wrong > 0 {
		t.Errorf("%d paths were forwarded otherwise than matched; one: %+v", wrong, first)
	}
	for _, one := range all {
		if one.received == "" && one.status != 400 && one.status != 404 {
			t.Errorf("%+v: want 400 or 404", one)
		}
	}
	if len(all) < 500 || forwarded < len(all)/10 || forwarded > len(all)*9/10 {
		t.Errorf("%d tricks, %d of them forwarded: not a test", len(all), forwarded)
	}
	fmt.Printf("S7: %d tricks through the gateway, %d forwarded, %d otherwise than matched (0)\n", len(all), forwarded, wrong)
}

func TestS7_ForwardedAsMatched_NegativeControl(t *testing.T) {
	all := sendTricks(t, func(r *message.Request, raw string, prefix int) { r.URL.Path = raw[min(prefix, len(raw)):] })
	wrong, forwarded, _ := misrouted(all)
	if wrong == 0 {
		t.Error("with the raw path forwarded none differs: the test finds nothing")
	}
	fmt.Printf("S7: with the raw path forwarded %d of %d differ from what was matched (more than 0)\n", wrong, forwarded)
}
