package model

// NamedValue is a value that policies refer to as {{displayName}}.
type NamedValue struct {
	ID          ID     `json:"-"`
	DisplayName string `json:"displayName"`
	// Value is the value, absent from exports where Secret is set.
	Value    string    `json:"value,omitempty"`
	Secret   bool      `json:"secret,omitempty"`
	Tags     []string  `json:"tags,omitempty"`
	KeyVault *KeyVault `json:"keyVault,omitempty"`
	// Rest holds the other properties.
	Rest Rest `json:"-"`
}

// KeyVault says where a secret is kept outside the service.
type KeyVault struct {
	SecretIdentifier string `json:"secretIdentifier,omitempty"`
	IdentityClientID string `json:"identityClientId,omitempty"`
}

// ResourceID returns the named value's id.
func (n *NamedValue) ResourceID() ID { return n.ID }

// Kind returns KindNamedValue.
func (*NamedValue) Kind() Kind { return KindNamedValue }

func (n *NamedValue) setID(id ID) { n.ID = id }
func (n *NamedValue) rest() *Rest { return &n.Rest }
