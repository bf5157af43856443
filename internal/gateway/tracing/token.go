package tracing

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"strings"
	"time"
)

// maxToken bounds a token, in bytes.
const maxToken = 1 << 10

// secondForm is how tokens tell when they end, in UTC.
const secondForm = "20060102150405"

// maxLife is how far ahead the end of a token may be: one hour, and as much as
// clocks may differ.
const maxLife = time.Hour + 5*time.Minute

// verdict is what a token is good for.
type verdict int

// Verdicts on a token.
const (
	unknown  verdict = iota // no token of ours
	expired                 // ours, and over
	otherAPI                // ours, for another API
	good
)

// token is a debug token, read: "p=tracing&aid=API&ex=TIME&sn=SIGNATURE". API is
// "orders", or "sales:orders" for one of a workspace: each names one API only.
type token struct {
	signed    string // what the signature is of
	api       string
	expires   time.Time
	signature []byte
}

// readToken reads a token. What has another form is none.
func readToken(text string) (token, bool) {
	var t token
	if len(text) > maxToken {
		return t, false
	}
	rest, ok := strings.CutPrefix(text, "p=tracing&aid=")
	if !ok {
		return t, false
	}
	signed, signature, ok := strings.Cut(text, "&sn=")
	if !ok {
		return t, false
	}
	rest, _, _ = strings.Cut(rest, "&sn=")
	api, expires, ok := strings.Cut(rest, "&ex=")
	if !ok || api == "" {
		return t, false
	}
	var err error
	if t.expires, err = time.Parse(secondForm, expires); err != nil {
		return t, false
	}
	if t.signature, err = base64.StdEncoding.DecodeString(signature); err != nil || len(t.signature) != sha512.Size {
		return t, false
	}
	t.signed, t.api = signed, api
	return t, true
}

// verify says what the token is good for in a call of an API, by its qualified name.
func (t *token) verify(keys []string, api string, now time.Time) verdict {
	if t.expires.After(now.Add(maxLife)) {
		return unknown
	}
	for _, key := range keys {
		mac := hmac.New(sha512.New, []byte(key))
		mac.Write([]byte(t.signed))
		switch {
		case key == "" || !hmac.Equal(mac.Sum(nil), t.signature):
		case !t.expires.After(now):
			return expired
		case !strings.EqualFold(t.api, api):
			return otherAPI
		default:
			return good
		}
	}
	return unknown
}
