package sqlite

import (
	"fmt"
	"testing"

	"github.com/sallyport/sallyport/internal/control/store"
)

// benchmarked is the number of records of the collection that benchmarks read.
const benchmarked = 100_000

const subscriptions store.Key = "subscriptions/s/resourcegroups/g/providers/microsoft.apimanagement/service/x/subscriptions"

// value is of the size that a subscription has.
var value = []byte(fmt.Sprintf(`{"properties":{"displayName":"one of many","scope":"/products/starter","state":"active","note":"%0200d"}}`, 7))

// filled is a store with that many subscriptions. One folder serves all runs of
// a benchmark.
func filled(b *testing.B) *Store {
	b.Helper()
	s := opened(b, memoryFolder(b))
	const batch = 5_000
	for first := 0; first < benchmarked; first += batch {
		_, err := s.Update(b.Context(), func(tx store.Tx) error {
			for i := range batch {
				key := subscriptions.Child(fmt.Sprintf("s%06d", first+i))
				if err := tx.Put(key, string(key), value); err != nil {
					return err
				}
			}
			_, err := tx.Audit([]byte("many"))
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return s
}

func read(b *testing.B, s *Store, f func(r store.Reader) error) {
	b.Helper()
	if err := s.View(b.Context(), f); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkRead(b *testing.B) {
	s := filled(b)
	b.Run("Get", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			read(b, s, func(r store.Reader) error {
				_, err := r.Get(subscriptions.Child(fmt.Sprintf("s%06d", i*7919%benchmarked)))
				return err
			})
		}
	})
	pages := map[string]store.Page{
		"List100First": {Limit: 100}, "List100After": {After: "s070000", Limit: 100},
		"List100Skip50000": {Skip: 50_000, Limit: 100}, "List100Skip90000": {Skip: 90_000, Limit: 100},
		"List1000": {Limit: 1000},
	}
	for _, name := range []string{"List100First", "List100After", "List100Skip50000", "List100Skip90000", "List1000"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				read(b, s, func(r store.Reader) error {
					_, err := r.List(subscriptions, pages[name])
					return err
				})
			}
		})
	}
	b.Run("Count", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			read(b, s, func(r store.Reader) error {
				_, err := r.Count(subscriptions)
				return err
			})
		}
	})
	b.Run("Tree", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			read(b, s, func(r store.Reader) error {
				for _, err := range r.Tree("") {
					if err != nil {
						return err
					}
				}
				return nil
			})
		}
	})
}

func BenchmarkUpdate(b *testing.B) {
	for name, dir := range map[string]func(testing.TB) string{
		"disk":   testing.TB.TempDir,
		"memory": memoryFolder,
	} {
		b.Run(name, func(b *testing.B) {
			s := opened(b, dir(b))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				_, err := s.Update(b.Context(), func(tx store.Tx) error {
					if _, err := tx.Audit([]byte("who, what, when")); err != nil {
						return err
					}
					key := subscriptions.Child(fmt.Sprintf("s%06d", i))
					return tx.Put(key, string(key), value)
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			if err := s.Close(); err != nil {
				b.Error(err)
			}
		})
	}
}
