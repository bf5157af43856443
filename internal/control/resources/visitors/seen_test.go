package visitors_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
)

// seenOf is when a session was last used, as it is answered.
func seenOf(t *testing.T, s *resourcestest.Server, path string) time.Time {
	t.Helper()
	text, _ := resourcestest.At(s.Get(path), "properties.lastSeen").(string)
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// seenAccounts are the accounts of sessions that were used.
func seenAccounts(t *testing.T, st *memory.Store) []store.Account {
	t.Helper()
	accounts, err := st.Accounts(t.Context(), "seen/", "seen0", 100)
	if err != nil {
		t.Fatal(err)
	}
	return accounts
}

// revisionOf is the latest revision of a store.
func revisionOf(t *testing.T, st store.Store) (revision store.Revision) {
	t.Helper()
	if err := st.View(t.Context(), func(r store.Reader) error {
		revision = r.Revision()
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return revision
}

// TestSeen notes the use of sessions, which leaves no revision and so no entry in
// the audit log.
func TestSeen(t *testing.T) {
	st := memory.New()
	s := resourcestest.NewWith(t, resourcestest.Options{Store: st})
	ann(s)
	s.Put("users/ann/sallyportSessions/one", session(s, 24))
	s.Put("users/ann/sallyportSessions/two", session(s, 24))
	made, revision := seenOf(t, s, "users/ann/sallyportSessions/two"), revisionOf(t, st)
	for range 3 {
		s.Clock.Advance(10 * time.Minute)
		s.Must(http.MethodPost, "users/ann/sallyportSessions/one/seen", nil, http.StatusNoContent)
	}
	if got, want := seenOf(t, s, "users/ann/sallyportSessions/one"), s.Clock.Now(); !got.Equal(want) {
		t.Errorf("it was seen at %v, want %v", got, want)
	}
	if got := seenOf(t, s, "users/ANN/sallyportSessions/ONE"); !got.Equal(s.Clock.Now()) {
		t.Errorf("by another spelling it was seen at %v", got)
	}
	if got := seenOf(t, s, "users/ann/sallyportSessions/two"); !got.Equal(made) {
		t.Errorf("the other one was seen at %v, want %v", got, made)
	}
	if got := revisionOf(t, st); got != revision {
		t.Errorf("revision %d has become %d", revision, got)
	}
	if got := seenAccounts(t, st); len(got) != 1 {
		t.Errorf("the accounts are %v", got)
	}
	s.Must(http.MethodPost, "users/ann/sallyportSessions/none/seen", nil, http.StatusNotFound)
	s.Must(http.MethodPost, "users/nobody/sallyportSessions/one/seen", nil, http.StatusNotFound)
	s.Clock.Advance(25 * time.Hour)
	s.Must(http.MethodPost, "users/ann/sallyportSessions/one/seen", nil, http.StatusNotFound)
}

// TestSeen_Tidied removes what is known of sessions whose day is over, and of no
// others.
func TestSeen_Tidied(t *testing.T) {
	st := memory.New()
	s := resourcestest.NewWith(t, resourcestest.Options{Store: st})
	ann(s)
	for name, hours := range map[string]int{"short": 1, "long": 24 * 30} {
		s.Put("users/ann/sallyportSessions/"+name, session(s, hours))
		s.Must(http.MethodPost, "users/ann/sallyportSessions/"+name+"/seen", nil, http.StatusNoContent)
	}
	if got := seenAccounts(t, st); len(got) != 2 {
		t.Fatalf("the accounts are %v", got)
	}
	s.Clock.Advance(49 * time.Hour)
	s.Must(http.MethodPost, "users/ann/sallyportSessions/long/seen", nil, http.StatusNoContent)
	if got := seenAccounts(t, st); len(got) != 1 || string(got[0].Value) != s.Clock.Now().UTC().Format(time.RFC3339Nano) {
		t.Errorf("the accounts are %v", got)
	}
}

// TestSeen_Room ends the session that was not used for the longest, by what the
// ledger knows.
func TestSeen_Room(t *testing.T) {
	s := resourcestest.New(t, nil)
	ann(s)
	for _, name := range []string{"old", "idle"} {
		s.Put("users/ann/sallyportSessions/"+name, session(s, 24))
		s.Clock.Advance(time.Minute)
	}
	for i := range 48 {
		s.Put("users/ann/sallyportSessions/s"+time.Duration(i).String(), session(s, 24))
	}
	s.Must(http.MethodPost, "users/ann/sallyportSessions/old/seen", nil, http.StatusNoContent)
	s.Put("users/ann/sallyportSessions/last", session(s, 24))
	s.Must(http.MethodGet, "users/ann/sallyportSessions/old", nil, http.StatusOK)
	s.Must(http.MethodGet, "users/ann/sallyportSessions/idle", nil, http.StatusNotFound)
}

// fullLedger is a store whose ledger takes nothing.
type fullLedger struct{ *memory.Store }

var errFull = errors.New("the disk is full")

func (fullLedger) Post(context.Context, func(store.LedgerTx) error) error { return errFull }

// TestSeen_Fails tells of it where the use could not be noted.
func TestSeen_Fails(t *testing.T) {
	s := resourcestest.NewWith(t, resourcestest.Options{Store: fullLedger{memory.New()}})
	ann(s)
	s.Put("users/ann/sallyportSessions/one", session(s, 24))
	s.Must(http.MethodPost, "users/ann/sallyportSessions/one/seen", nil, http.StatusInternalServerError)
	s.Must(http.MethodGet, "users/ann/sallyportSessions/one", nil, http.StatusOK)
}
