package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/sallyport/sallyport/bench/load"
)

// stage is everything that runs during a benchmark: the gateways, and clients
// and origin around them.
type stage struct {
	options  *options
	loop     *load.Loop
	progress io.Writer

	dir     string
	tls     *tls.Config // of the clients
	running map[string]*process
	// absent says of each gateway that is not there why.
	absent map[string]string
}

// newStage makes the folder for configurations and logs, with a certificate.
func newStage(o *options, loop *load.Loop, progress io.Writer) (*stage, error) {
	dir, err := os.MkdirTemp("", "sallyport-bench-")
	if err != nil {
		return nil, err
	}
	s := &stage{options: o, loop: loop, progress: progress, dir: dir, running: map[string]*process{}, absent: map[string]string{}}
	if s.tls, err = writeCertificate(s.dir); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// close stops the gateways and removes the folder.
func (s *stage) close() {
	for _, p := range s.running {
		p.stop()
	}
	_ = os.RemoveAll(s.dir) // It is in the folder for temporary files.
}

// start starts the gateways on their processor. One that is not installed or
// does not start is noted and left out.
func (s *stage) start(peers []*peer) (err error) {
	if err := pin(measuredProcessor); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pin(loadProcessor)) }()
	for _, p := range peers {
		if p.name == before && s.options.before == "" {
			continue
		}
		program, err := s.program(p)
		if errors.Is(err, fs.ErrNotExist) {
			s.absent[p.name] = p.missing()
			continue
		}
		if err != nil {
			return err
		}
		if err := s.startOne(p, program); err != nil {
			s.absent[p.name] = fmt.Sprintf("%s is left out: it did not start: %v", p.name, err)
		}
	}
	return nil
}

// program finds or builds the program of a peer.
func (s *stage) program(p *peer) (string, error) {
	switch {
	case p.lua:
		if _, err := os.Stat(nginxModules() + "/ngx_http_lua_module.so"); err != nil {
			return "", err
		}
	case p.name == before:
		return filepath.Abs(s.options.before)
	case p.name == sallyport:
		return s.build()
	case p.program == "":
		return os.Executable()
	}
	if path, err := exec.LookPath(p.program); err == nil {
		return path, nil
	}
	return exec.LookPath("/usr/sbin/" + p.program) // Where Debian has them, outside of users' PATH.
}

// build makes the gateway's binary from the working folder's module.
func (s *stage) build() (string, error) {
	if s.options.gateway != "" {
		return filepath.Abs(s.options.gateway)
	}
	fmt.Fprintln(s.progress, "bench: building the gateway")
	path := filepath.Join(s.dir, "gateway")
	//nolint:gosec,noctx // The path is ours, and it ends.
	build := exec.Command("go", "build", "-trimpath", "-pgo=cmd/sallyport/gateway.pgo", "-o", path, "./cmd/sallyport")
	build.Stderr = s.progress
	return path, build.Run()
}

// startOne renders the configuration of a peer, starts it and waits until it
// takes connections.
func (s *stage) startOne(p *peer, program string) error {
	to, err := s.newSite(p)
	if err != nil {
		return err
	}
	if err := to.render(p.config); err != nil {
		return err
	}
	fmt.Fprintln(s.progress, "bench: starting", p.name)
	started, err := startProcess(p, to, program)
	if err != nil {
		return err
	}
	if err := errors.Join(prioritiseSession(started.command.Process.Pid, s.options.nice), started.await()); err != nil {
		started.stop()
		return err
	}
	s.running[p.name] = started
	return nil
}
