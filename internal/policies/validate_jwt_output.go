package policies

import (
	"strings"

	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/policy"
)

// output leaves the token for later policies.
func (s *validateJWTStep) output(c *policy.Call, t *checkedToken) error {
	if s.variable == "" {
		return nil
	}
	c.Variables.Set(s.variable, jwtValue(t))
	return nil
}

// jwtValue returns the token as expressions see it.
func jwtValue(t *checkedToken) value.Value {
	return value.OfGo(strings.Clone(t.compact))
}
