package client

// Product is a product's properties.
type Product struct {
	DisplayName          string `json:"displayName,omitempty"`
	Description          string `json:"description,omitempty"`
	Terms                string `json:"terms,omitempty"`
	State                string `json:"state,omitempty"` // published or notPublished
	SubscriptionRequired *bool  `json:"subscriptionRequired,omitempty"`
	ApprovalRequired     *bool  `json:"approvalRequired,omitempty"`
	SubscriptionsLimit   *int   `json:"subscriptionsLimit,omitempty"`
}
