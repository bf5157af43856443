package jose

import "fmt"

// Reason says what kind of failure an Error is.
type Reason uint8

// The reasons.
const (
	Malformed    Reason = iota + 1 // the token cannot be read
	Refused                        // the token asks for something that is refused, such as an algorithm
	BadSignature                   // no key confirms the signature
	NoKey                          // there is no key that could confirm it
	NotDecrypted                   // no key opens the token
	BadKey                         // a key, not the token, is unusable
)

// Error is why a token or a key was refused. It never holds a part of the
// token or of a key.
type Error struct {
	Reason Reason
	Text   string
}

// Error describes the failure.
func (e *Error) Error() string { return e.Text }

func fail(r Reason, format string, args ...any) error {
	return &Error{Reason: r, Text: fmt.Sprintf(format, args...)}
}
