package page

// Look is what a theme and the portal's content say of the frame.
type Look struct {
	// Name is the portal's name, shown beside the logo and in titles.
	Name string
	// Logo and LogoDark are paths of pictures for light and dark pages; Icon is
	// that of the browser's tab. They may be empty.
	Logo, LogoDark, Icon string
	// Navigation stands at the top of each page, and Footer at its end.
	Navigation, Footer []Link
	// Styles are paths of style sheets that come after the frame's own: a theme.
	Styles []string
	// FooterText is the last line of each page.
	FooterText string
}

// navigation are the parts of the portal that a visitor is led to.
var navigation = []struct {
	Link
	needs Access
}{
	{Link{"APIs", "/apis"}, Anyone},
	{Link{"Products", "/products"}, Anyone},
	{Link{"Subscriptions", "/subscriptions"}, SignedIn},
	{Link{"Usage", "/usage"}, SignedIn},
}

// DefaultLook is the look of a portal without content: its navigation leads to
// the parts that there are.
func (s *Site) DefaultLook(v Visitor) Look {
	l := Look{Name: "Developer portal"}
	for _, n := range navigation {
		if (n.needs == Anyone || v.SignedIn()) && s.has("GET", n.Path) {
			l.Navigation = append(l.Navigation, n.Link)
		}
	}
	return l
}

// has says whether there is a route with exactly this pattern.
func (s *Site) has(method, path string) bool {
	for i := range s.routes {
		if s.routes[i].Path == path && s.routes[i].Method == method {
			return true
		}
	}
	return false
}
