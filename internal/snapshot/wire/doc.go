// Package wire encodes and decodes the snapshot file, which docs/formats/snapshot.md
// specifies. Whatever bytes Decode is given, it returns a document or an error.
package wire
