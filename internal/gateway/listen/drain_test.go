package listen

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/gateway/http1"
	"github.com/sallyport/sallyport/internal/message"
)

// drainedTimes is how often a drain is tried in every run of the tests.
const drainedTimes = 5

// chat answers a WebSocket with a first frame, and then ends as its client does.
func chat(r *message.Request, w message.Responder) {
	if r.Upgrade != http1.WebSocket {
		echo(r, w)
		return
	}
	near, far := net.Pipe()
	go func() {
		defer far.Close()
		_, _ = io.WriteString(far, "\x81\x02hi")
		_, _ = readFrame(far) // The client's Close.
	}()
	_, _ = w.Respond(&message.Response{Status: 101, Upgraded: near})
}

// readFrame reads a short frame and returns its payload, unmasked.
func readFrame(r io.Reader) (payload string, err error) {
	var header [2]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return "", err
	}
	var mask [4]byte
	if header[1]&0x80 != 0 {
		if _, err := io.ReadFull(r, mask[:]); err != nil {
			return "", err
		}
	}
	data := make([]byte, header[1]&0x7f)
	if _, err := io.ReadFull(r, data); err != nil {
		return "", err
	}
	for i := range data {
		data[i] ^= mask[i%4]
	}
	return string(data), nil
}

// openWebSocket opens a WebSocket and reads the first frame.
func openWebSocket(t *testing.T, address string) (*net.TCPConn, *bufio.Reader) {
	t.Helper()
	c := dial(t, address)
	_, err := io.WriteString(c, "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(c)
	answer, err := http.ReadResponse(r, nil)
	if err != nil || answer.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("the change of protocol was answered with %v, %v", answer, err)
	}
	if text, err := readFrame(r); err != nil || text != "hi" {
		t.Fatalf("the first frame is %q, %v", text, err)
	}
	return c, r
}

// load sends requests until it is stopped, and counts those that failed.
type load struct {
	sent, failed atomic.Int64
	first        atomic.Pointer[error]
	progress     chan struct{} // has one when something was sent
	stop         context.CancelFunc
	done         sync.WaitGroup
}

// startLoad sends requests in several goroutines: some on connections that are
// kept, some on new ones, some over HTTP/2, a third with a body.
func startLoad(t *testing.T, address string) *load {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	l := &load{stop: stop, progress: make(chan struct{}, 1)}
	for worker := range 6 {
		c := client(t, worker%3 == 2)
		l.done.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				l.count(l.request(c, address, i))
			}
		})
	}
	return l
}

func (l *load) request(c *http.Client, address string, i int) error {
	method, body := http.MethodGet, ""
	if i%3 == 0 {
		method, body = http.MethodPost, strings.Repeat("x", i%50)
	}
	r, err := http.NewRequest(method, "http://"+address+"/load", strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Close = i%10 == 0
	answer, err := c.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if want := method + " " + address + " /load\n" + body; answer.StatusCode != http.StatusOK || string(text) != want {
		return fmt.Errorf("answered %d with %q, want %q", answer.StatusCode, text, want)
	}
	return nil
}

func (l *load) count(err error) {
	l.sent.Add(1)
	select {
	case l.progress <- struct{}{}:
	default:
	}
	if err != nil {
		l.failed.Add(1)
		l.first.CompareAndSwap(nil, &err)
	}
}

// end stops the load and returns how much was sent and failed, with the first
// failure.
func (l *load) end() (sent, failed int64, first error) {
	l.stop()
	l.done.Wait()
	if e := l.first.Load(); e != nil {
		first = *e
	}
	return l.sent.Load(), l.failed.Load(), first
}

// reach waits until so many requests have been sent.
func (l *load) reach(n int64) {
	for l.sent.Load() < n {
		<-l.progress
	}
}

// twin returns another listener on the same socket, as a process that takes
// over gets it from the one before.
func twin(t *testing.T, l net.Listener) net.Listener {
	t.Helper()
	var f *os.File
	f, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	other, err := net.FileListener(f)
	if err != nil {
		t.Fatal(err)
	}
	return other
}

// replaceUnderLoad serves, lets a second server take the socket over under load,
// ends the first with end, and returns what became of the load.
func replaceUnderLoad(t *testing.T, end func(*Server)) (sent, failed int64, first error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	next := twin(t, l)
	before := startOn(t, Options{Handler: handlerFunc(chat), QuietTime: 5 * time.Second}, l)
	running := startLoad(t, address)
	running.reach(200)
	startOn(t, Options{Handler: handlerFunc(chat)}, next)
	end(before)
	running.reach(running.sent.Load() + 200)
	return running.end()
}

func TestR34_Drain(t *testing.T) {
	var all, bad int64
	for range drainedTimes {
		sent, failed, first := replaceUnderLoad(t, func(s *Server) { drain(t, s) })
		all, bad = all+sent, bad+failed
		if failed > 0 {
			t.Errorf("%d of %d requests failed while the server drained, want 0; the first: %v", failed, sent, first)
		}
	}
	fmt.Printf("R34: %d of %d requests failed over %d drains with the socket handed over (0)\n", bad, all, drainedTimes)
}

func TestR34_Drain_NegativeControl(t *testing.T) {
	var all, bad int64
	for i := 0; i < 10*drainedTimes && bad == 0; i++ {
		sent, failed, _ := replaceUnderLoad(t, func(s *Server) { _ = s.Close() })
		all, bad = all+sent, bad+failed
	}
	if bad == 0 {
		t.Error("no request failed although the connections were cut: the load finds nothing")
	}
	fmt.Printf("R34: %d of %d requests failed when connections were cut instead (more than 0)\n", bad, all)
}

func TestR34_WebSocketsAreTold1001(t *testing.T) {
	for range drainedTimes {
		s, address := start(t, Options{Handler: handlerFunc(chat), QuietTime: time.Minute})
		c, r := openWebSocket(t, address)
		done := make(chan struct{})
		go func() {
			defer close(done)
			drain(t, s)
		}()
		if text, err := readFrame(r); err != nil || text != "\x03\xe9" {
			t.Errorf("the WebSocket was told %q, %v, want a Close frame with 1001", text, err)
		}
		_, _ = io.WriteString(c, "\x88\x82\x00\x00\x00\x00\x03\xe9")
		if rest, err := io.ReadAll(r); err != nil || len(rest) > 0 {
			t.Errorf("after the Close frames there came %q, %v", rest, err)
		}
		<-done
	}
	fmt.Printf("R34: %d of %d WebSockets were told 1001 (all)\n", drainedTimes, drainedTimes)
}

func TestR34_WebSocketsAreTold1001_NegativeControl(t *testing.T) {
	s, address := start(t, Options{Handler: handlerFunc(chat)})
	_, r := openWebSocket(t, address)
	_ = s.Close()
	if text, _ := readFrame(r); text == "\x03\xe9" {
		t.Error("a WebSocket that was cut was told 1001: the test finds nothing")
	}
	fmt.Println("R34: a WebSocket whose connection is cut is told nothing (nothing)")
}

// goAwayFrame looks for a GOAWAY frame in what a server of HTTP/2 sends.
func goAwayFrame(r io.Reader) (found bool) {
	var header [frameHeaderBytes]byte
	for {
		if _, err := io.ReadFull(r, header[:]); err != nil {
			return found
		}
		if header[3] == 7 {
			found = true
		}
		length := int64(header[0])<<16 | int64(header[1])<<8 | int64(header[2])
		if _, err := io.CopyN(io.Discard, r, length); err != nil {
			return found
		}
	}
}

// toldGoAway reports whether a client of HTTP/2 gets GOAWAY when its server ends.
func toldGoAway(t *testing.T, end func(*Server)) bool {
	t.Helper()
	s, address := start(t, Options{QuietTime: time.Millisecond})
	c := dial(t, address)
	if _, err := io.WriteString(c, preface+"\x00\x00\x00\x04\x00\x00\x00\x00\x00"); err != nil {
		t.Fatal(err)
	}
	settings := make([]byte, frameHeaderBytes)
	if _, err := io.ReadFull(c, settings); err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(io.Discard, c, int64(settings[2])); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		end(s)
	}()
	defer func() { <-done }()
	return goAwayFrame(c)
}

func TestR34_GoAway(t *testing.T) {
	if !toldGoAway(t, func(s *Server) { drain(t, s) }) {
		t.Error("a connection of HTTP/2 got no GOAWAY")
	}
	fmt.Println("R34: a connection of HTTP/2 got GOAWAY (it must)")
}

func TestR34_GoAway_NegativeControl(t *testing.T) {
	if toldGoAway(t, func(s *Server) { _ = s.Close() }) {
		t.Error("a connection that was cut got GOAWAY: the test finds nothing")
	}
	fmt.Println("R34: a connection of HTTP/2 that was cut got no GOAWAY (none)")
}

func TestDrainClosesWhatIsLeft(t *testing.T) {
	begun := make(chan struct{})
	s, address := start(t, Options{QuietTime: time.Millisecond, Handler: handlerFunc(func(r *message.Request, _ message.Responder) {
		close(begun)
		<-r.Context.Done()
	})})
	c := dial(t, address)
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	<-begun
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Drain(ctx); err == nil || !strings.Contains(err.Error(), "1 connections were closed") {
		t.Errorf("draining said %v, want that a connection was closed", err)
	}
	if rest, _ := io.ReadAll(c); len(rest) > 0 {
		t.Errorf("the client was told %q", rest)
	}
}

func TestDrainSaysConnectionClose(t *testing.T) {
	s, address := start(t, Options{QuietTime: time.Minute})
	c := dial(t, address)
	r := bufio.NewReader(c)
	one := "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
	for i, wantClose := range []bool{false, true} {
		_, _ = io.WriteString(c, one)
		answer, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.ReadAll(answer.Body)
		if answer.Close != wantClose {
			t.Errorf("answer %d says close: %v, want %v", i, answer.Close, wantClose)
		}
		if i == 0 {
			if err := s.stopAccepting(); err != nil {
				t.Fatal(err)
			}
		}
	}
}
