package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/problem"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// inProcess calls a handler.
type inProcess struct{ http.Handler }

func (h inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result(), nil
}

// over is a client of a management API.
func over(t *testing.T, h http.Handler) *client.Client {
	t.Helper()
	c, err := client.New(client.Options{Service: resourcestest.Service, Transport: inProcess{h}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestResources(t *testing.T) {
	c := over(t, resourcestest.New(t, nil))
	ctx := t.Context()
	made, err := client.Put[client.Group](ctx, c, "groups/testers", client.Group{DisplayName: "Testers"}, client.IfNew())
	if err != nil || made.Name != "testers" || made.ETag == "" || made.ID != c.ID("groups/testers") {
		t.Fatalf("made %+v, %v", made, err)
	}
	if _, err := client.Put[client.Group](ctx, c, "groups/testers", client.Group{DisplayName: "Others"}, client.IfNew()); !client.IsConflict(err) {
		t.Errorf("made twice: %v", err)
	}
	if err := client.Patch(ctx, c, "groups/testers", map[string]any{"description": "They test."}); err != nil {
		t.Error(err)
	}
	if err := client.Patch(ctx, c, "groups/testers", map[string]any{"description": "No."}, client.IfMatch(made.ETag)); !client.IsConflict(err) {
		t.Errorf("changed an older version: %v", err)
	}
	got, err := client.Get[client.Group](ctx, c, client.Path("groups", "testers"))
	want := client.Group{DisplayName: "Testers", Description: "They test.", Type: "custom"}
	if diff := cmp.Diff(want, got.Properties); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for range 2 { // That it is gone already is no error.
		if err := client.Delete(ctx, c, "groups/testers"); err != nil {
			t.Error(err)
		}
	}
	if _, err := client.Get[client.Group](ctx, c, "groups/testers"); !client.IsNotFound(err) {
		t.Errorf("one that is gone: %v", err)
	}
	_, err = client.Put[client.Group](ctx, c, "groups/bad", client.Group{})
	if p, ok := errors.AsType[*problem.Error](err); !ok || p.Status != http.StatusBadRequest || p.Code != problem.CodeValidation || len(p.Details) == 0 {
		t.Errorf("a body that is wrong: %v", err)
	}
	keys, err := client.Post[client.SubscriptionKeys](ctx, c, "subscriptions/master/listSecrets", nil)
	if err != nil || keys.PrimaryKey == "" {
		t.Errorf("the keys are %+v, %v", keys, err)
	}
	service, err := client.Get[client.Service](ctx, c, "")
	if err != nil || service.Properties.PublisherEmail != "apim@example.com" {
		t.Errorf("the service is %+v, %v", service, err)
	}
}

func TestList(t *testing.T) {
	c := over(t, resourcestest.New(t, nil))
	for i := range 7 {
		if _, err := client.Put[client.Tag](t.Context(), c, fmt.Sprint("tags/t", i), client.Tag{DisplayName: fmt.Sprint("T", i)}); err != nil {
			t.Fatal(err)
		}
	}
	all, err := client.All[client.Tag](t.Context(), c, "tags", client.Top(2))
	if err != nil || len(all) != 7 || all[6].Properties.DisplayName != "T6" {
		t.Errorf("%d tags, %v", len(all), err)
	}
	some, err := client.All[client.Tag](t.Context(), c, "tags", client.Filter("name eq 't3'"))
	if err != nil || len(some) != 1 {
		t.Errorf("%d tags, %v", len(some), err)
	}
	page, count, err := client.Page[client.Tag](t.Context(), c, "tags", 4, 2)
	if err != nil || len(page) != 2 || count != 7 || page[0].Name != "t4" {
		t.Errorf("%+v of %d, %v", page, count, err)
	}
	for range client.List[client.Tag](t.Context(), c, "tags", client.Top(2)) {
		break // Nothing is read that nobody asks for.
	}
}

// TestList_Endless ends lists that go round in a circle, and follows no link to
// another host.
func TestList_Endless(t *testing.T) {
	calls := 0
	c := over(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if calls++; r.Host != "sallyport.invalid" || !strings.HasSuffix(r.URL.Path, "/tags") {
			t.Errorf("asked %s%s", r.Host, r.URL.Path)
		}
		_, _ = io.WriteString(w, `{"value": [{"name": "a"}], "nextLink": "https://elsewhere.example/secrets?$skip=1"}`)
	}))
	if _, err := client.All[client.Tag](t.Context(), c, "tags"); err == nil || calls != 2 {
		t.Errorf("%d calls, %v", calls, err)
	}
}

// TestRetry tries again what changes nothing, and nothing else.
func TestRetry(t *testing.T) {
	tests := []struct {
		name, method string
		status       int
		calls        int
	}{
		{"reading", http.MethodGet, http.StatusServiceUnavailable, 3},
		{"too often", http.MethodGet, http.StatusTooManyRequests, 3},
		{"not there", http.MethodGet, http.StatusNotFound, 1},
		{"changing", http.MethodPatch, http.StatusServiceUnavailable, 1},
		{"doing", http.MethodPost, http.StatusBadGateway, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			calls := 0
			time0 := clock.NewFake(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
			c, err := client.New(client.Options{Service: resourcestest.Service, Clock: time0, Transport: inProcess{
				http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					calls++
					w.Header().Set("Retry-After", "3600") // Nobody waits for so long.
					w.WriteHeader(tt.status)
				}),
			}})
			if err != nil {
				t.Fatal(err)
			}
			done := make(chan error)
			go func() {
				switch tt.method {
				case http.MethodGet:
					_, err := client.Read[map[string]any](t.Context(), c, "tags")
					done <- err
				case http.MethodPatch:
					done <- client.Patch(t.Context(), c, "tags/a", map[string]any{})
				default:
					_, err := client.Post[map[string]any](t.Context(), c, "backup", nil)
					done <- err
				}
			}()
			for range tt.calls - 1 {
				time0.BlockUntil(1)
				time0.Advance(2 * time.Second)
			}
			err = <-done
			if p, ok := errors.AsType[*problem.Error](err); !ok || p.Status != tt.status || calls != tt.calls {
				t.Errorf("%d calls, %v", calls, err)
			}
			if want := tt.status == http.StatusServiceUnavailable || tt.status == http.StatusBadGateway; client.IsUnavailable(err) != want {
				t.Errorf("unavailable: %v", !want)
			}
		})
	}
}

// gone is a transport that reaches nobody.
type gone struct{ err error }

func (g gone) RoundTrip(*http.Request) (*http.Response, error) { return nil, g.err }

func TestUnavailable(t *testing.T) {
	c, err := client.New(client.Options{Service: resourcestest.Service, Transport: gone{errors.New("connection refused")}})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Delete(t.Context(), c, "tags/a"); !client.IsUnavailable(err) {
		t.Errorf("not reached: %v", err)
	}
	slow := over(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	late, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := client.Delete(late, slow, "tags/a"); err != nil && !client.IsUnavailable(err) {
		t.Errorf("too late: %v", err)
	}
	given, give := context.WithCancel(t.Context())
	give()
	if err := client.Delete(given, c, "tags/a"); !errors.Is(err, context.Canceled) || client.IsUnavailable(err) {
		t.Errorf("given up: %v", err)
	}
	failing, err := client.New(client.Options{
		Service: resourcestest.Service, Transport: gone{errors.New("never asked")},
		Token: func(context.Context) (string, error) { return "", errors.New("no token") },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Delete(t.Context(), failing, "tags/a"); !client.IsUnavailable(err) {
		t.Errorf("no token: %v", err)
	}
}

// TestAnswers bounds answers, and says of odd ones what they are.
func TestAnswers(t *testing.T) {
	long := over(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(bytes.Repeat([]byte(" "), 33<<20))
	}))
	if _, err := client.Read[map[string]any](t.Context(), long, "x"); err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("an answer without end: %v", err)
	}
	odd := over(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "<html>")
	}))
	_, err := client.Read[map[string]any](t.Context(), odd, "x")
	if p, ok := errors.AsType[*problem.Error](err); !ok || p.Status != http.StatusTeapot || strings.Contains(p.Message, "<html>") {
		t.Errorf("an odd answer: %v", err)
	}
	bad := over(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{") }))
	if _, err := client.Read[map[string]any](t.Context(), bad, "x"); err == nil {
		t.Error("half of an answer was read")
	}
	away := over(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://elsewhere.example/", http.StatusTemporaryRedirect)
	}))
	if _, err := client.Read[map[string]any](t.Context(), away, "x"); err == nil {
		t.Error("a redirect was followed")
	}
}

func TestRaw(t *testing.T) {
	ended := make(chan struct{})
	c := over(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		context.AfterFunc(r.Context(), func() { close(ended) })
		_, _ = io.Copy(w, r.Body)
	}))
	response, err := client.Raw(t.Context(), c.ActingFor("ann"), http.MethodPost, "x", strings.NewReader("text"), client.Header("Content-Type", "text/plain"))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil || string(body) != "text" {
		t.Errorf("%q, %v", body, err)
	}
	if err := response.Body.Close(); err != nil {
		t.Error(err)
	}
	<-ended
	if _, err := client.Raw(t.Context(), over(t, http.NotFoundHandler()), http.MethodGet, "x", nil); !client.IsNotFound(err) { //nolint:bodyclose // There is none.
		t.Errorf("not there: %v", err)
	}
}

func TestRequest(t *testing.T) {
	var seen *http.Request
	c, err := client.New(client.Options{
		BaseURL: "https://management.example", Service: resourcestest.Service + "/",
		Transport: inProcess{http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = r })},
		Token:     func(context.Context) (string, error) { return "secret", nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Delete(t.Context(), c.ActingFor("ann"), "users/ann", client.AsPortal()); err != nil {
		t.Fatal(err)
	}
	got := []string{
		seen.URL.String(), seen.Header.Get("Authorization"), seen.Header.Get("X-Sallyport-Acting-For"), seen.Header.Get("If-Match"),
	}
	want := []string{
		"https://management.example" + resourcestest.Service + "/users/ann?api-version=2024-05-01&appType=developerPortal", "Bearer secret", "ann", "*",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestPaths sends nothing to where a name of a visitor would lead.
func TestPaths(t *testing.T) {
	c := over(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("asked %s", r.URL.EscapedPath()) }))
	for _, name := range []string{"", ".", "..", "../../x", "a/b", "a\\b", "a\x00b", "a\nb"} {
		if _, err := client.Get[client.User](t.Context(), c, client.Path("users", name)); !client.IsNotFound(err) {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, path := range []string{"users/../x", "users//x", "users/a?b", "users/a#b", "users/%2e%2e", "users/%zz", "users/a%2fb"} {
		if _, err := client.Get[client.User](t.Context(), c, path); !client.IsNotFound(err) {
			t.Errorf("%q: %v", path, err)
		}
	}
}

func TestNew_Refuses(t *testing.T) {
	for _, o := range []client.Options{
		{}, {Service: resourcestest.Service}, {BaseURL: "ftp://x", Service: resourcestest.Service}, {BaseURL: "https://x", Service: "apis"},
		{BaseURL: "https://user:secret@x", Service: resourcestest.Service}, {BaseURL: "https://x?y", Service: resourcestest.Service},
	} {
		if _, err := client.New(o); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%+v: %v", o, err)
		}
	}
	c, err := client.New(client.Options{BaseURL: "https://management.example", Service: resourcestest.Service})
	if err != nil {
		t.Fatal(err)
	}
	c.CloseIdle()
}
