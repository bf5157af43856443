package host

import (
	"crypto/x509"
	"time"

	"github.com/sallyport/sallyport/internal/expr/value"
)

// Context is all that one run of an expression can see. The gateway fills one per request; the pointers to
// static data are shared by all requests and never written. A nil pointer is null in C#.
type Context struct {
	// Static is what does not change between the requests of one operation.
	Static *Static
	// Product, Subscription and User are those of the request's key.
	Product      *Product
	Subscription *Subscription
	User         *User
	// Backend is the backend chosen, nil before there is one.
	Backend *Backend
	// Request is context.Request. It is never nil in a pipeline.
	Request Request
	// Response is context.Response, nil before there is one.
	Response Response
	// Variables is context.Variables.
	Variables Variables
	// LastError is context.LastError, nil where there is none.
	LastError *LastError
	// Now is the clock; nil means that there is none, and time is not bounded.
	Now func() time.Time
	// Timestamp is when the request was received.
	Timestamp time.Time
	// RequestID is the request's GUID in its 16 bytes in text order.
	RequestID [16]byte
	// Tracing says that traces are recorded; Trace receives them, and may be nil.
	Tracing bool
	Trace   func(string)
	// Elapsed is context.Elapsed where it is not Now minus Timestamp.
	Elapsed time.Duration
	// Limits bound the run; zero fields are defaults.
	Limits value.Limits
}

// Static is the part of a Context that all requests of one operation share.
type Static struct {
	// API, Operation, Workspace and Deployment are what the members of context with those names show.
	API        *API
	Operation  *Operation
	Workspace  *Workspace
	Deployment *Deployment
}

// API is context.Api.
type API struct {
	ID, Name, Path, Revision, Version string
	// Protocols are "http", "https", "ws", "wss".
	Protocols []string
	// ServiceURL is the backend's base URL, nil where the API has none.
	ServiceURL *URL
	// IsCurrentRevision is true but for requests with ;rev=n.
	IsCurrentRevision bool
	// KeyHeader and KeyQuery are the names of the subscription key's parameters.
	KeyHeader, KeyQuery string
}

// Operation is context.Operation.
type Operation struct {
	ID, Method, Name, URLTemplate string
}

// Workspace is context.Workspace.
type Workspace struct {
	ID, Name string
}

// Product is context.Product.
type Product struct {
	ID, Name string
	// ApprovalRequired and SubscriptionRequired are the product's settings.
	ApprovalRequired, SubscriptionRequired bool
	// Groups are the groups that see the product.
	Groups []Group
	// Published tells the state Published from NotPublished.
	Published bool
	// SubscriptionsLimit is nil where there is none.
	SubscriptionsLimit *int32
}

// Group is IGroup.
type Group struct {
	ID, Name string
}

// Subscription is context.Subscription.
type Subscription struct {
	ID, Name string
	// Key is the key that the request came with.
	Key, PrimaryKey, SecondaryKey string
	// Created is the creation date; Start and End are zero where not set.
	Created, Start, End time.Time
}

// User is context.User.
type User struct {
	ID, Email, FirstName, LastName, Note string
	// Groups and Identities are the user's.
	Groups     []Group
	Identities []Identity
	// Registered is the registration date.
	Registered time.Time
}

// Identity is IUserIdentity.
type Identity struct {
	ID, Provider string
}

// Backend is context.Backend.
type Backend struct {
	ID, AzureRegion string
	// Pool tells the type Pool from Single.
	Pool bool
}

// Deployment is context.Deployment.
type Deployment struct {
	Region, ServiceID, ServiceName string
	// GatewayID, InstanceID and IsManaged are those of context.Deployment.Gateway.
	GatewayID, InstanceID string
	IsManaged             bool
	// Certificates are the certificates by their id.
	Certificates map[string]*Certificate
}

// Certificate is an X.509 certificate, perhaps with its private key.
type Certificate struct {
	// Leaf is the certificate.
	Leaf *x509.Certificate
	// Key is the private key (an *rsa.PrivateKey …), or nil.
	Key any
	// Verified says that the gateway has checked the certificate itself: a client
	// has shown it, and one of the gateway's authorities of clients has issued it.
	Verified bool
}

// LastError is context.LastError.
type LastError struct {
	Source, Reason, Message, Scope, Section, Path, PolicyID string
}

// URL is IUrl in its parts.
type URL struct {
	// Scheme, Host and Port are as in the URL; Port is filled in from the scheme.
	Scheme, Host string
	Port         int
	// Path starts with "/", as it was sent.
	Path string
	// RawQuery is the query without "?".
	RawQuery string
}
