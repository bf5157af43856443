package bound

// Children returns the expressions that an expression evaluates itself, in order of evaluation as far as it
// is fixed. The body of a lambda, the right side of a conditional evaluation and patterns count as children
// only where they are expressions.
func Children(e Expr) []Expr {
	switch e := e.(type) {
	case *FieldRef:
		return some(e.X)
	case *PropertyRef:
		return some(e.X)
	case *IndexerRef:
		return with(e.X, e.Args)
	case *ElementRef:
		return with(e.X, e.Index)
	case *AnonymousRef:
		return some(e.X)
	case *Call:
		return with(e.X, e.Args)
	case *OutArg:
		return some(e.Target)
	case *Invoke:
		return with(e.X, e.Args)
	case *LocalCall:
		return e.Args
	case *New:
		return e.Args
	case *NewArray:
		return append(append([]Expr(nil), e.Sizes...), e.Elems...)
	case *NewObject:
		return e.Values
	case *Initialized:
		return with(e.X, e.Do)
	case *MethodGroup:
		return some(e.X)
	case *Interpolation:
		return e.children()
	case *Sequence:
		return append(append([]Expr(nil), e.Do...), e.X)
	case *Throw:
		return some(e.X)
	}
	return operands(e)
}

// operands returns the children of operators and conversions.
func operands(e Expr) []Expr {
	switch e := e.(type) {
	case *Unary:
		return some(e.X)
	case *Binary:
		return some(e.X, e.Y)
	case *Concat:
		return e.Parts
	case *Logical:
		return some(e.X, e.Y)
	case *Coalesce:
		return some(e.X, e.Then, e.Y)
	case *Cond:
		return some(e.Test, e.Then, e.Else)
	case *CondAccess:
		return some(e.X, e.Then)
	case *Assign:
		return some(e.X, e.Y)
	case *Compound:
		return some(e.X, e.Value)
	case *Deconstruct:
		return append(some(e.Y, e.Split), e.Assigns...)
	case *Conversion:
		return some(e.X, e.Inner)
	case *As:
		return some(e.X)
	case *Is:
		return some(e.X)
	}
	return nil
}

func (e *Interpolation) children() []Expr {
	var list []Expr
	for i := range e.Parts {
		if e.Parts[i].X != nil {
			list = append(list, e.Parts[i].X)
		}
	}
	return list
}

// some returns those of its arguments that are there.
func some(list ...Expr) []Expr {
	out := list[:0]
	for _, e := range list {
		if e != nil {
			out = append(out, e)
		}
	}
	return out
}

func with(x Expr, list []Expr) []Expr { return append(some(x), list...) }
