package reference

import (
	"html/template"
	"net/url"
	"strings"

	"github.com/sallyport/sallyport/internal/portal/markdown"
	"github.com/sallyport/sallyport/internal/portal/reference/description"
)

// words is a text of a document, which may be Markdown. Most texts are not, and
// cost nothing.
func words(text, anchor string) template.HTML { return wordsAt(levelInside, text, anchor) }

// levelInside is the level of headings in texts that stand below an <h2>.
const levelInside = 3

// wordsAt is words whose first headings are of a level.
func wordsAt(level int, text, anchor string) template.HTML {
	if text == "" {
		return ""
	}
	if !strings.ContainsAny(text, "*_`[]<>#\n&\\|~:") && !strings.HasPrefix(text, "-") && !strings.Contains(text, "1.") {
		return template.HTML("<p>" + template.HTMLEscapeString(text) + "</p>") //nolint:gosec // It is escaped.
	}
	return markdown.Render(text, markdown.Options{Level: level, Prefix: anchor + "-"})
}

// maxFirstLine bounds the summary of a page, in characters.
const maxFirstLine = 160

// firstLine is the beginning of a text, without markup.
func firstLine(text string) string {
	if text == "" {
		return ""
	}
	return markdown.Text(text, maxFirstLine)
}

func pathPart(name string) string { return url.PathEscape(name) }

// securityView is one way to be let in.
type securityView struct {
	Schemes []schemeView
}

type schemeView struct {
	description.Needed
	Words string
	Text  template.HTML
}

func securityViews(all []description.Requirement) []securityView {
	var out []securityView
	for _, r := range all {
		v := securityView{}
		for _, n := range r.Schemes {
			v.Schemes = append(v.Schemes, schemeView{n, schemeWords(n.Scheme), words(n.Scheme.Text, "security-"+n.Scheme.Name)})
		}
		out = append(out, v)
	}
	return out
}

// schemeWords says what a scheme is.
func schemeWords(s description.Scheme) string {
	switch s.Type {
	case "apiKey":
		return "key in the " + s.In + " parameter " + s.Parameter
	case "http":
		if strings.EqualFold(s.HTTP, "bearer") && s.Format != "" {
			return "bearer token (" + s.Format + ") in the header Authorization"
		}
		return "HTTP " + s.HTTP + " in the header Authorization"
	case "oauth2":
		return "OAuth 2.0"
	case "openIdConnect":
		return "OpenID Connect"
	case "mutualTLS":
		return "client certificate"
	default:
		return s.Type
	}
}
