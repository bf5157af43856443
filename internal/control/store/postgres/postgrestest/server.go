package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Server is a PostgreSQL of one test, with fsync on. Its methods may not be
// called concurrently.
type Server struct {
	t        testing.TB
	programs string
	data     string
	port     int
	owner    *syscall.Credential
	process  *exec.Cmd
	// ended is closed when the process is gone.
	ended chan struct{}
}

// Start runs a server of the test's own until the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{t: t, programs: programs(t), port: freePort(t), owner: owner(t)}
	// The owner of the data could not pass through t.TempDir.
	folder, err := os.MkdirTemp("", "sallyport-postgres-") //nolint:usetesting // As above.
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	if s.owner != nil {
		if err := os.Chown(folder, int(s.owner.Uid), int(s.owner.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	s.data = filepath.Join(folder, "db")
	initialise := s.command("initdb", "-D", s.data, "-U", "sallyport", "-A", "trust", "-E", "UTF8", "--locale=C")
	if out, err := initialise.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	s.Restart()
	t.Cleanup(s.Kill)
	return s
}

// URL is the address of a database of the server; "postgres" is always there.
func (s *Server) URL(database string) string {
	return fmt.Sprintf("postgres://sallyport@127.0.0.1:%d/%s", s.port, database)
}

// Kill ends the server without warning. Its children notice that their parent
// is gone, and end when they have done what they are at. It may be called again.
func (s *Server) Kill() {
	s.t.Helper()
	if s.process == nil {
		return
	}
	if err := s.process.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.t.Errorf("killing the server: %v", err)
	}
	<-s.ended
	s.process = nil
}

// Restart starts the server again after Kill, on the same data and the same
// port, and waits until it takes connections.
func (s *Server) Restart() {
	s.t.Helper()
	s.launch()
	deadline := time.Now().Add(patience)
	for {
		err := Run(context.Background(), s.URL("postgres"), "SELECT 1")
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			out, _ := os.ReadFile(s.data + ".log")
			s.t.Fatalf("the server does not start: %v\n%s", err, out)
		}
		select {
		case <-s.ended: // Children of the one before were still there.
			s.launch()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// launch starts the server's process and does not wait for it.
func (s *Server) launch() {
	s.t.Helper()
	process := s.command("postgres", "-D", s.data, "-p", strconv.Itoa(s.port), "-k", filepath.Dir(s.data),
		"-c", "listen_addresses=127.0.0.1")
	log, err := os.OpenFile(s.data+".log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	process.Stdout, process.Stderr = log, log
	if err := process.Start(); err != nil {
		s.t.Fatal(err)
	}
	if err := log.Close(); err != nil {
		s.t.Error(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = process.Wait() // It says that it was killed.
		close(ended)
	}()
	s.process, s.ended = process, ended
}

// command is one of PostgreSQL's programs, run by the owner of the data.
func (s *Server) command(name string, args ...string) *exec.Cmd {
	// The server is killed when the test says so, not when a context ends.
	c := exec.CommandContext(context.Background(), filepath.Join(s.programs, name), args...) // #nosec G204 -- The programs of PostgreSQL.
	c.Dir = filepath.Dir(s.data)
	c.Env = append(os.Environ(), "LC_ALL=C")
	c.SysProcAttr = &syscall.SysProcAttr{Credential: s.owner}
	return c
}

// programs is the folder of PostgreSQL's programs: Debian keeps them out of the
// PATH, one folder a release.
func programs(t testing.TB) string {
	t.Helper()
	candidates, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(candidates)
	for _, name := range []string{"initdb", "postgres"} {
		if file, err := exec.LookPath(name); err == nil {
			if file, err = filepath.EvalSymlinks(file); err == nil {
				candidates = append([]string{filepath.Dir(file)}, candidates...)
			}
		}
	}
	for _, folder := range candidates {
		if _, err := os.Stat(filepath.Join(folder, "initdb")); err == nil {
			return folder
		}
	}
	t.Fatal("SKIPPED-REQUIRED: PostgreSQL is not installed; scripts/services.sh installs it")
	return ""
}

// owner is the user that runs the server where the test is root, as whom
// PostgreSQL refuses to run; else nil.
func owner(t testing.TB) *syscall.Credential {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(found.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(found.Gid, 10, 32)
		if uidErr == nil && gidErr == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		}
	}
	t.Fatal("root cannot run PostgreSQL, and there is neither a user postgres nor nobody")
	return nil
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
	number, err := strconv.Atoi(strings.TrimSpace(port))
	if err != nil {
		t.Fatal(err)
	}
	return number
}
