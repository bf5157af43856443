package portal

import (
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// notification is what publishers can be told of.
type notification struct {
	name, title, description string
}

// notifications are all of them. It is never written.
var notifications = []notification{
	{"RequestPublisherNotificationMessage", "Subscription requests (requiring approval)",
		"Who is told when somebody asks for a subscription to a product that requires approval."},
	{"PurchasePublisherNotificationMessage", "New subscriptions",
		"Who is told when there is a new subscription to a product."},
	{"NewApplicationNotificationMessage", "Application gallery requests",
		"Who is told when an application is submitted to the gallery."},
	{"BCC", "BCC", "Who gets a blind copy of all mail to developers."},
	{"NewIssuePublisherNotificationMessage", "New issue or comment",
		"Who is told when an issue or a comment is submitted on the developer portal."},
	{"AccountClosedPublisher", "Close account message", "Who is told when a developer closes an account."},
	{"QuotaLimitApproachingPublisherNotificationMessage", "Approaching subscription quota limit",
		"Who is told when the usage of a subscription comes near to its quota."},
}

// NotificationNames are the names of all notifications, which always exist.
func NotificationNames() []string {
	names := make([]string, len(notifications))
	for i, n := range notifications {
		names[i] = n.name
	}
	return names
}

// notificationKind is the kind of notifications, with who gets them.
func notificationKind() *resource.Node {
	return resource.New(access.Notifications, resource.Kind{
		Collection: "notifications", Title: "Notification", Names: NotificationNames(),
		Verbs: resource.List | resource.Get | resource.Put, NoBody: true, Statuses: resource.Statuses{Head: statusOK}, Permanent: true,
		Hooks: resource.Hooks{
			Default: func(_ *resource.Session, id resource.ID) (map[string]any, error) { return told(id.Name()), nil },
			Prepare: func(_ *resource.Session, e, _ *resource.Entity) error {
				e.Body = told(e.ID.Name())
				return nil
			},
			Present: presentRecipients,
		},
		Children: []*resource.Node{
			recipients("recipientUsers", access.NotificationRecipientUsers, func(s *resource.Session, id resource.ID) error {
				_, err := s.Get(userID(id))
				return err
			}, func(e *resource.Entity) { e.Set("userId", string(userID(e.ID))) }),
			recipients("recipientEmails", access.NotificationRecipientEmails, nil,
				func(e *resource.Entity) { e.Set("email", e.ID.Name()) }),
		},
	})
}

// statusOK is 200, which this package knows by number only.
const statusOK = 200

// told is the body of a notification.
func told(name string) map[string]any {
	for _, n := range notifications {
		if strings.EqualFold(n.name, name) {
			return resource.Object(map[string]any{"title": n.title, "description": n.description})
		}
	}
	return resource.Object(nil)
}

func userID(recipient resource.ID) resource.ID {
	return recipient.Service().Child("users", recipient.Name())
}

// presentRecipients adds the ids of who gets the notification.
func presentRecipients(s *resource.Session, e *resource.Entity) error {
	users, emails := []any{}, []any{}
	for recipient, err := range s.Collection(e.ID + "/recipientUsers") {
		if err != nil {
			return err
		}
		users = append(users, string(userID(recipient.ID)))
	}
	for recipient, err := range s.Collection(e.ID + "/recipientEmails") {
		if err != nil {
			return err
		}
		emails = append(emails, string(recipient.ID))
	}
	e.Set("recipients", map[string]any{"users": users, "emails": emails})
	return nil
}

// recipients is the kind of users or addresses that get a notification.
func recipients(
	collection string, rule access.Type, check func(*resource.Session, resource.ID) error, show func(*resource.Entity),
) *resource.Node {
	return resource.New(rule, resource.Kind{
		Collection: collection, Title: "Recipient", MaxName: longName, NoBody: true, HeadOnly: true, Unpaged: true,
		Verbs: resource.List | resource.Put | resource.Delete,
		Hooks: resource.Hooks{
			Prepare: func(s *resource.Session, e, _ *resource.Entity) error {
				if check == nil {
					return nil
				}
				return check(s, e.ID)
			},
			Present: func(_ *resource.Session, e *resource.Entity) error {
				show(e)
				return nil
			},
		},
	})
}
