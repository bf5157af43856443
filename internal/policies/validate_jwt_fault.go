package policies

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policies/jose"
	"github.com/sallyport/sallyport/internal/policy"
)

// tokenError is why a token is not accepted. Its text never has a part of the
// token but claims that the policy names.
type tokenError struct{ reason, text string }

// Error describes the failure.
func (e *tokenError) Error() string { return e.text }

var errTokenNotPresent = &tokenError{"TokenNotPresent", "JWT not present."}

func tokenErrorf(reason, format string, args ...any) error {
	return &tokenError{reason, fmt.Sprintf(format, args...)}
}

// refuse makes a failure the answer that the policy gives for it. Errors that
// are not about the token stay as they are.
func (s *validateJWTStep) refuse(c *policy.Call, err error) error {
	if errors.Is(err, policy.ErrKeysUnavailable) {
		return &policy.Fault{Status: 503, Source: "validate-jwt", Reason: "SigningKeysUnavailable",
			Message: "The signing keys of the identity provider cannot be fetched.",
			Told:    "Service unavailable. Try again later.", Public: true, Err: err, Header: retrySoon()}
	}
	reason, text, ok := describe(err)
	if !ok {
		return err
	}
	status, err := s.status.Eval(c)
	if err != nil {
		return err
	}
	told, err := s.message.Eval(c)
	if err != nil {
		return err
	}
	if told == "" && reason != "TokenNotPresent" {
		told = "Invalid JWT."
	}
	return policy.NewFault(int(status), "validate-jwt", reason, text).Telling(told)
}

// describe returns LastError's reason and message for a token that is not
// accepted.
func describe(err error) (reason, text string, ok bool) {
	if t, ok := errors.AsType[*tokenError](err); ok {
		return t.reason, t.text, true
	}
	j, ok := errors.AsType[*jose.Error](err)
	if !ok {
		return "", "", false
	}
	text = strings.ToUpper(j.Text[:1]) + j.Text[1:] + "."
	switch j.Reason {
	case jose.BadSignature:
		return "TokenSignatureInvalid", text + " Access denied.", true
	case jose.NoKey:
		return "TokenSignatureKeyNotFound", text + " Access denied.", true
	}
	return "JwtInvalid", text, true
}

// retrySoon is the Retry-After of an answer without keys.
func retrySoon() []message.Field {
	var h message.Header
	h.Set(message.RetryAfter, "10")
	return h.Fields()
}
