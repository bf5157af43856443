package mail

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/clock"
)

// outbox is the collection of the management API that holds messages.
const outbox = "sallyportMail"

// States of a message.
const (
	queued = "queued"
	failed = "failed"
)

// Limits of taking messages out of the outbox.
const (
	// pollInterval is how often the outbox is looked into without a sign that it
	// has got something: other portals and the management plane put mail there.
	pollInterval = 15 * time.Second
	// pageSize is how many messages of the outbox are read at one time.
	pageSize = 1000
	// batchSize is how many messages one round takes at the most.
	batchSize = 100
	// claimTime is how long a message belongs to the portal that claimed it. It
	// is longer than deliveryTimeout by far, so that none is sent twice while
	// its sender lives; it is how late a message is whose sender was killed.
	claimTime = 5 * time.Minute
	// maxAttempts bounds how often a message is offered to the server.
	maxAttempts = 20
	// maxAge is how old a message may be that is still offered: links in it have
	// expired by then.
	maxAge = 3 * 24 * time.Hour
	// firstDelay is the time to the second attempt; it doubles up to maxDelay.
	// Servers that greylist want some minutes.
	firstDelay = 30 * time.Second
	maxDelay   = time.Hour
	// firstPause is the time after which a server or a management plane that
	// was not reached is called again; it doubles up to maxPause.
	firstPause = time.Second
	maxPause   = time.Minute
	// awayPause bounds the pause while it is the management plane that is away.
	awayPause = 5 * time.Second
)

// Run gives the outbox's messages to the mail server until ctx ends. What cannot
// be delivered now is tried again later, within limits; what cannot be delivered
// at all stays in the outbox as failed, with the reason. Without a server it
// only waits.
func (m *Mailer) Run(ctx context.Context) {
	if m.server == nil {
		m.log.Warn("no mail server is configured: mail stays in the outbox; name one with --smtp smtp://USER@HOST:587?password-file=FILE")
		<-ctx.Done()
		return
	}
	troubles := 0
	for {
		wait, err := m.round(ctx)
		if ctx.Err() != nil {
			return
		}
		m.note(err)
		if err != nil {
			limit := maxPause
			if client.IsUnavailable(err) { // What waits there is not the mail server's.
				limit = awayPause
			}
			wait = pause(firstPause, limit, troubles)
			troubles++
		} else {
			troubles = 0
		}
		// Who has put a message into the outbox has reached the management plane.
		if m.rest(ctx, wait, err == nil || client.IsUnavailable(err)) != nil {
			return
		}
	}
}

// rest waits, or until the outbox has got something.
func (m *Mailer) rest(ctx context.Context, d time.Duration, wakeable bool) error {
	if !wakeable {
		return clock.Sleep(ctx, m.clock, d)
	}
	timer := m.clock.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C():
	case <-m.wake:
	case <-ctx.Done():
	}
	return ctx.Err()
}

// note keeps what administrators are shown, and logs a change of it.
func (m *Mailer) note(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case err == nil && m.status.Problem != "":
		m.log.Info("mail is sent again", "after", m.clock.Since(m.status.Since).Round(time.Second))
		m.status = Status{Configured: true}
	case err != nil && m.status.Problem == "":
		m.log.Warn("mail cannot be sent now, it stays in the outbox", "error", oneLine(err.Error(), maxReason))
		m.status = Status{Configured: true, Problem: oneLine(err.Error(), maxReason), Since: m.clock.Now()}
	case err != nil:
		m.status.Problem = oneLine(err.Error(), maxReason)
	}
}

// pause doubles with each trouble, up to a limit, and is spread by a half.
func pause(first, limit time.Duration, troubles int) time.Duration {
	d := limit
	if troubles < 16 {
		d = min(limit, first<<troubles)
	}
	return d/2 + rand.N(d/2+1) //nolint:gosec // It spreads calls, and is no secret.
}

// round offers the messages that are due and returns when to look again.
func (m *Mailer) round(ctx context.Context) (time.Duration, error) {
	if err := m.removeTaken(ctx); err != nil {
		return 0, err
	}
	due, wait, err := m.due(ctx)
	if err != nil || len(due) == 0 {
		return wait, err
	}
	service, err := client.Get[client.Service](ctx, m.client, "")
	if err != nil {
		return 0, fmt.Errorf("reading who sends mail: %w", err)
	}
	from := cmp.Or(m.server.From, service.Properties.NotificationSenderEmail)
	if from, err = address(from); err != nil {
		return 0, fmt.Errorf("nobody sends the mail: set notificationSenderEmail of the service, or from= of the SMTP URL: %w", err)
	}
	// Nothing is claimed, and no attempt counted, while the server is away.
	c, err := m.server.connect(ctx)
	if err != nil {
		return 0, err
	}
	defer c.close()
	for _, entry := range due {
		broken, err := m.offer(ctx, c, entry.Name, from, service.Properties.PublisherName)
		if err != nil {
			return 0, err
		}
		if broken {
			return firstPause, nil
		}
	}
	if len(due) == batchSize {
		return 0, nil
	}
	return min(wait, firstDelay), nil
}

// due are messages whose time has come, the oldest first, and how long it is
// until the next one's.
func (m *Mailer) due(ctx context.Context) ([]client.Resource[client.Mail], time.Duration, error) {
	var due []client.Resource[client.Mail]
	now, wait := m.clock.Now(), pollInterval
	for entry, err := range client.List[client.Mail](ctx, m.client, outbox, client.Filter("state eq 'queued'"), client.Top(pageSize)) {
		if err != nil {
			return nil, 0, fmt.Errorf("reading the outbox: %w", err)
		}
		if entry.Properties.State != queued || m.isTaken(entry.Name) {
			continue
		}
		if left := entry.Properties.NextAttempt.Sub(now); left > 0 {
			wait = min(wait, left)
			continue
		}
		due = append(due, entry)
	}
	slices.SortFunc(due, func(a, b client.Resource[client.Mail]) int {
		return a.Properties.NextAttempt.Compare(b.Properties.NextAttempt)
	})
	return due[:min(len(due), batchSize)], wait, nil
}

// offer claims a message, gives it to the server and settles what became of it.
// An error is one of the management plane; a message that another portal has
// claimed is none.
func (m *Mailer) offer(ctx context.Context, c *connection, id, from, sender string) (broken bool, err error) {
	entry, err := m.claim(ctx, id)
	if err != nil || entry == nil {
		return false, err
	}
	bodies, err := client.Post[client.MailBodies](ctx, m.client, client.Path(outbox, id, "listSecrets"), nil)
	if err != nil {
		return false, fmt.Errorf("reading a message of the outbox: %w", err)
	}
	msg, err := message(id, entry, bodies, from, sender, m.clock.Now())
	if err != nil {
		return false, m.settle(ctx, id, entry, &refusal{final: true, reason: err.Error()})
	}
	refused := c.deliver(msg)
	if refused != nil {
		return refused.broken, m.settle(ctx, id, entry, refused)
	}
	return false, m.remove(ctx, id)
}

// claim makes a message this portal's for claimTime. It is nil where it is not to
// be sent: another portal was faster, or it is too old.
func (m *Mailer) claim(ctx context.Context, id string) (*client.Mail, error) {
	got, err := client.Get[client.Mail](ctx, m.client, client.Path(outbox, id))
	if client.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the outbox: %w", err)
	}
	entry, now := &got.Properties, m.clock.Now()
	if entry.State != queued || entry.NextAttempt.After(now) {
		return nil, nil
	}
	if now.Sub(entry.Created) > maxAge || entry.Attempts >= maxAttempts {
		return nil, m.settle(ctx, id, entry, &refusal{final: true, reason: cmp.Or(entry.LastError, "it was not delivered in time")})
	}
	entry.Attempts++
	err = client.Patch(ctx, m.client, client.Path(outbox, id), map[string]any{
		"attempts": entry.Attempts, "nextAttempt": stamp(now.Add(claimTime)),
	}, client.IfMatch(got.ETag))
	if client.IsConflict(err) || client.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("claiming a message of the outbox: %w", err)
	}
	return entry, nil
}

// settle writes down why a message was not delivered, and when to try again.
func (m *Mailer) settle(ctx context.Context, id string, entry *client.Mail, r *refusal) error {
	change := map[string]any{"lastError": r.reason}
	if r.final || entry.Attempts >= maxAttempts {
		change["state"] = failed
		m.log.Warn("mail was not delivered and stays in the outbox", "message", id, "attempts", entry.Attempts, "reason", r.reason)
	} else {
		change["nextAttempt"] = stamp(m.clock.Now().Add(pause(firstDelay, maxDelay, entry.Attempts-1)))
	}
	if err := client.Patch(ctx, m.client, client.Path(outbox, id), change); err != nil && !client.IsNotFound(err) {
		return fmt.Errorf("writing down why mail was not delivered: %w", err)
	}
	return nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// remove takes a message that was sent out of the outbox, now or as soon as the
// management plane answers.
func (m *Mailer) remove(ctx context.Context, id string) error {
	err := client.Delete(ctx, m.client, client.Path(outbox, id))
	m.mu.Lock()
	defer m.mu.Unlock()
	if err == nil {
		delete(m.taken, id)
		return nil
	}
	m.taken[id] = true
	return fmt.Errorf("taking a message that was sent out of the outbox: %w", err)
}

// removeTaken removes what could not be removed when it was sent. Nothing is sent
// before that is done, so there is never more than one such message.
func (m *Mailer) removeTaken(ctx context.Context) error {
	m.mu.Lock()
	ids := make([]string, 0, len(m.taken))
	for id := range m.taken {
		ids = append(ids, id)
	}
	m.mu.Unlock()
	for _, id := range ids {
		if err := m.remove(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func (m *Mailer) isTaken(id string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.taken[id]
}

// Retry offers a message that failed again, with all its attempts.
func (m *Mailer) Retry(ctx context.Context, id string) error {
	err := client.Patch(ctx, m.client, client.Path(outbox, id), map[string]any{
		"state": queued, "attempts": 0, "nextAttempt": stamp(m.clock.Now()), "created": stamp(m.clock.Now()),
	})
	if err != nil {
		return fmt.Errorf("offering mail again: %w", err)
	}
	select {
	case m.wake <- struct{}{}:
	default: // It knows already.
	}
	return nil
}
