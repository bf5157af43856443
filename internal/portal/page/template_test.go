package page

import (
	"html/template"
	"testing"
	"time"
)

func TestBreaks(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"a short name has none", "ann@b.io", "ann@b.io"},
		{"an address", "ada.lovelace@contoso.example", "ada.<wbr>lovelace@<wbr>contoso.<wbr>example"},
		{"an identifier", "billing_reconciliation", "billing_<wbr>reconciliation"},
		{"a path", "https://host/payments/{id}", "https://<wbr>host/<wbr>payments/<wbr>{id}"},
		{"an abbreviation", "Product No. 1 / red", "Product No. 1 / red"},
		{"markup is text", `<b title="x/y">long_name</b>`, "&lt;b title=&#34;x/<wbr>y&#34;&gt;long_<wbr>name&lt;/<wbr>b&gt;"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := breaks(tt.text); got != template.HTML(tt.want) {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	for _, tt := range []struct {
		name       string
		text, want any
	}{
		{"none", "a -- b", template.HTML("a -- b")},
		{"two", "Use --backup, or --smtp-url.", template.HTML("Use <code>--backup</code>, or <code>--smtp-url</code>.")},
		{"an abbreviation", "Product No. 1 / red", "Product No. 1 / red"},
		{"markup is text", "<i>--backup", template.HTML("&lt;i&gt;<code>--backup</code>")},
		{"plain", "<i>", "<i>"},
		{"markup of ours", template.HTML("<i>--x</i>"), template.HTML("<i>--x</i>")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := options(tt.text); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestTimesEndLinesBetweenDayAndTime(t *testing.T) {
	at := time.Date(2026, 11, 24, 9, 5, 0, 0, time.FixedZone("", 3600))
	want := `<time datetime="2026-11-24T08:05:00Z">24` + "\u00a0Nov\u00a02026, 08:05\u00a0UTC</time>"
	if got := timeElement(at, "2 Jan 2006, 15:04 MST"); string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
