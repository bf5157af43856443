package library

import (
	"testing"

	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

func TestTablesResolve(t *testing.T) {
	lib, err := New(value.Net)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range lib.Definitions() {
		for _, m := range d.Members {
			if m.Impl == nil && d.Kind != types.Enum && m.Const.IsNull() && d.Kind != types.Delegate {
				t.Errorf("%s: %s has no implementation", d.FullName(), m.Text)
			}
		}
	}
}
