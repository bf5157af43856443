package mail

import (
	"context"
	"errors"
	"fmt"
	"html"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
)

// maxRecipients bounds to how many one notification is sent.
const maxRecipients = 50

// The notifications that the portal sends to publishers.
const (
	AccountClosed         = "AccountClosedPublisher"
	SubscriptionRequested = "RequestPublisherNotificationMessage"
	SubscriptionMade      = "PurchasePublisherNotificationMessage"
	blindCopies           = "BCC"
)

// Notify tells the recipients of a notification (such as AccountClosed) by mail,
// if it has any; that of a workspace is qualified, "sales:AccountClosed". It returns when the outbox has all of the messages.
func (m *Mailer) Notify(ctx context.Context, notification, subject string, paragraphs ...string) error {
	return m.tell(ctx, notification, letter(subject, paragraphs))
}

// letterBegin is what stands before the paragraphs: lines of a length that can be
// read, in the reader's own colours, as in the mails to developers.
const letterBegin = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">" +
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\"></head>\n" +
	"<body style=\"margin: 0; padding: 24px; font: 16px/1.6 system-ui, -apple-system, 'Segoe UI', Roboto, Arial, sans-serif\">" +
	"<div style=\"max-width: 36em; overflow-wrap: anywhere; word-break: break-word\">\n"

// letter is a message of paragraphs.
func letter(subject string, paragraphs []string) client.Mail {
	var body strings.Builder
	body.WriteString(letterBegin)
	for _, p := range paragraphs {
		body.WriteString("<p>" + html.EscapeString(visible(p)) + "</p>\n")
	}
	body.WriteString("</div></body></html>\n")
	return client.Mail{Subject: oneLine(subject, maxSubject), HTML: body.String(), Text: plain(body.String())}
}

// copies sends a message to those who get blind copies of all mail to
// developers.
func (m *Mailer) copies(ctx context.Context, entry client.Mail) error {
	return m.tell(ctx, blindCopies, entry)
}

func (m *Mailer) tell(ctx context.Context, notification string, entry client.Mail) error {
	addresses, err := m.recipients(ctx, notification)
	workspace, service := client.WorkspaceOf(notification)
	if workspace != "" && (client.IsNotFound(err) || err == nil && len(addresses) == 0) {
		addresses, err = m.recipients(ctx, service) // Nobody there is to be told: then those of the service are.
	}
	if err != nil {
		return err
	}
	var failed []error
	for _, to := range addresses {
		if err := m.add(ctx, to, entry); err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// recipients are the addresses of those who get a notification.
func (m *Mailer) recipients(ctx context.Context, notification string) ([]string, error) {
	n, err := client.Get[client.Notification](ctx, m.client, client.PathIn("notifications", notification))
	if err != nil {
		return nil, fmt.Errorf("reading who gets the notification %s: %w", notification, err)
	}
	if n.Properties.Recipients == nil {
		return nil, nil
	}
	var addresses []string
	for _, id := range n.Properties.Recipients.Emails {
		addresses = append(addresses, lastPart(id))
	}
	for _, id := range n.Properties.Recipients.Users {
		user, err := client.Get[client.User](ctx, m.client, client.Path("users", lastPart(id)))
		switch {
		case client.IsNotFound(err): // Deleted meanwhile.
		case err != nil:
			return nil, fmt.Errorf("reading who gets the notification %s: %w", notification, err)
		default:
			addresses = append(addresses, user.Properties.Email)
		}
		if len(addresses) >= maxRecipients {
			break
		}
	}
	return addresses[:min(len(addresses), maxRecipients)], nil
}

// Tell sends a message that has no template to one address.
func (m *Mailer) Tell(ctx context.Context, to, subject string, paragraphs ...string) error {
	return m.add(ctx, to, letter(subject, paragraphs))
}

// lastPart is the name at the end of an id: of a user, or the address of a
// recipient.
func lastPart(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }
