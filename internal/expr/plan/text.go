package plan

import (
	"strings"

	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// maxConcat is the number of operands of one concatenation whose texts are kept on the stack.
const maxConcat = 8

// concat compiles a + b + c of strings.
func (c *compiler) concat(x *bound.Concat) StrFunc {
	parts := make([]StrFunc, len(x.Parts))
	for i, p := range x.Parts {
		parts[i] = c.text(c.expr(p), p.Type())
	}
	pos := posOf(x)
	return func(f *Frame) (value.String, *value.Exception) {
		var buf [maxConcat]string
		texts := buf[:0]
		n := int64(0)
		for _, p := range parts {
			s, e := p(f)
			if e != nil {
				return value.Null, at(e, pos)
			}
			n += int64(len(s.Go()))
			texts = append(texts, s.Go())
		}
		if e := f.Thread.Budget.AllocString(n); e != nil {
			return value.Null, at(e, pos)
		}
		return value.Str(join(texts, n)), nil
	}
}

func join(texts []string, n int64) string {
	last := ""
	for _, t := range texts {
		if int64(len(t)) == n {
			last = t
		}
	}
	if int64(len(last)) == n {
		return last
	}
	var b strings.Builder
	b.Grow(int(n))
	for _, t := range texts {
		b.WriteString(t)
	}
	return b.String()
}

// interpolation compiles $"…".
func (c *compiler) interpolation(x *bound.Interpolation) StrFunc {
	type part struct {
		text string
		x    StrFunc
	}
	var parts []part
	for _, p := range x.Parts {
		if p.X == nil {
			parts = append(parts, part{text: p.Text})
			continue
		}
		parts = append(parts, part{x: c.hole(p)})
	}
	pos := posOf(x)
	return func(f *Frame) (value.String, *value.Exception) {
		b := value.NewText(f.Thread)
		for i := range parts {
			if parts[i].x == nil {
				b.Add(parts[i].text)
				continue
			}
			s, e := parts[i].x(f)
			if e != nil {
				return value.Null, at(e, pos)
			}
			b.Add(s.Go())
		}
		s, e := b.Done()
		return value.Str(s), at(e, pos)
	}
}

// hole compiles one hole of an interpolated string.
func (c *compiler) hole(p bound.InterpolationPart) StrFunc {
	text := c.text(c.expr(p.X), p.X.Type())
	if p.Text != "" {
		v, format := c.val(p.X), p.Text
		text = func(f *Frame) (value.String, *value.Exception) {
			x, e := v(f)
			if e != nil {
				return value.Null, e
			}
			return object.Format(x, format)
		}
	}
	if p.Align == 0 {
		return text
	}
	align := p.Align
	return func(f *Frame) (value.String, *value.Exception) {
		s, e := text(f)
		if e != nil {
			return value.Null, e
		}
		if e := f.Thread.Budget.AllocString(int64(max(align, -align))); e != nil {
			return value.Null, e
		}
		return value.Str(object.Align(s.Go(), align)), nil
	}
}
