package administer

import (
	"fmt"
	"html"
	"html/template"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/model/site"
	"github.com/sallyport/sallyport/internal/portal/content"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// lookRoutes are navigation, title, theme and media.
func (s *section) lookRoutes() []page.Route {
	return []page.Route{
		{Pattern: "GET /admin/navigation", Run: s.navigation},
		{Pattern: "POST /admin/navigation", Run: s.saveNavigation},
		{Pattern: "GET /admin/look", Run: s.look},
		{Pattern: "POST /admin/look", Run: s.saveLook},
		{Pattern: "GET /admin/media", Run: s.media},
		{Pattern: "POST /admin/media", Run: s.upload, MaxBody: site.MaxMediumSize + 64<<10},
		{Pattern: "GET /admin/media/{file}/delete", Run: s.askDeleteMedium},
		{Pattern: "POST /admin/media/{file}/delete", Run: s.deleteMedium},
	}
}

func (s *section) navigation(x *page.Exchange) error {
	item, err := s.Library.Editor(x.Client()).Navigation(x.R.Context())
	if err != nil {
		return err
	}
	return s.show(x, "Navigation", navigationScreen(navigationForm(item.Value, item.ETag)))
}

func navigationScreen(f *form) *screen {
	return &screen{Lead: "The menu at the top and the links at the end of each page.", Forms: []*form{f}}
}

// navigationForm has one link on each line, which is quicker to put in order than
// fields.
func navigationForm(n site.Navigation, etag string) *form {
	hint := "One link on each line: its text, an equals sign, its address. APIs = /apis. Leave it empty for the built-in one."
	return &form{
		Action: "/admin/navigation", ETag: etag, Submit: "Save the draft",
		Fields: []field{
			{Kind: "textarea", Name: "menu", Label: "Menu", Rows: 8, Value: linesOf(n.Menu), Hint: hint, Optional: true},
			{Kind: "textarea", Name: "footer", Label: "Footer", Rows: 8, Value: linesOf(n.Footer), Hint: hint, Optional: true},
			{Name: "note", Label: "Last line", Value: n.Note, Optional: true, Hint: "As plain text: © Contoso."},
		},
	}
}

func linesOf(links []site.Link) string {
	var b strings.Builder
	for _, l := range links {
		b.WriteString(l.Label + " = " + l.Address + "\n")
	}
	return b.String()
}

// linksOf reads one link on each line. The address is what follows the last equals
// sign with a space before it.
func linksOf(text string) []site.Link {
	var links []site.Link
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		label, address := line, ""
		if i := strings.LastIndex(line, " = "); i >= 0 {
			label, address = line[:i], line[i+3:]
		}
		links = append(links, site.Link{Label: strings.TrimSpace(label), Address: strings.TrimSpace(address)})
	}
	return links
}

func (s *section) saveNavigation(x *page.Exchange) error {
	typed := x.Form()
	n := site.Navigation{Menu: linksOf(typed.Get("menu")), Footer: linksOf(typed.Get("footer")), Note: strings.TrimSpace(typed.Get("note"))}
	e := s.Library.Editor(x.Client())
	if _, err := e.PutNavigation(x.R.Context(), n, typed.Get("etag")); err != nil {
		f := navigationForm(n, "").fill(typed)
		return s.refused(x, "Navigation", navigationScreen(f), f, err, func() string {
			item, _ := e.Navigation(x.R.Context()) //nolint:errcheck // Without it the next save is refused as well.
			return item.ETag
		})
	}
	return x.Redirect("/admin/navigation", "draft-saved")
}

func (s *section) look(x *page.Exchange) error {
	e := s.Library.Editor(x.Client())
	item, err := e.Look(x.R.Context())
	if err != nil {
		return err
	}
	media, err := e.Media(x.R.Context())
	if err != nil {
		return err
	}
	return s.show(x, "Title and theme", lookScreen(item.Value.Theme, lookForm(item.Value, media, item.ETag)))
}

// lookScreen is the form with the contrasts of the theme.
func lookScreen(t site.Theme, f *form) *screen {
	data := &screen{
		Lead:  "What is not named is as in the default. Every colour is checked: a theme in which something cannot be read is refused.",
		Forms: []*form{f},
	}
	low := &table{Caption: "Contrasts that are too low", Fold: "All pairs that cannot be told apart", Columns: contrastColumns()}
	high := &table{Caption: "Contrasts", Fold: "Contrasts that suffice", Columns: contrastColumns()}
	light, dark := t.Contrasts()
	for i := range min(len(light), len(dark)) {
		list := high
		if !light[i].OK() || !dark[i].OK() {
			list = low
		}
		list.Rows = append(list.Rows, []any{
			colorWords[light[i].Front] + " on " + strings.ToLower(colorWords[light[i].Back]), ratioBadge(light[i]), ratioBadge(dark[i]),
			fmt.Sprintf("%.1f", light[i].Least),
		})
	}
	if len(low.Rows) > 0 {
		f.About = low
	}
	data.Below = []*table{high}
	return data
}

func contrastColumns() []string { return []string{"Pair", "Light", "Dark", "Needed"} }

// colorWords are the colours of palettes in words. It is never written.
var colorWords = map[string]string{
	"background": "Background", "surface": "Surface", "raised": "Raised parts", "text": "Text", "muted": "Muted text", "line": "Lines",
	"edge": "Edges of fields", "accent": "Accent", "accentStrong": "Strong accent", "accentSoft": "Soft accent",
	"onAccent": "Text on the accent", "success": "Green words", "warning": "Amber words", "danger": "Red words",
	"successSoft": "Green ground", "warningSoft": "Amber ground", "dangerSoft": "Red ground",
}

func ratioBadge(m site.Measured) template.HTML {
	if m.OK() {
		return badge(fmt.Sprintf("%.2f", m.Ratio), "success")
	}
	return badge(fmt.Sprintf("%.2f: too low", m.Ratio), "danger")
}

// fontFiles is how many files of a font the form has; a folder can have more.
const fontFiles = 2

func lookForm(l site.Look, media map[string]site.Medium, etag string) *form {
	images, fonts := []page.Option{{Value: "", Text: "None"}}, []page.Option{{Value: "", Text: "The system's"}}
	for _, file := range slices.Sorted(maps.Keys(media)) {
		if media[file].Type == site.TypeFont {
			fonts = append(fonts, page.Option{Value: file, Text: file})
		} else {
			images = append(images, page.Option{Value: file, Text: file})
		}
	}
	t := l.Theme
	radius := ""
	if t.Radius != nil {
		radius = strconv.Itoa(*t.Radius)
	}
	f := &form{Action: "/admin/look", ETag: etag, Submit: "Save the draft", Columns: true, Fields: []field{
		{Name: "title", Label: "Title", Value: l.Title, Optional: true, Hint: "Leave it empty for the name of the publisher."},
		{Kind: "select", Name: "logo", Label: "Logo", Value: t.Logo, Options: images, Hint: "Images are uploaded under Images and fonts."},
		{Kind: "select", Name: "logoDark", Label: "Logo on dark pages", Value: t.LogoDark, Options: images},
		{Kind: "select", Name: "icon", Label: "Icon of the browser's tab", Value: t.Icon, Options: images},
		{Name: "radius", Label: "Radius of corners, in pixels", Value: radius, Type: "number", Optional: true, Hint: "0 to 24."},
	}}
	for _, use := range site.FontUses() {
		font := t.Fonts[use]
		f.Fields = append(f.Fields, field{Kind: "heading",
			Label: "Font of " + map[string]string{"text": "text", "heading": "headings", "code": "code"}[use]},
			field{Name: "family-" + use, Label: "Name", Value: font.Family, Optional: true})
		for i := range fontFiles {
			face := site.Face{}
			if i < len(font.Files) {
				face = font.Files[i]
			}
			n := fmt.Sprintf("%s-%d", use, i)
			f.Fields = append(f.Fields,
				field{Kind: "select", Name: "file-" + n, Label: "File " + strconv.Itoa(i+1), Value: face.File, Options: fonts},
				field{Name: "weight-" + n, Label: "Weight of file " + strconv.Itoa(i+1), Value: face.Weight,
					Hint: "400, or 100 900 for a variable font."})
		}
	}
	light, dark := t.Palettes()
	f.Fields = append(f.Fields, paletteFields("light", t.Light, light)...)
	f.Fields = append(f.Fields, paletteFields("dark", t.Dark, dark)...)
	return f
}

// paletteFields are those of the colours of light or dark pages: what is named is
// typed, and the hint says what it comes to.
func paletteFields(name string, named, whole map[string]string) []field {
	fields := []field{{Kind: "heading", Label: "Colours on " + name + " pages",
		Hint: "As #rrggbb. Leave it empty for the colour that stands above the field."}}
	for _, color := range site.ColorNames() {
		fields = append(fields, field{Name: name + "-" + color, Label: colorWords[color], Of: " on " + name + " pages", Value: named[color],
			Swatch: whole[color], Hint: color + ": " + whole[color]})
	}
	return fields
}

// typedLook is the look in a form. What the form has no fields for is as it was.
func typedLook(f url.Values, was site.Look) (site.Look, error) {
	l := site.Look{Title: strings.TrimSpace(f.Get("title")), Theme: site.Theme{
		Logo: f.Get("logo"), LogoDark: f.Get("logoDark"), Icon: f.Get("icon"), Fonts: map[string]site.Font{},
		Light: map[string]string{}, Dark: map[string]string{},
	}}
	if text := strings.TrimSpace(f.Get("radius")); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			return l, fmt.Errorf("the radius %q is no whole number", text)
		}
		l.Theme.Radius = &n
	}
	for _, use := range site.FontUses() {
		font := site.Font{Family: strings.TrimSpace(f.Get("family-" + use))}
		for i := range fontFiles {
			n := fmt.Sprintf("%s-%d", use, i)
			if file := f.Get("file-" + n); file != "" {
				face := site.Face{File: file, Weight: strings.TrimSpace(f.Get("weight-" + n))}
				if old := was.Theme.Fonts[use].Files; i < len(old) && old[i].File == file {
					face.Italic = old[i].Italic
				}
				font.Files = append(font.Files, face)
			}
		}
		if old := was.Theme.Fonts[use].Files; len(old) > fontFiles && len(font.Files) > 0 {
			font.Files = append(font.Files, old[fontFiles:]...)
		}
		if font.Family != "" || len(font.Files) > 0 {
			l.Theme.Fonts[use] = font
		}
	}
	for _, color := range site.ColorNames() {
		for name, palette := range map[string]map[string]string{"light": l.Theme.Light, "dark": l.Theme.Dark} {
			if value := strings.ToLower(strings.TrimSpace(f.Get(name + "-" + color))); value != "" {
				palette[color] = value
			}
		}
	}
	return l, nil
}

func (s *section) saveLook(x *page.Exchange) error {
	e, typed := s.Library.Editor(x.Client()), x.Form()
	was, err := e.Look(x.R.Context())
	if err != nil {
		return err
	}
	media, err := e.Media(x.R.Context())
	if err != nil {
		return err
	}
	next, err := typedLook(typed, was.Value)
	if err == nil {
		_, err = e.PutLook(x.R.Context(), next, typed.Get("etag"))
	}
	if err != nil {
		f := lookForm(next, media, "").fill(typed)
		return s.refused(x, "Title and theme", lookScreen(next.Theme, f), f, err, func() string { return was.ETag })
	}
	return x.Redirect("/admin/look", "draft-saved")
}

func (s *section) media(x *page.Exchange) error {
	data, err := s.mediaScreen(x, mediaForm())
	if err != nil {
		return err
	}
	return s.show(x, "Images and fonts", data)
}

func mediaForm() *form {
	return &form{Title: "Upload", Action: "/admin/media", Files: true, Submit: "Upload", Fields: []field{
		{Kind: "file", Name: "file", Label: "File",
			Hint: "PNG, JPEG, GIF, WebP, or a font as WOFF2, up to 1 MiB. SVG is not taken, since it can hold scripts."},
		{Name: "name", Label: "Name", Optional: true,
			Hint: "Lower-case letters, digits, dots and dashes. Leave it empty for the file's own name. A file of the same name is replaced."},
	}}
}

func (s *section) mediaScreen(x *page.Exchange, f *form) (*screen, error) {
	media, err := s.Library.Editor(x.Client()).Media(x.R.Context())
	if err != nil {
		return nil, err
	}
	list := &table{Columns: []string{"File", "Looks like", "Type", "Size", "In pages", ""}, Empty: "There are no files yet."}
	for _, file := range slices.Sorted(maps.Keys(media)) {
		m := media[file]
		shown := template.HTML("–")
		if m.Type != site.TypeFont {
			path := html.EscapeString(content.MediaPath(file, m))
			shown = template.HTML(`<img class="a-media" alt="" src="` + path + `">`) //nolint:gosec // It is escaped.
		}
		list.Rows = append(list.Rows, []any{
			file, shown, typeWord(m.Type), fmt.Sprintf("%d KiB", (m.Size+1023)>>10), "::: image file=" + file + ` alt="…" :::`,
			link("Delete", "/admin/media/"+url.PathEscape(file)+"/delete"),
		})
	}
	return &screen{Tables: []*table{list}, Forms: []*form{f}}, nil
}

// typeWord is what people call a type of media: "PNG".
func typeWord(mime string) string {
	_, word, _ := strings.Cut(mime, "/")
	return strings.ToUpper(word)
}

func (s *section) upload(x *page.Exchange) error {
	name, data, err := uploaded(x)
	if err == nil {
		err = s.Library.Editor(x.Client()).PutMedium(x.R.Context(), name, data)
	}
	if err != nil {
		f := mediaForm().fill(x.Form())
		shown, readErr := s.mediaScreen(x, f)
		if readErr != nil {
			return readErr
		}
		return s.refused(x, "Images and fonts", shown, f, err, nil)
	}
	return x.Redirect("/admin/media", "uploaded")
}

// uploaded reads the file of a form, which the frame has bounded.
func uploaded(x *page.Exchange) (name string, data []byte, err error) {
	if x.R.MultipartForm == nil || len(x.R.MultipartForm.File["file"]) == 0 {
		return "", nil, fmt.Errorf("choose a file")
	}
	header := x.R.MultipartForm.File["file"][0]
	name = strings.TrimSpace(x.Form().Get("name"))
	if name == "" {
		name = strings.ReplaceAll(strings.ToLower(header.Filename), " ", "-")
	}
	f, err := header.Open()
	if err != nil {
		return "", nil, fmt.Errorf("reading the file: %w", err)
	}
	defer func() { _ = f.Close() }() // It was only read.
	data, err = io.ReadAll(http.MaxBytesReader(x.W, f, site.MaxMediumSize+1))
	if err != nil {
		return "", nil, fmt.Errorf("reading the file: %w", err)
	}
	return name, data, nil
}

func (s *section) askDeleteMedium(x *page.Exchange) error {
	file := x.Value("file")
	media, err := s.Library.Editor(x.Client()).Media(x.R.Context())
	if err != nil {
		return err
	}
	if _, ok := media[file]; !ok {
		return errNothing("file", file)
	}
	return s.confirm(x, "Delete a file", fmt.Sprintf("Delete %q from the draft? Publications that show it keep it.", file), &form{
		Action: "/admin/media/" + url.PathEscape(file) + "/delete", Submit: "Delete the file", Cancel: "/admin/media",
	}, page.Link{Text: "Images and fonts", Path: "/admin/media"})
}

func (s *section) deleteMedium(x *page.Exchange) error {
	return s.done(x, s.Library.Editor(x.Client()).DeleteMedium(x.R.Context(), x.Value("file")), "/admin/media", "deleted")
}
