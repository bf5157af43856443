package replica

import (
	"bytes"
	"context"
	"fmt"
	"iter"

	"github.com/sallyport/sallyport/internal/control/store"
)

// moment is a revision with all that it wrote.
type moment struct {
	store.Change
	audit []store.AuditEntry
}

// history yields the revisions after begin up to end. It holds no view open
// while others work on what it yielded.
func history(ctx context.Context, s store.Store, begin, end store.Revision) iter.Seq2[moment, error] {
	return func(yield func(moment, error) bool) {
		sequence, err := auditBefore(ctx, s, begin)
		for after := begin; err == nil && after < end; {
			var found []moment
			err = s.ViewAt(ctx, end, func(r store.Reader) (err error) {
				found, sequence, err = moments(r, after, sequence)
				return err
			})
			if err == nil && (len(found) == 0 || found[0].Revision != after+1) {
				err = fmt.Errorf("there is nothing of revision %d: %w", after+1, ErrDifferent)
			}
			if err != nil {
				break
			}
			for _, m := range found {
				if !yield(m, nil) {
					return
				}
				after = m.Revision
			}
		}
		if err != nil {
			yield(moment{}, err)
		}
	}
}

// auditBefore is the number of audit entries up to a revision.
func auditBefore(ctx context.Context, s store.Store, revision store.Revision) (sequence int64, err error) {
	err = s.ViewAt(ctx, revision, func(r store.Reader) error {
		entries, err := r.AuditLog(-1, 1)
		if len(entries) > 0 {
			sequence = int64(entries[0].Sequence)
		}
		return err
	})
	return sequence, err
}

// moments are the next revisions with their audit entries, which begin after a
// number.
func moments(r store.Reader, after store.Revision, sequence int64) ([]moment, int64, error) {
	changes, err := r.Changes(after, step)
	if err != nil {
		return nil, 0, err
	}
	found := make([]moment, len(changes))
	for i, change := range changes {
		found[i].Change = change
	}
	for i := 0; ; {
		entries, err := r.AuditLog(sequence, step)
		if err != nil {
			return nil, 0, err
		}
		for _, e := range entries {
			for i < len(found) && found[i].Revision < e.Revision {
				i++
			}
			if i == len(found) {
				return found, sequence, nil
			}
			found[i].audit = append(found[i].audit, e)
			sequence = int64(e.Sequence)
		}
		if len(entries) < step {
			return found, sequence, nil
		}
	}
}

// compareHistory compares what two stores have after a revision up to another.
func compareHistory(ctx context.Context, one, other store.Store, begin, end store.Revision) error {
	next, stop := iter.Pull2(history(ctx, other, begin, end))
	defer stop()
	for a, err := range history(ctx, one, begin, end) {
		if err != nil {
			return err
		}
		b, err, ok := next()
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("revision %d is not there: %w", a.Revision, ErrDifferent)
		}
		if what := differ(a, b); what != "" {
			return fmt.Errorf("revision %d: %s: %w", a.Revision, what, ErrDifferent)
		}
	}
	return nil
}

// differ says what is not the same in two moments, or "".
func differ(a, b moment) string {
	if a.Revision != b.Revision || len(a.Versions) != len(b.Versions) || len(a.audit) != len(b.audit) {
		return fmt.Sprintf("%d changes and %d audit entries, against %d and %d of revision %d",
			len(a.Versions), len(a.audit), len(b.Versions), len(b.audit), b.Revision)
	}
	for i, v := range a.Versions {
		w := b.Versions[i]
		if v.Deleted && w.Deleted {
			v.Value, w.Value = nil, nil
		}
		if v.Revision != w.Revision || v.Deleted != w.Deleted || !sameRecord(v.Record, w.Record) {
			return fmt.Sprintf("the change of %s", v.Key)
		}
	}
	for i, e := range a.audit {
		f := b.audit[i]
		if e.Sequence != f.Sequence || e.Revision != f.Revision || !bytes.Equal(e.Data, f.Data) {
			return fmt.Sprintf("audit entry %d", e.Sequence)
		}
	}
	return ""
}
