package model

// API is an API, or one revision of it: "apis/echo" is the current revision,
// "apis/echo;rev=2" another.
type API struct {
	ID                     ID      `json:"-"`
	DisplayName            string  `json:"displayName,omitempty"`
	Description            string  `json:"description,omitempty"`
	Type                   APIType `json:"type,omitempty"`
	APIRevision            string  `json:"apiRevision,omitempty"`
	APIRevisionDescription string  `json:"apiRevisionDescription,omitempty"`
	APIVersion             string  `json:"apiVersion,omitempty"`
	APIVersionDescription  string  `json:"apiVersionDescription,omitempty"`
	// APIVersionSetID refers to a version set: "/apiVersionSets/x".
	APIVersionSetID string             `json:"apiVersionSetId,omitempty"`
	APIVersionSet   *VersionSetDetails `json:"apiVersionSet,omitempty"`
	// Path is appended to the gateway's URL; it may be empty for one API.
	Path      string     `json:"path"`
	Protocols []Protocol `json:"protocols,omitempty"`
	// ServiceURL is the URL of the backend.
	ServiceURL  string `json:"serviceUrl,omitempty"`
	SourceAPIID string `json:"sourceApiId,omitempty"`
	// SubscriptionRequired is true where it is nil; see RequiresSubscription.
	SubscriptionRequired          *bool                          `json:"subscriptionRequired,omitempty"`
	SubscriptionKeyParameterNames *SubscriptionKeyParameterNames `json:"subscriptionKeyParameterNames,omitempty"`
	AuthenticationSettings        *AuthenticationSettings        `json:"authenticationSettings,omitempty"`
	// IsCurrent is decided by the id where it is nil; see Current.
	IsCurrent *bool `json:"isCurrent,omitempty"`
	// IsOnline is true where it is nil.
	IsOnline          *bool    `json:"isOnline,omitempty"`
	TermsOfServiceURL string   `json:"termsOfServiceUrl,omitempty"`
	Contact           *Contact `json:"contact,omitempty"`
	License           *License `json:"license,omitempty"`
	// Rest holds the other properties.
	Rest Rest `json:"-"`
}

// APIType is the kind of an API; empty means APIHTTP.
type APIType string

// The types of APIs.
const (
	APIHTTP      APIType = "http"
	APISOAP      APIType = "soap"
	APIWebSocket APIType = "websocket"
	APIGraphQL   APIType = "graphql"
	APIOData     APIType = "odata"
	APIGRPC      APIType = "grpc"
)

// Protocol is a scheme that an API answers to.
type Protocol string

// The schemes of APIs. An API without any answers to https only.
const (
	ProtocolHTTP  Protocol = "http"
	ProtocolHTTPS Protocol = "https"
	ProtocolWS    Protocol = "ws"
	ProtocolWSS   Protocol = "wss"
)

// VersionSetDetails describes a version set within an API.
type VersionSetDetails struct {
	ID                string           `json:"id,omitempty"`
	Name              string           `json:"name,omitempty"`
	Description       string           `json:"description,omitempty"`
	VersioningScheme  VersioningScheme `json:"versioningScheme,omitempty"`
	VersionQueryName  string           `json:"versionQueryName,omitempty"`
	VersionHeaderName string           `json:"versionHeaderName,omitempty"`
}

// SubscriptionKeyParameterNames says where an API looks for subscription keys.
type SubscriptionKeyParameterNames struct {
	Header string `json:"header,omitempty"`
	Query  string `json:"query,omitempty"`
}

// AuthenticationSettings are for the developer portal's console; the gateway
// does not enforce them.
type AuthenticationSettings struct {
	OAuth2                       *OAuth2Settings  `json:"oAuth2,omitempty"`
	OAuth2AuthenticationSettings []OAuth2Settings `json:"oAuth2AuthenticationSettings,omitempty"`
	OpenID                       *OpenIDSettings  `json:"openid,omitempty"`
	OpenIDAuthenticationSettings []OpenIDSettings `json:"openidAuthenticationSettings,omitempty"`
}

// OAuth2Settings names an authorization server.
type OAuth2Settings struct {
	AuthorizationServerID string `json:"authorizationServerId,omitempty"`
	Scope                 string `json:"scope,omitempty"`
}

// OpenIDSettings names an OpenID Connect provider.
type OpenIDSettings struct {
	OpenIDProviderID          string   `json:"openidProviderId,omitempty"`
	BearerTokenSendingMethods []string `json:"bearerTokenSendingMethods,omitempty"`
}

// Contact says who to ask about an API.
type Contact struct {
	Name  string `json:"name,omitempty"`
	URL   string `json:"url,omitempty"`
	Email string `json:"email,omitempty"`
}

// License says under which licence an API may be used.
type License struct {
	Name string `json:"name,omitempty"`
	URL  string `json:"url,omitempty"`
}

// The names under which subscription keys are looked for by default.
const (
	DefaultKeyHeader = "Ocp-Apim-Subscription-Key"
	DefaultKeyQuery  = "subscription-key"
)

// ResourceID returns the API's id, with the revision where it has one.
func (a *API) ResourceID() ID { return a.ID }

// Kind returns KindAPI.
func (*API) Kind() Kind { return KindAPI }

func (a *API) setID(id ID)   { a.ID = id }
func (a *API) rest() *Rest   { return &a.Rest }
func (a *API) name() string  { return a.ID.Name() }
func isTrue(b *bool) bool    { return b != nil && *b }
func trueOrNil(b *bool) bool { return b == nil || *b }

// RequiresSubscription reports whether calls need a subscription key; they do
// where the API does not say.
func (a *API) RequiresSubscription() bool { return trueOrNil(a.SubscriptionRequired) }

// Online reports whether the gateway answers for this revision.
func (a *API) Online() bool { return trueOrNil(a.IsOnline) }

// RootID returns the id of the API without a revision.
func (a *API) RootID() ID {
	root, _ := SplitRevision(a.name())
	return a.ID.Parent().Child("apis", root)
}

// Revision returns the number of the revision: that of the id, else the
// property apiRevision, else "1".
func (a *API) Revision() string {
	if _, revision := SplitRevision(a.name()); revision != "" {
		return revision
	}
	if a.APIRevision != "" {
		return a.APIRevision
	}
	return "1"
}

// Current reports whether this is the revision that answers where a call names
// none: what isCurrent says, else whether the id has no revision.
func (a *API) Current() bool {
	if a.IsCurrent != nil {
		return *a.IsCurrent
	}
	_, revision := SplitRevision(a.name())
	return revision == ""
}

// KeyNames returns the header and the query parameter that carry subscription
// keys.
func (a *API) KeyNames() (header, query string) {
	header, query = DefaultKeyHeader, DefaultKeyQuery
	if n := a.SubscriptionKeyParameterNames; n != nil {
		if n.Header != "" {
			header = n.Header
		}
		if n.Query != "" {
			query = n.Query
		}
	}
	return header, query
}
