package subscribe_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/control/rest"
	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/counter/memory"
	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/mail"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/portal/page/pagetest"
	"github.com/sallyport/sallyport/internal/portal/subscribe"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// guard lets the portal do everything, for the users that it names.
type guard struct{}

func (guard) Authenticate(context.Context, string) (rest.Principal, error) {
	return rest.Principal{ID: "portal", Name: "portal"}, nil
}

func (guard) Allow(context.Context, rest.Principal, access.Permission, string) (bool, error) {
	return true, nil
}

func (guard) ActsForUsers(rest.Principal, string) bool { return true }

// plane is a management API in process, which may be away.
type plane struct {
	api  http.Handler
	away bool
	// lose loses answers: what was asked is done, and nobody hears of it.
	lose bool
}

func (p *plane) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	if !p.away {
		p.api.ServeHTTP(w, r)
	}
	if p.away || p.lose && r.Method != http.MethodGet {
		w = httptest.NewRecorder()
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	return w.Result(), nil
}

// post collects what was sent.
type post struct{ sent []string }

func (p *post) Send(_ context.Context, template string, to mail.Recipient, parameters map[string]string) error {
	p.sent = append(p.sent, template+" "+to.Email+" "+parameters["ProdName"])
	return nil
}

func (p *post) Notify(_ context.Context, notification, subject string, _ ...string) error {
	p.sent = append(p.sent, notification+" "+subject)
	return nil
}

// rig is a portal over a real management API.
type rig struct {
	*pagetest.Portal
	api      *resourcestest.Server
	plane    *plane
	post     *post
	counters *memory.Store
}

func newRig(t *testing.T, more ...func(*resourcestest.Server)) *rig {
	t.Helper()
	counters := memory.New(memory.Options{})
	r := &rig{post: &post{}, counters: counters}
	r.api = resourcestest.NewWith(t, resourcestest.Options{Guard: guard{}, Counters: counters})
	furnish(r.api)
	for _, f := range more {
		f(r.api)
	}
	r.plane = &plane{api: r.api}
	c, err := client.New(client.Options{Service: resourcestest.Service, Transport: r.plane})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	index, err := catalogue.Follow(ctx, catalogue.Options{Client: c, Clock: r.api.Clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); <-index.Done() })
	section := subscribe.New(subscribe.Options{Catalogue: index.Current, Mail: r.post})
	r.Portal = pagetest.New(t, page.Options{Client: c, Clock: r.api.Clock}, section).As(pagetest.Developer)
	return r
}

// furnish puts users, products and subscriptions into the service.
func furnish(s *resourcestest.Server) {
	for _, user := range []string{"ann", "bob"} {
		s.Put("users/"+user, `{"properties": {"email": "`+user+`@example.com", "firstName": "`+user+`", "lastName": "L"}}`)
	}
	for name, properties := range map[string]string{
		"starter": `"state": "published", "subscriptionsLimit": 1, "terms": "Be *nice*. <script>alert(1)</script>"`,
		"asked":   `"state": "published", "approvalRequired": true`, "draft": `"state": "notPublished"`,
		"hidden": `"state": "published"`, "open": `"state": "published", "subscriptionRequired": false`,
	} {
		s.Put("products/"+name, `{"properties": {"displayName": "The `+name+`", `+properties+`}}`)
		if name != "hidden" {
			s.Put("products/"+name+"/groups/developers", nil)
		}
	}
	s.Put("products/starter/policies/policy", map[string]any{"properties": map[string]any{"format": "rawxml",
		"value": `<policies><inbound><quota calls="1000" renewal-period="3600" /><rate-limit calls="5" renewal-period="60" /></inbound></policies>`}})
	s.Put("apis/wild", map[string]any{"properties": map[string]any{"displayName": "<img src=x onerror=alert(1)>", "path": "wild", "protocols": []string{"https"}}})
	s.Put("apis/wild/operations/get", map[string]any{"properties": map[string]any{"displayName": "<svg onload=alert(1)>", "method": "GET", "urlTemplate": "/"}})
	s.Put("products/asked/apis/wild", nil)
	s.Put("apis/secret", map[string]any{"properties": map[string]any{"displayName": "Secret", "path": "secret", "protocols": []string{"https"}}})
	s.Put("apis/secret/policies/policy", map[string]any{"properties": map[string]any{"format": "rawxml",
		"value": `<policies><inbound><base /><rate-limit calls="4321" renewal-period="60" /></inbound></policies>`}})
	s.Put("products/hidden/apis/secret", nil)
	s.Put("subscriptions/his", `{"properties": {"displayName": "Bob's own", "scope": "/products/asked", "ownerId": "/users/bob", "state": "active"}}`)
	s.Put("subscriptions/hers", `{"properties": {"displayName": "Ann's own", "scope": "/products/asked", "ownerId": "/users/ann", "state": "active"}}`)
}

// field is the value of a hidden field of a page.
func field(t *testing.T, a *pagetest.Answer, name string) string {
	t.Helper()
	found := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(a.Body)
	if found == nil {
		t.Fatalf("the page has no field %s:\n%s", name, a.Body)
	}
	return strings.ReplaceAll(found[1], "&#34;", `"`)
}

// mine are the names of ann's subscriptions.
func (r *rig) mine() []string { return r.api.Names("users/ann/subscriptions") }

func TestSubscribe(t *testing.T) {
	r := newRig(t)
	form := r.Get("/subscribe/starter").Want(t, 200, "Subscribe to The starter", "I agree to the terms", "<em>nice</em>").WantNone(t, "<script>alert")
	once := field(t, form, "once")
	r.Post("/subscribe/starter", url.Values{"once": {once}, "name": {"Mine"}}).Want(t, 422, "Agree to the terms", `value="Mine"`, once)
	r.Post("/subscribe/starter", url.Values{"once": {once}, "terms": {"yes"}, "name": {""}}).Want(t, 422, "Give the subscription a name")
	good := url.Values{"once": {once}, "name": {"Mine"}, "terms": {"yes"}}
	for range 2 { // Sent twice, it makes one.
		if a := r.Post("/subscribe/starter", good).Want(t, 303); a.Location() != "/subscriptions/"+once {
			t.Errorf("leads to %s", a.Location())
		}
	}
	if got := r.mine(); len(got) != 2 || !slices.Contains(got, once) {
		t.Errorf("ann has %v", got)
	}
	want := []string{"PurchaseDeveloperNotificationMessage ann@example.com The starter", "PurchasePublisherNotificationMessage Subscription to The starter"}
	if !slices.Equal(r.post.sent, want) {
		t.Errorf("sent %q", r.post.sent)
	}
	r.Get("/subscriptions/"+once).Want(t, 200, "Mine", "The starter", "active", "You are subscribed", "Show the keys")
	r.Get("/subscribe/starter").Want(t, 200, "You have all the subscriptions", "Mine").WantNone(t, `name="terms"`)
	good.Set("once", strings.Repeat("a", len(once)))
	r.Post("/subscribe/starter", good).Want(t, 422, "The user has 1 subscriptions to the product, and it allows 1.")
}

func TestSubscribe_Approval(t *testing.T) {
	r := newRig(t)
	once := field(t, r.Get("/subscribe/asked").Want(t, 200, "as soon as your request is approved"), "once")
	r.Post("/subscribe/asked", url.Values{"once": {once}, "name": {"Mine"}}).Want(t, 303)
	r.Get("/subscriptions/"+once).Want(t, 200, "waiting for approval", "Your request was received")
	if len(r.post.sent) != 2 || !strings.HasPrefix(r.post.sent[1], "RequestPublisherNotificationMessage") {
		t.Errorf("sent %q", r.post.sent)
	}
}

func TestSubscribe_Refused(t *testing.T) {
	r := newRig(t)
	for _, product := range []string{"draft", "hidden", "none", "..%2fstarter"} {
		r.Get("/subscribe/"+product).Want(t, 404)
		r.Post("/subscribe/"+product, url.Values{"name": {"x"}}).Want(t, 404)
	}
	r.Get("/subscribe/open").Want(t, 200, "No subscription is needed")
	r.Post("/subscribe/open", url.Values{"name": {"x"}}).Want(t, 422, "needs no subscription")
	r.As(pagetest.Guest)
	if a := r.Get("/subscribe/starter").Want(t, 303); a.Location() != "/signin?return=%2Fsubscribe%2Fstarter" {
		t.Errorf("a guest is led to %s", a.Location())
	}
}

// TestSubscribe_Away shows the form again with what was typed. Sent again when the
// management plane is back it makes one subscription, although the first time was
// done and not acknowledged.
func TestSubscribe_Away(t *testing.T) {
	r := newRig(t)
	once := field(t, r.Get("/subscribe/asked"), "once")
	form := url.Values{"once": {once}, "name": {"What I typed"}}
	r.plane.lose = true
	r.Post("/subscribe/asked", form).Want(t, 503, "does not answer", "What I typed", once)
	r.plane.lose = false
	r.Post("/subscribe/asked", form).Want(t, 303)
	if got := r.mine(); len(got) != 2 {
		t.Errorf("ann has %v", got)
	}
}

func TestDelegation(t *testing.T) {
	r := newRig(t)
	r.api.Put("portalsettings/delegation", `{"properties": {"url": "https://shop.example/delegate", "validationKey": "a2V5", "subscriptions": {"enabled": true}}}`)
	for path, operation := range map[string]string{"/subscribe/starter": "Subscribe", "/subscriptions/hers/cancel": "Unsubscribe"} {
		for _, a := range []*pagetest.Answer{r.Get(path), r.Post(path, url.Values{"name": {"x"}, "terms": {"yes"}})} {
			if got := a.Want(t, 303).Location(); !strings.HasPrefix(got, "https://shop.example/delegate?operation="+operation) && !strings.Contains(got, "operation="+operation) {
				t.Errorf("%s leads to %s", path, got)
			}
		}
	}
	if got := r.mine(); len(got) != 1 {
		t.Errorf("ann has %v", got)
	}
}

// TestS17_SubscriptionPages asks for each page and form of another's subscription.
func TestS17_SubscriptionPages(t *testing.T) {
	r := newRig(t)
	tried, answered := 0, 0
	for _, route := range r.Site.Routes() {
		if route.Section != "subscribe" || !strings.Contains(route.Path, "{id}") {
			continue
		}
		for _, id := range []string{"his", "HIS", "none", "..", "a%2Fb", "%00"} {
			path := strings.Replace(route.Path, "{id}", id, 1)
			form := url.Values{"key": {"primary"}, "overlap": {"none"}, "life": {"0"}, "name": {"stolen"}, "version": {`"1"`}}
			answer := func() *pagetest.Answer {
				if route.Method == http.MethodGet {
					return r.Get(path + "?key=primary")
				}
				return r.Post(path, form)
			}
			tried++
			if a := answer(); a.Status != 404 && !(id == ".." && a.Status/100 == 3) {
				answered++
				t.Errorf("%s %s answers %d", route.Method, path, a.Status)
			}
		}
	}
	his := fmt.Sprint(r.api.Get("subscriptions/his"))
	if !strings.Contains(his, "Bob's own") || !strings.Contains(his, "active") {
		t.Errorf("bob's subscription is %s", his)
	}
	r.Get("/subscriptions").Want(t, 200, "Ann&#39;s own").WantNone(t, "Bob")
	fmt.Printf("S17: %d requests for another's subscription, %d answered (0)\n", tried, answered)
	if tried < 40 {
		t.Errorf("only %d requests were tried", tried)
	}
}

// TestS17_SubscriptionPages_NegativeControl asks for the same as their owner.
func TestS17_SubscriptionPages_NegativeControl(t *testing.T) {
	r := newRig(t)
	r.As(page.Visitor{User: "bob", Session: "s9", Groups: []string{"developers"}})
	r.Get("/subscriptions/his").Want(t, 200, "Bob&#39;s own")
	r.Post("/subscriptions/his/keys", nil).Want(t, 200)
}

func TestKeys(t *testing.T) {
	r := newRig(t)
	keys := func() (string, string) {
		all := r.api.Must(http.MethodPost, "subscriptions/hers/listSecrets", nil, 200)
		return fmt.Sprint(all["primaryKey"]), fmt.Sprint(all["secondaryKey"])
	}
	primary, secondary := keys()
	hidden := r.Get("/subscriptions/hers").Want(t, 200, "Show the keys").WantNone(t, primary, secondary)
	if got := hidden.Header.Get("Cache-Control"); !strings.Contains(got, "no-store") {
		t.Errorf("Cache-Control is %q", got)
	}
	shown := r.Post("/subscriptions/hers/keys", nil).Want(t, 200, primary, secondary, "data-copy", "Hide the keys")
	if got := shown.Header.Get("Cache-Control"); !strings.Contains(got, "no-store") {
		t.Errorf("Cache-Control is %q", got)
	}
	form := r.Get("/subscriptions/hers/renew?key=primary").Want(t, 200, "Renew primary key", "stops working")
	values := url.Values{"key": {"primary"}, "version": {field(t, form, "version")}, "overlap": {"PT24H"}, "life": {"30"}}
	r.Post("/subscriptions/hers/renew", values).Want(t, 303)
	next, same := keys()
	if next == primary || same != secondary {
		t.Error("the wrong key was made anew")
	}
	until := r.api.Clock.Now().Add(24 * time.Hour).UTC().Format("2 Jan 2006, 15:04 MST")
	r.Get("/subscriptions/hers").Want(t, 200, "Its predecessor still works until", until, "It expires on")
	r.Post("/subscriptions/hers/renew", values).Want(t, 303) // Sent a second time, it does nothing.
	if again, _ := keys(); again != next {
		t.Error("a form that was sent twice has made two keys")
	}
	values.Set("version", field(t, r.Get("/subscriptions/hers/renew?key=primary"), "version"))
	r.Post("/subscriptions/hers/renew", values).Want(t, 422, "being rotated")
	values.Set("overlap", "none")
	values.Set("life", "0")
	r.Post("/subscriptions/hers/renew", values).Want(t, 303)
	r.Get("/subscriptions/hers").Want(t, 200, "the old one has stopped working").WantNone(t, "Its predecessor")
	values.Set("overlap", "P900D")
	values.Set("version", field(t, r.Get("/subscriptions/hers/renew?key=primary"), "version"))
	r.Post("/subscriptions/hers/renew", values).Want(t, 422, "Choose one of the values")
	r.Get("/subscriptions/hers/renew?key=other").Want(t, 404)
}

// TestWarnings warns before a key ends, and says when it has.
func TestWarnings(t *testing.T) {
	r := newRig(t)
	end := r.api.Clock.Now().Add(20 * 24 * time.Hour)
	r.api.Must(http.MethodPatch, "subscriptions/hers", `{"properties": {"sallyportPrimaryKeyExpires": "`+end.Format(time.RFC3339)+`"}}`, 200)
	r.Get("/subscriptions").Want(t, 200).WantNone(t, "primary key")
	r.api.Clock.Advance(10 * 24 * time.Hour)
	r.Get("/subscriptions").Want(t, 200, "The primary key ends on "+end.UTC().Format("2 January 2006"))
	r.Get("/subscriptions/hers").Want(t, 200, "The primary key ends on")
	r.api.Clock.Advance(11 * 24 * time.Hour)
	r.Get("/subscriptions/hers").Want(t, 200, "The primary key has ended on")
}

func TestRenameAndCancel(t *testing.T) {
	r := newRig(t)
	r.Post("/subscriptions/hers/rename", url.Values{"name": {" "}}).Want(t, 422, "Give the subscription a name")
	r.Post("/subscriptions/hers/rename", url.Values{"name": {"<b>Renamed</b>"}}).Want(t, 303)
	r.Get("/subscriptions/hers").Want(t, 200, "&lt;b&gt;Renamed").WantNone(t, "<b>Renamed")
	r.Get("/subscriptions/hers/cancel").Want(t, 200, "it cannot be brought back")
	r.plane.lose = true
	r.Post("/subscriptions/hers/cancel", nil).Want(t, 503, "does not answer")
	r.plane.lose = false
	r.Post("/subscriptions/hers/cancel", nil).Want(t, 303) // It was done the first time.
	r.Get("/subscriptions/hers").Want(t, 200, "cancelled").WantNone(t, "Renew", "/cancel\"")
	r.Get("/subscriptions/hers/renew?key=primary").Want(t, 404)
	r.Get("/subscriptions/hers/cancel").Want(t, 303)
}

func TestLimits(t *testing.T) {
	r := newRig(t)
	r.api.Put("subscriptions/limited", `{"properties": {"displayName": "x", "scope": "/products/starter", "ownerId": "/users/ann", "state": "active"}}`)
	r.counters.Quota("quota/products/starter", counter.Sharing{}).Take("subscriptions/limited",
		counter.QuotaLimit{Calls: 1000, Bytes: counter.Unlimited, Period: time.Hour}, counter.Usage{Calls: 58})
	r.Get("/subscriptions/limited").Want(t, 200, "1\u202f000 calls in each hour", ">942<", "5 calls in each minute", "bit by bit, as time passes")
	r.Get("/subscriptions/hers").Want(t, 200, "No rate limit or quota is stated")
	r.api.Put("subscriptions/secret", `{"properties": {"displayName": "s", "scope": "/apis/secret", "ownerId": "/users/ann", "state": "active"}}`)
	r.Get("/subscriptions/secret").Want(t, 200, "No rate limit or quota is stated").WantNone(t, "4\u202f321")
}

// TestS18_Limits shows what policies state of single APIs and under conditions,
// and escapes whatever they are called; the text of an expression is not shown.
func TestS18_Limits(t *testing.T) {
	r := newRig(t)
	r.api.Put("subscriptions/wild", `{"properties": {"displayName": "x", "scope": "/products/asked", "ownerId": "/users/ann", "state": "active"}}`)
	r.api.Put("products/asked/policies/policy", map[string]any{"properties": map[string]any{"format": "rawxml", "value": `<policies><inbound>
		<choose><when condition="@("<script>alert(1)</script>" == "tell-nobody")"><quota calls="17" renewal-period="0"><api name="<img src=x onerror=alert(1)>" calls="16" renewal-period="300">
			<operation name="<svg onload=alert(1)>" calls="15" renewal-period="90" /></api><operation id="none" calls="14" renewal-period="90" /></quota></when></choose>
		</inbound></policies>`}})
	r.api.Put("apis/wild/policies/policy", map[string]any{"properties": map[string]any{"format": "rawxml", "value": `<policies><inbound><base />
		<rate-limit-by-key calls="@(context.Product.Id == "tell-nobody" ? 1 : 2)" renewal-period="60" counter-key="@(context.Subscription.Id + "tell-nobody")" />
		<quota-by-key calls="9" bandwidth="8" renewal-period="86400" counter-key="@(context.User.Id)" increment-condition="@(context.Response.StatusCode == 418)" /></inbound></policies>`}})
	list := r.Get("/subscriptions/wild").Want(t, 200,
		"17 calls in all", "never", "Holds under a condition", "16 calls in each 5 minutes", "&lt;img src=x onerror=alert(1)&gt;", `href="/apis/wild"`,
		"15 calls in each 90 seconds", "&lt;svg onload=alert(1)&gt; of &lt;img", "A number of calls that depends on the call, in each minute",
		"9 calls in each day", "8 kB in each day", "Not every call counts as one.", "Counts the calls with all your subscriptions.")
	list.WantNone(t, "<script>", "<img src", "<svg onload", "tell-nobody", "context.", "418", "14 calls")
	t.Log("S18: 0 of 3 hostile names and 0 of 5 expressions reach the page of limits as they are (0)")
}

// TestS18_Limits_NegativeControl finds that an API's limit is told to one who sees
// the API, with the name that is then no secret.
func TestS18_Limits_NegativeControl(t *testing.T) {
	r := newRig(t)
	r.api.Put("subscriptions/secret", `{"properties": {"displayName": "s", "scope": "/apis/secret", "ownerId": "/users/ann", "state": "active"}}`)
	admin := pagetest.Developer
	admin.Admin = true
	r.As(admin)
	r.Get("/subscriptions/secret").Want(t, 200, "4\u202f321 calls in each minute", `href="/apis/secret"`)
}

// TestList pages, and is empty for those who have none.
func TestList(t *testing.T) {
	r := newRig(t)
	r.As(page.Visitor{User: "eve", Session: "s8", Groups: []string{"developers"}})
	r.api.Put("users/eve", `{"properties": {"email": "eve@example.com", "firstName": "E", "lastName": "E"}}`)
	r.Get("/subscriptions").Want(t, 200, "You have no subscriptions", "/products")
	for i := range 27 {
		r.api.Put(fmt.Sprintf("subscriptions/s%02d", i), fmt.Sprintf(
			`{"properties": {"displayName": "Number %02d", "scope": "/products/hidden", "ownerId": "/users/eve", "state": "active"}}`, i))
	}
	r.Get("/subscriptions").Want(t, 200, "Number 00", "Number 24").WantNone(t, "Number 25", "The hidden")
	r.Get("/subscriptions?page=2").Want(t, 200, "Number 26").WantNone(t, "Number 00")
	r.plane.away = true
	r.Get("/subscriptions").Want(t, 503)
}
