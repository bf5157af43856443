// Package parse reads the C# of policy expressions: lexer and parser, from text to the tree of package syntax.
// It accepts the expressions and statements of C# 7.3 and knows nothing about types. Input is bounded: a text
// that is too long, too deep or too large is refused with the name of the limit. It reads the signatures of
// the type tables too.
package parse

import "github.com/sallyport/sallyport/internal/expr/syntax"

// span returns the source text from start to end.
func span(start, end syntax.Pos) syntax.Span { return syntax.Span{Start: start, End: end} }
