package policies

import (
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/policies/jose"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// requiredClaim is a claim that tokens must have.
type requiredClaim struct {
	name      policy.String
	any       bool // one of the values is enough
	separator string
	values    []policy.String
}

func compileClaims(c *policy.Compiler, el *document.Element) []requiredClaim {
	var list []requiredClaim
	for _, child := range el.Children {
		match, _ := c.String(child, "match").Constant()
		separator, _ := child.Attr("separator")
		list = append(list, requiredClaim{
			name: c.String(child, "name"), any: strings.EqualFold(match, "any"),
			separator: separator.Value, values: compileTexts(c, child),
		})
	}
	return list
}

// checkClaims checks the required claims: first that all are there, then their
// values.
func (s *validateJWTStep) checkClaims(c *policy.Call, t *checkedToken) error {
	names := make([]string, len(s.claims))
	var missing []string
	for i := range s.claims {
		name, err := s.claims[i].name.Eval(c)
		if err != nil {
			return err
		}
		names[i] = name
		if _, ok := t.claims.Get(name); !ok {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return tokenErrorf("TokenClaimNotFound", "JWT token is missing the following claims: %s. Access denied.", strings.Join(missing, ", "))
	}
	for i := range s.claims {
		v, _ := t.claims.Get(names[i])
		ok, err := s.claims[i].holds(c, v)
		if err != nil {
			return err
		}
		if !ok {
			return tokenErrorf("TokenClaimValueNotAllowed", "Claim %s value of %s is not allowed. Access denied.",
				names[i], strings.Join(claimValues(v, ""), ", "))
		}
	}
	return nil
}

// holds reports whether a claim has the values that are asked for.
func (r *requiredClaim) holds(c *policy.Call, v *jose.Value) (bool, error) {
	if len(r.values) == 0 {
		return true, nil
	}
	have := claimValues(v, r.separator)
	for i := range r.values {
		want, err := r.values[i].Eval(c)
		if err != nil {
			return false, err
		}
		has := slices.Contains(have, strings.TrimSpace(want))
		if has == r.any {
			return r.any, nil
		}
	}
	return !r.any, nil
}

// claimValues returns the values of a claim as texts: those of a list, the
// parts of a text that a separator divides, or the one that it is. Objects have
// none.
func claimValues(v *jose.Value, separator string) []string {
	switch v.Kind {
	case jose.Array:
		var list []string
		for i := range v.Items {
			if k := v.Items[i].Kind; k != jose.Array && k != jose.Object {
				list = append(list, v.Items[i].Text)
			}
		}
		return list
	case jose.Object, jose.Null:
		return nil
	case jose.Text:
		if separator != "" {
			parts := strings.Split(v.Text, separator)
			for i := range parts {
				parts[i] = strings.TrimSpace(parts[i])
			}
			return parts
		}
	case jose.Boolean, jose.Number:
	}
	return []string{v.Text}
}
