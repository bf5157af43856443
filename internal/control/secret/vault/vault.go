// Package vault reads secrets that are kept outside of the installation, where
// named values and certificates refer to them: in Azure Key Vault (package
// azure below), or in files that a platform mounts. A secret is read by the
// management plane only; what gateways get is its value.
package vault

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Limits of reading.
const (
	// MaxIdentifier bounds a reference, in bytes.
	MaxIdentifier = 2048
	// MaxSecret bounds a secret, in bytes. Azure Key Vault keeps at most 25 KB.
	MaxSecret = 512 << 10
	// ReadTimeout bounds the reading of one secret, with the vault's sign-in and
	// whatever is tried again.
	ReadTimeout = 15 * time.Second
)

// Codes of the status of a reference. Azure Key Vault answers with others, such
// as SecretNotFound and Forbidden, which are passed on.
const (
	CodeSuccess = "Success"
	// CodeNotSupported says that nothing here reads such references.
	CodeNotSupported = "NotSupported"
	// CodeNotAllowed says that the installation does not let references lead there.
	CodeNotAllowed = "NotAllowed"
	// CodeNoCredential says that there is nothing to sign in to the vault with.
	CodeNoCredential = "CredentialUnavailable" // #nosec G101 -- The name of an error.
	// CodeUnavailable says that the vault did not answer.
	CodeUnavailable = "VaultUnavailable"
	// CodeUnusable says that what was read is no value or no certificate.
	CodeUnusable = "SecretUnusable"
)

// Reference says where a secret is.
type Reference struct {
	// Identifier is "https://NAME.vault.azure.net/secrets/SECRET", with a version
	// or without, or "file:///PATH".
	Identifier string
	// ClientID is that of the managed identity that signs in; "" is the one that
	// the installation has.
	ClientID string
}

// Secret is what was read.
type Secret struct {
	Value string
	// ContentType is what the vault says of it, such as application/x-pkcs12.
	ContentType string
}

// Source reads secrets. It may be used by several goroutines at a time. Its
// errors are of the type *Error.
type Source interface {
	Read(ctx context.Context, ref Reference) (Secret, error)
}

// Error says why a secret could not be read. It holds nothing of the secret.
type Error struct {
	// Code and Message are those of the status of the reference.
	Code, Message string
	// Err is the cause, for the log; it may be nil.
	Err error
}

// Error is the message with its code.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error without a cause.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// StatusOf returns code and message of an error of a Source.
func StatusOf(err error) (code, message string) {
	if known, ok := errors.AsType[*Error](err); ok {
		return known.Code, known.Message
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return CodeUnavailable, "The vault did not answer in time."
	}
	return CodeUnavailable, "The secret could not be read."
}

// Sources reads each reference with the source of its scheme: "https", "file".
type Sources map[string]Source

// Read reads a secret, for ReadTimeout at the longest.
func (s Sources) Read(ctx context.Context, ref Reference) (Secret, error) {
	if len(ref.Identifier) > MaxIdentifier {
		return Secret{}, Errorf(CodeNotAllowed, "The identifier is longer than %d bytes.", MaxIdentifier)
	}
	u, err := url.Parse(strings.TrimSpace(ref.Identifier))
	if err != nil || u.Scheme == "" {
		return Secret{}, Errorf(CodeNotAllowed, "The identifier is not a URL such as https://NAME.vault.azure.net/secrets/SECRET.")
	}
	source := s[u.Scheme]
	if source == nil {
		return Secret{}, s.unknown(u.Scheme)
	}
	ctx, cancel := context.WithTimeout(ctx, ReadTimeout)
	defer cancel()
	got, err := source.Read(ctx, ref)
	switch {
	case err != nil:
		return Secret{}, fmt.Errorf("reading a secret from a vault: %w", err)
	case len(got.Value) > MaxSecret:
		return Secret{}, Errorf(CodeUnusable, "The secret is longer than %d bytes.", MaxSecret)
	case got.Value == "":
		return Secret{}, Errorf(CodeUnusable, "The secret is empty.")
	}
	return got, nil
}

func (s Sources) unknown(scheme string) *Error {
	if scheme == "file" || scheme == "https" {
		return Errorf(CodeNotSupported, "This installation reads no secrets from %s: references.", cmp.Or(scheme, "such"))
	}
	return Errorf(CodeNotAllowed, "The scheme of the identifier is neither https nor file.")
}
