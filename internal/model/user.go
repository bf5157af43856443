package model

import "time"

// User is a developer or an administrator.
type User struct {
	ID               ID             `json:"-"`
	Email            string         `json:"email,omitempty"`
	FirstName        string         `json:"firstName,omitempty"`
	LastName         string         `json:"lastName,omitempty"`
	Note             string         `json:"note,omitempty"`
	Identities       []UserIdentity `json:"identities,omitempty"`
	RegistrationDate *time.Time     `json:"registrationDate,omitempty"`
	// State is UserActive where it is empty.
	State UserState `json:"state,omitempty"`
	// Rest holds the other properties.
	Rest Rest `json:"-"`
}

// UserIdentity is a user's identity at a provider ("Basic", "Aad").
type UserIdentity struct {
	Provider string `json:"provider,omitempty"`
	ID       string `json:"id,omitempty"`
}

// UserState says whether a user may sign in and call APIs.
type UserState string

// The states of users.
const (
	UserActive  UserState = "active"
	UserBlocked UserState = "blocked"
	UserPending UserState = "pending"
	UserDeleted UserState = "deleted"
)

// ResourceID returns the user's id.
func (u *User) ResourceID() ID { return u.ID }

// Kind returns KindUser.
func (*User) Kind() Kind { return KindUser }

func (u *User) setID(id ID) { u.ID = id }
func (u *User) rest() *Rest { return &u.Rest }

// Active reports whether the user's subscriptions work.
func (u *User) Active() bool { return u.State == "" || u.State == UserActive }
