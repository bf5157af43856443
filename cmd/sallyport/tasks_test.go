package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// pageStep is a command of a page, and what it prints there.
type pageStep struct{ command, want string }

// pageSteps are the commands of the console blocks of a page: lines that begin
// with a dollar sign, each with the lines below it.
func pageSteps(t *testing.T, page string) []pageStep {
	t.Helper()
	text, err := os.ReadFile(filepath.Clean(page))
	if err != nil {
		t.Fatal(err)
	}
	var steps []pageStep
	for i, block := range strings.Split(string(text), "```") {
		body, console := strings.CutPrefix(block, "console\n")
		if i%2 == 0 || !console {
			continue
		}
		for line := range strings.Lines(body) {
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				steps = append(steps, pageStep{command: strings.TrimSpace(command)})
				continue
			}
			if len(steps) == 0 {
				t.Fatalf("%s: a console block begins without a command", page)
			}
			steps[len(steps)-1].want += line
		}
	}
	return steps
}

// varying is what differs from one run to the next: how wide a column of a table is
// depends on what stands in it.
var varying = regexp.MustCompile(`[0-9a-f]{32}|\d{4}-\d\d-\d\dT[0-9:.]+Z|\d+|  +`)

// runPage runs the commands of a page in a folder, in one shell, and compares
// what they print, but for numbers, times and keys.
func runPage(t *testing.T, page, dir string, replace ...string) {
	t.Helper()
	for _, tool := range []string{"curl", "openssl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("SKIPPED-REQUIRED: %s is missing; scripts/services.sh installs it", tool)
		}
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	steps := pageSteps(t, page)
	script := fmt.Sprintf("sallyport() { %s=1 '%s' \"$@\"; }\n", asCommand, program)
	const mark = "@@@"
	for i, step := range steps {
		script += fmt.Sprintf("echo '%s%d'\n%s\n", mark, i, step.command)
	}
	command := exec.CommandContext(t.Context(), "sh", "-c", strings.NewReplacer(replace...).Replace(script))
	command.Dir = dir
	out, err := command.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	printed := strings.Split(string(out), mark)[1:]
	if len(printed) != len(steps) {
		t.Fatalf("%d of %d commands ran:\n%s", len(printed), len(steps), out)
	}
	for i, step := range steps {
		_, got, _ := strings.Cut(printed[i], "\n")
		if varying.ReplaceAllString(got, "N") != varying.ReplaceAllString(step.want, "N") && got != step.want {
			t.Errorf("$ %s\nprinted\n%s\nand on the page it prints\n%s", step.command, got, step.want)
		}
		// Statuses vary for nobody.
		if len(step.want) == len("200\n") && got != step.want {
			t.Errorf("$ %s\nprinted %s, want %s", step.command, got, step.want)
		}
	}
}

// TestTaskRotateCredentials runs the page about rotating credentials.
func TestTaskRotateCredentials(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "secrets"), 0o700); err != nil {
		t.Fatal(err)
	}
	printed := startServe(t, filepath.Join(dir, "data"), "--secrets-folder", filepath.Join(dir, "secrets"))
	gateway := regexp.MustCompile(`http://127\.0\.0\.1:\d+/echo`).FindString(printed)
	management := regexp.MustCompile(`https://127\.0\.0\.1:\d+`).FindString(printed)
	if gateway == "" || management == "" {
		t.Fatalf("where are they?\n%s", printed)
	}
	runPage(t, "../../docs/tasks/rotate-credentials.md", dir,
		"http://127.0.0.1:8080", strings.TrimSuffix(gateway, "/echo"), "https://127.0.0.1:9443", management)
}

// TestTaskPortal runs the page about the portal's content.
func TestTaskPortal(t *testing.T) {
	dir := t.TempDir()
	printed := startServe(t, filepath.Join(dir, "data"), "--portal", "127.0.0.1:0")
	portal := regexp.MustCompile(`Developer portal: (http://127\.0\.0\.1:\d+)/`).FindStringSubmatch(printed)
	if portal == nil {
		t.Fatalf("where is it?\n%s", printed)
	}
	runPage(t, "../../docs/tasks/make-the-portal-yours.md", dir, "http://127.0.0.1:8081", portal[1])
}
