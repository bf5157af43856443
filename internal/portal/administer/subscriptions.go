package administer

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/mail"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/problem"
)

// subscriptionRoutes are approvals and subscriptions.
func (s *section) subscriptionRoutes() []page.Route {
	return []page.Route{
		{Pattern: "GET /admin/approvals", Run: s.approvals},
		{Pattern: "GET /admin/approvals/{subscription}", Run: s.approval},
		{Pattern: "POST /admin/approvals/{subscription}", Run: s.decide},
		{Pattern: "GET /admin/subscriptions", Run: s.subscriptions},
		{Pattern: "GET /admin/subscriptions/{subscription}", Run: s.subscription},
		{Pattern: "POST /admin/subscriptions/{subscription}/state", Run: s.subscriptionState},
		{Pattern: "GET /admin/subscriptions/{subscription}/cancel", Run: s.askCancel},
	}
}

var (
	approvalsCrumb     = page.Link{Text: "Approvals", Path: "/admin/approvals"}
	subscriptionsCrumb = page.Link{Text: "Subscriptions", Path: "/admin/subscriptions"}
)

func subscriptionPath(name string) string { return "/admin/" + client.Path("subscriptions", name) }

// lastOf is the name in an id.
func lastOf(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }

func (s *section) approvals(x *page.Exchange) error {
	number, skip := at(x)
	all, err := waiting(x.R.Context(), x.Client())
	if err != nil {
		return err
	}
	found, total := all[min(skip, len(all)):min(skip+pageSize, len(all))], len(all)
	owners, err := people(x.R.Context(), x.Client(), found)
	if err != nil {
		return err
	}
	scopes, err := readScopes(x.R.Context(), x.Client(), found)
	if err != nil {
		return err
	}
	list := &table{Columns: []string{"Subscription", "For", "Who asks", "Since"}, Pager: pager(x, number, total),
		Empty: "Nothing waits for approval."}
	for _, one := range found {
		p := one.Properties
		who := owners[strings.ToLower(lastOf(p.OwnerID))]
		list.Rows = append(list.Rows, []any{
			link(cmp.Or(p.DisplayName, one.Name), "/admin/"+client.Path("approvals", one.Name)), scopes.name(p.Scope),
			link(cmp.Or(fullName(who), who.Email, lastOf(p.OwnerID)), userPath(lastOf(p.OwnerID))), moment(p.CreatedDate),
		})
	}
	return s.show(x, "Approvals", &screen{Lead: "Subscriptions to products that need approval.", Tables: []*table{list}})
}

// described are the facts of a subscription.
func (s *section) described(x *page.Exchange) (client.Resource[client.Subscription], client.User, []fact, error) {
	one, err := client.Get[client.Subscription](x.R.Context(), x.Client(), client.PathIn("subscriptions", x.Value("subscription")))
	if err != nil {
		return one, client.User{}, nil, err
	}
	workspace, _ := client.WorkspaceOf(x.Value("subscription"))
	one.Name = client.Qualify(workspace, one.Name)
	only := []client.Resource[client.Subscription]{one}
	owners, err := people(x.R.Context(), x.Client(), only)
	if err != nil {
		return one, client.User{}, nil, err
	}
	scopes, err := readScopes(x.R.Context(), x.Client(), only)
	if err != nil {
		return one, client.User{}, nil, err
	}
	p := one.Properties
	who := owners[strings.ToLower(lastOf(p.OwnerID))]
	owner := any("–")
	if p.OwnerID != "" {
		owner = link(cmp.Or(fullName(who), who.Email, lastOf(p.OwnerID)), userPath(lastOf(p.OwnerID)))
	}
	facts := said(
		fact{"State", stateBadge(p.State)}, fact{"For", scopes.name(p.Scope)}, fact{"Owner", owner}, fact{"E-mail address", who.Email},
		fact{"Asked for", moment(p.CreatedDate)}, fact{"Began", moment(p.StartDate)}, fact{"Ends", moment(p.ExpirationDate)},
		fact{"Primary key ends", moment(p.PrimaryKeyExpires)}, fact{"Secondary key ends", moment(p.SecondaryKeyExpires)},
		fact{"Comment", p.StateComment}, fact{"Name of the resource", code(one.Name)},
	)
	return one, who, facts, nil
}

// said are the facts of which there is something to say.
func said(facts ...fact) []fact {
	return slices.DeleteFunc(facts, func(f fact) bool { return f.Text == "" || f.Text == "–" || f.Text == template.HTML("–") })
}

func decisionForms(name, etag string) []*form {
	path := "/admin/" + client.Path("approvals", name)
	return []*form{
		{Title: "Approve", Lead: "The keys work at once, and the subscriber is told by mail.", Action: path, ETag: etag, Submit: "Approve",
			Hidden: []hidden{{"decision", "approve"}}},
		{Title: "Reject", Action: path, ETag: etag, Submit: "Reject", Kind: "danger", Hidden: []hidden{{"decision", "reject"}}, Fields: []field{
			{Kind: "textarea", Name: "message", Label: "Message to the subscriber", Rows: 4, Optional: true,
				Hint: "Says why. It is in the mail, and beside the subscription."},
		}},
	}
}

func (s *section) approval(x *page.Exchange) error {
	one, _, facts, err := s.described(x)
	if err != nil {
		return err
	}
	data := &screen{Facts: facts}
	if one.Properties.State == "submitted" {
		data.Forms = decisionForms(one.Name, one.ETag)
	} else {
		data.Notes = []note{{"info", "", "It is decided already: the subscription is " + one.Properties.State + "."}}
	}
	return s.show(x, "Approval: "+cmp.Or(one.Properties.DisplayName, one.Name), data, approvalsCrumb)
}

// maxMessage bounds the message of a rejection, in bytes.
const maxMessage = 2000

// decide approves or rejects. The change comes first: mail tells only what is
// true.
func (s *section) decide(x *page.Exchange) error {
	one, who, facts, err := s.described(x)
	if err != nil {
		return err
	}
	if one.Properties.State != "submitted" {
		return x.Redirect("/admin/"+client.Path("approvals", one.Name), "unchanged")
	}
	message := strings.TrimSpace(strings.ReplaceAll(x.Form().Get("message"), "\r\n", "\n"))
	if len(message) > maxMessage {
		message = strings.ToValidUTF8(message[:maxMessage], "")
	}
	change, template, done := map[string]any{"state": "active"}, "PurchaseDeveloperNotificationMessage", page.Notice("approved")
	switch x.Form().Get("decision") {
	case "approve":
	case "reject":
		change, template, done = map[string]any{"state": "rejected", "stateComment": message}, "RejectDeveloperNotificationMessage", "rejected"
	default:
		return problem.Validation("The decision is approve or reject.")
	}
	path := client.PathIn("subscriptions", one.Name)
	if err := client.Patch(x.R.Context(), x.Client(), path, change, seen(x)); err != nil {
		data := &screen{Facts: facts, Forms: decisionForms(one.Name, one.ETag)}
		data.Forms[1].Fields[0].Value = message
		return s.refused(x, "Approval: "+one.Properties.DisplayName, data, data.Forms[0], err, s.latest(x, path), approvalsCrumb)
	}
	if err := s.tell(x, template, one, who, message); err != nil {
		x.Log().Warn("a decision about a subscription was not told", "subscription", one.Name, "error", err)
		done = "warn-no-mail"
	}
	return x.Redirect("/admin/approvals", done)
}

// tell puts the message about a decision into the outbox.
func (s *section) tell(x *page.Exchange, template string, one client.Resource[client.Subscription], who client.User,
	message string) error {
	if s.Mail == nil {
		return fmt.Errorf("there is no mail")
	}
	product := client.NameIn("products", one.Properties.Scope)
	if p, err := client.Get[client.Product](x.R.Context(), x.Client(), client.PathIn("products", product)); err == nil {
		product = p.Properties.DisplayName
	}
	return s.Mail.Send(x.R.Context(), template, mail.Recipient{Email: who.Email, FirstName: who.FirstName, LastName: who.LastName},
		map[string]string{
			"ProdName": product, "SubId": one.Name, "SubscriptionName": one.Properties.DisplayName, "Message": message,
			"SubStartDate": x.Clock().Now().UTC().Format("2 January 2006"), "SubTerm": "",
		})
}

func (s *section) subscriptions(x *page.Exchange) error {
	number, skip := at(x)
	text, state := query(x, "q"), query(x, "state")
	owner, err := byOwner().choose(x)
	if err != nil {
		return err
	}
	place, err := placeOf(x)
	if err != nil {
		return err
	}
	products := byProduct()
	products.Collection = within(place.Workspace, products.Collection)
	product, err := products.choose(x)
	if err != nil {
		return err
	}
	data := &screen{
		Search: &search{Action: "/admin/subscriptions", Fields: []field{
			{Name: "q", Label: "Name", Type: "search", Value: text}, owner.Field, product.Field,
			{Kind: "select", Name: "state", Label: "State", Value: state,
				Options: states("Any", "active", "submitted", "suspended", "rejected", "cancelled", "expired")},
		}},
	}
	data.Search.Fields = append(data.Search.Fields, place.fields()...)
	for _, filter := range []*chosen{owner, product} {
		if filter.Open {
			data.Tables = append(data.Tables, filter.Ask)
		}
	}
	if len(data.Tables) > 0 {
		return s.show(x, "Subscriptions", data)
	}
	found, total, err := client.Page[client.Subscription](x.R.Context(), x.Client(), within(place.Workspace, "subscriptions"), skip, pageSize,
		subscriptionFilter(text, owner.Name, product.Name, state)...)
	if err != nil {
		return err
	}
	qualify(place.Workspace, found)
	list, err := subscriptionTable(x, found)
	if err != nil {
		return err
	}
	list.Pager = pager(x, number, total)
	data.Tables = []*table{list}
	return s.show(x, "Subscriptions", data)
}

// subscriptionFilter selects subscriptions.
func subscriptionFilter(text, owner, product, state string) []client.Call {
	var filters []string
	if text != "" {
		filters = append(filters, "contains(displayName,"+quoted(text)+")")
	}
	if owner != "" {
		filters = append(filters, "endswith(ownerId,"+quoted("/users/"+owner)+")")
	}
	if product != "" {
		filters = append(filters, "endswith(scope,"+quoted("/products/"+product)+")")
	}
	switch state {
	case "active", "submitted", "suspended", "rejected", "cancelled", "expired":
		filters = append(filters, "state eq "+quoted(state))
	}
	if len(filters) == 0 {
		return nil
	}
	return []client.Call{client.Filter(strings.Join(filters, " and "))}
}

// subscriptionTable lists subscriptions with what they are for and whose they are.
func subscriptionTable(x *page.Exchange, found []client.Resource[client.Subscription]) (*table, error) {
	owners, err := people(x.R.Context(), x.Client(), found)
	if err != nil {
		return nil, err
	}
	scopes, err := readScopes(x.R.Context(), x.Client(), found)
	if err != nil {
		return nil, err
	}
	list := &table{Columns: []string{"Subscription", "For", "Owner", "State", "Asked for"}, Empty: "No subscription matches."}
	for _, one := range found {
		p := one.Properties
		who := any("–")
		if p.OwnerID != "" {
			owner := owners[strings.ToLower(lastOf(p.OwnerID))]
			who = link(cmp.Or(fullName(owner), owner.Email, lastOf(p.OwnerID)), userPath(lastOf(p.OwnerID)))
		}
		list.Rows = append(list.Rows, []any{link(cmp.Or(p.DisplayName, one.Name), subscriptionPath(one.Name)), scopes.name(p.Scope), who,
			stateBadge(p.State), moment(p.CreatedDate)})
	}
	return list, nil
}

func (s *section) subscription(x *page.Exchange) error {
	one, _, facts, err := s.described(x)
	if err != nil {
		return err
	}
	data := &screen{Facts: facts}
	change := func(state, submit, lead string) *form {
		return &form{Title: submit, Lead: lead, Action: subscriptionPath(one.Name) + "/state", ETag: one.ETag, Submit: submit,
			Kind: "secondary", Hidden: []hidden{{"state", state}}}
	}
	switch one.Properties.State {
	case "submitted":
		data.Links = append(data.Links, page.Link{Text: "Decide", Path: "/admin/" + client.Path("approvals", one.Name)})
	case "active":
		data.Forms = append(data.Forms, change("suspended", "Suspend", "Its keys stop working until it is activated again."))
	default:
		data.Forms = append(data.Forms, change("active", "Activate", "Its keys work again."))
	}
	if one.Properties.State != "cancelled" {
		data.Ends = append(data.Ends, page.Link{Text: "Cancel the subscription", Path: subscriptionPath(one.Name) + "/cancel"})
	}
	return s.show(x, "Subscription: "+cmp.Or(one.Properties.DisplayName, one.Name), data, subscriptionsCrumb)
}

func (s *section) subscriptionState(x *page.Exchange) error {
	name, state := x.Value("subscription"), x.Form().Get("state")
	switch state {
	case "active", "suspended", "cancelled":
	default:
		return problem.Validation("The state of a subscription is set to active, suspended or cancelled here.")
	}
	err := client.Patch(x.R.Context(), x.Client(), client.PathIn("subscriptions", name), map[string]any{"state": state}, seen(x))
	return s.done(x, err, subscriptionPath(name), "state", subscriptionsCrumb)
}

func (s *section) askCancel(x *page.Exchange) error {
	one, _, facts, err := s.described(x)
	if err != nil {
		return err
	}
	return s.show(x, "Cancel a subscription", &screen{
		Lead: "Its keys stop working at once.", Facts: facts,
		Forms: []*form{{
			Action: subscriptionPath(one.Name) + "/state", ETag: one.ETag, Submit: "Cancel the subscription", Kind: "danger",
			Cancel: subscriptionPath(one.Name), Keep: "Keep it", Hidden: []hidden{{"state", "cancelled"}},
		}},
	}, subscriptionsCrumb, page.Link{Text: cmp.Or(one.Properties.DisplayName, one.Name), Path: subscriptionPath(one.Name)})
}
