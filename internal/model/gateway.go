package model

// Gateway is a self-hosted gateway; a Link of KindGatewayAPI gives it an API.
type Gateway struct {
	ID           ID                `json:"-"`
	Description  string            `json:"description,omitempty"`
	LocationData *ResourceLocation `json:"locationData,omitempty"`
	// Rest holds the other properties.
	Rest Rest `json:"-"`
}

// ResourceLocation says where a gateway is.
type ResourceLocation struct {
	Name            string `json:"name"`
	City            string `json:"city,omitempty"`
	District        string `json:"district,omitempty"`
	CountryOrRegion string `json:"countryOrRegion,omitempty"`
}

// ResourceID returns the gateway's id.
func (g *Gateway) ResourceID() ID { return g.ID }

// Kind returns KindGateway.
func (*Gateway) Kind() Kind { return KindGateway }

func (g *Gateway) setID(id ID) { g.ID = id }
func (g *Gateway) rest() *Rest { return &g.Rest }

// GatewayHostname is a host name of a self-hosted gateway.
type GatewayHostname struct {
	ID       ID     `json:"-"`
	Hostname string `json:"hostname,omitempty"`
	// CertificateID names the certificate that is shown for it.
	CertificateID              string `json:"certificateId,omitempty"`
	NegotiateClientCertificate bool   `json:"negotiateClientCertificate,omitempty"`
	// HTTP2Enabled is nil where nothing is said: then HTTP/2 is spoken.
	HTTP2Enabled *bool `json:"http2Enabled,omitempty"`
	// Rest holds the other properties.
	Rest Rest `json:"-"`
}

// ResourceID returns the host name's id.
func (h *GatewayHostname) ResourceID() ID { return h.ID }

// Kind returns KindGatewayHostname.
func (*GatewayHostname) Kind() Kind { return KindGatewayHostname }

func (h *GatewayHostname) setID(id ID) { h.ID = id }
func (h *GatewayHostname) rest() *Rest { return &h.Rest }

// GatewayAuthority is an authority that a self-hosted gateway knows: the
// certificate of the same name.
type GatewayAuthority struct {
	ID        ID   `json:"-"`
	IsTrusted bool `json:"isTrusted,omitempty"`
	// Rest holds the other properties.
	Rest Rest `json:"-"`
}

// ResourceID returns the authority's id.
func (a *GatewayAuthority) ResourceID() ID { return a.ID }

// Kind returns KindGatewayAuthority.
func (*GatewayAuthority) Kind() Kind { return KindGatewayAuthority }

func (a *GatewayAuthority) setID(id ID) { a.ID = id }
func (a *GatewayAuthority) rest() *Rest { return &a.Rest }
