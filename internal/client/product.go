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

// Link is the properties of a link that leads to an API, a group, an operation or a
// product: one of them is set, a full id.
type Link struct {
	APIID       string `json:"apiId,omitempty"`
	GroupID     string `json:"groupId,omitempty"`
	OperationID string `json:"operationId,omitempty"`
	ProductID   string `json:"productId,omitempty"`
}
