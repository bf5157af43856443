package upstream

import (
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
)

// The load of R19.
const (
	slowBackends = 1000
	slowBytes    = 2 // that each sends one after the other, while memory is looked at
	memoryLimit  = 64 << 20
)

// memory returns how many bytes are in use.
func memory() uint64 {
	runtime.GC()
	runtime.GC() // What lay in pools goes with the second.
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

// hoard is the body of an answer that holds memory of its own.
type hoard struct {
	io.Reader
	held []byte
}

// Close does nothing: the call's end closes the body beneath.
func (h *hoard) Close() error { return nil }

// slowThroughGateway calls backends through the whole gateway that send their
// heads, and then a byte now and then. It returns by how much memory has grown.
// With hoarded, each body holds that many bytes more.
func slowThroughGateway(t *testing.T, hoarded int) (grown uint64) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	g := newRig(t, Options{})
	target := mustURL(t, "http://"+l.Addr().String())
	address := g.start(t, handlerFunc(func(r *message.Request, w message.Responder) {
		x := &served{}
		c := &x.call
		c.Reset()
		defer c.Reset()
		c.Request, c.Response, c.Services, c.Directory, c.Original = r, &x.response, g.services, g.directory, r.URL
		c.SetBaseURL(&target)
		if err := g.manager.Forward(c, &policy.DefaultForward); err != nil {
			answerFailure(err, w)
			return
		}
		if body, err := x.response.Body.Reader(); err == nil {
			x.response.Body.SetStream(&hoard{body, make([]byte, hoarded)}, x.response.Body.Size())
		}
		_, _ = w.Respond(&x.response)
	}))
	before := memory()
	var clients, backends []net.Conn
	buffer := make([]byte, 1024)
	defer func() {
		for i := range clients {
			_ = clients[i].Close()
			_ = backends[i].Close()
		}
	}()
	for range slowBackends {
		c, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		b, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		clients, backends = append(clients, c), append(backends, b)
		_, _ = b.Read(buffer)
		_, _ = fmt.Fprintf(b, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", slowBytes+1)
	}
	for range slowBytes {
		for i, b := range backends {
			_, _ = b.Write([]byte("x"))
			_, _ = clients[i].Read(buffer) // It has gone through.
		}
		if now := memory(); now > before {
			grown = max(grown, now-before)
		}
	}
	return grown
}

func TestR19_SlowBackendsThroughTheGateway(t *testing.T) {
	grown := slowThroughGateway(t, 0)
	if grown > memoryLimit {
		t.Errorf("%d slow backends take %d bytes, want %d at most", slowBackends, grown, memoryLimit)
	}
	fmt.Printf("R19: +%.1f MiB for %d slow backends through the gateway (64)\n", float64(grown)/(1<<20), slowBackends)
}

func TestR19_SlowBackendsThroughTheGateway_NegativeControl(t *testing.T) {
	grown := slowThroughGateway(t, 128<<10)
	if grown <= memoryLimit {
		t.Errorf("with 128 KiB more each they take %d bytes: the test finds nothing", grown)
	}
	fmt.Printf("R19: +%.1f MiB for them with 128 KiB more each (more than 64)\n", float64(grown)/(1<<20))
}
