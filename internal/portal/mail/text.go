package mail

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// plain is the text of a message for those who read no HTML: paragraphs parted
// by an empty line, a link's address after its words.
func plain(document string) string {
	t := textWriter{tokens: html.NewTokenizer(strings.NewReader(document))}
	for {
		switch t.tokens.Next() {
		case html.ErrorToken:
			return strings.TrimSpace(t.out.String()) + "\n"
		case html.TextToken:
			t.text(string(t.tokens.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			t.begin()
		case html.EndTagToken:
			t.end()
		}
	}
}

type textWriter struct {
	tokens *html.Tokenizer
	out    strings.Builder
	// hidden counts the elements around the place whose text is not shown.
	hidden int
	// link is the address of the link around the place, and label what it says.
	link  string
	label strings.Builder
	// lines are how many line ends are due before the next word.
	lines int
	space bool
}

func (t *textWriter) text(text string) {
	if t.hidden > 0 {
		return
	}
	if t.link != "" {
		t.label.WriteString(text)
	}
	words := strings.Fields(text)
	if len(words) == 0 {
		t.space = t.space || text != ""
		return
	}
	if t.space || strings.TrimLeft(text, " \t\r\n") != text {
		t.gap()
	}
	if t.lines > 0 && t.out.Len() > 0 {
		t.out.WriteString(strings.Repeat("\n", t.lines))
	}
	t.lines = 0
	t.out.WriteString(strings.Join(words, " "))
	t.space = strings.TrimRight(text, " \t\r\n") != text
}

// gap writes the space between two words, unless a line begins there.
func (t *textWriter) gap() {
	if t.out.Len() > 0 && t.lines == 0 {
		t.out.WriteByte(' ')
	}
	t.space = false
}

func (t *textWriter) begin() {
	name, more := t.tokens.TagName()
	switch tag := atom.Lookup(name); tag {
	case atom.Script, atom.Style, atom.Title:
		t.hidden++
	case atom.Br:
		t.lines = max(t.lines, 1)
	case atom.Li:
		t.block(1)
		t.text("- ")
	case atom.A:
		t.label.Reset()
		t.link = t.attribute("href", more)
	default:
		t.block(linesAround(tag))
	}
}

func (t *textWriter) end() {
	name, _ := t.tokens.TagName()
	switch tag := atom.Lookup(name); tag {
	case atom.Script, atom.Style, atom.Title:
		t.hidden = max(0, t.hidden-1)
	case atom.A:
		if link := t.link; link != "" && strings.TrimSpace(t.label.String()) != link {
			t.link = ""
			t.text(" <" + link + ">")
		}
		t.link = ""
	default:
		t.block(linesAround(tag))
	}
}

func (t *textWriter) block(lines int) {
	if lines > 0 {
		t.lines, t.space = max(t.lines, lines), false
	}
}

func (t *textWriter) attribute(name string, more bool) string {
	for more {
		var key, value []byte
		key, value, more = t.tokens.TagAttr()
		if string(key) == name {
			return string(value)
		}
	}
	return ""
}

// linesAround are the line ends before and after an element.
func linesAround(tag atom.Atom) int {
	switch tag {
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.Ul, atom.Ol, atom.Table, atom.Blockquote, atom.Pre:
		return 2
	case atom.Div, atom.Li, atom.Tr, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Hr:
		return 1
	default:
		return 0
	}
}
