package account

import (
	netmail "net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/portal/page"
)

// Limits of what is typed. Passwords are as the management plane takes them.
const (
	minPassword = 8
	maxPassword = 1024 // In bytes.
	maxName     = 100
	maxEmail    = 254
)

// checks collects what is wrong with a form.
type checks []page.Problem

func (c *checks) add(field, text string) { *c = append(*c, page.Problem{Field: field, Text: text}) }

// email checks an address and returns it without spaces around.
func (c *checks) email(text string) string {
	text = strings.TrimSpace(text)
	parsed, err := netmail.ParseAddress(text)
	switch {
	case text == "":
		c.add("email", "Enter your e-mail address.")
	case err != nil || parsed.Address != text || len(text) > maxEmail || strings.ContainsAny(text, " <>,;\"\\"):
		c.add("email", "Enter an e-mail address, such as name@example.com.")
	}
	return text
}

// name checks a first or last name. What looks like an address is refused: names
// stand in mail, and robots sign others up to send them links.
func (c *checks) name(field, what, text string) string {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		c.add(field, "Enter your "+what+".")
	case utf8.RuneCountInString(text) > maxName || !utf8.ValidString(text):
		c.add(field, "Enter no more than 100 characters.")
	case strings.ContainsFunc(text, unicode.IsControl) || strings.Contains(text, "://") || strings.Contains(text, "@") ||
		strings.Contains(strings.ToLower(text), "www."):
		c.add(field, "Enter a name, without addresses and control characters.")
	}
	return text
}

// password checks a new password that was typed twice.
func (c *checks) password(password, again string) string {
	switch {
	case utf8.RuneCountInString(password) < minPassword:
		c.add("password", "Choose a password of at least 8 characters.")
	case len(password) > maxPassword:
		c.add("password", "Choose a password of at most 1,024 bytes.")
	case password != again:
		c.add("again", "Type the same password twice.")
	}
	return password
}
