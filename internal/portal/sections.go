package portal

import (
	"context"

	"github.com/sallyport/sallyport/internal/portal/account"
	"github.com/sallyport/sallyport/internal/portal/administer"
	"github.com/sallyport/sallyport/internal/portal/asset"
	"github.com/sallyport/sallyport/internal/portal/browse"
	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/console"
	"github.com/sallyport/sallyport/internal/portal/content"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/portal/reference"
	"github.com/sallyport/sallyport/internal/portal/subscribe"
	"github.com/sallyport/sallyport/internal/portal/usage"
)

// assemble makes the site of all sections and shows it from then on. What a
// section reads by itself it reads until ctx ends.
func (p *Portal) assemble(ctx context.Context, index *catalogue.Catalogue, settings *account.Settings) error {
	library, err := p.library(ctx)
	if err != nil {
		return err
	}
	references := reference.NewLibrary(reference.LibraryOptions{Catalogue: index, Client: p.o.Client, Clock: p.o.Clock, Log: p.o.Log})
	p.run(func() { references.ReadAhead(ctx) }) // Nobody waits for a large description.
	// One line for each section.
	sections := []*page.Section{
		browse.New(browse.Options{Catalogue: index.Current, Opened: references.Opened}),
		usage.New(usage.Options{Catalogue: index.Current}),
		reference.New(reference.Options{Catalogue: index, Library: references}),
		content.New(content.SectionOptions{Library: library, Catalogue: index.Current}),
		console.New(console.Options{
			Catalogue: index, Library: references, Client: p.o.Client, Gateway: p.o.Gateway, GatewayName: p.o.GatewayName,
			AllowPrivate: p.o.AllowPrivateProviders,
			Clock:        p.o.Clock, Log: p.o.Log,
		}),
		subscribe.New(subscribe.Options{Catalogue: index.Current, Mail: p.mailer}),
		administer.New(administer.Options{
			Library: library, Mail: p.mailer, Invite: account.NewInviter(p.o.Client, p.mailer, p.o.Clock).Invite,
		}),
		account.New(account.Options{
			Client: p.o.Client, Sessions: p.sessions, Mail: p.mailer, Settings: settings, Clock: p.o.Clock, Log: p.o.Log,
			AllowPrivate: p.o.AllowPrivateProviders,
		}),
	}
	sections = append(sections, asset.Sections()...)
	options := p.frame(p.Ready, sections)
	options.Sessions = p.sessions
	options.Banner = p.banner
	options.Closed = settings.SigninRequired
	var site *page.Site
	options.Look = func(v page.Visitor) page.Look { return library.Look(site.DefaultLook(v)) }
	site, err = page.New(options)
	if err != nil {
		return err
	}
	p.site.Store(site)
	return nil
}

// library is the content of the portal, which follows the service until ctx ends.
func (p *Portal) library(ctx context.Context) (*content.Library, error) {
	library, err := content.Follow(ctx, content.Options{Client: p.o.Client, Theme: p.o.Theme, Clock: p.o.Clock, Log: p.o.Log})
	if library == nil {
		return nil, err
	}
	p.run(func() { <-library.Done() })
	if err != nil {
		p.o.Log.Warn("the portal shows its default content until it can read its own", "error", err.Error())
	}
	return library, nil
}

// banner says above each page what is wrong with the portal right now.
func (p *Portal) banner() string {
	if p.Stale() == nil {
		return ""
	}
	return "The service behind this portal does not answer right now. You can go on reading; what you change cannot be saved at the moment."
}
