// Package reference holds the pages that describe APIs to those who call them:
// the list of operations, one page for each operation and each schema, samples of
// code, and descriptions to download.
//
// What exists is what the catalogue has: operations that are not in it are not
// shown, whatever a document says of them, and neither are schemas that only such
// operations use. What is said of an operation comes from the document that the
// API was imported from where the management plane has it and the operation is
// still what the document says, and from the operation itself otherwise. The
// address that is shown is always the gateway's.
package reference
