// Package feed is the management plane's side of the configuration feed, which
// docs/formats/feed.md specifies: it proves who a gateway is, gives it the part
// of the configuration that is its own, and every change of it as it is
// committed, and takes heartbeats.
//
// A hub follows the store for one service. It keeps each resource as the line
// that gateways get, and a view for each gateway resource that has instances: what
// the gateway sees of the lines, and the changes of late, encoded once for all of
// its instances. A feed is one instance at its place in the changes of its view.
// It holds nothing of its own, so one that is slow costs the others nothing; when
// its place is gone it is cut off.
package feed

import (
	"time"

	protocol "github.com/sallyport/sallyport/internal/snapshot/feed"
)

// The limits of a node's feeds.
const (
	// MaxFeeds bounds the feeds of a node.
	MaxFeeds = 1000
	// MaxDeltas bounds the changes that a node keeps for the instances of one
	// gateway that come back.
	MaxDeltas = 1000
	// MaxDeltaBytes bounds them in bytes; a change that is larger alone is kept
	// until the next.
	MaxDeltaBytes = 64 << 20
	// MaxChecks bounds the tokens that are checked at a time.
	MaxChecks = 32
	// MaxParcels bounds the parcels of usage that are taken at a time.
	MaxParcels = 4
	// MaxTraces bounds the traces that are taken at a time.
	MaxTraces = 4
	// MaxInstances bounds the instances of one gateway that are kept in view.
	MaxInstances = 1000
	// MaxNamed bounds the instances whose heartbeats, or traces, a node counts.
	MaxNamed = 10_000
)

// The times of a node's feeds.
const (
	// TokenLeeway is how long after its expiry a token still works: clocks differ.
	TokenLeeway = 5 * time.Minute
	// WriteTimeout bounds writing each MaxChunk bytes to a gateway.
	WriteTimeout = 10 * time.Second
	// StoreLost is how long after the last answer of the store feeds are ended, so
	// that gateways look for a node that reaches it.
	StoreLost = 30 * time.Second
	// ViewIdle is how long the changes of a gateway without instances are kept.
	ViewIdle = 10 * time.Minute
	// DocumentIdle is how long a whole document is kept for the next instance.
	DocumentIdle = time.Minute
	// HeartbeatLife is how long an instance is remembered after its last heartbeat.
	HeartbeatLife = 24 * time.Hour
	// checkTimeout bounds asking the store for one request.
	checkTimeout = 10 * time.Second
	// fullRetry is what a gateway is asked to wait for where MaxFeeds are reached.
	fullRetry = 30 * time.Second
)

const (
	// MaxChunk is how many bytes are written with one deadline.
	MaxChunk = 64 << 10
	// JoinsPerSecond bounds how many feeds begin: gateways that come back all at
	// once are asked to wait for their turn.
	JoinsPerSecond = 10
	// JoinBurst is how many feeds may begin at once.
	JoinBurst = 5
	// HeartbeatsPerSecond bounds the heartbeats of one instance.
	HeartbeatsPerSecond = 1
	// HeartbeatBurst is how many may come at once.
	HeartbeatBurst = 5
	// TracesPerSecond bounds the traces of one instance.
	TracesPerSecond = 20
	// TraceBurst is how many may come at once.
	TraceBurst = 100
	// snapshotFormat is the version of the snapshot format that documents have.
	snapshotFormat = 1
)

// Limits are what tests and small machines vary; a field that is 0 is as the
// constant of its name.
type Limits struct {
	MaxFeeds, MaxDeltas, MaxDeltaBytes int
	JoinsPerSecond, JoinBurst          int
	WriteTimeout, StoreLost            time.Duration
	// Beat and Heartbeat are the intervals that gateways are told.
	Beat, Heartbeat time.Duration
}

// withDefaults fills in the fields that are 0.
func (l Limits) withDefaults() Limits {
	number := func(n *int, otherwise int) {
		if *n == 0 {
			*n = otherwise
		}
	}
	span := func(d *time.Duration, otherwise time.Duration) {
		if *d == 0 {
			*d = otherwise
		}
	}
	number(&l.MaxFeeds, MaxFeeds)
	number(&l.MaxDeltas, MaxDeltas)
	number(&l.MaxDeltaBytes, MaxDeltaBytes)
	number(&l.JoinsPerSecond, JoinsPerSecond)
	number(&l.JoinBurst, JoinBurst)
	span(&l.WriteTimeout, WriteTimeout)
	span(&l.StoreLost, StoreLost)
	span(&l.Beat, protocol.Beat)
	span(&l.Heartbeat, protocol.HeartbeatInterval)
	return l
}
