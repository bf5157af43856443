package administer

import (
	"cmp"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/content"
	"github.com/sallyport/sallyport/internal/portal/mail"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/problem"
)

// mailRoutes are templates, notifications and the outbox.
func (s *section) mailRoutes() []page.Route {
	return []page.Route{
		{Pattern: "GET /admin/templates", Run: s.mailTemplates},
		{Pattern: "GET /admin/templates/{template}", Run: s.mailTemplate},
		{Pattern: "POST /admin/templates/{template}", Run: s.saveTemplate},
		{Pattern: "POST /admin/templates/{template}/test", Run: s.testTemplate},
		{Pattern: "GET /admin/templates/{template}/reset", Run: s.askReset},
		{Pattern: "POST /admin/templates/{template}/reset", Run: s.resetTemplate},
		{Pattern: "GET /admin/notifications", Run: s.notifications},
		{Pattern: "GET /admin/notifications/{notification}", Run: s.notification},
		{Pattern: "POST /admin/notifications/{notification}", Run: s.addRecipient},
		{Pattern: "POST /admin/notifications/{notification}/remove", Run: s.removeRecipient},
		{Pattern: "GET /admin/outbox", Run: s.outbox},
		{Pattern: "GET /admin/outbox/{message}", Run: s.message},
		{Pattern: "POST /admin/outbox/{message}/retry", Run: s.retry},
		{Pattern: "POST /admin/outbox/{message}/delete", Run: s.deleteMessage},
	}
}

var (
	templatesCrumb     = page.Link{Text: "Templates", Path: "/admin/templates"}
	notificationsCrumb = page.Link{Text: "Notifications", Path: "/admin/notifications"}
	outboxCrumb        = page.Link{Text: "Outbox", Path: "/admin/outbox"}
)

func (s *section) mailTemplates(x *page.Exchange) error {
	all, err := client.All[client.Template](x.R.Context(), x.Client(), "templates")
	if err != nil {
		return err
	}
	list := &table{Columns: []string{"Template", "Subject", "State"}}
	for _, t := range all {
		state := badge("changed", "info")
		if t.Properties.IsDefault {
			state = badge("default", "")
		}
		list.Rows = append(list.Rows, []any{link(t.Properties.Title, "/admin/"+client.Path("templates", t.Name)), t.Properties.Subject, state})
	}
	return s.show(x, "Templates", &screen{Lead: "The messages that the portal sends to developers.", Tables: []*table{list}})
}

func templateForm(name string, t client.Resource[client.Template]) *form {
	return &form{Action: "/admin/" + client.Path("templates", name), ETag: t.ETag, Cancel: "/admin/templates", Fields: []field{
		{Name: "subject", Label: "Subject", Value: t.Properties.Subject, Required: true},
		{Kind: "textarea", Name: "body", Label: "Body (HTML)", Value: strings.ReplaceAll(t.Properties.Body, "\r\n", "\n"), Rows: 18,
			Code: true},
	}}
}

func (s *section) mailTemplate(x *page.Exchange) error {
	name := x.Value("template")
	t, err := client.Get[client.Template](x.R.Context(), x.Client(), client.Path("templates", name))
	if err != nil {
		return err
	}
	return s.show(x, t.Properties.Title, templateScreen(name, t, templateForm(name, t)), templatesCrumb)
}

// templateScreen is a template with its parameters and how it looks.
func templateScreen(name string, t client.Resource[client.Template], f *form) *screen {
	list := &table{Caption: "Parameters", Columns: []string{"Write", "For"}}
	for _, p := range t.Properties.Parameters {
		list.Rows = append(list.Rows, []any{code("$" + p.Name), p.Title})
	}
	path := "/admin/" + client.Path("templates", name)
	data := &screen{
		Lead: t.Properties.Description, Tables: []*table{list}, HTMLTitle: "Preview",
		HTML: content.CleanHTML(sampled(t.Properties)),
		Forms: []*form{f, {Title: "Test", Lead: "Sends the template, as it is saved, to you with made-up values.", Action: path + "/test",
			Submit: "Send a test to me", Kind: "secondary"}},
	}
	if !t.Properties.IsDefault {
		data.Links = []page.Link{{Text: "Reset to the default", Path: path + "/reset"}}
	}
	return data
}

// parameter finds a parameter in a template.
var parameter = regexp.MustCompile(`\$([A-Za-z]+)`)

// sampled is the body of a template with the titles of its parameters as values.
func sampled(t client.Template) string {
	titles := samples(t)
	return parameter.ReplaceAllStringFunc(t.Body, func(found string) string {
		if value, ok := titles[found[1:]]; ok {
			return html.EscapeString(value)
		}
		return found
	})
}

func samples(t client.Template) map[string]string {
	values := map[string]string{}
	for _, p := range t.Parameters {
		values[p.Name] = "[" + p.Title + "]"
	}
	return values
}

func (s *section) saveTemplate(x *page.Exchange) error {
	name, typed := x.Value("template"), x.Form()
	path := client.Path("templates", name)
	err := client.Patch(x.R.Context(), x.Client(), path, map[string]any{
		"subject": strings.TrimSpace(typed.Get("subject")), "body": strings.ReplaceAll(typed.Get("body"), "\r\n", "\n"),
	}, seen(x))
	if err == nil {
		return x.Redirect("/admin/"+path, "saved")
	}
	t, readErr := client.Get[client.Template](x.R.Context(), x.Client(), path)
	if readErr != nil {
		t = client.Resource[client.Template]{Name: name}
	}
	f := templateForm(name, t).fill(typed)
	return s.refused(x, t.Properties.Title, templateScreen(name, t, f), f, err, func() string { return t.ETag }, templatesCrumb)
}

func (s *section) testTemplate(x *page.Exchange) error {
	name := x.Value("template")
	t, err := client.Get[client.Template](x.R.Context(), x.Client(), client.Path("templates", name))
	if err != nil {
		return err
	}
	if s.Mail == nil || x.Visitor.Email == "" {
		return problem.New(409, "Conflict", "There is no mail here, or your account has no address.")
	}
	values := samples(t.Properties)
	delete(values, "OrganizationName")
	delete(values, "DevPortalUrl")
	if err := s.Mail.Send(x.R.Context(), name, mail.Recipient{Email: x.Visitor.Email, FirstName: x.Visitor.Name}, values); err != nil {
		return err
	}
	return x.Redirect("/admin/"+client.Path("templates", name), "test-sent")
}

func (s *section) askReset(x *page.Exchange) error {
	name := x.Value("template")
	t, err := client.Get[client.Template](x.R.Context(), x.Client(), client.Path("templates", name))
	if err != nil {
		return err
	}
	path := "/admin/" + client.Path("templates", name)
	return s.confirm(x, "Reset a template", fmt.Sprintf("Make %q what it was when the product was installed? Your text goes.",
		t.Properties.Title), &form{
		Action: path + "/reset", ETag: t.ETag, Submit: "Reset the template", Cancel: path,
	}, templatesCrumb)
}

func (s *section) resetTemplate(x *page.Exchange) error {
	path := client.Path("templates", x.Value("template"))
	return s.done(x, client.Delete(x.R.Context(), x.Client(), path, seen(x)), "/admin/"+path, "reset", templatesCrumb)
}

func (s *section) notifications(x *page.Exchange) error {
	all, err := client.All[client.Notification](x.R.Context(), x.Client(), "notifications")
	if err != nil {
		return err
	}
	list := &table{Columns: []string{"Notification", "When", "Recipients"}}
	for _, n := range all {
		who := 0
		if n.Properties.Recipients != nil {
			who = len(n.Properties.Recipients.Emails) + len(n.Properties.Recipients.Users)
		}
		list.Rows = append(list.Rows, []any{link(n.Properties.Title, "/admin/"+client.Path("notifications", n.Name)),
			n.Properties.Description, who})
	}
	return s.show(x, "Notifications", &screen{Lead: "Who of you is told, and of what.", Tables: []*table{list}})
}

func (s *section) notification(x *page.Exchange) error {
	data, title, err := s.notificationScreen(x, recipientForm(x.Value("notification")))
	if err != nil {
		return err
	}
	return s.show(x, title, data, notificationsCrumb)
}

func recipientForm(name string) *form {
	return &form{Title: "Add a recipient", Action: "/admin/" + client.Path("notifications", name), Submit: "Add", Kind: "secondary",
		Fields: []field{{Name: "email", Label: "E-mail address", Type: "email", Required: true}}}
}

func (s *section) notificationScreen(x *page.Exchange, f *form) (*screen, string, error) {
	name := x.Value("notification")
	n, err := client.Get[client.Notification](x.R.Context(), x.Client(), client.Path("notifications", name))
	if err != nil {
		return nil, "", err
	}
	if f.About, err = recipients(x, name, n.Properties); err != nil {
		return nil, "", err
	}
	data := &screen{Lead: n.Properties.Description, Forms: []*form{f}}
	return data, n.Properties.Title, nil
}

// recipients lists who is told, each with a button that takes them out.
func recipients(x *page.Exchange, name string, n client.Notification) (*table, error) {
	list := &table{Caption: "Recipients", Columns: []string{"Recipient", ""}, Empty: "Nobody is told."}
	if n.Recipients == nil {
		return list, nil
	}
	users := map[string]bool{}
	for _, id := range n.Recipients.Users {
		users[strings.ToLower(lastOf(id))] = true
	}
	known, err := named[client.User](x.R.Context(), x.Client(), "users", users)
	if err != nil {
		return nil, err
	}
	add := func(kind, who, text string, shown any) {
		list.ending(&form{Action: "/admin/" + client.Path("notifications", name) + "/remove", Submit: "Remove", Of: text,
			Hidden: []hidden{{"recipient", kind + "/" + who}}}, shown)
	}
	for _, id := range n.Recipients.Emails {
		add("recipientEmails", lastOf(id), lastOf(id), lastOf(id))
	}
	for _, id := range n.Recipients.Users {
		who := lastOf(id)
		text := cmp.Or(fullName(known[strings.ToLower(who)]), "User "+who)
		add("recipientUsers", who, text, link(text, userPath(who)))
	}
	return list, nil
}

func (s *section) addRecipient(x *page.Exchange) error {
	name, email := x.Value("notification"), strings.TrimSpace(x.Form().Get("email"))
	if email == "" {
		f := recipientForm(name)
		f.Problems = []page.Problem{{Field: "email", Text: "Fill in: E-mail address."}}
		data, title, err := s.notificationScreen(x, f)
		if err != nil {
			return err
		}
		return s.answer(x, http.StatusUnprocessableEntity, title, data, notificationsCrumb)
	}
	_, err := client.Put[map[string]any](x.R.Context(), x.Client(), client.Path("notifications", name, "recipientEmails", email), nil)
	if err == nil {
		return x.Redirect("/admin/"+client.Path("notifications", name), "saved")
	}
	f := recipientForm(name).fill(x.Form())
	data, title, readErr := s.notificationScreen(x, f)
	if readErr != nil {
		return readErr
	}
	return s.refused(x, title, data, f, err, nil, notificationsCrumb)
}

func (s *section) removeRecipient(x *page.Exchange) error {
	name := x.Value("notification")
	kind, who, _ := strings.Cut(x.Form().Get("recipient"), "/")
	if kind != "recipientEmails" && kind != "recipientUsers" || who == "" {
		return problem.Validation("Choose a recipient.")
	}
	err := client.Delete(x.R.Context(), x.Client(), client.Path("notifications", name, kind, who))
	return s.done(x, err, "/admin/"+client.Path("notifications", name), "saved", notificationsCrumb)
}

func (s *section) outbox(x *page.Exchange) error {
	number, skip := at(x)
	state := query(x, "state")
	var options []client.Call
	if state == "failed" || state == "queued" {
		options = append(options, client.Filter("state eq "+quoted(state)))
	}
	found, total, err := client.Page[client.Mail](x.R.Context(), x.Client(), "sallyportMail", skip, pageSize, options...)
	if err != nil {
		return err
	}
	list := &table{Columns: []string{"Subject", "To", "State", "Written", "Next attempt"}, Pager: pager(x, number, total),
		Empty: "The outbox is empty: everything was sent."}
	for _, m := range found {
		p := m.Properties
		list.Rows = append(list.Rows, []any{link(p.Subject, "/admin/"+client.Path("outbox", m.Name)), p.To, stateBadge(p.State),
			moment(p.Created), moment(p.NextAttempt)})
	}
	return s.show(x, "Outbox", &screen{
		Lead: "Messages that wait to be sent, and those that could not be.",
		Search: &search{Action: "/admin/outbox",
			Fields: []field{{Kind: "select", Name: "state", Label: "State", Value: state, Options: states("Any", "queued", "failed")}}},
		Tables: []*table{list},
	})
}

// message shows what is known of a message, and not what it says: it may hold a
// link that opens an account.
func (s *section) message(x *page.Exchange) error {
	m, err := client.Get[client.Mail](x.R.Context(), x.Client(), client.Path("sallyportMail", x.Value("message")))
	if err != nil {
		return err
	}
	p, path := m.Properties, "/admin/"+client.Path("outbox", m.Name)
	return s.show(x, "Message: "+p.Subject, &screen{
		Facts: []fact{
			{"To", p.To}, {"State", stateBadge(p.State)}, {"Written", moment(p.Created)}, {"Attempts", p.Attempts},
			{"Next attempt", moment(p.NextAttempt)}, {"Last error", cmp.Or(p.LastError, "–")},
			//nolint:gosec // It is escaped.
		},
		Forms: []*form{
			{Title: "Send again", Action: path + "/retry", ETag: m.ETag, Submit: "Send again", Kind: "secondary"},
			{Title: "Delete", Lead: "The message is not sent.", Action: path + "/delete", ETag: m.ETag, Submit: "Delete the message",
				Kind: "danger"},
		},
	}, outboxCrumb)
}

func (s *section) retry(x *page.Exchange) error {
	err := client.Patch(x.R.Context(), x.Client(), client.Path("sallyportMail", x.Value("message")), map[string]any{
		"state": "queued", "attempts": 0, "nextAttempt": x.Clock().Now().UTC(), "lastError": "",
	}, seen(x))
	return s.done(x, err, "/admin/outbox", "queued", outboxCrumb)
}

func (s *section) deleteMessage(x *page.Exchange) error {
	err := client.Delete(x.R.Context(), x.Client(), client.Path("sallyportMail", x.Value("message")), seen(x))
	return s.done(x, err, "/admin/outbox", "deleted", outboxCrumb)
}
