package account

import (
	"context"
	"net/http"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/account/delegation"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// resetForm is what the page shows on which a link for a new password is asked
// for.
type resetForm struct {
	Problems  []page.Problem
	Email     string
	Challenge string
	Away      bool
}

// showReset shows where to ask for a link, or, to who follows one, where to type
// the new password.
func (a *accounts) showReset(x *page.Exchange) error {
	c, err := a.settings.Current()
	if err != nil {
		return err
	}
	if c.Delegation.SignIn {
		return a.arrive(x, c, delegation.SignIn)
	}
	if x.Form().Has("token") {
		f, err := a.linkForm(x)
		if err != nil {
			return err
		}
		return renderNewPassword(x, http.StatusOK, f)
	}
	return a.renderReset(x, http.StatusOK, &resetForm{})
}

func (a *accounts) renderReset(x *page.Exchange, status int, f *resetForm) error {
	challenge, err := a.guard.Challenge(x.R.Context(), "reset", x.Address())
	if err != nil {
		return err
	}
	f.Challenge = challenge
	return x.Render(status, page.Page{
		Title: "Reset your password", Template: "reset", Data: f, Modules: []string{"proof.js"}, Styles: styles,
	})
}

func renderNewPassword(x *page.Exchange, status int, f *linkForm) error {
	return x.Render(status, page.Page{Title: "Choose a new password", Template: "password", Data: f})
}

// askReset sends a link to an address that has an account. The page is the same
// for others.
func (a *accounts) askReset(x *page.Exchange) error {
	f := &resetForm{Email: x.Form().Get("email")}
	var wrong checks
	var err error
	email := wrong.email(f.Email)
	if len(wrong) == 0 {
		wrong, err = a.proven(x, "reset", email, wrong)
	}
	if f.Problems = wrong; len(wrong) > 0 {
		return a.renderReset(x, http.StatusUnprocessableEntity, f)
	}
	if err == nil {
		err = a.evenly(x.R.Context(), func(ctx context.Context) error { return a.sendReset(ctx, email) })
	}
	if client.IsUnavailable(err) {
		f.Away = true
		return a.renderReset(x, http.StatusServiceUnavailable, f)
	}
	if err != nil {
		return err
	}
	return x.Redirect("/reset/sent", "")
}

func (a *accounts) sendReset(ctx context.Context, email string) error {
	user, err := a.byEmail(ctx, email)
	if err != nil || user == nil {
		return err
	}
	switch user.Properties.State {
	case statePending:
		return a.tellOwner(ctx, user)
	case stateActive:
		return a.sendLink(ctx, link{
			user: user.Name, purpose: client.PurposePassword, life: resetLife, path: "/reset",
			template: "PasswordResetIdentityDefault", to: recipient(&user.Properties),
		})
	}
	return nil
}

func (a *accounts) showResetSent(x *page.Exchange) error {
	return x.Render(http.StatusOK, page.Page{Title: "Check your mail", Template: "sent", Data: sent{
		What: "to choose a new password", Again: "/reset", Mail: a.mail.Status(),
	}})
}

// reset sets the new password. The management plane ends all sessions and all
// other links with it.
func (a *accounts) reset(x *page.Exchange) error {
	f, err := a.linkForm(x)
	if err != nil {
		return err
	}
	var wrong checks
	password := wrong.password(x.Form().Get("password"), x.Form().Get("again"))
	if f.Problems = wrong; len(wrong) > 0 && !f.Dead {
		return renderNewPassword(x, http.StatusUnprocessableEntity, f)
	}
	user, status, err := a.redeem(x, f, client.Redeem{Purpose: client.PurposePassword, Password: password})
	if err != nil {
		return err
	}
	if status != 0 {
		return renderNewPassword(x, status, f)
	}
	a.rememberOwner(x, user)
	return x.Redirect("/signin", noticeReset)
}
