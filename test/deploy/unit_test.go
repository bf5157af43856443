package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// read returns a file of the checkout.
func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// units are the files of systemd's units.
func units(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, "deploy", "systemd", "*.service"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("there are no units: %v", err)
	}
	return paths
}

// execStart is the command line of a unit.
func execStart(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, "ExecStart="); ok {
			return rest
		}
	}
	t.Fatalf("%s has no ExecStart", path)
	return ""
}

var flagPattern = regexp.MustCompile(`(?m)(?:^|[\s"'-])--([a-z][a-z0-9-]*)`)

// buildFlags are those of the compiler and of Dockerfile's own instructions.
var buildFlags = map[string]bool{"mount": true, "from": true, "chown": true, "platform": true}

// flagsOf are the names of the flags in a text.
func flagsOf(text string) []string {
	var names []string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		for _, match := range flagPattern.FindAllStringSubmatch(line, -1) {
			if !buildFlags[match[1]] {
				names = append(names, match[1])
			}
		}
	}
	return names
}

// serveHelp is the help of `sallyport serve`.
func serveHelp(t *testing.T) []byte {
	t.Helper()
	program := filepath.Join(t.TempDir(), "sallyport")
	build := exec.Command("go", "build", "-o", program, "./cmd/sallyport")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the program: %v\n%s", err, out)
	}
	help, err := exec.Command(program, "serve", "--help").CombinedOutput()
	if err != nil {
		t.Fatalf("asking for help: %v\n%s", err, help)
	}
	return help
}

// verify has systemd look at a unit whose program is one that is there.
func verify(t *testing.T, name, text string) (string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	text = strings.ReplaceAll(text, "/usr/local/bin/sallyport", "/bin/true")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("systemd-analyze", "verify", "--man=no", path).CombinedOutput()
	return string(out), err
}

func needSystemd(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("SKIPPED-REQUIRED: systemd-analyze is not on this machine (Debian: apt-get install systemd)")
		}
		t.Skip("SKIPPED-REQUIRED: systemd-analyze is not on this machine (Debian: apt-get install systemd)")
	}
}

// TestUnits has systemd verify the units.
func TestUnits(t *testing.T) {
	needSystemd(t)
	for _, path := range units(t) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if out, err := verify(t, filepath.Base(path), string(data)); err != nil || strings.TrimSpace(out) != "" {
			t.Errorf("%s: %v\n%s", path, err, out)
		}
	}
}

// TestUnits_NegativeControl has systemd look at units with faults.
func TestUnits_NegativeControl(t *testing.T) {
	needSystemd(t)
	good := read(t, "deploy/systemd/sallyport.service")
	for name, change := range map[string][2]string{
		"an unknown setting": {"ProtectHome=yes", "ProtectHouse=yes"},
		"a wrong value":      {"Restart=always", "Restart=often"},
		"no program":         {"/usr/local/bin/sallyport", "/usr/local/bin/absent"},
	} {
		bad := strings.Replace(good, change[0]+"\n", change[1]+"\n", 1)
		if name == "no program" {
			bad = strings.ReplaceAll(good, change[0], change[1])
		}
		if bad == good {
			t.Fatalf("%s: the unit has no %q", name, change[0])
		}
		if out, err := verify(t, "sallyport.service", bad); err == nil && strings.TrimSpace(out) == "" {
			t.Errorf("%s was not found", name)
		}
	}
}
