package json

import (
	"encoding/base64"
	"math"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/library/json/isodate"
	"github.com/sallyport/sallyport/internal/expr/library/json/jsontext"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// writer writes tokens as Newtonsoft does.
type writer struct {
	b      value.Text
	indent bool
	depth  int
	thread *value.Thread
	err    *value.Exception
}

// maxDepth is the depth of nesting that is read and written.
const maxDepth = 256

// Text returns a token as JSON, indented by two spaces or compact. Without a thread it is bounded but not paid for.
func Text(th *value.Thread, t *Token, indent bool) (string, *value.Exception) {
	w := &writer{b: value.NewText(th), indent: indent, thread: th}
	w.token(t)
	if w.err != nil {
		return "", w.err
	}
	return w.b.Done()
}

func (w *writer) token(t *Token) {
	if w.err == nil {
		w.err = w.b.Err()
	}
	if w.err == nil && w.thread != nil {
		w.err = w.thread.Budget.Step()
	}
	if w.err != nil || t == nil {
		return
	}
	if w.depth > maxDepth {
		w.err = jsonError("The token is nested too deeply.")
		return
	}
	switch t.kind {
	case Object:
		w.list('{', '}', t.items)
	case Array:
		w.list('[', ']', t.items)
	case Constructor:
		w.b.Add("new " + t.name)
		w.list('(', ')', t.items)
	case Property:
		jsontext.Quote(&w.b, t.name)
		w.b.Char(':')
		if w.indent {
			w.b.Char(' ')
		}
		w.token(t.items[0])
	default:
		w.scalar(t)
	}
}

func (w *writer) list(open, closing byte, items []*Token) {
	w.b.Char(open)
	w.depth++
	for i, item := range items {
		if i > 0 {
			w.b.Char(',')
		}
		w.newLine()
		w.token(item)
	}
	w.depth--
	if len(items) > 0 {
		w.newLine()
	}
	w.b.Char(closing)
}

func (w *writer) newLine() {
	if w.indent {
		w.b.Char('\n')
		w.b.Repeat("  ", w.depth)
	}
}

func (w *writer) scalar(t *Token) {
	switch t.kind {
	case Null:
		w.b.Add("null")
	case Undefined:
		w.b.Add("undefined")
	case Comment:
		w.b.Add("/*")
		w.b.Add(t.val.StringOrNull().Go())
		w.b.Add("*/")
	case Raw:
		w.b.Add(t.val.StringOrNull().Go())
	case Boolean:
		if t.val.Bool() {
			w.b.Add("true")
		} else {
			w.b.Add("false")
		}
	case Float:
		w.float(t.val)
	case Date:
		jsontext.Quote(&w.b, isodate.Text(t.val))
	case Bytes:
		w.base64(t.val)
	default:
		s, e := object.Text(t.val)
		switch {
		case e != nil:
			w.err = e
		case t.val.IsNull():
			w.b.Add("null")
		case t.kind == Integer:
			w.b.Add(s.Go())
		default:
			jsontext.Quote(&w.b, s.Go())
		}
	}
}

// base64 writes a byte[].
func (w *writer) base64(v value.Value) {
	o, _ := v.Object()
	b, ok := o.(*value.Bytes)
	if !ok {
		jsontext.Quote(&w.b, "")
		return
	}
	w.b.Char('"')
	w.b.Append(base64.StdEncoding.EncodedLen(len(b.Data)), func(out []byte) []byte {
		return base64.StdEncoding.AppendEncode(out, b.Data)
	})
	w.b.Char('"')
}

// float writes a number that is read back as a float: with a decimal point.
func (w *writer) float(v value.Value) {
	var s string
	if o, ok := v.Object(); ok {
		text, e := object.Text(value.OfObject(o))
		if e != nil {
			w.err = e
		}
		s = text.Go()
	} else {
		f := v.Float()
		t, _, _ := v.Boxed()
		tt, _ := t.(*types.Type)
		s = object.Real(tt).RoundTrip(f)
		if math.IsNaN(f) || math.IsInf(f, 0) {
			jsontext.Quote(&w.b, s)
			return
		}
	}
	if !strings.ContainsAny(s, ".eE") {
		s += ".0"
	}
	w.b.Add(s)
}

// NetString returns what ToString() returns: JSON, indented, for containers, and the plain value otherwise.
func (t *Token) NetString() (value.String, *value.Exception) { return t.NetText(nil) }

// NetText returns what NetString returns, and charges a run for it.
func (t *Token) NetText(th *value.Thread) (value.String, *value.Exception) {
	if !t.isContainer() && t.kind != Raw {
		if t.val.IsNull() {
			return value.Str(""), nil
		}
		if s, ok := t.val.Str(); ok {
			return s, nil
		}
		return object.TextIn(th, t.val)
	}
	s, e := Text(th, t, true)
	return value.Str(s), e
}

// NetFormat returns what ToString(format) returns: that of a JValue's value.
func (t *Token) NetFormat(format string) (value.String, *value.Exception) {
	if t.isContainer() || t.val.IsNull() {
		return t.NetString()
	}
	return object.Format(t.val, format)
}
