package expr

import "github.com/sallyport/sallyport/internal/expr/portable"

// Encode returns the name of a value's type, "" for null, and the value as bytes, at
// most limit of them: what a policy keeps of it beyond its request. The error says
// that values of its type cannot be kept, or that it is too large.
func (c *Compiler) Encode(v Value, limit int) (typeName string, form []byte, err error) {
	return portable.Encode(c.planner.Env(), v, limit)
}

// Decode returns the value that Encode has written, from wherever it comes.
func (c *Compiler) Decode(typeName string, form []byte) (Value, error) {
	return portable.Decode(c.planner.Env(), typeName, form)
}
