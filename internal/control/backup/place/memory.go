package place

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
)

// Memory is a bucket in memory, for tests and for trying out.
type Memory struct {
	clock clock.Clock

	mu      sync.Mutex
	objects map[string]kept
}

// kept is an object of a Memory.
type kept struct {
	data     []byte
	modified time.Time
}

// NewMemory makes an empty bucket.
func NewMemory(c clock.Clock) *Memory { return &Memory{clock: c, objects: map[string]kept{}} }

// Put keeps what fill writes.
func (m *Memory) Put(ctx context.Context, name string, fill func(io.Writer) error) error {
	var b bytes.Buffer
	if err := fill(ended{ctx, &b}); err != nil {
		return err
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.objects[name] = kept{b.Bytes(), m.clock.Now()}
	return nil
}

// Get reads what is kept.
func (m *Memory) Get(_ context.Context, name string) (io.ReadCloser, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	o, ok := m.objects[name]
	if !ok {
		return nil, ErrNotFound
	}
	return io.NopCloser(bytes.NewReader(o.data)), nil
}

// List lists what is kept.
func (m *Memory) List(_ context.Context, prefix string, each func(Object) error) error {
	m.mu.Lock()
	var found []Object
	for name, o := range m.objects {
		if strings.HasPrefix(name, prefix) {
			found = append(found, Object{Name: name, Size: int64(len(o.data)), Modified: o.modified})
		}
	}
	m.mu.Unlock()
	return eachSorted(found, each)
}

// Delete forgets an object.
func (m *Memory) Delete(_ context.Context, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.objects, name)
	return nil
}

// Close has nothing to let go of.
func (*Memory) Close() error { return nil }

// eachSorted calls each in the order of names.
func eachSorted(found []Object, each func(Object) error) error {
	slices.SortFunc(found, func(a, b Object) int { return cmp.Compare(a.Name, b.Name) })
	for _, o := range found {
		if err := each(o); err != nil {
			return err
		}
	}
	return nil
}
