package site

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/problem"
)

// Theme is how the portal looks. What it does not say is as in the default.
type Theme struct {
	// Light and Dark are colours (#rrggbb) by their names; ColorNames lists them.
	Light map[string]string `json:"light,omitempty" yaml:"light,omitempty"`
	Dark  map[string]string `json:"dark,omitempty" yaml:"dark,omitempty"`
	// Radius is that of corners, in pixels; nil is the default.
	Radius *int `json:"radius,omitempty" yaml:"radius,omitempty"`
	// Fonts are by what they are for: "text", "heading", "code".
	Fonts map[string]Font `json:"fonts,omitempty" yaml:"fonts,omitempty"`
	// Logo, LogoDark and Icon are file names of media; "" has none.
	Logo     string `json:"logo,omitempty" yaml:"logo,omitempty"`
	LogoDark string `json:"logoDark,omitempty" yaml:"logoDark,omitempty"`
	Icon     string `json:"icon,omitempty" yaml:"icon,omitempty"`
}

// Font is a family of fonts that the portal serves itself.
type Font struct {
	Family string `json:"family" yaml:"family"`
	Files  []Face `json:"files" yaml:"files"`
}

// Face is one file of a family.
type Face struct {
	File string `json:"file" yaml:"file"`
	// Weight is 100 to 900, or a range of a variable font: "100 900"; "" is 400.
	Weight string `json:"weight,omitempty" yaml:"weight,omitempty"`
	Italic bool   `json:"italic,omitempty" yaml:"italic,omitempty"`
}

// Limits of themes.
const (
	// MaxRadius bounds the radius of corners, in pixels.
	MaxRadius = 24
	// MaxFaces bounds the files of a font.
	MaxFaces = 8
	// maxFamily bounds the name of a font, in characters.
	maxFamily = 60
)

// FontUses are what fonts can be for.
func FontUses() []string { return []string{"text", "heading", "code"} }

// Validate says what is wrong with the theme, colours that cannot be told apart
// included.
func (t Theme) Validate() problem.Problems {
	var v validation
	if t.Radius != nil && (*t.Radius < 0 || *t.Radius > MaxRadius) {
		v.add("radius", "%d is not between 0 and %d pixels", *t.Radius, MaxRadius)
	}
	for _, use := range slices.Sorted(maps.Keys(t.Fonts)) {
		v.font("fonts."+use, use, t.Fonts[use])
	}
	for name, file := range map[string]string{"logo": t.Logo, "logoDark": t.LogoDark, "icon": t.Icon} {
		if file != "" && (!ValidFile(file) || strings.HasSuffix(file, ".woff2")) {
			v.add(name, "%q is no name of an image", file)
		}
	}
	v.palette("light", t.Light, defaultLight, fixedLight)
	v.palette("dark", t.Dark, defaultDark, fixedDark)
	v.found.Sort()
	return v.found
}

func (v *validation) font(at, use string, f Font) {
	if !slices.Contains(FontUses(), use) {
		v.add(at, "is unknown; fonts are for %s", strings.Join(FontUses(), ", "))
	}
	if !validFamily(f.Family) {
		v.add(at+".family", "%q is no name of a font: letters, digits, spaces and dashes, at most %d", f.Family, maxFamily)
	}
	if len(f.Files) == 0 || len(f.Files) > MaxFaces {
		v.add(at+".files", "has %d files; a font has 1 to %d (MaxFaces)", len(f.Files), MaxFaces)
	}
	for i, face := range f.Files {
		if !ValidFile(face.File) || !strings.HasSuffix(face.File, ".woff2") {
			v.add(fmt.Sprintf("%s.files[%d].file", at, i), "%q is no name of a WOFF2 file", face.File)
		}
		if !validWeight(face.Weight) {
			v.add(fmt.Sprintf("%s.files[%d].weight", at, i), "%q is neither a weight such as 400 nor a range such as 100 900", face.Weight)
		}
	}
}

func validFamily(family string) bool {
	return family != "" && len(family) <= maxFamily && strings.TrimSpace(family) == family &&
		!strings.ContainsFunc(family, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != ' ' && r != '-'
		})
}

func validWeight(weight string) bool {
	if weight == "" {
		return true
	}
	parts := strings.Split(weight, " ")
	for _, part := range parts {
		if n, err := strconv.Atoi(part); err != nil || n < 1 || n > 1000 || strconv.Itoa(n) != part {
			return false
		}
	}
	return len(parts) <= 2
}

// Files are the names of the media that the theme uses, each once, sorted.
func (t Theme) Files() []string {
	var files []string
	for _, file := range []string{t.Logo, t.LogoDark, t.Icon} {
		if file != "" {
			files = append(files, file)
		}
	}
	for _, font := range t.Fonts {
		for _, face := range font.Files {
			files = append(files, face.File)
		}
	}
	slices.Sort(files)
	return slices.Compact(files)
}

// IsZero reports whether the theme is the default one.
func (t Theme) IsZero() bool {
	return len(t.Light) == 0 && len(t.Dark) == 0 && t.Radius == nil && len(t.Fonts) == 0 &&
		t.Logo == "" && t.LogoDark == "" && t.Icon == ""
}
