// Package syntax reads the C# of policy expressions: tokens, lexer, parser, and the tree with positions.
// It accepts the expressions and statements of C# 7.3 and knows nothing about types. Input is bounded:
// a text that is too long, too deep or too large is refused with the name of the limit.
package syntax

// Unit is one parsed policy expression: the X of @(X), or the statements of @{…}.
type Unit struct {
	// X is the expression of @(…), or nil.
	X Expr
	// Block is the body of @{…}, or nil.
	Block *BlockStmt
}
