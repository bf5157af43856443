package listen

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// h2spec runs the conformance suite of HTTP/2 against a server and returns how
// many of its cases passed, and the names of those that did not.
func h2spec(t *testing.T, address string, secure bool) (passed, total int, failed []string) {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Error(err)
	}
	arguments := []string{"tool", "-modfile=" + toolsModule(t), "h2spec", "--host", host, "--port", port, "--timeout", "2", "--path", "/"}
	if secure {
		arguments = append(arguments, "--tls", "--insecure")
	}
	var out bytes.Buffer
	c := exec.CommandContext(t.Context(), "go", arguments...)
	c.Stdout, c.Stderr = &out, &out
	err = c.Run() // It fails where a case fails.
	summary := regexp.MustCompile(`(\d+) tests, (\d+) passed, \d+ skipped, \d+ failed`).FindStringSubmatch(out.String())
	if summary == nil {
		t.Errorf("h2spec: %v\n%s", err, out.String())
		return 0, 1, nil
	}
	_, _ = fmt.Sscan(summary[1], &total)
	_, _ = fmt.Sscan(summary[2], &passed)
	return passed, total, failedCases(out.String())
}

// failedCases returns the cases that h2spec reports as failed, in its words.
func failedCases(report string) (failed []string) {
	section := ""
	for line := range strings.Lines(report) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "Failures:") {
			failed = nil
		}
		if m := regexp.MustCompile(`^([0-9.]+|[a-z]+)\. `).FindStringSubmatch(line); m != nil {
			section = line
		}
		if after, ok := strings.CutPrefix(line, "×"); ok {
			failed = append(failed, section+" / "+strings.TrimSpace(after))
		}
	}
	return slices.Compact(failed)
}

// toolsModule returns the module of the development tools.
func toolsModule(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Error(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if path := filepath.Join(dir, "tools", "go.mod"); exists(path) {
			return path
		}
	}
	t.Error("tools/go.mod is missing")
	return ""
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestS1_H2Spec(t *testing.T) {
	_, plain := start(t, Options{})
	_, secure := start(t, Options{TLS: testCertificate(t).serverConfig()})
	var group sync.WaitGroup
	for _, test := range []struct {
		name, address string
		secure        bool
	}{{"h2c", plain, false}, {"TLS", secure, true}} {
		group.Go(func() {
			passed, total, failed := h2spec(t, test.address, test.secure)
			if passed < total-len(knownDeviations) {
				// The suite waits two seconds for each answer; on a machine that is
				// busy with something else that can be too short once.
				passed, total, failed = h2spec(t, test.address, test.secure)
			}
			if passed < total-len(knownDeviations) {
				t.Errorf("%s: h2spec passes %d of %d, want at most %d not; failed:\n%s",
					test.name, passed, total, len(knownDeviations), strings.Join(failed, "\n"))
			}
			fmt.Printf("S1: h2spec over %s: %d of %d (at most %d not)\n", test.name, passed, total, len(knownDeviations))
		})
	}
	group.Wait()
}

// knownDeviations are the cases that may fail, with the reason.
var knownDeviations = []string{
	"8.1.2.2/1: connection-specific fields are answered with 400 instead of a stream error, which RFC 9113 §8.1.1 allows before the stream is closed",
	"8.1.2.2/2: the same for TE with another value than trailers",
}

func TestS1_H2Spec_NegativeControl(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: http.NotFoundHandler()} // Speaks HTTP/1 only.
	go func() { _ = s.Serve(l) }()
	defer s.Close()
	passed, total, _ := h2spec(t, l.Addr().String(), false)
	if passed >= total-len(knownDeviations) {
		t.Errorf("a server of HTTP/1 passes %d of %d: the suite finds nothing", passed, total)
	}
	fmt.Printf("S1: h2spec against a server of HTTP/1 only: %d of %d (fewer than %d)\n", passed, total, total-len(knownDeviations))
}
