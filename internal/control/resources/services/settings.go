package services

import (
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// publicSettings is the name of the one group of settings that is shown.
const publicSettings = "public"

// tenantSettings shows what portals need to know of a service's settings.
func tenantSettings() *resource.Node {
	return resource.New(access.Settings, resource.Kind{
		Collection: "settings", Title: "TenantSettings", Names: []string{publicSettings}, Verbs: resource.ReadOnly,
		Filter: "TenantSettingsClientListByService",
		Hooks: resource.Hooks{
			Load: loadSettings,
			Items: func(s *resource.Session, collection resource.ID) ([]*resource.Entity, error) {
				e, err := loadSettings(s, collection+"/"+publicSettings)
				return []*resource.Entity{e}, err
			},
		},
	})
}

// loadSettings puts together what the settings of the portal say.
func loadSettings(s *resource.Session, id resource.ID) (*resource.Entity, error) {
	portal := id.Service() + "/portalsettings/"
	delegation, err := settingsOf(s, portal+"delegation")
	if err != nil {
		return nil, err
	}
	signup, err := settingsOf(s, portal+"signup")
	if err != nil {
		return nil, err
	}
	const custom = "CustomPortalSettings."
	terms, _ := signup.Properties()["termsOfService"].(map[string]any)
	return &resource.Entity{ID: id, Body: resource.Object(map[string]any{"settings": map[string]any{
		custom + "DelegationEnabled":                    truth(enabled(delegation, "userRegistration")),
		custom + "DelegatedSubscriptionEnabled":         truth(enabled(delegation, "subscriptions")),
		custom + "DelegationUrl":                        delegation.Text("url"),
		custom + "UserRegistrationTerms":                terms["text"],
		custom + "UserRegistrationTermsEnabled":         truth(terms["enabled"] == true),
		custom + "UserRegistrationTermsConsentRequired": truth(terms["consentRequired"] == true),
	}})}, nil
}

// settingsOf returns the settings, empty where they were never written.
func settingsOf(s *resource.Session, id resource.ID) (*resource.Entity, error) {
	e, err := s.Lookup(id)
	if e == nil {
		e = &resource.Entity{ID: id}
	}
	return e, err
}

func enabled(e *resource.Entity, property string) bool {
	object, _ := e.Properties()[property].(map[string]any)
	return object["enabled"] == true
}

// truth spells a truth value as settings do.
func truth(b bool) string {
	if b {
		return "True"
	}
	return "False"
}
