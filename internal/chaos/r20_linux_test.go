package chaos

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

const (
	// nameServerAddress is where the gateway is told to ask.
	nameServerAddress = "127.0.77.53"
	// nameTTL is that of the answers.
	nameTTL = time.Second
	// followWithin is by when, after that, a backend that has moved is followed.
	followWithin = 5 * time.Second
	// movedHost is the backend's name.
	movedHost = "backend.example."
)

// names is a name server that knows one host.
type names struct {
	conn    *net.UDPConn
	down    atomic.Bool
	address atomic.Pointer[netip.Addr]
	asked   atomic.Int64
}

// newNames runs a name server until the test ends.
func newNames(t *testing.T, address string) *names {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.ParseIP(nameServerAddress), Port: 53})
	if err != nil {
		t.Fatalf("SKIPPED-REQUIRED: the port of name servers is not ours: %v", err)
	}
	if err := exec.CommandContext(t.Context(), "unshare", "--mount", "true").Run(); err != nil {
		_ = conn.Close()
		t.Fatalf("SKIPPED-REQUIRED: no mount namespaces: %v", err)
	}
	n := &names{conn: conn}
	n.move(address)
	var ended sync.WaitGroup
	ended.Go(func() {
		buffer := make([]byte, 512)
		for {
			size, from, err := conn.ReadFromUDP(buffer)
			if err != nil {
				return
			}
			if answer := n.answer(buffer[:size]); answer != nil {
				_, _ = conn.WriteToUDP(answer, from)
			}
		}
	})
	t.Cleanup(func() {
		_ = conn.Close()
		ended.Wait()
	})
	return n
}

// move gives the host another address.
func (n *names) move(address string) {
	to := netip.MustParseAddr(address)
	n.address.Store(&to)
}

// answer answers a question; nil is no answer at all.
func (n *names) answer(question []byte) []byte {
	var m dnsmessage.Message
	if err := m.Unpack(question); err != nil || len(m.Questions) != 1 || n.down.Load() {
		return nil
	}
	n.asked.Add(1)
	q := m.Questions[0]
	m.Header.Response, m.Header.RecursionAvailable, m.Additionals = true, true, nil
	switch {
	case !strings.EqualFold(q.Name.String(), movedHost):
		m.Header.RCode = dnsmessage.RCodeNameError
	case q.Type == dnsmessage.TypeA:
		m.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: uint32(nameTTL.Seconds())},
			Body:   &dnsmessage.AResource{A: n.address.Load().As4()},
		}}
	}
	packed, err := m.Pack()
	if err != nil {
		return nil
	}
	return packed
}

// twins are backends on one port of two addresses, which answer with theirs.
func twins(t *testing.T, addresses ...string) (port string) {
	t.Helper()
	for _, address := range addresses {
		if port == "" {
			port = "0"
		}
		l, err := net.Listen("tcp", net.JoinHostPort(address, port))
		if err != nil {
			t.Fatalf("SKIPPED-REQUIRED: %v", err)
		}
		_, port, _ = net.SplitHostPort(l.Addr().String())
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, address) }))
		_ = s.Listener.Close()
		s.Listener = l
		s.Start()
		t.Cleanup(s.Close)
	}
	return port
}

// resolved starts a gateway whose backend is a name.
func resolved(t *testing.T, port string) *gateway {
	t.Helper()
	file := filepath.Join(t.TempDir(), "resolv.conf")
	if err := os.WriteFile(file, []byte("nameserver "+nameServerAddress+"\noptions timeout:1 attempts:1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return start(t, options{apis: map[string]string{"a": movedHost + ":" + port}, resolver: file})
}

// TestR20_ResolverOfTheProcess takes the resolver from a running gateway, gives it
// back, and moves the backend: no call fails, and the backend is followed.
func TestR20_ResolverOfTheProcess(t *testing.T) {
	port := twins(t, "127.0.0.2", "127.0.0.3")
	n := newNames(t, "127.0.0.2")
	g := resolved(t, port)
	client := &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 4}}
	defer client.CloseIdleConnections()
	var calls, failed atomic.Int64
	var seen atomic.Pointer[string]
	stop := make(chan struct{})
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				case <-time.After(10 * time.Millisecond):
				}
				calls.Add(1)
				answer, err := get(client, "http://"+g.address+"/a/")
				if err != nil {
					failed.Add(1)
					continue
				}
				seen.Store(&answer)
			}
		})
	}
	at := func(address string) func() bool {
		return func() bool { last := seen.Load(); return last != nil && *last == address }
	}
	eventually(t, "the backend answers", at("127.0.0.2"))
	n.down.Store(true)
	pause(size(8*time.Second, time.Minute))
	n.down.Store(false)
	asked := n.asked.Load()
	eventually(t, "the resolver is asked again", func() bool { return n.asked.Load() > asked })
	n.move("127.0.0.3")
	took := eventually(t, "the backend is followed", at("127.0.0.3"))
	close(stop)
	all.Wait()
	if failed.Load() > 0 {
		t.Errorf("%d of %d calls failed", failed.Load(), calls.Load())
	}
	if limit := nameTTL + followWithin; took > limit {
		t.Errorf("the new address was used after %v, want %v at most", took, limit)
	}
	fmt.Printf("R20: %d of %d calls of the process failed without a resolver (0), the new address was used after %.1f s (%.0f s)\n",
		failed.Load(), calls.Load(), took.Seconds(), (nameTTL + followWithin).Seconds())
}

// get returns the body of an answer with 200.
func get(client *http.Client, url string) (string, error) {
	r, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err == nil && r.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", r.Status, body)
	}
	return string(body), err
}

// TestR20_ResolverOfTheProcess_NegativeControl takes the resolver away before the
// gateway has asked: then calls fail, so the resolver is the one that is asked.
func TestR20_ResolverOfTheProcess_NegativeControl(t *testing.T) {
	port := twins(t, "127.0.0.2")
	n := newNames(t, "127.0.0.2")
	n.down.Store(true)
	g := resolved(t, port)
	client := &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	if answer, err := get(client, "http://"+g.address+"/a/"); err == nil {
		t.Errorf("a backend that nobody knows answered %s", answer)
	}
}
