package model

// Service is the API Management service itself. Its id is empty.
type Service struct {
	// Name is the service's name, which policies see as
	// context.Deployment.ServiceName.
	Name string `json:"name,omitempty"`
	// Location is the region, which policies see as context.Deployment.Region.
	Location       string `json:"location,omitempty"`
	PublisherName  string `json:"publisherName,omitempty"`
	PublisherEmail string `json:"publisherEmail,omitempty"`
	// HostnameConfigurations are the host names that the service answers to.
	HostnameConfigurations []HostnameConfiguration `json:"hostnameConfigurations,omitempty"`
	// Certificates are the authorities that the service trusts.
	Certificates []CertificateConfiguration `json:"certificates,omitempty"`
	// CustomProperties switch protocols and ciphers, by Microsoft's names.
	CustomProperties map[string]string `json:"customProperties,omitempty"`
	// Rest holds the other properties.
	Rest Rest `json:"-"`
}

// HostnameConfiguration is one host name of the service.
type HostnameConfiguration struct {
	HostName                   string       `json:"hostName"`
	Type                       HostnameType `json:"type"`
	CertificateSource          string       `json:"certificateSource,omitempty"`
	EncodedCertificate         string       `json:"encodedCertificate,omitempty"`
	CertificatePassword        string       `json:"certificatePassword,omitempty"`
	KeyVaultID                 string       `json:"keyVaultId,omitempty"`
	IdentityClientID           string       `json:"identityClientId,omitempty"`
	DefaultSSLBinding          bool         `json:"defaultSslBinding,omitempty"`
	NegotiateClientCertificate bool         `json:"negotiateClientCertificate,omitempty"`
}

// CertificateConfiguration is an authority of the service: a trusted one in the
// store Root, and one between it and what it has issued in the store
// CertificateAuthority.
type CertificateConfiguration struct {
	StoreName           string `json:"storeName,omitempty"`
	EncodedCertificate  string `json:"encodedCertificate,omitempty"`
	CertificatePassword string `json:"certificatePassword,omitempty"`
}

// HostnameType says which part of the service answers to a host name.
type HostnameType string

// The parts of a service that have host names. HostnameProxy is the gateway.
const (
	HostnameProxy            HostnameType = "Proxy"
	HostnameManagement       HostnameType = "Management"
	HostnamePortal           HostnameType = "Portal"
	HostnameDeveloperPortal  HostnameType = "DeveloperPortal"
	HostnameScm              HostnameType = "Scm"
	HostnameConfigurationAPI HostnameType = "ConfigurationApi"
)

// ResourceID returns the empty id.
func (*Service) ResourceID() ID { return "" }

// Kind returns KindService.
func (*Service) Kind() Kind { return KindService }

func (*Service) setID(ID)      {}
func (s *Service) rest() *Rest { return &s.Rest }
