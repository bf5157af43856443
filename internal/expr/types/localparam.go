package types

import "strconv"

// LocalParam returns the type parameter of a generic local function with that name and place. The same name and
// place give the same type again, so that compiling many expressions does not make ever more types.
func (l *Library) LocalParam(name string, index int) *Type {
	return l.intern("m"+strconv.Itoa(index)+name, func() *Type {
		return &Type{Kind: Param, ParamName: name, ParamIndex: index, Method: true}
	})
}
