package resource

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"github.com/sallyport/sallyport/internal/problem"
)

// Document is a file that was made of resources.
type Document struct {
	ContentType string
	Data        []byte
}

// Exporter makes the description of an API in a format of the API:
// "openapi-link", "swagger-link", "wadl-link" ….
type Exporter interface {
	Export(s *Session, id ID, format string) (Document, error)
}

// exportLife is how long the link to an exported document works, as in the
// service.
const exportLife = 5 * time.Minute

// exportContext is what sealed links are bound to.
const exportContext = "exports"

// exportClaim is what a link says.
type exportClaim struct {
	ID     ID        `json:"id"`
	Format string    `json:"format"`
	Until  time.Time `json:"until"`
}

// ExportLink returns the URL at which the description of an API can be fetched
// for five minutes, without a token.
func (s *Session) ExportLink(id ID, format string) (string, error) {
	raw, err := json.Marshal(exportClaim{ID: id, Format: format, Until: s.Now().Add(exportLife)})
	if err != nil {
		return "", fmt.Errorf("making a link to an export: %w", err)
	}
	sealed, err := s.Sealer.Seal(raw, exportContext)
	if err != nil {
		return "", fmt.Errorf("making a link to an export: %w", err)
	}
	return s.Call.Base + "/exports/" + base64.RawURLEncoding.EncodeToString([]byte(sealed)), nil
}

// Exported returns the document of a link that ExportLink made.
func (s *Session) Exported(token string) (Document, error) {
	refused := problem.NotFound("Exported document", "link")
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return Document{}, refused
	}
	raw, err := s.Sealer.Open(string(sealed), exportContext)
	if err != nil {
		return Document{}, refused
	}
	var claim exportClaim
	if err := json.Unmarshal(raw, &claim); err != nil || s.Now().After(claim.Until) {
		return Document{}, refused
	}
	return s.Exporter.Export(s, claim.ID, claim.Format)
}
