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
	// Workspace is that of a subscription in the list of a user; "" is the service itself.
	Workspace string `json:"sallyportWorkspace,omitempty"`

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

// Limits is the answer of subscriptions/{s}/sallyportLimits. Truncated says that
// there are more.
type Limits struct {
	Value     []Limit `json:"value"`
	Truncated bool    `json:"truncated"`
}

// Limit is a limit that holds for the calls of a subscription, and what it stands
// at. Known is false where the management plane cannot reach the gateways'
// counters, or only a call can tell which counter it is.
type Limit struct {
	Kind string `json:"kind"` // quota or rateLimit
	// API and Operation are what the limit is for: an API's name, and the name or
	// display name of an operation. "" is all that the subscription opens.
	API       string `json:"api"`
	Operation string `json:"operation"`
	// CountedBy is subscription, user (over all subscriptions) or key; Key is then
	// primary or secondary. Split says that it counts apart by something else too.
	CountedBy string `json:"countedBy"`
	Key       string `json:"key"`
	Split     bool   `json:"split"`
	// Conditional says that the limit holds for some calls only, and Partly that
	// not every call counts as one.
	Conditional bool `json:"conditional"`
	Partly      bool `json:"partly"`
	// Calls and Bandwidth (in kilobytes) are what is allowed in RenewalPeriod
	// seconds, 0 for no limit; a period of 0 has no end. CallsVary and
	// PeriodVaries say that these are known only when a call is made.
	Calls         int64     `json:"calls"`
	Bandwidth     int64     `json:"bandwidth"`
	RenewalPeriod int64     `json:"renewalPeriod"`
	CallsVary     bool      `json:"callsVary"`
	PeriodVaries  bool      `json:"periodVaries"`
	Known         bool      `json:"known"`
	UsedCalls     int64     `json:"usedCalls"`
	UsedKilobytes float64   `json:"usedKilobytes"`
	Start         time.Time `json:"start,omitzero"`
	// End is when the quota begins anew; zero where that is not known.
	End time.Time `json:"end,omitzero"`
}
