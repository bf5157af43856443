// Package redistest gives tests servers of a real Redis or Valkey: one alone,
// one that sentinels watch, or a cluster. Each test has servers of its own, on
// free ports of this machine, which it may kill, stop for a while and start
// again.
package redistest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// patience bounds the start of servers and each thing that is asked of them.
const patience = 20 * time.Second

// Flavour is the program that tests run.
type Flavour string

// The flavours.
const (
	Redis  Flavour = "redis-server"
	Valkey Flavour = "valkey-server"
)

// Flavours are all flavours, for tests that run on each.
func Flavours() []Flavour { return []Flavour{Redis, Valkey} }

// Options says how a server is started.
type Options struct {
	// Flavour is Redis where it is empty.
	Flavour Flavour
	// Password is what clients must sign in with; empty for nothing.
	Password string
	// Durable servers have all that they acknowledged after Kill and Restart;
	// others are empty.
	Durable bool
	// Args are more arguments of the program.
	Args []string
}

// Server is one server of a test. Its methods may be called concurrently.
type Server struct {
	t       testing.TB
	options Options
	folder  string
	port    int
	args    []string

	mu      sync.Mutex
	process *exec.Cmd
	ended   chan struct{} // Closed when the process is gone.
}

// Start runs a server until the test ends.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	s := prepare(t, o)
	s.args = append(s.args, "--save", "", "--appendonly", "no")
	if o.Durable {
		s.args = append(s.args, "--appendonly", "yes", "--appendfsync", "always")
	}
	s.Restart()
	return s
}

// prepare makes a server that does not run yet.
func prepare(t testing.TB, o Options) *Server {
	t.Helper()
	if o.Flavour == "" {
		o.Flavour = Redis
	}
	if _, err := exec.LookPath(string(o.Flavour)); err != nil {
		t.Fatalf("SKIPPED-REQUIRED: %s is not installed; scripts/services.sh installs it where Debian has it", o.Flavour)
	}
	redis.SetLogger(silent{}) // A server that is awaited is away at first.
	s := &Server{t: t, options: o, folder: t.TempDir(), port: freePort(t)}
	s.args = []string{
		"--bind", "127.0.0.1", "--port", strconv.Itoa(s.port), "--dir", s.folder, "--daemonize", "no",
		"--logfile", filepath.Join(s.folder, "log"),
	}
	if o.Password != "" {
		s.args = append(s.args, "--requirepass", o.Password, "--masterauth", o.Password)
	}
	s.args = append(s.args, o.Args...)
	t.Cleanup(s.Kill)
	return s
}

// Address is host:port of the server.
func (s *Server) Address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// URL is the server as redisconn.Parse reads it.
func (s *Server) URL() string {
	if s.options.Password != "" {
		return "redis://:" + s.options.Password + "@" + s.Address()
	}
	return "redis://" + s.Address()
}

// Kill ends the server without warning, as SIGKILL does. It may be called again.
func (s *Server) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return
	}
	if err := s.process.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.t.Errorf("killing %s: %v", s.options.Flavour, err)
	}
	<-s.ended
	s.process = nil
}

// Pause stops the server as it stands: connections stay open and nothing is
// answered, until Resume.
func (s *Server) Pause() { s.signal(syscall.SIGSTOP) }

// Resume lets a server go on after Pause.
func (s *Server) Resume() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(which os.Signal) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		s.t.Errorf("%s: %s does not run", which, s.options.Flavour)
		return
	}
	if err := s.process.Process.Signal(which); err != nil {
		s.t.Errorf("%s: %v", which, err)
	}
}

// Restart starts the server, at first or after Kill, on the same port, and waits
// until it answers.
func (s *Server) Restart() {
	s.t.Helper()
	s.launch()
	s.await("the server does not start", func() error {
		select {
		case <-s.end():
			s.launch()
		default:
		}
		_, err := s.Do("PING")
		return err
	})
}

// Do sends one command and returns its answer.
func (s *Server) Do(command ...any) (any, error) {
	client := redis.NewClient(&redis.Options{
		Addr: s.Address(), Password: s.options.Password, MaxRetries: -1, DialerRetries: 1, DisableIdentity: true, Protocol: 2,
	})
	answer, err := client.Do(context.Background(), command...).Result()
	if closing := client.Close(); err == nil {
		err = closing
	}
	if err != nil && !errors.Is(err, redis.Nil) {
		return nil, fmt.Errorf("asking %s: %w", s.Address(), err)
	}
	return answer, nil
}

// must sends a command that has to succeed.
func (s *Server) must(command ...any) {
	s.t.Helper()
	if _, err := s.Do(command...); err != nil {
		s.t.Fatalf("%v: %v", command, err)
	}
}

// await waits until what succeeds.
func (s *Server) await(complaint string, what func() error) {
	s.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		err := what()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			log, _ := os.ReadFile(filepath.Join(s.folder, "log")) //nolint:errcheck // It only helps to read the failure.
			s.t.Fatalf("%s: %v\n%s", complaint, err, log)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (s *Server) end() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended
}

// launch starts the process and does not wait for it.
func (s *Server) launch() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	// The server is killed when the test says so, not when a context ends.
	process := exec.CommandContext(context.Background(), string(s.options.Flavour), s.args...) // #nosec G204 -- One of the flavours.
	process.Dir = s.folder
	if err := process.Start(); err != nil {
		s.t.Fatalf("starting %s: %v", s.options.Flavour, err)
	}
	ended := make(chan struct{})
	go func() {
		_ = process.Wait() // It says that it was killed.
		close(ended)
	}()
	s.process, s.ended = process, ended
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return number
}

// silent is the logger of the client of Redis.
type silent struct{}

// Printf does nothing.
func (silent) Printf(context.Context, string, ...any) {}
