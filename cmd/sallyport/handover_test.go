package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"testing"
)

// The size of TestR34_SocketHandover.
const (
	handovers       = 5
	handoverClients = 8
)

// successor is a gateway process of its own.
type successor struct {
	command *exec.Cmd
	log     *logBuffer
}

// startProcess starts a gateway as a process, on a socket that it is given or
// on an address.
func startProcess(t *testing.T, dir, address string, socket *os.File) *successor {
	t.Helper()
	s := &successor{log: newLogBuffer()}
	s.command = exec.CommandContext(t.Context(), os.Args[0], "gateway", "--config", dir, "--listen", address, "--admin", "")
	s.command.Env = append(os.Environ(), asCommand+"=1")
	if socket != nil {
		s.command.Env = append(s.command.Env, "LISTEN_FDS=1", "LISTEN_FDNAMES=listen")
		s.command.ExtraFiles = []*os.File{socket}
	}
	s.command.Stderr = s.log
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	return s
}

// ready waits until the process accepts connections.
func (s *successor) ready(t *testing.T) {
	t.Helper()
	s.log.wait(t, 0, `msg="accepting HTTP"`)
}

// stop asks the process to end, and waits for it.
func (s *successor) stop(t *testing.T) {
	t.Helper()
	if err := s.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := s.command.Wait(); err != nil {
		t.Errorf("the gateway ended with %v", err)
	}
}

// callers call a URL until they are stopped, each time on a new connection, and
// count.
type callers struct {
	stop          chan struct{}
	done          chan struct{}
	calls, failed atomic.Int64
}

func startCallers(url string) *callers {
	c := &callers{stop: make(chan struct{}), done: make(chan struct{}, handoverClients)}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for range handoverClients {
		go func() {
			defer func() { c.done <- struct{}{} }()
			for {
				select {
				case <-c.stop:
					return
				default:
					c.call(client, url)
				}
			}
		}()
	}
	return c
}

func (c *callers) call(client *http.Client, url string) {
	c.calls.Add(1)
	response, err := client.Get(url)
	if err != nil {
		c.failed.Add(1)
		return
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if err != nil || response.StatusCode != http.StatusOK || string(body) != "steady" {
		c.failed.Add(1)
	}
}

// end stops the callers and returns their counts.
func (c *callers) end() (calls, failed int64) {
	close(c.stop)
	for range handoverClients {
		<-c.done
	}
	return c.calls.Load(), c.failed.Load()
}

// TestR34_SocketHandover exchanges the gateway's process five times under load:
// the next one gets the socket of the one before it, which then drains.
func TestR34_SocketHandover(t *testing.T) {
	dir := t.TempDir()
	goodFolder(t, dir, "steady")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	socket, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	now := startProcess(t, dir, l.Addr().String(), socket)
	now.ready(t)
	if err := l.Close(); err != nil { // Only the processes accept.
		t.Fatal(err)
	}
	load := startCallers("http://" + l.Addr().String() + "/hello/world")
	for range handovers {
		next := startProcess(t, dir, l.Addr().String(), socket)
		next.ready(t)
		now.stop(t)
		now = next
	}
	calls, failed := load.end()
	now.stop(t)
	_ = socket.Close()
	fmt.Printf("R34: %d of %d calls failed over %d exchanges of the process (0)\n", failed, calls, handovers)
	if failed > 0 || calls < handovers {
		t.Errorf("%d of %d calls failed", failed, calls)
	}
}

// TestR34_SocketHandover_NegativeControl exchanges the process without handing
// the socket over: connections that come between the two are refused.
func TestR34_SocketHandover_NegativeControl(t *testing.T) {
	dir := t.TempDir()
	goodFolder(t, dir, "steady")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	now := startProcess(t, dir, address, nil)
	now.ready(t)
	load := startCallers("http://" + address + "/hello/world")
	now.stop(t)
	next := startProcess(t, dir, address, nil)
	next.ready(t)
	calls, failed := load.end()
	next.stop(t)
	if failed == 0 {
		t.Errorf("none of %d calls failed although the socket was closed in between", calls)
	}
}
