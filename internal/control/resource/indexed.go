package resource

import (
	"errors"
	"sync"

	"github.com/sallyport/sallyport/internal/control/store"
)

// indexed says of which state of the store an index is. All of it is used with
// the mutex.
type indexed struct {
	mu   sync.Mutex
	made bool
	// revision is how far the store's changes were followed, and changed the latest
	// of them that changed the index: it is right for all from changed on.
	revision, changed store.Revision
}

// newerThan reports whether the index is of a state that the session does not see
// yet. Most revisions, as those of sessions that begin, change no index.
func (x *indexed) newerThan(s *Session) bool { return x.made && x.changed > s.reader.Revision() }

// begin notes that the index is about to be made of what the session sees.
func (x *indexed) begin(s *Session) {
	x.made, x.revision, x.changed = false, s.reader.Revision(), s.reader.Revision()
}

// since gives everything that was written after the index's revision, up to that
// of the session; ok is false where the index has to be made anew.
func (x *indexed) since(s *Session, each func(store.Version) error) (ok bool, err error) {
	to := s.reader.Revision()
	switch {
	case !x.made:
		return false, nil
	case to <= x.revision:
		return true, nil
	case to-x.revision > maxCatchUp:
		return false, nil
	}
	for at := x.revision; at < to; {
		changes, err := s.reader.Changes(at, catchUpPage)
		if errors.Is(err, store.ErrCompacted) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if len(changes) == 0 {
			break
		}
		for _, change := range changes {
			at = change.Revision
			for _, v := range change.Versions {
				if err := each(v); err != nil {
					return false, err
				}
			}
		}
	}
	x.revision = to
	return true, nil
}
