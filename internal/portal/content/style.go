package content

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/sallyport/sallyport/internal/model/site"
)

// Where the theme's style sheet and media are.
const (
	stylePrefix = "/theme/"
	mediaPrefix = "/media/"
)

// properties are the custom properties of the design system by the colours of a
// palette. It is never written.
var properties = map[string][]string{
	"background": {"--color-bg"}, "surface": {"--color-surface", "--color-code"}, "raised": {"--color-raised"},
	"text": {"--color-text"}, "muted": {"--color-muted"}, "line": {"--color-border"}, "edge": {"--color-control"},
	"accent":       {"--color-accent", "--color-focus", "--color-info", "--color-plot-1"},
	"accentStrong": {"--color-accent-strong"}, "accentSoft": {"--color-accent-soft", "--color-info-soft"},
	"onAccent": {"--color-on-accent"},
}

// fontProperties are those of fonts by what they are for, with what follows the
// family. It is never written.
var fontProperties = map[string][2]string{
	"text":    {"--font-text", "system-ui, sans-serif"},
	"heading": {"--font-heading", "system-ui, sans-serif"},
	"code":    {"--font-mono", "ui-monospace, monospace"},
}

// StyleSheet is the theme as custom properties of the design system; nil where it
// says nothing. The theme must be valid: what is written is only what Validate
// has taken.
func StyleSheet(t site.Theme, media map[string]site.Medium) []byte {
	if len(t.Validate()) > 0 || len(t.Light) == 0 && len(t.Dark) == 0 && t.Radius == nil && len(t.Fonts) == 0 {
		return nil
	}
	var b bytes.Buffer
	for _, use := range slices.Sorted(maps.Keys(t.Fonts)) {
		for _, face := range t.Fonts[use].Files {
			writeFace(&b, t.Fonts[use].Family, face, media)
		}
	}
	b.WriteString(":root {\n")
	if t.Radius != nil {
		fmt.Fprintf(&b, "  --radius: %dpx;\n", *t.Radius)
	}
	for _, use := range slices.Sorted(maps.Keys(t.Fonts)) {
		fmt.Fprintf(&b, "  %s: %q, %s;\n", fontProperties[use][0], t.Fonts[use].Family, fontProperties[use][1])
	}
	writeColors(&b, t)
	b.WriteString("}\n")
	return b.Bytes()
}

func writeFace(b *bytes.Buffer, family string, face site.Face, media map[string]site.Medium) {
	m, ok := media[face.File]
	if !ok {
		return
	}
	style := "normal"
	if face.Italic {
		style = "italic"
	}
	fmt.Fprintf(b, "@font-face { font-family: %q; src: url(%q) format(\"woff2\"); font-weight: %s; font-style: %s; font-display: swap; }\n",
		family, MediaPath(face.File, m), cmp.Or(face.Weight, "400"), style)
}

// writeColors writes the colours that are not the default's.
func writeColors(b *bytes.Buffer, t site.Theme) {
	light, dark := t.Palettes()
	wasLight, wasDark := site.Defaults()
	for _, color := range site.ColorNames() {
		if light[color] == wasLight[color] && dark[color] == wasDark[color] {
			continue
		}
		for _, property := range properties[color] {
			fmt.Fprintf(b, "  %s: light-dark(%s, %s);\n", property, light[color], dark[color])
		}
	}
}
