package syntax

// Parse reads the text of one policy expression: the statements of @{…} where block, else the expression of
// @(…). It reports every error to diags and always returns a tree.
func Parse(code string, block bool, diags *Diagnostics) *Unit {
	diags.Report(Span{End: Pos(len(code))}, "SP0001", "The parser is not written yet (block %v).", block)
	return &Unit{X: &BadExpr{}}
}

// ParseSignature reads one member of a type table; enclosing is the simple name of the table's type, which
// tells a constructor.
func ParseSignature(text, enclosing string) (*Signature, error) {
	return nil, Diagnostic{Code: "SP0001", Message: "signatures of " + enclosing + " cannot be read yet: " + text}
}

// ParseDeclaration reads the head of a type table.
func ParseDeclaration(text string) (*Declaration, error) {
	return nil, Diagnostic{Code: "SP0001", Message: "declarations cannot be read yet: " + text}
}
