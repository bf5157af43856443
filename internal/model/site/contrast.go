package site

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// The least contrast of WCAG 2.2 AA: of text, and of what else has to be seen.
const (
	ContrastText = 4.5
	ContrastMark = 3.0
)

// defaultLight and defaultDark are the colours of the design system, which a
// theme changes some of. They are never written.
var (
	defaultLight = map[string]string{
		"background": "#ffffff", "surface": "#f6f7f9", "text": "#1a1f27", "muted": "#545e6b",
		"line": "#d9dee5", "edge": "#78828f", "accent": "#0b57d0", "onAccent": "#ffffff",
	}
	defaultDark = map[string]string{
		"background": "#12151a", "surface": "#1a1f26", "text": "#e8ebf0", "muted": "#a3adba",
		"line": "#333b46", "edge": "#7c8796", "accent": "#8ab4f8", "onAccent": "#0b1a33",
	}
)

// Defaults are the colours of the design system in light and in dark.
func Defaults() (light, dark map[string]string) {
	return maps.Clone(defaultLight), maps.Clone(defaultDark)
}

// ColorNames are the names of the colours of a palette, in the order in which
// they are shown.
func ColorNames() []string {
	return []string{"background", "surface", "text", "muted", "line", "edge", "accent", "onAccent"}
}

// Pair is two colours that must be told apart.
type Pair struct {
	Front, Back string
	Least       float64
}

// Pairs are those that every palette is checked for.
func Pairs() []Pair {
	return []Pair{
		{"text", "background", ContrastText}, {"text", "surface", ContrastText},
		{"muted", "background", ContrastText}, {"muted", "surface", ContrastText},
		{"accent", "background", ContrastText}, {"accent", "surface", ContrastText},
		{"onAccent", "accent", ContrastText},
		{"edge", "background", ContrastMark}, {"edge", "surface", ContrastMark},
	}
}

// Measured is a pair with its contrast in a palette.
type Measured struct {
	Pair
	Ratio float64
}

// OK reports whether the contrast suffices.
func (m Measured) OK() bool { return m.Ratio >= m.Least }

// Contrasts measures all pairs of both palettes of the theme. Colours that it
// does not name are those of the default; what is no colour is left out.
func (t Theme) Contrasts() (light, dark []Measured) {
	return measure(t.Light, defaultLight), measure(t.Dark, defaultDark)
}

func measure(palette, base map[string]string) []Measured {
	colors := maps.Clone(base)
	maps.Copy(colors, palette)
	var all []Measured
	for _, pair := range Pairs() {
		front, frontOK := luminance(colors[pair.Front])
		back, backOK := luminance(colors[pair.Back])
		if frontOK && backOK {
			all = append(all, Measured{pair, (max(front, back) + 0.05) / (min(front, back) + 0.05)})
		}
	}
	return all
}

// palette checks the colours of one palette, and the contrasts that come of
// them.
func (v *validation) palette(name string, palette, base map[string]string) {
	for _, color := range slices.Sorted(maps.Keys(palette)) {
		if _, known := base[color]; !known {
			v.add(name+"."+color, "is unknown; the colours are %s", strings.Join(ColorNames(), ", "))
		} else if _, ok := luminance(palette[color]); !ok {
			v.add(name+"."+color, "%q is no colour such as #0b57d0", palette[color])
		}
	}
	if len(palette) == 0 {
		return
	}
	for _, m := range measure(palette, base) {
		if !m.OK() {
			v.add(name, "%s on %s has a contrast of %s, less than the %s of WCAG AA",
				m.Front, m.Back, ratio(m.Ratio), ratio(m.Least))
		}
	}
}

// ratio writes a contrast with two digits, rounded down so that 4.499 is not
// told as 4.50.
func ratio(r float64) string { return fmt.Sprintf("%.2f:1", math.Floor(r*100)/100) }

// luminance is the relative luminance of a colour #rrggbb, as WCAG defines it.
func luminance(color string) (float64, bool) {
	if len(color) != 7 || color[0] != '#' {
		return 0, false
	}
	n, err := strconv.ParseUint(color[1:], 16, 32)
	if err != nil {
		return 0, false
	}
	linear := func(c uint64) float64 {
		s := float64(c&0xff) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(n>>16) + 0.7152*linear(n>>8) + 0.0722*linear(n), true
}
