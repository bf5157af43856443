package model

// Backend is an HTTP service behind the gateway, or a pool of such backends.
type Backend struct {
	ID          ID     `json:"-"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	// Type is BackendSingle where it is empty and there is no Pool.
	Type BackendType `json:"type,omitempty"`
	// URL is the runtime URL of a single backend.
	URL      string          `json:"url,omitempty"`
	Protocol BackendProtocol `json:"protocol,omitempty"`
	// AzureResourceID is the id of the Azure resource that is the backend.
	AzureResourceID string              `json:"resourceId,omitempty"`
	Credentials     *BackendCredentials `json:"credentials,omitempty"`
	TLS             *BackendTLS         `json:"tls,omitempty"`
	Proxy           *BackendProxy       `json:"proxy,omitempty"`
	CircuitBreaker  *CircuitBreaker     `json:"circuitBreaker,omitempty"`
	Pool            *BackendPool        `json:"pool,omitempty"`
	Properties      *BackendProperties  `json:"properties,omitempty"`
	// Rest holds the other properties.
	Rest Rest `json:"-"`
}

// BackendType tells single backends from pools.
type BackendType string

// The types of backends.
const (
	BackendSingle     BackendType = "Single"
	BackendOfBackends BackendType = "Pool"
)

// Limits of backends.
const (
	// MaxPoolMembers bounds the backends of a pool.
	MaxPoolMembers = 30
	// MaxPoolPreference bounds priority and weight of a member.
	MaxPoolPreference = 100
	// MaxBreakerRules bounds the rules of a circuit breaker.
	MaxBreakerRules = 1
)

// BackendProtocol is how a backend is spoken to.
type BackendProtocol string

// The protocols of backends.
const (
	BackendHTTP BackendProtocol = "http"
	BackendSOAP BackendProtocol = "soap"
)

// BackendCredentials are what the gateway adds to each request to a backend.
// Values may name a named value: "{{secret}}".
type BackendCredentials struct {
	Authorization *BackendAuthorization `json:"authorization,omitempty"`
	Header        map[string][]string   `json:"header,omitempty"`
	Query         map[string][]string   `json:"query,omitempty"`
	// Certificate lists thumbprints; it is ignored where CertificateIDs are
	// given.
	Certificate    []string `json:"certificate,omitempty"`
	CertificateIDs []string `json:"certificateIds,omitempty"`
}

// BackendAuthorization is the value of the Authorization header.
type BackendAuthorization struct {
	Scheme    string `json:"scheme"`
	Parameter string `json:"parameter"`
}

// BackendTLS says what of a backend's certificate is verified. Both are true
// where they are nil.
type BackendTLS struct {
	ValidateCertificateChain *bool `json:"validateCertificateChain,omitempty"`
	ValidateCertificateName  *bool `json:"validateCertificateName,omitempty"`
}

// BackendProxy is an HTTP proxy on the way to a backend.
type BackendProxy struct {
	URL      string `json:"url"`
	Username string `json:"username,omitempty"`
	Password string `json:"password,omitempty"`
}

// CircuitBreaker stops requests to a backend that fails.
type CircuitBreaker struct {
	// Rules has at most MaxBreakerRules elements.
	Rules []CircuitBreakerRule `json:"rules,omitempty"`
}

// CircuitBreakerRule says when a breaker opens and for how long.
type CircuitBreakerRule struct {
	Name             string            `json:"name,omitempty"`
	FailureCondition *FailureCondition `json:"failureCondition,omitempty"`
	// TripDuration is an ISO 8601 duration, as in "PT1M"; see ParseDuration.
	TripDuration string `json:"tripDuration,omitempty"`
	// AcceptRetryAfter makes the backend's Retry-After the trip's duration.
	AcceptRetryAfter bool `json:"acceptRetryAfter,omitempty"`
}

// FailureCondition counts failures in an interval.
type FailureCondition struct {
	Count      *int64 `json:"count,omitempty"`
	Percentage *int64 `json:"percentage,omitempty"`
	// Interval is an ISO 8601 duration.
	Interval         string            `json:"interval,omitempty"`
	StatusCodeRanges []StatusCodeRange `json:"statusCodeRanges,omitempty"`
	ErrorReasons     []string          `json:"errorReasons,omitempty"`
}

// StatusCodeRange is a range of status codes, both ends included.
type StatusCodeRange struct {
	Min int `json:"min"`
	Max int `json:"max"`
}

// BackendPool is the members of a pool.
type BackendPool struct {
	Services []BackendPoolItem `json:"services,omitempty"`
	// SessionAffinity binds a client to a member; off where it is nil.
	SessionAffinity *SessionAffinity `json:"sessionAffinity,omitempty"`
}

// BackendPoolItem is a member of a pool.
type BackendPoolItem struct {
	// ID refers to a backend: "/backends/x".
	ID string `json:"id"`
	// Priority is 0 to 100; members of a higher number are used only when all
	// of the lower ones are unavailable. Nil is 0.
	Priority *int `json:"priority,omitempty"`
	// Weight is 0 to 100, relative to members of the same priority. Nil is as
	// for all others.
	Weight *int `json:"weight,omitempty"`
}

// SessionAffinity says how a client is bound to a member of a pool.
type SessionAffinity struct {
	SessionID *SessionID `json:"sessionId,omitempty"`
}

// SessionID says where the name of the session is. Source is "cookie".
type SessionID struct {
	Source string `json:"source,omitempty"`
	Name   string `json:"name,omitempty"`
}

// BackendProperties holds what only backends of certain platforms have.
type BackendProperties struct {
	ServiceFabricCluster *ServiceFabricCluster `json:"serviceFabricCluster,omitempty"`
}

// ServiceFabricCluster describes a Service Fabric backend. It is kept, not
// served.
type ServiceFabricCluster struct {
	ManagementEndpoints           []string   `json:"managementEndpoints"`
	ClientCertificateID           string     `json:"clientCertificateId,omitempty"`
	ClientCertificateThumbprint   string     `json:"clientCertificatethumbprint,omitempty"`
	MaxPartitionResolutionRetries *int       `json:"maxPartitionResolutionRetries,omitempty"`
	ServerCertificateThumbprints  []string   `json:"serverCertificateThumbprints,omitempty"`
	ServerX509Names               []X509Name `json:"serverX509Names,omitempty"`
}

// X509Name is the name in a server's certificate.
type X509Name struct {
	Name                        string `json:"name,omitempty"`
	IssuerCertificateThumbprint string `json:"issuerCertificateThumbprint,omitempty"`
}

// ResourceID returns the backend's id.
func (b *Backend) ResourceID() ID { return b.ID }

// Kind returns KindBackend.
func (*Backend) Kind() Kind { return KindBackend }

func (b *Backend) setID(id ID) { b.ID = id }
func (b *Backend) rest() *Rest { return &b.Rest }

// IsPool reports whether the backend is a pool of others.
func (b *Backend) IsPool() bool { return b.Type == BackendOfBackends || b.Pool != nil }

// ChainValidated reports whether the chain of a backend's certificate is
// verified; a nil BackendTLS verifies it.
func (t *BackendTLS) ChainValidated() bool { return t == nil || trueOrNil(t.ValidateCertificateChain) }

// NameValidated reports whether the name in a backend's certificate is
// verified; a nil BackendTLS verifies it.
func (t *BackendTLS) NameValidated() bool { return t == nil || trueOrNil(t.ValidateCertificateName) }
