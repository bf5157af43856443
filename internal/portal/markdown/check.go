package markdown

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"
)

// checker brings a parsed document into the form in which it may be rendered.
type checker struct {
	options  Options
	headings []Heading
	levels   []int
	used     map[string]bool
}

// document checks all nodes. They are collected first, since checking moves them.
func (c *checker) document(root ast.Node, source []byte) {
	c.used = make(map[string]bool)
	var nodes []ast.Node
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			nodes = append(nodes, n)
		}
		return ast.WalkContinue, nil
	})
	for _, n := range nodes {
		switch n := n.(type) {
		case *ast.Heading:
			c.heading(n, source)
		case *ast.Link:
			if destination, ok := linkOf(n.Destination); ok && textOf(n, source) != "" {
				n.Destination = escaped(destination)
				markOutside(n, destination)
			} else {
				unwrap(n)
			}
		case *ast.AutoLink:
			c.autoLink(n, source)
		case *ast.Image:
			c.image(n, source)
		case *ast.RawHTML:
			rawHTML(n, source)
		}
	}
}

// heading gives a heading its level and its anchor.
func (c *checker) heading(n *ast.Heading, source []byte) {
	for len(c.levels) > 0 && c.levels[len(c.levels)-1] >= n.Level {
		c.levels = c.levels[:len(c.levels)-1]
	}
	c.levels = append(c.levels, n.Level)
	n.Level = min(c.options.Level+len(c.levels)-1, 6)
	n.RemoveAttributes()
	if len(c.headings) == MaxHeadings {
		return
	}
	label := textOf(n, source)
	id := c.anchor(label)
	n.SetAttributeString("id", []byte(id))
	c.headings = append(c.headings, Heading{Level: n.Level, ID: id, Text: label})
}

// anchor makes an id of a heading, which no other one has.
func (c *checker) anchor(label string) string {
	const maxAnchor = 60
	var b strings.Builder
	for _, r := range strings.ToLower(label) {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r):
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= maxAnchor {
			break
		}
	}
	id := c.options.Prefix + strings.Trim(b.String(), "-")
	if c.used[id] || id == c.options.Prefix {
		id += "-" + strconv.Itoa(len(c.headings)+1)
	}
	c.used[id] = true
	return id
}

// textOf is the plain text of a node's children.
func textOf(n ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			b.Write(n.Value(source))
			if n.SoftLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(n.Value)
		case *ast.AutoLink:
			b.Write(n.Label(source))
		}
		return ast.WalkContinue, nil
	})
	return strings.TrimSpace(b.String())
}

// Link checks the address of a link: http, https and mailto with what belongs to them, a path of this portal,
// or an anchor. It returns the address in a form that is safe in an attribute, or false.
func Link(address string) (string, bool) {
	if address == "" || len(address) > MaxURL || strings.ContainsFunc(address, unsafeInURL) {
		return "", false
	}
	u, err := url.Parse(address)
	if err != nil || u.User != nil {
		return "", false
	}
	safe := u.String()
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		return safe, u.Host != ""
	case "mailto":
		return safe, strings.Contains(u.Opaque, "@")
	case "":
		return safe, safe != "" && u.Host == "" && !strings.HasPrefix(safe, "//")
	}
	return "", false
}

// linkOf is Link for an address as it stands in the source: with references to characters, and maybe long and
// in many places.
func linkOf(address []byte) (string, bool) {
	if len(address) > MaxURL {
		return "", false
	}
	address = util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(address)))
	return Link(string(address))
}

// escaped is an address as the source would have it: the renderer resolves references once more.
func escaped(address string) []byte { return []byte(strings.ReplaceAll(address, "&", "&amp;")) }

// unsafeInURL are characters that browsers drop or read as others.
func unsafeInURL(r rune) bool {
	return r <= ' ' || r == 0x7f || r == '\\' || r == '"' || r == '<' || r == '>' || r == '`' || unicode.IsControl(r)
}

// markOutside says of a link that it leaves the portal, which is told nothing of the page it was on.
func markOutside(n ast.Node, destination string) {
	if strings.Contains(destination, ":") && !strings.HasPrefix(destination, "/") && !strings.HasPrefix(destination, "#") {
		n.SetAttributeString("rel", []byte("noopener noreferrer"))
	}
}

func (c *checker) autoLink(n *ast.AutoLink, source []byte) {
	address := string(n.URL(source))
	if n.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(address, "mailto:") {
		address = "mailto:" + address
	}
	destination, ok := Link(address)
	if !ok {
		n.Parent().ReplaceChild(n.Parent(), n, ast.NewString(n.Label(source)))
		return
	}
	markOutside(n, destination)
}

// image lets pictures of the portal's own stay. Others would tell their host who reads the page, and are not
// loaded for that reason: they become links.
func (c *checker) image(n *ast.Image, source []byte) {
	destination, ok := linkOf(n.Destination)
	switch {
	case ok && strings.HasPrefix(destination, "/"):
		if c.options.Image != nil {
			if destination, ok = c.options.Image(destination); !ok {
				break
			}
		}
		n.Destination = escaped(destination)
		n.SetAttributeString("loading", []byte("lazy"))
		return
	case ok && (strings.HasPrefix(destination, "http:") || strings.HasPrefix(destination, "https:")) && !inLink(n):
		link := ast.NewLink()
		link.Destination = escaped(destination)
		markOutside(link, destination)
		if textOf(n, source) == "" {
			link.AppendChild(link, ast.NewString([]byte("Picture")))
		}
		move(n, link)
		n.Parent().ReplaceChild(n.Parent(), n, link)
		return
	}
	unwrap(n)
}

func inLink(n ast.Node) bool {
	for p := n.Parent(); p != nil; p = p.Parent() {
		if p.Kind() == ast.KindLink {
			return true
		}
	}
	return false
}

func move(from, to ast.Node) {
	for child := from.FirstChild(); child != nil; {
		next := child.NextSibling()
		to.AppendChild(to, child)
		child = next
	}
}

// unwrap leaves of a node what is in it.
func unwrap(n ast.Node) {
	parent := n.Parent()
	for child := n.FirstChild(); child != nil; {
		next := child.NextSibling()
		parent.InsertBefore(parent, n, child)
		child = next
	}
	parent.RemoveChild(parent, n)
}

// rawHTML drops a tag. A line break, and the end of a block, stays a break.
func rawHTML(n *ast.RawHTML, source []byte) {
	var tag strings.Builder
	for i := range n.Segments.Len() {
		segment := n.Segments.At(i)
		tag.Write(segment.Value(source))
	}
	name := strings.ToLower(strings.Trim(tag.String(), "<>/ \t\n"))
	name, _, _ = strings.Cut(name, " ")
	switch name {
	case "br":
	case "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6":
		if !strings.HasPrefix(tag.String(), "</") || n.NextSibling() == nil {
			n.Parent().RemoveChild(n.Parent(), n)
			return
		}
	default:
		n.Parent().RemoveChild(n.Parent(), n)
		return
	}
	line := ast.NewText()
	line.SetHardLineBreak(true)
	n.Parent().ReplaceChild(n.Parent(), n, line)
}
