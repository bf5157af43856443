package remote

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/sallyport/sallyport/internal/gateway/tracing"
	"github.com/sallyport/sallyport/internal/snapshot/feed"
)

// DeliverTrace sends a trace to the node that is followed. It is a tracing.Deliver.
func (c *Client) DeliverTrace(ctx context.Context, trace []byte) error {
	response, err := c.post(ctx, feed.TracePath, trace)
	if err != nil {
		return fmt.Errorf("sending a trace: %w", err)
	}
	defer response.Body.Close() //nolint:errcheck // What was to be read has been.
	switch response.StatusCode {
	case http.StatusNoContent:
		return nil
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge:
		return fmt.Errorf("%w: %w", tracing.ErrRefused, refusal(response))
	}
	return refusal(response)
}

// post sends JSON to the node that is followed.
func (c *Client) post(ctx context.Context, path string, body []byte) (*http.Response, error) {
	c.mu.Lock()
	connected := c.state.connected
	c.mu.Unlock()
	if connected == "" {
		return nil, errNoFeed
	}
	at, err := url.Parse(connected)
	if err != nil {
		return nil, err
	}
	r, err := c.request(ctx, http.MethodPost, at, path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	response, err := c.http.Do(r)
	if err != nil {
		return nil, unwrapURL(err)
	}
	return response, nil
}

// rekey takes the keys of debug tokens.
func (s *session) rekey(payload []byte) error {
	t, err := feed.DecodeTracing(payload)
	if err != nil {
		return err
	}
	if s.c.o.DebugKeys != nil {
		s.c.o.DebugKeys(t.Keys)
	}
	return nil
}
