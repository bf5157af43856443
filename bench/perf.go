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

// profile lets perf take samples of a gateway during a round, where profiles
// were asked for. Each round writes over the one before. A process that has two
// rows in a scenario has one profile of both.
func (s *stage) profile(c *scenario, r row, p *process) error {
	if s.options.perf == "" || p.perf != nil {
		return nil
	}
	if err := os.MkdirAll(s.options.perf, 0o750); err != nil {
		return err
	}
	children, err := childrenOf(p.command.Process.Pid)
	if err != nil {
		return err
	}
	pids := []string{strconv.Itoa(p.command.Process.Pid)}
	for _, child := range children {
		pids = append(pids, strconv.Itoa(child))
	}
	file := filepath.Join(s.options.perf, c.name+"-"+r.peer+".perf")
	//nolint:gosec,noctx // Numbers and names of ours; endProfile ends it.
	p.perf = exec.Command("perf", strings.Fields("record -q -F 997 -g -o "+file+" -p "+strings.Join(pids, ","))...)
	p.perf.Stderr = s.progress
	if err := p.perf.Start(); err != nil {
		return fmt.Errorf("-perf: %w", err)
	}
	return nil
}

// endProfile lets perf write its file.
func (r *process) endProfile() {
	if r.perf == nil || r.perf.Process == nil {
		return
	}
	_ = r.perf.Process.Signal(unix.SIGINT) // It has ended, or ends and writes.
	_ = r.perf.Wait()                      // A signal ends it.
	r.perf = nil
}
