package services

import (
	"crypto/hmac"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/problem"
)

// maxGatewayToken bounds a token that is read, in bytes.
const maxGatewayToken = 1024

// managedKeysKind is where the keys of the managed gateway are kept, which is no
// resource of the management API. They are made when they are first asked for, and
// no rollback takes them back: what was made anew has leaked.
func managedKeysKind() *resource.Node {
	return resource.New(access.Gateways, resource.Kind{
		Collection: "sallyportGatewayKeys", Title: "GatewayKeys", Names: []string{managedGateway}, Internal: true, Live: true,
		Secrets: []resource.Secret{{Path: "properties.primaryKey"}, {Path: "properties.secondaryKey"}, {Path: "properties.debugKey"}},
	})
}

// ManagedKeysID is where the keys of a service's managed gateway are kept.
func ManagedKeysID(service resource.ID) resource.ID {
	return service.Child("sallyportGatewayKeys", managedGateway)
}

// signing returns what holds the keys of a gateway: its entity, which is nil
// where there is none, or the record of the managed gateway, which it makes in a
// session that writes.
func signing(s *resource.Session, e *resource.Entity, id resource.ID) (*resource.Entity, error) {
	if e != nil {
		return e, nil
	}
	if !strings.EqualFold(id.Name(), managedGateway) {
		return nil, problem.NotFound("Gateway", string(id))
	}
	if _, err := s.Get(id.Service()); err != nil {
		return nil, err
	}
	kept := ManagedKeysID(id.Service())
	if e, err := s.Lookup(kept); e != nil || err != nil {
		return e, err
	}
	err := s.Store(kept, resource.Object(map[string]any{"primaryKey": s.NewKey() + s.NewKey(), "secondaryKey": s.NewKey() + s.NewKey()}))
	if err != nil {
		return nil, err
	}
	return s.Get(kept)
}

// GatewayKeys are the keys that sign the tokens of a gateway, or of the managed
// one. Where there is no such gateway the error is a problem with the code
// ResourceNotFound; a managed gateway that never had a token has no keys.
func GatewayKeys(s *resource.Session, service resource.ID, gateway string) ([]string, error) {
	if !strings.EqualFold(gateway, managedGateway) {
		e, err := s.Get(service.Child("gateways", gateway))
		if err != nil {
			return nil, err
		}
		return revealKeys(s, e)
	}
	if _, err := s.Get(service); err != nil {
		return nil, err
	}
	e, err := s.Lookup(ManagedKeysID(service))
	if e == nil || err != nil {
		return nil, err
	}
	return revealKeys(s, e)
}

// GatewayToken is a token as a gateway shows it.
type GatewayToken struct {
	// Gateway is the name of the gateway.
	Gateway string
	// Expiry is the minute at which the token ends, in UTC.
	Expiry time.Time

	signed, signature string
}

// ParseGatewayToken reads a token, NAME&EXPIRY&SIGNATURE. It checks neither the
// expiry nor the signature. The error never quotes the token.
func ParseGatewayToken(text string) (GatewayToken, error) {
	if len(text) > maxGatewayToken {
		return GatewayToken{}, errors.New("the token is longer than any is")
	}
	name, rest, ok := strings.Cut(text, "&")
	until, signature, also := strings.Cut(rest, "&")
	if !ok || !also || name == "" || signature == "" {
		return GatewayToken{}, errors.New("the token is not of the form NAME&EXPIRY&SIGNATURE")
	}
	if !utf8.ValidString(name) || strings.ContainsAny(name, "/\\\n\x00") {
		return GatewayToken{}, errors.New("the token does not begin with the name of a gateway")
	}
	expiry, err := time.Parse(minuteForm, until)
	if err != nil {
		return GatewayToken{}, errors.New("the token's expiry is not of the form yyyyMMddHHmm")
	}
	return GatewayToken{Gateway: name, Expiry: expiry, signed: name + "\n" + until, signature: signature}, nil
}

// SignedBy reports whether one of the keys has signed the token. It takes as long
// whichever it is.
func (t GatewayToken) SignedBy(keys []string) bool {
	found := false
	for _, key := range keys {
		if key != "" && hmac.Equal([]byte(sign(key, t.signed)), []byte(t.signature)) {
			found = true
		}
	}
	return found
}

// gatewayInstances lists the processes that run a gateway: an addition of ours.
func gatewayInstances(s *resource.Session, e *resource.Entity, in resource.Input) (resource.Result, error) {
	if e == nil && !strings.EqualFold(in.ID.Name(), managedGateway) {
		return resource.Result{}, problem.NotFound("Gateway", string(in.ID))
	}
	if _, err := s.Get(in.ID.Service()); err != nil {
		return resource.Result{}, err
	}
	value := []map[string]any{}
	if s.Instances != nil {
		found, err := s.Instances(s, in.ID)
		if err != nil {
			return resource.Result{}, err
		}
		value = append(value, found...)
	}
	return resource.Result{Body: map[string]any{"value": value, "count": len(value)}}, nil
}
