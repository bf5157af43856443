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
