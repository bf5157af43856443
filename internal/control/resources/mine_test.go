package resources_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"reflect"
	"slices"
	"sync/atomic"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/rest"
	"github.com/sallyport/sallyport/internal/control/store"
)

// errStruck is what the injected panics say.
const errStruck = "struck by the test"

// mine panics once, when it has been passed as often as its fuse is long.
type mine struct{ fuse atomic.Int64 }

// unarmed is the fuse of a mine that does not panic.
const unarmed = -1

func newMine() *mine {
	m := &mine{}
	m.fuse.Store(unarmed)
	return m
}

// arm makes the mine panic after it has been passed n times.
func (m *mine) arm(n int) { m.fuse.Store(int64(n)) }

// disarm reports whether the mine has panicked since arm.
func (m *mine) disarm() (struck bool) { return m.fuse.Swap(unarmed) == unarmed }

func (m *mine) pass() {
	if m.fuse.Load() > unarmed && m.fuse.Add(-1) == unarmed {
		panic(errStruck)
	}
}

// lay puts the mine before every hook, action and read of every kind.
func (m *mine) lay(registry *resource.Registry) {
	seen := map[*resource.Node]bool{}
	for chain := range registry.Kinds() {
		n := chain[len(chain)-1]
		if seen[n] {
			continue
		}
		seen[n] = true
		for _, hook := range reflect.ValueOf(&n.Hooks).Elem().Fields() {
			m.before(hook)
		}
		n.Actions, n.Reads = slices.Clone(n.Actions), slices.Clone(n.Reads)
		for i := range n.Actions {
			m.before(reflect.ValueOf(&n.Actions[i].Run).Elem())
		}
		for i := range n.Reads {
			m.before(reflect.ValueOf(&n.Reads[i].Run).Elem())
		}
	}
}

// before puts the mine before a function that is there.
func (m *mine) before(f reflect.Value) {
	if f.Kind() != reflect.Func || f.IsNil() {
		return
	}
	inner := reflect.ValueOf(f.Interface())
	f.Set(reflect.MakeFunc(f.Type(), func(in []reflect.Value) []reflect.Value {
		m.pass()
		return inner.Call(in)
	}))
}

// minedStore has the mine before every access. Where it leaks it never gives the
// writer's lock back after a panic, as a store without defer would.
type minedStore struct {
	store.Store
	m     *mine
	leaks bool
	lock  chan struct{}
}

func (s *minedStore) View(ctx context.Context, f func(store.Reader) error) error {
	return s.Store.View(ctx, func(r store.Reader) error { return f(minedReader{r, s.m}) })
}

func (s *minedStore) ViewAt(ctx context.Context, at store.Revision, f func(store.Reader) error) error {
	return s.Store.ViewAt(ctx, at, func(r store.Reader) error { return f(minedReader{r, s.m}) })
}

func (s *minedStore) Update(ctx context.Context, f func(store.Tx) error) (store.Revision, error) {
	if s.leaks {
		select {
		case s.lock <- struct{}{}:
		default:
			return 0, errors.New("the lock is held")
		}
	}
	revision, err := s.Store.Update(ctx, func(tx store.Tx) error { return f(minedTx{minedReader{tx, s.m}, tx}) })
	if s.leaks {
		<-s.lock
	}
	return revision, err
}

// minedReader passes the mine before it reads.
type minedReader struct {
	store.Reader
	m *mine
}

func (r minedReader) Get(key store.Key) (store.Record, error) {
	r.m.pass()
	return r.Reader.Get(key)
}

func (r minedReader) List(collection store.Key, page store.Page) ([]store.Record, error) {
	r.m.pass()
	return r.Reader.List(collection, page)
}

func (r minedReader) Count(collection store.Key) (int, error) {
	r.m.pass()
	return r.Reader.Count(collection)
}

// Tree passes the mine in the middle of the walk too.
func (r minedReader) Tree(key store.Key) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		r.m.pass()
		for record, err := range r.Reader.Tree(key) {
			r.m.pass()
			if !yield(record, err) {
				return
			}
		}
	}
}

func (r minedReader) AuditLog(after int64, limit int) ([]store.AuditEntry, error) {
	r.m.pass()
	return r.Reader.AuditLog(after, limit)
}

// minedTx passes the mine before it writes.
type minedTx struct {
	minedReader
	tx store.Tx
}

func (t minedTx) Put(key store.Key, id string, value []byte) error {
	t.m.pass()
	return t.tx.Put(key, id, value)
}

func (t minedTx) Delete(key store.Key) error {
	t.m.pass()
	return t.tx.Delete(key)
}

func (t minedTx) Audit(data []byte) (uint64, error) {
	t.m.pass()
	return t.tx.Audit(data)
}

// minedGuard passes the mine before it lets everybody do everything.
type minedGuard struct{ m *mine }

func (g minedGuard) Authenticate(context.Context, string) (rest.Principal, error) {
	g.m.pass()
	return rest.Principal{ID: "11111111-1111-1111-1111-111111111111", Name: "tester"}, nil
}

func (g minedGuard) Allow(context.Context, rest.Principal, access.Permission, string) (bool, error) {
	g.m.pass()
	return true, nil
}

// minedExporter passes the mine before it makes an empty document.
type minedExporter struct{ m *mine }

func (e minedExporter) Export(*resource.Session, resource.ID, string) (resource.Document, error) {
	e.m.pass()
	return resource.Document{ContentType: "application/json", Data: []byte("{}")}, nil
}

// minedBody passes the mine before it is read.
type minedBody struct {
	m    *mine
	data []byte
}

func (b *minedBody) Read(p []byte) (int, error) {
	b.m.pass()
	if len(b.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p, b.data)
	b.data = b.data[n:]
	return n, nil
}
