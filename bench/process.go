package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sallyport/sallyport/internal/clock"
)

const (
	// startLimit is how long a gateway may take to start.
	startLimit = 60 * time.Second
	// stopLimit is how long it may take to stop before it is killed.
	stopLimit = 5 * time.Second
	// pollInterval is how often is looked whether it has.
	pollInterval = 20 * time.Millisecond
	// shownOutput is how much of its output an error shows, in bytes.
	shownOutput = 4 << 10
)

// process is a gateway that runs.
type process struct {
	site    *site
	command *exec.Cmd
	output  string // file
	ended   chan struct{}

	payer   *time.Duration // of the processor time since charged
	charged time.Duration
	perf    *exec.Cmd // the profile that is being taken, or nil
}

// startProcess starts a peer; processor and priority are those of the calling
// thread.
func startProcess(p *peer, to *site, program string) (*process, error) {
	r := &process{site: to, output: filepath.Join(to.Dir, "output"), ended: make(chan struct{})}
	output, err := os.Create(r.output)
	if err != nil {
		return nil, err
	}
	defer output.Close()
	r.command = exec.Command(program, p.arguments(to)...) //nolint:gosec,noctx // The list of peers says what; stop ends it.
	r.command.Stdout, r.command.Stderr = output, output
	r.command.Dir = to.Dir
	r.command.Env = os.Environ()
	if p.environment != nil {
		r.command.Env = append(r.command.Env, p.environment(to)...)
	}
	// Nothing goes on when the benchmark has ended, in whatever way.
	r.command.SysProcAttr = &unix.SysProcAttr{Pdeathsig: unix.SIGTERM, Setsid: true}
	if err := r.command.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = r.command.Wait() // Its output says what was wrong.
		close(r.ended)
	}()
	return r, nil
}

// await waits until connections are taken.
func (r *process) await() error {
	ticker := clock.System().NewTicker(pollInterval)
	defer ticker.Stop()
	limit := clock.System().NewTimer(startLimit)
	defer limit.Stop()
	for {
		c, err := net.Dial("tcp", r.site.HTTP) //nolint:noctx // On this machine it is taken or refused at once.
		if err == nil {
			return c.Close()
		}
		select {
		case <-ticker.C():
		case <-r.ended:
			return fmt.Errorf("it has ended:\n%s", r.said())
		case <-limit.C():
			return fmt.Errorf("it takes no connections after %s:\n%s", startLimit, r.said())
		}
	}
}

// said is the end of what the process has printed.
func (r *process) said() string {
	text, err := os.ReadFile(r.output)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-shownOutput):])
}

// stop ends the process.
func (r *process) stop() {
	if err := r.command.Process.Signal(unix.SIGTERM); errors.Is(err, os.ErrProcessDone) {
		return
	}
	limit := clock.System().NewTimer(stopLimit)
	defer limit.Stop()
	select {
	case <-r.ended:
	case <-limit.C():
		_ = r.command.Process.Kill() // Where it fails, it has ended.
		<-r.ended
	}
}
