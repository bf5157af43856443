package administer

import (
	"cmp"
	"errors"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/problem"
)

// membership lists the groups of a user and adds to them; f is the form where it
// was refused. own says that the user is the one who looks.
func membership(user string, own bool, in, all []client.Resource[client.Group], f *form) *form {
	list := &table{Caption: "Groups", Columns: []string{"Group", "Type", ""}, Empty: "The user is in no group."}
	is := map[string]bool{}
	for _, g := range in {
		p := g.Properties
		switch {
		case p.Workspace != "":
			list.cells(p.DisplayName, "of the workspace "+p.Workspace)
			continue
		case p.Type == "external", own && strings.EqualFold(g.Name, client.Administrators):
			list.cells(link(p.DisplayName, groupPath(g.Name)), groupWord(p))
		default:
			list.ending(&form{Action: userPath(user) + "/leave", Submit: "Take out", Of: "of " + p.DisplayName,
				Hidden: []hidden{{"leave", g.Name}}}, link(p.DisplayName, groupPath(g.Name)), groupWord(p))
		}
		is[strings.ToLower(g.Name)] = true
	}
	if f == nil {
		f = joinForm(user)
	}
	options := []page.Option{{Text: "Choose a group"}}
	for _, g := range all {
		if !is[strings.ToLower(g.Name)] && !isAutomatic(g) {
			options = append(options, page.Option{Value: g.Name, Text: g.Properties.DisplayName})
		}
	}
	f.Fields[0].Options, f.About = options, list
	return f
}

func joinForm(user string) *form {
	return &form{Action: userPath(user) + "/groups", Submit: "Add", Kind: "secondary",
		Fields: []field{{Kind: "select", Name: "group", Label: "Add to a group", Required: true}}}
}

// groupWord is the type of a group in words.
func groupWord(g client.Group) string {
	if g.BuiltIn {
		return "built in"
	}
	return g.Type
}

// isAutomatic says that nobody is put into a group by hand: whoever did not sign in
// is a guest, and members of external groups come from their directory.
func isAutomatic(g client.Resource[client.Group]) bool {
	return strings.EqualFold(g.Name, client.Guests) || g.Properties.Type == "external"
}

func (s *section) joinGroup(x *page.Exchange) error {
	name, group := x.Value("user"), x.Form().Get("group")
	if group == "" {
		f := joinForm(name)
		data, title, err := s.userScreen(x, nil, f)
		if err != nil {
			return err
		}
		return s.refused(x, title, data, f, &fieldError{"group", "Choose a group."}, nil, usersCrumb)
	}
	_, err := client.Put[client.User](x.R.Context(), x.Client(), client.Path("groups", group, "users", name), nil)
	return s.done(x, err, userPath(name), "group-added", usersCrumb)
}

func (s *section) leaveGroup(x *page.Exchange) error {
	name, group := x.Value("user"), x.Form().Get("leave")
	if err := s.leave(x, name, group); err != nil {
		return s.done(x, err, userPath(name), "", usersCrumb)
	}
	return x.Redirect(userPath(name), "group-removed")
}

// leave takes a user out of a group, but never its last resort: administrators do
// not take themselves out of theirs.
func (*section) leave(x *page.Exchange, user, group string) error {
	if strings.EqualFold(user, x.Visitor.User) && strings.EqualFold(group, client.Administrators) {
		return errOwn
	}
	if user == "" || group == "" {
		return problem.Validation("Choose who is taken out of which group.")
	}
	return client.Delete(x.R.Context(), x.Client(), client.Path("groups", group, "users", user))
}

func memberForm(group string) *form {
	return &form{Action: groupPath(group) + "/members", Submit: "Add", Kind: "secondary", Fields: []field{
		{Name: "email", Label: "Add a user by e-mail address", Type: "email", Required: true},
	}}
}

// members lists who is in a group, and adds to them where that is done by hand.
func (s *section) members(x *page.Exchange, g client.Resource[client.Group]) (*table, error) {
	number, skip := at(x)
	found, total, err := client.Page[client.User](x.R.Context(), x.Client(), client.Path("groups", g.Name, "users"), skip, pageSize)
	if err != nil {
		return nil, err
	}
	list := &table{Caption: "Members", Columns: []string{"Name", "E-mail address", "State"}, Pager: pager(x, number, total),
		Empty: "Nobody is in the group."}
	byHand := !isAutomatic(g)
	if byHand {
		list.Columns = append(list.Columns, "")
	}
	for _, u := range found {
		p := u.Properties
		row := []any{link(cmp.Or(fullName(p), p.Email), userPath(u.Name)), p.Email, stateBadge(p.State)}
		own := strings.EqualFold(u.Name, x.Visitor.User) && strings.EqualFold(g.Name, client.Administrators)
		switch {
		case !byHand:
			list.Rows = append(list.Rows, row)
		case own:
			list.cells(row...)
		default:
			list.ending(&form{Action: groupPath(g.Name) + "/members/remove", Submit: "Take out", Of: cmp.Or(fullName(p), p.Email),
				Hidden: []hidden{{"user", u.Name}}}, row...)
		}
	}
	return list, nil
}

func (s *section) addMember(x *page.Exchange) error {
	name, email := x.Value("group"), strings.TrimSpace(x.Form().Get("email"))
	err := s.join(x, name, email)
	if err == nil {
		return x.Redirect(groupPath(name), "group-added")
	}
	g, readErr := client.Get[client.Group](x.R.Context(), x.Client(), client.Path("groups", name))
	if readErr != nil {
		return errors.Join(err, readErr)
	}
	f := memberForm(name).fill(x.Form())
	data, readErr := s.groupScreen(x, g, groupForm(groupPath(name), g), f)
	if readErr != nil {
		return errors.Join(err, readErr)
	}
	return s.refused(x, "Group: "+g.Properties.DisplayName, data, f, err, nil, groupsCrumb)
}

// join adds the user of an address to a group.
func (*section) join(x *page.Exchange, group, email string) error {
	if email == "" {
		return &fieldError{"email", "Fill in the e-mail address of a user."}
	}
	ctx, c := x.R.Context(), x.Client()
	found, _, err := client.Page[client.User](ctx, c, "users", 0, 1, client.Filter("email eq "+quoted(email)))
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return &fieldError{"email", "No user has the address " + email + ". Invite the person first."}
	}
	_, err = client.Put[client.User](ctx, c, client.Path("groups", group, "users", found[0].Name), nil)
	return err
}

func (s *section) removeMember(x *page.Exchange) error {
	name := x.Value("group")
	if err := s.leave(x, x.Form().Get("user"), name); err != nil {
		return s.done(x, err, groupPath(name), "", groupsCrumb)
	}
	return x.Redirect(groupPath(name), "group-removed")
}
