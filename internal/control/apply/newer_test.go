package apply

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/model"
)

// TestNewer says what of a subscription an older folder does not write over.
func TestNewer(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	before, after, later := now.Add(-time.Hour), now.Add(time.Hour), now.Add(48*time.Hour)
	at := func(t time.Time) *time.Time { return &t }
	active := model.Subscription{State: model.SubscriptionActive, PrimaryKey: "p", SecondaryKey: "s"}
	with := func(f func(*model.Subscription)) *model.Subscription {
		s := active
		f(&s)
		return &s
	}
	state := func(state model.SubscriptionState) *model.Subscription {
		return with(func(s *model.Subscription) { s.State = state })
	}
	same := with(func(*model.Subscription) {})
	keyless := with(func(s *model.Subscription) { s.PrimaryKey, s.SecondaryKey = "", "" })
	cases := []struct {
		name         string
		stated, here *model.Subscription
		field        string // One that stays.
		reason       string // A part of it; "" where nothing is said.
	}{
		{"the same", same, same, "", ""},
		{"without keys", keyless, same, "", ""},
		{"cancelled", same, state(model.SubscriptionCancelled), "state", "is cancelled here, and stays so; --revive takes the folder's"},
		{"rejected", same, state(model.SubscriptionRejected), "state", "is rejected here"},
		{"expired", same, state(model.SubscriptionExpired), "state", "is expired here"},
		{"suspended", same, state(model.SubscriptionSuspended), "state", "is suspended here"},
		{"asked for", same, state(model.SubscriptionSubmitted), "", ""},
		{"cancelled in both", state(model.SubscriptionCancelled), state(model.SubscriptionCancelled), "state", ""},
		{"cancelled by the folder", state(model.SubscriptionCancelled), same, "", ""},
		{"its time has passed", with(func(s *model.Subscription) { s.ExpirationDate = at(later) }),
			with(func(s *model.Subscription) { s.ExpirationDate = at(before) }), "expirationDate", "is expired here"},
		{"its end has passed", same, with(func(s *model.Subscription) { s.EndDate = at(before) }), "endDate", "is expired here"},
		{"a longer time before it has passed", with(func(s *model.Subscription) { s.ExpirationDate = at(later) }),
			with(func(s *model.Subscription) { s.ExpirationDate = at(after) }), "", ""},
		{"a renewed key", same, with(func(s *model.Subscription) { s.PrimaryKey = "new" }), "primaryKey", "has another primary key here, which stays"},
		{"both renewed", same, with(func(s *model.Subscription) { s.PrimaryKey, s.SecondaryKey = "new", "newer" }), "secondaryKey",
			"has another primary and another secondary key here"},
		{"cancelled and renewed", same, with(func(s *model.Subscription) { s.State, s.PrimaryKey = model.SubscriptionCancelled, "new" }), "primaryKey",
			"is cancelled here, and stays so, and has another primary key here"},
		{"an overlap that was ended", with(func(s *model.Subscription) {
			s.PreviousPrimaryKey, s.PreviousPrimaryKeyExpires = "leaked", at(later)
		}), same, "sallyportPreviousPrimaryKey", ""},
		{"an overlap of another key", with(func(s *model.Subscription) {
			s.PreviousPrimaryKey, s.PreviousPrimaryKeyExpires = "leaked", at(later)
		}), with(func(s *model.Subscription) {
			s.PrimaryKey, s.PreviousPrimaryKey, s.PreviousPrimaryKeyExpires = "newer", "p", at(after)
		}), "sallyportPreviousPrimaryKeyExpires", "has another primary key here"},
		{"the end of a key that is not stated", with(func(s *model.Subscription) { s.PrimaryKey, s.PrimaryKeyExpires = "", at(after) }),
			with(func(s *model.Subscription) { s.PrimaryKey = "new" }), "sallyportPrimaryKeyExpires", "keeps the end that its primary key has here"},
		{"the end of a key that has ended", with(func(s *model.Subscription) { s.PrimaryKeyExpires = at(later) }),
			with(func(s *model.Subscription) { s.PrimaryKeyExpires = at(before) }), "sallyportPrimaryKeyExpires", "keeps the end"},
		{"the end of the same key", with(func(s *model.Subscription) { s.PrimaryKeyExpires = at(after) }), same, "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			fields, reason := newer(c.stated, c.here, now)
			if c.field != "" && !slices.Contains(fields, c.field) {
				t.Errorf("%s is written over: only %v stay", c.field, fields)
			}
			for _, f := range fields {
				if c.field == "" && !strings.Contains(f, "Expires") {
					t.Errorf("%s stays", f)
				}
			}
			if c.reason == "" && reason != "" || !strings.Contains(reason, c.reason) {
				t.Errorf("the reason is %q", reason)
			}
		})
	}
}
