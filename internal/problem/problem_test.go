package problem_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sallyport/sallyport/internal/problem"
)

func TestErrorJSON(t *testing.T) {
	tests := []struct {
		name string
		err  *problem.Error
		want string
	}{
		{"without details", problem.NotFound("Api", ""),
			`{"error":{"code":"ResourceNotFound","message":"Api not found.","details":null}}`},
		{"with everything", problem.Validation("bad").WithTarget("name").
			WithDetails(problem.Detail{Code: "ValidationError", Target: "properties.name", Message: "is required"}),
			`{"error":{"code":"ValidationError","message":"bad","target":"name","details":[{"code":"ValidationError","target":"properties.name","message":"is required"}]}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := json.Marshal(tt.err)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Error(diff)
			}
			back := problem.Error{Status: tt.err.Status}
			if err := json.Unmarshal([]byte(tt.want), &back); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(*tt.err, back, cmpopts.IgnoreUnexported(problem.Error{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestErrorUnwrap(t *testing.T) {
	err := fmt.Errorf("saving: %w", problem.New(409, problem.CodeConflict, "opening it: %w", fs.ErrNotExist))
	if !errors.Is(err, fs.ErrNotExist) {
		t.Error("the cause is lost")
	}
	if got := problem.From(err); got == nil || got.Status != 409 {
		t.Errorf("From gave %v", got)
	}
	if got := problem.From(errors.New("password=x")); got.Status != 500 || got.Message != "An internal error occurred." {
		t.Errorf("From of a foreign error gave %v", got)
	}
	if problem.From(nil) != nil {
		t.Error("From(nil) is not nil")
	}
}

func TestErrorText(t *testing.T) {
	err := problem.Validation("bad").WithTarget("name").WithDetails(
		problem.Detail{Target: "a", Message: "one"}, problem.Detail{Message: "two"})
	want := "ValidationError (name): bad: a: one; two"
	if got := err.Error(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestProblemString(t *testing.T) {
	tests := []struct {
		name string
		in   problem.Problem
		want string
	}{
		{"all", problem.Problem{Location: problem.Location{File: "p.xml", Line: 3, Column: 5, Element: "set-header"},
			Message: "attribute \"nam\" is not known", Hint: "did you mean \"name\"?"},
			`p.xml:3:5: set-header: attribute "nam" is not known (did you mean "name"?)`},
		{"no column", problem.Problem{Location: problem.Location{File: "p.xml", Line: 3}, Message: "m"}, "p.xml:3: m"},
		{"resource only", problem.Problem{Location: problem.Location{Resource: "apis/echo"}, Message: "m"}, "apis/echo: m"},
		{"element only", problem.Problem{Location: problem.Location{Element: "base"}, Message: "m"}, "base: m"},
		{"nothing", problem.Problem{Message: "m"}, "m"},
		{"warning", problem.Problem{Severity: problem.SeverityWarning,
			Location: problem.Location{File: "f", Line: 1, Column: 2, Element: "e"}, Message: "m"}, "f:1:2: warning: e: m"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.in.String(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestProblemsErr(t *testing.T) {
	at := func(file string, line int, s problem.Severity) problem.Problem {
		return problem.Problem{Severity: s, Location: problem.Location{File: file, Line: line}, Message: "m"}
	}
	warnings := problem.Problems{at("a", 1, problem.SeverityWarning)}
	if err := warnings.Err(); err != nil {
		t.Errorf("warnings alone gave %v", err)
	}
	ps := problem.Problems{at("b", 1, 0), at("", 9, 0), at("a", 2, problem.SeverityWarning)}.InFile("a")
	err := fmt.Errorf("loading: %w", ps.Err())
	want := "a:2: warning: m\na:9: m\nb:1: m"
	if got := problem.Of(err).String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	e := problem.From(err)
	if e.Status != 400 || len(e.Details) != 2 || e.Details[0].Message != "a:9: m" {
		t.Errorf("From gave %v", e)
	}
	if got := problem.Of(errors.New("x")); len(got) != 1 || got[0].Message != "x" {
		t.Errorf("Of a foreign error gave %v", got)
	}
}

func TestProblemJSON(t *testing.T) {
	in := problem.Problem{Severity: problem.SeverityWarning,
		Location: problem.Location{File: "f", Line: 1, Column: 2, Element: "e", Resource: "r"}, Message: "m", Hint: "h"}
	want := `{"severity":"warning","file":"f","line":1,"column":2,"element":"e","resource":"r","message":"m","hint":"h"}`
	got, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
	var back problem.Problem
	if err := json.Unmarshal(got, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(in, back); diff != "" {
		t.Error(diff)
	}
}
