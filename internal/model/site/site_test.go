package site

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/png"
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// picture is a PNG of that size.
func picture(tb testing.TB, width, height int) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// font is what begins as a WOFF2 file.
func font() []byte {
	data := make([]byte, 64)
	copy(data, "wOF2")
	binary.BigEndian.PutUint32(data[8:], 64)
	return data
}

// folder is a portal with all that one can have.
func folder(tb testing.TB) fstest.MapFS {
	tb.Helper()
	files := map[string]string{
		"pages/home.md":  "---\ntitle: Welcome\n---\n::: hero\n# Welcome\n:::\n\n---\n\nText.\n",
		"pages/about.md": "---\ntitle: 'About: us'\ndescription: Who we are\ngroups: [developers, partners]\n---\nWe are.",
		"navigation.yaml": "menu:\n  - label: APIs\n    address: /apis\n" +
			"footer:\n  - {label: Status, address: 'https://status.example'}\nnote: © Contoso\n",
		"look.yaml": "title: Contoso APIs\n",
		"theme/theme.yaml": "light: {accent: '#005a9e'}\nradius: 2\nlogo: logo.png\n" +
			"fonts:\n  text: {family: Fira Sans, files: [{file: fira.woff2, weight: 100 900}]}\n",
		"theme/logo.png":     string(picture(tb, 3, 2)),
		"theme/fira.woff2":   string(font()),
		"media/diagram.png":  string(picture(tb, 5, 5)),
		"media/.DS_Store":    "x",
		"notes-for-us.txt":   "a stranger",
		".github/ignored.md": "hidden",
	}
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

func TestFolderRoundTrip(t *testing.T) {
	first, problems := ReadFolder(folder(t))
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	if got := problems.String(); !strings.Contains(got, "notes-for-us.txt") || len(problems) != 1 {
		t.Errorf("warnings: %s", got)
	}
	if got := first.Content.Pages["about"]; got.Text != "We are." || len(got.Groups) != 2 {
		t.Errorf("the page is %+v", got)
	}
	files, err := first.Files()
	if err != nil {
		t.Fatal(err)
	}
	fsys := fstest.MapFS{}
	for name, data := range files {
		fsys[name] = &fstest.MapFile{Data: data}
	}
	again, problems := ReadFolder(fsys)
	if len(problems) != 0 {
		t.Fatal(problems)
	}
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("written and read again (-want +got):\n%s", diff)
	}
	twice, err := again.Files()
	if diff := cmp.Diff(files, twice); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	before, err := first.Content.Revision()
	after, err2 := again.Content.Revision()
	if err != nil || err2 != nil || before != after || len(before) != 32 {
		t.Errorf("revisions %q %q %v %v", before, after, err, err2)
	}
}

func TestFolderProblems(t *testing.T) {
	tests := []struct {
		name, file, text, want string
	}{
		{"no front matter", "pages/a.md", "# A", "pages/a.md: a page begins with its front matter"},
		{"endless front matter", "pages/a.md", "---\ntitle: A\n", "has no end"},
		{"unknown member", "pages/a.md", "---\ntitle: A\nlayout: x\n---\n", "layout"},
		{"no title", "pages/a.md", "---\ndescription: A\n---\n", "pages/a.md: title: is empty"},
		{"bad slug", "pages/A b.md", "---\ntitle: A\n---\n", "is no page"},
		{"huge page", "pages/a.md", "---\ntitle: A\n---\n" + strings.Repeat("x", MaxPageSize+1), "limit MaxPageSize"},
		{"script address", "navigation.yaml", "menu: [{label: x, address: 'javascript:alert(1)'}]", "navigation.yaml: menu[0].address"},
		{"foreign host", "navigation.yaml", "menu: [{label: x, address: '//evil.example'}]", "neither a path"},
		{"unknown colour", "theme/theme.yaml", "light: {acent: '#000000'}", "theme/theme.yaml: light.acent: is unknown"},
		{"no colour", "theme/theme.yaml", "light: {accent: 'red;}body{x'}", "is no colour"},
		{"low contrast", "theme/theme.yaml", "light: {text: '#999999'}",
			"light: text on dangerSoft has a contrast of 2.49:1, less than the 4.50:1 of WCAG AA; too low as well: text on accentSoft (2.49:1)"},
		{"low contrast dark", "theme/theme.yaml", "dark: {accent: '#333333'}", "accent on raised has a contrast of 1.19:1, less than the 4.50:1 of WCAG AA; too low as well: accent on surface (1.32:1), accent on accentSoft (1.39:1), onAccent on accent (1.44:1) and 6 more"},
		{"css in a family", "theme/theme.yaml", "fonts: {text: {family: 'a;}', files: [{file: fira.woff2}]}}", "is no name of a font"},
		{"missing logo", "theme/theme.yaml", "logo: other.png", `names the file "other.png", which is not there`},
		{"svg", "media/x.png", "<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "can hold scripts"},
		{"html as png", "media/x.png", "<html>", "is none of PNG"},
		{"png as jpg", "media/x.jpg", string(picture(t, 1, 1)), "is image/png: its name must end in .png"},
		{"wide", "media/x.png", string(picture(t, MaxSide+1, 1)), "limit MaxSide"},
		{"twice", "media/logo.png", string(picture(t, 1, 1)), "has the same name as theme/logo.png"},
		{"yaml", "look.yaml", "title: [", "look.yaml: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fsys := folder(t)
			fsys[tt.file] = &fstest.MapFile{Data: []byte(tt.text)}
			_, problems := ReadFolder(fsys)
			if got := problems.String(); !problems.HasErrors() || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestReadTheme(t *testing.T) {
	whole := folder(t)
	theme, err := whole.Sub("theme")
	if err != nil {
		t.Fatal(err)
	}
	read, problems := ReadTheme(theme)
	if len(problems) != 0 || read.Content.Look.Theme.Logo != "logo.png" || len(read.Blobs) != 2 {
		t.Errorf("%v %+v", problems, read)
	}
	if _, problems := ReadTheme(fstest.MapFS{}); !problems.HasErrors() {
		t.Error("a folder without theme.yaml was taken")
	}
}

func TestDefaultsKeepTheRules(t *testing.T) {
	light, dark := Defaults()
	if problems := (Theme{Light: light, Dark: dark}).Validate(); len(problems) != 0 {
		t.Error(problems)
	}
	for _, palette := range []map[string]string{light, dark} {
		if len(palette) != len(ColorNames()) {
			t.Error("a colour is missing in the list of names")
		}
	}
}

// TestContrast compares with figures of WCAG's own examples.
func TestContrast(t *testing.T) {
	light, _ := Theme{Light: map[string]string{"text": "#767676", "background": "#ffffff"}}.Contrasts()
	if got := ratio(light[0].Ratio); got != "4.54:1" || !light[0].OK() {
		t.Errorf("got %s", got)
	}
	light, _ = Theme{Light: map[string]string{"text": "#777777"}}.Contrasts()
	if got := ratio(light[0].Ratio); got != "4.47:1" || light[0].OK() {
		t.Errorf("got %s", got)
	}
}

func TestAddresses(t *testing.T) {
	for address, want := range map[string]bool{
		"/": true, "/apis?tag=x": true, "#top": true, "https://a.example/x": true, "mailto:a@b.example": true,
		"//a.example": false, "javascript:alert(1)": false, "JaVaScRiPt:x": false, "data:text/html,x": false, "": false,
		"/\\a.example": false, "apis": false, "https:": false, "java\nscript:x": false, "/\t/evil": false,
	} {
		if got := ValidAddress(address); got != want {
			t.Errorf("%q: %v", address, got)
		}
	}
}

func FuzzReadFolder(f *testing.F) {
	for name, file := range folder(f) {
		f.Add(name, file.Data)
	}
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		fsys := maps.Clone(folder(t))
		fsys[name] = &fstest.MapFile{Data: data}
		read, problems := ReadFolder(fsys)
		if problems.HasErrors() {
			return
		}
		files, err := read.Files()
		if err != nil {
			t.Fatal(err)
		}
		written := fstest.MapFS{}
		for name, data := range files {
			written[name] = &fstest.MapFile{Data: data}
		}
		again, problems := ReadFolder(written)
		if problems.HasErrors() {
			t.Fatal(problems)
		}
		if diff := cmp.Diff(read, again); diff != "" {
			t.Error(diff)
		}
	})
}
