package client

// Service is the properties of the service itself: Get with the path "".
type Service struct {
	PublisherName           string     `json:"publisherName,omitempty"`
	PublisherEmail          string     `json:"publisherEmail,omitempty"`
	NotificationSenderEmail string     `json:"notificationSenderEmail,omitempty"`
	GatewayURL              string     `json:"gatewayUrl,omitempty"`
	PortalURL               string     `json:"portalUrl,omitempty"`
	DeveloperPortalURL      string     `json:"developerPortalUrl,omitempty"`
	DeveloperPortalStatus   string     `json:"developerPortalStatus,omitempty"` // Enabled or Disabled
	ManagementAPIURL        string     `json:"managementApiUrl,omitempty"`
	HostnameConfigurations  []Hostname `json:"hostnameConfigurations,omitempty"`
}

// Hostname is a name at which one of the service's endpoints answers.
type Hostname struct {
	Type     string `json:"type"` // Proxy, Portal, DeveloperPortal, Management, Scm or ConfigurationApi
	HostName string `json:"hostName"`
	Default  bool   `json:"defaultSslBinding,omitempty"`
}

// Workspace is the properties of a workspace.
type Workspace struct {
	DisplayName string `json:"displayName,omitempty"`
	Description string `json:"description,omitempty"`
}
