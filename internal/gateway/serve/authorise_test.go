package serve

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/model"
)

// What the cases of decision 0040 end with.
const (
	missing = "401 missing"
	invalid = "401 invalid"
)

// keysConfig has the APIs of decision 0040: needing a key and not, alone, in a
// product, and in an open product.
func keysConfig() []model.Resource {
	at := func(d time.Duration) *time.Time { return new(start.Add(d)) }
	state := func(s model.SubscriptionState) func(*model.Subscription) {
		return func(m *model.Subscription) { m.State = s }
	}
	owned := func(user string) func(*model.Subscription) {
		return func(m *model.Subscription) { m.OwnerID = "/users/" + user }
	}
	list := all(documentOf("", `<policies><inbound><probe name="global" /></inbound><backend><forward-request /></backend><outbound /><on-error /></policies>`))
	for _, a := range []*model.API{
		api("alone"), api("free", anonymous), api("sold"), api("open"), api("openfree", anonymous), api("soldfree", anonymous),
	} {
		list = all(list, a, operation(a.ID.Name(), "GET", "/"), documentOf(a.ID.String(), probes("api")))
	}
	second := api("sold;rev=2", func(a *model.API) { a.Path = "sold" })
	list = all(list, second, operation("sold;rev=2", "GET", "/"),
		product("starter", "sold", "open", "openfree", "soldfree"), documentOf("products/starter", probes("starter")),
		product("other", "alone"), documentOf("products/other", probes("other")),
		openProduct("public", "open", "openfree"), documentOf("products/public", probes("public")),
		&model.User{ID: "users/ada", Email: "ada@example.com", FirstName: "Ada", LastName: "L", State: model.UserActive},
		&model.User{ID: "users/bad", Email: "bad@example.com", FirstName: "B", LastName: "D", State: model.UserBlocked},
		subscription("starter", "/products/starter", owned("ada")), subscription("other", "/products/other"),
		subscription("sold", "/apis/sold"), subscription("open", "/apis/open"), subscription("sold2", "/apis/sold;rev=2"),
		subscription("everything", "/apis"), subscription("master", "/"),
		subscription("blocked", "/products/starter", owned("bad")),
		subscription("suspended", "/products/starter", state(model.SubscriptionSuspended)),
		subscription("submitted", "/products/starter", state(model.SubscriptionSubmitted)),
		subscription("rejected", "/products/starter", state(model.SubscriptionRejected)),
		subscription("cancelled", "/products/starter", state(model.SubscriptionCancelled)),
		subscription("expired", "/products/starter", state(model.SubscriptionExpired)),
		subscription("ended", "/products/starter", func(m *model.Subscription) { m.ExpirationDate = at(time.Hour) }),
		subscription("future", "/products/starter", func(m *model.Subscription) { m.StartDate = at(time.Hour) }),
		subscription("rotated", "/products/starter", func(m *model.Subscription) {
			m.PreviousPrimaryKey, m.PreviousPrimaryKeyExpires, m.SecondaryKeyExpires = "rotated-before", at(time.Hour), at(2*time.Hour)
		}),
	)
	return all(list, workspaceConfig())
}

// workspaceConfig is a workspace with an API, a product and subscriptions.
func workspaceConfig() []model.Resource {
	team := model.NewID("workspaces", "team")
	in := func(id model.ID) model.ID { return id.InWorkspace(team) }
	a := api("inside", func(a *model.API) { a.ID = in(a.ID) })
	o := operation("inside", "GET", "/")
	o.ID = in(o.ID)
	inside := func(name, scope string) *model.Subscription {
		return subscription(name, scope, func(m *model.Subscription) { m.ID = in(m.ID) })
	}
	return all(&model.Workspace{ID: team, DisplayName: "Team"}, documentOf(team.String(), probes("workspace")),
		a, o, productOf(team, "kit", nil, "inside"), documentOf(in("products/kit").String(), probes("kit")),
		inside("team-all", "/apis"), inside("team-root", "/"), inside("team-kit", "/products/kit"))
}

// TestAuthorise is the table of decision 0040.
func TestAuthorise(t *testing.T) {
	tests := []struct {
		name, path, key string
		after           time.Duration
		want            string // what the inbound probes see, outermost first, or the refusal
	}{
		{name: "needed, none", path: "/alone", want: missing},
		{name: "needed, unknown", path: "/alone", key: "nobody", want: invalid},
		{name: "product", path: "/sold", key: "starter-primary", want: "global product=starter subscription=starter user=ada; starter in; api in"},
		{name: "secondary", path: "/sold", key: "starter-secondary", want: "global product=starter subscription=starter user=ada; starter in; api in"},
		{name: "part of a key", path: "/sold", key: "starter-primar", want: invalid},
		{name: "key in capitals", path: "/sold", key: "STARTER-PRIMARY", want: invalid},
		{name: "other product", path: "/sold", key: "other-primary", want: invalid},
		{name: "API", path: "/sold", key: "sold-primary", want: "global subscription=sold; api in"},
		{name: "other API", path: "/alone", key: "sold-primary", want: invalid},
		{name: "all APIs", path: "/sold", key: "everything-primary", want: "global subscription=everything; api in"},
		{name: "all access", path: "/sold", key: "master-primary", want: "global subscription=master; api in"},
		{name: "other revision", path: "/sold;rev=2", key: "sold-primary", want: "global subscription=sold"},
		{name: "product, other revision", path: "/sold;rev=2", key: "starter-primary", want: "global product=starter subscription=starter user=ada; starter in"},
		{name: "scope names a revision", path: "/sold", key: "sold2-primary", want: "global subscription=sold2; api in"},
		{name: "not needed, none", path: "/free", want: "global; api in"},
		{name: "not needed, unknown", path: "/free", key: "nobody", want: invalid},
		{name: "not needed, good", path: "/free", key: "everything-primary", want: "global subscription=everything; api in"},
		{name: "not needed, in a product, none", path: "/soldfree", want: "global; api in"},
		{name: "not needed, in a product, its key", path: "/soldfree", key: "starter-primary", want: "global product=starter subscription=starter user=ada; starter in; api in"},
		{name: "not needed, in a product, another key", path: "/soldfree", key: "other-primary", want: invalid},
		{name: "open, none", path: "/open", want: "global product=public; public in; api in"},
		{name: "open, unknown", path: "/open", key: "nobody", want: "global product=public; public in; api in"},
		{name: "open, other product", path: "/open", key: "other-primary", want: "global product=public; public in; api in"},
		{name: "open, suspended", path: "/open", key: "suspended-primary", want: "global product=public; public in; api in"},
		{name: "open, key of a product with the API", path: "/open", key: "starter-primary", want: "global product=starter subscription=starter user=ada; starter in; api in"},
		{name: "open, key of the API", path: "/open", key: "open-primary", want: "global subscription=open; api in"},
		{name: "open, all APIs", path: "/open", key: "everything-primary", want: "global subscription=everything; api in"},
		{name: "open, all access", path: "/open", key: "master-primary", want: "global subscription=master; api in"},
		{name: "open, not needed", path: "/openfree", want: "global product=public; public in; api in"},
		{name: "suspended", path: "/sold", key: "suspended-primary", want: invalid},
		{name: "submitted", path: "/sold", key: "submitted-primary", want: invalid},
		{name: "rejected", path: "/sold", key: "rejected-primary", want: invalid},
		{name: "cancelled", path: "/sold", key: "cancelled-primary", want: invalid},
		{name: "expired", path: "/sold", key: "expired-primary", want: invalid},
		{name: "before the end", path: "/sold", key: "ended-primary", after: time.Hour - 1, want: "global product=starter subscription=ended; starter in; api in"},
		{name: "at the end", path: "/sold", key: "ended-primary", after: time.Hour, want: invalid},
		{name: "before the start", path: "/sold", key: "future-primary", after: time.Hour - 1, want: invalid},
		{name: "at the start", path: "/sold", key: "future-primary", after: time.Hour, want: "global product=starter subscription=future; starter in; api in"},
		{name: "replaced, in the overlap", path: "/sold", key: "rotated-before", after: time.Hour - 1, want: "global product=starter subscription=rotated; starter in; api in"},
		{name: "replaced, after the overlap", path: "/sold", key: "rotated-before", after: time.Hour, want: invalid},
		{name: "replacing", path: "/sold", key: "rotated-primary", after: time.Hour, want: "global product=starter subscription=rotated; starter in; api in"},
		{name: "before the key's end", path: "/sold", key: "rotated-secondary", after: 2*time.Hour - 1, want: "global product=starter subscription=rotated; starter in; api in"},
		{name: "at the key's end", path: "/sold", key: "rotated-secondary", after: 2 * time.Hour, want: invalid},
		{name: "blocked owner", path: "/sold", key: "blocked-primary", want: invalid},
		{name: "workspace, all of it", path: "/inside", key: "team-all-primary", want: "global subscription=team-all; workspace in"},
		{name: "workspace, its root", path: "/inside", key: "team-root-primary", want: "global subscription=team-root; workspace in"},
		{name: "workspace, product", path: "/inside", key: "team-kit-primary", want: "global product=kit subscription=team-kit; workspace in; kit in"},
		{name: "workspace, all APIs of the service", path: "/inside", key: "everything-primary", want: invalid},
		{name: "workspace, all access", path: "/inside", key: "master-primary", want: "global subscription=master; workspace in"},
		{name: "service, all of a workspace", path: "/sold", key: "team-all-primary", want: invalid},
		{name: "service, root of a workspace", path: "/sold", key: "team-root-primary", want: invalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			r.use(t, keysConfig()...)
			r.clock.Advance(tt.after)
			q := get("https://gateway.example" + tt.path)
			if tt.key != "" {
				q = get("https://gateway.example"+tt.path, "Ocp-Apim-Subscription-Key: "+tt.key)
			}
			if diff := cmp.Diff(tt.want, r.outcome(r.serve(q))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// outcome is what came of a request: the refusal, or what probes of inbound saw.
// Of all but the first probe only the name is kept.
func (r *rig) outcome(w *fakeClient) string {
	switch {
	case strings.Contains(w.body, "missing subscription key"):
		return missing
	case strings.Contains(w.body, "invalid subscription key"):
		return invalid
	}
	var seen []string
	for i, s := range r.seen {
		name, _, _ := strings.Cut(s, " product")
		name, _, _ = strings.Cut(name, " subscription")
		switch {
		case i == 0:
			seen = append(seen, s)
		case strings.HasSuffix(name, " in"):
			seen = append(seen, name)
		}
	}
	return strings.Join(seen, "; ")
}

// TestPresentedKey finds the key where the API says it is.
func TestPresentedKey(t *testing.T) {
	renamed := api("renamed", func(a *model.API) {
		a.SubscriptionKeyParameterNames = &model.SubscriptionKeyParameterNames{Header: "X-Key", Query: "key"}
	})
	config := all(api("echo"), operation("echo", "GET", "/"), renamed, operation("renamed", "GET", "/"), subscription("a", "/apis"), subscription("b", "/apis"))
	for _, tt := range []struct {
		name, url string
		fields    []string
		want      string
	}{
		{"header", "/echo", []string{"ocp-apim-subscription-key: a-primary"}, "a"},
		{"query", "/echo?x=1&subscription-key=a-primary", nil, "a"},
		{"query in other case", "/echo?Subscription-Key=a-primary", nil, "a"},
		{"query, escaped", "/echo?subscription%2Dkey=a%2Dprimary", nil, "a"},
		{"header before query", "/echo?subscription-key=b-primary", []string{"Ocp-Apim-Subscription-Key: a-primary"}, "a"},
		{"bad header before good query", "/echo?subscription-key=b-primary", []string{"Ocp-Apim-Subscription-Key: x"}, invalid},
		{"empty header", "/echo?subscription-key=b-primary", []string{"Ocp-Apim-Subscription-Key: "}, "b"},
		{"empty query", "/echo?subscription-key=", nil, missing},
		{"renamed header", "/renamed", []string{"x-key: a-primary"}, "a"},
		{"renamed query", "/renamed?key=a-primary", nil, "a"},
		{"standard header where renamed", "/renamed", []string{"Ocp-Apim-Subscription-Key: a-primary"}, missing},
		{"standard query where renamed", "/renamed?subscription-key=a-primary", nil, missing},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			r.use(t, config...)
			w := r.serve(get("https://gateway.example"+tt.url, tt.fields...))
			got := r.outcome(w)
			if w.status == 200 {
				got = r.records(t)[0].Subscription
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestRecord_OfWorkspace notes what is of a workspace with its name: the service may have the same names.
func TestRecord_OfWorkspace(t *testing.T) {
	r := newRig(t)
	of := func(name string) model.ID { return model.ID("workspaces/team/" + name) }
	sub := subscription("mine", "/products/gold", func(m *model.Subscription) { m.ID = of("subscriptions/mine") })
	called := operation("echo", "GET", "/")
	called.ID = of("apis/echo/operations/get")
	r.use(t, all(&model.Workspace{ID: "workspaces/team", DisplayName: "Team"},
		api("echo", func(a *model.API) { a.ID, a.Path = of("apis/echo"), "team/echo" }), called,
		productOf("workspaces/team", "gold", nil, "echo"), sub)...)
	w := r.serve(get("https://gateway.example/team/echo", "Ocp-Apim-Subscription-Key: mine-primary"))
	got := r.records(t)[0]
	if w.status != 200 || got.API != "team:echo" || got.Operation != "get" || got.Product != "team:gold" || got.Subscription != "team:mine" {
		t.Errorf("%d: %+v", w.status, got)
	}
}

// TestSubscription_ForeignScope refuses a subscription of a workspace that opens
// something outside.
func TestSubscription_ForeignScope(t *testing.T) {
	r := newRig(t)
	bad := subscription("bad", "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/x/apis/echo",
		func(m *model.Subscription) { m.ID = "workspaces/team/subscriptions/bad" })
	_, problems := compile(r, all(&model.Workspace{ID: "workspaces/team", DisplayName: "Team"}, api("echo"), bad))
	if !strings.Contains(problems.String(), "not in the workspace") {
		t.Errorf("problems: %v", problems)
	}
}
