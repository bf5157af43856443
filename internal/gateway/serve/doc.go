// Package serve answers requests from the current snapshot: it takes a request
// through matching, the subscription key, the pipeline of policies and the
// backend, and answers it. Every failure becomes an answer here, and nowhere
// else.
//
// A request keeps the snapshot that it began with, so that a change of
// configuration never shows half of itself to anyone.
package serve
