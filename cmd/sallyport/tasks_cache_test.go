package main

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/redisconn/redistest"
)

// TestExternalCacheTask runs the commands of the page on external caches, and looks
// for what they keep in the server.
func TestExternalCacheTask(t *testing.T) {
	for _, program := range []string{"curl", "bash"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("SKIPPED-REQUIRED: %s is missing; scripts/services.sh installs what tests need", program)
		}
	}
	server := redistest.Start(t, redistest.Options{Password: "open-sesame"})
	m := startManaged(t, "--cache-timeout", "1s")
	script := shellBlocks(t, "external-cache.md")
	for name, value := range map[string]string{
		"TOKEN": m.token, "SERVICE": m.base, "GATEWAY": m.gateway, "REDIS": server.Address(), "CA": "/dev/null",
	} {
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
	if text := strings.ToLower(string(out)); !strings.Contains(text, "age: ") || !strings.Contains(text, "200 without it") || strings.Contains(text, "sesame") {
		t.Errorf("the commands print\n%s", out)
	}
	var kept any
	for range 100 { // They are written in the background.
		if kept, err = server.Do("DBSIZE"); err != nil || kept == int64(2) {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil || kept != int64(2) {
		t.Errorf("the server has %v entries, %v; want a response and a value", kept, err)
	}
}
