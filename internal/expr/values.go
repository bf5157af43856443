package expr

import (
	"strconv"

	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// Int32 returns a number as C# has it in an int: what policies put into
// variables. Where the library has no int, it is the number's text.
func (c *Compiler) Int32(n int32) Value {
	t := c.lib.Special(types.Int32)
	if t == nil {
		return value.OfGo(strconv.Itoa(int(n)))
	}
	return value.Boxed(t, uint64(int64(n)))
}
