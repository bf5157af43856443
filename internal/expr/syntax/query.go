package syntax

// QueryExpr is from … select/group ….
type QueryExpr struct {
	exprNode
	Span
	// From is the first clause.
	From *FromClause
	// Body is all that follows it.
	Body *QueryBody
}

// QueryBody is the clauses after the first from (or after into), ended by select or group.
type QueryBody struct {
	Span
	// Clauses are from, let, where, join and orderby clauses in order.
	Clauses []QueryClause
	// End is a *SelectClause or a *GroupClause.
	End QueryClause
	// Into is the continuation's name and Rest its body; Rest is nil without continuation.
	Into Name
	Rest *QueryBody
}

// FromClause is from T x in source.
type FromClause struct {
	clauseNode
	Span
	// Type is the range variable's type, or nil.
	Type Type
	// Name is the range variable.
	Name Name
	// In is the source.
	In Expr
}

// LetClause is let x = value.
type LetClause struct {
	clauseNode
	Span
	// Name is the range variable.
	Name Name
	// Value is its value.
	Value Expr
}

// WhereClause is where condition.
type WhereClause struct {
	clauseNode
	Span
	// Cond is the condition.
	Cond Expr
}

// JoinClause is join T x in source on left equals right into g.
type JoinClause struct {
	clauseNode
	Span
	// Type is the range variable's type, or nil.
	Type Type
	// Name is the range variable.
	Name Name
	// In is the source; Left and Right are the keys.
	In, Left, Right Expr
	// Into is the group's name; its Text is empty for an inner join.
	Into Name
}

// OrderByClause is orderby a, b descending.
type OrderByClause struct {
	clauseNode
	Span
	// Keys are the orderings, at least one.
	Keys []Ordering
}

// Ordering is one key of an orderby clause.
type Ordering struct {
	Span
	// Key is the expression ordered by.
	Key Expr
	// Descending says that the order is reversed.
	Descending bool
}

// SelectClause is select value.
type SelectClause struct {
	clauseNode
	Span
	// Value is the projection.
	Value Expr
}

// GroupClause is group value by key.
type GroupClause struct {
	clauseNode
	Span
	// Value is the element, Key what it is grouped by.
	Value, Key Expr
}
