package policies

import (
	"strings"

	"github.com/sallyport/sallyport/internal/policy"
)

// output leaves the token for later policies, as a Jwt. The token's text is
// cloned, because the message's strings end with the exchange and a variable
// may be put into the cache.
func (s *validateJWTStep) output(c *policy.Call, t *checkedToken) {
	if s.variable != "" {
		c.Variables.Set(s.variable, s.tokens.Of(strings.Clone(t.compact)))
	}
}
