// Package az drives a running sallyport serve with the Azure command line, as
// Debian packages it: a client that nobody here wrote.
package az

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// commandLimit bounds one command. One takes about a second.
const commandLimit = time.Minute

// cli is the Azure command line with a configuration folder of its own.
type cli struct {
	t    *testing.T
	path string
	// config is its configuration folder, authority the certificate it trusts.
	config, authority string
	// service is appended to commands that are about one.
	service []string
}

// newCLI finds az.
func newCLI(t *testing.T, authority string) *cli {
	t.Helper()
	path, err := exec.LookPath("az")
	if err != nil {
		t.Fatal("SKIPPED-REQUIRED: az is missing; scripts/services.sh installs it")
	}
	return &cli{t: t, path: path, config: t.TempDir(), authority: authority}
}

// fork is the same for another test, with a copy of the folder, so that commands
// that run at the same time do not write into the same files.
func (c *cli) fork(t *testing.T, service ...string) *cli {
	t.Helper()
	config := filepath.Join(t.TempDir(), "az")
	if err := os.CopyFS(config, os.DirFS(c.config)); err != nil && !errors.Is(err, fs.ErrExist) {
		t.Fatal(err)
	}
	return &cli{t, c.path, config, c.authority, service}
}

// command is one command, ready to run.
func (c *cli) command(ctx context.Context, args ...string) *exec.Cmd {
	c.t.Helper()
	python, err := filepath.Abs(filepath.Join("testdata", "python"))
	if err != nil {
		c.t.Fatal(err)
	}
	command := exec.CommandContext(ctx, c.path, append(args, "--output", "json")...)
	command.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + c.config, "LANG=C.UTF-8", "AZURE_CONFIG_DIR=" + c.config,
		"REQUESTS_CA_BUNDLE=" + c.authority, "PYTHONPATH=" + python, "PYTHONDONTWRITEBYTECODE=1",
		"AZURE_CORE_COLLECT_TELEMETRY=false", "AZURE_LOGGING_ENABLE_LOG_FILE=false",
	}
	command.WaitDelay = time.Second
	return command
}

// try runs one command and returns what it printed.
func (c *cli) try(args ...string) (stdout, stderr string, err error) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), commandLimit)
	defer cancel()
	command := c.command(ctx, append(args, "--only-show-errors")...)
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	err = command.Run()
	return out.String(), errs.String(), err
}

// split makes arguments of a line, and adds those of the service.
func (c *cli) split(line string) []string { return append(strings.Fields(line), c.service...) }

// run runs a command, which has to succeed, and checks what it answers. No word
// of the line has a space in it.
func (c *cli) run(line string, checks ...check) {
	c.t.Helper()
	stdout, stderr, err := c.try(c.split(line)...)
	if err != nil {
		c.t.Fatalf("az %s: %v\n%s", line, err, stderr)
	}
	var answer any
	if strings.TrimSpace(stdout) != "" {
		if err := json.Unmarshal([]byte(stdout), &answer); err != nil {
			c.t.Fatalf("az %s: %v\n%s", line, err, stdout)
		}
	}
	for _, check := range checks {
		if fault := check(answer); fault != "" {
			c.t.Errorf("az %s: %s\n%s", line, fault, stdout)
		}
	}
}

// refused runs a command that has to fail, with these texts in its complaint.
func (c *cli) refused(line string, texts ...string) {
	c.t.Helper()
	stdout, stderr, err := c.try(c.split(line)...)
	if err == nil {
		c.t.Errorf("az %s succeeds:\n%s", line, stdout)
	}
	for _, text := range texts {
		if !strings.Contains(stderr, text) {
			c.t.Errorf("az %s: no %q in the complaint:\n%s", line, text, stderr)
		}
	}
}

// check looks at an answer and says what is wrong with it.
type check func(answer any) string

// at finds a value: "a.b" and "0.a" for what is in lists.
func at(answer any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		switch v := answer.(type) {
		case map[string]any:
			answer = v[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i >= len(v) {
				return nil
			}
			answer = v[i]
		default:
			return nil
		}
	}
	return answer
}

// field wants a value at a path.
func field(path string, want any) check {
	return func(answer any) string {
		if diff := cmp.Diff(want, at(answer, path)); diff != "" {
			return path + " (-want +got): " + diff
		}
		return ""
	}
}

// is wants a whole answer.
func is(want any) check {
	return func(answer any) string { return cmp.Diff(want, answer) }
}

// nothing wants no answer: what was deleted has none.
func nothing() check { return is(nil) }

// every is the values of a field of all in a list.
func every(answer any, name string) []any {
	list, _ := answer.([]any)
	values := make([]any, len(list))
	for i, item := range list {
		values[i] = at(item, name)
	}
	return values
}

// column wants the values of one field of all in a list.
func column(name string, want ...any) check {
	return func(answer any) string {
		if diff := cmp.Diff(want, every(answer, name)); diff != "" {
			return name + " of all (-want +got): " + diff
		}
		return ""
	}
}

// listed wants some names in a list, among others; without wants none of them.
func listed(names ...string) check  { return counted(1, names) }
func without(names ...string) check { return counted(0, names) }

// counted wants each name as often in a list.
func counted(want int, names []string) check {
	return func(answer any) string {
		if _, ok := answer.([]any); !ok {
			return "the answer is no list"
		}
		for _, name := range names {
			got := 0
			for _, has := range every(answer, "name") {
				if has == name {
					got++
				}
			}
			if got != want {
				return name + " is there " + strconv.Itoa(got) + " times"
			}
		}
		return ""
	}
}
