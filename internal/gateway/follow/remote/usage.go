package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/sallyport/sallyport/internal/snapshot/feed"
	"github.com/sallyport/sallyport/internal/telemetry/usage"
)

// errNoFeed is why usage waits.
var errNoFeed = errors.New("the management plane is not followed at present")

// DeliverUsage sends a parcel of usage to the node that is followed. It is a
// usage.Deliver.
func (c *Client) DeliverUsage(ctx context.Context, parcel []byte) error {
	c.mu.Lock()
	connected := c.state.connected
	c.mu.Unlock()
	if connected == "" {
		return errNoFeed
	}
	at, err := url.Parse(connected)
	if err != nil {
		return fmt.Errorf("sending usage: %w", err)
	}
	r, err := c.request(ctx, http.MethodPost, at, feed.UsagePath, bytes.NewReader(parcel))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	response, err := c.http.Do(r)
	if err != nil {
		return fmt.Errorf("sending usage: %w", unwrapURL(err))
	}
	defer response.Body.Close() //nolint:errcheck // What was to be read has been.
	switch response.StatusCode {
	case http.StatusNoContent:
		return nil
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge:
		return fmt.Errorf("%w: %w", usage.ErrRefused, refusal(response))
	}
	return refusal(response)
}
