package administer

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/portal/session"
	"github.com/sallyport/sallyport/internal/problem"
)

// userRoutes are the users with their groups and sessions.
func (s *section) userRoutes() []page.Route {
	return []page.Route{
		{Pattern: "GET /admin/users", Run: s.users},
		{Pattern: "GET /admin/users/invite", Run: s.askInvite},
		{Pattern: "POST /admin/users/invite", Run: s.invite},
		{Pattern: "GET /admin/users/{user}", Run: s.user},
		{Pattern: "POST /admin/users/{user}", Run: s.saveUser},
		{Pattern: "POST /admin/users/{user}/state", Run: s.userState},
		{Pattern: "POST /admin/users/{user}/invite", Run: s.inviteAgain},
		{Pattern: "POST /admin/users/{user}/groups", Run: s.joinGroup},
		{Pattern: "POST /admin/users/{user}/leave", Run: s.leaveGroup},
		{Pattern: "GET /admin/users/{user}/sessions", Run: s.askEndSessions},
		{Pattern: "POST /admin/users/{user}/sessions", Run: s.endSessions},
		{Pattern: "GET /admin/users/{user}/delete", Run: s.askDeleteUser},
		{Pattern: "POST /admin/users/{user}/delete", Run: s.deleteUser},
	}
}

var usersCrumb = page.Link{Text: "Users", Path: "/admin/users"}

func userPath(name string) string { return "/admin/" + client.Path("users", name) }

// states are the states of users to choose from.
func states(first string, values ...string) []page.Option {
	options := []page.Option{{Value: "", Text: first}}
	for _, v := range values {
		options = append(options, page.Option{Value: v, Text: v})
	}
	return options
}

func (s *section) users(x *page.Exchange) error {
	text, state := query(x, "q"), query(x, "state")
	number, skip := at(x)
	group, err := byGroup().choose(x)
	if err != nil {
		return err
	}
	data := &screen{
		Links: []page.Link{{Text: "Invite a user", Path: "/admin/users/invite"}},
		Search: &search{Action: "/admin/users", Fields: []field{
			{Name: "q", Label: "Name or e-mail address", Type: "search", Value: text}, group.Field,
			{Kind: "select", Name: "state", Label: "State", Value: state, Options: states("Any", "active", "pending", "blocked")},
		}},
	}
	if group.Open {
		data.Tables = []*table{group.Ask}
		return s.show(x, "Users", data)
	}
	path := "users"
	if group.Name != "" {
		path = client.Path("groups", group.Name, "users")
	}
	found, total, err := client.Page[client.User](x.R.Context(), x.Client(), path, skip, pageSize, userFilter(text, state)...)
	if err != nil && (group.Name == "" || !client.IsNotFound(err)) {
		return err
	}
	list := &table{Columns: []string{"Name", "E-mail address", "State", "Registered"}, Pager: pager(x, number, total),
		Empty: "No user matches."}
	for _, u := range found {
		p := u.Properties
		list.Rows = append(list.Rows, []any{link(fullName(p), userPath(u.Name)), p.Email, stateBadge(p.State), moment(p.RegistrationDate)})
	}
	data.Tables = []*table{list}
	return s.show(x, "Users", data)
}

// userFilter selects users.
func userFilter(text, state string) []client.Call {
	var filters []string
	if text != "" {
		q := quoted(text)
		filters = append(filters, fmt.Sprintf("(contains(email,%s) or contains(firstName,%s) or contains(lastName,%s))", q, q, q))
	}
	switch state {
	case "active", "pending", "blocked":
		filters = append(filters, "state eq "+quoted(state))
	}
	if len(filters) == 0 {
		return nil
	}
	return []client.Call{client.Filter(strings.Join(filters, " and "))}
}

func fullName(u client.User) string {
	return strings.TrimSpace(u.FirstName + " " + u.LastName)
}

func inviteForm() *form {
	return &form{Action: "/admin/users/invite", Submit: "Invite", Cancel: "/admin/users", Fields: []field{
		{Name: "email", Label: "E-mail address", Type: "email", Required: true},
		{Name: "firstName", Label: "First name", Required: true}, {Name: "lastName", Label: "Last name", Required: true},
		{Name: "note", Label: "Note", Optional: true, Hint: "For administrators only."},
	}}
}

const inviteLead = "The person gets a message with a link, and chooses a password there."

func (s *section) askInvite(x *page.Exchange) error {
	return s.show(x, "Invite a user", &screen{Lead: inviteLead, Forms: []*form{inviteForm()}}, usersCrumb)
}

func (s *section) invite(x *page.Exchange) error {
	typed, name := x.Form(), x.Once()
	err := errors.New("invitations need mail, which this portal does not have")
	if s.Invite != nil {
		err = s.Invite(x.R.Context(), x.Client(), name, client.User{
			Email: strings.TrimSpace(typed.Get("email")), FirstName: strings.TrimSpace(typed.Get("firstName")),
			LastName: strings.TrimSpace(typed.Get("lastName")), Note: strings.TrimSpace(typed.Get("note")),
		})
	}
	if err != nil {
		f := inviteForm().fill(typed)
		return s.refused(x, "Invite a user", &screen{Lead: inviteLead, Forms: []*form{f}}, f, err, nil, usersCrumb)
	}
	return x.Redirect(userPath(name), "invited")
}

// one reads a user with groups and sessions.
func (s *section) one(ctx context.Context, c *client.Client, name string) (client.Resource[client.User], []client.Resource[client.Group],
	error) {
	user, err := client.Get[client.User](ctx, c, client.Path("users", name))
	if err != nil {
		return user, nil, err
	}
	groups, err := client.All[client.Group](ctx, c, client.Path("users", name, "groups"), client.Query("sallyportWorkspaces", "true"))
	return user, groups, err
}

func userForm(u client.Resource[client.User]) *form {
	p := u.Properties
	return &form{Title: "Details", Action: userPath(u.Name), ETag: u.ETag, Fields: []field{
		{Name: "firstName", Label: "First name", Value: p.FirstName, Required: true},
		{Name: "lastName", Label: "Last name", Value: p.LastName, Required: p.LastName != ""},
		{Name: "email", Label: "E-mail address", Type: "email", Value: p.Email, Required: true},
		{Name: "note", Label: "Note", Value: p.Note, Optional: true, Hint: "For administrators only."},
	}}
}

func (s *section) user(x *page.Exchange) error {
	data, title, err := s.userScreen(x, nil, nil)
	if err != nil {
		return err
	}
	return s.show(x, title, data, usersCrumb)
}

// userScreen is the page of a user; f and join are its form and that of a group
// where one of them was refused.
func (s *section) userScreen(x *page.Exchange, f, join *form) (*screen, string, error) {
	ctx, c, name := x.R.Context(), x.Client(), x.Value("user")
	user, groups, err := s.one(ctx, c, name)
	if err != nil {
		return nil, "", err
	}
	sessions, _, err := client.Page[client.Session](ctx, c, client.Path("users", name, "sallyportSessions"), 0, pageSize)
	if err != nil && !client.IsNotFound(err) {
		return nil, "", err
	}
	all, _, err := client.Page[client.Group](ctx, c, "groups", 0, maxGroups)
	if err != nil {
		return nil, "", err
	}
	if f == nil {
		f = userForm(user)
	}
	p := user.Properties
	data := &screen{
		Facts: []fact{{"State", stateBadge(p.State)}, {"Registered", moment(p.RegistrationDate)}, {"Signs in with", identities(p)},
			{"Name of the resource", code(user.Name)}},
		Links: []page.Link{
			{Text: "Subscriptions", Path: "/admin/subscriptions?owner=" + client.Path(user.Name)},
			{Text: "End all sessions", Path: userPath(name) + "/sessions"},
		},
		Forms: []*form{f, membership(name, strings.EqualFold(name, x.Visitor.User), groups, all, join)},
		Below: []*table{sessionTable(sessions)},
	}
	if !strings.EqualFold(name, x.Visitor.User) {
		data.Ends = []page.Link{{Text: "Delete the user", Path: userPath(name) + "/delete"}}
	}
	data.Forms = append(data.Forms, stateForms(x, user)...)
	return data, "User: " + fullName(p), nil
}

// maxGroups bounds the groups to choose from on one page.
const maxGroups = 1000

func identities(u client.User) string {
	var list []string
	for _, i := range u.Identities {
		list = append(list, providerWord(i.Provider))
	}
	return strings.Join(list, ", ")
}

// providerWord is how people call a way to sign in.
func providerWord(provider string) string {
	if strings.EqualFold(provider, "Basic") {
		return "E-mail and password"
	}
	if strings.EqualFold(provider, "SSO") {
		return "Link"
	}
	for kind, word := range providerTypes {
		if strings.EqualFold(kind, provider) {
			return word
		}
	}
	return provider
}

func sessionTable(sessions []client.Resource[client.Session]) *table {
	t := &table{Caption: "Sessions", Columns: []string{"Began", "Last seen", "Address", "Browser", "Signed in with"},
		Empty: "There is no session."}
	for _, one := range sessions {
		p := one.Properties
		t.Rows = append(t.Rows, []any{moment(p.Created), moment(p.LastSeen), p.Address, session.Browser(p.Agent), providerWord(p.Provider)})
	}
	return t
}

// stateForms block, activate or invite again.
func stateForms(x *page.Exchange, u client.Resource[client.User]) []*form {
	if strings.EqualFold(u.Name, x.Visitor.User) {
		return nil
	}
	set := func(state, submit, lead string) *form {
		return &form{Title: submit, Lead: lead, Action: userPath(u.Name) + "/state", ETag: u.ETag, Submit: submit, Kind: "secondary",
			Hidden: []hidden{{"state", state}}}
	}
	switch u.Properties.State {
	case "blocked":
		return []*form{set("active", "Unblock", "The user can sign in again.")}
	case "pending":
		return []*form{
			{Title: "Invite again", Lead: "Sends the invitation once more; earlier links go on working until they end.",
				Action: userPath(u.Name) + "/invite", Submit: "Invite again", Kind: "secondary"},
			set("active", "Activate", "The account becomes active without a confirmed address."),
		}
	}
	block := set("blocked", "Block", "The user can no longer sign in, and all sessions end. "+
		"Subscriptions go on: suspend them if they are to stop.")
	block.Kind = "danger"
	return []*form{block}
}

func (s *section) saveUser(x *page.Exchange) error {
	typed, name := x.Form(), x.Value("user")
	change := map[string]any{"email": strings.TrimSpace(typed.Get("email")), "note": strings.TrimSpace(typed.Get("note"))}
	for _, field := range []string{"firstName", "lastName"} {
		// The administrator that every service has may lack a name, and may go on to.
		if value := strings.TrimSpace(typed.Get(field)); value != "" {
			change[field] = value
		}
	}
	err := client.Patch(x.R.Context(), x.Client(), client.Path("users", name), change, seen(x))
	if err == nil {
		return x.Redirect(userPath(name), "saved")
	}
	f := userForm(client.Resource[client.User]{Name: name}).fill(typed)
	data, title, readErr := s.userScreen(x, f, nil)
	if readErr != nil {
		return errors.Join(err, readErr)
	}
	return s.refused(x, title, data, f, err, s.latest(x, client.Path("users", name)), usersCrumb)
}

// seen lets a change be made only of the version that the form was made of.
func seen(x *page.Exchange) client.Call {
	etag := x.Form().Get("etag")
	if etag == "" {
		etag = `"none"` // A form without a version changes nothing.
	}
	return client.IfMatch(etag)
}

// latest gives the version of a resource as it is now.
func (s *section) latest(x *page.Exchange, path string) func() string {
	return func() string {
		now, err := client.Get[map[string]any](x.R.Context(), x.Client(), path)
		if err != nil {
			return "" // The next save is then refused as well.
		}
		return now.ETag
	}
}

// errOwn keeps administrators from locking themselves out.
var errOwn = problem.New(http.StatusBadRequest, "ValidationError", "This is your own account. Another administrator can do that.")

func (s *section) userState(x *page.Exchange) error {
	name, state := x.Value("user"), x.Form().Get("state")
	if state != "blocked" && state != "active" {
		return problem.Validation("The state of a user is active or blocked.")
	}
	if strings.EqualFold(name, x.Visitor.User) {
		return errOwn
	}
	err := client.Patch(x.R.Context(), x.Client(), client.Path("users", name), map[string]any{"state": state}, seen(x))
	return s.done(x, err, userPath(name), "state", usersCrumb)
}

func (s *section) inviteAgain(x *page.Exchange) error {
	name := x.Value("user")
	if s.Invite == nil {
		return problem.New(http.StatusConflict, "Conflict", "Invitations need mail, which this portal does not have.")
	}
	user, err := client.Get[client.User](x.R.Context(), x.Client(), client.Path("users", name))
	if err != nil {
		return err
	}
	if user.Properties.State != "pending" {
		return x.Redirect(userPath(name), "unchanged")
	}
	if err := s.Invite(x.R.Context(), x.Client(), name, user.Properties); err != nil {
		return err
	}
	return x.Redirect(userPath(name), "invited")
}

func (s *section) askEndSessions(x *page.Exchange) error {
	name := x.Value("user")
	return s.confirm(x, "End all sessions", "The user has to sign in again, on every device.", &form{
		Action: userPath(name) + "/sessions", Submit: "End all sessions", Cancel: userPath(name),
	}, usersCrumb)
}

func (s *section) endSessions(x *page.Exchange) error {
	ctx, c, name := x.R.Context(), x.Client(), x.Value("user")
	sessions, err := client.All[client.Session](ctx, c, client.Path("users", name, "sallyportSessions"))
	if err != nil {
		return err
	}
	for _, one := range sessions {
		if err := client.Delete(ctx, c, client.Path("users", name, "sallyportSessions", one.Name)); err != nil && !client.IsNotFound(err) {
			return err
		}
	}
	return x.Redirect(userPath(name), "sessions-ended")
}

func (s *section) askDeleteUser(x *page.Exchange) error {
	question, f, _, err := s.deletion(x)
	if err != nil {
		return err
	}
	return s.confirm(x, "Delete a user", question, f, usersCrumb)
}

// deletion asks whether the user of the route is to be deleted, with whatever
// subscriptions the user owns, which it counts.
func (s *section) deletion(x *page.Exchange) (question string, f *form, owned int, err error) {
	ctx, c := x.R.Context(), x.Client()
	user, err := client.Get[client.User](ctx, c, client.Path("users", x.Value("user")))
	if err != nil {
		return "", nil, 0, err
	}
	if owned, err = count[client.Subscription](ctx, c, client.Path("users", user.Name, "subscriptions"), ""); err != nil {
		return "", nil, 0, err
	}
	question = fmt.Sprintf("Delete %s (%s)? Nothing of the account stays but what the audit log says.", fullName(user.Properties),
		user.Properties.Email)
	f = &form{
		Kind: "danger", Action: userPath(user.Name) + "/delete", ETag: user.ETag, Submit: "Delete the user", Cancel: userPath(user.Name),
	}
	if owned > 0 {
		f.Fields = []field{{Kind: "checkbox", Name: "subscriptions", Label: "Delete " + subscriptionsOf(owned) + " too",
			Hint: "The keys stop working at once. Without this, the user is not deleted."}}
	}
	return question, f, owned, nil
}

// subscriptionsOf names the subscriptions of a user by their number.
func subscriptionsOf(owned int) string {
	if owned == 1 {
		return "the user's subscription"
	}
	return fmt.Sprintf("the user's %d subscriptions", owned)
}

func (s *section) deleteUser(x *page.Exchange) error {
	name := x.Value("user")
	if strings.EqualFold(name, x.Visitor.User) {
		return errOwn
	}
	options, all := []client.Call{seen(x)}, x.Form().Get("subscriptions") != ""
	if all {
		options = append(options, client.Query("deleteSubscriptions", "true"))
	}
	err := client.Delete(x.R.Context(), x.Client(), client.Path("users", name), options...)
	var refused *problem.Error
	if !errors.As(err, &refused) || refused.Status != http.StatusBadRequest {
		return s.done(x, err, "/admin/users", "deleted", usersCrumb)
	}
	question, f, owned, gone := s.deletion(x)
	if gone != nil {
		return gone
	}
	data := &screen{Lead: question, Forms: []*form{f}}
	if owned == 0 || all { // It was refused for something else.
		return s.refused(x, "Delete a user", data, f, err, nil, usersCrumb)
	}
	data.Links = []page.Link{{Text: "Look at the subscriptions", Path: "/admin/subscriptions?owner=" + client.Path(name)}}
	f.Problems = []page.Problem{{Field: "subscriptions",
		Text: "Nothing was deleted: " + subscriptionsOf(owned) + " would be left without an owner. " +
			"Tick the box to delete that too, or go through the list first."}}
	return s.answer(x, http.StatusUnprocessableEntity, "Delete a user", data, usersCrumb)
}

// code is a cell with a text in the font of code.
func code(text string) template.HTML {
	return template.HTML("<code>" + template.HTMLEscapeString(text) + "</code>") //nolint:gosec // It is escaped.
}
