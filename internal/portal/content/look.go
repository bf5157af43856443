package content

import (
	"slices"

	"github.com/sallyport/sallyport/internal/model/site"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// Look is the frame of pages for a visitor: the title, the navigation and the
// theme of what is published. Base is what stands where the content says nothing.
func (l *Library) Look(base page.Look) page.Look { return l.Current().Look(base) }

// own are the parts of the portal that are a visitor's own, which stay in the
// menu whatever the content says.
var own = []string{"/subscriptions", "/usage"}

// Look is the frame of pages with this content.
func (s *Shown) Look(base page.Look) page.Look {
	base.Name = s.name
	if menu := s.Content.Navigation.Menu; len(menu) > 0 {
		all := links(menu)
		for _, link := range base.Navigation {
			has := slices.ContainsFunc(all, func(l page.Link) bool { return l.Path == link.Path })
			if !has && slices.Contains(own, link.Path) {
				all = append(all, link)
			}
		}
		base.Navigation = all
	}
	if footer := s.Content.Navigation.Footer; len(footer) > 0 {
		base.Footer = links(footer)
	}
	if note := s.Content.Navigation.Note; note != "" {
		base.FooterText = note
	}
	theme := s.Content.Look.Theme
	base.Logo, base.LogoDark, base.Icon = s.media(theme.Logo), s.media(theme.LogoDark), s.media(theme.Icon)
	if s.stylePath != "" {
		base.Styles = append(slices.Clone(base.Styles), s.stylePath)
	}
	return base
}

// media is the path of a medium; "" where it is not there.
func (s *Shown) media(file string) string {
	m, ok := s.Content.Media[file]
	if file == "" || !ok {
		return ""
	}
	return MediaPath(file, m)
}

func links(list []site.Link) []page.Link {
	all := make([]page.Link, 0, len(list))
	for _, l := range list {
		all = append(all, page.Link{Text: l.Label, Path: l.Address})
	}
	return all
}
