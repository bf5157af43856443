package feed

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/model"
	protocol "github.com/sallyport/sallyport/internal/snapshot/feed"
	"github.com/sallyport/sallyport/internal/snapshot/wire"
)

// view is what one gateway resource sees of a service, and the changes of late.
// The hub's mu guards it.
type view struct {
	// name is folded.
	name string
	made *atomic.Uint64
	// allowed are the APIs that the gateway gets; nil is all of them.
	allowed map[model.Key]bool
	// last is the revision of the newest change that the view shows, digest that of
	// the document that results.
	last   uint64
	digest wire.Digest
	// entries are the changes that are kept; the first has the number first.
	entries []*entry
	first   uint64
	size    int
	// changed is closed when anything of the view changes.
	changed chan struct{}
	// keys are those of the gateway. ended is why its feeds must end; "" while
	// they go on.
	keys  gatewayKeys
	ended string
	// whole is the document that is kept for instances that need one.
	whole *whole
	// feeds counts the feeds; idle is since when there are none.
	feeds int
	idle  time.Time
}

// entry is one change of a view.
type entry struct {
	base, revision uint64
	before, after  wire.Digest
	size           int

	// made counts the changes that were encoded.
	made    *atomic.Uint64
	once    sync.Once
	put     []*line
	gone    []model.ID
	encoded []byte
	err     error
}

// frame is the change as it is sent. It is encoded when the first instance gets
// it, and once.
func (e *entry) frame() ([]byte, error) {
	e.once.Do(func() {
		e.made.Add(1)
		texts := make([][]byte, len(e.put))
		for i, l := range e.put {
			texts[i] = l.text
		}
		var payload []byte
		if payload, e.err = wire.EncodeDeltaTexts(e.base, e.revision, texts, e.gone, e.after); e.err == nil {
			e.encoded, e.err = protocol.Encode(protocol.Frame{Type: protocol.TypeDelta, Payload: payload})
		}
		e.put, e.gone = nil, nil
	})
	return e.encoded, e.err
}

// newView makes the view of a gateway over the lines of a revision.
func newView(name string, lines map[model.Key]*line, revision uint64, now time.Time, made *atomic.Uint64) *view {
	v := &view{name: strings.ToLower(name), made: made, last: revision, changed: make(chan struct{}), idle: now}
	if v.name != protocol.ManagedGateway {
		v.allowed = map[model.Key]bool{}
		for _, l := range lines {
			if gateway, api, ok := l.linked(); ok && gateway == v.name {
				v.allowed[api] = true
			}
		}
	}
	for _, l := range lines {
		if v.sees(l) {
			v.digest = v.digest.Plus(l.shownTo(v.name).digest)
		}
	}
	return v
}

// sees reports whether the gateway gets a resource.
func (v *view) sees(l *line) bool { return seen(v.name, v.allowed, l) }

func seen(name string, allowed map[model.Key]bool, l *line) bool {
	if l == nil {
		return false
	}
	if l.gateway != "" {
		return l.gateway == name
	}
	return l.api == "" || allowed == nil || allowed[l.api]
}

// edit is one line before and after a change; nil where there is none.
type edit struct{ before, after *line }

// apply shows the view a change. edits are by key; lines are those after it.
func (v *view) apply(revision uint64, edits map[model.Key]edit, lines map[model.Key]*line, limits *Limits) {
	allowed, toggled := v.relinked(edits)
	e := &entry{made: v.made, base: v.last, revision: revision, before: v.digest, after: v.digest}
	show := func(before, after *line) {
		before, after = before.shownTo(v.name), after.shownTo(v.name)
		was, is := seen(v.name, v.allowed, before), seen(v.name, allowed, after)
		if was {
			e.after = e.after.Minus(before.digest)
		}
		switch {
		case is:
			e.after = e.after.Plus(after.digest)
			if !was || before.digest != after.digest {
				e.put, e.size = append(e.put, after), e.size+len(after.text)
			}
		case was:
			e.gone, e.size = append(e.gone, before.id), e.size+len(before.id)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(edits)) {
		show(edits[key].before, edits[key].after)
	}
	for key, l := range lines {
		if _, edited := edits[key]; !edited && l.gateway == "" && toggled[l.api] {
			show(l, l)
		}
	}
	v.allowed = allowed
	if len(e.put)+len(e.gone) > 0 {
		v.push(e, limits)
	}
}

// relinked is what the gateway gets after edits of its links, and which APIs that
// concerns.
func (v *view) relinked(edits map[model.Key]edit) (allowed, toggled map[model.Key]bool) {
	if v.allowed == nil {
		return nil, nil
	}
	allowed = v.allowed
	for _, e := range edits {
		l := e.after
		if l == nil {
			l = e.before
		}
		gateway, api, ok := l.linked()
		if !ok || gateway != v.name || allowed[api] == (e.after != nil) {
			continue
		}
		if toggled == nil {
			allowed, toggled = maps.Clone(allowed), map[model.Key]bool{}
		}
		toggled[api] = true
		if e.after != nil {
			allowed[api] = true
		} else {
			delete(allowed, api)
		}
	}
	return allowed, toggled
}

// push adds a change, and lets go of the oldest beyond the limits.
func (v *view) push(e *entry, limits *Limits) {
	v.entries, v.size = append(v.entries, e), v.size+e.size
	v.last, v.digest = e.revision, e.after
	drop := 0
	for drop < len(v.entries)-1 && (len(v.entries)-drop > limits.MaxDeltas || v.size > limits.MaxDeltaBytes) {
		v.size -= v.entries[drop].size
		drop++
	}
	if drop > 0 {
		v.entries, v.first = slices.Clone(v.entries[drop:]), v.first+uint64(drop)
	}
	v.wake()
}

// wake tells the feeds that something has changed.
func (v *view) wake() {
	close(v.changed)
	v.changed = make(chan struct{})
}

// next is the number that the next change will have.
func (v *view) next() uint64 { return v.first + uint64(len(v.entries)) }

// current is what a gateway has that has all changes.
func (v *view) current() protocol.Current {
	return protocol.Current{Revision: v.last, Digest: v.digest.String()}
}

// place finds where an instance goes on: the number of the first change that it
// lacks, and a change to be sent before, where its revision is an older one of
// the same document. ok is false where it needs the whole document. behind says
// that its document is newer than what this node has seen.
func (v *view) place(p *protocol.Position, seenTo uint64, limits *Limits) (next uint64, lead *entry, ok, behind bool) {
	for i, e := range slices.Backward(v.entries) {
		switch {
		case e.revision == p.Revision && e.after == p.Digest:
			return v.first + uint64(i) + 1, nil, true, false
		case e.base == p.Revision && e.before == p.Digest:
			return v.first + uint64(i), nil, true, false
		}
	}
	switch {
	case p.Revision > seenTo:
		return 0, nil, false, true
	case p.Digest != v.digest:
		return 0, nil, false, false
	case p.Revision == v.last:
		return v.next(), nil, true, false
	case p.Revision > v.last:
		// Another node was asked later: the document is the same.
		v.push(&entry{made: v.made, base: v.last, revision: seenTo, before: v.digest, after: v.digest}, limits)
	}
	if p.Revision == v.last {
		return v.next(), nil, true, false
	}
	return v.next(), &entry{made: v.made, base: p.Revision, revision: v.last, before: v.digest, after: v.digest}, true, false
}
