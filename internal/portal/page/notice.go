package page

import (
	"net/http"
	"strings"
	"time"
)

// Notices travel in a cookie: no address then makes the portal say what did not
// happen.
const (
	noticeCookie = "sallyport-notice"
	noticeLife   = time.Minute
	maxNotice    = 100
)

// noticeSignInAgain is the frame's own: the session ended while a form was open.
const noticeSignInAgain Notice = "warn-sign-in-again"

// shownNotice is a notice on a page.
type shownNotice struct{ Kind, Text string }

// setNotice keeps a notice for the next page.
func (x *Exchange) setNotice(n Notice) {
	section := frameName
	if x.part != nil {
		section = x.part.Name
	}
	http.SetCookie(x.W, &http.Cookie{ //nolint:gosec // Secure where the portal has TLS; on loopback browsers would refuse it.
		Name: x.Site.CookieName(noticeCookie), Value: section + "." + string(n), Path: "/", MaxAge: int(noticeLife / time.Second),
		Secure: x.Site.Secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// takeNotice is the notice that is waiting for this page, once.
func (x *Exchange) takeNotice() *shownNotice {
	name := x.Site.CookieName(noticeCookie)
	c, err := x.R.Cookie(name)
	if err != nil || len(c.Value) > maxNotice {
		return nil
	}
	http.SetCookie(x.W, &http.Cookie{ //nolint:gosec // Secure where the portal has TLS; on loopback browsers would refuse it.
		Name: name, Path: "/", MaxAge: -1, Secure: x.Site.Secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	text := x.Site.notices[c.Value]
	if text == "" {
		return nil
	}
	_, code, _ := strings.Cut(c.Value, ".")
	return &shownNotice{noticeKind(code), text}
}

// noticeKind is the look of a notice, by its code.
func noticeKind(code string) string {
	switch {
	case strings.HasPrefix(code, "warn-"):
		return "warning"
	case strings.HasPrefix(code, "fail-"):
		return "danger"
	default:
		return "success"
	}
}
