package subscribe

import (
	"net/http"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/account/delegation"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// change changes a property of a subscription, as a visitor.
func change(x *page.Exchange, id, property, value string) error {
	return client.Patch(x.R.Context(), x.Client(), client.PathIn("subscriptions", id), map[string]any{property: value}, client.AsPortal())
}

// rename gives a subscription another name.
func (s *section) rename(x *page.Exchange) error {
	got, err := owned(x)
	if err != nil {
		return err
	}
	name := strings.TrimSpace(x.Form().Get("name"))
	list, status := checkName(name), http.StatusUnprocessableEntity
	if len(list) == 0 {
		err = change(x, got.Name, "displayName", name)
		if err == nil {
			return x.Redirect("/"+client.Path("subscriptions", got.Name), noticeRenamed)
		}
		if list, status = problems(err, map[string]string{"properties.displayName": "name"}); status == 0 {
			return err
		}
	}
	f := s.showPage(x, &got)
	f.NewName, f.Problems = name, list
	return s.renderShow(x, status, f)
}

// cancelPage asks whether a subscription shall end.
type cancelPage struct {
	row
	Problems []page.Problem
}

func (s *section) askCancel(x *page.Exchange) error {
	got, err := owned(x)
	if err != nil {
		return err
	}
	if !live(&got.Properties) {
		return x.Redirect("/"+client.Path("subscriptions", got.Name), "")
	}
	if away, err := delegatedEnd(x, got.Name); away || err != nil {
		return err
	}
	return s.renderCancel(x, http.StatusOK, &cancelPage{row: s.row(x, &got)})
}

func delegatedEnd(x *page.Exchange, id string) (away bool, err error) {
	return delegated(x, func(e *delegation.Endpoint) (string, error) { return e.Subscription(delegation.Unsubscribe, id) })
}

func (s *section) renderCancel(x *page.Exchange, status int, f *cancelPage) error {
	return x.Render(status, page.Page{
		Title: "Cancel subscription", Section: "subscriptions", Template: "cancel", Data: f,
		Crumbs: []page.Link{{Text: "Your subscriptions", Path: "/subscriptions"}, {Text: f.Name, Path: f.Path}},
	})
}

// cancel ends a subscription. One that has ended already is left as it is.
func (s *section) cancel(x *page.Exchange) error {
	got, err := owned(x)
	if err != nil {
		return err
	}
	path := "/" + client.Path("subscriptions", got.Name)
	if got.Properties.State == "cancelled" {
		return x.Redirect(path, noticeCancelled)
	}
	if !live(&got.Properties) {
		return x.Redirect(path, "")
	}
	if away, err := delegatedEnd(x, got.Name); away || err != nil {
		return err
	}
	err = change(x, got.Name, "state", "cancelled")
	if err == nil {
		return x.Redirect(path, noticeCancelled)
	}
	list, status := problems(err, nil)
	if status == 0 {
		return err
	}
	return s.renderCancel(x, status, &cancelPage{row: s.row(x, &got), Problems: list})
}
