package page

import (
	"fmt"
	"html/template"
	"net/url"
	"strconv"
)

// Option is one choice of the partial "select".
type Option struct{ Value, Text string }

// Pager is what the partial "pager" shows: links to the pages of a list.
type Pager struct {
	// Page is the page shown, from 1; Pages is how many there are.
	Page, Pages int
	// Total is the number of entries, From and To those on this page, from 1.
	Total, From, To int
	address         url.URL
}

// NewPager returns the pager of a list of total entries, of which size are on a
// page. A page beyond the last is the last. Links keep the address's query and
// set "page" in it.
func NewPager(address *url.URL, page, size, total int) Pager {
	size = max(size, 1)
	pages := max(1, (total+size-1)/size)
	page = min(max(page, 1), pages)
	p := Pager{Page: page, Pages: pages, Total: total, address: url.URL{Path: address.Path, RawQuery: address.RawQuery}}
	if total > 0 {
		p.From, p.To = (page-1)*size+1, min(page*size, total)
	}
	return p
}

// PageNumber is the page that a query asks for, from 1.
func PageNumber(query url.Values) int { //nolint:revive // Number alone would not say of what.
	n, err := strconv.Atoi(query.Get("page"))
	if err != nil || n < 1 {
		return 1
	}
	return n
}

// URL is the address of a page of the list.
func (p Pager) URL(page int) string {
	q := p.address.Query()
	q.Del("page")
	if page > 1 {
		q.Set("page", strconv.Itoa(page))
	}
	u := url.URL{Path: p.address.Path, RawQuery: q.Encode()}
	return u.String()
}

// Previous is the address of the page before, or "".
func (p Pager) Previous() string {
	if p.Page <= 1 {
		return ""
	}
	return p.URL(p.Page - 1)
}

// Next is the address of the page after, or "".
func (p Pager) Next() string {
	if p.Page >= p.Pages {
		return ""
	}
	return p.URL(p.Page + 1)
}

// Around are the numbers of pages to show; zero is a gap.
func (p Pager) Around() []int {
	var list []int
	for n := 1; n <= p.Pages; n++ {
		if n == 1 || n == p.Pages || n >= p.Page-1 && n <= p.Page+1 {
			list = append(list, n)
		} else if list[len(list)-1] != 0 {
			list = append(list, 0)
		}
	}
	return list
}

// icons are drawn with strokes of the text's colour in a box of 24.
var icons = map[string]template.HTML{
	"search":   `<circle cx="11" cy="11" r="7"/><path d="m20 20-4-4"/>`,
	"menu":     `<path d="M4 6h16M4 12h16M4 18h16"/>`,
	"close":    `<path d="m6 6 12 12M18 6 6 18"/>`,
	"user":     `<circle cx="12" cy="8" r="4"/><path d="M4 21c1-5 4-7 8-7s7 2 8 7"/>`,
	"theme":    `<circle cx="12" cy="12" r="8"/><path d="M12 4v16a8 8 0 0 0 0-16" fill="currentColor"/>`,
	"down":     `<path d="m6 9 6 6 6-6"/>`,
	"right":    `<path d="m9 6 6 6-6 6"/>`,
	"left":     `<path d="m15 6-6 6 6 6"/>`,
	"check":    `<path d="m5 13 4 4L19 7"/>`,
	"info":     `<circle cx="12" cy="12" r="9"/><path d="M12 11v6M12 7v1"/>`,
	"warning":  `<path d="M12 3 2 20h20zM12 10v4M12 17v.5"/>`,
	"danger":   `<path d="M8 3h8l5 5v8l-5 5H8l-5-5V8zM12 8v5M12 16v.5"/>`,
	"success":  `<circle cx="12" cy="12" r="9"/><path d="m8 12 3 3 5-6"/>`,
	"copy":     `<rect x="8" y="8" width="12" height="12" rx="2"/><path d="M16 8V5a1 1 0 0 0-1-1H5a1 1 0 0 0-1 1v10a1 1 0 0 0 1 1h3"/>`,
	"key":      `<circle cx="8" cy="15" r="4"/><path d="m11 12 9-9M16 7l3 3"/>`,
	"plus":     `<path d="M12 5v14M5 12h14"/>`,
	"edit":     `<path d="m4 20 1-5L16 4l4 4L9 19z"/>`,
	"trash":    `<path d="M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13"/>`,
	"download": `<path d="M12 4v11m-5-5 5 5 5-5M5 20h14"/>`,
	"external": `<path d="M14 4h6v6M20 4 10 14M18 14v6H4V6h6"/>`,
	"send":     `<path d="m4 12 16-8-6 16-3-7z"/>`,
	"lock":     `<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V7a4 4 0 0 1 8 0v4"/>`,
}

// icon is a drawing that says nothing that the text beside it does not say.
func icon(name string) (template.HTML, error) {
	body, ok := icons[name]
	if !ok {
		return "", fmt.Errorf("icon: there is none named %q", name)
	}
	return `<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">` + body + `</svg>`, nil
}
