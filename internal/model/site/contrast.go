package site

import (
	"cmp"
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
		"background": "#ffffff", "surface": "#f5f7fa", "raised": "#ffffff", "text": "#18212f", "muted": "#536072",
		"line": "#d8dee6", "edge": "#76818f", "accent": "#0b5cad", "accentStrong": "#084a8c", "onAccent": "#ffffff",
		"accentSoft": "#e8f1fb",
	}
	defaultDark = map[string]string{
		"background": "#10151c", "surface": "#171e27", "raised": "#1e2732", "text": "#e7ecf2", "muted": "#a5b1c0",
		"line": "#303b49", "edge": "#7c8998", "accent": "#7db8fb", "accentStrong": "#a5cefd", "onAccent": "#0a1624",
		"accentSoft": "#182b40",
	}
	// fixedLight and fixedDark are colours that no theme changes, and that must be
	// told apart from those that it does.
	fixedLight = map[string]string{
		"success": "#17663a", "warning": "#7a4a00", "danger": "#b3221b",
		"successSoft": "#e6f5ec", "warningSoft": "#fff3dc", "dangerSoft": "#fdeceb",
	}
	fixedDark = map[string]string{
		"success": "#74d69b", "warning": "#f2c069", "danger": "#ff9c94",
		"successSoft": "#14301f", "warningSoft": "#362709", "dangerSoft": "#3c1a18",
	}
)

// Defaults are the colours of the design system in light and in dark.
func Defaults() (light, dark map[string]string) {
	return maps.Clone(defaultLight), maps.Clone(defaultDark)
}

// Fixed are the colours of the design system that no theme changes.
func Fixed() (light, dark map[string]string) { return maps.Clone(fixedLight), maps.Clone(fixedDark) }

// ColorNames are the names of the colours of a palette, in the order in which
// they are shown.
func ColorNames() []string {
	return []string{
		"background", "surface", "raised", "text", "muted", "line", "edge", "accent", "accentStrong", "accentSoft", "onAccent",
	}
}

// Shares of what is mixed where a theme names an accent and not what goes with
// it.
const (
	strongShare = 0.8
	softShare   = 0.12
)

// Palettes are the colours of the theme in light and in dark: those that it names,
// those that follow from them, and the default's.
func (t Theme) Palettes() (light, dark map[string]string) {
	return whole(t.Light, defaultLight), whole(t.Dark, defaultDark)
}

// whole completes a palette.
func whole(palette, base map[string]string) map[string]string {
	colors := maps.Clone(base)
	maps.Copy(colors, palette)
	named := func(name string) bool { _, ok := palette[name]; return ok }
	if named("background") && !named("raised") {
		colors["raised"] = colors["background"]
	}
	if named("accent") && !named("accentStrong") {
		colors["accentStrong"] = mix(colors["accent"], colors["text"], strongShare)
	}
	if (named("accent") || named("background")) && !named("accentSoft") {
		colors["accentSoft"] = mix(colors["accent"], colors["background"], softShare)
	}
	return colors
}

// Pair is two colours that must be told apart.
type Pair struct {
	Front, Back string
	Least       float64
}

// Pairs are those that every palette is checked for.
func Pairs() []Pair {
	var pairs []Pair
	for _, front := range []string{"text", "muted", "accent", "accentStrong", "success", "warning", "danger"} {
		for _, back := range []string{"background", "surface", "raised"} {
			pairs = append(pairs, Pair{front, back, ContrastText})
		}
	}
	for _, back := range []string{"accentSoft", "successSoft", "warningSoft", "dangerSoft"} {
		pairs = append(pairs, Pair{"text", back, ContrastText})
	}
	return append(pairs,
		Pair{"accent", "accentSoft", ContrastText}, Pair{"accentStrong", "accentSoft", ContrastText},
		Pair{"onAccent", "accent", ContrastText}, Pair{"onAccent", "accentStrong", ContrastText},
		Pair{"edge", "background", ContrastMark}, Pair{"edge", "surface", ContrastMark}, Pair{"edge", "raised", ContrastMark},
	)
}

// Measured is a pair with its contrast in a palette.
type Measured struct {
	Pair
	Ratio float64
}

// OK reports whether the contrast suffices.
func (m Measured) OK() bool { return m.Ratio >= m.Least }

// Contrasts measures all pairs of both palettes of the theme; what is no colour is
// left out.
func (t Theme) Contrasts() (light, dark []Measured) {
	return measure(t.Light, defaultLight, fixedLight), measure(t.Dark, defaultDark, fixedDark)
}

func measure(palette, base, fixed map[string]string) []Measured {
	colors := whole(palette, base)
	maps.Copy(colors, fixed)
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
func (v *validation) palette(name string, palette, base, fixed map[string]string) {
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
	if low := low(measure(palette, base, fixed)); len(low) > 0 {
		v.add(name, "%s", tooClose(low))
	}
}

// low are the pairs whose contrast does not suffice, the worst first.
func low(all []Measured) []Measured {
	found := slices.DeleteFunc(all, Measured.OK)
	slices.SortStableFunc(found, func(a, b Measured) int { return cmp.Compare(a.Ratio/a.Least, b.Ratio/b.Least) })
	return found
}

// maxNamedPairs bounds how many pairs a message names beside the worst.
const maxNamedPairs = 3

// tooClose says of a palette in one sentence what is too close to what: one colour
// that is wrong makes many pairs wrong.
func tooClose(low []Measured) string {
	worst, others := low[0], low[1:]
	text := fmt.Sprintf("%s on %s has a contrast of %s, less than the %s of WCAG AA", worst.Front, worst.Back,
		ratio(worst.Ratio), ratio(worst.Least))
	if len(others) == 0 {
		return text
	}
	var named []string
	for _, m := range others[:min(len(others), maxNamedPairs)] {
		named = append(named, fmt.Sprintf("%s on %s (%s)", m.Front, m.Back, ratio(m.Ratio)))
	}
	text += "; too low as well: " + strings.Join(named, ", ")
	if more := len(others) - len(named); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// ratio writes a contrast with two digits, rounded down so that 4.499 is not
// told as 4.50.
func ratio(r float64) string { return fmt.Sprintf("%.2f:1", math.Floor(r*100)/100) }

// luminance is the relative luminance of a colour #rrggbb, as WCAG defines it.
func luminance(color string) (float64, bool) {
	rgb, ok := channels(color)
	linear := func(c float64) float64 {
		if c /= 255; c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(rgb[0]) + 0.7152*linear(rgb[1]) + 0.0722*linear(rgb[2]), ok
}

// channels are the red, green and blue of a colour #rrggbb, from 0 to 255.
func channels(color string) (rgb [3]float64, ok bool) {
	if len(color) != 7 || color[0] != '#' {
		return rgb, false
	}
	n, err := strconv.ParseUint(color[1:], 16, 32)
	if err != nil {
		return rgb, false
	}
	return [3]float64{float64(n >> 16), float64(n >> 8 & 0xff), float64(n & 0xff)}, true
}

// mix is a colour with that share of a, and the rest of b. What is no colour is
// left as it is.
func mix(a, b string, share float64) string {
	x, okA := channels(a)
	y, okB := channels(b)
	if !okA || !okB {
		return a
	}
	part := func(i int) int { return int(math.Round(x[i]*share + y[i]*(1-share))) }
	return fmt.Sprintf("#%02x%02x%02x", part(0), part(1), part(2))
}
