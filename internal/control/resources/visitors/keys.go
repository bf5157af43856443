package visitors

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/problem"
)

// keys is the collection in which the keys of portals are kept.
const keys = "sallyportPortalKeys"

// maxKeys bounds for how many purposes a service has keys, maxPurpose the name of
// a purpose, in bytes.
const (
	maxKeys    = 32
	maxPurpose = 40
)

// keyKind keeps the keys with which the portals of a service sign what only they
// read. Nothing of it is answered but by sallyportPortalKey.
func keyKind() *resource.Node {
	return resource.New(access.Portal, resource.Kind{
		Collection: keys, Title: "PortalKey", Internal: true, Live: true,
		Secrets: []resource.Secret{{Path: "properties.key"}},
	})
}

// keyRoute is the action sallyportPortalKey: the key for a purpose, which is made
// when it is first asked for, and the same for all portals of the service.
func keyRoute() resource.Route {
	return resource.Route{
		Method: "POST", Path: ofService + string(access.PortalKey), Permission: access.Portal.Action(access.PortalKey),
		Body: "SallyportPortalKeyParameters", Writes: true, Run: portalKey,
	}
}

func portalKey(s *resource.Session, _ map[string]string, in resource.Input) (resource.Result, error) {
	service := in.ID.Service()
	if _, err := s.Get(service); err != nil {
		return resource.Result{}, err
	}
	purpose, _ := in.Body["purpose"].(string)
	if !plainName(purpose) {
		return resource.Result{}, resource.Invalid("purpose", "the purpose is 1 to %d of the characters a-z, 0-9 and -", maxPurpose)
	}
	id := service.Child(keys, purpose)
	if err := ensureKey(s, id); err != nil {
		return resource.Result{}, err
	}
	e, err := s.Get(id)
	if err != nil {
		return resource.Result{}, err
	}
	text, err := s.Reveal(e, "key")
	if err != nil {
		return resource.Result{}, err
	}
	raw, err := hex.DecodeString(text)
	if err != nil {
		return resource.Result{}, fmt.Errorf("reading the portal's key: %w", err)
	}
	return resource.Result{Body: map[string]any{"key": base64.StdEncoding.EncodeToString(raw)}}, nil
}

// ensureKey makes the key where there is none.
func ensureKey(s *resource.Session, id resource.ID) error {
	if there, err := s.Has(id); there || err != nil {
		return err
	}
	count, err := s.Reader().Count(id.Collection().Key())
	if err != nil {
		return err
	}
	if count >= maxKeys {
		return problem.New(statusBadRequest, problem.CodeValidation, "The service has keys for %d purposes, and no more.", maxKeys).
			WithTarget("purpose")
	}
	return s.Store(id, resource.Object(map[string]any{"key": s.NewKey() + s.NewKey()}))
}

func plainName(name string) bool {
	for _, c := range name {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return name != "" && len(name) <= maxPurpose
}
