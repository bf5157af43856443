package model

import "time"

// Certificate is a client certificate with its private key, which backends and
// policies name by its id or its thumbprint.
type Certificate struct {
	ID ID `json:"-"`
	// Data is a PKCS #12 archive in base64.
	Data string `json:"data,omitempty"`
	// Password opens Data.
	Password       string     `json:"password,omitempty"`
	Subject        string     `json:"subject,omitempty"`
	Thumbprint     string     `json:"thumbprint,omitempty"`
	ExpirationDate *time.Time `json:"expirationDate,omitempty"`
	KeyVault       *KeyVault  `json:"keyVault,omitempty"`
	// Rest holds the other properties.
	Rest Rest `json:"-"`
}

// ResourceID returns the certificate's id.
func (c *Certificate) ResourceID() ID { return c.ID }

// Kind returns KindCertificate.
func (*Certificate) Kind() Kind { return KindCertificate }

func (c *Certificate) setID(id ID) { c.ID = id }
func (c *Certificate) rest() *Rest { return &c.Rest }
