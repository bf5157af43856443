package client

import "time"

// User is a user's properties. Password is only ever sent.
type User struct {
	Email            string            `json:"email,omitempty"`
	FirstName        string            `json:"firstName,omitempty"`
	LastName         string            `json:"lastName,omitempty"`
	Note             string            `json:"note,omitempty"`
	State            string            `json:"state,omitempty"` // active, blocked, pending or deleted
	Password         string            `json:"password,omitempty"`
	Confirmation     string            `json:"confirmation,omitempty"` // signup or invite
	AppType          string            `json:"appType,omitempty"`      // portal or developerPortal
	Identities       []UserIdentity    `json:"identities,omitempty"`
	Groups           []GroupProperties `json:"groups,omitempty"`
	RegistrationDate time.Time         `json:"registrationDate,omitzero"`
}

// UserIdentity is an identity of a user: Basic, Aad, AadB2C or another provider,
// and the user's id there.
type UserIdentity struct {
	Provider string `json:"provider"`
	ID       string `json:"id"`
}

// Group is a group's properties.
type Group struct {
	DisplayName string `json:"displayName,omitempty"`
	Description string `json:"description,omitempty"`
	BuiltIn     bool   `json:"builtIn,omitempty"`
	Type        string `json:"type,omitempty"` // custom, system or external
	ExternalID  string `json:"externalId,omitempty"`
	// Workspace is that of a group in the list of a user; "" is the service itself.
	Workspace string `json:"sallyportWorkspace,omitempty"`
}

// GroupProperties is a group inside of a user.
type GroupProperties = Group

// The names of the groups that every service has.
const (
	Administrators = "administrators"
	Developers     = "developers"
	Guests         = "guests"
)

// AppType is the value of the option appType of users and subscriptions that
// visitors of the portal make themselves: the rules for visitors are then kept.
const AppType = "developerPortal"

// AsPortal is the option appType=developerPortal.
func AsPortal() Call { return Query("appType", AppType) }
