package visitors

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/problem"
)

// used is the collection in which sign-on tokens are noted that were used.
const used = "sallyportUsedTokens"

// maxUsed bounds how many sign-on tokens are remembered until they expire. A
// service that used more of them within their life refuses further ones.
const maxUsed = 100_000

// usedTime is the form of the expiry at the beginning of a used token's name, so
// that the collection is in the order in which its members go.
const usedTime = "200601021504"

// signOnKind keeps which sign-on tokens were used: those are signed, and kept
// nowhere before that.
func signOnKind() *resource.Node {
	return resource.New(access.Portal, resource.Kind{Collection: used, Title: "Token", Internal: true, Live: true})
}

// UseOnce notes that a sign-on token was used, until it expires. It fails where
// it was before.
func UseOnce(s *resource.Session, service resource.ID, token string, expires time.Time) error {
	collection := service + "/" + used
	for e, err := range s.Collection(collection) {
		if err != nil {
			return err
		}
		when, _, _ := strings.Cut(e.ID.Name(), "-")
		if at, err := time.Parse(usedTime, when); err == nil && !at.Before(s.Now().Add(-time.Minute)) {
			break
		}
		if err := s.Drop(e.ID); err != nil {
			return err
		}
	}
	count, err := s.Reader().Count(collection.Key())
	if err != nil {
		return err
	}
	if count >= maxUsed {
		return problem.New(statusUnavailable, problem.CodeUnavailable, "More than %d sign-on tokens were used and are not expired yet.", maxUsed)
	}
	sum := sha256.Sum256([]byte(token))
	id := collection + "/" + resource.ID(expires.UTC().Format(usedTime)+"-"+hex.EncodeToString(sum[:]))
	if was, err := s.Has(id); err != nil || was {
		return cmpError(err, errToken())
	}
	return s.Store(id, resource.Object(map[string]any{"used": s.Stamp()}))
}

// RefusedToken is the refusal of a sign-on token, whatever is wrong with it.
func RefusedToken() error { return errToken() }
