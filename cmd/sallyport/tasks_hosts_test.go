package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// shellBlocks returns the commands of a page, one block after the other.
func shellBlocks(t *testing.T, page string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "docs", "tasks", page))
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

// TestHostNamesTask runs the commands of the page on host names.
func TestHostNamesTask(t *testing.T) {
	for _, program := range []string{"curl", "openssl", "bash"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("SKIPPED-REQUIRED: %s is missing; scripts/services.sh installs what tests need", program)
		}
	}
	https := freePort(t)
	m := startManaged(t, "--listen-tls", https)
	script := shellBlocks(t, "host-names-and-certificates.md")
	for name, value := range map[string]string{"TOKEN": m.token, "SERVICE": m.base, "HTTPS": https, "CA": "/dev/null"} {
		line := regexp.MustCompile("(?m)^" + name + "=.*$")
		if len(line.FindAllString(script, -1)) != 1 {
			t.Fatalf("the page does not say %s once", name)
		}
		script = line.ReplaceAllLiteralString(script, name+"="+value)
	}
	script = strings.Replace(script, ` --cacert "$CA"`, "", 1) // The test's management API is in clear text.
	c := exec.CommandContext(t.Context(), "bash", "-e", "-o", "pipefail", "-c", script)
	c.Dir = t.TempDir()
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"2 200", "welcome", `"expiry"`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the commands do not print %q:\n%s", want, out)
		}
	}
}
