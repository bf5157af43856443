package catalog

import (
	"context"
	"slices"
	"time"

	"github.com/sallyport/sallyport/internal/control/backup/place"
	"github.com/sallyport/sallyport/internal/control/store"
)

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
}

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
		if b.Chain != "" {
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
		if byCount || byAge || rule == (Rule{}) || proved < 0 || i >= proved {
			if r, ok := oldest[b.Chain]; !ok || b.Note.Revision < r {
				oldest[b.Chain] = b.Note.Revision
			}
			continue
		}
		s.Bases = append(s.Bases, b)
	}
	for chain, changes := range c.Changes {
		from, kept := oldest[chain]
		if !kept && !slices.ContainsFunc(chained, func(b Base) bool { return b.Chain == chain }) {
			continue // Its first base is not finished yet.
		}
		for _, one := range changes {
			if !kept || one.To < from {
				s.Changes = append(s.Changes, one)
			}
		}
	}
	return s
}

// Remove removes what is surplus, and says how many objects that were. Changes
// go before the base that they follow, so that what is left can be restored.
func (s *Surplus) Remove(ctx context.Context, p *place.Place) (removed int, err error) {
	slices.SortFunc(s.Changes, func(a, b Changes) int { return -compareChanges(a, b) })
	for _, one := range s.Changes {
		if err := p.Delete(ctx, one.Name); err != nil {
			return removed, err
		}
		removed++
	}
	for _, b := range s.Bases {
		if err := b.Delete(ctx, p); err != nil {
			return removed, err
		}
		removed++
	}
	for _, o := range s.Unfinished {
		if err := p.Delete(ctx, o.Name); err != nil {
			return removed, err
		}
		removed++
	}
	return removed, nil
}
