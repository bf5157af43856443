package portal

import (
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/problem"
)

// The three groups of settings of a portal.
const (
	delegation = "delegation"
	signin     = "signin"
	signup     = "signup"
)

// statusNoContent is 204, which this package knows by number only.
const statusNoContent = 204

// portalSettings is the kind of the settings of a portal. They always exist, and
// each has fields of its own.
func portalSettings() *resource.Node {
	return resource.New(access.PortalSettings, resource.Kind{
		Collection: "portalsettings", Title: "PortalSettings", Names: []string{delegation, signin, signup},
		Verbs:    resource.List | resource.Get | resource.Put | resource.Patch,
		Contract: "PortalSettingsContract", Statuses: resource.Statuses{Patch: statusNoContent}, Permanent: true, Unpaged: true,
		Secrets: []resource.Secret{{Path: "properties.validationKey"}},
		Keep:    []string{"properties.validationKey"},
		Hooks: resource.Hooks{
			Default: func(_ *resource.Session, id resource.ID) (map[string]any, error) {
				return resource.Object(settingsDefaults(id.Name())), nil
			},
			Prepare: prepareSettings, Present: presentSettings,
		},
		Actions: []resource.Action{{Path: "listSecrets", Permission: access.ListSecrets, Run: validationKey}},
	})
}

// settingsDefaults are settings that were never written.
func settingsDefaults(name string) map[string]any {
	off := func() map[string]any { return map[string]any{"enabled": false} }
	switch name {
	case signin:
		return off()
	case signup:
		return map[string]any{
			"enabled": true, "termsOfService": map[string]any{"enabled": false, "consentRequired": false, "text": ""},
		}
	default:
		return map[string]any{"subscriptions": off(), "userRegistration": off()}
	}
}

// fieldsOf are the properties that settings have. It is never written.
var fieldsOf = map[string][]string{
	delegation: {"url", "validationKey", "subscriptions", "userRegistration"},
	signin:     {"enabled"},
	signup:     {"enabled", "termsOfService"},
}

// prepareSettings leaves out the fields of other settings, and fills in what is
// not given.
func prepareSettings(s *resource.Session, e, _ *resource.Entity) error {
	given := e.Properties()
	own := map[string]any{}
	for _, field := range fieldsOf[e.ID.Name()] {
		if value, ok := given[field]; ok {
			own[field] = value
		}
	}
	e.Body = map[string]any{"properties": own}
	for field, value := range settingsDefaults(e.ID.Name()) {
		e.SetDefault(field, value)
	}
	if e.ID.Name() == delegation {
		e.SetDefault("validationKey", s.NewKey()+s.NewKey())
	}
	return nil
}

// presentSettings says whether anything is delegated.
func presentSettings(_ *resource.Session, e *resource.Entity) error {
	if e.ID.Name() != delegation {
		return nil
	}
	delegated := false
	for _, what := range []string{"subscriptions", "userRegistration"} {
		object, _ := e.Properties()[what].(map[string]any)
		delegated = delegated || object["enabled"] == true
	}
	e.Set("enabled", delegated)
	return nil
}

// validationKey answers the key with which delegated requests are signed; an
// empty one where delegation was never set up.
func validationKey(s *resource.Session, e *resource.Entity, in resource.Input) (resource.Result, error) {
	if in.ID.Name() != delegation {
		return resource.Result{}, problem.NotFound("Secret", string(in.ID))
	}
	key, err := s.Reveal(e, "validationKey")
	return resource.Result{Body: map[string]any{"validationKey": key}, ETag: e.ETag()}, err
}
