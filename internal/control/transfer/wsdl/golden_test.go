package wsdl

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/problem"
)

// updating reports whether the golden files are written anew. The flag -update
// is policytest's.
func updating() bool { return flag.Lookup("update").Value.String() == "true" }

// describe writes an import as text.
func describe(t *testing.T, in *transfer.Import, problems problem.Problems) string {
	t.Helper()
	var b strings.Builder
	for _, p := range problems {
		b.WriteString(p.String() + "\n")
	}
	p := in.Properties
	fmt.Fprintf(&b, "type %q, name %q, description %q, service %q\n", p.Type, p.DisplayName, p.Description, p.ServiceURL)
	write := func(r model.Resource) {
		if p := model.Validate(r); p.HasErrors() {
			t.Errorf("%s is not valid: %v", r.ResourceID(), p)
		}
		if policy, ok := r.(*model.Policy); ok {
			fmt.Fprintf(&b, "%s (%s)\n%s", policy.ID, policy.Format, policy.Value)
			return
		}
		properties, err := model.Encode(r)
		if err != nil {
			t.Fatal(err)
		}
		at := in.Positions[r.ResourceID().Key()]
		if r.ResourceID().Name() == DocumentSchema {
			properties = []byte("the document")
		}
		fmt.Fprintf(&b, "%s (%d:%d)\n  %s\n", r.ResourceID().Name(), at.Line, at.Column, properties)
	}
	for _, o := range in.Operations {
		write(o)
	}
	for _, s := range in.Schemas {
		write(s)
	}
	for _, p := range in.Policies {
		write(p)
	}
	return b.String()
}

// options reads the comment of an archive: "rest", "service NAME" and
// "endpoint NAME", a line each.
func options(a *txtar.Archive) Options {
	o := Options{File: a.Files[0].Name}
	for line := range strings.Lines(string(a.Comment)) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "rest":
			o.REST = true
		case "service":
			o.Service = rest
		case "endpoint":
			o.Endpoint = rest
		}
	}
	return o
}

func archives(t *testing.T) map[string]*txtar.Archive {
	t.Helper()
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	out := map[string]*txtar.Archive{}
	for _, name := range names {
		if out[name], err = txtar.ParseFile(name); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func TestGolden(t *testing.T) {
	for name, a := range archives(t) {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			in, problems := Read("apis/a", a.Files[0].Data, options(a))
			got := describe(t, in, problems)
			if updating() {
				a.Files = append(slices.Clone(a.Files[:1]), txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(name, txtar.Format(a), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if len(a.Files) < 2 {
				t.Fatal("the archive has no second file: run with -update")
			}
			if diff := cmp.Diff(string(a.Files[1].Data), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// FuzzRead checks that no document makes the importer panic, and that what it
// imports is valid by itself.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"/>`), true)
	f.Fuzz(func(t *testing.T, data []byte, rest bool) {
		in, problems := Read("apis/a", data, Options{REST: rest})
		if problems.HasErrors() {
			return
		}
		for _, o := range in.Operations {
			for _, p := range model.Validate(o) {
				if p.Element != "urlTemplate" {
					t.Fatalf("%s: %v", o.ID, p)
				}
			}
			if _, err := model.Encode(o); err != nil {
				t.Fatal(err)
			}
		}
		for _, s := range in.Schemas {
			if _, err := model.Encode(s); err != nil {
				t.Fatal(err)
			}
		}
	})
}
