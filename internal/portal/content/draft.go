package content

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/model/site"
	"github.com/sallyport/sallyport/internal/problem"
)

// MaxPublications bounds the publications that are kept to go back to.
const MaxPublications = 100

// maxSwept bounds the publications that one publishing removes; those of folders
// that were applied add up in the meantime.
const maxSwept = 100

// ErrChanged says that somebody else was faster: what was looked at is no longer
// what is there. Nothing was changed.
var ErrChanged = errors.New("it was changed by somebody else in the meantime; look at it as it is now, then do it again")

// RefusedError says why a draft cannot be published.
type RefusedError struct {
	// Problems are those of the content, Faults those of the texts of pages by slug.
	Problems problem.Problems
	Faults   map[string][]Fault
}

// Error tells the first reason.
func (e *RefusedError) Error() string {
	for _, p := range e.Problems {
		return "the draft cannot be published: " + p.String()
	}
	for slug, faults := range e.Faults {
		return fmt.Sprintf("the draft cannot be published: page %s: %s", slug, faults[0])
	}
	return "the draft cannot be published"
}

// Editor changes the draft and publishes it, through the client of the
// administrator who does it.
type Editor struct {
	client  *client.Client
	library *Library
}

// Editor returns an editor that calls the management API with c.
func (l *Library) Editor(c *client.Client) *Editor { return &Editor{c, l} }

// Item is a part of the draft with its version. ETag is "" for what is not kept
// yet: the default, or nothing.
type Item[T any] struct {
	Value T
	ETag  string
}

// getItem reads one item; found is false where it is not there.
func getItem[T any](ctx context.Context, c *client.Client, kind, name string) (item Item[T], found bool, err error) {
	got, err := client.Get[T](ctx, c, itemPath(kind, name))
	if client.IsNotFound(err) {
		return item, false, nil
	}
	if err != nil {
		return item, false, err
	}
	return Item[T]{got.Properties, got.ETag}, true, nil
}

// putItem writes one item if it still has the version that was seen; "" wants it
// not to be there. The content type is made where it is missing.
func putItem(ctx context.Context, c *client.Client, kind, name string, value any, etag string) (string, error) {
	condition := client.IfNew()
	if etag != "" {
		condition = client.IfMatch(etag)
	}
	put := func() (client.Resource[client.ContentItem], error) {
		return client.Put[client.ContentItem](ctx, c, itemPath(kind, name), value, condition)
	}
	kept, err := put()
	if client.IsNotFound(err) {
		_, err = client.Put[client.ContentType](ctx, c, client.Path("contentTypes", kind), client.ContentType{Name: kind}, client.IfNew())
		if err != nil && !client.IsConflict(err) {
			return "", err
		}
		kept, err = put()
	}
	if client.IsConflict(err) || client.IsNotFound(err) && etag != "" {
		return "", ErrChanged
	}
	return kept.ETag, err
}

// Page reads a page of the draft.
func (e *Editor) Page(ctx context.Context, slug string) (Item[site.Page], bool, error) {
	item, found, err := getItem[site.Page](ctx, e.client, site.TypePage, slug)
	if err == nil && !found && slug == site.HomePage {
		return Item[site.Page]{Value: Default(e.library.Current().publisher).Pages[slug]}, true, nil
	}
	return item, found, err
}

// PutPage keeps a page of the draft.
func (e *Editor) PutPage(ctx context.Context, slug string, p site.Page, etag string) (string, error) {
	if err := p.Validate(slug).Err(); err != nil {
		return "", err
	}
	if etag == "" {
		if pages, err := client.All[site.Page](ctx, e.client, client.Path("contentTypes", site.TypePage, "contentItems")); err == nil &&
			len(pages) >= site.MaxPages {
			return "", fmt.Errorf("there are %d pages already (limit MaxPages)", len(pages))
		}
	}
	return putItem(ctx, e.client, site.TypePage, slug, p, etag)
}

// DeletePage removes a page from the draft, if it still has the version.
func (e *Editor) DeletePage(ctx context.Context, slug, etag string) error {
	if etag == "" {
		return ErrChanged
	}
	return e.remove(ctx, site.TypePage, slug, etag)
}

func (e *Editor) remove(ctx context.Context, kind, name, etag string) error {
	err := client.Delete(ctx, e.client, itemPath(kind, name), client.IfMatch(cmp.Or(etag, "*")))
	if client.IsConflict(err) {
		return ErrChanged
	}
	return err
}

// Navigation reads the navigation of the draft.
func (e *Editor) Navigation(ctx context.Context) (Item[site.Navigation], error) {
	item, found, err := getItem[site.Navigation](ctx, e.client, site.TypeNavigation, site.ItemDefault)
	if err == nil && !found {
		item.Value = Default("").Navigation
	}
	return item, err
}

// PutNavigation keeps the navigation of the draft.
func (e *Editor) PutNavigation(ctx context.Context, n site.Navigation, etag string) (string, error) {
	if err := n.Validate().Err(); err != nil {
		return "", err
	}
	return putItem(ctx, e.client, site.TypeNavigation, site.ItemDefault, n, etag)
}

// Look reads the look of the draft.
func (e *Editor) Look(ctx context.Context) (Item[site.Look], error) {
	item, _, err := getItem[site.Look](ctx, e.client, site.TypeLook, site.ItemDefault)
	return item, err
}

// PutLook keeps the look of the draft.
func (e *Editor) PutLook(ctx context.Context, look site.Look, etag string) (string, error) {
	if err := look.Validate().Err(); err != nil {
		return "", err
	}
	return putItem(ctx, e.client, site.TypeLook, site.ItemDefault, look, etag)
}

// Media reads the list of media of the draft.
func (e *Editor) Media(ctx context.Context) (map[string]site.Medium, error) {
	all, err := client.All[site.Medium](ctx, e.client, client.Path("contentTypes", site.TypeMedia, "contentItems"))
	if err != nil && !client.IsNotFound(err) {
		return nil, err
	}
	media := map[string]site.Medium{}
	for _, m := range all {
		media[m.Name] = m.Properties
	}
	return media, nil
}

// PutMedium keeps an image or a font under a name, in place of one that has it.
func (e *Editor) PutMedium(ctx context.Context, file string, data []byte) error {
	m, err := site.Identify(data)
	if err != nil {
		return err
	}
	media, err := e.Media(ctx)
	if err != nil {
		return err
	}
	media[file] = m
	if err := (&site.Content{Media: media}).Validate().Err(); err != nil {
		return err
	}
	for range maxUploads {
		if err = e.upload(ctx, file, m, data); !isInvalid(err) {
			break
		}
	}
	return err
}

// maxUploads bounds how often an upload begins again: what a medium holds may be
// there already, and go with the last medium that held it before this one names it.
const maxUploads = 3

// upload keeps what a medium holds, and then the medium that names it.
func (e *Editor) upload(ctx context.Context, file string, m site.Medium, data []byte) error {
	_, err := putItem(ctx, e.client, site.TypeBlob, m.Digest, blobProperties{base64.StdEncoding.EncodeToString(data)}, "")
	if err != nil && !errors.Is(err, ErrChanged) { // It is there already.
		return err
	}
	_, err = putItem(ctx, e.client, site.TypeMedia, file, m, "")
	if errors.Is(err, ErrChanged) {
		_, err = putItem(ctx, e.client, site.TypeMedia, file, m, "*")
	}
	return err
}

// isInvalid reports whether the management API refused what it was sent: an item
// that names what is not there.
func isInvalid(err error) bool {
	p, ok := errors.AsType[*problem.Error](err)
	return ok && p.Status == http.StatusBadRequest
}

// DeleteMedium removes a medium from the draft. What it holds stays for as long as
// a publication that can be gone back to shows it; the management plane sees to it.
func (e *Editor) DeleteMedium(ctx context.Context, file string) error {
	return e.remove(ctx, site.TypeMedia, file, "")
}

// Draft reads the whole draft.
func (e *Editor) Draft(ctx context.Context) (*site.Content, error) {
	base := Default(e.library.Current().publisher)
	c := &site.Content{Pages: map[string]site.Page{}}
	pages, err := client.All[site.Page](ctx, e.client, client.Path("contentTypes", site.TypePage, "contentItems"))
	if err != nil && !client.IsNotFound(err) {
		return nil, err
	}
	for _, p := range pages {
		c.Pages[p.Name] = p.Properties
	}
	if _, ok := c.Pages[site.HomePage]; !ok {
		c.Pages[site.HomePage] = base.Pages[site.HomePage]
	}
	navigation, err := e.Navigation(ctx)
	if err != nil {
		return nil, err
	}
	look, err := e.Look(ctx)
	if err != nil {
		return nil, err
	}
	if c.Media, err = e.Media(ctx); err != nil {
		return nil, err
	}
	c.Navigation, c.Look = navigation.Value, look.Value
	return c.Clone()
}

// Check says why a draft cannot be published; nil where it can.
func (l *Library) Check(c *site.Content) *RefusedError {
	_, faults := l.render.show(c, nil, "")
	refused := &RefusedError{Problems: c.Validate(), Faults: faults}
	if len(refused.Problems) == 0 && len(refused.Faults) == 0 {
		return nil
	}
	return refused
}

// Preview is a draft as it would be shown, with what its media hold where that is
// in memory.
func (l *Library) Preview(c *site.Content) *Shown {
	shown, _ := l.render.show(c, nil, l.Current().publisher)
	return shown
}

// PreviewPage is a page as it would be shown, with what is wrong with its text.
func (l *Library) PreviewPage(slug string, p site.Page, media map[string]site.Medium) (*Page, []Fault) {
	return l.render.draw(slug, p, media)
}

// Revisions are the published states, the one that was last made current first.
func Revisions(ctx context.Context, c *client.Client) ([]client.Resource[client.PortalRevision], error) {
	all, err := client.All[client.PortalRevision](ctx, c, "portalRevisions")
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b client.Resource[client.PortalRevision]) int {
		return b.Properties.UpdatedDateTime.Compare(a.Properties.UpdatedDateTime)
	})
	return all, nil
}

// Publish makes the draft what visitors see. It must have the revision that was
// looked at; else nothing happens and the error is ErrChanged. The name of what
// is published is returned.
func (e *Editor) Publish(ctx context.Context, seen, note string) (string, error) {
	c, err := e.Draft(ctx)
	if err != nil {
		return "", err
	}
	if refused := e.library.Check(c); refused != nil {
		return "", refused
	}
	revision, err := c.Revision()
	if err != nil {
		return "", err
	}
	if revision != seen {
		return "", ErrChanged
	}
	publication := site.Publication{Version: site.PublicationVersion, Content: *c}
	_, err = putItem(ctx, e.client, site.TypePublication, revision, publication, "")
	switch {
	case isInvalid(err): // A medium that it names was deleted after the draft was read.
		return "", ErrChanged
	case err != nil && !errors.Is(err, ErrChanged): // The same content is there already.
		return "", err
	}
	if err := e.show(ctx, revision, note); err != nil {
		return "", err
	}
	e.sweep(ctx)
	return revision, nil
}

// show makes a revision current: the one record that decides what visitors see.
func (e *Editor) show(ctx context.Context, revision, note string) error {
	_, err := client.Put[client.PortalRevision](ctx, e.client, client.Path("portalRevisions", revision),
		map[string]any{"description": note, "isCurrent": true})
	if err != nil {
		return err
	}
	// The followers of the service see it too; this is so that the next page of this
	// portal does at once.
	if err := e.library.Refresh(ctx); err != nil {
		e.library.log.Warn("the portal shows what was published a little later", "revision", revision, "error", err)
	}
	return nil
}

// RollBack makes an earlier publication what visitors see, if the one that was
// looked at is still current.
func (e *Editor) RollBack(ctx context.Context, revision, seenCurrent string) error {
	current, err := CurrentRevision(ctx, e.client)
	if err != nil {
		return err
	}
	if current != seenCurrent {
		return ErrChanged
	}
	_, found, err := getItem[site.Publication](ctx, e.client, site.TypePublication, revision)
	if err != nil {
		return err
	}
	if !found {
		return problem.New(404, "ResourceNotFound", "What was published as %s is no longer kept.", revision)
	}
	was, err := client.Get[client.PortalRevision](ctx, e.client, client.Path("portalRevisions", revision))
	if err != nil {
		return err
	}
	return e.show(ctx, revision, was.Properties.Description)
}

// Publication reads a published state.
func (e *Editor) Publication(ctx context.Context, revision string) (*site.Content, bool, error) {
	item, found, err := getItem[site.Publication](ctx, e.client, site.TypePublication, revision)
	return &item.Value.Content, found, err
}

// sweep removes publications that are beyond MaxPublications. A sweep that fails
// takes nothing back: the next one goes on.
func (e *Editor) sweep(ctx context.Context) {
	revisions, err := Revisions(ctx, e.client)
	if err != nil || len(revisions) <= MaxPublications {
		return // What was published stays published.
	}
	old := revisions[MaxPublications:]
	for _, r := range old[:min(len(old), maxSwept)] {
		if r.Properties.IsCurrent {
			continue
		}
		if err := e.remove(ctx, site.TypePublication, r.Name, ""); err != nil && !client.IsNotFound(err) {
			e.library.log.Warn("an old publication of the portal stays", "revision", r.Name, "error", err)
		}
	}
}
