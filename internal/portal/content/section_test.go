package content

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/sallyport/sallyport/internal/model/site"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/portal/page/pagetest"
)

// TestPagesForGroups shows a page to those for whom it is, and to others what
// they are shown for pages that do not exist.
func TestPagesForGroups(t *testing.T) {
	m := management(t)
	l := library(t, m)
	e := l.Editor(m.Client)
	for slug, groups := range map[string][]string{"all": nil, "ours": {"Developers"}, "secret": {"board"}} {
		if _, err := e.PutPage(t.Context(), slug, site.Page{Title: slug, Text: "Text of " + slug, Groups: groups}, ""); err != nil {
			t.Fatal(err)
		}
	}
	p := pagetest.New(t, page.Options{Client: m.Client}, New(SectionOptions{Library: l}))
	p.Get("/pages/all").Want(t, http.StatusNotFound) // It is a draft.
	p.Get("/admin/content/preview/all").Want(t, http.StatusSeeOther)
	publish(t, e)
	missing := p.Get("/pages/missing").Want(t, http.StatusNotFound)
	for _, tt := range []struct {
		visitor page.Visitor
		sees    map[string]bool
	}{
		{pagetest.Guest, map[string]bool{"all": true}},
		{pagetest.Developer, map[string]bool{"all": true, "ours": true}},
		{pagetest.Admin, map[string]bool{"all": true, "ours": true, "secret": true}},
	} {
		for _, slug := range []string{"all", "ours", "secret"} {
			got := p.As(tt.visitor).Get("/pages/" + slug)
			if tt.sees[slug] {
				got.Want(t, http.StatusOK, "Text of "+slug)
			} else if got.Want(t, http.StatusNotFound).WantNone(t, "Text of"); tt.visitor.User == "" && got.Body != missing.Body {
				t.Errorf("a page that is hidden looks different from one that is not there")
			}
		}
	}
	p.As(pagetest.Guest).Get("/pages/home").Want(t, http.StatusNotFound)
	p.Get("/").Want(t, http.StatusOK, "APIs</h1>")
	p.Get("/media/"+strings.Repeat("0", 64)+"/x.png").Want(t, http.StatusNotFound)
	p.Get("/theme/x.css").Want(t, http.StatusNotFound)
}

// TestThemeFolder lays a theme over what is published, and refuses one that
// cannot be read.
func TestThemeFolder(t *testing.T) {
	m := management(t)
	theme := fstest.MapFS{
		"theme.yaml": {Data: []byte("light: {accent: '#005a9e'}\nradius: 3\nlogo: logo.png\n")}, "logo.png": {Data: picture(t)},
	}
	ctx, cancel := context.WithCancel(t.Context())
	l, err := Follow(ctx, Options{Client: m.Client, Theme: theme})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); <-l.Done() })
	p := pagetest.New(t, page.Options{Look: func(page.Visitor) page.Look { return l.Look(page.Look{}) }}, New(SectionOptions{Library: l}))
	body := p.Get("/").Want(t, http.StatusOK, `href="/theme/`, `src="/media/`).Body
	logo := regexp.MustCompile(`/media/[0-9a-f]{64}/logo\.png`).FindString(body)
	if got := p.Get(logo).Want(t, http.StatusOK); got.Header.Get("Content-Type") != "image/png" ||
		got.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("headers %v", got.Header)
	}
	p.Get(regexp.MustCompile(`/theme/[0-9a-f]+\.css`).FindString(body)).Want(t, http.StatusOK, "--radius: 3px")
	theme["theme.yaml"] = &fstest.MapFile{Data: []byte("light: {text: '#eeeeee'}")}
	if l, err := Follow(t.Context(), Options{Client: m.Client, Theme: theme}); l != nil || err == nil ||
		!strings.Contains(err.Error(), "light: text on dangerSoft has a contrast of") {
		t.Errorf("got %v", err)
	}
}

// TestForgedBlobs keeps media out whose bytes are not what their digest and type
// say, wherever they come from.
func TestForgedBlobs(t *testing.T) {
	m := management(t)
	e := library(t, m).Editor(m.Client)
	if err := e.PutMedium(t.Context(), "logo.png", picture(t)); err != nil {
		t.Fatal(err)
	}
	media, err := e.Media(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	forged := map[string]any{"data": base64.StdEncoding.EncodeToString([]byte("<svg onload=alert(1)>"))}
	m.Set(itemPath(site.TypeBlob, media["logo.png"].Digest), forged)
	if _, err := readBlob(t.Context(), m.Client, media["logo.png"]); err == nil {
		t.Error("it was taken")
	}
}

// TestOldPublicationsGo publishes beyond the limit: the oldest goes, the others
// stay.
func TestOldPublicationsGo(t *testing.T) {
	m := management(t)
	for i := range MaxPublications {
		name := fmt.Sprintf("%032d", i)
		m.Set("portalRevisions/"+name, map[string]any{"updatedDateTime": time.Date(2026, 1, 1, 0, i, 0, 0, time.UTC)})
		m.Set(itemPath(site.TypePublication, name), site.Publication{Version: site.PublicationVersion})
	}
	m.Handle("PUT portalRevisions/*", func(w http.ResponseWriter, r *http.Request) {
		name := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
		m.Set("portalRevisions/"+name, map[string]any{"isCurrent": true, "updatedDateTime": time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)})
		_, _ = fmt.Fprintf(w, `{"name":%q,"properties":{}}`, name)
	})
	publish(t, library(t, m).Editor(m.Client))
	for i, want := range map[int]bool{0: false, 1: true, MaxPublications - 1: true} {
		if is := m.Properties(itemPath(site.TypePublication, fmt.Sprintf("%032d", i))) != nil; is != want {
			t.Errorf("publication %d: kept %v", i, is)
		}
	}
}

// TestColoursAreTheDesignSystems compares the colours that contrasts are measured
// with to those of the style sheet.
func TestColoursAreTheDesignSystems(t *testing.T) {
	css, err := os.ReadFile("../page/assets/page.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark := site.Defaults()
	fixedLight, fixedDark := site.Fixed()
	check := func(property, light, dark string) {
		t.Helper()
		if want := fmt.Sprintf("%s: light-dark(%s, %s);", property, light, dark); !strings.Contains(string(css), want) {
			t.Errorf("the style sheet does not say %s", want)
		}
	}
	for color, names := range properties {
		check(names[0], light[color], dark[color])
	}
	for color, property := range map[string]string{
		"success": "--color-success", "warning": "--color-warning", "danger": "--color-danger",
		"successSoft": "--color-success-soft", "warningSoft": "--color-warning-soft", "dangerSoft": "--color-danger-soft",
	} {
		check(property, fixedLight[color], fixedDark[color])
	}
}
