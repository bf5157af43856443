package apply_test

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/apply"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/control/transfer/apiops"
	"github.com/sallyport/sallyport/internal/model/site"
)

// portalFolder is a configuration folder with a portal, and a home page that
// says this.
func portalFolder(t *testing.T, home string) fstest.MapFS {
	t.Helper()
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{"tags/one/tagInformation.json": {Data: []byte(`{"properties":{"displayName":"one"}}`)}}
	for name, text := range map[string]string{
		"portal/pages/home.md":    "---\ntitle: Welcome\n---\n" + home,
		"portal/pages/about.md":   "---\ntitle: About\ngroups: [developers]\n---\nWe.",
		"portal/navigation.yaml":  "menu: [{label: APIs, address: /apis}]",
		"portal/look.yaml":        "title: Contoso",
		"portal/theme/theme.yaml": "logo: logo.png",
		"portal/theme/logo.png":   picture.String(),
	} {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

func readPortal(t *testing.T, files fstest.MapFS) *transfer.Configuration {
	t.Helper()
	c, problems := apiops.Read(files, apiops.Options{})
	if len(problems) != 0 {
		t.Fatal(problems)
	}
	return c
}

func exportedPortal(t *testing.T, s *resourcestest.Server) *site.Folder {
	t.Helper()
	var portal *site.Folder
	err := s.Plane.Read(t.Context(), caller(), func(session *resource.Session) (err error) {
		portal, err = apply.Portal(session, serviceID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return portal
}

// TestPortalRoundTrip applies a folder with a portal, exports it, writes it to a
// folder and reads it again: all of it is equal, and applying it again changes
// nothing.
func TestPortalRoundTrip(t *testing.T) {
	s := resourcestest.New(t, nil)
	if got := exportedPortal(t, s); got != nil {
		t.Fatalf("a new service has the portal %v", got)
	}
	read := readPortal(t, portalFolder(t, "Hello."))
	o := apply.Options{Portal: read.Portal, Prune: true}
	run(t, s, read.Resources, o)
	out := transfer.New()
	out.Resources, out.Portal = exported(t, s), exportedPortal(t, s)
	if diff := cmp.Diff(read.Portal, out.Portal); diff != "" {
		t.Errorf("exported (-want +got):\n%s", diff)
	}
	dir := t.TempDir()
	if err := apiops.Write(dir, out, apiops.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	again, problems := apiops.Read(os.DirFS(dir), apiops.Options{})
	if len(problems) != 0 {
		t.Fatal(problems)
	}
	if diff := cmp.Diff(read.Portal, again.Portal); diff != "" {
		t.Errorf("written and read (-want +got):\n%s", diff)
	}
	if plan := run(t, s, again.Resources, apply.Options{Portal: again.Portal, Prune: true}); len(plan.Steps) != 0 {
		t.Errorf("applied again: %v", plan.Steps)
	}
}

// TestPortalPublishes applies one content after another: the draft and what is
// published are the last, an earlier publication is there to go back to, and a
// folder without a portal leaves it alone, also with prune.
func TestPortalPublishes(t *testing.T) {
	s := resourcestest.New(t, nil)
	first, second := readPortal(t, portalFolder(t, "First.")), readPortal(t, portalFolder(t, "Second."))
	delete(second.Portal.Content.Pages, "about")
	for _, c := range []*transfer.Configuration{first, second, first, second} {
		run(t, s, c.Resources, apply.Options{Portal: c.Portal})
		if diff := cmp.Diff(c.Portal, exportedPortal(t, s)); diff != "" {
			t.Errorf("published (-want +got):\n%s", diff)
		}
	}
	run(t, s, second.Resources, apply.Options{Prune: true})
	if diff := cmp.Diff(second.Portal, exportedPortal(t, s)); diff != "" {
		t.Errorf("after a folder without a portal (-want +got):\n%s", diff)
	}
	if got := s.Names("contentTypes/" + site.TypePage + "/contentItems"); len(got) != 1 {
		t.Errorf("the draft has the pages %v", got)
	}
	if got := s.Names("contentTypes/" + site.TypePublication + "/contentItems"); len(got) != 2 {
		t.Errorf("the publications are %v", got)
	}
	current := 0
	for _, name := range s.Names("portalRevisions") {
		_, _, body := s.Do("GET", "portalRevisions/"+name, "")
		if properties, _ := body["properties"].(map[string]any); properties["isCurrent"] == true {
			current++
		}
	}
	if current != 1 {
		t.Errorf("%d revisions are current", current)
	}
}

func TestPortalProblemsNameTheirFile(t *testing.T) {
	files := portalFolder(t, "Hello.")
	files["portal/theme/theme.yaml"] = &fstest.MapFile{Data: []byte("light: {text: '#cccccc'}")}
	_, problems := apiops.Read(files, apiops.Options{})
	if !problems.HasErrors() || problems[0].File != "portal/theme/theme.yaml" {
		t.Errorf("got %v", problems)
	}
}
