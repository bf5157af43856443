package feed

import (
	"cmp"
	"context"
	"slices"
	"time"

	protocol "github.com/sallyport/sallyport/internal/snapshot/feed"
	"github.com/sallyport/sallyport/internal/snapshot/wire"
)

// whole is the document of a view at one of its changes, as it is sent. It is
// made by the first instance that needs it, while the others wait for it.
type whole struct {
	done chan struct{}
	// next is the number of the first change that the document does not have.
	next  uint64
	frame []byte
	err   error
	used  time.Time
}

// document returns the frame of a document of the view, and the number of the
// first change after it.
func (h *hub) document(ctx context.Context, v *view) ([]byte, uint64, error) {
	h.mu.Lock()
	d := v.whole
	fresh := d == nil || !v.follows(d)
	var lines []*line
	var revision uint64
	var digest wire.Digest
	if fresh {
		d = &whole{done: make(chan struct{}), next: v.next()}
		v.whole = d
		for _, l := range h.lines {
			if v.sees(l) {
				lines = append(lines, l.shownTo(v.name))
			}
		}
		revision, digest = v.last, v.digest
	}
	d.used = h.s.o.Clock.Now()
	h.mu.Unlock()
	if fresh {
		d.err = h.guarded(func() (err error) {
			d.frame, err = encodeDocument(lines, revision, digest)
			return err
		})
		h.s.stats.documents.Add(1)
		close(d.done)
	}
	select {
	case <-d.done:
		return d.frame, d.next, d.err
	case <-ctx.Done():
		return nil, 0, context.Cause(ctx)
	}
}

// follows reports whether a document together with the changes since is still
// the better way to what the view shows than a new one. The caller holds the
// hub's mu.
func (v *view) follows(d *whole) bool {
	select {
	case <-d.done:
		if d.err != nil {
			return false
		}
	default:
		return d.next >= v.first // It is being made.
	}
	if d.next < v.first {
		return false
	}
	since := 0
	for _, e := range v.entries[d.next-v.first:] {
		since += e.size
	}
	return since <= len(d.frame)/2
}

func encodeDocument(lines []*line, revision uint64, digest wire.Digest) ([]byte, error) {
	slices.SortFunc(lines, func(a, b *line) int { return cmp.Compare(a.key, b.key) })
	texts := make([][]byte, len(lines))
	for i, l := range lines {
		texts[i] = l.text
	}
	file, err := wire.EncodeTexts(revision, texts)
	if err != nil {
		return nil, err
	}
	return protocol.Encode(protocol.DocumentFrame(digest, file))
}
