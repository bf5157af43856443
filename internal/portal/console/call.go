package console

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// masked stands in the place of what is secret.
const masked = "••••••••"

// typed is the choice of a key that the visitor typed.
const typed = "typed"

// prepare makes what is sent of what the visitor filled in. Its errors are
// refusals, which say what to change, and those of the management plane.
func (c *console) prepare(x *page.Exchange, p *place, d *draft) (*outgoing, error) {
	ctx := x.R.Context()
	gateway := c.gateway()
	if gateway == nil {
		return nil, refuse("", "where the gateway is could not be read, because the service behind this portal does not answer; nothing was sent")
	}
	if p.Operation.Method == "" || strings.Contains(p.Operation.Method, "*") {
		return nil, refuse("", "this operation has no method that could be sent")
	}
	out, err := d.build(c.target(p, gateway))
	if err != nil {
		return nil, err
	}
	if err := c.addKey(ctx, x, p, d, out); err != nil {
		return nil, err
	}
	if err := c.addToken(x, p, d, out); err != nil {
		return nil, err
	}
	return out, c.addDebugToken(ctx, x, p, d, out)
}

// addKey adds the subscription key that was chosen.
func (c *console) addKey(ctx context.Context, x *page.Exchange, p *place, d *draft, out *outgoing) error {
	var key string
	switch choice := d.get(keyField); choice {
	case "":
		return nil
	case typed:
		if key = strings.TrimSpace(d.get(typedKeyField)); key == "" {
			return refuse(typedKeyField, "type a subscription key, or choose none")
		}
	default:
		var err error
		if key, err = c.readKey(ctx, x, p.API, choice); client.IsUnavailable(err) {
			return refuse(keyField, "the service behind this portal does not answer, so your key could not be read and nothing was sent; "+
				"try it again, or type the key")
		} else if err != nil {
			return err
		}
	}
	if err := checkField(typedKeyField, "Key", key); err != nil {
		return refuse(typedKeyField, "this is no subscription key: it has a character that none has")
	}
	if name := p.API.KeyHeader; name != "" {
		if err := checkField(keyField, name, key); err != nil {
			return err
		}
		out.Header = setField(out.Header, name, key)
	} else {
		addQuery(out.URL, p.API.KeyQuery, key)
	}
	if d.get(revealField) == "" {
		out.Secret = append(out.Secret, key)
	}
	return nil
}

// addToken adds the access token that was chosen.
func (c *console) addToken(x *page.Exchange, p *place, d *draft, out *outgoing) error {
	choice := d.get(tokenField)
	if choice == "" {
		return nil
	}
	for _, t := range c.tokens.list(sessionOf(x.Visitor), issuersOf(p.API)) {
		if t.ID != choice {
			continue
		}
		if t.InQuery {
			addQuery(out.URL, "access_token", t.secret)
		} else {
			out.Header = setField(out.Header, "Authorization", "Bearer "+t.secret)
		}
		out.Secret = append(out.Secret, t.secret)
		return nil
	}
	return refuse(tokenField, "this token has ended; get a new one")
}

// addQuery adds a parameter to a URL's query.
func addQuery(u *url.URL, name, value string) {
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += encodeQuery([]pair{{name, value}})
}

// hide puts a mask in the place of what is secret.
func (o *outgoing) hide(text string) string {
	for _, s := range o.Secret {
		text = strings.ReplaceAll(text, s, masked)
		text = strings.ReplaceAll(text, escapeQuery(s), masked)
	}
	return text
}

// reason says why there is no answer, without the gateway's internal address.
func reason(err error) string {
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		return "The gateway did not answer in time. The request was sent, or begun."
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "The gateway's certificate is not one that the portal believes. Nothing was sent."
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return "The gateway could not be reached. Nothing was sent."
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return "The gateway's name could not be found. Nothing was sent."
	}
	return "The gateway ended the connection without an answer."
}
