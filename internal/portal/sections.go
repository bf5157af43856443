package portal

import (
	"context"

	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// assemble makes the site of all sections and shows it from then on. What a
// section reads by itself it reads until ctx ends.
func (p *Portal) assemble(_ context.Context, _ *catalogue.Catalogue) error {
	// One line for each section.
	var sections []*page.Section
	options := p.frame(p.Ready, sections)
	options.Sessions = p.sessions
	options.Banner = p.banner
	site, err := page.New(options)
	if err != nil {
		return err
	}
	p.site.Store(site)
	return nil
}

// banner says above each page what is wrong with the portal right now.
func (p *Portal) banner() string {
	if p.Stale() == nil {
		return ""
	}
	return "The management plane does not answer right now. You can go on reading; what you change cannot be saved at the moment."
}
