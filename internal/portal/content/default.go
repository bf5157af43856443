package content

import (
	_ "embed"
	"strings"

	"github.com/sallyport/sallyport/internal/model/site"
)

// defaultHome is the home page of a portal that has published nothing.
//
//go:embed default/home.md
var defaultHome string

// namePlace is where the publisher's name comes in the default content.
const namePlace = "$NAME"

// Default is the content of a portal that has published nothing, with the name of
// the publisher.
func Default(name string) *site.Content {
	c := &site.Content{Pages: map[string]site.Page{}}
	home, err := site.ParsePage([]byte(defaultHome))
	if err != nil { // A test reads the page.
		return c
	}
	home.Text = strings.ReplaceAll(home.Text, namePlace, literal(name))
	c.Pages[site.HomePage] = home
	return c
}

// literal is a text on one line that Markdown takes as it is.
func literal(text string) string {
	var b strings.Builder
	for _, r := range strings.Join(strings.Fields(text), " ") {
		if strings.ContainsRune("\\`*_{}[]()<>#+-.!|~&:\"", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
