package policies

import (
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/policy/document"
	"github.com/sallyport/sallyport/internal/problem"
)

// anyRoot says that the root of a document may be any element.
const anyRoot = ""

// check reads a document, so that what is no document at all is refused with
// the place of the fault. Whether its policies are right is asked of the whole
// configuration, when the change is committed.
func check(e *resource.Entity, root string) error {
	value := e.Text("value")
	if root == anyRoot {
		value = wrapped(value)
	}
	tree, err := document.Parse([]byte(value), formatOf(e.Text("format")), document.Limits{})
	if err != nil {
		return refuse(err, root == anyRoot)
	}
	if root != anyRoot && tree.Name != root {
		return refusal(problem.Detail{
			Code: problem.CodeValidation, Target: tree.Name,
			Message: fmt.Sprintf("Error in element '%s' on line %d, column %d: the root element has to be <%s>.",
				tree.Name, tree.Pos.Line, tree.Pos.Column, root),
		})
	}
	return nil
}

// refuse makes of the errors of a document what APIM answers: a detail each,
// with the element, the line and the column.
func refuse(err error, wrapped bool) error {
	var details []problem.Detail
	for _, p := range document.Problems(err, "") {
		column := p.Location.Column
		if wrapped && p.Location.Line == 1 {
			column = max(column-len(wrapStart), 1)
		}
		details = append(details, detail(p, column))
	}
	return refusal(details...)
}

func detail(p problem.Problem, column int) problem.Detail {
	target := p.Location.Element
	place := fmt.Sprintf("Error on line %d, column %d", p.Location.Line, column)
	if target != "" {
		place = fmt.Sprintf("Error in element '%s' on line %d, column %d", target, p.Location.Line, column)
	} else {
		target = "properties.value"
	}
	message := place + ": " + p.Message
	if p.Hint != "" {
		message += " (" + p.Hint + ")"
	}
	return problem.Detail{Code: problem.CodeValidation, Target: target, Message: strings.TrimSuffix(message, ".") + "."}
}

func refusal(details ...problem.Detail) error {
	return problem.Validation("One or more fields contain incorrect values:").
		WithTarget("properties.value").WithDetails(details...)
}
