package remote

import (
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/snapshot/feed"
	"github.com/sallyport/sallyport/internal/telemetry"
)

// counts are what metrics show.
type counts struct {
	attempts, documents, deltas, diverged atomic.Int64
}

// state is how following goes.
type state struct {
	started   time.Time
	gateway   string // Name in the token.
	connected string // URL of the node; "" is none.
	since     time.Time
	contact   time.Time // Of the feed's last bytes.
	kept      time.Time // The contact that was kept last.
	reason    string    // Why the feed was lost last.
	again     time.Time // When it is tried next.
	failures  int       // Since the last contact.
	changed   chan struct{}
	health    feed.Health
}

// The words for how a gateway follows.
const (
	// Following has a feed.
	Following = "following"
	// Disconnected has none, and serves what it has.
	Disconnected = "disconnected"
	// Waiting has neither feed nor configuration.
	Waiting = "waiting"
)

// Status is how a gateway follows, for people and their tools.
type Status struct {
	// State is Following, Disconnected or Waiting.
	State    string `json:"state"`
	Gateway  string `json:"gateway,omitempty"`
	Instance string `json:"instance"`
	Release  string `json:"release,omitempty"`
	// Control is the node that the feed comes from.
	Control string `json:"control,omitempty"`
	// Revision, Lineage and Digest are those of the document that is served.
	Revision uint64 `json:"revision"`
	Lineage  string `json:"lineage,omitempty"`
	Digest   string `json:"digest,omitempty"`
	// Started and Applied are when the process began and took its newest document,
	// Contact is when the management plane was last heard of.
	Started time.Time `json:"started"`
	Applied time.Time `json:"applied,omitzero"`
	Contact time.Time `json:"contact,omitzero"`
	// ContactAgeSeconds is how long ago that is; -1 is never.
	ContactAgeSeconds float64        `json:"contactAgeSeconds"`
	Health            feed.Health    `json:"health"`
	Problems          []feed.Problem `json:"problems"`
	// Reason is why there is no feed, Again when it is tried next, Failures how
	// often it was tried since the last contact.
	Reason   string    `json:"reason,omitempty"`
	Again    time.Time `json:"again,omitzero"`
	Failures int       `json:"failures,omitempty"`
}

// Status returns how following goes. It never waits.
func (c *Client) Status() Status {
	p, have := c.o.Target.Position()
	s := Status{
		State: Disconnected, Instance: c.o.Instance, Release: c.o.Release, Applied: c.o.Target.Applied(),
		Health: c.health(), Problems: c.problems(), ContactAgeSeconds: -1,
	}
	if have {
		s.Revision, s.Lineage, s.Digest = p.Revision, p.Lineage, p.Digest.String()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s.Gateway, s.Control, s.Started, s.Contact = c.state.gateway, c.state.connected, c.state.started, c.state.contact
	if !s.Contact.IsZero() {
		s.ContactAgeSeconds = c.o.Clock.Since(s.Contact).Seconds()
	}
	switch {
	case s.Control != "":
		s.State = Following
	case s.Applied.IsZero():
		s.State = Waiting
	}
	if s.Control == "" {
		s.Reason, s.Again, s.Failures = c.state.reason, c.state.again, c.state.failures
	}
	return s
}

// Check says what is wrong with the feed, for health: nil where nothing is.
func (c *Client) Check() error {
	s := c.Status()
	switch {
	case s.State == Following && len(s.Problems) > 0:
		return fmt.Errorf("of revision %d %d problems hold parts back; the first is with %s", s.Revision, len(s.Problems), s.Problems[0].Resource)
	case s.State == Following:
		return nil
	case s.State == Waiting:
		return fmt.Errorf("there is no configuration yet: %s", orNotTried(s.Reason))
	case s.Contact.IsZero():
		return fmt.Errorf("revision %d is served from disk, and the management plane was never heard of: %s", s.Revision, orNotTried(s.Reason))
	}
	return fmt.Errorf("revision %d is served, and the management plane was last heard of %s ago: %s",
		s.Revision, (time.Duration(s.ContactAgeSeconds) * time.Second), orNotTried(s.Reason))
}

func orNotTried(reason string) string {
	if reason == "" {
		return "it is being called for the first time"
	}
	return reason
}

// connected notes that a feed has begun.
func (c *Client) connected(s *session) {
	now := c.o.Clock.Now()
	c.mu.Lock()
	c.state.connected, c.state.since, c.state.reason, c.state.failures = s.at.String(), now, "", 0
	c.mu.Unlock()
	c.o.Log.Info("following the feed of the management plane", slog.String("control", s.at.String()),
		slog.String("release", s.hello.Release), slog.String("lineage", s.hello.Lineage))
}

// contact notes that bytes of the feed have come.
func (c *Client) contact() {
	now := c.o.Clock.Now()
	c.mu.Lock()
	c.state.contact = now
	keep := c.o.Remember != nil && now.Sub(c.state.kept) >= RememberEvery
	if keep {
		c.state.kept = now
	}
	c.mu.Unlock()
	if keep {
		c.o.Remember(now)
	}
}

// remember keeps the time of the last contact at the end.
func (c *Client) remember() {
	c.mu.Lock()
	at := c.state.contact
	c.mu.Unlock()
	if c.o.Remember != nil && !at.IsZero() {
		c.o.Remember(at)
	}
}

// applied tells heartbeats where the health has changed.
func (c *Client) applied() {
	now := c.health()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state.health != now {
		c.state.health = now
		if c.state.changed != nil {
			close(c.state.changed)
			c.state.changed = nil
		}
	}
}

// changed returns a channel that is closed when the health is another one than
// what was told.
func (c *Client) changed(told feed.Health) <-chan struct{} {
	now := c.health()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state.changed == nil {
		c.state.changed = make(chan struct{})
	}
	if told != "" && told != now {
		closed := make(chan struct{})
		close(closed)
		return closed
	}
	return c.state.changed
}

// register adds the metrics of following.
func (c *Client) register(m *telemetry.Metrics) error {
	load := func(v *atomic.Int64) func() float64 { return func() float64 { return float64(v.Load()) } }
	return errors.Join(
		m.GaugeFunc("sallyport_feed_connected", "Whether the gateway follows the feed of the management plane: 1 or 0.", func() float64 {
			if c.Status().State == Following {
				return 1
			}
			return 0
		}),
		m.GaugeFunc("sallyport_feed_contact_age_seconds",
			"Time since the management plane was last heard of; -1 where it never was.", func() float64 { return c.Status().ContactAgeSeconds }),
		m.GaugeFunc("sallyport_feed_held_back", "Problems for which parts of the newest configuration are held back.",
			func() float64 { return float64(len(c.o.Target.Held())) }),
		m.ListFunc("sallyport_feed_held_back_resource", "Resources that are held back, 1 each.", "resource", c.heldResources),
		m.CounterFunc("sallyport_feed_attempts_total", "Requests for the feed.", load(&c.counts.attempts)),
		m.CounterFunc("sallyport_feed_documents_total", "Whole documents that the feed has brought.", load(&c.counts.documents)),
		m.CounterFunc("sallyport_feed_deltas_total", "Changes that the feed has brought.", load(&c.counts.deltas)),
		m.CounterFunc("sallyport_feed_diverged_total",
			"Feeds that were given up because the gateway had something else than the management plane.", load(&c.counts.diverged)),
	)
}

// heldResources are those of heartbeats.
func (c *Client) heldResources() []string {
	var list []string
	for _, p := range c.problems() {
		list = append(list, p.Resource)
	}
	return list
}
