package client

// IdentityProvider is an identity provider's properties. ClientSecret is answered
// by listSecrets only.
type IdentityProvider struct {
	Type                     string   `json:"type,omitempty"` // aad, aadB2C, google, …
	ClientID                 string   `json:"clientId,omitempty"`
	ClientSecret             string   `json:"clientSecret,omitempty"`
	SigninTenant             string   `json:"signinTenant,omitempty"`
	AllowedTenants           []string `json:"allowedTenants,omitempty"`
	Authority                string   `json:"authority,omitempty"`
	SignupPolicyName         string   `json:"signupPolicyName,omitempty"`
	SigninPolicyName         string   `json:"signinPolicyName,omitempty"`
	ProfileEditingPolicyName string   `json:"profileEditingPolicyName,omitempty"`
	PasswordResetPolicyName  string   `json:"passwordResetPolicyName,omitempty"`
	ClientLibrary            string   `json:"clientLibrary,omitempty"`
}

// AuthorizationServer is an OAuth 2.0 authorization server's properties. Its
// secrets are answered by listSecrets only.
type AuthorizationServer struct {
	DisplayName                string               `json:"displayName,omitempty"`
	Description                string               `json:"description,omitempty"`
	AuthorizationEndpoint      string               `json:"authorizationEndpoint,omitempty"`
	TokenEndpoint              string               `json:"tokenEndpoint,omitempty"`
	ClientRegistrationEndpoint string               `json:"clientRegistrationEndpoint,omitempty"`
	ClientID                   string               `json:"clientId,omitempty"`
	ClientSecret               string               `json:"clientSecret,omitempty"`
	GrantTypes                 []string             `json:"grantTypes,omitempty"`
	AuthorizationMethods       []string             `json:"authorizationMethods,omitempty"`
	ClientAuthenticationMethod []string             `json:"clientAuthenticationMethod,omitempty"`
	BearerTokenSendingMethods  []string             `json:"bearerTokenSendingMethods,omitempty"`
	TokenBodyParameters        []TokenBodyParameter `json:"tokenBodyParameters,omitempty"`
	DefaultScope               string               `json:"defaultScope,omitempty"`
	SupportState               bool                 `json:"supportState,omitempty"`
	ResourceOwnerUsername      string               `json:"resourceOwnerUsername,omitempty"`
	ResourceOwnerPassword      string               `json:"resourceOwnerPassword,omitempty"`
	UseInAPIDocumentation      bool                 `json:"useInApiDocumentation,omitempty"`
	UseInTestConsole           bool                 `json:"useInTestConsole,omitempty"`
}

// TokenBodyParameter is sent with each request for a token.
type TokenBodyParameter struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// AuthorizationServerSecrets is the answer of authorizationServers/{s}/listSecrets.
type AuthorizationServerSecrets struct {
	ClientSecret          string `json:"clientSecret"`
	ResourceOwnerUsername string `json:"resourceOwnerUsername"`
	ResourceOwnerPassword string `json:"resourceOwnerPassword"`
}

// OpenIDProvider is an OpenID Connect provider's properties. ClientSecret is
// answered by listSecrets only.
type OpenIDProvider struct {
	DisplayName           string `json:"displayName,omitempty"`
	Description           string `json:"description,omitempty"`
	MetadataEndpoint      string `json:"metadataEndpoint,omitempty"`
	ClientID              string `json:"clientId,omitempty"`
	ClientSecret          string `json:"clientSecret,omitempty"`
	UseInAPIDocumentation bool   `json:"useInApiDocumentation,omitempty"`
	UseInTestConsole      bool   `json:"useInTestConsole,omitempty"`
}

// ClientSecret is the answer of listSecrets of identity providers and of OpenID
// Connect providers.
type ClientSecret struct { //nolint:revive // It is the secret of an OAuth client.
	ClientSecret string `json:"clientSecret"`
}
