package types

import (
	"fmt"

	"github.com/sallyport/sallyport/internal/expr/parse"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// members reads the signatures of a table.
func (b *builder) members(h head) {
	if h.def.Kind == Delegate {
		b.invoke(h)
	}
	simple := h.decl.Name
	for i := len(simple) - 1; i >= 0; i-- {
		if simple[i] == '.' {
			simple = simple[i+1:]
			break
		}
	}
	next := int64(0)
	for i := range h.table.Members {
		e := &h.table.Members[i]
		if h.def.Kind == Enum {
			simple = ""
		}
		sig, err := parse.Signature(e.Sig, simple)
		if err != nil {
			b.fail(h, "member %q: %v", e.Sig, err)
			continue
		}
		m, err := b.member(h, e, sig)
		if err == nil && sig.Kind == syntax.EnumMember {
			err = b.enumValue(h.def, m, sig, &next)
		}
		if err != nil {
			b.fail(h, "member %q: %v", e.Sig, err)
			continue
		}
		h.def.Members = append(h.def.Members, m)
		if m.Extension {
			b.lib.extensions[m.Name] = append(b.lib.extensions[m.Name], m)
		}
	}
}

// member makes one member of its signature.
func (b *builder) member(h head, e *Entry, sig *syntax.Signature) (*Member, error) {
	m := &Member{
		Kind: sig.Kind, Name: memberName(sig), Declaring: h.def.self, Static: sig.Static || h.def.Static,
		Implicit: sig.Implicit, CanGet: sig.Get, CanSet: sig.Set, Impl: e.Impl, SetImpl: e.Set, Text: e.Sig,
		Pure:             e.Traits&Pure != 0,
		Transient:        e.Traits&Transient != 0,
		Unlisted:         e.Traits&Unlisted != 0,
		Unnamed:          e.Traits&Unnamed != 0,
		ReadsRequestBody: e.Traits&ReadsRequestBody != 0, ReadsResponseBody: e.Traits&ReadsResponseBody != 0,
	}
	if f, ok := e.Impl.(Bindable); ok {
		m.Impl, m.Bind = f.Impl, f.Bind
	}
	m.Origin = m
	scope := append([]*Type(nil), h.def.Params...)
	for i, p := range sig.TypeParams {
		t := b.lib.adopt(&Type{Kind: Param, ParamName: p.Name.Text, ParamIndex: i, Method: true})
		m.TypeParams = append(m.TypeParams, t)
		scope = append(scope, t)
	}
	for i, p := range sig.Params {
		param, err := b.parameter(p, scope)
		if err != nil {
			return nil, err
		}
		m.Params = append(m.Params, param)
		m.Extension = m.Extension || i == 0 && p.Mode == syntax.KwThis
	}
	switch {
	case sig.Kind == syntax.ConstructorMember, sig.Kind == syntax.EnumMember:
		m.Result = h.def.self
		m.Static = m.Static || sig.Kind == syntax.EnumMember
		return m, nil
	case sig.Kind == syntax.OperatorMember, sig.Kind == syntax.ConversionMember:
		m.Static = true
	}
	t, err := b.lib.resolve(sig.Type, scope)
	if err != nil {
		return nil, err
	}
	m.Result = t
	return m, b.finish(m, sig)
}

// finish fills in what depends on the kind of the member.
func (b *builder) finish(m *Member, sig *syntax.Signature) error {
	switch sig.Kind {
	case syntax.FieldMember:
		m.CanGet = true
	case syntax.ConstantMember:
		m.Static, m.CanGet = true, true
		v, err := b.lib.constant(sig.Value, m.Result)
		m.Const = v
		return err
	case syntax.PropertyMember, syntax.IndexerMember:
		if m.CanSet && m.SetImpl == nil && m.Impl != nil {
			return fmt.Errorf("the setter has no implementation")
		}
	}
	return nil
}

func memberName(sig *syntax.Signature) string {
	switch sig.Kind {
	case syntax.ConstructorMember:
		return ".ctor"
	case syntax.IndexerMember:
		return "this"
	case syntax.ConversionMember:
		return "conversion"
	default:
		return sig.Name
	}
}

// parameter makes one parameter.
func (b *builder) parameter(p syntax.Param, scope []*Type) (Parameter, error) {
	t, err := b.lib.resolve(p.Type, scope)
	if err != nil {
		return Parameter{}, err
	}
	q := Parameter{Name: p.Name.Text, Type: t}
	switch p.Mode {
	case syntax.KwOut, syntax.KwRef, syntax.KwIn:
		q.Mode = p.Mode
	case syntax.KwParams:
		q.Params = true
		if t.Kind != Array {
			return q, fmt.Errorf("the params parameter %s is no array", q.Name)
		}
	}
	if p.Default != nil {
		q.Optional = true
		q.Default, err = b.lib.constant(p.Default, t)
	}
	return q, err
}

// invoke makes the signature of a delegate.
func (b *builder) invoke(h head) {
	m := &Member{Kind: syntax.MethodMember, Name: "Invoke", Declaring: h.def.self, Text: h.table.Decl}
	m.Origin = m
	t, err := b.lib.resolve(h.decl.Result, h.def.Params)
	if err != nil {
		b.fail(h, "%v", err)
		return
	}
	m.Result = t
	for _, p := range h.decl.Params {
		q, err := b.parameter(p, h.def.Params)
		if err != nil {
			b.fail(h, "%v", err)
			return
		}
		m.Params = append(m.Params, q)
	}
	h.def.Invoke = m
	h.def.Members = append(h.def.Members, m)
}

// enumValue gives an enum member its value: the one written, or one more than the member before.
func (b *builder) enumValue(def *Definition, m *Member, sig *syntax.Signature, next *int64) error {
	if sig.Value != nil {
		n, err := b.lib.integer(sig.Value, def)
		if err != nil {
			return err
		}
		*next = n
	}
	m.Const = value.Boxed(def.self, uint64(*next))
	m.CanGet = true
	*next++
	return nil
}
