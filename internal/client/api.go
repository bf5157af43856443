package client

import (
	"encoding/json"
	"time"
)

// API is an API's properties.
type API struct {
	DisplayName                   string                  `json:"displayName,omitempty"`
	Description                   string                  `json:"description,omitempty"`
	Path                          string                  `json:"path"`
	Type                          string                  `json:"type,omitempty"` // http, soap, graphql, websocket, grpc or odata
	ServiceURL                    string                  `json:"serviceUrl,omitempty"`
	Protocols                     []string                `json:"protocols,omitempty"`
	APIRevision                   string                  `json:"apiRevision,omitempty"`
	APIRevisionDescription        string                  `json:"apiRevisionDescription,omitempty"`
	APIVersion                    string                  `json:"apiVersion,omitempty"`
	APIVersionDescription         string                  `json:"apiVersionDescription,omitempty"`
	APIVersionSetID               string                  `json:"apiVersionSetId,omitempty"`
	APIVersionSet                 *VersionSetDetails      `json:"apiVersionSet,omitempty"`
	IsCurrent                     bool                    `json:"isCurrent,omitempty"`
	IsOnline                      bool                    `json:"isOnline,omitempty"`
	SourceAPIID                   string                  `json:"sourceApiId,omitempty"`
	SubscriptionRequired          *bool                   `json:"subscriptionRequired,omitempty"`
	SubscriptionKeyParameterNames *KeyParameterNames      `json:"subscriptionKeyParameterNames,omitempty"`
	AuthenticationSettings        *AuthenticationSettings `json:"authenticationSettings,omitempty"`
	Contact                       *Contact                `json:"contact,omitempty"`
	License                       *License                `json:"license,omitempty"`
	TermsOfServiceURL             string                  `json:"termsOfServiceUrl,omitempty"`
}

// KeyParameterNames say where a subscription key is sent.
type KeyParameterNames struct {
	Header string `json:"header,omitempty"`
	Query  string `json:"query,omitempty"`
}

// AuthenticationSettings say how callers of an API get tokens.
type AuthenticationSettings struct {
	OAuth2         *OAuth2Settings  `json:"oAuth2,omitempty"`
	OAuth2Settings []OAuth2Settings `json:"oAuth2AuthenticationSettings,omitempty"`
	OpenID         *OpenIDSettings  `json:"openid,omitempty"`
	OpenIDSettings []OpenIDSettings `json:"openidAuthenticationSettings,omitempty"`
}

// OAuth2Settings name an authorization server and the scope to ask it for.
type OAuth2Settings struct {
	AuthorizationServerID string `json:"authorizationServerId,omitempty"`
	Scope                 string `json:"scope,omitempty"`
}

// OpenIDSettings name an OpenID Connect provider.
type OpenIDSettings struct {
	OpenIDProviderID          string   `json:"openidProviderId,omitempty"`
	BearerTokenSendingMethods []string `json:"bearerTokenSendingMethods,omitempty"`
}

// Contact is whom to ask about an API.
type Contact struct {
	Name  string `json:"name,omitempty"`
	URL   string `json:"url,omitempty"`
	Email string `json:"email,omitempty"`
}

// License is under what an API may be used.
type License struct {
	Name string `json:"name,omitempty"`
	URL  string `json:"url,omitempty"`
}

// Revision is one of apis/{api}/revisions, which are no resources: use Read.
type Revision struct {
	APIID           string    `json:"apiId"`
	APIRevision     string    `json:"apiRevision"`
	Description     string    `json:"description"`
	CreatedDateTime time.Time `json:"createdDateTime,omitzero"`
	UpdatedDateTime time.Time `json:"updatedDateTime,omitzero"`
	PrivateURL      string    `json:"privateUrl"`
	IsOnline        bool      `json:"isOnline"`
	IsCurrent       bool      `json:"isCurrent"`
}

// Release is a release's properties: one entry of an API's change log.
type Release struct {
	APIID           string    `json:"apiId,omitempty"`
	Notes           string    `json:"notes,omitempty"`
	CreatedDateTime time.Time `json:"createdDateTime,omitzero"`
	UpdatedDateTime time.Time `json:"updatedDateTime,omitzero"`
}

// VersionSet is an API version set's properties.
type VersionSet struct {
	DisplayName       string `json:"displayName,omitempty"`
	Description       string `json:"description,omitempty"`
	VersioningScheme  string `json:"versioningScheme,omitempty"` // Segment, Query or Header
	VersionQueryName  string `json:"versionQueryName,omitempty"`
	VersionHeaderName string `json:"versionHeaderName,omitempty"`
}

// VersionSetDetails is a version set inside of an API.
type VersionSetDetails struct {
	ID                string `json:"id,omitempty"`
	Name              string `json:"name,omitempty"`
	Description       string `json:"description,omitempty"`
	VersioningScheme  string `json:"versioningScheme,omitempty"`
	VersionQueryName  string `json:"versionQueryName,omitempty"`
	VersionHeaderName string `json:"versionHeaderName,omitempty"`
}

// Tag is a tag's properties.
type Tag struct {
	DisplayName string `json:"displayName,omitempty"`
}

// Schema is the properties of a schema of an API.
type Schema struct {
	ContentType string         `json:"contentType,omitempty"`
	Document    SchemaDocument `json:"document"`
}

// SchemaDocument is a schema's document: Value for those that are text (XML), else
// Components (OpenAPI) or Definitions (Swagger).
type SchemaDocument struct {
	Value       string          `json:"value,omitempty"`
	Components  json.RawMessage `json:"components,omitempty"`
	Definitions json.RawMessage `json:"definitions,omitempty"`
}

// Wiki is the properties of the wiki of an API or a product.
type Wiki struct {
	Documents []WikiDocument `json:"documents,omitempty"`
}

// WikiDocument names a documentation entity.
type WikiDocument struct {
	DocumentationID string `json:"documentationId,omitempty"`
}

// Documentation is a documentation entity's properties; Content is Markdown.
type Documentation struct {
	Title   string `json:"title,omitempty"`
	Content string `json:"content,omitempty"`
}

// Issue is an issue's properties, reported by users about an API.
type Issue struct {
	Title       string    `json:"title,omitempty"`
	Description string    `json:"description,omitempty"`
	CreatedDate time.Time `json:"createdDate,omitzero"`
	State       string    `json:"state,omitempty"` // proposed, open, removed, resolved or closed
	UserID      string    `json:"userId,omitempty"`
	APIID       string    `json:"apiId,omitempty"`
}
