package fleet

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// pageAddresses are those of the page on separate gateways.
var pageAddresses = regexp.MustCompile(`(?:localhost|127\.0\.0\.1):(?:9443|909[0-2]|808[02])`)

// TestSeparateGatewaysPage runs the commands of the page on separate gateways, at
// other ports.
func TestSeparateGatewaysPage(t *testing.T) {
	for _, tool := range []string{"curl", "bash"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("SKIPPED-REQUIRED: %s is missing; scripts/services.sh installs it", tool)
		}
	}
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "tasks", "separate-gateways.md"))
	if err != nil {
		t.Fatal(err)
	}
	// Its jobs end with the shell, in whatever way that ends; %1 means jobs.
	script := "set -m\ntrap 'kill -9 $(jobs -p) 2> /dev/null' EXIT\nset -x\n"
	for _, block := range regexp.MustCompile("(?s)\n```sh\n(.*?)```\n").FindAllStringSubmatch(string(page), -1) {
		script += block[1]
	}
	ports := map[string]string{}
	script = pageAddresses.ReplaceAllStringFunc(script, func(at string) string {
		host, port, _ := strings.Cut(at, ":")
		if ports[port] == "" {
			_, ports[port], _ = strings.Cut(freeAddress(t), ":")
		}
		return host + ":" + ports[port]
	})
	script = strings.ReplaceAll(script, " --admin 127.0.0.1", " --echo 127.0.0.1:0 --admin 127.0.0.1")
	script = regexp.MustCompile(`(gateway status) --echo 127.0.0.1:0`).ReplaceAllString(script, "$1")
	dir := t.TempDir()
	bin := filepath.Join(dir, "bin")
	if err := os.Mkdir(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(*program, filepath.Join(bin, "sallyport")); err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), "bash", "-c", script)
	c.Dir = dir
	c.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	c.WaitDelay = time.Second
	limit := time.AfterFunc(2*patience, func() { _ = syscall.Kill(-c.Process.Pid, syscall.SIGTERM) })
	defer limit.Stop()
	out, err := c.CombinedOutput()
	if err != nil {
		t.Logf("the shell ended with %v", err)
	}
	for _, want := range []string{
		"\nan API of the gateway: 401\n", "\nanother API: 404\n", "\nwithout the management plane: 401\n",
		"\nstarted without the management plane: 401\n", "\nstate      disconnected\n", "\nedge  in the cellar\n", "neighborhood.host", `"level":"WARN"`,
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the commands do not print %q", want)
		}
	}
	if n := strings.Count(string(out), "\nstate      following\n"); n < 4 {
		t.Errorf("the gateway follows %d times", n)
	}
	if t.Failed() {
		t.Logf("%s", out)
	}
}
