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
	"time"

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
	for _, path := range []string{"namedValues", "certificates", "backends", "policies", "tenant/access", "caches", "workspaces/x/policies", "gateways/managed/listKeys"} {
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

// TestPortal_Visitor does as the portal of the process what a visitor does: sign
// up, confirm, sign in, subscribe, look at keys and limits, and leave.
func TestPortal_Visitor(t *testing.T) {
	in, m := opened(t)
	c := portalClient(t, in, m)
	ctx, ann := t.Context(), c.ActingFor("ann")
	must := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	admin := token(t, m, "admin", "Owner", string(in.Names.ID()))
	for _, path := range []string{"products/starter", "products/starter/groups/developers"} {
		r := httptest.NewRequestWithContext(ctx, http.MethodPut, string(in.Names.ID())+"/"+path+"?api-version=2024-05-01",
			strings.NewReader(`{"properties": {"displayName": "Starter", "state": "published", "subscriptionsLimit": 1}}`))
		r.Header.Set("Authorization", "Bearer "+admin)
		m.ServeHTTP(httptest.NewRecorder(), r)
	}
	_, err := client.Put[client.User](ctx, c, "users/ann", client.User{
		Email: "ann@example.com", FirstName: "Ann", LastName: "A", Password: "correct horse",
	}, client.IfNew(), client.AsPortal())
	must("signing up", err)
	made, err := client.Post[client.Token](ctx, c, "users/ann/sallyportTokens",
		client.TokenRequest{Purpose: client.PurposeSignup, Expires: time.Now().Add(time.Hour)})
	must("making a token", err)
	_, err = client.Post[client.Redeemed](ctx, c, "sallyportRedeem", client.Redeem{Token: made.Token, Purpose: client.PurposeSignup, Password: "correct horse"})
	must("confirming", err)
	who, err := client.Post[client.SignedIn](ctx, c, "sallyportSignIn", client.Credentials{Email: "ann@example.com", Password: "correct horse"})
	if must("signing in", err); who != (client.SignedIn{User: "ann", State: "active"}) {
		t.Errorf("signed in as %+v", who)
	}
	_, err = client.Put[client.Session](ctx, ann, "users/ann/sallyportSessions/one", client.Session{
		Expires: time.Now().Add(time.Hour), Verifier: strings.Repeat("0a", 32),
	}, client.IfNew())
	must("beginning a session", err)
	subscription := client.Subscription{DisplayName: "Mine", Scope: c.ID("products/starter"), OwnerID: c.ID("users/ann")}
	_, err = client.Put[client.Subscription](ctx, ann, "subscriptions/one", subscription, client.IfNew(), client.AsPortal())
	must("subscribing", err)
	if _, err := client.Put[client.Subscription](ctx, ann, "subscriptions/two", subscription, client.IfNew(), client.AsPortal()); err == nil {
		t.Error("subscribed beyond the product's limit")
	}
	keys, err := client.Post[client.SubscriptionKeys](ctx, ann, "subscriptions/one/listSecrets", nil, client.AsPortal())
	if must("looking at keys", err); keys.PrimaryKey == "" {
		t.Error("there is no key")
	}
	if _, err := client.Post[client.SubscriptionKeys](ctx, c.ActingFor("bob"), "subscriptions/one/listSecrets", nil, client.AsPortal()); !client.IsNotFound(err) {
		t.Errorf("another's keys: %v", err)
	}
	_, err = client.Read[client.Limits](ctx, ann, "subscriptions/one/sallyportLimits", client.AsPortal())
	must("looking at limits", err)
	changes, err := client.Read[client.Changes](ctx, c, "sallyportChanges", client.Query("after", "1"))
	if must("following", err); !changes.Complete || len(changes.Changed) == 0 {
		t.Errorf("the changes are %+v", changes)
	}
	must("leaving", client.Delete(ctx, ann, "users/ann", client.AsPortal(), client.Query("deleteSubscriptions", "true")))
	if _, err := client.Get[client.Subscription](ctx, c, "subscriptions/one"); !client.IsNotFound(err) {
		t.Errorf("the subscription is left: %v", err)
	}
}
