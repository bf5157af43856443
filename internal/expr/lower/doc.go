// Package lower rewrites constructs of C# into simpler ones, before any types are known: queries into method
// calls. It also says which local functions are iterators.
package lower
