package site

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/problem"
)

// Validate says all that is wrong with the content. Elements of the problems are
// paths in it, as "pages/about: title".
func (c *Content) Validate() problem.Problems {
	var v validation
	if len(c.Pages) > MaxPages {
		v.add("pages", "there are %d pages (limit MaxPages, %d)", len(c.Pages), MaxPages)
	}
	for _, slug := range c.Slugs() {
		v.under("pages/"+slug, c.Pages[slug].Validate(slug))
	}
	v.under("navigation", c.Navigation.Validate())
	v.under("look", c.Look.Validate())
	v.media(c.Media)
	for _, file := range c.Look.Theme.Files() {
		m, ok := c.Media[file]
		switch font := strings.HasSuffix(file, ".woff2"); {
		case !ok:
			v.add("look", "the theme names the file %q, which is not there", file)
		case font != (m.Type == TypeFont):
			v.add("look", "the theme names the file %q, which is %s", file, m.Type)
		}
	}
	if _, err := c.Revision(); err != nil {
		v.add("", "%v", err)
	}
	return v.found
}

// validation collects problems.
type validation struct{ found problem.Problems }

func (v *validation) add(element, format string, a ...any) {
	v.found = append(v.found, problem.Problem{
		Location: problem.Location{Element: element}, Message: fmt.Sprintf(format, a...),
	})
}

// under adds problems of a part.
func (v *validation) under(part string, problems problem.Problems) {
	for _, p := range problems {
		p.Element = strings.TrimSuffix(part+": "+p.Element, ": ")
		v.found = append(v.found, p)
	}
}

// line checks a text of one line.
func (v *validation) line(element, text string, limit int, required bool) {
	switch {
	case !utf8.ValidString(text):
		v.add(element, "is not UTF-8")
	case required && strings.TrimSpace(text) == "":
		v.add(element, "is empty")
	case utf8.RuneCountInString(text) > limit:
		v.add(element, "is longer than %d characters", limit)
	case strings.ContainsFunc(text, unicode.IsControl):
		v.add(element, "has a line break or another control character")
	}
}

// Validate says what is wrong with a page under its slug.
func (p Page) Validate(slug string) problem.Problems {
	var v validation
	if !ValidSlug(slug) {
		v.add("slug", "%q is no name of a page: lower-case letters, digits and dashes, at most %d of them", slug, MaxNameLength)
	}
	v.line("title", p.Title, MaxTitleLength, true)
	v.line("description", p.Description, MaxDescriptionLength, false)
	if len(p.Groups) > MaxPageGroups {
		v.add("groups", "are more than %d (limit MaxPageGroups)", MaxPageGroups)
	}
	for _, group := range p.Groups {
		v.line("groups", group, MaxNameLength, true)
	}
	switch {
	case len(p.Text) > MaxPageSize:
		v.add("text", "has %d bytes (limit MaxPageSize, %d)", len(p.Text), MaxPageSize)
	case !utf8.ValidString(p.Text):
		v.add("text", "is not UTF-8")
	case strings.ContainsAny(p.Text, "\x00\r"):
		v.add("text", "has a carriage return or a zero byte; lines end with a line feed")
	}
	return v.found
}

// Validate says what is wrong with the navigation.
func (n Navigation) Validate() problem.Problems {
	var v validation
	v.links("menu", n.Menu)
	v.links("footer", n.Footer)
	v.line("note", n.Note, MaxDescriptionLength, false)
	return v.found
}

func (v *validation) links(element string, links []Link) {
	if len(links) > MaxLinks {
		v.add(element, "has %d links (limit MaxLinks, %d)", len(links), MaxLinks)
	}
	for i, link := range links {
		at := fmt.Sprintf("%s[%d]", element, i)
		v.line(at+".label", link.Label, MaxTitleLength, true)
		if !ValidAddress(link.Address) {
			v.add(at+".address", "%q is neither a path such as /apis nor an https, http or mailto address", link.Address)
		}
	}
}

// Validate says what is wrong with the look.
func (l Look) Validate() problem.Problems {
	var v validation
	v.line("title", l.Title, MaxTitleLength, false)
	v.under("theme", l.Theme.Validate())
	return v.found
}

// media checks the list of media; Identify checks what they hold.
func (v *validation) media(media map[string]Medium) {
	if len(media) > MaxMedia {
		v.add("media", "there are %d files (limit MaxMedia, %d)", len(media), MaxMedia)
	}
	total := 0
	for _, file := range slices.Sorted(maps.Keys(media)) {
		m := media[file]
		total += m.Size
		switch {
		case !ValidFile(file):
			v.add("media/"+file, "is no name of a file: lower-case letters, digits, dots, dashes and underscores, at most %d of them",
				MaxNameLength)
		case extensions[m.Type] == nil:
			v.add("media/"+file, "has the type %q, which is none of PNG, JPEG, GIF, WebP and WOFF2", m.Type)
		case !slices.ContainsFunc(extensions[m.Type], func(e string) bool { return strings.HasSuffix(file, e) }):
			v.add("media/"+file, "is %s: its name must end in %s", m.Type, strings.Join(extensions[m.Type], " or "))
		case !validDigest(m.Digest):
			v.add("media/"+file, "has no SHA-256 digest")
		case m.Size <= 0 || m.Size > MaxMediumSize:
			v.add("media/"+file, "has %d bytes (limit MaxMediumSize, %d)", m.Size, MaxMediumSize)
		}
	}
	if total > MaxMediaSize {
		v.add("media", "have %d bytes together (limit MaxMediaSize, %d)", total, MaxMediaSize)
	}
}

// ValidSlug reports whether a name can be that of a page.
func ValidSlug(slug string) bool {
	return validName(slug, func(c byte) bool { return c == '-' })
}

// ValidFile reports whether a name can be that of an image or a font.
func ValidFile(file string) bool {
	return validName(file, func(c byte) bool { return c == '-' || c == '_' || c == '.' })
}

// validName takes lower-case letters and digits, and other characters after the
// first.
func validName(name string, also func(byte) bool) bool {
	if name == "" || len(name) > MaxNameLength {
		return false
	}
	for i := range len(name) {
		c := name[i]
		if letter := c >= 'a' && c <= 'z' || c >= '0' && c <= '9'; !letter && (i == 0 || !also(c)) {
			return false
		}
	}
	return true
}

func validDigest(digest string) bool {
	return len(digest) == 64 && strings.Trim(digest, "0123456789abcdef") == ""
}

// maxAddress bounds an address, in bytes.
const maxAddress = 2048

// ValidAddress reports whether an address may be linked: a path of the portal,
// or an absolute URL of a scheme that runs nothing.
func ValidAddress(address string) bool {
	if len(address) > maxAddress || strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f }) {
		return false
	}
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "":
		return strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//") || strings.HasPrefix(address, "#")
	case "https", "http":
		return u.Host != ""
	case "mailto":
		return u.Opaque != ""
	}
	return false
}
