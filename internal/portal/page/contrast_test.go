package page_test

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"testing"
)

// pairs are the colours that are seen on each other, with the contrast that WCAG
// 2.2 wants at level AA: 4.5 for text, 3 for the edges of controls and for focus.
var pairs = []struct {
	front, back string
	want        float64
}{
	{"text", "bg", 4.5}, {"text", "surface", 4.5}, {"text", "raised", 4.5}, {"text", "code", 4.5},
	{"muted", "bg", 4.5}, {"muted", "surface", 4.5}, {"muted", "raised", 4.5}, {"muted", "code", 4.5},
	{"accent", "bg", 4.5}, {"accent", "surface", 4.5}, {"accent", "raised", 4.5}, {"accent", "code", 4.5},
	{"accent", "accent-soft", 4.5}, {"accent", "danger-soft", 4.5}, {"accent", "info-soft", 4.5},
	{"accent", "success-soft", 4.5}, {"accent", "warning-soft", 4.5},
	{"accent-strong", "bg", 4.5}, {"accent-strong", "surface", 4.5},
	{"on-accent", "accent", 4.5}, {"on-accent", "accent-strong", 4.5}, {"on-danger", "danger", 4.5},
	{"success", "success-soft", 4.5}, {"warning", "warning-soft", 4.5}, {"danger", "danger-soft", 4.5}, {"info", "info-soft", 4.5},
	{"text", "success-soft", 4.5}, {"text", "warning-soft", 4.5}, {"text", "danger-soft", 4.5}, {"text", "info-soft", 4.5},
	{"danger", "bg", 4.5}, {"danger", "raised", 4.5}, {"success", "bg", 4.5}, {"warning", "bg", 4.5},
	{"control", "bg", 3}, {"control", "raised", 3}, {"control", "surface", 3}, {"focus", "bg", 3}, {"focus", "surface", 3}, {"focus", "raised", 3},
	{"plot-1", "bg", 3}, {"plot-2", "bg", 3}, {"plot-3", "bg", 3}, {"plot-4", "bg", 3}, {"plot-5", "bg", 3},
}

var property = regexp.MustCompile(`--color-([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);`)

func TestColoursHaveContrastInBothSchemes(t *testing.T) {
	css, err := os.ReadFile("assets/page.css")
	if err != nil {
		t.Fatal(err)
	}
	colours := map[string][2]string{}
	for _, m := range property.FindAllStringSubmatch(string(css), -1) {
		colours[m[1]] = [2]string{m[2], m[3]}
	}
	least := [2]float64{21, 21}
	for _, p := range pairs {
		front, ok := colours[p.front]
		back, there := colours[p.back]
		if !ok || !there {
			t.Errorf("there is no colour %s or %s", p.front, p.back)
			continue
		}
		for scheme, name := range []string{"light", "dark"} {
			got := contrast(front[scheme], back[scheme])
			if got < p.want {
				t.Errorf("%s on %s in %s pages: %s on %s has %.2f, want %.1f", p.front, p.back, name, front[scheme], back[scheme], got, p.want)
			}
			if p.want == 4.5 {
				least[scheme] = min(least[scheme], got)
			}
		}
	}
	t.Logf("%d pairs; the least contrast of text is %.2f on light and %.2f on dark pages (4.5)", len(pairs), least[0], least[1])
}

func TestContrast(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want string
	}{{"#000000", "#ffffff", "21.00"}, {"#777777", "#ffffff", "4.48"}, {"#ffffff", "#ffffff", "1.00"}} {
		if got := fmt.Sprintf("%.2f", contrast(tt.a, tt.b)); got != tt.want {
			t.Errorf("contrast of %s and %s is %s, want %s", tt.a, tt.b, got, tt.want)
		}
	}
}

// contrast is the ratio that WCAG defines.
func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(colour string) float64 {
	var channels [3]float64
	for i := range channels {
		n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if err != nil {
			return 0
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			channels[i] = c / 12.92
		} else {
			channels[i] = math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*channels[0] + 0.7152*channels[1] + 0.0722*channels[2]
}
