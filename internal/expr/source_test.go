package expr_test

import (
	"errors"
	"testing"

	"github.com/sallyport/sallyport/internal/expr"
)

// TestPosition checks where a byte of an expression stands in its document.
func TestPosition(t *testing.T) {
	start := expr.Position{Line: 5, Column: 10}
	tests := []struct {
		name   string
		src    expr.Source
		offset int
		want   expr.Position
	}{
		{"first", expr.Source{Code: "ab", Start: start}, 0, start},
		{"same line", expr.Source{Code: "ab", Start: start}, 1, expr.Position{Line: 5, Column: 11}},
		{"after a line break", expr.Source{Code: "a\nbc", Start: start}, 3, expr.Position{Line: 6, Column: 2}},
		{"after a Windows line break", expr.Source{Code: "a\r\nbc", Start: start}, 4, expr.Position{Line: 6, Column: 2}},
		{"no start", expr.Source{Code: "ab"}, 1, expr.Position{Line: 1, Column: 2}},
		{"UTF-16 columns", expr.Source{Code: "é😀x"}, 6, expr.Position{Line: 1, Column: 4}},
		{"located by the document", expr.Source{Code: "a&b", Locate: func(n int) expr.Position { return expr.Position{Line: 2, Column: 10 * n} }}, 2, expr.Position{Line: 2, Column: 20}},
		{"beyond the end", expr.Source{Code: "ab"}, 9, expr.Position{Line: 1, Column: 3}},
		{"before the start", expr.Source{Code: "ab"}, -1, expr.Position{Line: 1, Column: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.src.Position(tt.offset); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// TestErrorsArePositioned checks that all errors come, each with its place in the document, in their order.
func TestErrorsArePositioned(t *testing.T) {
	c := newCompiler(t)
	_, err := c.Compile(expr.Source{
		Code: "int x = nope;\nstring s = 1;\nreturn context.Nope;", Block: true,
		File: "policy.xml", Start: expr.Position{Line: 3, Column: 20},
	})
	var list expr.Errors
	if !errors.As(err, &list) || len(list) != 3 {
		t.Fatalf("got %v, want three errors", err)
	}
	for i, want := range []struct {
		code         string
		line, column int
	}{{"CS0103", 3, 28}, {"CS0029", 4, 12}, {"CS1061", 5, 16}} {
		got := list[i]
		if got.Code != want.code || got.Line != want.line || got.Column != want.column || got.File != "policy.xml" {
			t.Errorf("error %d: got %v, want %s at %d:%d", i, got, want.code, want.line, want.column)
		}
	}
}

// TestExceptionsArePositioned checks where an exception was raised, its inner exception, and that it is an error.
func TestExceptionsArePositioned(t *testing.T) {
	c := newCompiler(t)
	p, err := c.Compile(expr.Source{
		Code:  "var s = \"x\";\ntry { int.Parse(s); } catch (Exception e) { throw new ArgumentException(\"outer\", e); }\nreturn 1;",
		Block: true, Start: expr.Position{Line: 7, Column: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Run(&expr.Context{})
	var x *expr.Exception
	if !errors.As(err, &x) || x.Type != "System.ArgumentException" || x.Line != 8 || x.Message != "outer" {
		t.Fatalf("got %+v", err)
	}
	if x.Inner == nil || x.Inner.Type != "System.FormatException" || x.Inner.Line != 8 || x.Inner.Column != 7 {
		t.Errorf("inner exception: got %+v", x.Inner)
	}
}
