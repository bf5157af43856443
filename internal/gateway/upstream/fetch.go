package upstream

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
)

// FetchTimeout bounds the time to get a document for the gateway itself.
const FetchTimeout = 10 * time.Second

// Fetcher gets documents for the gateway itself, such as an OpenID
// configuration. It is a policy.Fetcher.
type Fetcher struct{ manager *Manager }

// Fetcher returns the manager's fetcher.
func (m *Manager) Fetcher() *Fetcher { return &Fetcher{manager: m} }

// Fetch gets a document. Redirects are not followed: keys come from where the
// configuration says, or not at all.
func (f *Fetcher) Fetch(ctx context.Context, url string, limit int64) (policy.Fetched, error) {
	ctx, cancel := context.WithTimeout(ctx, FetchTimeout)
	defer cancel()
	trusted := f.manager.trust.Load()
	t, err := f.manager.transport(way{version: policy.HTTP1, trust: trusted.digest}, nil, trusted)
	if err != nil {
		return policy.Fetched{}, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return policy.Fetched{}, fmt.Errorf("fetching %s: %w", url, err)
	}
	r.Header.Set("Accept", "application/json")
	response, err := t.RoundTrip(r)
	if err != nil {
		return policy.Fetched{}, fmt.Errorf("fetching %s: %w", url, err)
	}
	defer response.Body.Close() //nolint:errcheck // What has been read is what counts.
	body, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	if err != nil {
		return policy.Fetched{}, fmt.Errorf("fetching %s: %w", url, err)
	}
	if int64(len(body)) > limit {
		return policy.Fetched{}, fmt.Errorf("fetching %s: %w", url, &message.TooLargeError{Limit: limit})
	}
	out := policy.Fetched{Status: response.StatusCode, Body: body}
	for name, values := range response.Header {
		for _, v := range values {
			out.Header.Add(message.NameOf(name), v)
		}
	}
	return out, nil
}
