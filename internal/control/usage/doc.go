// Package usage keeps what gateways count of calls, in the form that
// docs/formats/usage.md specifies, and sums it up for reports.
//
// A Book adds each parcel of a gateway to totals by the minute, the hour and the
// day, in one transaction of the store's ledger together with the number of the
// parcel: a parcel that comes twice is counted once, on whichever node it comes.
// So each resolution holds all calls of its time, and letting go of the finer
// ones later needs no adding up.
package usage

import "time"

// The limits of what is kept and read.
const (
	// RetainFinest, RetainHourly and RetainDaily are how long totals by the minute, the
	// hour and the day are kept, where Options says nothing else.
	RetainFinest = 2 * 24 * time.Hour
	RetainHourly = 35 * 24 * time.Hour
	RetainDaily  = 400 * 24 * time.Hour
	// MaxAhead and MaxLate are how far the minute of a call may be from the time at
	// which its parcel comes. Calls of a gateway whose clock is further off count at
	// that time.
	MaxAhead = time.Hour
	MaxLate  = 8 * 24 * time.Hour
	// KeepMarks is how long it is remembered which parcels of a process came:
	// longer than a gateway keeps a parcel (usage.MaxAge).
	KeepMarks = 16 * 24 * time.Hour
	// KeepStamps is how long it is kept when the totals of a minute last changed:
	// longer than they change.
	KeepStamps = MaxLate + 24*time.Hour
	// TidyInterval is how often totals are let go of, and MaxTidied how many at a
	// time at most; tidyBatch of them in one transaction.
	TidyInterval = 10 * time.Minute
	MaxTidied    = 500_000
	tidyBatch    = 2000
	// MaxTaking bounds the parcels that a node takes at a time; others wait.
	MaxTaking = 2
	// MaxScanned bounds the totals that one report reads, MaxSums those that it
	// answers.
	MaxScanned = 3_000_000
	MaxSums    = 20_000
	// maxKept bounds the series of which a report remembers whether they belong to it.
	maxKept = 20_000
	// readBatch is how many totals are read at once.
	readBatch = 5000
)
