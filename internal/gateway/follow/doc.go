// Package follow keeps a gateway's snapshot up to date: it takes documents and
// deltas from wherever they come, compiles them, swaps the snapshot, and keeps
// the document on disk. What does not compile is refused with what is wrong,
// and the last good configuration goes on serving.
package follow
