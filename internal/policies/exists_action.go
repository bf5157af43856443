package policies

import (
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// existsKind is a value of exists-action.
type existsKind uint8

// The values of exists-action.
const (
	existsOverride existsKind = iota
	existsSkip
	existsAppend
	existsDelete
)

// existsNames are the values as documents have them.
var existsNames = []string{existsOverride: "override", existsSkip: "skip", existsAppend: "append", existsDelete: "delete"}

// existsAction describes the attribute that set-header and
// set-query-parameter share.
func existsAction(what string) policy.Attribute {
	return policy.Attribute{Name: "exists-action", Value: policy.Value{
		Type: policy.TypeEnum, Expression: true, Default: existsNames[existsOverride], Enum: existsNames,
		Doc: "what to do when the " + what + " is there already",
	}}
}

// action is a compiled exists-action.
type action struct {
	kind    existsKind // where it is known
	known   bool
	dynamic policy.String
}

// compileAction reads the exists-action of an element.
func compileAction(c *policy.Compiler, el *document.Element) action {
	a := action{dynamic: c.String(el, "exists-action")}
	if text, ok := a.dynamic.Constant(); ok {
		a.kind, _ = existsKindOf(text) // The shape check has reported what is no such name.
		a.known = true
	}
	return a
}

// checkValues checks that there is a value, unless none is needed.
func (a *action) checkValues(c *policy.Compiler, el *document.Element, values int) {
	if a.known && a.kind != existsDelete && values == 0 {
		c.Failf(el, "there is no value to set; only exists-action=\"delete\" needs none")
	}
}

// eval returns what is to be done for this request.
func (a *action) eval(c *policy.Call) (existsKind, error) {
	if a.known {
		return a.kind, nil
	}
	text, err := a.dynamic.Eval(c)
	if err != nil {
		return 0, err
	}
	kind, ok := existsKindOf(text)
	if !ok {
		return 0, fmt.Errorf("evaluating exists-action: %.60q is none of %s", text, strings.Join(existsNames, ", "))
	}
	return kind, nil
}

// existsKindOf returns the value with that name, in any case.
func existsKindOf(text string) (existsKind, bool) {
	text = strings.TrimSpace(text)
	for kind, name := range existsNames {
		if strings.EqualFold(name, text) {
			return existsKind(kind), true //nolint:gosec // There are four.
		}
	}
	return existsOverride, false
}
