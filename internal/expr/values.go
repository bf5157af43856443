package expr

import (
	"strconv"

	"github.com/sallyport/sallyport/internal/expr/library/apim"
	"github.com/sallyport/sallyport/internal/expr/object"
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

// Tokens makes the objects of type Jwt that policies put into variables.
type Tokens struct{ env *object.Env }

// Tokens returns a maker of Jwt objects. A step takes one when it is compiled.
func (c *Compiler) Tokens() *Tokens { return &Tokens{env: c.planner.Env()} }

// Of returns the Jwt of a compact signed token, as AsJwt gives it, or null
// where the text is none. The text is kept.
func (t *Tokens) Of(compact string) Value {
	token := apim.ParseJWT(t.env, compact)
	if token == nil {
		return value.Nil
	}
	return value.OfObject(token)
}
