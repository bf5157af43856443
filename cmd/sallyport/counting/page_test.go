package counting_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/redisconn/redistest"
)

// TestRedisCountersTask runs the commands of the page on shared counters.
func TestRedisCountersTask(t *testing.T) {
	for _, program := range []string{"curl", "bash"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("SKIPPED-REQUIRED: %s is missing; scripts/services.sh installs what tests need", program)
		}
	}
	folder := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(folder, "sallyport"), "github.com/sallyport/sallyport/cmd/sallyport")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the program: %v\n%s", err, out)
	}
	script := page(t)
	for name, value := range map[string]string{
		"REDIS": redistest.Start(t, redistest.Options{Password: "open-sesame"}).URL(),
		"ONE":   free(t), "ONE_ADMIN": free(t), "TWO": free(t), "TWO_ADMIN": free(t),
	} {
		line := regexp.MustCompile("(?m)^" + name + "=.*$")
		if len(line.FindAllString(script, -1)) != 1 {
			t.Fatalf("the page does not say %s once", name)
		}
		script = line.ReplaceAllLiteralString(script, name+"="+value)
	}
	c := exec.CommandContext(t.Context(), "bash", "-e", "-o", "pipefail", "-c", "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n"+script)
	c.Dir = folder
	c.Env = append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH"))
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	statuses := strings.Fields(strings.Join(regexp.MustCompile(`(?m)^\d{3}$`).FindAllString(string(out), -1), " "))
	// The second gateway knows nothing of the first one's calls until it is asked.
	const want = "200 200 200 200 200 200 200 200 200 200 429 200 200 403"
	if got := strings.Join(statuses, " "); got != want && got != strings.Replace(want, "200 200 403", "200 403 403", 1) {
		t.Errorf("the calls answer\n%s, want\n%s\n%s", got, want, out)
	}
	for _, text := range []string{"quota-by-key", "alice", `"kind": "quota"`, "sallyport_counters_gateways", "1m0s"} {
		if !strings.Contains(string(out), text) {
			t.Errorf("the commands do not print %s:\n%s", text, out)
		}
	}
	if strings.Contains(string(out), "sesame") {
		t.Errorf("the commands print the password:\n%s", out)
	}
}

// page returns the shell blocks of the page.
func page(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../../../docs/tasks/redis-counters.md")
	if err != nil {
		t.Fatal(err)
	}
	var script strings.Builder
	inside := false
	for line := range strings.Lines(string(data)) {
		switch {
		case strings.HasPrefix(line, "```"):
			inside = line == "```sh\n"
		case inside:
			script.WriteString(line)
		}
	}
	return script.String()
}

// free returns an address that nobody listens on.
func free(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
