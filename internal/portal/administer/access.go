package administer

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// accessRoutes are the settings of signing up and in, and identity providers.
func (s *section) accessRoutes() []page.Route {
	return []page.Route{
		{Pattern: "GET /admin/settings", Run: s.settings},
		{Pattern: "GET /admin/settings/{setting}", Run: s.setting},
		{Pattern: "POST /admin/settings/{setting}", Run: s.saveSetting},
		{Pattern: "GET /admin/providers", Run: s.providers},
		{Pattern: "GET /admin/providers/{provider}", Run: s.provider},
		{Pattern: "POST /admin/providers/{provider}", Run: s.saveProvider},
		{Pattern: "GET /admin/providers/{provider}/delete", Run: s.askDeleteProvider},
		{Pattern: "POST /admin/providers/{provider}/delete", Run: s.deleteProvider},
	}
}

var (
	settingsCrumb  = page.Link{Text: "Sign-up and sign-in", Path: "/admin/settings"}
	providersCrumb = page.Link{Text: "Identity providers", Path: "/admin/providers"}
)

// settingsOf are the settings with their titles. It is never written.
var settingsOf = map[string]string{
	"signup": "Sign-up and terms", "signin": "Sign-in", "delegation": "Delegation",
}

func (s *section) settings(x *page.Exchange) error {
	list := &table{Columns: []string{"Settings", "As they are"}}
	for _, name := range []string{"signup", "signin", "delegation"} {
		got, err := client.Get[client.PortalSettings](x.R.Context(), x.Client(), client.Path("portalsettings", name))
		if err != nil {
			return err
		}
		list.Rows = append(list.Rows, []any{link(settingsOf[name], "/admin/settings/"+name), summary(name, got.Properties)})
	}
	return s.show(x, "Sign-up and sign-in", &screen{Tables: []*table{list}})
}

func summary(name string, p client.PortalSettings) string {
	on := p.Enabled != nil && *p.Enabled
	switch {
	case name == "signup" && on && p.TermsOfService != nil && p.TermsOfService.Enabled:
		return "People can sign up, and are shown terms"
	case name == "signup" && on:
		return "People can sign up"
	case name == "signup":
		return "Nobody can sign up; administrators invite"
	case name == "signin" && on:
		return "Guests must sign in to see anything"
	case name == "signin":
		return "Guests see what is for guests"
	case delegated(p.Subscriptions) || delegated(p.UserRegistration):
		return "Delegated to " + p.URL
	}
	return "Nothing is delegated"
}

func delegated(d *client.DelegationScope) bool { return d != nil && d.Enabled }

func settingForm(name string, got client.Resource[client.PortalSettings]) *form {
	p := got.Properties
	f := &form{Action: "/admin/settings/" + name, ETag: got.ETag, Cancel: "/admin/settings"}
	enabled := p.Enabled != nil && *p.Enabled
	switch name {
	case "signup":
		terms := client.TermsOfService{}
		if p.TermsOfService != nil {
			terms = *p.TermsOfService
		}
		f.Fields = []field{
			{Kind: "checkbox", Name: "enabled", Label: "People can sign up by themselves", Checked: enabled},
			{Kind: "checkbox", Name: "terms", Label: "Show terms of use", Checked: terms.Enabled},
			{Kind: "checkbox", Name: "consent", Label: "They must agree to the terms", Checked: terms.ConsentRequired},
			{Kind: "textarea", Name: "text", Label: "Terms of use", Value: terms.Text, Rows: 14, Optional: true},
		}
	case "signin":
		f.Fields = []field{{Kind: "checkbox", Name: "enabled", Label: "Guests must sign in to see anything", Checked: enabled}}
	case "delegation":
		f.Fields = []field{
			{Kind: "checkbox", Name: "registration", Label: "Delegate sign-in and sign-up", Checked: delegated(p.UserRegistration)},
			{Kind: "checkbox", Name: "subscriptions", Label: "Delegate subscribing", Checked: delegated(p.Subscriptions)},
			{Name: "url", Label: "Address of the delegation endpoint", Value: p.URL, Type: "url", Optional: true},
			{Name: "validationKey", Label: "New validation key", Type: "password", Optional: true, Autocomplete: "off",
				Hint: "Base64. Leave it empty to keep the present key, which is never shown here."},
		}
	}
	return f
}

func (s *section) setting(x *page.Exchange) error {
	name := x.Value("setting")
	if settingsOf[name] == "" {
		return errNothing("setting", name)
	}
	got, err := client.Get[client.PortalSettings](x.R.Context(), x.Client(), client.Path("portalsettings", name))
	if err != nil {
		return err
	}
	return s.show(x, settingsOf[name], &screen{Forms: []*form{settingForm(name, got)}}, settingsCrumb)
}

func (s *section) saveSetting(x *page.Exchange) error {
	name, typed := x.Value("setting"), x.Form()
	if settingsOf[name] == "" {
		return errNothing("setting", name)
	}
	set := func(field string) bool { return typed.Get(field) != "" }
	change := map[string]any{"enabled": set("enabled")}
	switch name {
	case "signup":
		change["termsOfService"] = map[string]any{
			"enabled": set("terms"), "consentRequired": set("consent"), "text": strings.ReplaceAll(typed.Get("text"), "\r\n", "\n"),
		}
	case "delegation":
		change = map[string]any{
			"url": strings.TrimSpace(typed.Get("url")), "subscriptions": map[string]any{"enabled": set("subscriptions")},
			"userRegistration": map[string]any{"enabled": set("registration")},
		}
		if key := strings.TrimSpace(typed.Get("validationKey")); key != "" {
			change["validationKey"] = key
		}
	}
	path := client.Path("portalsettings", name)
	if err := client.Patch(x.R.Context(), x.Client(), path, change, seen(x)); err != nil {
		f := settingForm(name, client.Resource[client.PortalSettings]{}).fill(typed)
		return s.refused(x, settingsOf[name], &screen{Forms: []*form{f}}, f, err, s.latest(x, path), settingsCrumb)
	}
	return x.Redirect("/admin/settings", "saved")
}

// providerTypes are API Management's types of identity providers. It is never
// written.
var providerTypes = map[string]string{
	"aad": "Microsoft Entra ID", "aadB2C": "Azure AD B2C", "facebook": "Facebook", "google": "Google", "microsoft": "Microsoft account",
	"twitter": "Twitter",
}

func (s *section) providers(x *page.Exchange) error {
	all, err := client.All[client.IdentityProvider](x.R.Context(), x.Client(), "identityProviders")
	if err != nil {
		return err
	}
	is := map[string]client.IdentityProvider{}
	for _, p := range all {
		is[strings.ToLower(p.Name)] = p.Properties
	}
	list := &table{Columns: []string{"Provider", "Client id", "State"}}
	for _, kind := range slices.Sorted(maps.Keys(providerTypes)) {
		p, on := is[strings.ToLower(kind)]
		state := badge("off", "")
		if on {
			state = badge("on", "success")
		}
		list.Rows = append(list.Rows, []any{link(providerTypes[kind], "/admin/providers/"+kind), cmp.Or(p.ClientID, "–"), state})
	}
	return s.show(x, "Identity providers", &screen{Lead: "Who may sign in besides people with a password of this portal.",
		Tables: []*table{list}})
}

func providerForm(kind string, got client.Resource[client.IdentityProvider], there bool) *form {
	p := got.Properties
	secret := field{Name: "clientSecret", Label: "Client secret", Type: "password", Required: !there, Optional: there, Autocomplete: "off",
		Hint: "It is kept sealed and never shown."}
	if there {
		secret.Label, secret.Hint = "New client secret", "Leave it empty to keep the present one, which is never shown."
	}
	f := &form{Action: "/admin/providers/" + kind, ETag: got.ETag, Cancel: "/admin/providers", Fields: []field{
		{Name: "clientId", Label: "Client id", Value: p.ClientID, Required: true}, secret,
	}}
	if kind == "aad" || kind == "aadB2C" {
		f.Fields = append(f.Fields,
			field{Name: "signinTenant", Label: "Sign-in tenant", Value: p.SigninTenant, Optional: true},
			field{Name: "authority", Label: "Authority", Value: p.Authority, Optional: true,
				Hint: "login.microsoftonline.com where nothing is said."},
			field{Kind: "textarea", Name: "allowedTenants", Label: "Allowed tenants", Value: strings.Join(p.AllowedTenants, "\n"), Rows: 3,
				Optional: true, Hint: "One on each line."},
		)
	}
	if kind == "aadB2C" {
		f.Fields = append(f.Fields,
			field{Name: "signinPolicyName", Label: "Sign-in policy", Value: p.SigninPolicyName, Optional: true},
			field{Name: "signupPolicyName", Label: "Sign-up policy", Value: p.SignupPolicyName, Optional: true},
			field{Name: "profileEditingPolicyName", Label: "Policy for editing the profile", Value: p.ProfileEditingPolicyName, Optional: true},
			field{Name: "passwordResetPolicyName", Label: "Policy for a new password", Value: p.PasswordResetPolicyName, Optional: true},
		)
	}
	return f
}

// present reads a provider; it is false where there is none.
func present(x *page.Exchange, kind string) (client.Resource[client.IdentityProvider], bool, error) {
	got, err := client.Get[client.IdentityProvider](x.R.Context(), x.Client(), client.Path("identityProviders", kind))
	if client.IsNotFound(err) {
		return got, false, nil
	}
	return got, err == nil, err
}

func (s *section) provider(x *page.Exchange) error {
	kind := x.Value("provider")
	if providerTypes[kind] == "" {
		return errNothing("identity provider", kind)
	}
	got, there, err := present(x, kind)
	if err != nil {
		return err
	}
	data := &screen{Forms: []*form{providerForm(kind, got, there)}}
	if there {
		data.Ends = []page.Link{{Text: "Remove the provider", Path: "/admin/providers/" + kind + "/delete"}}
	}
	return s.show(x, providerTypes[kind], data, providersCrumb)
}

// typedProvider is the provider in a form: only what the form of its type has.
// What is empty is left out of a new provider, and taken from one that is there.
func typedProvider(kind string, typed url.Values, there bool) map[string]any {
	change := map[string]any{"type": kind}
	for _, f := range providerForm(kind, client.Resource[client.IdentityProvider]{}, true).Fields {
		value := strings.TrimSpace(typed.Get(f.Name))
		switch {
		case f.Name == "clientSecret" && value == "":
		case f.Optional && value == "" && f.Name != "allowedTenants":
			if there {
				change[f.Name] = nil
			}
		case f.Name == "allowedTenants":
			tenants := strings.Fields(value)
			if tenants == nil {
				tenants = []string{}
			}
			change[f.Name] = tenants
		default:
			change[f.Name] = value
		}
	}
	return change
}

func (s *section) saveProvider(x *page.Exchange) error {
	kind, typed := x.Value("provider"), x.Form()
	if providerTypes[kind] == "" {
		return errNothing("identity provider", kind)
	}
	_, there, err := present(x, kind)
	if err != nil {
		return err
	}
	path, change := client.Path("identityProviders", kind), typedProvider(kind, typed, there)
	if there {
		err = client.Patch(x.R.Context(), x.Client(), path, change, seen(x))
	} else {
		_, err = client.Put[client.IdentityProvider](x.R.Context(), x.Client(), path, change, client.IfNew())
	}
	if err != nil {
		f := providerForm(kind, client.Resource[client.IdentityProvider]{}, there).fill(typed)
		return s.refused(x, providerTypes[kind], &screen{Forms: []*form{f}}, f, err, s.latest(x, path), providersCrumb)
	}
	return x.Redirect("/admin/providers", "saved")
}

func (s *section) askDeleteProvider(x *page.Exchange) error {
	kind := x.Value("provider")
	got, there, err := present(x, kind)
	if err != nil {
		return err
	}
	if !there {
		return errNothing("identity provider", kind)
	}
	return s.confirm(x, "Remove an identity provider",
		fmt.Sprintf("Remove %s? Users who sign in with it alone can no longer sign in.", cmp.Or(providerTypes[kind], kind)), &form{
			Action: "/admin/" + client.Path("providers", kind) + "/delete", ETag: got.ETag, Submit: "Remove the provider",
			Cancel: "/admin/providers",
		}, providersCrumb)
}

func (s *section) deleteProvider(x *page.Exchange) error {
	err := client.Delete(x.R.Context(), x.Client(), client.Path("identityProviders", x.Value("provider")), seen(x))
	return s.done(x, err, "/admin/providers", "deleted", providersCrumb)
}
