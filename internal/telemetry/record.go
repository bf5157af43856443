package telemetry

import (
	"net/netip"
	"time"

	"github.com/sallyport/sallyport/internal/telemetry/usage"
)

// Record is one finished request, as the access log and the metrics see it.
// Nothing of it is kept once it has been handed over.
type Record struct {
	// Time is when the request's head had been read.
	Time time.Time
	// RequestID is the id that context.RequestId shows to policies.
	RequestID string
	// ClientIP is left out of the log where it is not valid.
	ClientIP netip.Addr
	Method   string
	Host     string
	// Path is the path as the client sent it. A query, which may hold keys, is
	// cut off if there is one.
	Path string
	// Operation is what the request matched; nil when it matched nothing.
	Operation *Operation
	// ProductID, SubscriptionID and UserID, that of the subscription's owner, are
	// empty where they are not in play. They are names of the configuration, which
	// stay as they are; those of a workspace's have its name before them. The subscription's key is never here.
	ProductID      string
	SubscriptionID string
	UserID         string
	// Revision is the revision of the snapshot that the request was served by.
	Revision uint64
	// Status is the status that was sent, or zero when the client had gone.
	Status int
	// ErrorSource and ErrorReason are those of LastError, empty without one.
	ErrorSource string
	ErrorReason string
	// BackendID names the last backend that was called, empty where none was;
	// BackendStatus is its status, zero where it did not answer.
	BackendID     string
	BackendStatus int
	// Duration is the time from Time until the response had been sent,
	// BackendDuration the part of it that was spent waiting for backends.
	Duration        time.Duration
	BackendDuration time.Duration
	// Cached says what cache-lookup had to do with the request.
	Cached usage.Cached
	// BytesIn and BytesOut are the bytes of the bodies read from and sent to
	// the client.
	BytesIn  int64
	BytesOut int64
}

// GatewayDuration is the part of the duration that was spent in the gateway.
func (r *Record) GatewayDuration() time.Duration {
	return max(0, r.Duration-r.BackendDuration)
}

// call is what usage counts of the request. It fills in c, which stays on the
// stack of the caller.
func (r *Record) call(c *usage.Call) *usage.Call {
	if r.Operation != nil {
		c.API, c.Operation = r.Operation.api, r.Operation.id
	}
	c.Product, c.Subscription, c.User = r.ProductID, r.SubscriptionID, r.UserID
	c.Ended, c.Status = r.Time.Add(r.Duration), r.Status
	c.Duration, c.BackendDuration, c.Forwarded = r.Duration, r.BackendDuration, r.BackendID != ""
	c.Cached, c.BytesIn, c.BytesOut = r.Cached, r.BytesIn, r.BytesOut
	return c
}
