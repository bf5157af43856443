package apiops

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/model"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The files of an archive that are not part of the folder.
const (
	overridesName = "-overrides.yaml-"
	environment   = "-environment-" // NAME=value lines, and "file PATH=value".
	wantName      = "-want-"
)

// folderOf makes a folder of an archive, and the options to read it with.
func folderOf(a *txtar.Archive) (fstest.MapFS, Options) {
	folder := fstest.MapFS{}
	var o Options
	for _, f := range a.Files {
		switch f.Name {
		case overridesName:
			o.Overrides, o.OverridesFile = f.Data, "configuration.test.yaml"
		case environment:
			useEnvironment(&o, string(f.Data))
		case wantName:
		default:
			folder[f.Name] = &fstest.MapFile{Data: f.Data}
		}
	}
	return folder, o
}

func useEnvironment(o *Options, lines string) {
	values := map[string]string{}
	for line := range strings.Lines(lines) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		values[name] = value
	}
	o.Env = func(name string) (string, bool) { v, ok := values[name]; return v, ok }
	o.ReadValue = func(path string) ([]byte, error) {
		v, ok := values["file "+path]
		if !ok {
			return nil, errors.New("no such file")
		}
		return []byte(v + "\n"), nil
	}
}

// describe writes what was read: problems, then resources with where they are
// from.
func describe(t *testing.T, c *transfer.Configuration, problems fmt.Stringer) string {
	t.Helper()
	var b strings.Builder
	if text := problems.String(); text != "" {
		b.WriteString(text + "\n")
	}
	for _, r := range c.Resources {
		properties, err := model.Encode(r)
		if err != nil {
			t.Fatal(err)
		}
		key := r.ResourceID().Key()
		s := c.Sources[key]
		fmt.Fprintf(&b, "%s (%s:%d:%d) %s\n", r.ResourceID(), s.File, s.Line, s.Column, properties)
	}
	for _, key := range slices.Sorted(maps.Keys(c.Specifications)) {
		s := c.Specifications[key]
		fmt.Fprintf(&b, "%s %s: %d bytes of %s\n", key, s.File, len(s.Data), s.Format)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			folder, o := folderOf(a)
			c, problems := Read(folder, o)
			got := describe(t, c, problems)
			if *update {
				updateWant(t, name, a, got)
			}
			if diff := cmp.Diff(wantOf(a), got); diff != "" {
				t.Error(diff)
			}
			if !problems.HasErrors() {
				roundTrip(t, c, o)
			}
		})
	}
}

func wantOf(a *txtar.Archive) string {
	for _, f := range a.Files {
		if f.Name == wantName {
			return string(f.Data)
		}
	}
	return ""
}

func updateWant(t *testing.T, name string, a *txtar.Archive, want string) {
	t.Helper()
	a.Files = slices.DeleteFunc(a.Files, func(f txtar.File) bool { return f.Name == wantName })
	a.Files = append(a.Files, txtar.File{Name: wantName, Data: []byte(want)})
	if err := os.WriteFile(name, txtar.Format(a), 0o600); err != nil {
		t.Fatal(err)
	}
}

// roundTrip checks that a configuration is the same when it is written and
// read again, and that its files are, byte by byte, when they are written once
// more.
func roundTrip(t *testing.T, c *transfer.Configuration, o Options) {
	t.Helper()
	first, problems := Files(c, WriteOptions{Secrets: true})
	if len(problems) > 0 {
		t.Fatalf("writing: %v", problems)
	}
	folder := fstest.MapFS{}
	for name, data := range first {
		folder[name] = &fstest.MapFile{Data: data}
	}
	o.Overrides = nil // They are in what was written.
	again, problems := Read(folder, o)
	if problems.HasErrors() {
		t.Fatalf("reading again: %v", problems)
	}
	if diff := cmp.Diff(c.Resources, again.Resources); diff != "" {
		t.Errorf("resources after writing and reading: %s", diff)
	}
	if diff := cmp.Diff(c.Specifications, again.Specifications); diff != "" {
		t.Errorf("specifications: %s", diff)
	}
	if diff := cmp.Diff(c.Kept, again.Kept); diff != "" {
		t.Errorf("kept files: %s", diff)
	}
	if diff := cmp.Diff(c.ValueSources, again.ValueSources); diff != "" {
		t.Errorf("value sources: %s", diff)
	}
	second, problems := Files(again, WriteOptions{Secrets: true})
	if len(problems) > 0 {
		t.Fatalf("writing again: %v", problems)
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(first)), slices.Sorted(maps.Keys(second))); diff != "" {
		t.Errorf("files: %s", diff)
	}
	for name := range first {
		if !bytes.Equal(first[name], second[name]) {
			t.Errorf("%s: %s", name, cmp.Diff(string(first[name]), string(second[name])))
		}
	}
}
