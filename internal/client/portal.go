package client

import (
	"encoding/json"
	"time"
)

// PortalSettings is the properties of portalsettings/{signin|signup|delegation}:
// each has those that it is about.
type PortalSettings struct {
	Enabled          *bool            `json:"enabled,omitempty"`
	TermsOfService   *TermsOfService  `json:"termsOfService,omitempty"`
	URL              string           `json:"url,omitempty"`
	ValidationKey    string           `json:"validationKey,omitempty"`
	Subscriptions    *DelegationScope `json:"subscriptions,omitempty"`
	UserRegistration *DelegationScope `json:"userRegistration,omitempty"`
}

// TermsOfService are what users agree to when they sign up.
type TermsOfService struct {
	Enabled         bool   `json:"enabled"`
	ConsentRequired bool   `json:"consentRequired"`
	Text            string `json:"text,omitempty"`
}

// DelegationScope says whether a subject is delegated.
type DelegationScope struct {
	Enabled bool `json:"enabled"`
}

// ValidationKey is the answer of portalsettings/delegation/listSecrets.
type ValidationKey struct {
	ValidationKey string `json:"validationKey"`
}

// PortalConfig is the properties of portalconfigs/default.
type PortalConfig struct {
	EnableBasicAuth *bool             `json:"enableBasicAuth,omitempty"`
	Signin          *PortalSignin     `json:"signin,omitempty"`
	Signup          *PortalSignup     `json:"signup,omitempty"`
	Delegation      *PortalDelegation `json:"delegation,omitempty"`
	CORS            *PortalCORS       `json:"cors,omitempty"`
	CSP             *PortalCSP        `json:"csp,omitempty"`
}

// PortalSignin says whether guests see anything.
type PortalSignin struct {
	Require bool `json:"require"`
}

// PortalSignup holds the terms of signing up.
type PortalSignup struct {
	TermsOfService *PortalTerms `json:"termsOfService,omitempty"`
}

// PortalTerms are terms and whether one must agree to them.
type PortalTerms struct {
	RequireConsent bool   `json:"requireConsent"`
	Text           string `json:"text,omitempty"`
}

// PortalDelegation says what is delegated, and where to.
type PortalDelegation struct {
	DelegateRegistration bool   `json:"delegateRegistration"`
	DelegateSubscription bool   `json:"delegateSubscription"`
	DelegationURL        string `json:"delegationUrl,omitempty"`
	ValidationKey        string `json:"validationKey,omitempty"`
}

// PortalCORS lists the origins that may call the portal.
type PortalCORS struct {
	AllowedOrigins []string `json:"allowedOrigins,omitempty"`
}

// PortalCSP is the content security policy's settings.
type PortalCSP struct {
	Mode           string   `json:"mode,omitempty"` // disabled, enabled or reportOnly
	ReportURI      []string `json:"reportUri,omitempty"`
	AllowedSources []string `json:"allowedSources,omitempty"`
}

// PortalRevision is a portal revision's properties.
type PortalRevision struct {
	Description     string    `json:"description,omitempty"`
	Status          string    `json:"status,omitempty"` // pending, publishing, completed or failed
	StatusDetails   string    `json:"statusDetails,omitempty"`
	IsCurrent       bool      `json:"isCurrent,omitempty"`
	CreatedDateTime time.Time `json:"createdDateTime,omitzero"`
	UpdatedDateTime time.Time `json:"updatedDateTime,omitzero"`
}

// ContentType is a content type's properties; Schema is a JSON schema.
type ContentType struct {
	Name        string          `json:"name,omitempty"`
	Description string          `json:"description,omitempty"`
	Version     string          `json:"version,omitempty"`
	Schema      json.RawMessage `json:"schema,omitempty"`
}

// ContentItem is a content item's properties, whose form its type says.
type ContentItem = map[string]any

// Template is an e-mail template's properties.
type Template struct {
	Title       string              `json:"title,omitempty"`
	Subject     string              `json:"subject,omitempty"`
	Body        string              `json:"body,omitempty"`
	Description string              `json:"description,omitempty"`
	IsDefault   bool                `json:"isDefault,omitempty"`
	Parameters  []TemplateParameter `json:"parameters,omitempty"`
}

// TemplateParameter is a name that a template may use.
type TemplateParameter struct {
	Name        string `json:"name,omitempty"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
}

// Notification is a notification's properties.
type Notification struct {
	Title       string                  `json:"title,omitempty"`
	Description string                  `json:"description,omitempty"`
	Recipients  *NotificationRecipients `json:"recipients,omitempty"`
}

// NotificationRecipients are who gets a notification: addresses, and ids of users.
type NotificationRecipients struct {
	Emails []string `json:"emails,omitempty"`
	Users  []string `json:"users,omitempty"`
}
