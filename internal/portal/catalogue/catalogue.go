// Package catalogue holds what a developer portal shows of a service, in memory: APIs with their
// operations, versions, revisions and releases, products, tags, and which groups see which of them.
//
// A Catalogue follows the changes of the management plane and derives from each the next Index, which never
// changes, so that a page is rendered from one state and needs no lock. While the management plane is away
// the last Index goes on to be served, and Status says how old it is.
//
// Nothing is had from an Index but for a Reader. What a reader may not see is not in its View at all: it is
// neither found nor counted, and takes no time (see View and docs/guides/what-visitors-see.md).
package catalogue

import "time"

// Reader is for whom the catalogue is read: a guest, a developer or an administrator.
type Reader struct {
	// Groups are the names of the groups that the reader is in; "guests" for who is not signed in. That of a
	// group of a workspace is qualified, as names of APIs are.
	Groups []string
	// Admin is set for administrators, who see everything.
	Admin bool
}

// Place is where an API or a product belongs: both are empty for those of the service itself.
type Place struct {
	// Workspace is the name of the workspace, and WorkspaceName what it is called.
	Workspace, WorkspaceName string
}

// API is an API as a reader sees it: linked to the products, versions and revisions that this reader sees,
// and to no others. It is read-only.
type API struct {
	// Name is what the portal calls the API: "orders", or "sales:orders" for one of the workspace sales (see
	// client.PathIn).
	Name, DisplayName, Description string
	Place
	// Path is the API's path below the gateway's address, without slashes at its ends.
	Path string
	// Type is http, soap, graphql, websocket, grpc or odata.
	Type string
	Versioning
	// Revision is the number of the current revision, which is the one described here.
	Revision string
	// Current is always true: the other revisions are in Revisions.
	Current bool
	// Online says whether gateways serve the API.
	Online bool
	// Protocols are "http", "https", "ws" and "wss", as the API has them.
	Protocols []string
	// Tags are the display names of the API's tags, in alphabetical order.
	Tags []string
	// SubscriptionRequired says whether calls need a key.
	SubscriptionRequired bool
	// KeyHeader and KeyQuery are the names of the header and of the query parameter that take the key.
	KeyHeader, KeyQuery string
	// Operations are in the order of their URL templates and methods.
	Operations []*Operation
	// Products are the products that hold the API and that the reader sees, by display name.
	Products []*Product
	// Versions are all versions of the API that the reader sees, this one among them; nil without a version set.
	Versions []*API
	// Revisions are all revisions, newest first; nil but for administrators.
	Revisions []Revision
	// Releases are what the change log shows, newest first.
	Releases []Release
	Contact  Contact
	License  License
	// TermsURL is where the terms of service are; it may be of any scheme and is checked where it is shown.
	TermsURL string
	Authentication

	doc *document
}

// Versioning is how an API is versioned; all empty for one that is not.
type Versioning struct {
	// Version is the version's identifier, empty for the original of a version set.
	Version, VersionDescription string
	// VersionSet is the name of the version set, qualified as the API's, and VersionSetName its display name.
	VersionSet, VersionSetName string
	// VersioningScheme is Segment, Header or Query; VersionParameter is the header's or the query parameter's name.
	VersioningScheme, VersionParameter string
}

// Authentication names what issues the tokens that an API wants beside the key.
type Authentication struct {
	// AuthorizationServer and OpenIDProvider are names of resources of the service; mostly one is set.
	AuthorizationServer, OpenIDProvider string
	// AuthorizationScope is the scope to ask the authorization server for, in place of its default.
	AuthorizationScope string
	// BearerMethods are "authorizationHeader" and "query": how a token of OpenIDProvider is sent.
	BearerMethods []string
}

// Contact is whom to ask about an API.
type Contact struct{ Name, URL, Email string }

// License is under which terms an API is offered.
type License struct{ Name, URL string }

// Operation is one method and URL template of an API.
type Operation struct {
	Name, DisplayName, Method, Template, Description string
	// Tags are the display names of the operation's tags, in alphabetical order.
	Tags []string
}

// Revision is one revision of an API.
type Revision struct {
	Number, Description string
	Created, Updated    time.Time
	Current, Online     bool
}

// Release is an entry of an API's change log: when a revision became current, and what is said of it.
type Release struct {
	Name, Notes, Revision string
	Created, Updated      time.Time
}

// Product is a product as a reader sees it. It is read-only.
type Product struct {
	// Name is what the portal calls the product, qualified as the API's.
	Name, DisplayName, Description, Terms string
	Place
	Published, SubscriptionRequired, ApprovalRequired bool
	// SubscriptionsLimit is how many subscriptions a user may have at once; 0 is no limit.
	SubscriptionsLimit int
	// Groups are the names of the groups that see the product, as a Reader has them; nil but for administrators.
	Groups []string
	// Tags are the display names of the product's tags, in alphabetical order.
	Tags []string
	// APIs are the APIs of the product that the reader sees: all of them, for who sees the product.
	APIs []*API

	doc *document
}
