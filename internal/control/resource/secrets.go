package resource

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
)

// sealedPrefix begins every sealed text.
const sealedPrefix = "sealed:"

// place is what a field's sealed text is bound to.
func (id ID) place(at string) string { return string(id.Key()) + "#" + strings.TrimPrefix(at, ".") }

// seal encrypts the secrets of the body that are not sealed yet.
func (s *Session) seal(n *Node, id ID, body map[string]any) error {
	for _, secret := range n.Secrets {
		if secret.When != nil && !secret.When(body) {
			continue
		}
		err := visit(body, secret.Path, func(at, value string) (string, error) {
			if strings.HasPrefix(value, sealedPrefix) {
				return value, nil
			}
			return s.Sealer.Seal([]byte(value), id.place(at))
		})
		if err != nil {
			return fmt.Errorf("sealing %s of %s: %w", secret.Path, id, err)
		}
	}
	return nil
}

// unsealed is what a body from outside may not hold: text that looks sealed
// would be kept as it is.
func unsealed(n *Node, body map[string]any) error {
	for _, secret := range n.Secrets {
		err := visit(body, secret.Path, func(at, value string) (string, error) {
			if strings.HasPrefix(value, sealedPrefix) {
				return "", Invalid(strings.TrimPrefix(at, "."), "the value may not begin with %q", sealedPrefix)
			}
			return value, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Open decrypts the secrets of the entity in place. all is false for those that
// are shown to readers only.
func (s *Session) Open(n *Node, e *Entity, all bool) error {
	for _, secret := range n.Secrets {
		if !all && !secret.Shown {
			continue
		}
		if err := s.open(e, secret.Path); err != nil {
			return err
		}
	}
	return nil
}

func (s *Session) open(e *Entity, path string) error {
	return visit(e.Body, path, func(at, value string) (string, error) {
		if !strings.HasPrefix(value, sealedPrefix) {
			return value, nil
		}
		plain, err := s.Sealer.Open(value, e.ID.place(at))
		if err != nil {
			return "", fmt.Errorf("opening %s of %s: %w", strings.TrimPrefix(at, "."), e.ID, err)
		}
		return string(plain), nil
	})
}

// Reveal returns a secret property of an entity that was read, in clear;
// "" where there is none.
func (s *Session) Reveal(e *Entity, property string) (string, error) {
	c := e.Clone()
	if err := s.open(c, "properties."+property); err != nil {
		return "", err
	}
	return c.Text(property), nil
}

// Content is the field of bodies, beside their properties, that holds what is
// too large to be looked at, such as a document in a packed form. Kinds that have
// it hide it, and it is not in the audit log: its digest is a property.
const Content = "sallyportContent"

// mask replaces the secrets of a body, sealed or not, for the audit log.
func mask(n *Node, body map[string]any) {
	delete(body, Content)
	for _, secret := range n.Secrets {
		if secret.When != nil && !secret.When(body) {
			continue
		}
		_ = visit(body, secret.Path, func(string, string) (string, error) { return masked, nil })
	}
}

// masked stands in the audit log for a secret.
const masked = "********"

// Masked returns both sides of the edit as JSON, with the secrets masked; nil
// for a side that is not there. A side that is longer than MaxAudited is cut to
// its digest and length: the history has it whole.
func (e *Edit) Masked() (before, after json.RawMessage, err error) {
	if before, err = masking(e.Node, e.Before); err != nil {
		return nil, nil, err
	}
	after, err = masking(e.Node, e.After)
	return before, after, err
}

// MaxAudited bounds each side of an audited change, in bytes.
const MaxAudited = 64 << 10

func masking(n *Node, e *Entity) (json.RawMessage, error) {
	if e == nil {
		return nil, nil
	}
	c := e.Clone()
	mask(n, c.Body)
	raw, err := encode(c.Body)
	if err != nil {
		return nil, fmt.Errorf("masking %s: %w", e.ID, err)
	}
	if len(raw) <= MaxAudited {
		return raw, nil
	}
	return json.Marshal(map[string]any{"sha256": fmt.Sprintf("%x", sha256.Sum256(raw)), "length": len(raw)})
}
