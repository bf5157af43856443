package supplytest

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// These vary the builds that are compared, in `make reproduce`: the profile, and
// whether each build has a cache of its own, which takes minutes.
const (
	profileVariable = "REPRODUCE_PGO"
	cachesVariable  = "REPRODUCE_OWN_CACHES"
)

// copied is what of the tree a build needs.
var copied = []string{"cmd", "internal", "examples", "go.mod", "go.sum"}

// twice copies the tree into two folders. The second is a copy of the first, so
// that somebody who works on the tree meanwhile makes no difference.
func twice(t *testing.T, second string) (one, other string) {
	t.Helper()
	dir := t.TempDir()
	one, other = filepath.Join(dir, "one"), filepath.Join(dir, second)
	copyTree(t, filepath.Join("..", ".."), one)
	copyTree(t, one, other)
	return one, other
}

func copyTree(t *testing.T, from, to string) {
	t.Helper()
	if err := os.MkdirAll(to, 0o750); err != nil {
		t.Fatal(err)
	}
	for _, name := range copied {
		source, target := filepath.Join(from, name), filepath.Join(to, name)
		var err error
		if filepath.Ext(name) == "" {
			err = os.CopyFS(target, os.DirFS(source))
		} else {
			err = copyFile(source, target)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// built builds the program in a folder and returns the digest of what came out.
func built(t *testing.T, folder string) [sha256.Size]byte {
	t.Helper()
	profile := os.Getenv(profileVariable)
	if profile == "" {
		profile = "off"
	}
	out := filepath.Join(folder, "program")
	c := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-pgo="+profile, "-o", out, "./cmd/sallyport")
	c.Dir = folder
	c.Env = append(os.Environ(), "PWD="+folder)
	if os.Getenv(cachesVariable) != "" {
		c.Env = append(c.Env, "GOCACHE="+filepath.Join(folder, "cache"))
	}
	if text, err := c.CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, text)
	}
	return digest(t, out)
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(filepath.Clean(from))
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o600)
}

func digest(t *testing.T, name string) (sum [sha256.Size]byte) {
	t.Helper()
	f, err := os.Open(filepath.Clean(name))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		t.Fatal(err)
	}
	copy(sum[:], h.Sum(nil))
	return sum
}

// TestS24_TwoBuilds builds the program in two folders and wants the same bytes.
func TestS24_TwoBuilds(t *testing.T) {
	first, second := twice(t, filepath.Join("deeper", "and", "with another name"))
	one, other := built(t, first), built(t, second)
	if one != other {
		t.Errorf("two builds differ: %x and %x", one, other)
	}
	fmt.Printf("S24: two builds in two folders, equal: %t (true), SHA-256 %x\n", one == other, one)
}

// TestS24_TwoBuilds_NegativeControl changes one character of the source of one.
func TestS24_TwoBuilds_NegativeControl(t *testing.T) {
	first, second := twice(t, "other")
	name := filepath.Join(second, "cmd", "sallyport", "version.go")
	source, err := os.ReadFile(filepath.Clean(name))
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Replace(source, []byte(`const version = "`), []byte(`const version = "x`), 1)
	if bytes.Equal(source, changed) {
		t.Fatal("the version is not there")
	}
	if err := os.WriteFile(name, changed, 0o600); err != nil {
		t.Fatal(err)
	}
	if built(t, first) == built(t, second) {
		t.Error("two builds of different sources are the same")
	}
}

// packages compares a list of packages with what the program links.
func packages(t *testing.T, file string) error {
	t.Helper()
	c := exec.CommandContext(t.Context(), "bash", filepath.Join("scripts", "packages.sh"), "check", file)
	c.Dir = filepath.Join("..", "..")
	text, err := c.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w\n%s", err, text)
	}
	return nil
}

const packageList = "docs/packages.txt"

func lines(t *testing.T) []string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", packageList))
	if err != nil {
		t.Fatal(err)
	}
	return strings.SplitAfter(string(content), "\n")
}

// outside is a row of docs/dependencies.md that says of a module that it is not in
// the binary.
var outside = regexp.MustCompile("(?m)^\\| `([^`]+)` \\|[^|]*; not in the binary \\|")

// TestS24_Packages wants docs/packages.txt to be what is linked, and nothing in it
// that docs/dependencies.md denies.
func TestS24_Packages(t *testing.T) {
	if err := packages(t, packageList); err != nil {
		t.Error(err)
	}
	all := lines(t)
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "dependencies.md"))
	if err != nil {
		t.Fatal(err)
	}
	denied := 0
	for _, row := range outside.FindAllStringSubmatch(string(page), -1) {
		for _, line := range all {
			if strings.HasPrefix(line, row[1]+" ") {
				denied++
				t.Errorf("docs/dependencies.md says that %s is not in the binary, which links %s", row[1], line)
				break
			}
		}
	}
	fmt.Printf("S24: %d packages in the list, which is what is linked; %d that docs/dependencies.md denies (0)\n", len(all)-1, denied)
}

// TestS24_Packages_NegativeControl hides a package.
func TestS24_Packages_NegativeControl(t *testing.T) {
	all := lines(t)
	file := filepath.Join(t.TempDir(), "packages.txt")
	if err := os.WriteFile(file, []byte(strings.Join(append(all[:100:100], all[101:]...), "")), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := packages(t, file); err == nil || !strings.Contains(err.Error(), "+"+all[100]) {
		t.Errorf("a package that is not in the list was not found: %v", err)
	}
}
