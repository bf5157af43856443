package redis

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/cache"
	"github.com/sallyport/sallyport/internal/cache/wire"
	"github.com/sallyport/sallyport/internal/clock"
)

// ErrUnavailable says that the server did not confirm in time.
var ErrUnavailable = errors.New("the external cache does not answer")

// entries is the cache of one kind of entries.
type entries[E cache.Entry] struct {
	store  *Store
	prefix string // of keys
	write  func(b []byte, e E, expires time.Time) ([]byte, error)
	read   func(data []byte) (E, time.Time, error)
}

// keyPrefix is what the keys of a kind begin with.
func keyPrefix(service string, kind byte) string {
	return "sallyport:cache:" + strconv.Itoa(wire.Version) + ":" + serviceInKey(service) + ":" + string(kind) + ":"
}

// serviceInKey is the service's name in the form that keys have it in.
func serviceInKey(name string) string {
	plain := func(r rune) bool {
		return r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	if name != "" && len(name) <= maxServiceName && strings.IndexFunc(name, func(r rune) bool { return !plain(r) }) < 0 {
		return name
	}
	return "~" + digest(name)[:22]
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Get returns the entry under key, from the writes that are still queued or from
// the server.
func (c *entries[E]) Get(ctx context.Context, key string) (none E, found bool) {
	s := c.store
	if len(key) > cache.MaxKeyBytes {
		return none, false
	}
	name := c.prefix + digest(key)
	if queued, expires, found := s.queue.find(name); found {
		e, ok := queued.(E)
		ok = ok && s.options.Clock.Now().Before(expires)
		s.counts.looked(ok)
		return e, ok
	}
	part := s.sectionOf(name)
	if part.breaker.Open() || s.stopped.Err() != nil {
		s.counts.skipped.Add(1)
		return none, false
	}
	data, err := s.fetch(ctx, name)
	if !part.answered(ctx, name, err) {
		s.counts.failed.Add(1)
		return none, false
	}
	e, ok := c.decode(data)
	s.counts.looked(ok)
	return e, ok
}

// fetch asks the server for an entry, within GetTimeout. What is absent is empty.
func (s *Store) fetch(ctx context.Context, name string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, s.options.GetTimeout)
	defer cancel()
	// A range, so that the server bounds what it sends, whoever wrote it.
	data, err := s.client.GetRange(ctx, name, 0, wire.MaxBytes).Bytes()
	if err != nil {
		return nil, fmt.Errorf("looking into the external cache: %w", err)
	}
	return data, nil
}

// decode reads what the server has sent.
func (c *entries[E]) decode(data []byte) (none E, ok bool) {
	if len(data) == 0 {
		return none, false
	}
	e, expires, err := c.read(data)
	if err != nil {
		c.store.counts.unreadable.Add(1)
		return none, false
	}
	if !c.store.options.Clock.Now().Before(expires) {
		return none, false
	}
	return e, true
}

// Set queues an entry to be written.
func (c *entries[E]) Set(_ context.Context, key string, e E, ttl time.Duration) {
	if len(key) > cache.MaxKeyBytes {
		return
	}
	w := &write{name: c.prefix + digest(key)}
	if size := e.Size(); ttl >= time.Millisecond && size <= cache.MaxEntryBytes {
		w.entry, w.ttl, w.size = e, ttl, int64(size)
		w.expires = c.store.options.Clock.Now().Add(ttl)
		w.encode = func() ([]byte, error) { return c.write(nil, e, w.expires) }
	}
	c.store.queue.add(w)
}

// Delete removes what is under key, and waits until the server says so, at most for
// RemoveTimeout. It is also made later where it is not confirmed in time and the
// server still answers.
func (c *entries[E]) Delete(ctx context.Context, key string) error {
	if len(key) > cache.MaxKeyBytes {
		return nil
	}
	w := &write{name: c.prefix + digest(key), made: make(chan error, 1)}
	if !c.store.queue.add(w) {
		return fmt.Errorf("removing an entry: %w", ErrUnavailable)
	}
	late := clock.System().NewTimer(c.store.options.RemoveTimeout)
	defer late.Stop()
	select {
	case err := <-w.made:
		return err
	case <-late.C():
		return fmt.Errorf("removing an entry: %w within %s", ErrUnavailable, c.store.options.RemoveTimeout)
	case <-ctx.Done():
		return fmt.Errorf("removing an entry: %w", context.Cause(ctx))
	}
}
