package client

import "time"

// Changes is the answer of sallyportChanges. Where Complete is false, Changed does
// not say everything, and all is to be read anew.
type Changes struct {
	Revision int64    `json:"revision"`
	Changed  []string `json:"changed"` // paths below the service: apis/echo
	Complete bool     `json:"complete"`
}

// Session is a session's properties (users/{u}/sallyportSessions/{id}). Verifier is
// the SHA-256 of the cookie's secret in hexadecimal digits; it is sent, and answered
// by a get, not by lists.
type Session struct {
	Created  time.Time `json:"created,omitzero"`
	LastSeen time.Time `json:"lastSeen,omitzero"`
	Expires  time.Time `json:"expires,omitzero"`
	Address  string    `json:"address,omitempty"`
	Agent    string    `json:"agent,omitempty"`
	Provider string    `json:"provider,omitempty"`
	Verifier string    `json:"verifier,omitempty"`
}

// Credentials is the body of sallyportSignIn.
type Credentials struct {
	Email    string `json:"email"`
	Password string `json:"password"` //nolint:gosec // It is the field's name.
}

// SignedIn is the answer of sallyportSignIn. Where the credentials are not good,
// for whatever reason, the error has status 401 and the code InvalidCredentials.
type SignedIn struct {
	User  string `json:"user"`
	State string `json:"state"` // active or pending
}

// CodeInvalidCredentials is the code of a sign-in that was refused.
const CodeInvalidCredentials = "InvalidCredentials"

// CodeInvalidToken is the code of a token that is unknown, used, too old, or for
// another purpose.
const CodeInvalidToken = "InvalidToken"

// The purposes of tokens.
const (
	PurposeSignup     = "signup"
	PurposePassword   = "password"
	PurposeEmail      = "email"
	PurposeInvitation = "invitation"
)

// TokenRequest is the body of users/{u}/sallyportTokens. Email is the new address
// of the purpose email.
type TokenRequest struct {
	Purpose string    `json:"purpose"`
	Expires time.Time `json:"expires"`
	Email   string    `json:"email,omitempty"`
}

// Token is the answer of users/{u}/sallyportTokens.
type Token struct {
	Token string `json:"token"`
}

// Redeem is the body of sallyportRedeem; sallyportRedeemSignOn takes the token
// alone.
type Redeem struct {
	Token     string `json:"token"`
	Purpose   string `json:"purpose,omitempty"`
	Password  string `json:"password,omitempty"` //nolint:gosec // It is the field's name.
	FirstName string `json:"firstName,omitempty"`
	LastName  string `json:"lastName,omitempty"`
}

// Redeemed is the answer of sallyportRedeem and sallyportRedeemSignOn.
type Redeemed struct {
	User string `json:"user"`
}

// Proof is the body of sallyportSpendProof, and its answer: the SHA-256 of a
// proof of work in hexadecimal digits, and when it ends. Form is a SHA-256 of what
// it was sent with: the same may be sent again, within bounds.
type Proof struct {
	Proof   string    `json:"proof"`
	Expires time.Time `json:"expires"`
	Form    string    `json:"form,omitempty"`
}

// Mail is a message of the outbox (sallyportMail/{id}). Text and HTML are sent, and
// answered by listSecrets only.
type Mail struct {
	To          string    `json:"to,omitempty"`
	Subject     string    `json:"subject,omitempty"`
	Text        string    `json:"text,omitempty"`
	HTML        string    `json:"html,omitempty"`
	Created     time.Time `json:"created,omitzero"`
	State       string    `json:"state,omitempty"` // queued or failed
	Attempts    int       `json:"attempts,omitempty"`
	NextAttempt time.Time `json:"nextAttempt,omitzero"`
	LastError   string    `json:"lastError,omitempty"`
}

// Status is the answer of sallyportStatus: what needs an administrator's care.
type Status struct {
	Ending struct {
		Value []Ending `json:"value"`
		// Count is how many there are, of which Value has the earliest. Complete is
		// false where not all subscriptions were looked through.
		Count    int  `json:"count"`
		Complete bool `json:"complete"`
	} `json:"ending"`
	Backup BackupStatus `json:"backup"`
}

// Ending is a credential that ends soon, or has ended in the last days. What is
// subscription, primaryKey, secondaryKey or certificate; ID is below the service.
type Ending struct {
	ID   string    `json:"id"`
	Name string    `json:"name"`
	What string    `json:"what"`
	Ends time.Time `json:"ends"`
}

// BackupStatus is how the continuous backup goes. Times are zero for never.
type BackupStatus struct {
	Kept    bool      `json:"kept"`
	Taken   time.Time `json:"taken,omitzero"`
	Proved  time.Time `json:"proved,omitzero"`
	Failed  time.Time `json:"failed,omitzero"`
	Overdue bool      `json:"overdue"`
}

// MailBodies is the answer of sallyportMail/{id}/listSecrets.
type MailBodies struct {
	Text string `json:"text"`
	HTML string `json:"html"`
}

// PortalKey is the answer of sallyportPortalKey: 32 bytes in base64.
type PortalKey struct {
	Key []byte `json:"key"`
}

// KeyPurpose is the body of sallyportPortalKey.
type KeyPurpose struct {
	Purpose string `json:"purpose"`
}
