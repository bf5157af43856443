package archtest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPackageComments(t *testing.T) {
	report(t, checkPackageComments(sources(t)))
}

func TestCode(t *testing.T) {
	for _, file := range sources(t) {
		report(t, checkCode(file))
		report(t, checkComments(file))
	}
}

func TestCheckPackageComments(t *testing.T) {
	got := checkPackageComments([]sourceFile{
		source(t, "internal/one/doc.go", "// Package one is documented once.\npackage one\n"),
		source(t, "internal/one/one.go", "package one\n"),
		source(t, "internal/none/none.go", "package none\n"),
		source(t, "internal/none/none_test.go", "// Package none is documented in its test.\npackage none\n"),
		source(t, "internal/two/a.go", "// Package two is documented here.\npackage two\n"),
		source(t, "internal/two/b.go", "// Package two is documented there.\npackage two\n"),
		source(t, "internal/odd/doc.go", "// This package is odd.\npackage odd\n"),
		source(t, "cmd/gate/main.go", "// Gate runs.\npackage main\n"),
	})
	want := []string{
		`internal/odd/doc.go: the package comment begins with "Package odd "`,
		"internal/none: has no package comment; say in one what the package is for",
		"internal/two: has 2 package comments (a.go, b.go); keep one",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestCheckCode(t *testing.T) {
	bad := `package p

import clock "time"

func init() {}

func f() clock.Time {
	if clock.Minute > 0 {
		panic("no")
	}
	clock.Sleep(1)
	return clock.Now()
}
`
	tests := []struct {
		name string
		path string
		text string
		want []string
	}{
		{"everything wrong", "internal/p/p.go", bad, []string{
			"internal/p/p.go:5: init(): registration is an explicit list, and set-up a constructor",
			"internal/p/p.go:9: panic(): return an error, with what was being done",
			"internal/p/p.go:11: time.Sleep: take an internal/clock.Clock, so that tests decide what time it is",
			"internal/p/p.go:12: time.Now: take an internal/clock.Clock, so that tests decide what time it is",
		}},
		{"in a test", "internal/p/p_test.go", bad, nil},
		{"in a conformance suite", "internal/counter/countertest/rate.go", bad, nil},
		{"the clock itself", "internal/clock/c.go", "package clock\n\nimport \"time\"\n\nvar now = time.Now\n", nil},
		{"deadlines of sockets", "internal/gateway/listen/l.go", "package listen\n\nimport \"time\"\n\nvar now, wait = time.Now, time.Sleep\n", []string{
			"internal/gateway/listen/l.go:5: time.Sleep: take an internal/clock.Clock, so that tests decide what time it is",
		}},
		{"a value of that name", "internal/p/q.go", "package p\n\nfunc g(time struct{ Now int }) int { return time.Now }\n", nil},
		{"cutting an answer off", "internal/p/s.go", "package p\n\nimport \"net/http\"\n\nfunc g() { panic(http.ErrAbortHandler) }\n", nil},
		{"a method called init", "internal/p/r.go", "package p\n\ntype T int\n\nfunc (T) init() {}\n", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := checkCode(source(t, test.path, test.text))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheckComments(t *testing.T) {
	word := "TO" + "DO"
	got := checkComments(source(t, "internal/p/p.go", "package p\n\n// "+word+": later.\nvar a = \""+word+"\"\n\n// "+word+"S is a name.\nvar b = 1\n"))
	want := []string{"internal/p/p.go:3: " + word + ": finish it, or open an issue and say here what holds today"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}
