// Package sqlite keeps a store in one SQLite file in a folder: the store that
// needs no other server.
//
// The file is in WAL mode with synchronous=FULL: an update that has returned
// survives a power cut. One connection writes, and updates queue for it; many
// read, each the state that was there when it began. Other processes may use
// the same file.
//
// An error of reading or writing the file while an update runs fails the store:
// what the disk then holds is known only after it was opened again, so it
// refuses all updates until then. A full disk is no such error: the update
// fails, and the next one may succeed.
//
// docs/formats/store.md tells the schema.
package sqlite
