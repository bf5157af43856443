package page

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"html/template"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// Names of what guards forms.
const (
	tokenField  = "csrf"
	tokenHeader = "X-CSRF-Token" //nolint:gosec // It is a name.
	onceField   = "once"
	guestCookie = "sallyport-guest"
)

// Sizes of what guards forms.
const (
	guestBytes = 32
	nonceBytes = 16
	tokenBytes = nonceBytes + sha256.Size
	// MaxFields bounds the fields of a form.
	MaxFields = 2000
)

// tokenPurpose keeps what is derived from a session's secret here apart from what
// is elsewhere.
const tokenPurpose = "sallyport portal form\x00"

var encoding = base64.RawURLEncoding

// Token is what a form must send in the field "csrf", or a module in the header
// X-CSRF-Token. It is bound to the session, or to a cookie that a guest is given,
// and holds for as long as that does, for any portal of the service. Each is
// different, so that the length of a compressed page says nothing about it.
func (x *Exchange) Token() (string, error) {
	secret := x.secret
	if secret == nil {
		var err error
		if secret, err = x.guestSecret(); err != nil {
			return "", err
		}
		x.secret = secret
	}
	raw := make([]byte, nonceBytes, tokenBytes)
	if _, err := io.ReadFull(x.Site.random, raw); err != nil {
		return "", err
	}
	return encoding.EncodeToString(tokenSum(raw, secret, raw)), nil
}

// tokenSum appends what proves that the secret is known.
func tokenSum(dst, secret, nonce []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(tokenPurpose))
	mac.Write(nonce)
	return mac.Sum(dst)
}

// guestSecret is the secret in a guest's cookie, which is set if need be.
func (x *Exchange) guestSecret() ([]byte, error) {
	name := x.Site.CookieName(guestCookie)
	if secret := readGuest(x.R, name); secret != nil {
		return secret, nil
	}
	secret := make([]byte, guestBytes)
	if _, err := io.ReadFull(x.Site.random, secret); err != nil {
		return nil, err
	}
	http.SetCookie(x.W, &http.Cookie{ //nolint:gosec // Secure where the portal has TLS; on loopback browsers would refuse it.
		Name: name, Value: encoding.EncodeToString(secret), Path: "/",
		Secure: x.Site.Secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	return secret, nil
}

func readGuest(r *http.Request, name string) []byte {
	c, err := r.Cookie(name)
	if err != nil {
		return nil
	}
	secret, err := encoding.DecodeString(c.Value)
	if err != nil || len(secret) != guestBytes {
		return nil
	}
	return secret
}

// checkToken refuses a request that does not prove that it comes from a form
// which this visitor was given.
func (s *Site) checkToken(x *Exchange) error {
	sent := x.R.Header.Get(tokenHeader)
	if sent == "" && x.form != nil {
		sent = x.form.Get(tokenField)
	}
	secret := x.secret
	if secret == nil {
		secret = readGuest(x.R, s.CookieName(guestCookie))
	}
	raw, err := encoding.DecodeString(sent)
	if secret == nil || err != nil || len(raw) != tokenBytes {
		return errForged
	}
	if !hmac.Equal(raw[nonceBytes:], tokenSum(nil, secret, raw[:nonceBytes])) {
		return errForged
	}
	return nil
}

// errForged refuses a form that is not ours, or no longer.
var errForged = &statusError{
	status:  http.StatusForbidden,
	message: "This form does not belong to your present session. Nothing was changed. Go back, load the page again and send it once more.",
}

// checkOrigin refuses changes that another site sends. Browsers say from where a
// request comes; whoever says nothing has the token to show.
func (s *Site) checkOrigin(r *http.Request) error {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
	default:
		return errForeign
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return nil
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || s.Secure() && u.Scheme != "https" {
		return errForeign
	}
	if !strings.EqualFold(u.Host, r.Host) && !strings.EqualFold(u.Host, s.url.Host) {
		return errForeign
	}
	return nil
}

var errForeign = &statusError{status: http.StatusForbidden, message: "This request comes from another site. Nothing was changed."}

// refererPath is the path of the page that a form was on, or the home page.
func (s *Site) refererPath(r *http.Request) string {
	u, err := url.Parse(r.Referer())
	if err != nil || !strings.EqualFold(u.Host, r.Host) && !strings.EqualFold(u.Host, s.url.Host) {
		return "/"
	}
	if local, ok := LocalPath(u.RequestURI()); ok {
		return local
	}
	return "/"
}

// enterLarge takes a place among those whose forms are large. It is for those who
// may be anybody: of the forms nothing is known before they are in memory.
func (x *Exchange) enterLarge() error {
	if x.route.Streams || x.route.MaxBody <= DefaultMaxBody || x.Visitor.Admin {
		return nil
	}
	x.large = true
	if x.Site.large.Add(1) > MaxLargeForms {
		return &busyError{limit: "MaxLargeForms"}
	}
	return nil
}

// leaveLarge gives the place back.
func (x *Exchange) leaveLarge() {
	if x.large {
		x.large = false
		x.Site.large.Add(-1)
	}
}

// readForm reads the body up to the route's bound. A body that is no form is left
// to the route, with the same bound.
func (s *Site) readForm(x *Exchange) error {
	bound := x.route.MaxBody
	if bound == 0 {
		bound = DefaultMaxBody
	}
	if x.R.ContentLength > bound {
		x.W.Header().Set("Connection", "close")
		return &http.MaxBytesError{Limit: bound}
	}
	x.R.Body = http.MaxBytesReader(x.out.ResponseWriter, x.R.Body, bound)
	if x.route.Streams {
		x.form = url.Values{}
		return nil
	}
	var err error
	switch kind, _, _ := mime.ParseMediaType(x.R.Header.Get("Content-Type")); kind {
	case "application/x-www-form-urlencoded":
		err = x.R.ParseForm()
	case "multipart/form-data":
		err = x.R.ParseMultipartForm(bound) //nolint:gosec // Its body has a bound, see above.
	default:
		x.form = url.Values{}
		return nil
	}
	if err != nil {
		if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return tooLarge
		}
		return &statusError{status: http.StatusBadRequest, message: "The form could not be read."}
	}
	x.form = x.R.PostForm
	if len(x.form) > MaxFields {
		return &statusError{status: http.StatusRequestEntityTooLarge, message: "The form has too many fields (MaxFields)."}
	}
	return nil
}

// randomID is an id that nobody can guess, of lower-case letters and digits.
func (s *Site) randomID() string {
	text := make([]byte, 0, 26)
	// rand.Text is 26 characters of base32, 130 bits.
	for _, c := range []byte(rand.Text()) {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		text = append(text, c)
	}
	return string(text)
}

// isOnce says whether a text is an id as randomID makes them.
func isOnce(text string) bool {
	if len(text) != 26 {
		return false
	}
	for i := range len(text) {
		if c := text[i]; (c < 'a' || c > 'z') && (c < '2' || c > '7') {
			return false
		}
	}
	return true
}

// hidden is a hidden field of a form. The value must need no escaping.
func hidden(name, value string) template.HTML {
	return template.HTML(`<input type="hidden" name="` + name + `" value="` + value + `">`) //nolint:gosec // Both are ours.
}
