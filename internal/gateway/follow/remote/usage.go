package remote

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/sallyport/sallyport/internal/snapshot/feed"
	"github.com/sallyport/sallyport/internal/telemetry/usage"
)

// errNoFeed is why usage and traces wait.
var errNoFeed = errors.New("the management plane is not followed at present")

// DeliverUsage sends a parcel of usage to the node that is followed. It is a
// usage.Deliver.
func (c *Client) DeliverUsage(ctx context.Context, parcel []byte) error {
	response, err := c.post(ctx, feed.UsagePath, parcel)
	if err != nil {
		return fmt.Errorf("sending usage: %w", err)
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
