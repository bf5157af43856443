package postgrestest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Pause stops all processes of the server as they are, as a machine does that
// hangs: connections stay open, and nothing answers. The test's end resumes it.
func (s *Server) Pause() {
	s.t.Helper()
	s.t.Cleanup(s.Resume)
	s.signal(syscall.SIGSTOP)
}

// Resume lets a server go on that was paused.
func (s *Server) Resume() {
	s.t.Helper()
	if s.process != nil {
		s.signal(syscall.SIGCONT)
	}
}

// signal sends a signal to the server and to its children.
func (s *Server) signal(sig syscall.Signal) {
	s.t.Helper()
	parent := s.process.Process.Pid
	for _, pid := range append([]int{parent}, children(parent)...) {
		if err := syscall.Kill(pid, sig); err != nil && err != syscall.ESRCH { //nolint:errorlint // It is a number.
			s.t.Errorf("%v to the process %d of the server: %v", sig, pid, err)
		}
	}
}

// children are the processes that one has begun, as /proc has them.
func children(parent int) []int {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil
	}
	var found []int
	for _, file := range files {
		text, err := os.ReadFile(file) //nolint:gosec // It is of /proc.
		if err != nil {
			continue // It has ended.
		}
		var state string
		var of int
		_, rest, _ := strings.Cut(string(text), ") ")
		if _, err := fmt.Sscan(rest, &state, &of); err != nil || of != parent {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
			found = append(found, pid)
		}
	}
	return found
}
