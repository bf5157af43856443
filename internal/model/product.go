package model

// Product bundles APIs that are subscribed to together.
type Product struct {
	ID          ID     `json:"-"`
	DisplayName string `json:"displayName"`
	Description string `json:"description,omitempty"`
	Terms       string `json:"terms,omitempty"`
	// SubscriptionRequired is true where it is nil; see RequiresSubscription.
	SubscriptionRequired *bool `json:"subscriptionRequired,omitempty"`
	ApprovalRequired     *bool `json:"approvalRequired,omitempty"`
	// SubscriptionsLimit is how many subscriptions a user may have; nil is no
	// limit.
	SubscriptionsLimit *int `json:"subscriptionsLimit,omitempty"`
	// State is ProductNotPublished where it is empty. It decides what the
	// portal shows; the gateway serves products of both states.
	State ProductState `json:"state,omitempty"`
	// Rest holds the other properties.
	Rest Rest `json:"-"`
}

// ProductState says whether the developer portal shows a product.
type ProductState string

// The states of products.
const (
	ProductPublished    ProductState = "published"
	ProductNotPublished ProductState = "notPublished"
)

// ResourceID returns the product's id.
func (p *Product) ResourceID() ID { return p.ID }

// Kind returns KindProduct.
func (*Product) Kind() Kind { return KindProduct }

func (p *Product) setID(id ID) { p.ID = id }
func (p *Product) rest() *Rest { return &p.Rest }

// RequiresSubscription reports whether the product is protected; one that does
// not is open. A product is protected where it does not say.
func (p *Product) RequiresSubscription() bool { return trueOrNil(p.SubscriptionRequired) }

// RequiresApproval reports whether an administrator approves subscriptions.
func (p *Product) RequiresApproval() bool { return isTrue(p.ApprovalRequired) }
