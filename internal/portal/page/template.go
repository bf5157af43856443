package page

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"
)

//go:embed templates/*.html
var frameTemplates embed.FS

//go:embed assets
var frameAssets embed.FS

// frameName is the name of the frame's own section.
const frameName = "page"

// frame is the section of what belongs to no section.
func frame() *Section {
	// A folder that is embedded is there.
	assets, _ := fs.Sub(frameAssets, "assets") //nolint:errcheck // See above.
	return &Section{Name: frameName, Assets: assets, Notices: map[Notice]string{
		noticeSignInAgain: "Your session has ended, so nothing was changed. Sign in, then send the form again.",
	}}
}

// templates are the parsed templates of a section, with the frame's.
type templates struct{ set *template.Template }

// baseTemplates parses what all sections share.
func (s *Site) baseTemplates() (*templates, error) {
	set := template.New("").Funcs(s.functions())
	if err := parse(set, frameTemplates); err != nil {
		return nil, fmt.Errorf("parsing the portal's layout: %w", err)
	}
	return &templates{set}, nil
}

// with returns the templates with those of a section added.
func (t *templates) with(files fs.FS) (*templates, error) {
	set, err := t.set.Clone()
	if err != nil {
		return nil, err
	}
	if files != nil {
		if err := parse(set, files); err != nil {
			return nil, err
		}
	}
	return &templates{set}, nil
}

// parse reads all *.html below a folder. A file is a template by its name
// without the folder and the ending.
func parse(set *template.Template, files fs.FS) error {
	return fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".html" {
			return err
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		_, err = set.New(strings.TrimSuffix(path.Base(name), ".html")).Parse(string(text))
		return err
	})
}

// page executes a page's template between the two halves of the layout.
func (t *templates) page(b *bytes.Buffer, v *View) error {
	name := strings.TrimSuffix(v.Template, ".html")
	w := &boundedWriter{b}
	for _, part := range [...]string{"layout-head", name, "layout-foot"} {
		if err := t.set.ExecuteTemplate(w, part, v); err != nil {
			return err
		}
	}
	return nil
}

// boundedWriter ends a page that does not.
type boundedWriter struct{ *bytes.Buffer }

var errPageTooLong = errors.New("the page is longer than MaxPageBytes")

// Write implements io.Writer.
func (w *boundedWriter) Write(p []byte) (int, error) {
	if w.Len()+len(p) > MaxPageBytes {
		return 0, errPageTooLong
	}
	return w.Buffer.Write(p)
}

// functions are what templates may call. doc.go lists them.
func (s *Site) functions() template.FuncMap {
	return template.FuncMap{
		"once":    func() template.HTML { return onceMark },
		"asset":   s.Asset,
		"icon":    icon,
		"args":    arguments,
		"list":    func(items ...any) []any { return items },
		"texts":   func(items ...string) []string { return items },
		"link":    func(text, path string) Link { return Link{text, path} },
		"option":  func(value, text string) Option { return Option{value, text} },
		"problem": problemOf,
		"segment": url.PathEscape,
		"date":    func(t time.Time) template.HTML { return timeElement(t, "2 Jan 2006") },
		"moment":  func(t time.Time) template.HTML { return timeElement(t, "2 Jan 2006, 15:04 MST") },
		"breaks":  breaks,
		"options": options,
		"number":  number,
		"plural":  plural,
		"join":    strings.Join,
		"lower":   strings.ToLower,
		"upper":   strings.ToUpper,
	}
}

// arguments makes what a partial is given of names and values in turn.
func arguments(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, errors.New("args: want names and values in turn")
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("args: the name %v is no text", pairs[i])
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}

// problemOf is what is wrong with a field, or "".
func problemOf(list []Problem, field string) string {
	for _, p := range list {
		if p.Field == field {
			return p.Text
		}
	}
	return ""
}

// timeElement is a time in UTC as an element that machines can read. The zero
// time is a dash.
func timeElement(t time.Time, layout string) template.HTML {
	if t.IsZero() {
		return "–"
	}
	t = t.UTC()
	// Lines end between the day and the time, and nowhere else.
	shown := strings.ReplaceAll(strings.ReplaceAll(t.Format(layout), " ", "\u00a0"), ",\u00a0", ", ")
	text := `<time datetime="` + t.Format(time.RFC3339) + `">` + shown + `</time>`
	return template.HTML(text) //nolint:gosec // Digits and names of months.
}

// shortRun is how many characters fit into the narrowest column of a table.
const shortRun = 12

// breaks lets lines end within what has no spaces, as addresses, paths and
// identifiers, where a reader would part it: after a mark between its words.
func breaks(shown any) any {
	text, ok := shown.(string)
	if !ok {
		return shown // A number, or what is HTML already.
	}
	escaped := template.HTMLEscapeString(text)
	if len(text) <= shortRun {
		return template.HTML(escaped) //nolint:gosec // It is escaped.
	}
	return template.HTML(breakable.Replace(escaped)) //nolint:gosec // It is escaped, and elements are added.
}

// breakable has places for the end of a line in what is escaped already. It is
// never written.
var breakable = strings.NewReplacer(
	". ", ". ", "/ ", "/ ", // Lines end there anyway.
	"@", "@<wbr>", ".", ".<wbr>", "_", "_<wbr>", "://", "://<wbr>", "/", "/<wbr>")

// optionWord is an option of a command, as messages name it.
var optionWord = regexp.MustCompile(`--[a-z][a-z-]*[a-z]`)

// options shows the options of commands that a text names as code.
func options(text any) any {
	s, ok := text.(string)
	if !ok || !strings.Contains(s, "--") {
		return text
	}
	return template.HTML(optionWord.ReplaceAllString(template.HTMLEscapeString(s), "<code>$0</code>")) //nolint:gosec // It is escaped.
}

// number writes a whole number with a narrow space at each thousand.
func number(n any) (string, error) {
	var text string
	switch v := n.(type) {
	case int:
		text = strconv.Itoa(v)
	case int64:
		text = strconv.FormatInt(v, 10)
	case uint64:
		text = strconv.FormatUint(v, 10)
	case int32:
		text = strconv.Itoa(int(v))
	default:
		return "", fmt.Errorf("number: %T is no whole number", n)
	}
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "−", text[1:]
	}
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "\u202f" + text[i:]
	}
	return sign + text, nil
}

// plural is a number with the word for one, or for several.
func plural(n int, one, several string) (string, error) {
	word := several
	if n == 1 {
		word = one
	}
	text, err := number(n)
	return text + " " + word, err
}
