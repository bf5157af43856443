package account

import (
	"context"
	"errors"
	"net/http"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/problem"
)

// linkForm is what a page shows that a link in mail leads to. Reading the page
// does nothing: programs that look into mail follow links, too.
type linkForm struct {
	Settings *Configured
	Token    string
	Problems []page.Problem
	// First and Last are what an invited person has typed.
	First, Last string
	Agreed      bool
	// Email says that a new address is confirmed, and not a new account.
	Email bool
	// Dead says that the link does not work any more, Away that the management
	// plane did not answer.
	Dead, Away bool
}

// maxToken bounds a token, in bytes.
const maxToken = 512

func (a *accounts) linkForm(x *page.Exchange) (*linkForm, error) {
	c, err := a.settings.Current()
	if err != nil {
		return nil, err
	}
	form := x.Form()
	f := &linkForm{
		Settings: c, Token: form.Get("token"), Email: form.Get("for") == client.PurposeEmail,
		First: form.Get("first"), Last: form.Get("last"), Agreed: form.Get("agree") != "",
	}
	f.Dead = f.Token == "" || len(f.Token) > maxToken
	return f, nil
}

// redeem uses a token and says what became of it: a status and whether the form
// is to be shown again, or an error.
func (a *accounts) redeem(x *page.Exchange, f *linkForm, r client.Redeem) (user string, status int, err error) {
	if f.Dead {
		return "", http.StatusUnprocessableEntity, nil
	}
	r.Token = f.Token
	done, err := client.Post[client.Redeemed](x.R.Context(), a.client, "sallyportRedeem", r)
	refused, ok := errors.AsType[*problem.Error](err)
	switch {
	case err == nil:
		return done.User, 0, nil
	case client.IsUnavailable(err):
		f.Away = true
		return "", http.StatusServiceUnavailable, nil
	case ok && refused.Code == client.CodeInvalidToken:
		f.Dead = true
		return "", http.StatusUnprocessableEntity, nil
	case ok && refused.Status == http.StatusBadRequest:
		f.Problems = append(f.Problems, refusedFields(refused)...)
		return "", http.StatusUnprocessableEntity, nil
	}
	return "", 0, err
}

// refusedFields are what the management plane says of fields.
func refusedFields(refused *problem.Error) []page.Problem {
	if len(refused.Details) == 0 {
		return []page.Problem{{Field: refused.Target, Text: refused.Message}}
	}
	list := make([]page.Problem, 0, len(refused.Details))
	for _, d := range refused.Details {
		list = append(list, page.Problem{Field: d.Target, Text: d.Message})
	}
	return list
}

func (a *accounts) showConfirm(x *page.Exchange) error {
	f, err := a.linkForm(x)
	if err != nil {
		return err
	}
	return renderConfirm(x, http.StatusOK, f)
}

func renderConfirm(x *page.Exchange, status int, f *linkForm) error {
	return x.Render(status, page.Page{Title: "Confirm your address", Template: "confirm", Data: f})
}

// confirm makes a pending account active, or a new address the account's.
func (a *accounts) confirm(x *page.Exchange) error {
	f, err := a.linkForm(x)
	if err != nil {
		return err
	}
	purpose, notice := client.PurposeSignup, noticeConfirmed
	if f.Email {
		purpose, notice = client.PurposeEmail, noticeAddress
	}
	user, status, err := a.redeem(x, f, client.Redeem{Purpose: purpose, Password: x.Form().Get("password")})
	if err != nil {
		return err
	}
	if status != 0 {
		return renderConfirm(x, status, f)
	}
	if !f.Email {
		a.welcome(x.R.Context(), user)
	}
	return x.Redirect("/signin", notice)
}

// welcome sends the letter to new developers. The account is there without it.
func (a *accounts) welcome(ctx context.Context, name string) {
	user, err := client.Get[client.User](ctx, a.client, client.Path("users", name))
	if err == nil {
		err = a.mail.Send(ctx, "NewDeveloperNotificationMessage", recipient(&user.Properties), nil)
	}
	if err != nil {
		a.log.Warn("a new developer got no letter", "user", name, "error", err.Error())
	}
}
