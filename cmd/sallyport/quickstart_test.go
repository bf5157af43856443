package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// startServe runs `sallyport serve` on free ports until the test ends, and
// returns what it printed up to its last line of instructions.
func startServe(t *testing.T, data string, more ...string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	reader, writer := io.Pipe()
	var stderr bytes.Buffer
	done := make(chan int, 1)
	go func() {
		args := []string{"serve", "--data", data, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--management", "127.0.0.1:0", "--echo", "127.0.0.1:0"}
		code := run(ctx, append(args, more...), writer, &stderr)
		_ = writer.Close()
		done <- code
	}()
	var printed strings.Builder
	lines := bufio.NewScanner(reader)
	for lines.Scan() {
		printed.WriteString(lines.Text() + "\n")
		if strings.HasPrefix(lines.Text(), "Stop with") {
			break
		}
	}
	go func() { _, _ = io.Copy(io.Discard, reader) }()
	t.Cleanup(func() {
		cancel()
		if code := <-done; code != exitOK {
			t.Errorf("serve ended with %d:\n%s", code, stderr.String())
		}
	})
	if !strings.Contains(printed.String(), "Stop with") {
		t.Fatalf("serve did not start:\n%s\n%s", printed.String(), stderr.String())
	}
	return printed.String()
}

// curlLines returns the command lines to try, without their remarks.
func curlLines(printed string) []string {
	var list []string
	for line := range strings.SplitSeq(printed, "\n") {
		if strings.HasPrefix(line, "  curl ") || strings.HasPrefix(line, "  for ") {
			command, _, _ := strings.Cut(strings.TrimSpace(line), "   #")
			list = append(list, command)
		}
	}
	return list
}

// TestQuickstart starts Sallyport as a newcomer does and runs the lines that it
// prints, with curl.
func TestQuickstart(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Fatal("SKIPPED-REQUIRED: curl is missing; scripts/services.sh installs it")
	}
	printed := startServe(t, t.TempDir())
	commands := curlLines(printed)
	want := []struct {
		name, pattern string
	}{
		{"through policies and a backend", `^HTTP/1\.1 200 OK\r\n(?s:.*)X-Answered-By: Hello from Echo API, Retrieve resource\r\n(?s:.*)"url": "/resource\?param1=sample"(?s:.*)"X-Caller": \[\s*"Unlimited"`},
		{"an example of the OpenAPI document", `^HTTP/1\.1 200 OK\r\n(?s:.*)"name"\s*:`},
		{"no key", `^HTTP/1\.1 401 (?s:.*)WWW-Authenticate: AzureApiManagementKey realm="http://127\.0\.0\.1:\d+/echo",name="Ocp-Apim-Subscription-Key",type="header"\r\n(?s:.*)` +
			regexp.QuoteMeta(`{ "statusCode": 401, "message": "Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API." }`)},
		{"wrong key", `^HTTP/1\.1 401 (?s:.*)` +
			regexp.QuoteMeta(`{ "statusCode": 401, "message": "Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription." }`)},
		{"no such API", `^HTTP/1\.1 404 (?s:.*)` + regexp.QuoteMeta(`{ "statusCode": 404, "message": "Resource not found" }`)},
		{"over the rate limit", `^(?s:(HTTP/1\.1 200 OK\r\n.*){5})HTTP/1\.1 429 Too Many Requests\r\n(?s:.*)Retry-After: \d+\r\n(?s:.*)\{ "statusCode": 429, "message": "Rate limit is exceeded\. Try again in \d+ seconds\." \}`},
		{"over the quota", `^(?s:(HTTP/1\.1 200 OK\r\n.*){3})HTTP/1\.1 403 (?s:.*)Retry-After: \d+\r\n(?s:.*)\{ "statusCode": 403, "message": "Out of call volume quota\. Quota will be replenished in \d\d:\d\d:\d\d\." \}`},
	}
	if len(commands) != len(want) {
		t.Fatalf("%d lines to try were printed, want %d:\n%s", len(commands), len(want), printed)
	}
	for i, w := range want {
		t.Run(w.name, func(t *testing.T) {
			out, err := exec.CommandContext(t.Context(), "sh", "-c", strings.ReplaceAll(commands[i], "curl -i", "curl -s -i")).CombinedOutput()
			if err != nil {
				t.Fatalf("%s: %v\n%s", commands[i], err, out)
			}
			if !regexp.MustCompile(w.pattern).Match(out) {
				t.Errorf("%s answered\n%s\nwant %s", commands[i], out, w.pattern)
			}
		})
	}
}
