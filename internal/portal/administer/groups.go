package administer

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// groupRoutes are the groups with their members.
func (s *section) groupRoutes() []page.Route {
	return []page.Route{
		{Pattern: "GET /admin/groups", Run: s.groups},
		{Pattern: "GET /admin/groups/new", Run: s.newGroup},
		{Pattern: "POST /admin/groups/new", Run: s.makeGroup},
		{Pattern: "GET /admin/groups/{group}", Run: s.group},
		{Pattern: "POST /admin/groups/{group}", Run: s.saveGroup},
		{Pattern: "POST /admin/groups/{group}/members", Run: s.addMember},
		{Pattern: "POST /admin/groups/{group}/members/remove", Run: s.removeMember},
		{Pattern: "GET /admin/groups/{group}/delete", Run: s.askDeleteGroup},
		{Pattern: "POST /admin/groups/{group}/delete", Run: s.deleteGroup},
	}
}

var groupsCrumb = page.Link{Text: "Groups", Path: "/admin/groups"}

func groupPath(name string) string { return "/admin/" + client.Path("groups", name) }

func (s *section) groups(x *page.Exchange) error {
	text := query(x, "q")
	number, skip := at(x)
	var options []client.Call
	if text != "" {
		options = append(options, client.Filter("contains(displayName,"+quoted(text)+")"))
	}
	found, total, err := client.Page[client.Group](x.R.Context(), x.Client(), "groups", skip, pageSize, options...)
	if err != nil {
		return err
	}
	list := &table{Columns: []string{"Group", "Description", "Type"}, Pager: pager(x, number, total), Empty: "No group matches."}
	for _, g := range found {
		list.Rows = append(list.Rows, []any{link(g.Properties.DisplayName, groupPath(g.Name)), g.Properties.Description,
			groupWord(g.Properties)})
	}
	return s.show(x, "Groups", &screen{
		Lead:   "Groups say who sees which products, and which pages.",
		Links:  []page.Link{{Text: "New group", Path: "/admin/groups/new"}},
		Search: &search{Action: "/admin/groups", Fields: []field{{Name: "q", Label: "Name", Type: "search", Value: text}}},
		Tables: []*table{list},
	})
}

func groupForm(action string, g client.Resource[client.Group]) *form {
	return &form{Action: action, ETag: g.ETag, Cancel: "/admin/groups", Fields: []field{
		{Name: "displayName", Label: "Name", Value: g.Properties.DisplayName, Required: true},
		{Kind: "textarea", Name: "description", Label: "Description", Value: g.Properties.Description, Rows: 3, Optional: true},
	}}
}

func (s *section) newGroup(x *page.Exchange) error {
	return s.show(x, "New group", &screen{Forms: []*form{groupForm("/admin/groups/new", client.Resource[client.Group]{})}}, groupsCrumb)
}

func (s *section) makeGroup(x *page.Exchange) error {
	name := x.Once()
	_, err := client.Put[client.Group](x.R.Context(), x.Client(), client.Path("groups", name), typedGroup(x), client.IfNew())
	if err != nil && !client.IsConflict(err) { // Sent twice, it is there already.
		f := groupForm("/admin/groups/new", client.Resource[client.Group]{}).fill(x.Form())
		return s.refused(x, "New group", &screen{Forms: []*form{f}}, f, err, nil, groupsCrumb)
	}
	return x.Redirect(groupPath(name), "made")
}

func typedGroup(x *page.Exchange) map[string]any {
	return map[string]any{
		"displayName": strings.TrimSpace(x.Form().Get("displayName")),
		"description": strings.ReplaceAll(x.Form().Get("description"), "\r\n", "\n"),
	}
}

func (s *section) group(x *page.Exchange) error {
	g, err := client.Get[client.Group](x.R.Context(), x.Client(), client.Path("groups", x.Value("group")))
	if err != nil {
		return err
	}
	data, err := s.groupScreen(x, g, groupForm(groupPath(g.Name), g), memberForm(g.Name))
	if err != nil {
		return err
	}
	return s.show(x, "Group: "+g.Properties.DisplayName, data, groupsCrumb)
}

// groupScreen is the page of a group with the forms of its details and of a new
// member.
func (s *section) groupScreen(x *page.Exchange, g client.Resource[client.Group], f, member *form) (*screen, error) {
	list, err := s.members(x, g)
	if err != nil {
		return nil, err
	}
	data := &screen{Facts: []fact{{"Type", groupWord(g.Properties)}, {"Name of the resource", code(g.Name)}}}
	if !g.Properties.BuiltIn {
		f.Title = "Details"
		data.Forms = append(data.Forms, f)
		data.Ends = []page.Link{{Text: "Delete the group", Path: groupPath(g.Name) + "/delete"}}
	} else if g.Properties.Description != "" {
		data.Lead = g.Properties.Description
	}
	if isAutomatic(g) {
		data.Below = []*table{list}
		return data, nil
	}
	member.About = list
	data.Forms = append(data.Forms, member)
	return data, nil
}

func (s *section) saveGroup(x *page.Exchange) error {
	name := x.Value("group")
	err := client.Patch(x.R.Context(), x.Client(), client.Path("groups", name), typedGroup(x), seen(x))
	if err == nil {
		return x.Redirect(groupPath(name), "saved")
	}
	g, readErr := client.Get[client.Group](x.R.Context(), x.Client(), client.Path("groups", name))
	if readErr != nil {
		return errors.Join(err, readErr)
	}
	f := groupForm(groupPath(name), g).fill(x.Form())
	data, readErr := s.groupScreen(x, g, f, memberForm(name))
	if readErr != nil {
		data = &screen{Forms: []*form{f}}
	}
	return s.refused(x, "Group: "+x.Form().Get("displayName"), data, f, err, s.latest(x, client.Path("groups", name)), groupsCrumb)
}

func (s *section) askDeleteGroup(x *page.Exchange) error {
	g, err := client.Get[client.Group](x.R.Context(), x.Client(), client.Path("groups", x.Value("group")))
	if err != nil {
		return err
	}
	return s.confirm(x, "Delete a group", fmt.Sprintf("Delete the group %q? Its members stay, and no longer see what only the group sees.",
		g.Properties.DisplayName), &form{
		Action: groupPath(g.Name) + "/delete", ETag: g.ETag, Submit: "Delete the group", Cancel: groupPath(g.Name),
	}, groupsCrumb)
}

func (s *section) deleteGroup(x *page.Exchange) error {
	err := client.Delete(x.R.Context(), x.Client(), client.Path("groups", x.Value("group")), seen(x))
	return s.done(x, err, "/admin/groups", "deleted", groupsCrumb)
}
