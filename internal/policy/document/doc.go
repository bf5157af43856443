// Package document reads and writes policy documents.
//
// A policy document looks like XML but is not: C# expressions stand unescaped in
// attribute values and in element text, so that quotes, '<' and '&' inside of
// "@( … )" and "@{ … }" have C#'s meaning and not XML's. The reader therefore
// finds the end of an expression with C#'s own lexical rules and only then
// decodes XML's entities. Everything that it returns keeps its position in the
// document as the user wrote it, also through entities and named values.
//
// Documents come from outside: sizes, depths and counts are bounded by Limits,
// there are no document type declarations and no entities but XML's five and
// numeric ones, and nothing is ever fetched.
package document
