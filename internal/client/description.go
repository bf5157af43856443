package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/sallyport/sallyport/internal/problem"
)

// Description is the properties of apis/{api}/sallyportDescriptions/original: the
// document that an API was imported from.
type Description struct {
	Format string `json:"format"` // openapi (also Swagger), wadl, wsdl, graphql, grpc or odata
	Length int64  `json:"length"` // in bytes
	SHA256 string `json:"sha256"` // in hexadecimal digits
	// Edited are the operations that are no longer what the document says of them.
	Edited []string `json:"edited,omitempty"`
}

// DescriptionDocument is the answer of apis/{api}/sallyportDescriptions/original/document.
type DescriptionDocument struct {
	Format string `json:"format"`
	Value  string `json:"value"` // the document as it was imported
}

// exported is the answer of a GET of an API with export=true.
type exported struct {
	Value struct {
		Link string `json:"link"`
	} `json:"value"`
}

// Export returns the description of an API, as the management API makes it of
// the API's operations and schemas, in a format of exports: openapi-link,
// openapi+json-link, swagger-link, wadl-link or wsdl-link. The body is the
// caller's to close.
func Export(ctx context.Context, c *Client, path, format string) (*http.Response, error) {
	link, err := Read[exported](ctx, c, path, Query("export", "true"), Query("format", format))
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(link.Value.Link)
	if err != nil || !strings.HasPrefix(u.Path, "/exports/") {
		return nil, problem.New(http.StatusBadGateway, problem.CodeUnavailable, "The management plane gave no link to an exported document.")
	}
	// The link opens the document by itself, at the address where the client
	// reaches the management API.
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+u.EscapedPath(), nil)
	if err != nil {
		return nil, fmt.Errorf("getting an exported document: %w", err)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, unreached(ctx, err)
	}
	if response.StatusCode/100 != 2 {
		response.Body.Close() //nolint:errcheck,gosec // It is only read.
		return nil, failure(response.StatusCode, nil)
	}
	return response, nil
}
