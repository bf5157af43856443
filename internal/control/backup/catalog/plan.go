package catalog

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/control/backup"
	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/control/backup/place"
	"github.com/sallyport/sallyport/internal/control/store"
)

var (
	// ErrNone says that there is no base from which the point can be restored.
	ErrNone = errors.New("there is no backup to begin with")
	// ErrChanged says that an archive is not the one that the chain names.
	ErrChanged = errors.New("the archive is not the one that the chain names")
)

// Plan is what is read to restore a point: a base, and the changes after it.
type Plan struct {
	Base    Base
	Changes []Changes
	// Reaches is the revision to which they lead.
	Reaches store.Revision
	// Gap is the revision from which changes are there that nothing leads to:
	// those after Reaches and up to it are missing. 0 where none are.
	Gap store.Revision
}

// Plan chooses what is read to restore a point.
func (c *Catalog) Plan(until backup.Point) (Plan, error) {
	base, ok := c.choose(until)
	if !ok {
		switch {
		case len(c.Bases) == 0:
			return Plan{}, fmt.Errorf("%w: the place holds none", ErrNone)
		case until.Revision != 0:
			return Plan{}, fmt.Errorf("%w: the oldest is of revision %d", ErrNone, c.Bases[0].Note.Revision)
		}
		return Plan{}, fmt.Errorf("%w: the oldest is of %s", ErrNone, c.Bases[0].Note.RevisionTime.Format(time.RFC3339))
	}
	return c.Follow(base), nil
}

// choose returns the latest base that is not after a point. Revisions are those
// of the line that goes on now.
func (c *Catalog) choose(until backup.Point) (chosen Base, ok bool) {
	latest, ok := c.latest()
	if !ok || until.Revision == 0 && until.Time.IsZero() {
		return latest, ok
	}
	ok = false
	for _, b := range c.Bases {
		if until.Revision != 0 && (b.Note.Lineage != latest.Note.Lineage || b.Note.Revision > until.Revision) {
			continue
		}
		if !until.Time.IsZero() && b.Note.RevisionTime.After(until.Time) {
			continue
		}
		// What is made by hand has no changes behind it: of two it is the worse one
		// only where the point is later.
		if !ok || c.better(b, chosen) {
			chosen, ok = b, true
		}
	}
	return chosen, ok
}

// better reports whether a base is to be preferred to another that would do as
// well.
func (c *Catalog) better(b, than Base) bool {
	return cmp.Or(
		b.Note.RevisionTime.Compare(than.Note.RevisionTime),
		cmp.Compare(len(c.Changes[b.Chain]), len(c.Changes[than.Chain])),
		b.Created.Compare(than.Created),
	) > 0
}

// latest is the newest base of what was written to last.
func (c *Catalog) latest() (Base, bool) {
	var latest Base
	var at time.Time
	for _, b := range c.Bases {
		end := b.Modified
		if changes := c.Changes[b.Chain]; b.Chain != "" && len(changes) > 0 {
			if m := changes[len(changes)-1].Modified; m.After(end) {
				end = m
			}
		}
		if !end.Before(at) {
			latest, at = b, end
		}
	}
	return latest, !at.IsZero()
}

// Follow finds the changes that follow a base. Where a chain has branches, as
// where two nodes have written to it at once, it takes the one that reaches
// farthest.
func (c *Catalog) Follow(b Base) Plan {
	plan := Plan{Base: b, Reaches: b.Note.Revision}
	all := c.Changes[b.Chain]
	if b.Chain == "" || len(all) == 0 {
		return plan
	}
	reach, next := branches(all)
	first := -1
	for i, one := range all {
		if one.follows(b) && (first < 0 || reach[i] > reach[first]) {
			first = i
		}
	}
	for i := first; i >= 0; i = next[i] {
		plan.Changes = append(plan.Changes, all[i])
		plan.Reaches = max(plan.Reaches, all[i].To)
	}
	for _, one := range all {
		if one.To > plan.Reaches && (plan.Gap == 0 || one.From < plan.Gap) {
			plan.Gap = one.From
		}
	}
	return plan
}

// follows reports whether an archive of changes may be the first after a base.
// One that holds counters only does where it is younger.
func (c Changes) follows(b Base) bool {
	if c.From == c.To {
		return c.To == b.Note.Revision && !c.Modified.Before(b.Created)
	}
	return c.From <= b.Note.Revision && c.To > b.Note.Revision
}

// branches says of each archive of a chain to which revision it leads in the
// end, and which one is next on the way; -1 where none is. The archives are in
// the order of their sequence numbers, which grow along every branch.
func branches(all []Changes) (reach []store.Revision, next []int) {
	reach, next = make([]store.Revision, len(all)), make([]int, len(all))
	after := map[string][]int{} // Those that name a digest as the one before.
	for i := len(all) - 1; i >= 0; i-- {
		reach[i], next[i] = all[i].To, -1
		for _, j := range after[all[i].Digest] {
			// A link leads onwards, without a hole.
			if all[j].Sequence > all[i].Sequence && all[j].From <= all[i].To && (next[i] < 0 || reach[j] > reach[next[i]]) {
				reach[i], next[i] = max(reach[i], reach[j]), j
			}
		}
		after[all[i].Previous] = append(after[all[i].Previous], i)
	}
	return reach, next
}

// Head is the last archive of changes of a plan, if there is one.
func (p *Plan) Head() (Changes, bool) {
	if len(p.Changes) == 0 {
		return Changes{}, false
	}
	return p.Changes[len(p.Changes)-1], true
}

// Archives are the archives of a plan, to be restored or verified. Each archive
// of changes is compared with its name.
func (p *Plan) Archives(ctx context.Context, from *place.Place, keys archive.KeyOpener, until backup.Point) backup.Archives {
	a := backup.Archives{
		Base:  func(ctx context.Context) (io.ReadCloser, error) { return from.Read(ctx, p.Base.Name) },
		Keys:  keys,
		Until: until,
	}
	if len(p.Changes) > 0 {
		a.Changes = p.open(ctx, from)
	}
	return a
}

// open opens one archive of changes after the other.
func (p *Plan) open(ctx context.Context, from *place.Place) iter.Seq2[io.ReadCloser, error] {
	return func(yield func(io.ReadCloser, error) bool) {
		for _, c := range p.Changes {
			r, err := from.Read(ctx, c.Name)
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(&checked{ReadCloser: r, sum: sha256.New(), name: c.Name, want: c.Digest}, nil) {
				return
			}
		}
	}
}

// checked compares the digest of what was read with the one that was promised.
type checked struct {
	io.ReadCloser
	sum        hash.Hash
	name, want string
}

// Read reads on; the end is an error where the digest is another.
func (c *checked) Read(b []byte) (int, error) {
	n, err := c.ReadCloser.Read(b)
	c.sum.Write(b[:n])
	if errors.Is(err, io.EOF) && !strings.HasPrefix(hex.EncodeToString(c.sum.Sum(nil)), c.want) {
		return n, fmt.Errorf("%s: %w: %w", c.name, ErrChanged, archive.ErrDamaged)
	}
	return n, err
}

// Find returns the base with a name, as List shows it.
func (c *Catalog) Find(name string) (Base, bool) {
	i := slices.IndexFunc(c.Bases, func(b Base) bool { return b.Name == name })
	if i < 0 {
		return Base{}, false
	}
	return c.Bases[i], true
}
