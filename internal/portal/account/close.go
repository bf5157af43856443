package account

import (
	"context"
	"net/http"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/account/delegation"
	"github.com/sallyport/sallyport/internal/portal/mail"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// closeForm is what the page of closing one's account shows.
type closeForm struct {
	Problems []page.Problem
	// Subscriptions are the names of those that end with the account.
	Subscriptions []string
	HasPassword   bool
	Email         string
	Away          bool
}

// maxNamed bounds the subscriptions that the page names.
const maxNamed = 100

func (a *accounts) closeForm(x *page.Exchange) (*closeForm, *client.User, error) {
	path := client.Path("users", x.Visitor.User)
	user, err := client.Get[client.User](x.R.Context(), x.Client(), path)
	if err != nil {
		return nil, nil, err
	}
	f := &closeForm{Email: user.Properties.Email}
	for _, i := range user.Properties.Identities {
		f.HasPassword = f.HasPassword || i.Provider == basic
	}
	for s, err := range client.List[client.Subscription](x.R.Context(), x.Client(), path+"/subscriptions") {
		if err != nil {
			return nil, nil, err
		}
		name := s.Properties.DisplayName
		if name == "" {
			name = s.Name
		}
		if f.Subscriptions = append(f.Subscriptions, name); len(f.Subscriptions) == maxNamed {
			break
		}
	}
	return f, &user.Properties, nil
}

func (a *accounts) showClose(x *page.Exchange) error {
	if gone, err := a.delegated(x, delegation.CloseAccount); gone || err != nil {
		return err
	}
	f, _, err := a.closeForm(x)
	if err != nil {
		return err
	}
	return renderClose(x, http.StatusOK, f)
}

func renderClose(x *page.Exchange, status int, f *closeForm) error {
	return x.Render(status, page.Page{
		Title: "Close your account", Section: "account", Template: "close", Data: f,
		Crumbs: []page.Link{{Text: "Your profile", Path: "/account"}},
	})
}

// closeAccount deletes the user with all subscriptions, in one transaction of the
// management plane, and tells the developer and the publishers.
func (a *accounts) closeAccount(x *page.Exchange) error {
	if gone, err := a.delegated(x, delegation.CloseAccount); gone || err != nil {
		return err
	}
	f, user, err := a.closeForm(x)
	if err != nil {
		return err
	}
	if f.HasPassword {
		wrong, err := a.wrongPassword(x, x.Form().Get("password"))
		if err != nil {
			return err
		}
		f.Problems = append(f.Problems, wrong...)
	} else if !strings.EqualFold(strings.TrimSpace(x.Form().Get("email")), user.Email) {
		f.Problems = append(f.Problems, page.Problem{Field: "email", Text: "Type the address of your account."})
	}
	if len(f.Problems) > 0 {
		return renderClose(x, http.StatusUnprocessableEntity, f)
	}
	err = client.Delete(x.R.Context(), x.Client(), client.Path("users", x.Visitor.User),
		client.Query("deleteSubscriptions", "true"), client.AsPortal())
	if err != nil {
		return err
	}
	a.tellClosed(x.R.Context(), user)
	if err := a.sessions.End(x); err != nil { // It went with the user; the cookie proves nothing any more.
		a.log.Debug("the session of a closed account had ended", "error", err.Error())
	}
	return x.Redirect("/", noticeClosed)
}

// wrongPassword is what is wrong with what was typed as the visitor's password.
func (a *accounts) wrongPassword(x *page.Exchange, password string) ([]page.Problem, error) {
	if password == "" {
		return []page.Problem{{Field: "password", Text: "Enter your password."}}, nil
	}
	known, err := a.knows(x, password)
	if known || err != nil {
		return nil, err
	}
	return []page.Problem{{Field: "password", Text: "This is not your password."}}, nil
}

// tellClosed sends the mails about a closed account. It is closed without them.
func (a *accounts) tellClosed(ctx context.Context, user *client.User) {
	if err := a.mail.Send(ctx, "AccountClosedDeveloper", recipient(user), nil); err != nil {
		a.log.Warn("a developer got no farewell letter", "error", err.Error())
	}
	name := strings.TrimSpace(user.FirstName + " " + user.LastName)
	err := a.mail.Notify(ctx, mail.AccountClosed, "A developer has closed an account",
		name+" ("+user.Email+") has closed the account in the developer portal. Its subscriptions ended with it.")
	if err != nil {
		a.log.Warn("publishers were not told of a closed account", "error", err.Error())
	}
}
