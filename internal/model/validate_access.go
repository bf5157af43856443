package model

import (
	"fmt"
	"strings"
)

func (v *validation) product(p *Product) {
	v.text("displayName", p.DisplayName, 1, 300)
	v.text("description", p.Description, 0, 1000)
	checkEnum(v, "state", p.State, optional, productStates)
	if p.SubscriptionsLimit != nil && *p.SubscriptionsLimit < 0 {
		v.add("subscriptionsLimit", "is negative", "leave it out where there is no limit")
	}
	if !p.RequiresSubscription() && p.RequiresApproval() {
		v.warn("approvalRequired", "has no meaning for an open product", "leave it out, or set subscriptionRequired")
	}
}

func (v *validation) group(g *Group) {
	v.text("displayName", g.DisplayName, 1, 300)
	v.text("description", g.Description, 0, 1000)
	checkEnum(v, "type", g.Type, optional, groupTypes)
}

func (v *validation) user(u *User) {
	v.text("email", u.Email, 1, 254)
	if u.Email != "" && !strings.Contains(u.Email, "@") {
		v.add("email", "is not an e-mail address", "")
	}
	v.text("firstName", u.FirstName, 0, 100)
	v.text("lastName", u.LastName, 0, 100)
	checkEnum(v, "state", u.State, optional, userStates)
}

// maxKey bounds a subscription key, in characters.
const maxKey = 256

func (v *validation) subscription(s *Subscription) {
	v.text("displayName", s.DisplayName, 0, 100)
	if _, err := s.ParseScope(); err != nil {
		v.add("scope", err.Error(), "")
	}
	checkEnum(v, "state", s.State, optional, subscriptionStates)
	for _, k := range s.Keys() {
		if k.Element != "" {
			v.text(k.Element, k.Key, 0, maxKey)
		}
	}
	if s.PrimaryKey != "" && s.PrimaryKey == s.SecondaryKey {
		v.add("secondaryKey", "is the same as primaryKey", "the two keys must differ, so that one can be changed while the other works")
	}
}

// maxNamedValue bounds the value of a named value, in characters.
const maxNamedValue = 4096

func (v *validation) namedValue(n *NamedValue) {
	v.text("displayName", n.DisplayName, 1, 256)
	for _, r := range n.DisplayName {
		if !isNamedValueRune(r) {
			v.add("displayName", fmt.Sprintf("has the character %q", r), "only letters, digits, periods, dashes and underscores are allowed")
			break
		}
	}
	v.text("value", n.Value, 0, maxNamedValue)
	switch {
	case n.Value != "" && strings.TrimSpace(n.Value) == "":
		v.add("value", "consists of white space only", "")
	case n.Value == "" && n.KeyVault == nil && n.Secret:
		v.warn("value", "is missing: policies that refer to this secret cannot be used", "give it in an override, or by valueFrom")
	case n.Value == "" && n.KeyVault == nil:
		v.add("value", "is missing or empty", "")
	}
	if len(n.Tags) > 32 {
		v.add("tags", fmt.Sprintf("has %d elements", len(n.Tags)), "at most 32 are allowed")
	}
}

func isNamedValueRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(".-_", r)
}
