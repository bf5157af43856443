package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// profile lets perf take samples of a gateway until stop is called, where
// profiles were asked for. Each round writes over the one before.
func (s *stage) profile(c *scenario, r row, p *process) (stop func(), err error) {
	if s.options.perf == "" {
		return func() {}, nil
	}
	if err := os.MkdirAll(s.options.perf, 0o755); err != nil {
		return nil, err
	}
	children, err := childrenOf(p.command.Process.Pid)
	if err != nil {
		return nil, err
	}
	pids := strconv.Itoa(p.command.Process.Pid)
	for _, child := range children {
		pids += "," + strconv.Itoa(child)
	}
	name := strings.ReplaceAll(c.name+"-"+r.label, " ", "-") + ".perf"
	record := exec.Command("perf", "record", "-q", "-F", "997", "-g", "-o", filepath.Join(s.options.perf, name), "-p", pids) //nolint:gosec,noctx // Numbers and names of ours.
	record.Stderr = s.progress
	if err := record.Start(); err != nil {
		return nil, fmt.Errorf("-perf: %w", err)
	}
	return func() {
		_ = record.Process.Signal(unix.SIGINT) // It has ended, or ends and writes.
		_ = record.Wait()                      // A signal ends it.
	}, nil
}
