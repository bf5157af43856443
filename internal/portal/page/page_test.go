package page_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/portal/page/pagetest"
	"github.com/sallyport/sallyport/internal/problem"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// files are templates and assets of a section in a test.
func files(pairs ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return m
}

// show is a route that renders a template with data.
func show(pattern, name string, data any) page.Route {
	return page.Route{Pattern: pattern, Run: func(x *page.Exchange) error {
		return x.Render(http.StatusOK, page.Page{Title: "Page", Template: name, Data: data})
	}}
}

func TestFormIsSentAndLeadsToANotice(t *testing.T) {
	var sent, once string
	section := &page.Section{
		Name: "echo",
		Routes: []page.Route{
			show("GET /form", "form", nil),
			{Pattern: "POST /form", Needs: page.SignedIn, Run: func(x *page.Exchange) error {
				sent, once = x.Form().Get("name"), x.Once()
				return x.Redirect("/form", "done")
			}},
		},
		Templates: files("form.html", `<h1>Form</h1><form method="post">{{.CSRF}}{{once}}<input name="name"></form>`),
		Notices:   map[page.Notice]string{"done": "It was done."},
	}
	p := pagetest.New(t, page.Options{}, section).As(pagetest.Developer)
	form := p.Get("/form").Want(t, http.StatusOK, "<h1>Form</h1>", "Ann Lee")
	id := between(form.Body, `name="once" value="`, `"`)
	if len(id) != 26 {
		t.Fatalf("once is %q", id)
	}
	answer := p.Post("/form", url.Values{"name": {"x"}, "once": {id}}).Want(t, http.StatusSeeOther)
	if sent != "x" || once != id || answer.Location() != "/form" {
		t.Errorf("sent %q, once %q, location %q", sent, once, answer.Location())
	}
	p.Get("/form").Want(t, http.StatusOK, "It was done.")
	p.Get("/form").WantNone(t, "It was done.")
}

func between(text, from, to string) string {
	_, rest, _ := strings.Cut(text, from)
	found, _, _ := strings.Cut(rest, to)
	return found
}

func TestErrorsBecomePages(t *testing.T) {
	fails := func(pattern string, err error) page.Route {
		return page.Route{Pattern: pattern, Run: func(*page.Exchange) error { return err }}
	}
	section := &page.Section{Name: "bad", Routes: []page.Route{
		fails("GET /missing", problem.NotFound("API", "x")),
		fails("GET /refused", problem.Validation("The name is taken.")),
		fails("GET /away", problem.New(http.StatusServiceUnavailable, problem.CodeUnavailable, "away")),
		fails("GET /expired", problem.New(http.StatusUnauthorized, problem.CodeUnauthorized, "expired")),
		fails("GET /broken", http.ErrBodyNotAllowed),
		{Pattern: "GET /panics", Run: func(*page.Exchange) error { panic("secret reason") }},
		fails("POST /only", nil),
	}}
	tests := []struct {
		path   string
		status int
		text   string
	}{
		{"/missing", http.StatusNotFound, "There is no such page"},
		{"/nowhere", http.StatusNotFound, "There is no such page"},
		{"/refused", http.StatusBadRequest, "The name is taken."},
		{"/away", http.StatusServiceUnavailable, "The service behind this portal does not answer."},
		{"/away?page=2", http.StatusServiceUnavailable, `<a class="button" href="/away?page=2">Try again</a>`},
		{"/expired", http.StatusServiceUnavailable, "The service behind this portal does not answer."},
		{"/broken", http.StatusInternalServerError, "give this code"},
		{"/panics", http.StatusInternalServerError, "give this code"},
		{"/only", http.StatusMethodNotAllowed, "not for this method"},
	}
	p := pagetest.New(t, page.Options{}, section)
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			answer := p.Get(tt.path).Want(t, tt.status, tt.text).WantNone(t, "secret reason")
			if tt.status == http.StatusServiceUnavailable && answer.Header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
			if tt.status == http.StatusMethodNotAllowed && answer.Header.Get("Allow") != "POST" {
				t.Errorf("Allow is %q", answer.Header.Get("Allow"))
			}
		})
	}
}
