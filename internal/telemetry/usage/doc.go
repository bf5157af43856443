// Package usage counts calls for the reports of the management plane, as
// docs/formats/usage.md specifies: which API, operation, product, subscription
// and user a call was of, how it ended, how many bytes it moved and how long it
// took, summed up by the minute.
//
// A Collector counts. It is on the path of every request, so it allocates
// nothing once a series is known, and requests on different processors do not
// wait for each other. A Shipper takes out what was counted, keeps it in a
// folder, and hands it to the management plane, whenever that can be reached:
// each parcel once, in order, under a number with which the other side tells a
// parcel that comes twice.
package usage

import "time"

// The limits of counting and of what waits to be sent.
const (
	// MaxSeries bounds the series that are told apart in one minute. Calls of
	// others are counted in the series Overflow, so that sums stay right.
	MaxSeries = 10_000
	// MaxName bounds each name of a series, in bytes. A longer one is cut.
	MaxName = 256
	// MaxParcel bounds a parcel in its encoded form, in bytes.
	MaxParcel = 8 << 20
	// MaxParcelSeries bounds the series in a parcel: what was counted is cut into
	// as many parcels as it takes.
	MaxParcelSeries = 2000
	// MaxWaitingBytes bounds the parcels that wait for the management plane, in
	// bytes; where they are more the oldest are dropped, and counted.
	MaxWaitingBytes = 64 << 20
	// MaxWaiting bounds their number.
	MaxWaiting = 65_536
	// MaxAge is how long a parcel waits. It must be shorter than the management
	// plane remembers which parcels it has counted.
	MaxAge = 7 * 24 * time.Hour
	// Interval is how often what was counted is taken out and sent: what a
	// process that is killed may lose, and how late reports are.
	Interval = 10 * time.Second
	// DeliverTimeout bounds one attempt to send a parcel.
	DeliverTimeout = 30 * time.Second
	// RetryMost is the longest rest after a failed attempt. The first is a second,
	// and each one more twice as long.
	RetryMost = 30 * time.Second
)

// Overflow is the name of the API under which calls are counted that came after
// MaxSeries others in a minute. No resource can have it.
const Overflow = "*"

// Finest is the shortest span of time that is told apart: a minute.
const Finest = time.Minute
