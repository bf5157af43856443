package follow

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/snapshot/feed"
	"github.com/sallyport/sallyport/internal/snapshot/wire"
)

// stateHead is the first line of what is kept beside a generation. It is
// specified in docs/formats/snapshot.md.
type stateHead struct {
	Lineage  string `json:"lineage"`
	Revision uint64 `json:"revision"`
	Digest   string `json:"digest"`
	Put      int    `json:"put"`
	Delete   int    `json:"delete"`
	Odd      int    `json:"odd"`
}

// stateEntry is a line of the deletes, and of the odd digests.
type stateEntry struct {
	ID     model.ID `json:"id"`
	Digest string   `json:"digest,omitempty"`
}

// encode is what has to be kept to go on with deltas after a restart; nil where
// no feed is followed.
func (r *received) encode() []byte {
	if r == nil {
		return nil
	}
	head := stateHead{Lineage: r.Lineage, Revision: r.Revision, Digest: r.Digest.String(), Odd: len(r.odd)}
	var puts, deletes, odd []string
	for _, h := range r.held {
		for _, c := range h.changes {
			if c.deleted {
				deletes = append(deletes, stateLine(c.line.ID, ""))
			} else {
				puts = append(puts, string(c.line.Text))
			}
		}
	}
	for key, digest := range r.odd {
		odd = append(odd, stateLine(model.ID(key), digest.String()))
	}
	head.Put, head.Delete = len(puts), len(deletes)
	first, err := json.Marshal(head)
	if err != nil {
		return nil
	}
	return []byte(strings.Join(slices.Concat([]string{string(first)}, puts, deletes, odd), "\n") + "\n")
}

// stateLine is the line of an id, with a digest or without.
func stateLine(id model.ID, digest string) string {
	line, err := json.Marshal(stateEntry{id, digest})
	if err != nil {
		return "{}" // Texts can be written.
	}
	return string(line)
}

// errState is wrapped by errors for what is kept beside a generation.
var errState = errors.New("what was kept of the feed cannot be read")

// decodeState reads what encode has made: the state, and what was held back.
func decodeState(data []byte) (*received, map[model.Key]change, error) {
	first, rest, _ := bytes.Cut(data, []byte{'\n'})
	var head stateHead
	if err := json.Unmarshal(first, &head); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", errState, err)
	}
	digest, err := wire.ParseDigest(head.Digest)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", errState, err)
	}
	lines := bytes.Split(rest, []byte{'\n'})
	lines = lines[:len(lines)-1] // After the last line feed there is nothing.
	if min(head.Put, head.Delete, head.Odd) < 0 || max(head.Put, head.Delete, head.Odd) > len(lines) ||
		head.Put+head.Delete+head.Odd != len(lines) {
		return nil, nil, fmt.Errorf("%w: it has %d lines", errState, len(lines))
	}
	r := &received{Position: feed.Position{Lineage: head.Lineage, Revision: head.Revision, Digest: digest}, odd: map[model.Key]wire.Digest{}}
	changes := map[model.Key]change{}
	for _, text := range lines[:head.Put] {
		l := wire.ReadLine(text)
		changes[l.ID.Key()] = change{line: l}
	}
	for i, text := range lines[head.Put:] {
		var l stateEntry
		if err := json.Unmarshal(text, &l); err != nil {
			return nil, nil, fmt.Errorf("%w: %w", errState, err)
		}
		if i < head.Delete {
			changes[l.ID.Key()] = gone(l.ID)
			continue
		}
		if r.odd[l.ID.Key()], err = wire.ParseDigest(l.Digest); err != nil {
			return nil, nil, fmt.Errorf("%w: %w", errState, err)
		}
	}
	return r, changes, nil
}

// Resume serves the newest generation on disk of a gateway that follows a feed,
// and reports whether there was one. What this release cannot serve of it, as
// another release has written it, is held back; the rest is served.
func (f *Follower) Resume() (bool, error) {
	if f.o.Store == nil {
		return false, nil
	}
	k, damage, err := f.o.Store.LoadWith()
	f.reportDamage(damage)
	if err != nil {
		return false, fmt.Errorf("starting from the kept configuration: %w", err)
	}
	if k == nil {
		return false, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	begin := f.o.Clock.Now()
	own := &received{odd: map[model.Key]wire.Digest{}}
	changes, err := own.difference(nil, k.Lines)
	if err != nil {
		return false, fmt.Errorf("starting from the kept configuration: %w", err)
	}
	groups := groupsOf(changes)
	p := &placing{settings: f.o.Settings, revision: k.Revision}
	base := p.run(nil, groups)
	own.held = p.held
	own.settle(groups)
	f.tell(own.held, nil)
	if base == nil {
		f.refused()
		return false, nil
	}
	f.take(base, nil, begin)
	f.o.Log.Info("serving the configuration kept on disk until a newer one comes", slog.Uint64("revision", k.Revision))
	f.resumeFeed(k.State, own)
	return true, nil
}

// resumeFeed takes up the feed where it was left. own is what was found in the
// generation itself. What is wrong with what was kept of the feed costs a whole
// document, and nothing else.
func (f *Follower) resumeFeed(state []byte, own *received) {
	if len(state) == 0 {
		return
	}
	r, changes, err := decodeState(state)
	if err != nil {
		f.o.Log.Warn("the feed begins anew", slog.Any("error", err))
		return
	}
	for key, digest := range own.odd {
		if _, known := r.odd[key]; !known {
			r.odd[key] = digest
		}
	}
	if len(changes)+len(own.held) == 0 {
		f.received = r
		f.standing.Store(&standing{position: r.Position})
		return
	}
	f.serve(r, changes, own.held, f.o.Clock.Now())
}
