package services

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
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
	// debugLife and maxDebugLife are how long credentials for traces work.
	debugLife    = time.Hour
	maxDebugLife = 24 * time.Hour
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

// regenerateGatewayKey makes a key anew: tokens that it signed work no longer.
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

// debugCredentials makes a token with which calls of one API are traced.
func debugCredentials(s *resource.Session, e *resource.Entity, in resource.Input) (resource.Result, error) {
	key, err := debugKey(s, e, in.ID)
	if err != nil {
		return resource.Result{}, err
	}
	given, _ := in.Body["apiId"].(string)
	api, err := s.Require(in.ID, "apiId", given)
	if err != nil {
		return resource.Result{}, err
	}
	life := debugLife
	if after, ok := in.Body["credentialsExpireAfter"].(string); ok {
		if life, err = model.ParseDuration(after); err != nil || life <= 0 || life > maxDebugLife {
			return resource.Result{}, resource.Invalid("credentialsExpireAfter", "%q is no duration up to 24 hours, as PT1H is", after)
		}
	}
	signed := "p=tracing&aid=" + api.Name() + "&ex=" + s.Now().Add(life).Format(secondForm)
	return resource.Result{Body: map[string]any{"token": signed + "&sn=" + sign(key, signed)}}, nil
}

// DebugKeys are the keys that sign the credentials for traces of the managed
// gateway of a service.
func DebugKeys(s *resource.Session, service resource.ID) ([]string, error) {
	key, err := debugKey(s, nil, service.Child("gateways", managedGateway))
	if err != nil {
		return nil, err
	}
	return []string{key}, nil
}

// debugKey is the key for credentials of a gateway. That of the managed gateway
// is the tenant's.
func debugKey(s *resource.Session, e *resource.Entity, id resource.ID) (string, error) {
	if e != nil {
		return s.Reveal(e, "debugKey")
	}
	if !strings.EqualFold(id.Name(), managedGateway) {
		return "", problem.NotFound("Gateway", string(id))
	}
	tenant, err := s.Get(id.Service().Child("tenant", directAccess))
	if err != nil {
		return "", err
	}
	return s.Reveal(tenant, "primaryKey")
}

// invalidateDebug ends all credentials for traces of a gateway.
func invalidateDebug(s *resource.Session, e *resource.Entity, _ resource.Input) (resource.Result, error) {
	next := e.Clone()
	next.Set("debugKey", s.NewKey()+s.NewKey())
	return resource.Result{}, s.Store(e.ID, next.Body)
}

// listTrace answers the trace of a call, which the gateway of this process keeps
// for some minutes. A trace that it does not have, or that another gateway has,
// has no entries.
func listTrace(s *resource.Session, e *resource.Entity, in resource.Input) (resource.Result, error) {
	if e == nil && !strings.EqualFold(in.ID.Name(), managedGateway) {
		return resource.Result{}, problem.NotFound("Gateway", string(in.ID))
	}
	if _, err := s.Get(in.ID.Service()); err != nil {
		return resource.Result{}, err
	}
	entries := map[string]any{"inbound": []any{}, "outbound": []any{}}
	if id, _ := in.Body["traceId"].(string); s.Trace != nil && e == nil {
		if found, ok := s.Trace(id); ok {
			entries = found
		}
	}
	return resource.Result{Body: map[string]any{
		"serviceName": in.ID.Service().Name(), "traceId": in.Body["traceId"], "traceEntries": entries,
	}}, nil
}
