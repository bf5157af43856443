// Package syntax is the tree of a policy expression: tokens, positions, diagnostics, and one struct for each
// construct of C# 7.3. Package parse makes it from text.
package syntax

// Unit is one parsed policy expression: the X of @(X), or the statements of @{…}.
type Unit struct {
	// X is the expression of @(…), or nil.
	X Expr
	// Block is the body of @{…}, or nil.
	Block *BlockStmt
}
