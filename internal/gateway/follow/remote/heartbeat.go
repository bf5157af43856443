package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/snapshot/feed"
)

// changeDelay is how long a change of the gateway's health waits to be told, so
// that a flood of changes is no flood of heartbeats.
const changeDelay = time.Second

// beat sends heartbeats to the node of a session until ctx ends. The first one
// comes after a random part of the interval: of many gateways that come back at
// one time, each has its own.
func (c *Client) beat(ctx context.Context, s *session) {
	interval := time.Duration(s.hello.HeartbeatSeconds) * time.Second
	wait := min(changeDelay+time.Duration(c.o.Random()*float64(interval)), interval)
	// tried is the health that was told last, or that was to be: a node that
	// refuses it is asked again with the next heartbeat, and no sooner.
	tried := feed.Health("")
	for {
		timer := c.o.Clock.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C():
		case <-c.changed(tried):
			timer.Stop()
			if clock.Sleep(ctx, c.o.Clock, changeDelay) != nil {
				return
			}
		}
		h := c.heartbeat()
		if err := c.send(ctx, s, h); err != nil {
			c.o.Log.Debug("a heartbeat did not arrive", slog.Any("error", err))
		}
		tried, wait = h.Health, interval
	}
}

// send sends one heartbeat.
func (c *Client) send(ctx context.Context, s *session, h *feed.Heartbeat) error {
	body, err := encodeHeartbeat(h)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	r, err := c.request(ctx, http.MethodPost, s.at, feed.HeartbeatPath, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	response, err := c.http.Do(r)
	if err != nil {
		return fmt.Errorf("sending a heartbeat: %w", unwrapURL(err))
	}
	defer response.Body.Close() //nolint:errcheck // What was to be read has been.
	if response.StatusCode != http.StatusNoContent {
		return refusal(response)
	}
	c.wait.told(response.Header.Get(feed.HeaderSpread))
	_, err = io.Copy(io.Discard, io.LimitReader(response.Body, MaxRefusal))
	return err
}

// heartbeat says how the gateway is.
func (c *Client) heartbeat() *feed.Heartbeat {
	c.mu.Lock()
	h := &feed.Heartbeat{
		Instance: c.o.Instance, Release: c.o.Release, Region: c.o.Region, Host: c.o.Host,
		Started: c.state.started, Contact: c.state.contact,
	}
	c.mu.Unlock()
	h.Applied, h.Health = c.o.Target.Applied(), c.health()
	if p, ok := c.o.Target.Position(); ok {
		h.Lineage, h.Revision, h.Digest = p.Lineage, p.Revision, p.Digest.String()
	}
	h.Problems = c.problems()
	return h
}

// health says how the gateway is in one word.
func (c *Client) health() feed.Health {
	switch {
	case c.o.Draining():
		return feed.HealthDraining
	case len(c.o.Target.Held()) > 0:
		return feed.HealthDegraded
	}
	return feed.HealthOK
}

// problems are what is held back, as heartbeats have it.
func (c *Client) problems() []feed.Problem {
	held := c.o.Target.Held()
	list := make([]feed.Problem, 0, min(len(held), feed.MaxHeartbeatProblems))
	for _, one := range held[:min(len(held), feed.MaxHeartbeatProblems)] {
		list = append(list, feed.Problem{Resource: cut(one.Resource), Element: cut(one.Element), Message: cut(one.Message)})
	}
	return list
}

// cut bounds a text of a problem.
func cut(text string) string {
	if len(text) > feed.MaxText {
		text = text[:feed.MaxText]
	}
	return strings.ToValidUTF8(text, "")
}

// encodeHeartbeat leaves out as many problems as it takes to keep the limit.
func encodeHeartbeat(h *feed.Heartbeat) ([]byte, error) {
	for {
		body, err := json.Marshal(h)
		if err != nil {
			return nil, fmt.Errorf("writing a heartbeat: %w", err)
		}
		if len(body) <= feed.MaxHeartbeat || len(h.Problems) == 0 {
			return body, nil
		}
		h.Problems = h.Problems[:len(h.Problems)/2]
	}
}
