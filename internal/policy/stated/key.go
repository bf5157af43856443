package stated

import (
	"strings"

	"github.com/sallyport/sallyport/internal/expr/parse"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// Part is a piece of a counter's key.
type Part struct {
	From Origin
	// Text is a literal's.
	Text string
}

// Origin is where a part of a key is from.
type Origin uint8

// The origins. Elsewhere is what only a call can tell, and Own what only a call
// can tell although the subscription or the user is in it.
const (
	Literal Origin = iota
	SubscriptionID
	SubscriptionKey
	UserID
	ProductID
	APIID
	OperationID
	Own
	Elsewhere
)

// Key is what calls are counted by, piece by piece.
type Key []Part

// maxParts bounds the pieces of a key.
const maxParts = 32

// Subject is for whom a key is asked. An empty field is not known.
type Subject struct{ Subscription, Key, User, Product, API, Operation string }

// Has reports whether one of the parts is from there.
func (k Key) Has(from Origin) bool {
	for _, p := range k {
		if p.From == from {
			return true
		}
	}
	return false
}

// By is what a limit counts by: the subscription, its key or the user. It is
// Elsewhere for what is counted by something else, such as the caller's address.
func (k Key) By() Origin {
	for _, from := range []Origin{SubscriptionKey, SubscriptionID, UserID} {
		if k.Has(from) {
			return from
		}
	}
	if k.Has(Own) {
		return SubscriptionID
	}
	return Elsewhere
}

// Of is the key for a subject; false where that is not known before a call is
// made.
func (k Key) Of(s Subject) (string, bool) {
	var b strings.Builder
	for _, p := range k {
		text := p.Text
		switch p.From {
		case Literal:
			b.WriteString(text)
			continue
		case SubscriptionID:
			text = s.Subscription
		case SubscriptionKey:
			text = s.Key
		case UserID:
			text = s.User
		case ProductID:
			text = s.Product
		case APIID:
			text = s.API
		case OperationID:
			text = s.Operation
		default:
			return "", false
		}
		if text == "" {
			return "", false
		}
		b.WriteString(text)
	}
	return b.String(), true
}

// readKey reads a counter-key.
func readKey(text document.Text) Key {
	if !text.Expression {
		if strings.Contains(text.Value, "{{") || len(text.Mixed) > 0 {
			return Key{{From: Elsewhere}} // A named value that is not to be told.
		}
		return Key{{From: Literal, Text: text.Value}}
	}
	var diagnostics syntax.Diagnostics
	unit := parse.Source(text.Value, text.Block, &diagnostics)
	x := unit.X
	if unit.Block != nil {
		x = returned(unit.Block)
	}
	r := keyReader{source: text.Value}
	if x == nil {
		return r.unknown(text.Value)
	}
	k := r.read(x)
	if len(k) > maxParts {
		return r.unknown(text.Value)
	}
	return k
}

// returned is what a block returns that does nothing else.
func returned(block *syntax.BlockStmt) syntax.Expr {
	if len(block.List) != 1 {
		return nil
	}
	statement, ok := block.List[0].(*syntax.ReturnStmt)
	if !ok {
		return nil
	}
	return statement.X
}

type keyReader struct{ source string }

// unknown is what only a call can tell.
func (r keyReader) unknown(source string) Key {
	if strings.Contains(source, "context.Subscription") || strings.Contains(source, "context.User") {
		return Key{{From: Own}}
	}
	return Key{{From: Elsewhere}}
}

func (r keyReader) unknownAt(x syntax.Expr) Key {
	at := x.Range()
	if at.Start < 0 || int(at.End) > len(r.source) || at.Start > at.End {
		return r.unknown(r.source)
	}
	return r.unknown(r.source[at.Start:at.End])
}

// read reads an expression that puts a string together.
func (r keyReader) read(x syntax.Expr) Key {
	switch x := x.(type) {
	case *syntax.ParenExpr:
		return r.read(x.X)
	case *syntax.CastExpr:
		return r.read(x.X)
	case *syntax.LiteralExpr:
		if x.Kind == syntax.StringLit && !strings.Contains(x.Value, "{{") {
			return Key{{From: Literal, Text: x.Value}}
		}
	case *syntax.BinaryExpr:
		return r.binary(x)
	case *syntax.CondExpr:
		if test, ok := x.Cond.(*syntax.BinaryExpr); ok && test.Op == syntax.NotEq && isPerson(pathOf(test.X)) && isNull(test.Y) {
			return r.read(x.Then)
		}
	case *syntax.InterpolatedExpr:
		return r.interpolated(x)
	case *syntax.CallExpr:
		return r.call(x)
	case *syntax.MemberExpr, *syntax.ConditionalAccessExpr:
		if from, ok := members[pathOf(x)]; ok {
			return Key{{From: from}}
		}
		if access, ok := x.(*syntax.ConditionalAccessExpr); ok {
			if call, ok := access.Then.(*syntax.CallExpr); ok && isToString(call) {
				return r.member(pathOf(access.X), call, x)
			}
		}
	}
	return r.unknownAt(x)
}

// member is context.Subscription?.Id.ToString() and context.Product?.Name?.ToString().
func (r keyReader) member(receiver string, call *syntax.CallExpr, whole syntax.Expr) Key {
	path := receiver
	if inner := pathOf(call.Fun.(*syntax.MemberExpr).X); inner != "" { //nolint:errcheck,forcetypeassert // isToString has looked.
		path += "." + inner
	}
	if from, ok := members[path]; ok {
		return Key{{From: from}}
	}
	return r.unknownAt(whole)
}

// binary reads a + b, and of a ?? b what a is: a call that the limit is for has a
// subscription.
func (r keyReader) binary(x *syntax.BinaryExpr) Key {
	switch x.Op {
	case syntax.Plus:
		return append(r.read(x.X), r.read(x.Y)...)
	case syntax.QuestionQuestion:
		if k := r.read(x.X); k.By() != Elsewhere {
			return k
		}
	}
	return r.unknownAt(x)
}

func (r keyReader) interpolated(x *syntax.InterpolatedExpr) Key {
	var k Key
	for i := range x.Parts {
		switch p := &x.Parts[i]; {
		case !p.Hole:
			k = append(k, Part{From: Literal, Text: p.Text})
		case p.Expr == nil || p.Alignment != nil || p.HasFormat:
			k = append(k, r.unknown(p.Text)...)
		default:
			k = append(k, holeReader(p).read(p.Expr)...)
		}
	}
	return k
}

// holeReader reads the expression in a hole, whose positions may not be those of
// the text around it.
func holeReader(p *syntax.InterpolationPart) keyReader { return keyReader{source: p.Text} }

// call reads String.Concat(a, b) and a.ToString().
func (r keyReader) call(x *syntax.CallExpr) Key {
	if isToString(x) {
		return r.read(x.Fun.(*syntax.MemberExpr).X) //nolint:errcheck,forcetypeassert // isToString has looked.
	}
	switch strings.ToLower(pathOf(x.Fun)) {
	case "string.concat", "system.string.concat":
		var k Key
		for _, a := range x.Args {
			k = append(k, r.read(a.Value)...)
		}
		return k
	}
	return r.unknownAt(x)
}

func isToString(x *syntax.CallExpr) bool {
	m, ok := x.Fun.(*syntax.MemberExpr)
	return ok && len(x.Args) == 0 && m.Name.Text == "ToString"
}

func isNull(x syntax.Expr) bool {
	literal, ok := x.(*syntax.LiteralExpr)
	return ok && literal.Kind == syntax.KwNull
}

func isPerson(path string) bool { return path == "context.Subscription" || path == "context.User" }

// members are the values that are known before a call. It is never written.
var members = map[string]Origin{
	"context.Subscription.Id":  SubscriptionID,
	"context.Subscription.Key": SubscriptionKey,
	"context.User.Id":          UserID,
	"context.Product.Id":       ProductID,
	"context.Api.Id":           APIID,
	"context.Operation.Id":     OperationID,
}

// pathOf spells a chain of members: context?.Subscription?.Id as
// context.Subscription.Id. It is "" for everything else.
func pathOf(x syntax.Expr) string {
	switch x := x.(type) {
	case *syntax.IdentExpr:
		return x.Name.Text
	case *syntax.TypeExpr:
		return "string"
	case *syntax.ParenExpr:
		return pathOf(x.X)
	case *syntax.MemberExpr:
		if _, ok := x.X.(*syntax.BindingExpr); ok {
			return x.Name.Text
		}
		if path := pathOf(x.X); path != "" {
			return path + "." + x.Name.Text
		}
	case *syntax.ConditionalAccessExpr:
		if before, after := pathOf(x.X), pathOf(x.Then); before != "" && after != "" {
			return before + "." + after
		}
	}
	return ""
}
