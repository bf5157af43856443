package administer

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/model/site"
	"github.com/sallyport/sallyport/internal/portal/content"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/problem"
)

// errNothing says that there is nothing of that name.
func errNothing(what, name string) error {
	return problem.New(http.StatusNotFound, "ResourceNotFound", "There is no %s %q.", what, name)
}

// fieldError says what is wrong with a field of a form.
type fieldError page.Problem

func (e *fieldError) Error() string { return e.Text }

// done ends a change that has no form to show again: it leads on, or shows what
// was refused on a page of its own.
func (s *section) done(x *page.Exchange, err error, path string, n page.Notice, crumbs ...page.Link) error {
	switch {
	case err == nil:
		return x.Redirect(path, n)
	case errors.Is(err, content.ErrChanged), client.IsConflict(err):
		return s.answer(x, http.StatusConflict, "Nothing was changed", &screen{
			Lead:  "Somebody else changed it after you opened the page. Look at it as it is now, then decide again.",
			Links: []page.Link{{Text: "Go back", Path: path}},
		}, crumbs...)
	}
	return err
}

// askPublish shows what publishing would change.
func (s *section) askPublish(x *page.Exchange) error {
	draft, err := s.Library.Editor(x.Client()).Draft(x.R.Context())
	if err != nil {
		return err
	}
	revision, err := draft.Revision()
	if err != nil {
		return err
	}
	data := &screen{Tables: []*table{differences(s.Library.Current().Published, draft)}}
	data.Links = []page.Link{{Text: "Preview the draft", Path: "/admin/content/preview/" + site.HomePage}}
	if refused := s.Library.Check(draft); refused != nil {
		data.Lead = "The draft cannot be published as it is."
		for _, reason := range reasons(refused) {
			data.Notes = append(data.Notes, note{"danger", "", reason.Text})
		}
		return s.show(x, "Publish", data)
	}
	data.Lead = "Everything in the draft becomes visible at one moment. You can go back to any earlier publication."
	if revision == s.Library.Current().Revision {
		data.Notes = append(data.Notes, note{"info", "", "The draft is what visitors see already."})
		return s.show(x, "Publish", data)
	}
	data.Forms = []*form{{
		Action: "/admin/publish", Submit: "Publish", Cancel: "/admin/content", Hidden: []hidden{{"seen", revision}},
		Fields: []field{{Name: "note", Label: "Note", Optional: true, Hint: "What has changed, for the history."}},
	}}
	return s.show(x, "Publish", data)
}

// differences lists what the draft changes.
func differences(was, draft *site.Content) *table {
	t := &table{Caption: "Changes", Columns: []string{"What", "Change"}, Empty: "Nothing differs from what visitors see."}
	add := func(what string, changed bool, word string) {
		if changed {
			t.Rows = append(t.Rows, []any{what, word})
		}
	}
	for _, slug := range draft.Slugs() {
		old, ok := was.Pages[slug]
		add("Page "+slug, !ok, "new")
		add("Page "+slug, ok && !samePage(old, draft.Pages[slug]), "changed")
	}
	for _, slug := range was.Slugs() {
		_, ok := draft.Pages[slug]
		add("Page "+slug, !ok, "removed")
	}
	add("Navigation", fmt.Sprint(was.Navigation) != fmt.Sprint(draft.Navigation), "changed")
	add("Title and theme", !sameLook(was.Look, draft.Look), "changed")
	for file, m := range draft.Media {
		old, ok := was.Media[file]
		add("File "+file, !ok, "new")
		add("File "+file, ok && old.Digest != m.Digest, "changed")
	}
	for file := range was.Media {
		_, ok := draft.Media[file]
		add("File "+file, !ok, "removed")
	}
	return t
}

func sameLook(a, b site.Look) bool {
	x, errX := (&site.Content{Look: a}).Revision()
	y, errY := (&site.Content{Look: b}).Revision()
	return errX == nil && errY == nil && x == y
}

func (s *section) publish(x *page.Exchange) error {
	text := strings.TrimSpace(x.Form().Get("note"))
	if len(text) > site.MaxDescriptionLength {
		text = strings.ToValidUTF8(text[:site.MaxDescriptionLength], "")
	}
	_, err := s.Library.Editor(x.Client()).Publish(x.R.Context(), x.Form().Get("seen"), text)
	if refused, ok := errors.AsType[*content.RefusedError](err); ok {
		data := &screen{Lead: "The draft cannot be published as it is. Nothing was changed."}
		for _, reason := range reasons(refused) {
			data.Notes = append(data.Notes, note{"danger", "", reason.Text})
		}
		return s.answer(x, http.StatusUnprocessableEntity, "Publish", data)
	}
	return s.done(x, err, "/admin/history", "published")
}

// history lists what was published.
func (s *section) history(x *page.Exchange) error {
	revisions, err := content.Revisions(x.R.Context(), x.Client())
	if err != nil {
		return err
	}
	list := &table{Columns: []string{"Publication", "Last made visible", "Note", ""},
		Empty: "Nothing was published yet: visitors see the content that came with the product."}
	for i, r := range revisions {
		if i == content.MaxPublications {
			break
		}
		action := any(link("Go back to this", "/admin/history/"+r.Name))
		name := code(r.Name[:min(8, len(r.Name))])
		if r.Properties.IsCurrent {
			action, name = "", name+" "+badge("visible", "success")
		}
		list.Rows = append(list.Rows, []any{name, moment(r.Properties.UpdatedDateTime), r.Properties.Description, action})
	}
	return s.show(x, "History", &screen{
		Lead: fmt.Sprintf("The last %d publications are kept. Going back changes what visitors see, and not the draft.",
			content.MaxPublications),
		Tables: []*table{list},
	})
}

var historyCrumb = page.Link{Text: "History", Path: "/admin/history"}

func (s *section) askRollBack(x *page.Exchange) error {
	e, revision := s.Library.Editor(x.Client()), x.Value("revision")
	then, found, err := e.Publication(x.R.Context(), revision)
	if err != nil {
		return err
	}
	if !found {
		return errNothing("publication", revision)
	}
	current, err := content.CurrentRevision(x.R.Context(), x.Client())
	if err != nil {
		return err
	}
	return s.show(x, "Go back to a publication", &screen{
		Lead:   "Visitors will see this publication in place of the present one.",
		Tables: []*table{differences(s.Library.Current().Published, then)},
		Forms: []*form{{
			Action: "/admin/history/" + revision, Submit: "Show this publication", Cancel: "/admin/history",
			Hidden: []hidden{{"current", current}},
		}},
	}, historyCrumb)
}

func (s *section) rollBack(x *page.Exchange) error {
	err := s.Library.Editor(x.Client()).RollBack(x.R.Context(), x.Value("revision"), x.Form().Get("current"))
	return s.done(x, err, "/admin/history", "rolled-back", historyCrumb)
}
