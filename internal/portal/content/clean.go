package content

import (
	"html/template"
	"regexp"

	"github.com/microcosm-cc/bluemonday"
)

// cleaner takes out of HTML all that runs, loads from elsewhere, or could pass for
// a part of the portal itself.
type cleaner struct{ policy *bluemonday.Policy }

// classes are those of the design system that HTML may use.
var classes = regexp.MustCompile(`^(c-[a-z-]+|muted|lead|badge)( (c-[a-z-]+|muted|lead|badge))*$`)

// newCleaner makes the list of what is allowed. Everything else goes: scripts,
// styles, frames, forms, ids, event attributes, and addresses of other schemes.
func newCleaner() *cleaner {
	p := bluemonday.NewPolicy()
	p.AllowStandardURLs()
	p.AllowRelativeURLs(true)
	p.RequireNoFollowOnLinks(false)
	p.RequireNoReferrerOnFullyQualifiedLinks(true)
	p.AllowAttrs("href", "title").OnElements("a")
	p.AllowElements(
		"p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "strong", "em", "b", "i", "u", "s", "small", "sub", "sup", "mark",
		"code", "pre", "kbd", "samp", "var", "blockquote", "q", "cite", "abbr", "dl", "dt", "dd", "ul", "ol", "li",
		"figure", "figcaption", "details", "summary", "div", "span", "section", "article", "time", "address",
		"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "a",
	)
	p.AllowNoAttrs().OnElements("a", "span")
	p.AllowAttrs("class").Matching(classes).OnElements("div", "section", "article", "p", "span", "ul", "a")
	p.AllowAttrs("colspan", "rowspan").Matching(bluemonday.Integer).OnElements("td", "th")
	p.AllowAttrs("scope").Matching(regexp.MustCompile(`^(col|row|colgroup|rowgroup)$`)).OnElements("th")
	p.AllowAttrs("lang").Matching(regexp.MustCompile(`^[a-zA-Z]{2,8}(-[a-zA-Z0-9]{1,8})*$`)).Globally()
	p.AllowAttrs("title").OnElements("abbr")
	p.AllowAttrs("datetime").Matching(bluemonday.ISO8601).OnElements("time")
	p.AllowAttrs("open").Matching(regexp.MustCompile(`^(|open)$`)).OnElements("details")
	return &cleaner{p}
}

func (c *cleaner) clean(html string) template.HTML {
	return template.HTML(c.policy.Sanitize(html)) //nolint:gosec // This is what makes it safe.
}

// CleanHTML takes out of HTML all that runs or loads from elsewhere, for a look at
// it.
func CleanHTML(html string) template.HTML { return newCleaner().clean(html) }
