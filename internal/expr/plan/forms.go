package plan

import (
	"strings"

	"github.com/sallyport/sallyport/internal/expr/library/apim"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/expr/value/number"
)

// contextValue reads the variable context.
func contextValue(f *Frame) (value.Value, *value.Exception) { return apim.Context(f.Thread), nil }

// programForms sets the forms that the gateway asks a program for.
func (c *compiler) programForms(p *Program, k code, t *types.Type) {
	p.val = boxed(k, t)
	p.text = c.text(k, t)
	text := p.text
	p.bool, p.int = k.b, k.i
	if p.bool == nil {
		p.bool = func(f *Frame) (bool, *value.Exception) {
			s, e := text(f)
			if e != nil {
				return false, e
			}
			b, ok := ParseBool(s.Go())
			if !ok {
				return false, at(value.BadFormat("String '"+s.Go()+"' was not recognized as a valid Boolean."), 0)
			}
			return b, nil
		}
	}
	if p.int == nil || t.Special() == types.Char {
		p.int = func(f *Frame) (int64, *value.Exception) {
			s, e := text(f)
			if e != nil {
				return 0, e
			}
			n, e := number.ParseInt(s.Go(), number.Integer, 64, false)
			return n, at(e, 0)
		}
	}
}

// ParseBool reads a truth value as bool.Parse does.
func ParseBool(s string) (v, ok bool) {
	s = strings.Trim(s, " \t\n\v\f\r\x00")
	switch {
	case strings.EqualFold(s, "true"):
		return true, true
	case strings.EqualFold(s, "false"):
		return false, true
	}
	return false, false
}

// text compiles the ToString() of code of static type t; null stays null.
func (c *compiler) text(k code, t *types.Type) StrFunc {
	switch {
	case k.s != nil:
		return k.s
	case k.b != nil:
		return func(f *Frame) (value.String, *value.Exception) {
			b, e := k.b(f)
			if b {
				return value.Str("True"), e
			}
			return value.Str("False"), e
		}
	case k.i != nil:
		return func(f *Frame) (value.String, *value.Exception) {
			n, e := k.i(f)
			if e != nil {
				return value.Null, e
			}
			s, e := object.FormatBits(t, uint64(n), "")
			return value.Str(s), e
		}
	case k.f != nil:
		real := object.Real(t)
		return func(f *Frame) (value.String, *value.Exception) {
			n, e := k.f(f)
			if e != nil {
				return value.Null, e
			}
			return value.Str(real.Text(n)), nil
		}
	}
	v := boxed(k, t)
	return func(f *Frame) (value.String, *value.Exception) {
		x, e := v(f)
		if e != nil {
			return value.Null, e
		}
		s, e := object.TextIn(f.Thread, x)
		return s, at(e, 0)
	}
}
