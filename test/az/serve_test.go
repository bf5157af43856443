package az

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// installation is a running sallyport serve.
type installation struct {
	// management and gateway are URLs without a slash at their ends.
	management, gateway string
	// authority is the file with which the management API's certificate is
	// checked.
	authority            string
	clientID, secret, id string
}

// Limits of what a test waits for.
const (
	startLimit = time.Minute
	stopLimit  = 20 * time.Second
)

// announced are the lines that serve prints, by what they tell.
var announced = map[string]*regexp.Regexp{
	"gateway":    regexp.MustCompile(`is serving (http://\S+?),`),
	"management": regexp.MustCompile(`^Management API: (https://[^/]+)/`),
	"id":         regexp.MustCompile(`^Management API: https://[^/]+(/\S+)`),
	"client id":  regexp.MustCompile(`^  client id +(\S+)`),
	"secret":     regexp.MustCompile(`^  client secret +(\S+)`),
	"end":        regexp.MustCompile(`^(Stop with Ctrl-C)`),
}

// serve builds sallyport and starts it on free ports with a new data folder. It
// ends with the test.
func serve(t *testing.T) installation {
	t.Helper()
	dir := t.TempDir()
	binary, data := filepath.Join(dir, "sallyport"), filepath.Join(dir, "data")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "../../cmd/sallyport")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building sallyport: %v\n%s", err, out)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	c := exec.CommandContext(ctx, binary, "serve", "--data", data, "--allow-private-links", "--admin", "",
		"--management", "127.0.0.1:0", "--listen", "127.0.0.1:0", "--echo", "127.0.0.1:0")
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = stopLimit
	var log bytes.Buffer
	c.Stderr = &log
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(startLimit, stop)
	told, scanned := listen(out)
	if !late.Stop() || told["end"] == "" {
		stop()
		_ = c.Wait() // What it says is in its log.
		t.Fatalf("sallyport serve did not start: %v, %v\n%s", told, scanned, &log)
	}
	t.Cleanup(func() {
		stop()
		if err := c.Wait(); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("sallyport serve: %v\n%s", err, &log)
		}
		if strings.Contains(log.String(), "level=ERROR") {
			t.Errorf("the log has errors:\n%s", &log)
		}
	})
	return installation{
		management: told["management"], gateway: told["gateway"], authority: filepath.Join(data, "tls", "ca.pem"),
		clientID: told["client id"], secret: told["secret"], id: told["id"],
	}
}

// listen reads what serve prints, to the line that says how to stop it.
func listen(out io.Reader) (map[string]string, error) {
	told := map[string]string{}
	lines := bufio.NewScanner(out)
	for told["end"] == "" && lines.Scan() {
		for name, pattern := range announced {
			if found := pattern.FindStringSubmatch(lines.Text()); found != nil {
				told[name] = found[1]
			}
		}
	}
	return told, lines.Err()
}
