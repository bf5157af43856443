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
