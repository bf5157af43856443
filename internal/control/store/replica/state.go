package replica

import (
	"context"
	"fmt"
	"iter"

	"github.com/sallyport/sallyport/internal/control/store"
)

// compareState compares the records of two stores at a revision, one by one,
// and how many each collection has.
func compareState(ctx context.Context, one, other store.Store, at store.Revision) error {
	return one.ViewAt(ctx, at, func(a store.Reader) error {
		return other.ViewAt(ctx, at, func(b store.Reader) error {
			return compareRecords(a, b)
		})
	})
}

func compareRecords(a, b store.Reader) error {
	next, stop := iter.Pull2(b.Tree(""))
	defer stop()
	counts := map[store.Key]int{}
	for record, err := range a.Tree("") {
		if err != nil {
			return err
		}
		copied, err, ok := next()
		if err != nil {
			return err
		}
		if !ok || !sameRecord(record, copied) {
			return fmt.Errorf("the record %s: %w", record.Key, ErrDifferent)
		}
		counts[record.Key.Collection()]++
	}
	if copied, err, ok := next(); ok {
		if err != nil {
			return err
		}
		return fmt.Errorf("the record %s is only in one: %w", copied.Key, ErrDifferent)
	}
	for collection, want := range counts {
		for _, r := range []store.Reader{a, b} {
			if n, err := r.Count(collection); err != nil {
				return err
			} else if n != want {
				return fmt.Errorf("the collection %q has %d records and counts %d: %w", collection, want, n, ErrDifferent)
			}
		}
	}
	return nil
}
