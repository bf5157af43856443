package administer

import (
	"context"
	"fmt"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// overview shows what waits, and what will need care.
func (s *section) overview(x *page.Exchange) error {
	ctx, c := x.R.Context(), x.Client()
	undecided, err := waiting(ctx, c)
	if err != nil {
		return err
	}
	failed, err := count[client.Mail](ctx, c, "sallyportMail", "state eq 'failed'")
	if err != nil {
		return err
	}
	users, err := count[client.User](ctx, c, "users", "")
	if err != nil {
		return err
	}
	pending, err := count[client.User](ctx, c, "users", "state eq 'pending'")
	if err != nil {
		return err
	}
	data := &screen{Figures: []figure{
		{
			Label: "Approvals", Text: singular(len(undecided), "subscription waits", "subscriptions wait") + " for a decision",
			Path: "/admin/approvals", Number: len(undecided), Kind: todo(len(undecided)),
		},
		{
			Label: "Failed mail", Text: singular(failed, "message", "messages") + " could not be sent",
			Path: "/admin/outbox?state=failed", Number: failed, Kind: todo(failed),
		},
		{Label: "Users", Text: fmt.Sprintf("%d of them pending", pending), Path: "/admin/users", Number: users},
	}}
	if err := s.overviewContent(x, data); err != nil {
		return err
	}
	if s.Mail == nil || !s.Mail.Status().Configured {
		data.Notes = append(data.Notes, note{"warning", "There is no mail server",
			"Messages stay in the outbox. Start the portal with --smtp to have them sent."})
	} else if status := s.Mail.Status(); status.Problem != "" {
		data.Notes = append(data.Notes, note{"danger", "The mail server takes no messages",
			fmt.Sprintf("Since %s: %s", status.Since.UTC().Format(time.RFC1123), status.Problem)})
	}
	if err := s.overviewStatus(x, data); err != nil {
		return err
	}
	return s.show(x, "Administration", data)
}

// overviewContent says whether the draft differs from what visitors see.
func (s *section) overviewContent(x *page.Exchange, data *screen) error {
	draft, err := s.Library.Editor(x.Client()).Draft(x.R.Context())
	if err != nil {
		return err
	}
	revision, err := draft.Revision()
	if err != nil {
		return err
	}
	current := s.Library.Current()
	published := fact{"Content", "Visitors see the content that came with the product."}
	if current.Revision != "" {
		published.Text = link("Published as "+current.Revision[:min(8, len(current.Revision))], "/admin/history")
	}
	data.Facts = append(data.Facts, published)
	shown, err := current.Published.Revision()
	if err != nil {
		return err
	}
	if revision != shown {
		data.Facts = append(data.Facts, fact{"Draft",
			link("The draft differs from what visitors see. Look at it and publish it.", "/admin/publish")})
	}
	return nil
}

// singular is the word for a number that stands before it.
func singular(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func todo(n int) string {
	if n > 0 {
		return "warning"
	}
	return ""
}

// count is how many resources of a list match a filter.
func count[P any](ctx context.Context, c *client.Client, path, filter string) (int, error) {
	var options []client.Call
	if filter != "" {
		options = append(options, client.Filter(filter))
	}
	_, n, err := client.Page[P](ctx, c, path, 0, 1, options...)
	if client.IsNotFound(err) {
		return 0, nil
	}
	return n, err
}
