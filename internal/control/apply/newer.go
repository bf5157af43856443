package apply

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/control/publish"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/model"
)

// Left is a resource that stays as the installation has it, against what a
// folder or an earlier revision says.
type Left struct {
	// ID is relative to the service: "subscriptions/shop".
	ID string `json:"id"`
	// Reason is a sentence without a period that says why, and what to do.
	Reason string `json:"reason"`
}

// The reasons.
const (
	becauseVisitors = "is the visitors' own; --visitors applies it"
	becauseHere     = "is here already, and stays; --revive takes the folder's"
	becauseDeleted  = "was deleted here; --revive makes it again"
	becauseOwner    = "belongs to %s, who is not here"
)

// admission decides what of a folder is applied, and notes what is not.
type admission struct {
	s    *resource.Session
	o    Options
	left []Left
}

func (a *admission) leave(r model.Resource, reason string) {
	a.left = append(a.left, Left{ID: string(r.ResourceID()), Reason: reason})
}

// admit takes from the body of a stated resource what must stay as it is here,
// and reports whether the resource is applied at all.
func (a *admission) admit(r model.Resource, id resource.ID, body map[string]any) (bool, error) {
	switch r.Kind() {
	case model.KindUser, model.KindGroupUser, model.KindSubscription:
	default:
		return true, nil
	}
	here, err := a.s.Lookup(id)
	if err != nil {
		return false, err
	}
	if byVisitors(r) || here != nil && ofVisitors(here) {
		return a.admitVisitors(r, id, here)
	}
	stated, ok := r.(*model.Subscription)
	switch {
	case !ok || a.o.Revive:
		return true, nil
	case here == nil:
		return a.admitNew(stated, id)
	}
	return true, a.shield(stated, here, body)
}

// admitVisitors adds what visitors made elsewhere, and leaves what they did here.
func (a *admission) admitVisitors(r model.Resource, id resource.ID, here *resource.Entity) (bool, error) {
	deleted, err := a.deleted(id, here)
	if err != nil {
		return false, err
	}
	switch {
	case !a.o.Visitors:
		a.leave(r, becauseVisitors)
		return false, nil
	case a.o.Revive:
		return true, nil
	case here != nil:
		a.leave(r, becauseHere)
		return false, nil
	case deleted:
		a.leave(r, becauseDeleted)
		return false, nil
	}
	return a.hasUser(r)
}

// hasUser reports whether the user of a membership or a subscription is here.
func (a *admission) hasUser(r model.Resource) (bool, error) {
	name := ""
	switch r := r.(type) {
	case *model.Subscription:
		name = r.OwnerID[strings.LastIndexByte(r.OwnerID, '/')+1:]
	case *model.Link:
		name = r.ID.Name()
	}
	if name == "" {
		return true, nil
	}
	there, err := a.s.Has(a.o.Service.Child("users", name))
	if err == nil && !there {
		a.leave(r, fmt.Sprintf(becauseOwner, "users/"+name))
	}
	return there, err
}

// admitNew reports whether a subscription that is not here may be made. One that
// was deleted here comes back with new keys, not with those that it had.
func (a *admission) admitNew(stated *model.Subscription, id resource.ID) (bool, error) {
	deleted, err := a.deleted(id, nil)
	if err != nil {
		return false, err
	}
	hasKeys := slices.ContainsFunc(keysOf(stated), func(k key) bool { return k.text != "" })
	if deleted && hasKeys {
		a.leave(stated, becauseDeleted+" with the keys of the folder")
		return false, nil
	}
	return true, nil
}

// deleted reports whether the resource was here, and is no longer.
func (a *admission) deleted(id resource.ID, here *resource.Entity) (bool, error) {
	if here != nil {
		return false, nil
	}
	past, err := a.s.Reader().History(id.Key(), 0, 1)
	if err != nil {
		return false, fmt.Errorf("reading what became of %s: %w", id.Relative(), err)
	}
	return len(past) > 0 && past[0].Deleted, nil
}

// shield takes from the body of a subscription what is newer here.
func (a *admission) shield(stated *model.Subscription, here *resource.Entity, body map[string]any) error {
	now, err := subscriptionOf(a.s, here)
	if err != nil {
		return err
	}
	fields, reason := newer(stated, now, a.s.Now())
	properties, _ := body["properties"].(map[string]any)
	for _, field := range fields {
		delete(properties, field) // What is not given stays; see people's kind of subscriptions.
	}
	if reason != "" {
		a.leave(stated, reason)
	}
	return nil
}

// subscriptionOf is a subscription that is kept, with its keys open.
func subscriptionOf(s *resource.Session, e *resource.Entity) (*model.Subscription, error) {
	r, err := publish.Resource(s, e)
	if err != nil {
		return nil, err
	}
	subscription, ok := r.(*model.Subscription)
	if !ok {
		return nil, fmt.Errorf("%s is no subscription", e.ID)
	}
	return subscription, nil
}

// key is one of the four keys of a subscription.
type key struct {
	name, expiry string
	text         string
	expires      *time.Time
	replaced     bool
}

func keysOf(s *model.Subscription) []key {
	return []key{
		{"primaryKey", "sallyportPrimaryKeyExpires", s.PrimaryKey, s.PrimaryKeyExpires, false},
		{"secondaryKey", "sallyportSecondaryKeyExpires", s.SecondaryKey, s.SecondaryKeyExpires, false},
		{"sallyportPreviousPrimaryKey", "sallyportPreviousPrimaryKeyExpires", s.PreviousPrimaryKey, s.PreviousPrimaryKeyExpires, true},
		{"sallyportPreviousSecondaryKey", "sallyportPreviousSecondaryKeyExpires", s.PreviousSecondaryKey, s.PreviousSecondaryKeyExpires, true},
	}
}

// newer names the properties of a subscription in which the installation goes
// before what is stated, and says why; "" where nothing that is stated is lost.
// Nobody can tell from two keys which is the newer one, so that which works stays:
// it goes to the one that was renewed because the other had leaked.
func newer(stated, here *model.Subscription, now time.Time) (fields []string, reason string) {
	var reasons []string
	if word := stopped(here, now); word != "" {
		fields = append(fields, "state", "stateComment", "startDate", "endDate", "expirationDate", "notificationDate")
		if stopped(stated, now) == "" {
			reasons = append(reasons, "is "+word+" here, and stays so")
		}
	}
	there := keysOf(here)
	var kept, times []string
	for i, k := range keysOf(stated) {
		h := there[i]
		switch {
		case k.text != "" && k.text != h.text:
			fields = append(fields, k.name, k.expiry)
			if !k.replaced {
				kept = append(kept, strings.TrimSuffix(k.name, "Key"))
			}
		case k.text == "" || passed(h.expires, now):
			fields = append(fields, k.expiry) // The time is that of a key which is not stated, or has ended.
			if !k.replaced && k.expires != nil && (h.expires == nil || !h.expires.Equal(*k.expires)) {
				times = append(times, strings.TrimSuffix(k.name, "Key"))
			}
		}
	}
	if len(kept) > 0 {
		reasons = append(reasons, "has another "+strings.Join(kept, " and another ")+" key here, which stays")
	}
	if len(times) > 0 {
		reasons = append(reasons, "keeps the end that its "+strings.Join(times, " and its ")+" key has here")
	}
	if len(reasons) == 0 {
		return fields, ""
	}
	return fields, strings.Join(reasons, ", and ") + "; --revive takes the folder's"
}

// stopped says how a subscription has ended or was held, "" where it works or is
// waiting for its approval.
func stopped(s *model.Subscription, now time.Time) string {
	switch s.State {
	case "", model.SubscriptionActive, model.SubscriptionSubmitted:
	default:
		return string(s.State)
	}
	if passed(s.ExpirationDate, now) || passed(s.EndDate, now) {
		return string(model.SubscriptionExpired)
	}
	return ""
}

func passed(t *time.Time, now time.Time) bool { return t != nil && !now.Before(*t) }

// wasDeleted is the reason for a record that a rollback leaves deleted.
func wasDeleted(record store.Record) Left {
	return Left{ID: resource.ID(record.ID).Relative(), Reason: becauseDeleted}
}
