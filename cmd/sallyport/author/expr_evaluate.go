package author

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/expr/vectors"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/trial"
)

// The most bytes of the files of one evaluation.
const (
	maxCode      = 1 << 20
	maxRequest   = 16 << 20
	maxVariables = 16 << 20
)

// exprAnswer is what -o json prints: a value, the compiler's errors or an exception.
type exprAnswer struct {
	*vectors.Shown
	Errors    []exprError    `json:"errors,omitempty"`
	Exception *exprException `json:"exception,omitempty"`
}

// exprError is an error of the compiler.
type exprError struct {
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"endLine"`
	EndColumn int    `json:"endColumn"`
	Code      string `json:"code"`
	Message   string `json:"message"`
}

// exprException is the exception that an expression ended with.
type exprException struct {
	Type    string `json:"type"`
	Message string `json:"message"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Budget  string `json:"budget,omitempty"`
}

// evaluate evaluates one expression and prints what it gives.
func (f *exprFlags) evaluate(code string, in io.Reader, out io.Writer) error {
	if code == "-" {
		data, err := readBounded(in, maxCode)
		if err != nil {
			return fmt.Errorf("reading the expression: %w", err)
		}
		code = string(data)
	}
	compiler, err := f.runtime.Compiler()
	if err != nil {
		return err
	}
	runner := vectors.NewRunner(compiler, nil)
	call, err := f.call(runner)
	if err != nil {
		return err
	}
	var answer exprAnswer
	program, err := compiler.Compile(unwrap(code, f.block))
	if err == nil {
		err = answer.run(runner, program, call)
	}
	if failure := answer.fail(err); failure != nil {
		return failure
	}
	return f.print(out, &answer, err)
}

// call is the call that the expression runs in.
func (f *exprFlags) call(runner *vectors.Runner) (*policy.Call, error) {
	text := []byte("GET / HTTP/1.1\n")
	if f.request != "" {
		data, err := readFile("the request", f.request, maxRequest)
		if err != nil {
			return nil, err
		}
		text = data
	}
	request, err := trial.ReadRequest(text)
	if err != nil {
		return nil, fmt.Errorf("reading the request: %s: %w", f.request, err)
	}
	call := trial.New(request)
	now := clock.System()
	call.Expr.Static, call.Expr.Now, call.Expr.Timestamp = &host.Static{Deployment: &host.Deployment{}}, now.Now, now.Now()
	if f.variables == "" {
		return call, nil
	}
	data, err := readFile("the variables", f.variables, maxVariables)
	if err != nil {
		return nil, err
	}
	if err := runner.SetVariables(data, &call.Variables); err != nil {
		return nil, fmt.Errorf("reading the variables: %s: %w", f.variables, err)
	}
	return call, nil
}

// unwrap takes the brackets of a policy off.
func unwrap(code string, block bool) expr.Source {
	text := strings.TrimRight(code, " \t\r\n")
	for _, b := range []struct {
		open, end string
		block     bool
	}{{"@(", ")", false}, {"@{", "}", true}} {
		if strings.HasPrefix(text, b.open) && strings.HasSuffix(text, b.end) {
			return expr.Source{Code: text[2 : len(text)-1], Block: b.block, Start: expr.Position{Line: 1, Column: 3}}
		}
	}
	return expr.Source{Code: code, Block: block}
}

// run runs a program and keeps its value.
func (a *exprAnswer) run(runner *vectors.Runner, program *expr.Program, call *policy.Call) error {
	v, err := program.Run(call.Expression())
	if err != nil {
		return err
	}
	shown, err := runner.Show(v)
	if err == nil {
		a.Shown = &shown
	}
	return err
}

// fail keeps the error of an expression; any other error is returned.
func (a *exprAnswer) fail(err error) error {
	var refused expr.Errors
	var thrown *expr.Exception
	switch {
	case errors.As(err, &refused):
		for _, e := range refused {
			a.Errors = append(a.Errors, exprError{e.Line, e.Column, e.EndLine, e.EndColumn, e.Code, e.Message})
		}
	case errors.As(err, &thrown):
		a.Exception = &exprException{thrown.Type, thrown.Message, thrown.Line, thrown.Column, thrown.Budget}
	default:
		return err
	}
	return nil
}

// print prints an answer. An expression that gave no value fails the command.
func (f *exprFlags) print(out io.Writer, a *exprAnswer, failure error) error {
	if f.output == outputJSON {
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(a); err != nil {
			return err
		}
	} else {
		a.printText(out, failure)
	}
	switch {
	case a.Exception != nil:
		return errors.New("the expression ended with an exception")
	case len(a.Errors) == 1:
		return errors.New("the expression has 1 error")
	case len(a.Errors) > 1:
		return fmt.Errorf("the expression has %d errors", len(a.Errors))
	}
	return nil
}

// printText prints type and value, or the error.
func (a *exprAnswer) printText(out io.Writer, failure error) {
	if failure != nil {
		fmt.Fprintln(out, failure)
		return
	}
	fmt.Fprintf(out, "%s\n%s\n", a.Type, a.Shown)
}
