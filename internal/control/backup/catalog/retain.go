package catalog

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/control/backup/place"
	"github.com/sallyport/sallyport/internal/control/store"
)

// MaxChanges bounds the archives of changes that are kept, whatever the rule
// says: more than two days where something changes all the time, and years where
// it does not. Older bases stay, and what lies between them does not.
const MaxChanges = 400_000

// removers is how many objects are removed at once.
const removers = 8

// unfinishedFor is how long an archive without its note is left alone: it may be
// under way.
const unfinishedFor = 48 * time.Hour

// Rule says what is kept of the backups in chains. What is made by hand is kept
// until somebody removes it.
type Rule struct {
	// Count is how many bases are kept; 0 is all of them.
	Count int
	// Age is how long a base is kept; 0 is for ever. A base is kept where one of
	// both keeps it, and where both are 0.
	Age time.Duration
	// Lineage is that of the store whose backups the rule is for: what others
	// have put into the same place stays. With "" it is for all of them.
	Lineage string
}

// keepsAll says that nothing is to go.
func (r Rule) keepsAll() bool { return r.Count == 0 && r.Age == 0 }

// Surplus is what a rule does not keep.
type Surplus struct {
	Bases   []Base
	Changes []Changes
	// Unfinished were begun long ago by somebody who is gone.
	Unfinished []place.Object
}

// Surplus says what may go. The newest base that was proved always stays, with
// all changes after it, and so does the newest base.
func (c *Catalog) Surplus(rule Rule, now time.Time) Surplus {
	var s Surplus
	for _, o := range c.Unfinished {
		if now.Sub(o.Modified) > unfinishedFor {
			s.Unfinished = append(s.Unfinished, o)
		}
	}
	var chained []Base
	for _, b := range c.Bases {
		if b.Chain != "" && (rule.Lineage == "" || b.Note.Lineage == rule.Lineage) {
			chained = append(chained, b)
		}
	}
	proved := -1
	for i, b := range chained {
		if b.Proof != nil {
			proved = i
		}
	}
	// Of each chain, the revision of its oldest base that stays.
	oldest := map[string]store.Revision{}
	for i, b := range chained {
		byCount := rule.Count > 0 && i >= len(chained)-rule.Count
		byAge := rule.Age > 0 && now.Sub(b.Created) <= rule.Age
		// What comes after the newest proved base is there for when the next proof
		// fails, or has not been tried yet.
		if byCount || byAge || rule.keepsAll() || proved < 0 || i >= proved {
			if r, ok := oldest[b.Chain]; !ok || b.Note.Revision < r {
				oldest[b.Chain] = b.Note.Revision
			}
			continue
		}
		s.Bases = append(s.Bases, b)
	}
	s.Changes = c.surplusChanges(oldest, chained, MaxChanges)
	return s
}

// surplusChanges are the changes before the oldest base that stays in each
// chain, and beyond that the oldest ones where there are too many. Those after
// the newest proved base always stay.
func (c *Catalog) surplusChanges(oldest map[string]store.Revision, chained []Base, most int) (surplus []Changes) {
	var kept []Changes
	for _, chain := range slices.Sorted(maps.Keys(c.Changes)) { // In the order of their beginnings.
		from, stays := oldest[chain]
		if !stays && !slices.ContainsFunc(chained, func(b Base) bool { return b.Chain == chain }) {
			continue // Its first base is not finished yet.
		}
		for _, one := range c.Changes[chain] {
			if !stays || one.To < from {
				surplus = append(surplus, one)
			} else {
				kept = append(kept, one)
			}
		}
	}
	var proved Base
	for _, b := range chained {
		if b.Proof != nil {
			proved = b
		}
	}
	for _, one := range kept[:max(len(kept)-most, 0)] {
		if one.Chain > proved.Chain || one.Chain == proved.Chain && one.To >= proved.Note.Revision {
			break
		}
		surplus = append(surplus, one)
	}
	return surplus
}

// Remove removes what is surplus, and says how many objects that were. Changes
// go before the base that they follow, so that what is left can be restored.
func (s *Surplus) Remove(ctx context.Context, p *place.Place) (removed int, err error) {
	var names []string
	for _, one := range s.Changes {
		names = append(names, one.Name)
	}
	for _, o := range s.Unfinished {
		names = append(names, o.Name)
	}
	for some := range slices.Chunk(names, removers) {
		if err := deleteAll(ctx, p, some); err != nil {
			return removed, err
		}
		removed += len(some)
	}
	for _, b := range s.Bases {
		if err := b.Delete(ctx, p); err != nil {
			return removed, err
		}
		removed++
	}
	return removed, nil
}

// deleteAll removes a few objects at once.
func deleteAll(ctx context.Context, p *place.Place, names []string) error {
	errs := make([]error, len(names))
	var group sync.WaitGroup
	for i, name := range names {
		group.Go(func() { errs[i] = p.Delete(ctx, name) })
	}
	group.Wait()
	return errors.Join(errs...)
}
