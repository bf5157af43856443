package account

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/portal/session"
)

// sessionsPage is what the page of one's sessions shows.
type sessionsPage struct {
	Sessions []sessionRow
}

type sessionRow struct {
	client.Session
	ID string
	// Own says that it is the session of this browser.
	Own bool
	How string
	// Browser is its name for people.
	Browser string
}

func (a *accounts) showSessions(x *page.Exchange) error {
	list, err := a.sessions.List(x.R.Context(), x.Visitor.User)
	if err != nil {
		return err
	}
	c, err := a.settings.Current()
	if err != nil {
		return err
	}
	var p sessionsPage
	for _, s := range list {
		row := sessionRow{
			Session: s.Properties, ID: s.Name, Own: s.Name == x.Visitor.Session, How: titleOf(c, s.Properties.Provider),
			Browser: session.Browser(s.Properties.Agent),
		}
		switch row.Provider {
		case basic:
			row.How = "Password"
		case "SSO":
			row.How = "Sign-on link"
		}
		p.Sessions = append(p.Sessions, row)
	}
	slices.SortFunc(p.Sessions, func(l, r sessionRow) int {
		if l.Own != r.Own {
			if l.Own {
				return -1
			}
			return 1
		}
		return cmp.Or(r.LastSeen.Compare(l.LastSeen), cmp.Compare(l.ID, r.ID))
	})
	return x.Render(http.StatusOK, page.Page{Title: "Your sessions", Section: "account", Template: "sessions", Data: &p})
}

// endSession ends one of the visitor's sessions, or all others.
func (a *accounts) endSession(x *page.Exchange) error {
	id, user := x.Form().Get("session"), x.Visitor.User
	switch id {
	case "":
		return x.Redirect("/account/sessions", "")
	case "others":
		if err := a.sessions.EndAll(x.R.Context(), user, x.Visitor.Session); err != nil {
			return err
		}
	case x.Visitor.Session:
		return a.signOut(x)
	default:
		if err := a.sessions.EndOne(x.R.Context(), user, id); err != nil {
			return err
		}
	}
	return x.Redirect("/account/sessions", noticeEnded)
}
