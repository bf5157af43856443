package client

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/gateway/http1"
)

// The load of R19.
const (
	slowBackends = 1000
	slowBytes    = 3        // that each sends of its body, one a second
	memoryLimit  = 64 << 20 // bytes
	slowHeads    = 100      // that do not even send their head in time
	headTimeout  = 5 * time.Second
	tolerance    = 100 * time.Millisecond
)

// drip is a backend that sends its heads at once, and its bodies one byte a
// second. One goroutine serves all of its connections, so that what they cost is
// not counted for the client.
type drip struct {
	listener net.Listener
	conns    []net.Conn
}

// newDrip runs the backend.
func newDrip(t *testing.T) *drip {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &drip{listener: l}
	t.Cleanup(func() {
		_ = l.Close()
		for _, c := range d.conns {
			_ = c.Close()
		}
	})
	return d
}

// take takes n requests and sends their heads.
func (d *drip) take(t *testing.T, n int) {
	t.Helper()
	request := make([]byte, 1024)
	for range n {
		c, err := d.listener.Accept()
		if err != nil {
			t.Error(err)
			return
		}
		d.conns = append(d.conns, c)
		_, _ = c.Read(request)
		_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", slowBytes)
	}
}

// send sends one byte of each body.
func (d *drip) send() {
	for _, c := range d.conns {
		_, _ = c.Write([]byte("x"))
	}
}

// memory returns how many bytes are in use.
func memory() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

// slowBodies reads from all the backends at once, and calls another one
// meanwhile. It returns by how much memory has grown, and how many calls failed.
func slowBodies(t *testing.T, window int) (grown uint64, failed int64) {
	t.Helper()
	d := newDrip(t)
	others := scripted(t, smallAnswer, false)
	g := newRig(t, Options{})
	g.window = window
	url := "http://" + d.listener.Addr().String()
	before := memory()
	var begun, all sync.WaitGroup
	begun.Add(slowBackends)
	for range slowBackends {
		all.Go(func() {
			c := call(t, "GET", url)
			x, err := g.Do(c)
			begun.Done()
			if err != nil {
				atomic.AddInt64(&failed, 1)
				return
			}
			defer x.Free()
			if n, err := io.ReadFull(x, make([]byte, slowBytes)); n != slowBytes || err != nil {
				atomic.AddInt64(&failed, 1)
			}
		})
	}
	d.take(t, slowBackends)
	begun.Wait()
	for range slowBytes {
		if now := memory(); now > before {
			grown = max(grown, now-before)
		}
		g.want(t, call(t, "GET", others), `{"ok":true}`)
		g.clock.Advance(time.Second)
		d.send()
	}
	all.Wait()
	return grown, failed
}

// slowHeadCalls calls backends that send a byte of their head now and then. It
// returns how many calls ended a tolerance before their time-out, and how many a
// tolerance behind it.
func slowHeadCalls(t *testing.T, timeout time.Duration) (early, ended int64) {
	t.Helper()
	begun := make(chan struct{}, slowHeads)
	url := backend(t, func(c net.Conn, r *bufio.Reader) {
		skipHead(r)
		_, _ = io.WriteString(c, "H")
		begun <- struct{}{}
		_, _ = io.Copy(io.Discard, r)
	})
	g := newRig(t, Options{})
	var n atomic.Int64
	var all sync.WaitGroup
	for range slowHeads {
		all.Go(func() {
			c := call(t, "GET", url)
			c.Deadline = g.clock.Now().Add(timeout)
			if _, err := g.do(c); errors.Is(err, ErrTimeout) {
				n.Add(1)
			}
		})
	}
	for range slowHeads {
		<-begun
	}
	g.clock.Advance(headTimeout - tolerance)
	runtime.Gosched()
	early = n.Load()
	g.clock.Advance(2 * tolerance)
	for began := time.Now(); n.Load() < slowHeads && time.Since(began) < time.Second; {
		time.Sleep(time.Millisecond) // Until they have noticed; those of the control never do.
	}
	ended = n.Load()
	g.clock.Advance(timeout)
	all.Wait()
	return early, ended
}

func TestR19_SlowBackends(t *testing.T) {
	grown, failed := slowBodies(t, http1.MediumBuffer)
	if grown > memoryLimit || failed > 0 {
		t.Errorf("with %d slow backends memory has grown by %d bytes, want %d at most; %d calls failed", slowBackends, grown, memoryLimit, failed)
	}
	early, ended := slowHeadCalls(t, headTimeout)
	if early > 0 || ended < slowHeads {
		t.Errorf("of %d calls %d ended more than %v before their time-out, %d by %v behind it", slowHeads, early, tolerance, ended, tolerance)
	}
	fmt.Printf("R19: +%.1f MiB for %d slow backends (64), %d of %d calls within %v of their time-out (all)\n",
		float64(grown)/(1<<20), slowBackends, ended-early, slowHeads, tolerance)
}

func TestR19_SlowBackends_NegativeControl(t *testing.T) {
	grown, _ := slowBodies(t, http1.LargeBuffer+1)
	if grown <= memoryLimit {
		t.Errorf("with the largest window each memory has grown by %d bytes: the test finds nothing", grown)
	}
	early, ended := slowHeadCalls(t, 2*headTimeout)
	if ended-early == slowHeads {
		t.Error("with a time-out that is too long all calls end in time: the test finds nothing")
	}
	fmt.Printf("R19: +%.1f MiB with the largest window each (more than 64), %d of %d calls in time with a later time-out (fewer)\n",
		float64(grown)/(1<<20), ended-early, slowHeads)
}
