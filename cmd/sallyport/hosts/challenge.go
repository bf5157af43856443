package hosts

import (
	"net/http"
	"strings"

	"github.com/caddyserver/certmagic"

	"github.com/sallyport/sallyport/internal/message"
)

// challengePath is where an ACME authority looks for the proof that a host is
// ours (RFC 8555 §8.3).
const challengePath = "/.well-known/acme-challenge/"

// challenges answers HTTP-01 challenges that are under way.
type challenges struct{ next message.Handler }

// Serve answers a challenge, or leaves the request to the next handler: also one
// to that path which is not ours, since a backend may get certificates too.
func (c *challenges) Serve(r *message.Request, w message.Responder) {
	if token, ok := strings.CutPrefix(r.URL.Path, challengePath); ok && r.Method == http.MethodGet {
		if under, found := certmagic.GetACMEChallenge(r.URL.Host); found && token != "" && under.Token == token {
			m := message.Response{Status: 200}
			m.Header.Set(message.ContentType, "text/plain")
			if err := m.Body.SetBytes([]byte(under.KeyAuthorization)); err == nil {
				_, _ = w.Respond(&m) // The authority asks again where it has not come.
				return
			}
		}
	}
	c.next.Serve(r, w)
}
