package client

import "time"

// Subscription is a subscription's properties. Keys are only sent, or answered by
// listSecrets.
type Subscription struct {
	OwnerID          string    `json:"ownerId,omitempty"`
	Scope            string    `json:"scope,omitempty"` // an id of a product or an API, or …/apis
	DisplayName      string    `json:"displayName,omitempty"`
	State            string    `json:"state,omitempty"` // submitted, active, suspended, rejected, cancelled or expired
	StateComment     string    `json:"stateComment,omitempty"`
	AllowTracing     bool      `json:"allowTracing,omitempty"`
	CreatedDate      time.Time `json:"createdDate,omitzero"`
	StartDate        time.Time `json:"startDate,omitzero"`
	EndDate          time.Time `json:"endDate,omitzero"`
	ExpirationDate   time.Time `json:"expirationDate,omitzero"`
	NotificationDate time.Time `json:"notificationDate,omitzero"`
	PrimaryKey       string    `json:"primaryKey,omitempty"`
	SecondaryKey     string    `json:"secondaryKey,omitempty"`

	// When the keys end, and those that were before them.
	PrimaryKeyExpires           time.Time `json:"sallyportPrimaryKeyExpires,omitzero"`
	SecondaryKeyExpires         time.Time `json:"sallyportSecondaryKeyExpires,omitzero"`
	PreviousPrimaryKeyExpires   time.Time `json:"sallyportPreviousPrimaryKeyExpires,omitzero"`
	PreviousSecondaryKeyExpires time.Time `json:"sallyportPreviousSecondaryKeyExpires,omitzero"`
}

// SubscriptionKeys is the answer of subscriptions/{s}/listSecrets.
type SubscriptionKeys struct {
	PrimaryKey   string `json:"primaryKey"`
	SecondaryKey string `json:"secondaryKey"`
}

// Limits is the answer of subscriptions/{s}/sallyportLimits.
type Limits struct {
	Value []Limit `json:"value"`
}

// Limit is a limit of the product of a subscription, and what it stands at. Known
// is false where the management plane cannot reach the gateways' counters.
type Limit struct {
	Kind string `json:"kind"` // quota or rateLimit
	// Target is the API that the limit is for; "" is all of the product.
	Target string `json:"target"`
	// Calls and Bandwidth (in kilobytes) are what is allowed in RenewalPeriod
	// seconds, 0 for no limit; a period of 0 has no end.
	Calls         int64     `json:"calls"`
	Bandwidth     int64     `json:"bandwidth"`
	RenewalPeriod int64     `json:"renewalPeriod"`
	Known         bool      `json:"known"`
	UsedCalls     int64     `json:"usedCalls"`
	UsedKilobytes float64   `json:"usedKilobytes"`
	Start         time.Time `json:"start,omitzero"`
	// End is when the quota begins anew; zero where that is not known.
	End time.Time `json:"end,omitzero"`
}
