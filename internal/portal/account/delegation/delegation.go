// Package delegation makes the addresses at which another website signs visitors
// in, manages their accounts and subscribes them, with the signatures of Azure
// API Management: what was written for its delegation works unchanged.
package delegation

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Operation is what the other website shall do.
type Operation string

// The operations, as the website reads them in the query.
const (
	SignIn         Operation = "SignIn"
	SignUp         Operation = "SignUp"
	ChangePassword Operation = "ChangePassword"
	ChangeProfile  Operation = "ChangeProfile"
	CloseAccount   Operation = "CloseAccount"
	SignOut        Operation = "SignOut"
	Subscribe      Operation = "Subscribe"
	Unsubscribe    Operation = "Unsubscribe"
	Renew          Operation = "Renew"
)

// saltLength is the length of a salt, in bytes.
const saltLength = 16

// Endpoint is the website's page to which visitors are sent.
type Endpoint struct {
	page *url.URL
	key  []byte
	salt func() string
}

// New returns the endpoint at a URL (http or https) with the validation key,
// which is base64, as the settings hold them.
func New(endpoint, validationKey string) (*Endpoint, error) {
	page, err := url.Parse(endpoint)
	if err != nil || page.Scheme != "https" && page.Scheme != "http" || page.Host == "" || page.User != nil {
		return nil, errors.New("the delegation URL is no http or https address: set properties.url of portalsettings/delegation")
	}
	key, err := base64.StdEncoding.DecodeString(validationKey)
	if err != nil || len(key) == 0 {
		return nil, errors.New("the delegation key is not base64: set properties.validationKey of portalsettings/delegation")
	}
	return &Endpoint{page: page, key: key, salt: newSalt}, nil
}

func newSalt() string {
	salt := make([]byte, saltLength)
	_, _ = rand.Read(salt) // It never fails, crypto/rand says.
	return base64.StdEncoding.EncodeToString(salt)
}

// Arrive is where a visitor signs in or up (SignIn, SignUp), who shall come back
// to returnURL.
func (e *Endpoint) Arrive(o Operation, returnURL string) (string, error) {
	return e.address(o, []string{"returnUrl"}, returnURL)
}

// Account is where a user changes the account or leaves (ChangePassword,
// ChangeProfile, CloseAccount, SignOut).
func (e *Endpoint) Account(o Operation, user string) (string, error) {
	return e.address(o, []string{"userId"}, user)
}

// Subscribe is where a user subscribes to a product.
func (e *Endpoint) Subscribe(product, user string) (string, error) {
	return e.address(Subscribe, []string{"productId", "userId"}, product, user)
}

// Subscription is where a subscription ends or goes on (Unsubscribe, Renew).
func (e *Endpoint) Subscription(o Operation, subscription string) (string, error) {
	return e.address(o, []string{"subscriptionId"}, subscription)
}

// address is the page with the operation, the values under their names, a salt
// and the signature. What the page's own query holds stays, unless it has one of
// these names: it must not decide what is signed.
func (e *Endpoint) address(o Operation, names []string, values ...string) (string, error) {
	salt := e.salt()
	query := e.page.Query()
	query.Set("operation", string(o))
	for i, name := range names {
		if values[i] == "" || strings.ContainsAny(values[i], "\r\n") {
			return "", fmt.Errorf("delegating %s: %q cannot be the %s", o, values[i], name)
		}
		query.Set(name, values[i])
	}
	query.Set("salt", salt)
	query.Set("sig", Sign(e.key, salt, values...))
	target := *e.page
	target.RawQuery = query.Encode()
	return target.String(), nil
}

// Sign is the signature of values in their order: the HMAC-SHA512 of the salt
// and the values, each on a line of its own, in base64.
func Sign(key []byte, salt string, values ...string) string {
	mac := hmac.New(sha512.New, key)
	_, _ = mac.Write([]byte(strings.Join(append([]string{salt}, values...), "\n"))) // A hash never fails to write.
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// Verify reports whether a signature is that of the values, in a time that does
// not depend on where they differ.
func Verify(key []byte, signature, salt string, values ...string) bool {
	return hmac.Equal([]byte(signature), []byte(Sign(key, salt, values...)))
}
