// Package feed is the form of the configuration feed, which docs/formats/feed.md
// specifies: paths and headers, frames, and what they and heartbeats hold. It
// is what both ends share, and it knows nothing of connections.
package feed

import "time"

// Version is the version of the feed, which its paths have.
const Version = 1

// The requests of the feed, below the listener of the management API.
const (
	// Prefix is what all paths of the feed begin with.
	Prefix = "/feed/v1/"
	// ConfigurationPath is that of the feed itself, a GET.
	ConfigurationPath = Prefix + "configuration"
	// HeartbeatPath takes heartbeats, by POST.
	HeartbeatPath = Prefix + "heartbeat"
	// UsagePath takes what a gateway counted of calls, by POST: a parcel of
	// docs/formats/usage.md.
	UsagePath = Prefix + "usage"
	// TracePath takes traces, by POST, one each.
	TracePath = Prefix + "trace"
	// MediaType is that of the feed's answer.
	MediaType = "application/vnd.sallyport.feed"
	// TokenScheme precedes the token in the header Authorization.
	TokenScheme = "GatewayKey"
	// ManagedGateway is the name of the service's own gateway.
	ManagedGateway = "managed"
)

// The headers of the feed's requests.
const (
	HeaderService  = "Sallyport-Service"
	HeaderInstance = "Sallyport-Instance"
	HeaderRelease  = "Sallyport-Release"
	HeaderFormats  = "Sallyport-Formats"
	HeaderLineage  = "Sallyport-Lineage"
	HeaderRevision = "Sallyport-Revision"
	HeaderDigest   = "Sallyport-Digest"
	// HeaderSpread is that of the answers to heartbeats which says, in seconds,
	// over which time the gateways of the node should come back to it.
	HeaderSpread = "Sallyport-Spread"
)

// The limits of the feed.
const (
	// MaxFrame bounds the payload of a frame as it is sent, and again as it is
	// unpacked, in bytes.
	MaxFrame = 1 << 30
	// MaxNote bounds the payload of hello, current and bye, in bytes.
	MaxNote = 64 << 10
	// MaxHeartbeat bounds the body of a heartbeat, in bytes.
	MaxHeartbeat = 64 << 10
	// MaxHeartbeatProblems bounds the problems of a heartbeat.
	MaxHeartbeatProblems = 50
	// MaxName bounds an instance, a release, a region, a host and a lineage, in
	// bytes.
	MaxName = 256
	// MaxText bounds the message and the place of a problem, and the reason of
	// bye, in bytes.
	MaxText = 4 << 10
	// MaxFormats bounds the versions of formats that a gateway may name.
	MaxFormats = 16
	// MaxRetryAfter bounds what bye may ask a gateway to wait.
	MaxRetryAfter = 10 * time.Minute
	// MaxInterval bounds the intervals that hello may ask for.
	MaxInterval = time.Hour
)

// The intervals of the feed.
const (
	// Beat is how long a feed is silent at most.
	Beat = 10 * time.Second
	// HeartbeatInterval is that of the heartbeats.
	HeartbeatInterval = 10 * time.Second
	// MissedBeats is after how many beats without a frame a gateway hangs up, and
	// after how many heartbeats without one it counts as out of contact.
	MissedBeats = 3
	// BackOffFirst is the back-off after the first failure; it doubles with each
	// one more up to BackOffMost.
	BackOffFirst = 500 * time.Millisecond
	BackOffMost  = 10 * time.Second
	// MaxSpread bounds what the node may say of that.
	MaxSpread = time.Minute
	// SettledAfter is how long a feed must have lasted to set the back-off back.
	SettledAfter = time.Minute
)
