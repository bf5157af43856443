package follow

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/problem"
	"github.com/sallyport/sallyport/internal/snapshot"
	"github.com/sallyport/sallyport/internal/snapshot/feed"
	"github.com/sallyport/sallyport/internal/snapshot/wire"
)

// ErrDiverged is wrapped by the error for a delta that does not lead from what
// the gateway has to what its sender says: a whole document is needed.
var ErrDiverged = errors.New("the configuration is not the one that the change was made for")

// received is what is known of the document that a feed wants to be served,
// beside the snapshot that is.
type received struct {
	feed.Position
	// held are the groups that are not served as they are wanted.
	held map[string]*heldGroup
	// odd has the digests of lines whose resources this release would write
	// differently.
	odd map[model.Key]wire.Digest
}

// standing is what others may ask of a follower while it compiles.
type standing struct {
	position feed.Position
	held     problem.Problems
}

// Applied returns when the newest configuration was taken; the zero time is
// never. It never waits.
func (f *Follower) Applied() time.Time {
	if at := f.applied.Load(); at != nil {
		return *at
	}
	return time.Time{}
}

// Position returns which document of a feed the gateway has, and whether it has
// one. It never waits.
func (f *Follower) Position() (feed.Position, bool) {
	if s := f.standing.Load(); s != nil {
		return s.position, true
	}
	return feed.Position{}, false
}

// Held returns what of the newest document is not served as it is wanted, and
// why; each problem names its resource. It never waits.
func (f *Follower) Held() problem.Problems {
	if s := f.standing.Load(); s != nil {
		return s.held
	}
	return nil
}

// Replace takes a whole document of a feed, a snapshot file that is not sealed.
// What of it cannot be served is held back, and of that the last good state
// goes on serving. An error means that nothing of the document was used.
func (f *Follower) Replace(lineage string, digest wire.Digest, data []byte) error {
	revision, lines, err := wire.ReadLines(data, nil)
	if err != nil {
		return err
	}
	var sum wire.Digest
	for i := range lines {
		sum = sum.Plus(lines[i].Digest)
	}
	if sum != digest {
		return fmt.Errorf("%w: the document's digest is %s where its sender says %s", wire.ErrDamaged, sum, digest)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	begin := f.o.Clock.Now()
	r := &received{Position: feed.Position{Lineage: lineage, Revision: revision, Digest: digest}, odd: map[model.Key]wire.Digest{}}
	changes, err := r.difference(f.current, lines)
	if err != nil {
		return err
	}
	f.serve(r, changes, nil, begin)
	return nil
}

// difference returns what leads from a snapshot, which may be nil, to a document.
func (r *received) difference(current *snapshot.Snapshot, lines []wire.Line) (map[model.Key]change, error) {
	changes := map[model.Key]change{}
	seen := make(map[model.Key]bool, len(lines))
	for i := range lines {
		l := &lines[i]
		key := l.ID.Key()
		if seen[key] {
			l.Resource, l.Err = nil, errors.New("the resource stands twice in the configuration")
		}
		seen[key] = true
		same, err := r.same(current, l)
		if err != nil {
			return nil, err
		}
		if !same {
			changes[key] = change{line: *l}
		}
	}
	if current == nil {
		return changes, nil
	}
	for one := range current.Resources() {
		if id := one.ResourceID(); !seen[id.Key()] {
			changes[id.Key()] = gone(id)
		}
	}
	return changes, nil
}

// same reports whether a snapshot has what a line says.
func (r *received) same(current *snapshot.Snapshot, l *wire.Line) (bool, error) {
	if current == nil || l.Resource == nil {
		return false, nil
	}
	now := current.Resource(l.ID)
	if now == nil || now.Kind() != l.Resource.Kind() {
		return false, nil
	}
	have, err := wire.DigestOfResource(now)
	if err != nil || have == l.Digest {
		return err == nil, err
	}
	wanted, err := wire.DigestOfResource(l.Resource)
	if err != nil || wanted != have {
		return false, err
	}
	r.odd[l.ID.Key()] = l.Digest
	return true, nil
}

// Advance takes deltas of a feed, one after the other; what comes in short order
// is compiled once. The error wraps ErrDiverged where they do not lead on from
// what the gateway has; then, and after any other error, nothing of them was used.
func (f *Follower) Advance(payloads ...[]byte) error {
	deltas := make([]*wire.Delta, len(payloads))
	for i, payload := range payloads {
		var err error
		if deltas[i], err = wire.ReadDelta(payload); err != nil {
			return err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	begin := f.o.Clock.Now()
	before := f.received
	if before == nil {
		return fmt.Errorf("%w: there is none", ErrDiverged)
	}
	next := &received{Position: before.Position, odd: before.odd}
	changes := map[model.Key]change{}
	for _, delta := range deltas {
		if delta.Base != next.Revision {
			return fmt.Errorf("%w: it is of revision %d", ErrDiverged, delta.Base)
		}
		digest, err := f.addDelta(delta, changes, next.Digest)
		if err != nil {
			return err
		}
		if digest != delta.Digest {
			return fmt.Errorf("%w: its digest would be %s after revision %d, and should be %s", ErrDiverged, digest, delta.Revision, delta.Digest)
		}
		next.Revision, next.Digest = delta.Revision, digest
	}
	f.serve(next, changes, before.held, begin)
	return nil
}

// addDelta adds to changes what a delta changes, and returns the digest that
// results.
func (f *Follower) addDelta(delta *wire.Delta, changes map[model.Key]change, digest wire.Digest) (wire.Digest, error) {
	replace := func(c change) error {
		key := c.line.ID.Key()
		before, again := changes[key]
		old := before.line.Digest
		if !again {
			var err error
			if old, err = f.digestOf(c.line.ID); err != nil {
				return err
			}
		}
		digest = digest.Minus(old).Plus(c.line.Digest)
		changes[key] = c
		return nil
	}
	for i := range delta.Put {
		if err := replace(change{line: delta.Put[i]}); err != nil {
			return digest, err
		}
	}
	for _, id := range delta.Delete {
		if err := replace(gone(id)); err != nil {
			return digest, err
		}
	}
	return digest, nil
}

// digestOf returns the digest of a resource as the document of the feed has it:
// nothing where it has none.
func (f *Follower) digestOf(id model.ID) (wire.Digest, error) {
	key := id.Key()
	if h := f.received.held[groupOf(id)]; h != nil {
		for _, c := range h.changes {
			if c.line.ID.Key() == key {
				return c.line.Digest, nil
			}
		}
	}
	if d, ok := f.received.odd[key]; ok {
		return d, nil
	}
	if f.current == nil {
		return wire.Digest{}, nil
	}
	if now := f.current.Resource(id); now != nil {
		return wire.DigestOfResource(now)
	}
	return wire.Digest{}, nil
}

// serve serves what it can of changes, on top of what is served and together
// with what was held back before.
func (f *Follower) serve(r *received, changes map[model.Key]change, before map[string]*heldGroup, begin time.Time) {
	all, untouched := merged(changes, before)
	groups := groupsOf(all)
	p := &placing{settings: f.o.Settings, revision: r.Revision}
	next := p.run(f.current, groups)
	r.held = p.held
	maps.Copy(r.held, untouched)
	r.settle(groups)
	f.tell(r.held, f.Held())
	f.received = r
	f.standing.Store(&standing{r.Position, problemsOf(r.held)})
	if next == nil {
		f.refused()
		return
	}
	f.take(next, p.warnings, begin)
	f.keepLater()
}

// merged puts what was held back before to what has changed since, and returns
// beside it the groups that need not be looked at: a subscription mends no other
// resource, and a new key must not wait for what is broken.
func merged(changes map[model.Key]change, before map[string]*heldGroup) (all map[model.Key]change, untouched map[string]*heldGroup) {
	again := false
	touched := map[string]bool{}
	for _, c := range changes {
		touched[groupOf(c.line.ID)] = true
		again = again || c.line.ID.Kind() != model.KindSubscription
	}
	untouched = map[string]*heldGroup{}
	for name, h := range before {
		if !again && !touched[name] {
			untouched[name] = h
			continue
		}
		for _, c := range h.changes {
			if _, newer := changes[c.line.ID.Key()]; !newer {
				changes[c.line.ID.Key()] = c
			}
		}
	}
	return changes, untouched
}

// settle notes how lines were written that are served now, and keeps, of what
// was received, no more than what is held back.
func (r *received) settle(groups []*group) {
	for _, g := range groups {
		held := r.held[g.name] != nil
		for i := range g.changes {
			c := &g.changes[i]
			key := c.line.ID.Key()
			switch {
			case held:
				c.line.Text = bytes.Clone(c.line.Text)
			case c.deleted:
				delete(r.odd, key)
			default:
				if own, err := wire.DigestOfResource(c.line.Resource); err != nil || own != c.line.Digest {
					r.odd[key] = c.line.Digest
				} else {
					delete(r.odd, key)
				}
			}
		}
	}
}

// tell logs what is held back from now on, and what is not any more.
func (f *Follower) tell(held map[string]*heldGroup, before problem.Problems) {
	now := problemsOf(held)
	logged := 0
	for _, one := range now {
		if slices.Contains(before, one) {
			continue
		}
		if logged++; logged > MaxLoggedProblems {
			f.o.Log.Error("more is held back than is logged", slog.Int("problems", len(now)))
			break
		}
		f.o.Log.Error("a part of the configuration is held back, and its last good state goes on serving: "+one.String(),
			slog.String("resource", one.Resource))
	}
	if len(before) > 0 && len(now) == 0 {
		f.o.Log.Info("nothing of the configuration is held back any more")
	}
}
