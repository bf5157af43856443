package visitors_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
	"github.com/sallyport/sallyport/internal/control/store/postgres"
	"github.com/sallyport/sallyport/internal/control/store/postgres/postgrestest"
	"github.com/sallyport/sallyport/internal/control/store/sqlite"
)

// verifier is what a session may be proved with.
var verifier = strings.Repeat("0a", 32)

// ann puts a user with a password.
func ann(s *resourcestest.Server) {
	s.Put("users/ann", `{"properties": {"email": "ann@example.com", "firstName": "Ann", "lastName": "A", "password": "correct horse"}}`)
}

// session is the body of a session that ends after so many hours.
func session(s *resourcestest.Server, hours int) string {
	return fmt.Sprintf(`{"properties": {"verifier": %q, "expires": %q, "agent": "test", "address": "192.0.2.1"}}`,
		verifier, s.Clock.Now().Add(time.Duration(hours)*time.Hour).Format(time.RFC3339))
}

func TestSessions(t *testing.T) {
	s := resourcestest.New(t, nil)
	ann(s)
	s.Put("users/ann/sallyportSessions/one", session(s, 2))
	if got := resourcestest.At(s.Get("users/ann/sallyportSessions/one"), "properties.verifier"); got != verifier {
		t.Errorf("the verifier is %v", got)
	}
	list, _ := s.Get("users/ann/sallyportSessions")["value"].([]any)
	if text := fmt.Sprint(list); len(list) != 1 || strings.Contains(text, verifier) || strings.Contains(text, "sealed") {
		t.Errorf("the list is %s", text)
	}
	seen := s.Clock.Now().Add(time.Minute).Format(time.RFC3339)
	s.Must(http.MethodPatch, "users/ann/sallyportSessions/one", `{"properties": {"lastSeen": "`+seen+`", "verifier": "`+strings.Repeat("ff", 32)+`"}}`, http.StatusOK)
	got := s.Get("users/ann/sallyportSessions/one")
	if resourcestest.At(got, "properties.lastSeen") != seen || resourcestest.At(got, "properties.verifier") != verifier {
		t.Errorf("after it was seen: %v", got)
	}
	s.Clock.Advance(3 * time.Hour)
	s.Must(http.MethodGet, "users/ann/sallyportSessions/one", nil, http.StatusNotFound)
	if names := s.Names("users/ann/sallyportSessions"); len(names) != 0 {
		t.Errorf("expired sessions are listed: %v", names)
	}
	s.Put("users/ann/sallyportSessions/two", session(s, 2)) // It sweeps.
	s.Must(http.MethodDelete, "users/ann/sallyportSessions/one", nil, http.StatusNoContent)
}

func TestSessions_Bad(t *testing.T) {
	s := resourcestest.New(t, nil)
	ann(s)
	s.Put("users/bob", `{"properties": {"email": "bob@example.com", "firstName": "B", "lastName": "B", "state": "blocked"}}`)
	for _, tt := range []struct{ name, path, body string }{
		{"no verifier", "users/ann/sallyportSessions/x", strings.Replace(session(s, 1), verifier, "", 1)},
		{"a short verifier", "users/ann/sallyportSessions/x", strings.Replace(session(s, 1), verifier, "0a", 1)},
		{"over", "users/ann/sallyportSessions/x", session(s, -1)},
		{"too long", "users/ann/sallyportSessions/x", session(s, 24*91)},
		{"blocked", "users/bob/sallyportSessions/x", session(s, 1)},
	} {
		t.Run(tt.name, func(*testing.T) {
			s.Must(http.MethodPut, tt.path, tt.body, http.StatusBadRequest)
		})
	}
	s.Must(http.MethodPut, "users/nobody/sallyportSessions/x", session(s, 1), http.StatusNotFound)
}

// TestSessions_Room keeps the fifty that were seen last.
func TestSessions_Room(t *testing.T) {
	s := resourcestest.New(t, nil)
	ann(s)
	for i := range 51 {
		s.Put(fmt.Sprintf("users/ann/sallyportSessions/s%02d", i), session(s, 24))
		s.Clock.Advance(time.Minute)
	}
	if names := s.Names("users/ann/sallyportSessions"); len(names) != 50 || slices.Contains(names, "s00") {
		t.Errorf("%d sessions: %v", len(names), names)
	}
}

// TestSessions_End ends them with what they stand on.
func TestSessions_End(t *testing.T) {
	for name, patch := range map[string]string{"password": `"password": "another horse"`, "blocked": `"state": "blocked"`} {
		t.Run(name, func(t *testing.T) {
			s := resourcestest.New(t, nil)
			ann(s)
			s.Put("users/ann/sallyportSessions/one", session(s, 2))
			token := newToken(s, "password", "")
			s.Must(http.MethodPatch, "users/ann", `{"properties": {"firstName": "Anne"}}`, http.StatusOK)
			s.Get("users/ann/sallyportSessions/one") // A change of something else ends nothing.
			s.Must(http.MethodPatch, "users/ann", `{"properties": {`+patch+`}}`, http.StatusOK)
			s.Must(http.MethodGet, "users/ann/sallyportSessions/one", nil, http.StatusNotFound)
			s.Must(http.MethodPatch, "users/ann", `{"properties": {"state": "active"}}`, http.StatusOK)
			s.Must(http.MethodGet, "users/ann/sallyportSessions/one", nil, http.StatusNotFound)
			s.Must(http.MethodPost, "sallyportRedeem", `{"purpose": "password", "token": "`+token+`", "password": "new password"}`, http.StatusBadRequest)
		})
	}
	s := resourcestest.New(t, nil)
	ann(s)
	s.Put("users/ann/sallyportSessions/one", session(s, 2))
	s.Must(http.MethodDelete, "users/ann", nil, http.StatusOK, http.StatusAccepted)
	ann(s)
	s.Must(http.MethodGet, "users/ann/sallyportSessions/one", nil, http.StatusNotFound)
}

// newToken makes a token of ann.
func newToken(s *resourcestest.Server, purpose, email string) string {
	body := map[string]any{"purpose": purpose, "expires": s.Clock.Now().Add(time.Hour).Format(time.RFC3339)}
	if email != "" {
		body["email"] = email
	}
	token, _ := s.Must(http.MethodPost, "users/ann/sallyportTokens", body, http.StatusOK)["token"].(string)
	return token
}

func TestTokens(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("users/ann", `{"properties": {"email": "ann@example.com", "firstName": "Ann", "lastName": "A", "password": "correct horse", "state": "pending"}}`)
	property := func(name string) any { return resourcestest.At(s.Get("users/ann"), "properties."+name) }
	redeem := func(purpose, token, more string, status int) {
		t.Helper()
		s.Must(http.MethodPost, "sallyportRedeem", `{"purpose": "`+purpose+`", "token": "`+token+`"`+more+`}`, status)
	}
	token := newToken(s, "signup", "")
	redeem("password", token, `, "password": "hijacked horse"`, http.StatusBadRequest) // For another purpose.
	redeem("signup", token+"x", "", http.StatusBadRequest)
	redeem("signup", token, "", http.StatusBadRequest) // Without the password of the account.
	redeem("signup", token, `, "password": "hijacked horse"`, http.StatusBadRequest)
	redeem("signup", token, `, "password": "correct horse"`, http.StatusOK)
	if property("state") != "active" {
		t.Errorf("the user is %v", property("state"))
	}
	redeem("signup", token, "", http.StatusBadRequest) // Once.

	older, newer := newToken(s, "password", ""), newToken(s, "password", "")
	redeem("password", newer, `, "password": "short"`, http.StatusBadRequest)
	redeem("password", newer, `, "password": "a new password"`, http.StatusOK)
	redeem("password", older, `, "password": "an older password"`, http.StatusBadRequest)
	s.Must(http.MethodPost, "sallyportSignIn", `{"email": "ann@example.com", "password": "a new password"}`, http.StatusOK)

	redeem("email", newToken(s, "email", "ann@new.example"), "", http.StatusOK)
	if property("email") != "ann@new.example" || !strings.Contains(fmt.Sprint(property("identities")), "ann@new.example") {
		t.Errorf("the user is %v", s.Get("users/ann"))
	}
	redeem("invitation", newToken(s, "invitation", ""), `, "password": "an invited horse", "firstName": "Anna"`, http.StatusOK)
	if property("firstName") != "Anna" || property("lastName") != "A" {
		t.Errorf("the user is %v", s.Get("users/ann"))
	}
	late := newToken(s, "signup", "")
	s.Clock.Advance(2 * time.Hour)
	redeem("signup", late, "", http.StatusBadRequest)
	for _, hostile := range []string{"x", ".", "..", "Li4.x", "YS9i.x", strings.Repeat("x", 1024)} {
		redeem("signup", hostile, "", http.StatusBadRequest)
	}
}

// TestTokens_Email takes no address that is another's.
func TestTokens_Email(t *testing.T) {
	s := resourcestest.New(t, nil)
	ann(s)
	s.Put("users/bob", `{"properties": {"email": "bob@example.com", "firstName": "B", "lastName": "B"}}`)
	token := newToken(s, "email", "BOB@example.com")
	s.Must(http.MethodPost, "sallyportRedeem", `{"purpose": "email", "token": "`+token+`"}`, http.StatusBadRequest)
	if got := resourcestest.At(s.Get("users/ann"), "properties.email"); got != "ann@example.com" {
		t.Errorf("the address is %v", got)
	}
}

// TestTokens_OldAddress ends the links in mail to an address that is the user's
// no more: one that was mistyped in an invitation, or that was given up.
func TestTokens_OldAddress(t *testing.T) {
	s := resourcestest.New(t, nil)
	ann(s)
	for purpose, more := range map[string]string{"invitation": `, "password": "hijacked horse"`, "password": `, "password": "hijacked horse"`, "signup": ""} {
		s.Must(http.MethodPatch, "users/ann", `{"properties": {"email": "mistyped-`+purpose+`@example.com"}}`, http.StatusOK)
		token := newToken(s, purpose, "")
		s.Must(http.MethodPatch, "users/ann", `{"properties": {"email": "right-`+purpose+`@example.com"}}`, http.StatusOK)
		s.Must(http.MethodPost, "sallyportRedeem", `{"purpose": "`+purpose+`", "token": "`+token+`"`+more+`}`, http.StatusBadRequest)
	}
}

// TestTokens_Room keeps five of a purpose.
func TestTokens_Room(t *testing.T) {
	s := resourcestest.New(t, nil)
	ann(s)
	first := newToken(s, "signup", "")
	for range 5 {
		s.Clock.Advance(time.Minute)
		newToken(s, "signup", "")
		newToken(s, "password", "")
	}
	s.Must(http.MethodPost, "sallyportRedeem", `{"purpose": "signup", "token": "`+first+`"}`, http.StatusBadRequest)
	for _, body := range []string{
		`{"purpose": "signup", "expires": "2020-01-01T00:00:00Z"}`, `{"purpose": "signup", "expires": "2036-01-01T00:00:00Z"}`,
		`{"purpose": "email", "expires": "2026-01-01T10:00:00Z"}`, `{"purpose": "other", "expires": "2026-01-01T10:00:00Z"}`,
	} {
		s.Must(http.MethodPost, "users/ann/sallyportTokens", body, http.StatusBadRequest)
	}
}

func TestSignOn(t *testing.T) {
	s := resourcestest.New(t, nil)
	ann(s)
	expiry := s.Clock.Now().Add(time.Hour).Format(time.RFC3339)
	made := s.Must(http.MethodPost, "users/ann/token", `{"properties": {"keyType": "secondary", "expiry": "`+expiry+`"}}`, http.StatusOK)
	token, _ := made["value"].(string)
	body := func(token string) map[string]any { return map[string]any{"token": token} }
	s.Must(http.MethodPost, "sallyportRedeemSignOn", body(strings.Replace(token, "ann", "1", 1)), http.StatusBadRequest)
	if got := s.Must(http.MethodPost, "sallyportRedeemSignOn", body(token), http.StatusOK); got["user"] != "ann" {
		t.Errorf("the token is for %v", got)
	}
	s.Must(http.MethodPost, "sallyportRedeemSignOn", body(token), http.StatusBadRequest)
	made = s.Must(http.MethodPost, "users/ann/token", `{"properties": {"keyType": "primary", "expiry": "`+expiry+`"}}`, http.StatusOK)
	token, _ = made["value"].(string)
	s.Clock.Advance(2 * time.Hour)
	s.Must(http.MethodPost, "sallyportRedeemSignOn", body(token), http.StatusBadRequest)
	for _, hostile := range []string{"x", "&&", "a&b&c", "ann&202601011000&x", "../x&209901011000&x"} {
		s.Must(http.MethodPost, "sallyportRedeemSignOn", body(hostile), http.StatusBadRequest)
	}
}

func TestMail(t *testing.T) {
	s := resourcestest.New(t, nil)
	const body = `{"properties": {"to": "ann@example.com", "subject": "Hello", "text": "the secret link", "html": "<p>the secret link</p>"}}`
	s.Put("sallyportMail/one", body)
	s.Must(http.MethodPut, "sallyportMail/one", body, http.StatusOK)
	for _, path := range []string{"sallyportMail", "sallyportMail/one"} {
		if text := fmt.Sprint(s.Get(path)); strings.Contains(text, "secret") || strings.Contains(text, "sealed") || !strings.Contains(text, "queued") {
			t.Errorf("%s answers %s", path, text)
		}
	}
	s.Must(http.MethodPatch, "sallyportMail/one", `{"properties": {"state": "failed", "attempts": 3, "lastError": "refused"}}`, http.StatusOK)
	if names := s.Names("sallyportMail?$filter=properties/state eq 'failed'"); len(names) != 1 {
		t.Errorf("failed messages: %v", names)
	}
	bodies := s.Must(http.MethodPost, "sallyportMail/one/listSecrets", nil, http.StatusOK)
	if bodies["text"] != "the secret link" || bodies["html"] != "<p>the secret link</p>" {
		t.Errorf("the bodies are %v", bodies)
	}
	s.Must(http.MethodPut, "sallyportMail/two", `{"properties": {"to": "ann@example.com", "subject": "Hello"}}`, http.StatusBadRequest)
	s.Must(http.MethodDelete, "sallyportMail/one", nil, http.StatusOK)
}

func TestPortalKey(t *testing.T) {
	s := resourcestest.New(t, nil)
	key := func(purpose string) any {
		return s.Must(http.MethodPost, "sallyportPortalKey", map[string]any{"purpose": purpose}, http.StatusOK)["key"]
	}
	one := key("challenge")
	if text, _ := one.(string); len(text) != 44 || key("challenge") != one || key("state") == one {
		t.Errorf("the key is %v", one)
	}
	for _, bad := range []string{"", "A", "a/b", "..", strings.Repeat("a", 41)} {
		s.Must(http.MethodPost, "sallyportPortalKey", map[string]any{"purpose": bad}, http.StatusBadRequest)
	}
	for i := range 30 {
		key(fmt.Sprint("p", i))
	}
	s.Must(http.MethodPost, "sallyportPortalKey", map[string]any{"purpose": "more"}, http.StatusBadRequest)
}

// TestAudit_Masked looks for secrets in the audit log and in what is stored.
func TestAudit_Masked(t *testing.T) {
	st := memory.New()
	s := resourcestest.NewWith(t, resourcestest.Options{Store: st})
	ann(s)
	s.Put("users/ann/sallyportSessions/one", session(s, 2))
	token := newToken(s, "password", "")
	s.Put("sallyportMail/one", `{"properties": {"to": "ann@example.com", "subject": "Hello", "text": "the secret link"}}`)
	s.Must(http.MethodPost, "sallyportPortalKey", map[string]any{"purpose": "state"}, http.StatusOK)
	_, secret, _ := strings.Cut(token, ".")
	entries := 0
	err := st.View(t.Context(), func(r store.Reader) error {
		log, err := r.AuditLog(0, 100)
		for _, entry := range log {
			text := string(entry.Data)
			entries += strings.Count(text, `"outcome"`)
			for _, bad := range []string{verifier, secret, "secret link", "correct horse", "sealed:"} {
				if strings.Contains(text, bad) {
					t.Errorf("the audit log has %q in %s", bad, text)
				}
			}
		}
		for record, err := range r.Tree("") {
			if err != nil {
				return err
			}
			if strings.Contains(string(record.Value), secret) {
				t.Errorf("%s holds a token", record.ID)
			}
		}
		return err
	})
	if err != nil || entries == 0 {
		t.Errorf("%d entries, %v", entries, err)
	}
}

type told struct {
	Revision int64    `json:"revision"`
	Changed  []string `json:"changed"`
	Complete bool     `json:"complete"`
}

func changes(t *testing.T, s *resourcestest.Server, query string) told {
	t.Helper()
	status, _, raw := s.Raw(http.MethodGet, "sallyportChanges"+query, nil)
	var got told
	if err := json.Unmarshal(raw, &got); err != nil || status != http.StatusOK {
		t.Errorf("%d %s %v", status, raw, err)
	}
	return got
}

func TestChanges(t *testing.T) {
	s := resourcestest.New(t, nil)
	first := changes(t, s, "")
	if first.Complete || first.Revision == 0 {
		t.Errorf("at first: %+v", first)
	}
	ann(s)
	s.Put("users/ann/sallyportSessions/one", session(s, 2))
	s.Put("groups/testers", `{"properties": {"displayName": "Testers"}}`)
	after := func(n int64) told { return changes(t, s, fmt.Sprint("?after=", n)) }
	got := after(first.Revision)
	want := []string{"groups/developers/users/ann", "groups/testers", "users/ann"}
	if !got.Complete || !slices.Equal(got.Changed, want) {
		t.Errorf("the changes are %+v, want %v", got, want)
	}
	if next := after(got.Revision); !next.Complete || len(next.Changed) != 0 || next.Revision != got.Revision {
		t.Errorf("nothing has changed: %+v", next)
	}
	if ahead := after(got.Revision + 100); ahead.Complete {
		t.Errorf("ahead of the store: %+v", ahead)
	}
	s.Must(http.MethodGet, "sallyportChanges?after=x", nil, http.StatusBadRequest)
	s.Must(http.MethodGet, "sallyportChanges?after=-1", nil, http.StatusBadRequest)
}

// TestChanges_Wait ends a wait with a change, and else when its time is up.
func TestChanges_Wait(t *testing.T) {
	s := resourcestest.New(t, nil)
	ann(s)
	at := changes(t, s, "")
	wait := func() chan told {
		answer := make(chan told, 1)
		query := fmt.Sprintf("?after=%d&wait=60", changes(t, s, "").Revision)
		go func() { answer <- changes(t, s, query) }()
		s.Clock.BlockUntil(1)
		return answer
	}
	answer := wait()
	s.Put("users/ann/sallyportSessions/one", session(s, 2)) // Is no configuration.
	select {
	case got := <-answer:
		t.Fatalf("a session has ended the wait: %+v", got)
	default:
	}
	s.Put("groups/testers", `{"properties": {"displayName": "Testers"}}`)
	if got := <-answer; !got.Complete || !slices.Equal(got.Changed, []string{"groups/testers"}) || got.Revision <= at.Revision {
		t.Errorf("the wait has ended with %+v", got)
	}
	answer = wait()
	s.Clock.Advance(25 * time.Second)
	if got := <-answer; !got.Complete || len(got.Changed) != 0 {
		t.Errorf("the time is up: %+v", got)
	}
}

// purposes are bodies that redeem a token for each purpose, without the token.
var purposes = map[string]string{
	"signup": `"purpose": "signup", "password": "correct horse"`, "password": `"purpose": "password", "password": "a new password"`,
	"email": `"purpose": "email"`, "invitation": `"purpose": "invitation", "password": "a new password"`,
}

// redeemed counts how many of many at once redeem a token.
func redeemed(s *resourcestest.Server, token, body string, tries int) int {
	var done atomic.Int64
	var all sync.WaitGroup
	for range tries {
		all.Go(func() {
			status, _, _ := s.Raw(http.MethodPost, "sallyportRedeem", `{"token": "`+token+`", `+body+`}`)
			if status == http.StatusOK {
				done.Add(1)
			}
		})
	}
	all.Wait()
	return int(done.Load())
}

// TestS18_TokenReuse redeems each token many times at once, and again.
func TestS18_TokenReuse(t *testing.T) {
	const tries = 8
	total, again, tokens := 0, 0, 0
	for _, st := range everyStore(t) {
		s := resourcestest.NewWith(t, resourcestest.Options{Store: st})
		ann(s)
		for purpose, body := range purposes {
			email := ""
			if purpose == "email" {
				email = "ann@new.example"
			}
			s.Must(http.MethodPatch, "users/ann", `{"properties": {"password": "correct horse"}}`, http.StatusOK)
			token := newToken(s, purpose, email)
			if n := redeemed(s, token, body, tries); n != 1 {
				t.Errorf("%s: redeemed %d times", purpose, n)
			}
			again += redeemed(s, token, body, 1)
			total, tokens = total+tries+1, tokens+1
		}
	}
	if again != 0 {
		t.Errorf("%d tokens were redeemed again", again)
	}
	fmt.Printf("S18: %d tokens redeemed %d times in all, each once (0 twice)\n", tokens, total)
}

// everyStore are the stores in which an installation may be kept.
func everyStore(t *testing.T) []store.Store {
	t.Helper()
	onDisk, err := sqlite.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	database, err := postgres.Open(t.Context(), postgres.Options{URL: postgrestest.Database(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(onDisk.Close(), database.Close()); err != nil {
			t.Error(err)
		}
	})
	return []store.Store{memory.New(), onDisk, database}
}

// TestS18_TokenReuse_NegativeControl puts back what redeeming has removed: the
// token is then good again.
func TestS18_TokenReuse_NegativeControl(t *testing.T) {
	st := memory.New()
	s := resourcestest.NewWith(t, resourcestest.Options{Store: st})
	ann(s)
	token := newToken(s, "signup", "")
	var kept []*resource.Entity
	err := s.Write(func(session *resource.Session) error {
		kept = nil
		for e, err := range session.Collection(resourcestest.Service + "/users/ann/sallyportOneTimeTokens") {
			if err != nil {
				return err
			}
			kept = append(kept, e)
		}
		return nil
	})
	if err != nil || len(kept) != 1 {
		t.Fatalf("%d tokens, %v", len(kept), err)
	}
	if n := redeemed(s, token, purposes["signup"], 1); n != 1 {
		t.Fatalf("redeemed %d times", n)
	}
	if err := s.Write(func(session *resource.Session) error { return session.Store(kept[0].ID, kept[0].Body) }); err != nil {
		t.Fatal(err)
	}
	if n := redeemed(s, token, purposes["signup"], 1); n != 1 {
		t.Error("without its end a token was refused all the same")
	}
}
