package page

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/clock"
)

// Exchange is one request and its answer.
type Exchange struct {
	W       http.ResponseWriter
	R       *http.Request
	Visitor Visitor
	Site    *Site
	// ID names the request in the log and on error pages.
	ID string

	part     *part
	route    *Route
	out      *recorder
	secret   []byte
	origin   context.Context // The connection's own.
	found    bool            // The visitor has been looked for.
	unsure   bool
	large    bool // It is one of MaxLargeForms.
	form     url.Values
	once     string
	connect  []string
	submit   []string
	rendered time.Duration
}

// Form holds what the visitor sent: the fields of the form, or of the query where
// the request has no form. Its size is bounded, and its token was checked.
func (x *Exchange) Form() url.Values {
	if x.form == nil {
		x.form = x.R.URL.Query()
	}
	return x.form
}

// Value is the part of the path that the route's pattern names.
func (x *Exchange) Value(name string) string { return x.R.PathValue(name) }

// Client calls the management API for the visitor.
func (x *Exchange) Client() *client.Client {
	if x.Site.client == nil || !x.Visitor.SignedIn() {
		return x.Site.client
	}
	return x.Site.client.ActingFor(x.Visitor.User)
}

// Portal calls the management API for the portal itself.
func (x *Exchange) Portal() *client.Client { return x.Site.client }

// Once is the id that the form was sent with, which is the same however often it
// is sent, or a new one.
func (x *Exchange) Once() string {
	if x.once == "" {
		x.once = x.newOnce()
	}
	return x.once
}

func (x *Exchange) newOnce() string {
	if sent := x.Form().Get(onceField); isOnce(sent) {
		return sent
	}
	return x.Site.randomID()
}

// Redirect answers 303 to a path of the portal, where the notice is shown; "" is
// no notice. A path that would lead elsewhere becomes the home page.
func (x *Exchange) Redirect(path string, n Notice) error {
	local, ok := LocalPath(path)
	if !ok {
		local = "/"
	}
	if n != "" {
		x.setNotice(n)
	}
	x.Site.security(x)
	x.W.Header().Set("Cache-Control", "no-store")
	x.W.Header().Set("Location", local)
	x.W.WriteHeader(http.StatusSeeOther)
	return nil
}

// Return is the path that the field "return" of the form names, if it is one of
// the portal's own, and otherwise fallback.
func (x *Exchange) Return(fallback string) string {
	if local, ok := LocalPath(x.Form().Get("return")); ok {
		return local
	}
	return fallback
}

// Leave answers 303 to an address that is not the portal's: a provider of
// sign-in, or where that is delegated to. The address must come from the
// configuration and not from the visitor. A form that leads there needs
// AllowForm on its page.
func (x *Exchange) Leave(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return errors.New("leaving the portal: the address is not http:// or https:// with a host")
	}
	x.Site.security(x)
	x.W.Header().Set("Cache-Control", "no-store")
	x.W.Header().Set("Location", u.String())
	x.W.WriteHeader(http.StatusSeeOther)
	return nil
}

// AllowConnect lets the page's modules call an origin, "https://api.example.com",
// besides the portal's own. What is no origin is left out.
func (x *Exchange) AllowConnect(origin string) {
	if o, ok := originOf(origin); ok {
		x.connect = append(x.connect, o)
	}
}

// AllowForm lets the page's forms lead to an origin besides the portal's own,
// also after a redirect. What is no origin is left out.
func (x *Exchange) AllowForm(origin string) {
	if o, ok := originOf(origin); ok {
		x.submit = append(x.submit, o)
	}
}

// Address is the client's address, as far as it can be believed.
func (x *Exchange) Address() netip.Addr { return x.Site.ClientAddress(x.R) }

// Log is the portal's log, with the request's id.
func (x *Exchange) Log() *slog.Logger { return x.Site.log.With("request_id", x.ID) }

// Clock is the portal's clock.
func (x *Exchange) Clock() clock.Clock { return x.Site.clock }

// Method is the request's method, with HEAD as GET.
func (x *Exchange) Method() string {
	if x.R.Method == http.MethodHead {
		return http.MethodGet
	}
	return x.R.Method
}

// maxLocalPath bounds a path to return to, in bytes.
const maxLocalPath = 2048

// LocalPath says whether a text is a path of the portal, with a query or without,
// that leads nowhere else in any browser, and returns it.
func LocalPath(text string) (string, bool) {
	path, _, _ := strings.Cut(text, "?")
	if path == "" || len(text) > maxLocalPath || path[0] != '/' || strings.Contains(path, "//") || strings.ContainsRune(text, '\\') {
		return "", false
	}
	for i := range len(text) {
		if text[i] <= ' ' || text[i] >= 0x7f {
			return "", false
		}
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" {
		return "", false
	}
	return text, true
}

// originOf returns the origin of an address: scheme, host and port.
func originOf(address string) (string, bool) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || strings.ContainsAny(u.Host, " ;,'\"*") {
		return "", false
	}
	switch u.Scheme {
	case "http", "https", "ws", "wss":
		return u.Scheme + "://" + u.Host, true
	}
	return "", false
}
