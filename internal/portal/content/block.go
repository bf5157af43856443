package content

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/model/site"
)

// Limits of the blocks of a page.
const (
	// MaxBlocks bounds the blocks of a page, the parts of cards and columns
	// included.
	MaxBlocks = 200
	// MaxBlockDepth bounds how deep blocks lie in one another.
	MaxBlockDepth = 3
	// MaxListed bounds what the blocks apis and products show.
	MaxListed = 50
	// maxFaults bounds the problems that are told of one page.
	maxFaults = 20
)

// Fault is what is wrong with the text of a page.
type Fault struct {
	// Line counts from 1.
	Line int
	Text string
}

// String is the fault as people read it.
func (f Fault) String() string { return fmt.Sprintf("Line %d: %s", f.Line, f.Text) }

// block is a part of a page: Markdown where name is "", or what a directive says.
type block struct {
	name     string
	line     int
	settings map[string]string
	text     string
	// parts are what it holds, divided by lines of three plus signs.
	parts [][]*block
}

// setting checks the value of a setting; it returns what is wrong, or "".
type setting func(value string) string

// shape says what a directive takes.
type shape struct {
	settings map[string]setting
	required []string
	// holds says that other blocks may be in it; raw, that its text is taken as it
	// is. Where neither is set, it has no text.
	holds, raw bool
	// parted says that lines of three plus signs divide it.
	parted bool
}

// shapes are the directives. It is never written.
var shapes = map[string]shape{
	"hero":     {holds: true, settings: map[string]setting{"image": isFile}},
	"cards":    {holds: true, parted: true},
	"columns":  {holds: true, parted: true},
	"notice":   {holds: true, settings: map[string]setting{"kind": oneOf("information", "success", "warning")}},
	"apis":     {settings: map[string]setting{"limit": isLimit, "tag": isText}},
	"products": {settings: map[string]setting{"limit": isLimit}},
	"button": {required: []string{"href", "label"}, settings: map[string]setting{
		"href": isAddress, "label": isText, "kind": oneOf("primary", "secondary")}},
	"image":    {required: []string{"file", "alt"}, settings: map[string]setting{"file": isFile, "alt": isText}},
	"contents": {},
	"html":     {raw: true},
}

func isFile(value string) string {
	if !site.ValidFile(value) || strings.HasSuffix(value, ".woff2") {
		return "is no name of an image"
	}
	return ""
}

func isLimit(value string) string {
	if n, err := strconv.Atoi(value); err != nil || n < 1 || n > MaxListed {
		return fmt.Sprintf("is no number from 1 to %d", MaxListed)
	}
	return ""
}

func isText(value string) string {
	if len(value) > site.MaxDescriptionLength {
		return fmt.Sprintf("is longer than %d bytes", site.MaxDescriptionLength)
	}
	return ""
}

func isAddress(value string) string {
	if !site.ValidAddress(value) {
		return "is neither a path such as /apis nor an https, http or mailto address"
	}
	return ""
}

func oneOf(values ...string) setting {
	return func(value string) string {
		if !slices.Contains(values, value) {
			return "is none of " + strings.Join(values, ", ")
		}
		return ""
	}
}

// parser reads the text of a page line by line.
type parser struct {
	open   []*block // From the outermost; the first is the page.
	count  int
	fence  string // The fence of code that is open, or "".
	faults []Fault
}

// parse divides the text of a page into blocks. Faults are what it could not
// read; the blocks are then what it could.
func parse(text string) ([]*block, []Fault) {
	page := &block{parts: [][]*block{nil}}
	p := &parser{open: []*block{page}}
	n := 0
	for line := range strings.Lines(text) {
		n++
		p.line(n, line)
	}
	for _, b := range p.open[1:] {
		p.fault(b.line, "the block %q has no end: a line of three colons", b.name)
	}
	return page.parts[0], p.faults
}

func (p *parser) fault(line int, format string, a ...any) {
	if len(p.faults) < maxFaults {
		p.faults = append(p.faults, Fault{line, fmt.Sprintf(format, a...)})
	}
}

func (p *parser) top() *block { return p.open[len(p.open)-1] }

func (p *parser) line(n int, line string) {
	bare := strings.TrimSpace(line)
	top := p.top()
	switch {
	case p.code(bare):
		p.markdown(n, line)
	case bare == ":::" && len(p.open) > 1:
		p.open = p.open[:len(p.open)-1]
	case bare == ":::":
		p.fault(n, "three colons end a block, and none is open here")
	case shapes[top.name].raw:
		top.text += line
	case strings.HasPrefix(bare, ":::"):
		p.begin(n, strings.TrimSpace(bare[3:]))
	case bare == "+++" && shapes[top.name].parted:
		top.parts = append(top.parts, nil)
		p.counted(n)
	default:
		p.markdown(n, line)
	}
}

// code keeps track of fenced code, in which colons are code.
func (p *parser) code(bare string) bool {
	if shapes[p.top().name].raw {
		return false
	}
	mark := ""
	for _, c := range []string{"`", "~"} {
		if run := len(bare) - len(strings.TrimLeft(bare, c)); run >= 3 {
			mark = strings.Repeat(c, run)
		}
	}
	switch {
	case p.fence == "" && mark != "":
		p.fence = mark
		return true
	case p.fence != "" && strings.HasPrefix(mark, p.fence) && strings.Trim(bare, mark[:1]) == "":
		p.fence = ""
		return true
	}
	return p.fence != ""
}

// markdown adds a line to the Markdown of the block that is open.
func (p *parser) markdown(n int, line string) {
	top := p.top()
	if !shapes[top.name].holds && top.name != "" {
		if strings.TrimSpace(line) != "" {
			p.fault(n, "the block %q takes no text", top.name)
		}
		return
	}
	part := &top.parts[len(top.parts)-1]
	if last := len(*part) - 1; last >= 0 && (*part)[last].name == "" {
		(*part)[last].text += line
		return
	}
	*part = append(*part, &block{line: n, text: line})
}

// counted reports whether one more block is allowed.
func (p *parser) counted(n int) bool {
	p.count++
	if p.count == MaxBlocks+1 {
		p.fault(n, "the page has more than %d blocks (limit MaxBlocks)", MaxBlocks)
	}
	return p.count <= MaxBlocks
}

// begin opens a block.
func (p *parser) begin(n int, head string) {
	head, closed := strings.CutSuffix(head, ":::")
	name, rest, _ := strings.Cut(strings.TrimSpace(head), " ")
	b := &block{name: name, line: n, settings: map[string]string{}, parts: [][]*block{nil}}
	s, known := shapes[name]
	switch {
	case !known:
		p.fault(n, "there is no block %q; the blocks are %s", clip(name), strings.Join(slices.Sorted(maps.Keys(shapes)), ", "))
	case !p.counted(n):
		known = false
	case len(p.open) > MaxBlockDepth:
		p.fault(n, "blocks lie more than %d deep (limit MaxBlockDepth)", MaxBlockDepth)
		known = false
	case !shapes[p.top().name].holds && p.top().name != "":
		p.fault(n, "the block %q can hold no other", p.top().name)
		known = false
	default:
		p.settings(b, s, rest)
	}
	if known {
		part := &p.top().parts[len(p.top().parts)-1]
		*part = append(*part, b)
	}
	if !closed {
		p.open = append(p.open, b)
	}
}

// settings reads name=value and name="a value".
func (p *parser) settings(b *block, s shape, text string) {
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		name, rest, ok := strings.Cut(text, "=")
		if !ok || strings.ContainsAny(name, " \"") {
			p.fault(b.line, "%q is no setting; write name=value or name=\"a value\"", clip(text))
			return
		}
		var value string
		if quoted, isQuoted := strings.CutPrefix(rest, `"`); isQuoted {
			if value, text, ok = strings.Cut(quoted, `"`); !ok {
				p.fault(b.line, "the value of %s has no end: a second quotation mark", clip(name))
				return
			}
		} else {
			value, text, _ = strings.Cut(rest, " ")
		}
		check, known := s.settings[name]
		if !known {
			p.fault(b.line, "the block %q has no setting %q", b.name, clip(name))
			continue
		}
		if wrong := check(value); wrong != "" {
			p.fault(b.line, "the setting %s, %q, %s", name, clip(value), wrong)
			continue
		}
		b.settings[name] = value
	}
	for _, name := range s.required {
		if _, ok := b.settings[name]; !ok && len(p.faults) == 0 {
			p.fault(b.line, "the block %q needs the setting %s", b.name, name)
		}
	}
}

// clip shortens what a fault quotes.
func clip(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
