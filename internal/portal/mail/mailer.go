package mail

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"html"
	"log/slog"
	"maps"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/clock"
)

// Options say where a Mailer's outbox is and who takes its messages.
type Options struct {
	// Client is for the service whose mail it is.
	Client *client.Client
	// Clock is the system's where it is nil.
	Clock clock.Clock
	// Log gets no address, no text and no link. It may be nil.
	Log *slog.Logger
	// Server takes the messages. Where it is nil, they stay in the outbox.
	Server *Server
	// PortalURL is what templates call DevPortalUrl; "" is the service's
	// developerPortalUrl.
	PortalURL string
}

// Mailer puts messages into the outbox, and takes them out again in Run. It is
// safe for use by many goroutines.
type Mailer struct {
	client    *client.Client
	clock     clock.Clock
	log       *slog.Logger
	server    *Server
	portalURL string
	// wake tells Run that the outbox has got something.
	wake chan struct{}

	mu     sync.Mutex
	status Status
	// taken are messages that a server has taken and that are in the outbox
	// still, because the management plane was away: they are not sent again.
	taken map[string]bool
}

// Status is how a Mailer fares, for administrators.
type Status struct {
	// Configured says whether there is a server to give messages to.
	Configured bool
	// Problem is why the server does not take messages; "" where it does.
	Problem string
	// Since is when the problem began; zero where there is none.
	Since time.Time
}

// New makes a Mailer. It calls nothing.
func New(o Options) *Mailer {
	if o.Clock == nil {
		o.Clock = clock.System()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Mailer{
		client: o.Client, clock: o.Clock, log: o.Log, server: o.Server, portalURL: strings.TrimSuffix(o.PortalURL, "/"),
		wake: make(chan struct{}, 1), status: Status{Configured: o.Server != nil}, taken: map[string]bool{},
	}
}

// Status returns how the mailer fares.
func (m *Mailer) Status() Status {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.status
}

// URL is the absolute address of a path of the portal. Mail to people needs
// Options.PortalURL: a path alone leads nowhere.
func (m *Mailer) URL(path string) string { return m.portalURL + path }

// Recipient is who a message is for.
type Recipient struct {
	Email               string
	FirstName, LastName string
}

// Send writes a message after an e-mail template of the service (such as
// ConfirmSignUpIdentityDefault) into the outbox and returns when the management
// plane has it. Parameters are named as in the template, without the $; those
// that every template has (DevFirstName, DevLastName, DevUsername,
// OrganizationName, DevPortalUrl, and ConfirmQuery of a ConfirmUrl) need not be
// given.
func (m *Mailer) Send(ctx context.Context, template string, to Recipient, parameters map[string]string) error {
	t, err := client.Get[client.Template](ctx, m.client, client.Path("templates", template))
	if err != nil {
		return fmt.Errorf("reading the e-mail template %s: %w", template, err)
	}
	service, err := client.Get[client.Service](ctx, m.client, "")
	if err != nil {
		return fmt.Errorf("reading who sends mail: %w", err)
	}
	values := m.values(&service.Properties, to, parameters)
	entry, err := compose(&t.Properties, values)
	if err != nil {
		return fmt.Errorf("writing mail after the template %s: %w", template, err)
	}
	if err := m.add(ctx, to.Email, entry); err != nil {
		return err
	}
	if _, secret := parameters["ConfirmUrl"]; !secret {
		return m.copies(ctx, entry)
	}
	return nil // A link that opens an account is for its owner alone.
}

// values are the parameters of a message.
func (m *Mailer) values(service *client.Service, to Recipient, given map[string]string) map[string]string {
	values := map[string]string{
		"DevFirstName": to.FirstName, "DevLastName": to.LastName, "DevUsername": to.Email,
		"OrganizationName": service.PublisherName, "DevPortalUrl": m.portalURL,
	}
	if m.portalURL == "" {
		values["DevPortalUrl"] = strings.TrimSuffix(service.DeveloperPortalURL, "/")
	}
	if u, err := url.Parse(given["ConfirmUrl"]); err == nil && u.RawQuery != "" {
		values["ConfirmQuery"] = u.RawQuery
	}
	maps.Copy(values, given)
	for name, value := range values {
		values[name] = visible(value)
	}
	return values
}

// compose makes a message of a template: one line of subject, HTML in which each
// value is escaped, and the text of that.
func compose(t *client.Template, values map[string]string) (client.Mail, error) {
	subject, err := expand(t.Subject, values, func(s string) string { return s })
	if err != nil {
		return client.Mail{}, fmt.Errorf("the subject: %w", err)
	}
	body, err := expand(t.Body, values, html.EscapeString)
	if err != nil {
		return client.Mail{}, fmt.Errorf("the body: %w", err)
	}
	return client.Mail{Subject: oneLine(subject, maxSubject), HTML: body, Text: plain(body)}, nil
}

// add puts a message for an address into the outbox.
func (m *Mailer) add(ctx context.Context, to string, entry client.Mail) error {
	to, err := address(to)
	if err != nil {
		return err
	}
	entry.To, entry.State = to, queued
	entry.Created = m.clock.Now().UTC().Truncate(time.Second)
	entry.NextAttempt = entry.Created
	if _, err := client.Put[client.Mail](ctx, m.client, client.Path(outbox, newID()), entry, client.IfNew()); err != nil {
		return fmt.Errorf("putting mail into the outbox: %w", err)
	}
	select {
	case m.wake <- struct{}{}:
	default: // It knows already.
	}
	return nil
}

// newID names a message by 16 random bytes.
func newID() string {
	id := make([]byte, 16)
	_, _ = rand.Read(id) // It never fails, crypto/rand says.
	return hex.EncodeToString(id)
}
