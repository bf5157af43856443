package visitors

import (
	"slices"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/problem"
)

// maxMail bounds the outbox. Where it is full, messages that have failed make
// room, the oldest first; where there are none, no message is taken.
const maxMail = 10_000

// roomOfMail is how many failed messages go at once.
const roomOfMail = 100

// States of a message.
const (
	mailQueued = "queued"
	mailFailed = "failed"
)

// mailKind is the kind of the messages that wait to be sent, and of those that
// could not be. What was sent is deleted. Bodies hold links that sign in: they are
// sealed, and answered by listSecrets only.
func mailKind() *resource.Node {
	return resource.New(access.Mail, resource.Kind{
		Collection: "sallyportMail", Title: "Mail", Contract: "SallyportMailContract", Update: "SallyportMailUpdateContract", Live: true,
		Filter:  "SallyportMailList",
		Secrets: []resource.Secret{{Path: "properties.text"}, {Path: "properties.html"}},
		Keep:    []string{"properties.text", "properties.html", "properties.created"},
		Hooks:   resource.Hooks{Prepare: prepareMail},
		Actions: []resource.Action{{Path: "listSecrets", Permission: access.ListSecrets, Run: mailBodies}},
	})
}

func prepareMail(s *resource.Session, e, old *resource.Entity) error {
	e.SetDefault("state", mailQueued)
	if old != nil {
		e.Set("created", old.Text("created"))
		return nil
	}
	e.SetDefault("created", s.Stamp())
	if e.Text("text") == "" && e.Text("html") == "" {
		return resource.Invalid("properties.text", "a message has a text, or HTML, or both")
	}
	count, err := s.Reader().Count(e.ID.Collection().Key())
	if err != nil || count < maxMail {
		return err
	}
	return sweepMail(s, e.ID.Collection())
}

// sweepMail drops the oldest of the messages that failed.
func sweepMail(s *resource.Session, outbox resource.ID) error {
	var failed []*resource.Entity
	for e, err := range s.Collection(outbox) {
		if err != nil {
			return err
		}
		if e.Text("state") == mailFailed {
			failed = append(failed, e)
		}
	}
	if len(failed) == 0 {
		return problem.New(statusUnavailable, problem.CodeUnavailable,
			"The outbox has %d messages that wait to be sent, and takes no more.", maxMail).WithTarget("sallyportMail")
	}
	slices.SortFunc(failed, func(a, b *resource.Entity) int { return timeOf(a, "created").Compare(timeOf(b, "created")) })
	for _, e := range failed[:min(roomOfMail, len(failed))] {
		if err := s.Drop(e.ID); err != nil {
			return err
		}
	}
	return nil
}

// mailBodies answers what a message says.
func mailBodies(s *resource.Session, e *resource.Entity, _ resource.Input) (resource.Result, error) {
	text, err := s.Reveal(e, "text")
	if err != nil {
		return resource.Result{}, err
	}
	html, err := s.Reveal(e, "html")
	return resource.Result{Body: map[string]any{"text": text, "html": html}, ETag: e.ETag()}, err
}
