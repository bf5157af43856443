package services

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/problem"
)

// Lives of what a gateway is given.
const (
	// maxGatewayTokenLife is how far ahead the expiry of a gateway's token may be.
	maxGatewayTokenLife = 30 * 24 * time.Hour
	// maxDebugLife is how long credentials for traces work at the most, and where
	// nothing else is asked for.
	maxDebugLife = time.Hour
	// minuteForm and secondForm are how tokens tell when they end, in UTC.
	minuteForm = "200601021504"
	secondForm = "20060102150405"
)

// gatewayKeys answers both keys of a gateway.
func gatewayKeys(s *resource.Session, e *resource.Entity, in resource.Input) (resource.Result, error) {
	e, err := signing(s, e, in.ID)
	if err != nil {
		return resource.Result{}, err
	}
	keys, err := revealKeys(s, e)
	if err != nil {
		return resource.Result{}, err
	}
	return resource.Result{Body: map[string]any{"primary": keys[0], "secondary": keys[1]}, ETag: e.ETag()}, nil
}

// revealKeys are the primary and the secondary key of what signing returned.
func revealKeys(s *resource.Session, e *resource.Entity) ([]string, error) {
	primary, err := s.Reveal(e, "primaryKey")
	if err != nil {
		return nil, err
	}
	secondary, err := s.Reveal(e, "secondaryKey")
	return []string{primary, secondary}, err
}

// keyNamed is the property of the key that a body asks for.
func keyNamed(body map[string]any) string {
	if body["keyType"] == "secondary" {
		return "secondaryKey"
	}
	return "primaryKey"
}

// regenerateGatewayKey makes a key anew: tokens that it signed work no longer, and
// neither do credentials for traces that come from it.
func regenerateGatewayKey(s *resource.Session, e *resource.Entity, in resource.Input) (resource.Result, error) {
	e, err := signing(s, e, in.ID)
	if err != nil {
		return resource.Result{}, err
	}
	next := e.Clone()
	next.Set(keyNamed(in.Body), s.NewKey()+s.NewKey())
	return resource.Result{}, s.Store(e.ID, next.Body)
}

// gatewayToken makes what a gateway proves itself with, "GatewayKey " and this:
// its name, the minute at which the token expires, and a signature by a key.
func gatewayToken(s *resource.Session, e *resource.Entity, in resource.Input) (resource.Result, error) {
	given, _ := in.Body["expiry"].(string)
	expiry, err := time.Parse(time.RFC3339, given)
	if err != nil {
		return resource.Result{}, resource.Invalid("expiry", "%q is no date and time", given).WithCause(err)
	}
	token, err := newGatewayToken(s, e, in.ID, expiry, keyNamed(in.Body))
	return resource.Result{Body: map[string]any{"value": token}}, err
}

// NewGatewayToken makes a token for a gateway, or the managed one, that works
// until a time at most 30 days ahead. The session must be one that writes: the
// managed gateway gets its keys with its first token. secondary signs with the
// secondary key.
func NewGatewayToken(s *resource.Session, gateway resource.ID, expiry time.Time, secondary bool) (string, error) {
	e, err := s.Lookup(gateway)
	if err != nil {
		return "", err
	}
	key := "primaryKey"
	if secondary {
		key = "secondaryKey"
	}
	return newGatewayToken(s, e, gateway, expiry, key)
}

func newGatewayToken(s *resource.Session, e *resource.Entity, id resource.ID, expiry time.Time, property string) (string, error) {
	if expiry.After(s.Now().Add(maxGatewayTokenLife)) {
		return "", resource.Invalid("expiry", "a token may live for 30 days at the most")
	}
	e, err := signing(s, e, id)
	if err != nil {
		return "", err
	}
	key, err := s.Reveal(e, property)
	if err != nil {
		return "", err
	}
	until := expiry.UTC().Format(minuteForm)
	return e.ID.Name() + "&" + until + "&" + sign(key, e.ID.Name()+"\n"+until), nil
}

// sign is the HMAC-SHA512 of a text, in base64.
func sign(key, signed string) string {
	mac := hmac.New(sha512.New, []byte(key))
	_, _ = mac.Write([]byte(signed)) // A hash never fails to write.
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// debugCredentials makes a token with which calls of one API are traced at one
// gateway.
func debugCredentials(s *resource.Session, e *resource.Entity, in resource.Input) (resource.Result, error) {
	e, err := signing(s, e, in.ID)
	if err != nil {
		return resource.Result{}, err
	}
	api, err := tracedAPI(s, in)
	if err != nil {
		return resource.Result{}, err
	}
	life := maxDebugLife
	if after, ok := in.Body["credentialsExpireAfter"].(string); ok {
		if life, err = model.ParseDuration(after); err != nil || life <= 0 || life > maxDebugLife {
			return resource.Result{}, resource.Invalid("credentialsExpireAfter", "%q is no duration up to one hour, as PT1H is", after)
		}
	}
	keys, err := debugKeys(s, e, in.ID)
	if err != nil {
		return resource.Result{}, err
	}
	signed := "p=tracing&aid=" + api + "&ex=" + s.Now().Add(life).Format(secondForm)
	return resource.Result{Body: map[string]any{"token": signed + "&sn=" + sign(keys[0], signed)}}, nil
}

// tracedAPI is the API whose calls the credentials are for, by its qualified name:
// a workspace may have one that is called as another of the service is.
func tracedAPI(s *resource.Session, in resource.Input) (string, error) {
	const field = "apiId"
	given, _ := in.Body[field].(string)
	api, err := s.Require(in.ID, field, given)
	if err != nil {
		return "", err
	}
	if !api.Service().Equal(in.ID.Service()) || !api.Collection().Equal(api.Scope()+"/apis") {
		return "", resource.Invalid(field, "%q is not the id of an API of this service", given)
	}
	return model.ID(api.Relative()).Qualified(), nil
}

// DebugKeys are the keys that sign the credentials for traces of a gateway, or of
// the managed one; none where that never had a token nor credentials. Where there
// is no such gateway the error is a problem with the code ResourceNotFound.
func DebugKeys(s *resource.Session, service resource.ID, gateway string) ([]string, error) {
	id := service.Child("gateways", gateway)
	if !strings.EqualFold(gateway, managedGateway) {
		e, err := s.Get(id)
		if err != nil {
			return nil, err
		}
		return debugKeys(s, e, id)
	}
	e, err := s.Lookup(ManagedKeysID(service))
	if e == nil || err != nil {
		return nil, err
	}
	return debugKeys(s, e, id)
}

// debugPurpose is what the keys for traces are derived for.
const debugPurpose = "sallyport debug credentials 1\x00"

// debugKeys derives one key from each of the gateway's keys. A gateway is given
// these, so that it can check tokens: they say nothing of the keys that they come
// from, nor of those of other gateways. They change with those keys, and with
// the gateway's debugKey, which is there to end all credentials at once.
func debugKeys(s *resource.Session, e *resource.Entity, gateway resource.ID) ([]string, error) {
	keys, err := revealKeys(s, e)
	if err != nil {
		return nil, err
	}
	salt, err := s.Reveal(e, "debugKey")
	if err != nil {
		return nil, err
	}
	for i, key := range keys {
		derived, err := hkdf.Key(sha256.New, []byte(key), []byte(salt), debugPurpose+string(gateway.Key()), sha256.Size)
		if err != nil {
			return nil, fmt.Errorf("deriving the keys of debug credentials: %w", err)
		}
		keys[i] = base64.StdEncoding.EncodeToString(derived)
	}
	return keys, nil
}

// invalidateDebug ends all credentials for traces of a gateway.
func invalidateDebug(s *resource.Session, e *resource.Entity, in resource.Input) (resource.Result, error) {
	e, err := signing(s, e, in.ID)
	if err != nil {
		return resource.Result{}, err
	}
	next := e.Clone()
	next.Set("debugKey", s.NewKey()+s.NewKey())
	return resource.Result{}, s.Store(e.ID, next.Body)
}

// listTrace answers the trace of a call. One that is not there, or not any more,
// or that another gateway recorded, has no entries.
func listTrace(s *resource.Session, e *resource.Entity, in resource.Input) (resource.Result, error) {
	if e == nil && !strings.EqualFold(in.ID.Name(), managedGateway) {
		return resource.Result{}, problem.NotFound("Gateway", string(in.ID))
	}
	service := in.ID.Service()
	if _, err := s.Get(service); err != nil {
		return resource.Result{}, err
	}
	entries := map[string]any{"inbound": []any{}, "outbound": []any{}}
	if id, _ := in.Body["traceId"].(string); s.Traces != nil {
		found, err := s.Traces.Find(s.Context(), string(service), in.ID.Name(), id)
		if err != nil {
			return resource.Result{}, err
		}
		for section, list := range found {
			entries[section] = list
		}
	}
	return resource.Result{Body: map[string]any{
		"serviceName": service.Name(), "traceId": in.Body["traceId"], "traceEntries": entries,
	}}, nil
}
