// Package traces keeps what gateways recorded of calls with debug tokens, in the
// form that docs/formats/feed.md specifies, so that every node of an installation
// can answer it.
//
// A Book seals each trace, cuts it into pieces, and keeps them in the store's
// ledger beside an index of the gateway's traces. One transaction adds a trace and
// lets go of those that it takes the place of, so that the limits of a gateway
// hold on all nodes together. Traces are in no backup.
package traces

import "time"

// The limits of what is kept.
const (
	// Keep is how long a trace is kept after it came: as long as a debug token works
	// at the most.
	Keep = time.Hour
	// MaxKept bounds the traces of a gateway that are kept, and MaxKeptBytes what they
	// take in the store; the oldest go first.
	MaxKept      = 100
	MaxKeptBytes = 8 << 20
	// MaxTaking bounds the traces that a node takes at a time; others wait.
	MaxTaking = 2
	// TidyInterval is how often traces are let go of, and MaxTidied of how many
	// gateways at a time at most.
	TidyInterval = 5 * time.Minute
	MaxTidied    = 1000
)

const (
	// pieceBytes is how much of a trace is in one account.
	pieceBytes = 60 << 10
	// maxPieces bounds the pieces of a trace: MaxTrace bytes, which do not get
	// shorter, take ten in the form in which they are sealed.
	maxPieces = 16
	// indexBatch is how many gateways are looked at with one read.
	indexBatch = 100
)
