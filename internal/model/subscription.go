package model

import (
	"fmt"
	"strings"
	"time"
)

// Subscription is a pair of keys with which APIs are called.
type Subscription struct {
	ID          ID     `json:"-"`
	DisplayName string `json:"displayName,omitempty"`
	// OwnerID refers to a user ("/users/x"); empty for a standalone
	// subscription.
	OwnerID string `json:"ownerId,omitempty"`
	// Scope is "/products/x", "/apis", "/apis/x", or "/" for all access; see
	// ParseScope.
	Scope            string            `json:"scope"`
	State            SubscriptionState `json:"state,omitempty"`
	StateComment     string            `json:"stateComment,omitempty"`
	PrimaryKey       string            `json:"primaryKey,omitempty"`
	SecondaryKey     string            `json:"secondaryKey,omitempty"`
	AllowTracing     *bool             `json:"allowTracing,omitempty"`
	CreatedDate      *time.Time        `json:"createdDate,omitempty"`
	StartDate        *time.Time        `json:"startDate,omitempty"`
	EndDate          *time.Time        `json:"endDate,omitempty"`
	ExpirationDate   *time.Time        `json:"expirationDate,omitempty"`
	NotificationDate *time.Time        `json:"notificationDate,omitempty"`
	// PrimaryKeyExpires and SecondaryKeyExpires are when a key ends to work; nil
	// where it does not.
	PrimaryKeyExpires   *time.Time `json:"sallyportPrimaryKeyExpires,omitempty"`
	SecondaryKeyExpires *time.Time `json:"sallyportSecondaryKeyExpires,omitempty"`
	// The previous keys are those that a rotation has replaced; they work until
	// they expire, and not at all without a time.
	PreviousPrimaryKey          string     `json:"sallyportPreviousPrimaryKey,omitempty"`
	PreviousPrimaryKeyExpires   *time.Time `json:"sallyportPreviousPrimaryKeyExpires,omitempty"`
	PreviousSecondaryKey        string     `json:"sallyportPreviousSecondaryKey,omitempty"`
	PreviousSecondaryKeyExpires *time.Time `json:"sallyportPreviousSecondaryKeyExpires,omitempty"`
	// Rest holds the other properties.
	Rest Rest `json:"-"`
}

// SubscriptionState says whether a subscription's keys work; only those of an
// active subscription do.
type SubscriptionState string

// The states of subscriptions.
const (
	SubscriptionActive    SubscriptionState = "active"
	SubscriptionSuspended SubscriptionState = "suspended"
	SubscriptionSubmitted SubscriptionState = "submitted"
	SubscriptionRejected  SubscriptionState = "rejected"
	SubscriptionCancelled SubscriptionState = "cancelled"
	SubscriptionExpired   SubscriptionState = "expired"
)

// ScopeKind says what a subscription gives access to.
type ScopeKind int

// The scopes of subscriptions.
const (
	// ScopeAll is every API of the service, as of the built-in subscription
	// "master".
	ScopeAll ScopeKind = iota + 1
	// ScopeAllAPIs is every API of the service or of a workspace.
	ScopeAllAPIs
	// ScopeProduct is the APIs of one product, with its policies.
	ScopeProduct
	// ScopeAPI is one API, in all its revisions.
	ScopeAPI
)

// SubscriptionScope is a subscription's scope, read.
type SubscriptionScope struct {
	Kind ScopeKind
	// Target is the product or the API; for the other kinds, the workspace, or
	// "" for the service.
	Target ID
}

// ResourceID returns the subscription's id.
func (s *Subscription) ResourceID() ID { return s.ID }

// Kind returns KindSubscription.
func (*Subscription) Kind() Kind { return KindSubscription }

func (s *Subscription) setID(id ID) { s.ID = id }
func (s *Subscription) rest() *Rest { return &s.Rest }

// SubscriptionKey is one of the keys of a subscription.
type SubscriptionKey struct {
	// Element is the property that holds it.
	Element string
	// Key is the key, "" where there is none.
	Key string
	// Expires is when it ends to work; nil where it does not.
	Expires *time.Time
}

// Keys are the keys of the subscription, those that a rotation has replaced last.
func (s *Subscription) Keys() [4]SubscriptionKey {
	keys := [4]SubscriptionKey{
		{"primaryKey", s.PrimaryKey, s.PrimaryKeyExpires}, {"secondaryKey", s.SecondaryKey, s.SecondaryKeyExpires},
	}
	// One that would work for ever after its replacement is a mistake.
	if s.PreviousPrimaryKeyExpires != nil {
		keys[2] = SubscriptionKey{"sallyportPreviousPrimaryKey", s.PreviousPrimaryKey, s.PreviousPrimaryKeyExpires}
	}
	if s.PreviousSecondaryKeyExpires != nil {
		keys[3] = SubscriptionKey{"sallyportPreviousSecondaryKey", s.PreviousSecondaryKey, s.PreviousSecondaryKeyExpires}
	}
	return keys
}

// TracingAllowed reports whether calls with the subscription's keys may be
// traced.
func (s *Subscription) TracingAllowed() bool { return isTrue(s.AllowTracing) }

// ParseScope reads the property scope: "/products/x", "/apis/x", "/apis" or
// "/", or full ids that end so.
func (s *Subscription) ParseScope() (SubscriptionScope, error) {
	text := s.Scope
	if text == "" {
		return SubscriptionScope{}, fmt.Errorf("scope is empty; give /apis, /apis/NAME or /products/NAME")
	}
	relative := strings.Trim(trimServicePrefix(text), "/")
	full := trimServicePrefix(text) != text
	workspace := ID("")
	if !full {
		workspace = s.ID.Workspace()
	}
	if relative == "" {
		return SubscriptionScope{Kind: ScopeAll, Target: workspace}, nil
	}
	if holder, ok := cutSuffixFold(relative, "apis"); ok && (holder == "" || strings.HasSuffix(holder, "/")) {
		id, err := ParseID(holder)
		if err == nil && (id == "" || id.Kind() == KindWorkspace) {
			if id == "" {
				id = workspace
			}
			return SubscriptionScope{Kind: ScopeAllAPIs, Target: id}, nil
		}
	}
	id, err := ParseReference(s.ID, text)
	if err != nil {
		return SubscriptionScope{}, fmt.Errorf("scope: %w", err)
	}
	switch id.Kind() {
	case KindProduct:
		return SubscriptionScope{Kind: ScopeProduct, Target: id}, nil
	case KindAPI:
		return SubscriptionScope{Kind: ScopeAPI, Target: id}, nil
	default:
		return SubscriptionScope{}, fmt.Errorf("scope %q is neither a product nor an API; give /apis, /apis/NAME or /products/NAME", text)
	}
}

func cutSuffixFold(s, suffix string) (string, bool) {
	at := len(s) - len(suffix)
	if at < 0 || !strings.EqualFold(s[at:], suffix) {
		return s, false
	}
	return s[:at], true
}
