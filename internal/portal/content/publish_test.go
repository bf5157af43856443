package content

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/model/site"
	"github.com/sallyport/sallyport/internal/portal/page/pagetest"
)

// management is a management API that also does what a write of portalRevisions
// does to the others, in one step.
func management(t *testing.T) *pagetest.Management {
	t.Helper()
	m := pagetest.NewManagement(t)
	var names []string
	m.Handle("PUT portalRevisions/*", func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		var body struct {
			Properties map[string]any `json:"properties"`
		}
		if err != nil || json.Unmarshal(raw, &body) != nil {
			http.Error(w, "{}", http.StatusBadRequest)
			return
		}
		name := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
		for _, other := range names {
			was := m.Properties("portalRevisions/" + other)
			was["isCurrent"] = false
			m.Set("portalRevisions/"+other, was)
		}
		names = append(names, name)
		m.Set("portalRevisions/"+name, body.Properties)
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(`{"name":"` + name + `","properties":{"isCurrent":true}}`))
	})
	return m
}

// library follows m until the test ends.
func library(t *testing.T, m *pagetest.Management) *Library {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	l, err := Follow(ctx, Options{Client: m.Client})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); <-l.Done() })
	return l
}

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// publish publishes the draft as it is.
func publish(t *testing.T, e *Editor) string {
	t.Helper()
	draft, err := e.Draft(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	seen, err := draft.Revision()
	if err != nil {
		t.Fatal(err)
	}
	revision, err := e.Publish(t.Context(), seen, "A note.")
	if err != nil {
		t.Fatal(err)
	}
	return revision
}

func home(l *Library) string { return string(l.Current().pages[site.HomePage].Pieces[0].HTML) }

// TestPublishAndRollBack goes the whole way: default, draft, publish, another
// publish, back, and forward again.
func TestPublishAndRollBack(t *testing.T) {
	m := management(t)
	l := library(t, m)
	e := l.Editor(m.Client)
	if !strings.Contains(home(l), "Developer portal APIs") {
		t.Fatalf("a new portal shows %s", home(l))
	}
	write := func(text, etag string) string {
		t.Helper()
		etag, err := e.PutPage(t.Context(), site.HomePage, site.Page{Title: "Home", Text: text}, etag)
		if err != nil {
			t.Fatal(err)
		}
		return etag
	}
	etag := write("One.", "")
	if err := e.PutMedium(t.Context(), "logo.png", picture(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := e.PutLook(t.Context(), site.Look{Title: "Contoso", Theme: site.Theme{Logo: "logo.png"}}, ""); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(home(l), "One.") {
		t.Error("visitors see the draft")
	}
	first := publish(t, e)
	if got := home(l); !strings.Contains(got, "One.") || l.Current().name != "Contoso" || len(l.Current().blobs) != 1 {
		t.Errorf("published: %s %+v", got, l.Current().name)
	}
	write("Two.", etag)
	second := publish(t, e)
	if got := home(l); !strings.Contains(got, "Two.") {
		t.Errorf("published again: %s", got)
	}
	if err := e.RollBack(t.Context(), first, first); !errors.Is(err, ErrChanged) {
		t.Errorf("rolled back over another's publication: %v", err)
	}
	if err := e.RollBack(t.Context(), first, second); err != nil || !strings.Contains(home(l), "One.") {
		t.Errorf("rolled back: %v %s", err, home(l))
	}
	if got := publish(t, e); got != second || !strings.Contains(home(l), "Two.") {
		t.Errorf("published the same again: %s %s", got, home(l))
	}
	if err := e.RollBack(t.Context(), strings.Repeat("0", 32), second); !client.IsNotFound(err) {
		t.Errorf("rolled back to nothing: %v", err)
	}
	// Another portal that starts now shows the same.
	if other := library(t, m); !strings.Contains(home(other), "Two.") || other.Current().Revision != second {
		t.Errorf("another portal shows %s", home(other))
	}
}

// TestPublishIsAtomic stops the management plane after each of the steps of
// publishing: what visitors see, also in a portal that starts then, is the one or
// the other in whole, and publishing once more finishes it.
func TestPublishIsAtomic(t *testing.T) {
	for stop := 0; ; stop++ {
		m := management(t)
		l := library(t, m)
		e := l.Editor(m.Client)
		if _, err := e.PutPage(t.Context(), site.HomePage, site.Page{Title: "Home", Text: "Old."}, ""); err != nil {
			t.Fatal(err)
		}
		publish(t, e)
		if _, err := e.PutPage(t.Context(), site.HomePage, site.Page{Title: "Home", Text: "New."}, "*"); err != nil {
			t.Fatal(err)
		}
		if _, err := e.PutNavigation(t.Context(), site.Navigation{Note: "New."}, ""); err != nil {
			t.Fatal(err)
		}
		draft, err := e.Draft(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		seen, err := draft.Revision()
		if err != nil {
			t.Fatal(err)
		}
		cut := &cutter{next: http.DefaultTransport, left: stop}
		broken, err := client.New(client.Options{BaseURL: m.URL, Service: pagetest.Service, Transport: cut})
		if err != nil {
			t.Fatal(err)
		}
		_, publishErr := l.Editor(broken).Publish(t.Context(), seen, "")
		for _, portal := range []*Library{l, library(t, m)} {
			old := strings.Contains(home(portal), "Old.") && portal.Current().Content.Navigation.Note == ""
			fresh := strings.Contains(home(portal), "New.") && portal.Current().Content.Navigation.Note == "New."
			if !old && !fresh {
				t.Fatalf("stopped after %d calls, visitors see %s and %q", stop, home(portal), portal.Current().Content.Navigation.Note)
			}
			if publishErr == nil && !fresh {
				t.Fatalf("stopped after %d calls, publishing was acknowledged and visitors see %s", stop, home(portal))
			}
		}
		publish(t, e)
		if !strings.Contains(home(l), "New.") {
			t.Fatalf("stopped after %d calls, publishing again shows %s", stop, home(l))
		}
		if cut.left > 0 {
			t.Logf("publishing stopped after each of %d calls: 0 halves seen (limit 0)", stop)
			return
		}
	}
}

// cutter lets some calls through and no more, as if the portal had died.
type cutter struct {
	next http.RoundTripper
	left int
}

func (c *cutter) RoundTrip(r *http.Request) (*http.Response, error) {
	if c.left == 0 {
		return nil, errors.New("the portal is gone")
	}
	c.left--
	return c.next.RoundTrip(r)
}

func TestEditsOfTwo(t *testing.T) {
	m := management(t)
	e := library(t, m).Editor(m.Client)
	etag, err := e.PutPage(t.Context(), "about", site.Page{Title: "A"}, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.PutPage(t.Context(), "about", site.Page{Title: "B"}, ""); !errors.Is(err, ErrChanged) {
		t.Errorf("a second new page: %v", err)
	}
	if _, err := e.PutPage(t.Context(), "about", site.Page{Title: "B"}, etag); err != nil {
		t.Fatal(err)
	}
	if _, err := e.PutPage(t.Context(), "about", site.Page{Title: "C"}, etag); !errors.Is(err, ErrChanged) {
		t.Errorf("a stale page: %v", err)
	}
	if err := e.DeletePage(t.Context(), "about", etag); !errors.Is(err, ErrChanged) {
		t.Errorf("a stale delete: %v", err)
	}
	if _, err := e.Publish(t.Context(), strings.Repeat("0", 32), ""); !errors.Is(err, ErrChanged) {
		t.Errorf("published what nobody saw: %v", err)
	}
}

func TestPublishRefuses(t *testing.T) {
	m := management(t)
	e := library(t, m).Editor(m.Client)
	if _, err := e.PutPage(t.Context(), "about", site.Page{Title: "A", Text: "::: herro :::"}, ""); err != nil {
		t.Fatal(err)
	}
	_, err := e.Publish(t.Context(), "", "")
	if refused, ok := errors.AsType[*RefusedError](err); !ok || len(refused.Faults["about"]) != 1 {
		t.Errorf("got %v", err)
	}
	dark := site.Look{Theme: site.Theme{Dark: map[string]string{"text": "#000000"}}}
	if _, err := e.PutLook(t.Context(), dark, ""); err == nil || !strings.Contains(err.Error(), "text on background has a contrast of") {
		t.Errorf("an illegible theme: %v", err)
	}
	if err := e.PutMedium(t.Context(), "x.png", []byte("<svg><script/></svg>")); !errors.Is(err, site.ErrSVG) {
		t.Errorf("SVG: %v", err)
	}
}

// TestGoesOnWhileAway takes the management plane away: what was published goes on
// to be shown, and a publication of another release changes nothing.
func TestGoesOnWhileAway(t *testing.T) {
	m := management(t)
	l := library(t, m)
	e := l.Editor(m.Client)
	if _, err := e.PutPage(t.Context(), site.HomePage, site.Page{Title: "Home", Text: "Mine."}, ""); err != nil {
		t.Fatal(err)
	}
	publish(t, e)
	m.Away(true)
	if err := l.Refresh(t.Context()); err == nil || !strings.Contains(home(l), "Mine.") {
		t.Errorf("away: %v %s", err, home(l))
	}
	m.Away(false)
	m.Set(itemPath(site.TypePublication, "later"), map[string]any{"version": 9})
	was := m.Properties("portalRevisions/" + l.Current().Revision)
	was["isCurrent"] = false
	m.Set("portalRevisions/"+l.Current().Revision, was)
	m.Set("portalRevisions/later", map[string]any{"isCurrent": true})
	if err := l.Refresh(t.Context()); err != nil || !strings.Contains(home(l), "Mine.") {
		t.Errorf("another release's: %v %s", err, home(l))
	}
}
