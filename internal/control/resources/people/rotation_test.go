package people_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

// keys returns the keys of a subscription.
func keys(s *resourcestest.Server, name string) (primary, secondary string) {
	all := s.Must(http.MethodPost, "subscriptions/"+name+"/listSecrets", nil, http.StatusOK)
	primary, _ = all["primaryKey"].(string)
	secondary, _ = all["secondaryKey"].(string)
	return primary, secondary
}

// text returns a property of a subscription.
func text(s *resourcestest.Server, name, property string) string {
	value, _ := resourcestest.At(s.Get("subscriptions/"+name), "properties."+property).(string)
	return value
}

// TestRotateKey lets the old key work for the overlap, and no longer keeps it
// when that has ended.
func TestRotateKey(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("subscriptions/a", `{"properties": {"displayName": "a", "scope": "/apis", "state": "active"}}`)
	primary, secondary := keys(s, "a")
	answer := s.Must(http.MethodPost, "subscriptions/a/sallyportRotateKey", `{"keyType": "primary", "overlap": "PT2H"}`, http.StatusOK)
	want := s.Clock.Now().Add(2 * time.Hour).UTC().Format(time.RFC3339)
	if answer["sallyportPreviousPrimaryKeyExpires"] != want || text(s, "a", "sallyportPreviousPrimaryKeyExpires") != want {
		t.Errorf("the overlap ends at %v, not %s", answer, want)
	}
	next, same := keys(s, "a")
	if next == primary || same != secondary || next == "" {
		t.Error("the wrong key was made anew")
	}
	if got := s.Get("subscriptions/a"); resourcestest.At(got, "properties.sallyportPreviousPrimaryKey") != nil {
		t.Error("the old key is answered")
	}
	// Nobody else may have the old key while it works.
	taken := `{"properties": {"displayName": "b", "scope": "/apis", "primaryKey": "` + primary + `"}}`
	s.Must(http.MethodPut, "subscriptions/b", taken, http.StatusBadRequest)
	refused := s.Must(http.MethodPost, "subscriptions/a/sallyportRotateKey", `{"keyType": "primary"}`, http.StatusConflict)
	if message, _ := resourcestest.At(refused, "error.message").(string); !strings.Contains(message, want) {
		t.Errorf("the refusal does not say until when: %v", refused)
	}
	s.Must(http.MethodPost, "subscriptions/a/sallyportRotateKey", `{"keyType": "secondary"}`, http.StatusOK)
	s.Must(http.MethodPatch, "subscriptions/a", `{"properties": {"displayName": "still"}}`, http.StatusOK)
	if text(s, "a", "sallyportPreviousPrimaryKeyExpires") != want {
		t.Error("a change of something else has ended the overlap")
	}
	s.Clock.Advance(2 * time.Hour)
	s.Put("subscriptions/a", `{"properties": {"displayName": "a", "scope": "/apis"}}`)
	if got := text(s, "a", "sallyportPreviousPrimaryKeyExpires"); got != "" {
		t.Errorf("the old key is still kept, to %s", got)
	}
	s.Must(http.MethodPut, "subscriptions/b", taken, http.StatusCreated)
}

// TestRegenerateEndsARotation makes both keys before it useless.
func TestRegenerateEndsARotation(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("subscriptions/a", `{"properties": {"displayName": "a", "scope": "/apis", "sallyportPrimaryKeyExpires": "2026-03-01T00:00:00Z"}}`)
	primary, _ := keys(s, "a")
	s.Must(http.MethodPost, "subscriptions/a/sallyportRotateKey", `{"expires": "2026-09-01T00:00:00Z"}`, http.StatusOK)
	if got := text(s, "a", "sallyportPrimaryKeyExpires"); got != "2026-09-01T00:00:00Z" {
		t.Errorf("the new key expires %q", got)
	}
	s.Must(http.MethodPost, "subscriptions/a/regeneratePrimaryKey", nil, http.StatusNoContent)
	if got := text(s, "a", "sallyportPreviousPrimaryKeyExpires") + text(s, "a", "sallyportPrimaryKeyExpires"); got != "" {
		t.Errorf("times are left: %s", got)
	}
	s.Put("subscriptions/b", `{"properties": {"displayName": "b", "scope": "/apis", "primaryKey": "`+primary+`"}}`)
}

// TestOverlapEndsWithTheKey does not let a key live longer by replacing it.
func TestOverlapEndsWithTheKey(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("subscriptions/a", `{"properties": {"displayName": "a", "scope": "/apis"}}`)
	soon := s.Clock.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	s.Must(http.MethodPatch, "subscriptions/a", `{"properties": {"sallyportSecondaryKeyExpires": "`+soon+`"}}`, http.StatusOK)
	s.Must(http.MethodPost, "subscriptions/a/sallyportRotateKey", `{"keyType": "secondary", "overlap": "P1D"}`, http.StatusOK)
	if got := text(s, "a", "sallyportPreviousSecondaryKeyExpires"); got != soon {
		t.Errorf("the old key works until %s, and was to end at %s", got, soon)
	}
	if got := text(s, "a", "sallyportSecondaryKeyExpires"); got != "" {
		t.Errorf("the new key has the time of the old one: %s", got)
	}
}

func TestRotateKeyRefused(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("subscriptions/a", `{"properties": {"displayName": "a", "scope": "/apis"}}`)
	tests := []struct {
		name, body string
		status     int
	}{
		{"another key", `{"keyType": "third"}`, http.StatusBadRequest},
		{"no duration", `{"overlap": "soon"}`, http.StatusBadRequest},
		{"too long", `{"overlap": "P91D"}`, http.StatusBadRequest},
		{"no time", `{"expires": "soon"}`, http.StatusBadRequest},
		{"nothing said", `{}`, http.StatusOK},
	}
	for _, test := range tests {
		t.Run(test.name, func(*testing.T) {
			s.Must(http.MethodPost, "subscriptions/a/sallyportRotateKey", test.body, test.status)
		})
	}
	s.Must(http.MethodPost, "subscriptions/absent/sallyportRotateKey", `{}`, http.StatusNotFound)
	s.Must(http.MethodPatch, "subscriptions/a", `{"properties": {"sallyportPrimaryKeyExpires": "soon"}}`, http.StatusBadRequest)
}
