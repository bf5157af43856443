// Package lower rewrites constructs of C# into simpler ones, before any types are known: queries into method
// calls, iterators into functions that collect a list.
package lower
