// Package types holds the .NET types and members that policies may see. A member is declared in a table by
// its C# signature text beside its implementation; what no table names does not exist. The tables are read
// once, by New, into a Library that is immutable and shared by every compilation.
package types
