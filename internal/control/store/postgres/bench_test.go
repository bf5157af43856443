package postgres_test

import (
	"fmt"
	"testing"

	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/postgres/postgrestest"
)

const (
	// benchmarked is the number of records of the collection that is read.
	benchmarked = 100_000
	// imported is the number of records that an update writes: the operations,
	// policies and the rest of 1,000 APIs.
	imported = 20_000
)

const subscriptions store.Key = "subscriptions/s/resourcegroups/g/providers/microsoft.apimanagement/service/x/subscriptions"

// value is about as long as that of a subscription.
var value = fmt.Appendf(nil, `{"properties":{"displayName":"one of many","scope":"/products/starter","note":"%0200d"}}`, 7)

// fill puts records into a collection in one update.
func fill(b *testing.B, s store.Store, collection store.Key, records int) {
	b.Helper()
	_, err := s.Update(b.Context(), func(tx store.Tx) error {
		for i := range records {
			key := collection.Child(fmt.Sprintf("s%06d", i))
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

func BenchmarkRead(b *testing.B) {
	s := opened(b, postgrestest.Database(b))
	fill(b, s, subscriptions, benchmarked)
	for _, bench := range []struct {
		name string
		read func(r store.Reader, i int) error
	}{
		{"Get", func(r store.Reader, i int) error {
			_, err := r.Get(subscriptions.Child(fmt.Sprintf("s%06d", i*7919%benchmarked)))
			return err
		}},
		{"List100After", func(r store.Reader, _ int) error {
			_, err := r.List(subscriptions, store.Page{After: "s070000", Limit: 100})
			return err
		}},
		{"List100Skip90000", func(r store.Reader, _ int) error {
			_, err := r.List(subscriptions, store.Page{Skip: 90_000, Limit: 100})
			return err
		}},
		{"List1000", func(r store.Reader, _ int) error {
			_, err := r.List(subscriptions, store.Page{Limit: 1000})
			return err
		}},
		{"Count", func(r store.Reader, _ int) error {
			_, err := r.Count(subscriptions)
			return err
		}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if err := s.View(b.Context(), func(r store.Reader) error { return bench.read(r, i) }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkUpdate(b *testing.B) {
	s := opened(b, postgrestest.Database(b))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := increment(b.Context(), s); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkUpdateTogether has as many clients as the pool has connections.
func BenchmarkUpdateTogether(b *testing.B) {
	s := opened(b, postgrestest.Database(b))
	b.SetParallelism(4)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := increment(b.Context(), s); err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkImport(b *testing.B) {
	s := opened(b, postgrestest.Database(b))
	for i := 0; b.Loop(); i++ {
		fill(b, s, store.Key(fmt.Sprintf("import/%d", i)), imported)
	}
}
