package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// portalAddresses are those of the page on the portal.
var portalAddresses = regexp.MustCompile(`(localhost|127\.0\.0\.1):(9443|909[02]|808[0-2])`)

// TestDeveloperPortalTask runs the commands of the page on the developer portal,
// at other ports.
func TestDeveloperPortalTask(t *testing.T) {
	for _, tool := range []string{"curl", "openssl", "bash"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("SKIPPED-REQUIRED: %s is missing; scripts/services.sh installs it", tool)
		}
	}
	ports := map[string]string{}
	script := portalAddresses.ReplaceAllStringFunc(shellBlocks(t, "developer-portal.md"), func(at string) string {
		host, port, _ := strings.Cut(at, ":")
		if ports[port] == "" {
			_, ports[port], _ = strings.Cut(freePort(t), ":")
		}
		return host + ":" + ports[port]
	})
	script = strings.ReplaceAll(script, " --admin 127.0.0.1", " --echo 127.0.0.1:0 --admin 127.0.0.1")
	dir := t.TempDir()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	wrapper := fmt.Sprintf("#!/bin/sh\n%s=1 exec '%s' \"$@\"\n", asCommand, program)
	if err := os.WriteFile(filepath.Join(dir, "sallyport"), []byte(wrapper), 0o700); err != nil {
		t.Fatal(err)
	}
	// Its jobs end with the shell, in whatever way that ends; %1 means jobs.
	c := exec.CommandContext(t.Context(), "bash", "-c", "set -m\ntrap 'kill -9 $(jobs -p) 2> /dev/null' EXIT\nset -x\n"+script)
	c.Dir, c.Env = dir, append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	c.WaitDelay = time.Second
	limit := time.AfterFunc(2*time.Minute, func() { _ = syscall.Kill(-c.Process.Pid, syscall.SIGTERM) })
	defer limit.Stop()
	out, err := c.CombinedOutput()
	if err != nil {
		t.Logf("the shell ended with %v", err)
	}
	for _, want := range []string{
		"\nhome page: 200\n", "\nEcho API\n", "\nthe link: 303\n", "\nadministration: 200\n", "without it: 303\n", "max-age=31536000",
		"\nhost name: 200\n", "\nown domain: 200\n", "\napart: 200\n", "\nwithout the management plane: 200\n", "\nstarted without it: 503\n",
		"\nand when it is back: 200\n",
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the commands do not print %q", want)
		}
	}
	if t.Failed() {
		t.Logf("%s", out)
		for _, name := range []string{"serve.log", "portal.log"} {
			if text, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
				t.Logf("%s:\n%s", name, text)
			}
		}
	}
}
