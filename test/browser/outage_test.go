package browser

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/control/store/postgres/postgrestest"
)

// Measures of the tests in which the store is away.
const (
	// answerLimit bounds each answer: page.RequestLife with some room.
	answerLimit = 25 * time.Second
	// readLimit bounds a page that is read meanwhile.
	readLimit = 5 * time.Second
	// backLimit bounds how long it takes until forms are taken again.
	backLimit = 45 * time.Second
)

// outage is a portal over a store that goes away, with the forms that are sent
// meanwhile.
type outage struct {
	*portal
	kind  string
	forms []*sentForm
	admin *visitor
	// What was seen.
	slowest, slowestRead time.Duration
	sent, reads          int
}

// sentForm is a form that was opened before the store went.
type sentForm struct {
	name   string
	v      *visitor
	action string
	values url.Values
	// typed is what the page keeps where it was typed and is no secret.
	typed string
	// check looks, when the store is back and the form was sent again, whether
	// exactly one thing was done.
	check func()
	acked bool
}

// TestStoreAwayKilled and TestStoreAwayHanging take PostgreSQL away below the
// portal, for a minute in the long form, while each of its forms is sent.
func TestStoreAwayKilled(t *testing.T) {
	storeAway(t, "killed", (*postgrestest.Server).Kill, (*postgrestest.Server).Restart)
}

// TestStoreAwayHanging has it hang: connections stay open, and nothing answers.
func TestStoreAwayHanging(t *testing.T) {
	storeAway(t, "hanging", (*postgrestest.Server).Pause, (*postgrestest.Server).Resume)
}

func storeAway(t *testing.T, kind string, stop, start func(*postgrestest.Server)) {
	database := postgrestest.Start(t)
	t.Setenv("SALLYPORT_STORE", database.URL("postgres"))
	o := &outage{portal: startPortal(t), kind: kind}
	o.prepare()
	last := newVisitor(t, o.url, 900)
	last.submit("/signup", "/signup", signUpWith("last@example.org")...) // It is acknowledged just before.
	names := o.startNames()
	stop(database)
	began := time.Now()
	o.during(began)
	start(database)
	away := time.Since(began)
	back := o.again()
	acked := names.end()
	for _, f := range o.forms {
		f.check()
	}
	o.post.await(t, "last@example.org", "/confirm")
	t.Logf("portal over PostgreSQL %s for %.0f s: %d forms sent %d times, slowest answer %.1f s (%.0f s); %d pages read, slowest %.1f s (%.0f s); "+
		"forms taken %.1f s after it was back (%.0f s); %d acknowledged changes before and after, 0 lost (0); each form made one thing",
		kind, away.Seconds(), len(o.forms), o.sent, o.slowest.Seconds(), answerLimit.Seconds(), o.reads, o.slowestRead.Seconds(), readLimit.Seconds(),
		back.Seconds(), backLimit.Seconds(), acked)
}

// open opens a page whose form is sent later.
func (o *outage) open(name string, v *visitor, path, action, typed string, check func(), more ...string) {
	o.tb.Helper()
	v.get(path)
	values := v.form(action, more...)
	if values == nil {
		o.tb.Fatalf("%s has no form for %s:\n%s", path, action, v.page.body)
	}
	o.forms = append(o.forms, &sentForm{name: name, v: v, action: action, values: values, typed: typed, check: check})
}

// signsIn says whether somebody can sign in.
func (o *outage) signsIn(mail, password string) func() bool {
	return func() bool {
		v := newVisitor(o.tb, o.url, 2000+o.sent)
		o.sent++
		v.get("/signin")
		return v.send(http.MethodPost, "/signin", v.form("/signin", "email", mail, "password", password)).status == http.StatusSeeOther
	}
}

// prepare makes the accounts, and opens the forms.
func (o *outage) prepare() {
	o.tb.Helper()
	guest := func(n int) *visitor { return newVisitor(o.tb, o.url, n) }
	o.admin = guest(1)
	if got := o.admin.send(http.MethodGet, path(o.administratorLink(), o.url), nil); got.status != http.StatusSeeOther {
		o.tb.Fatalf("the administrator's link: %d\n%s", got.status, got.body)
	}
	ann, bob := o.member("ann", 10), o.member("bob", 20)
	o.guestForms(guest)
	o.memberForms(ann)
	o.open("closing the account", bob, "/account/close", "/account/close", "", func() {
		fits(o.tb, "bob signs in", o.signsIn("bob@example.org", journeyPassword)(), false)
	}, "password", journeyPassword)
	o.adminForms(ann)
}

// guestForms are those without a session.
func (o *outage) guestForms(guest func(int) *visitor) {
	o.tb.Helper()
	const other = "another long way 8"
	o.open("sign-up", guest(30), "/signup", "/signup", "new@example.org", func() {
		link := o.post.await(o.tb, "new@example.org", "/confirm").link(o.tb, "/confirm")
		guest(31).submit(path(link, o.url), "/confirm", "password", journeyPassword)
		fits(o.tb, "new signs in", o.signsIn("new@example.org", journeyPassword)(), true)
		fits(o.tb, "accounts that were made", len(usersOn.FindAllString(o.admin.get("/admin/users?q=new%40example.org"), -1)), 1)
	}, signUpWith("new@example.org")...)
	o.open("sign-in", guest(40), "/signin", "/signin", "ann@example.org", func() {}, "email", "ann@example.org", "password", journeyPassword)
	pending := guest(50)
	pending.submit("/signup", "/signup", signUpWith("pia@example.org")...)
	o.open("confirmation", pending, path(o.post.await(o.tb, "pia@example.org", "/confirm").link(o.tb, "/confirm"), o.url), "/confirm", "", func() {
		fits(o.tb, "pia signs in", o.signsIn("pia@example.org", journeyPassword)(), true)
	}, "password", journeyPassword)
	o.member("cat", 60)
	o.open("asking for a link", guest(61), "/reset", "/reset", "cat@example.org", func() {
		o.post.await(o.tb, "cat@example.org", "/reset")
	}, "email", "cat@example.org")
	o.member("dan", 70)
	dan := guest(71)
	dan.submit("/reset", "/reset", "email", "dan@example.org")
	o.open("new password", dan, path(o.post.await(o.tb, "dan@example.org", "/reset").link(o.tb, "/reset"), o.url), "/reset/password", "", func() {
		fits(o.tb, "dan signs in with the new password", o.signsIn("dan@example.org", other)(), true)
		fits(o.tb, "dan signs in with the old password", o.signsIn("dan@example.org", journeyPassword)(), false)
	}, "password", other, "again", other)
}

// usersOn are the users that a list of the administration names.
var usersOn = regexp.MustCompile(`href="/admin/users/[0-9a-z]{8,}"`)

var shownKeys = regexp.MustCompile(`\b[0-9a-f]{32}\b`)

// keysOf reveals the keys of a subscription.
func (v *visitor) keysOf(subscription string) []string {
	v.tb.Helper()
	v.get(subscription)
	v.send(http.MethodPost, subscription+"/keys", v.form(subscription+"/keys"))
	return shownKeys.FindAllString(v.page.body, -1)
}

// memberForms are those of a developer.
func (o *outage) memberForms(ann *visitor) {
	o.tb.Helper()
	renewed, renamed, cancelled := ann.subscribes("starter", "Renewed"), ann.subscribes("starter", "Misnamed"), ann.subscribes("starter", "Cancelled")
	before := ann.keysOf(renewed)
	o.open("profile", ann, "/account", "/account", "Augusta", func() {
		fits(o.tb, "the name", strings.Contains(ann.get("/account"), `value="Augusta"`), true)
	}, "first", "Augusta", "last", "King")
	o.open("subscribing", ann, "/subscribe/starter", "/subscribe/starter", "During", func() {
		fits(o.tb, "subscriptions that were asked for", ann.count("/subscriptions", ">During<"), 1)
	}, "name", "During")
	o.open("a new key", ann, renewed+"/renew?key=primary", renewed+"/renew", "primary", func() {
		after := ann.keysOf(renewed)
		if len(before) < 2 || len(after) < 2 || after[0] == before[0] || after[1] != before[1] {
			o.tb.Errorf("the keys were %v and are %v", before, after)
		}
	}, "overlap", "none")
	o.open("renaming", ann, renamed, renamed+"/rename", "Named", func() {
		fits(o.tb, "the new name", ann.count("/subscriptions", ">Named<"), 1)
	}, "name", "Named")
	o.open("cancelling", ann, cancelled+"/cancel", cancelled+"/cancel", "", func() {
		fits(o.tb, "cancelled", strings.Contains(ann.get(cancelled), "cancelled"), true)
	})
}

// adminForms are those of an administrator.
func (o *outage) adminForms(ann *visitor) {
	o.tb.Helper()
	asked := ann.subscribes("unlimited", "Approved")
	approval := "/admin/approvals/" + strings.TrimPrefix(asked, "/subscriptions/")
	o.open("approving", o.admin, approval, approval, "approve", func() {
		fits(o.tb, "approved", strings.Contains(ann.get(asked), "Either key opens the APIs"), true)
		o.post.await(o.tb, "ann@example.org", "Unlimited")
	})
	o.admin.submit("/admin/content/new", "/admin/content/new", "slug", "outage", "title", "Outage", "text", "It was published.")
	o.open("publishing", o.admin, "/admin/publish", "/admin/publish", "during the outage", func() {
		deadline := time.Now().Add(patience)
		for v := newVisitor(o.tb, o.url, 950); v.send(http.MethodGet, "/pages/outage", nil).status != http.StatusOK; time.Sleep(lookAgain) {
			if time.Now().After(deadline) {
				o.tb.Errorf("the page that was published is not there")
				return
			}
		}
		fits(o.tb, "publications", o.admin.count("/admin/history", "during the outage"), 1)
	}, "note", "during the outage")
}

// during sends all forms while the store is away, at once and again, and reads
// meanwhile.
func (o *outage) during(began time.Time) {
	o.tb.Helper()
	lasts := 5 * time.Second
	if *long {
		lasts = time.Minute
	}
	stop, read := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(read)
		o.read(stop)
	}()
	for {
		o.sendAll(func(f *sentForm, got reply) { o.refusal(f, got) })
		if rest := lasts - time.Since(began); rest <= 0 {
			break
		} else {
			time.Sleep(min(rest, 15*time.Second))
		}
		if time.Since(began) >= lasts {
			break
		}
	}
	close(stop)
	<-read
}

// read reads pages until it is told to stop.
func (o *outage) read(stop <-chan struct{}) {
	v := newVisitor(o.tb, o.url, 800)
	for {
		for _, page := range []string{"/", "/apis", "/apis/echo", "/products", "/products/starter", "/signin", "/signup", "/reset"} {
			select {
			case <-stop:
				return
			case <-time.After(lookAgain):
			}
			got := v.send(http.MethodGet, page, nil)
			o.reads++
			o.slowestRead = max(o.slowestRead, got.took)
			if got.err != nil || got.status != http.StatusOK || got.took > readLimit {
				o.tb.Errorf("reading %s: %d %v after %v", page, got.status, got.err, got.took)
			}
		}
	}
}

// sendAll sends the forms that were not taken yet, all at once.
func (o *outage) sendAll(look func(*sentForm, reply)) {
	var all sync.WaitGroup
	got := make([]reply, len(o.forms))
	for i, f := range o.forms {
		if f.acked {
			continue
		}
		o.sent++
		// Each form has a visitor of its own, with the cookies of its owner.
		v := &visitor{tb: f.v.tb, base: f.v.base, client: f.v.client}
		all.Go(func() { got[i] = v.send(http.MethodPost, f.action, f.values) })
	}
	all.Wait()
	for i, f := range o.forms {
		if !f.acked {
			look(f, got[i])
		}
	}
}

// refusal looks at what a form is answered while the store is away.
func (o *outage) refusal(f *sentForm, got reply) {
	o.tb.Helper()
	o.slowest = max(o.slowest, got.took)
	if got.took > answerLimit || got.err != nil {
		o.tb.Errorf("%s: answered after %v: %v", f.name, got.took, got.err)
		return
	}
	if got.status == http.StatusSeeOther {
		o.tb.Logf("%s was taken while the store is %s, after %v", f.name, o.kind, got.took)
		f.acked = true
		return
	}
	says := strings.Contains(got.body, "does not answer") || strings.Contains(got.body, "not been able")
	if got.status != http.StatusServiceUnavailable || !says || !strings.Contains(got.body, f.typed) {
		o.tb.Errorf("%s: %d after %v, says what happened %v, keeps %q %v\n%s", f.name, got.status, got.took, says, f.typed,
			strings.Contains(got.body, f.typed), got.body)
	}
	f.take(o.tb, got)
}

// take takes the form that a page has as what is sent next, with the secrets
// typed again.
func (f *sentForm) take(tb testing.TB, got reply) {
	page := &visitor{tb: tb, page: got}
	next := page.form(f.action)
	if next == nil {
		return
	}
	for name, value := range f.values {
		if next.Get(name) == "" {
			next[name] = value
		}
	}
	f.values = next
}

// again sends each form until it is taken, and returns how long that took.
func (o *outage) again() time.Duration {
	o.tb.Helper()
	began := time.Now()
	for {
		left := 0
		o.sendAll(func(f *sentForm, got reply) {
			ended := strings.Contains(got.body, "does not work any more") // It was done, and its answer was lost.
			if f.acked = got.status == http.StatusSeeOther || ended; f.acked {
				return
			}
			if left++; time.Since(began) > backLimit {
				o.tb.Fatalf("%s is not taken %v after the store is back: %d %v\n%s", f.name, time.Since(began), got.status, got.err, got.body)
			}
			if got.status != http.StatusServiceUnavailable {
				o.tb.Logf("%s: %d %v", f.name, got.status, got.err)
			}
			f.take(o.tb, got)
		})
		if left == 0 {
			return time.Since(began)
		}
		time.Sleep(time.Second)
	}
}

// names changes a visitor's name all the time, and notes what was acknowledged.
type names struct {
	stop, done chan struct{}
	v          *visitor
	acked      int
}

func (o *outage) startNames() *names {
	o.tb.Helper()
	n := &names{stop: make(chan struct{}), done: make(chan struct{}), v: o.member("wil", 90)}
	n.v.get("/account")
	values := n.v.form("/account", "last", "Counted")
	go func() {
		defer close(n.done)
		for i := 1; ; i++ {
			select {
			case <-n.stop:
				return
			default:
			}
			values.Set("first", fmt.Sprint("N", i))
			// Each comes from another address: no limit is met.
			from := newVisitor(o.tb, o.url, 3000+i)
			from.client.Jar = n.v.client.Jar
			if got := from.send(http.MethodPost, "/account", values); got.status == http.StatusSeeOther && got.location == "/account" {
				n.acked = i
			}
		}
	}()
	time.Sleep(time.Second)
	return n
}

// end ends the changes, wants the last that was acknowledged, or a later one, to be
// there, and returns its number.
func (n *names) end() (acked int) {
	n.v.tb.Helper()
	close(n.stop)
	<-n.done
	var kept int
	if _, err := fmt.Sscanf(attribute(regexp.MustCompile(`<input[^>]*name="first"[^>]*>`).FindString(n.v.get("/account")), "value"), "N%d", &kept); err != nil {
		n.v.tb.Errorf("the name cannot be read: %v", err)
	}
	if kept < n.acked {
		n.v.tb.Errorf("the name %d was acknowledged, and %d is there", n.acked, kept)
	}
	return n.acked
}
