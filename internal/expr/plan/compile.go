package plan

import (
	"fmt"

	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/types"
)

func compile(*types.Library, *bound.Program) (*Program, error) {
	return nil, fmt.Errorf("planning an expression: not written yet")
}
