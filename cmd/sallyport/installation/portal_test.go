package installation

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/rest"
	"github.com/sallyport/sallyport/internal/control/store"
)

// portalClient is a client as the portal of the process has it.
func portalClient(t *testing.T, in *Installation, m *Management) *client.Client {
	t.Helper()
	c, err := client.New(client.Options{Service: string(in.Names.ID()), Transport: m.Portal()})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// lastEntry is the latest line of the audit log.
func lastEntry(t *testing.T, in *Installation) audit.Entry {
	t.Helper()
	var e audit.Entry
	err := in.Store.View(t.Context(), func(r store.Reader) error {
		log, err := r.AuditLog(-1, 1)
		if err != nil {
			return err
		}
		return json.Unmarshal(log[0].Data, &e)
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestPortal calls the API in process, as the portal.
func TestPortal(t *testing.T) {
	in, m := opened(t)
	c := portalClient(t, in, m)
	service, err := client.Get[client.Service](t.Context(), c, "")
	if err != nil || service.Name != "apimService1" {
		t.Fatalf("the service is %+v, %v", service, err)
	}
	made, err := client.Put[client.Group](t.Context(), c.ActingFor("1"), "groups/testers", client.Group{DisplayName: "Testers"}, client.IfNew())
	if err != nil || made.ETag == "" {
		t.Fatalf("making a group: %+v, %v", made, err)
	}
	if e := lastEntry(t, in); e.Actor != "sallyport-developer-portal" || e.ActorName != "developer portal for users/1" {
		t.Errorf("the audit log has %s, %s", e.Actor, e.ActorName)
	}
	if err := client.Delete(t.Context(), c, "groups/testers"); err != nil {
		t.Error(err)
	}
	if _, err := client.Get[client.Group](t.Context(), c, "groups/testers"); !client.IsNotFound(err) {
		t.Errorf("a group that is gone: %v", err)
	}
}

// TestPortal_Refused asks for what the portal's role does not give.
func TestPortal_Refused(t *testing.T) {
	in, m := opened(t)
	c := portalClient(t, in, m)
	for _, path := range []string{"namedValues", "certificates", "backends", "policies", "tenant/access", "caches", "workspaces", "gateways/managed/listKeys"} {
		if _, err := client.Read[map[string]any](t.Context(), c, path); err == nil {
			t.Errorf("%s was answered", path)
		}
	}
	for _, path := range []string{"backup", "restore", "tenant/access/listSecrets", "namedValues/x/listValue", "gateways/managed/listKeys"} {
		if _, err := client.Post[map[string]any](t.Context(), c, path, map[string]any{}); err == nil {
			t.Errorf("%s was answered", path)
		}
	}
	other := strings.Replace(string(in.Names.ID()), "apimService1", "other", 1)
	foreign, err := client.New(client.Options{Service: other, Transport: m.Portal()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Get[client.Service](t.Context(), foreign, ""); err == nil || client.IsNotFound(err) {
		t.Errorf("another service: %v", err)
	}
}

// TestPortal_ActingFor believes the header of portals only.
func TestPortal_ActingFor(t *testing.T) {
	in, m := opened(t)
	tests := []struct{ name, role, want string }{
		{"portal", "API Management Developer Portal Service", "portal for users/ann"},
		{"owner", "Owner", "owner"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPut,
				string(in.Names.ID())+"/groups/"+tt.name+"?api-version=2024-05-01", strings.NewReader(`{"properties":{"displayName":"`+tt.name+`"}}`))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+token(t, m, tt.name, tt.role, string(in.Names.ID())))
			r.Header.Set("X-Sallyport-Acting-For", "ann")
			w := httptest.NewRecorder()
			m.ServeHTTP(w, r)
			if w.Code != http.StatusCreated {
				t.Fatalf("status %d: %s", w.Code, w.Body)
			}
			if e := lastEntry(t, in); e.ActorName != tt.want {
				t.Errorf("the audit log has %q, want %q", e.ActorName, tt.want)
			}
		})
	}
}

// TestPortalTransport streams, and ends with its caller.
func TestPortalTransport(t *testing.T) {
	step, ended := make(chan struct{}), make(chan struct{})
	transport := portalTransport{api: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		defer close(ended)
		_, _ = io.WriteString(w, "one")
		<-step
		for {
			if _, err := io.WriteString(w, "more"); err != nil {
				return
			}
		}
	}), who: rest.Principal{ID: "x"}}
	ctx, cancel := context.WithCancelCause(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://sallyport.invalid/", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close() //nolint:errcheck // It is only read.
	first := make([]byte, 3)
	if _, err := io.ReadFull(response.Body, first); err != nil || string(first) != "one" {
		t.Fatalf("%q, %v", first, err)
	}
	close(step)
	reason := errors.New("enough")
	cancel(reason)
	<-ended
	if _, err := io.ReadAll(response.Body); err == nil {
		t.Error("a body that was ended was read whole")
	}
	waiting := portalTransport{api: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })}
	if _, err := waiting.RoundTrip(r); !errors.Is(err, reason) { //nolint:bodyclose // There is none.
		t.Errorf("a call that was given up: %v", err)
	}
	empty := portalTransport{api: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })}
	response, err = empty.RoundTrip(r.WithContext(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close() //nolint:errcheck // It is only read.
	if body, err := io.ReadAll(response.Body); len(body) != 0 || err != nil || response.StatusCode != http.StatusNoContent {
		t.Errorf("%d %q %v", response.StatusCode, body, err)
	}
}

// TestPortalRole_NegativeControl shows that the refusals are the role's.
func TestPortalRole_NegativeControl(t *testing.T) {
	in, m := opened(t)
	owner, _ := access.FindRole("Owner")
	m.portal.Grants[0].Role = owner
	if _, err := client.Read[map[string]any](t.Context(), portalClient(t, in, m), "namedValues"); err != nil {
		t.Errorf("an owner: %v", err)
	}
}
