package traces

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/snapshot/feed"
)

// Sealer encrypts what is kept for one place, as secret.Sealer does.
type Sealer interface {
	Seal(plaintext []byte, context string) (sealed string, err error)
	Open(sealed string, context string) ([]byte, error)
}

// Options are what a Book needs.
type Options struct {
	Ledger store.Ledger
	Sealer Sealer
	Clock  clock.Clock
	Log    *slog.Logger
}

// Book keeps the traces of services. It is safe for concurrent use, and on all
// nodes of a store at once.
type Book struct {
	o      Options
	taking chan struct{}

	taken, repeated, dropped atomic.Uint64
}

// New makes a book.
func New(o Options) *Book { return &Book{o: o, taking: make(chan struct{}, MaxTaking)} }

// Stats are what a node has done since it started.
type Stats struct {
	// Taken were kept; Repeated had come before; Dropped were let go of for newer
	// ones, or at their end.
	Taken, Repeated, Dropped uint64
}

// Stats returns what was counted.
func (b *Book) Stats() Stats {
	return Stats{Taken: b.taken.Load(), Repeated: b.repeated.Load(), Dropped: b.dropped.Load()}
}

// Take keeps a trace that a gateway of a service has recorded, once, however often
// it comes. The trace has been checked. Take returns nil when that is durable.
func (b *Book) Take(ctx context.Context, service, gateway string, t *feed.Trace) error {
	select {
	case b.taking <- struct{}{}:
		defer func() { <-b.taking }()
	case <-ctx.Done():
		return fmt.Errorf("keeping a trace: %w", context.Cause(ctx))
	}
	if err := feed.CheckTraceID(t.ID); err != nil {
		return fmt.Errorf("keeping a trace: %w", err)
	}
	at := gatewayKey(service, gateway)
	pieces, size, err := b.pieces(at, t)
	if err != nil {
		return fmt.Errorf("keeping a trace: %w", err)
	}
	now := b.o.Clock.Now()
	repeated, gone := false, 0
	err = b.o.Ledger.Post(ctx, func(tx store.LedgerTx) error {
		s, err := open(tx, at)
		if err != nil {
			return err
		}
		if repeated, gone = s.has(t.ID), 0; repeated {
			return nil
		}
		if gone, err = s.room(now, 1, size); err != nil {
			return err
		}
		s.list = append(s.list, listed{ID: t.ID, At: now.Unix(), Bytes: size, Pieces: len(pieces)})
		return s.close(pieces...)
	})
	if err != nil {
		return fmt.Errorf("keeping a trace: %w", err)
	}
	if repeated {
		b.repeated.Add(1)
		return nil
	}
	b.taken.Add(1)
	b.dropped.Add(uint64(gone))
	return nil
}

// pieces are the accounts of a trace: its sections, packed, sealed and cut.
func (b *Book) pieces(gateway string, t *feed.Trace) (pieces []store.Account, size int, err error) {
	plain, err := json.Marshal(t.Sections)
	if err != nil {
		return nil, 0, err
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(plain); err != nil {
		return nil, 0, err
	}
	if err := w.Close(); err != nil {
		return nil, 0, err
	}
	sealed, err := b.o.Sealer.Seal(packed.Bytes(), tracePrefix(gateway, t.ID))
	if err != nil {
		return nil, 0, err
	}
	for rest := sealed; rest != ""; rest = rest[min(len(rest), pieceBytes):] {
		pieces = append(pieces, store.Account{
			Key: pieceKey(gateway, t.ID, len(pieces)), Value: []byte(rest[:min(len(rest), pieceBytes)]),
		})
	}
	if len(pieces) > maxPieces {
		return nil, 0, fmt.Errorf("it would take %d pieces, more than maxPieces (%d)", len(pieces), maxPieces)
	}
	return pieces, len(sealed), nil
}

// Find returns the entries of a trace of a gateway by sections; nil where there is
// none, or not any more.
func (b *Book) Find(ctx context.Context, service, gateway, id string) (map[string][]feed.TraceEntry, error) {
	if feed.CheckTraceID(id) != nil {
		return nil, nil //nolint:nilerr // No gateway has given such an id.
	}
	at := gatewayKey(service, gateway)
	index, err := b.o.Ledger.Accounts(ctx, indexPrefix+at, indexPrefix+at+"!", 1)
	if err != nil {
		return nil, fmt.Errorf("reading a trace: %w", err)
	}
	if len(index) == 0 {
		return nil, nil
	}
	list, _ := readIndex(index[0].Value) // What cannot be read is let go of when the next trace comes.
	for i := range list {
		if list[i].ID == id && !list[i].over(b.o.Clock.Now()) {
			return b.read(ctx, at, &list[i])
		}
	}
	return nil, nil
}

// read puts the pieces of a trace together. A trace that has gone meanwhile, or
// that cannot be opened, is none.
func (b *Book) read(ctx context.Context, gateway string, l *listed) (map[string][]feed.TraceEntry, error) {
	prefix := tracePrefix(gateway, l.ID)
	pieces, err := b.o.Ledger.Accounts(ctx, prefix, after(prefix), maxPieces)
	if err != nil {
		return nil, fmt.Errorf("reading a trace: %w", err)
	}
	if len(pieces) != l.Pieces {
		return nil, nil
	}
	var sealed bytes.Buffer
	for _, p := range pieces {
		sealed.Write(p.Value)
	}
	packed, err := b.o.Sealer.Open(sealed.String(), prefix)
	if err == nil {
		var sections map[string][]feed.TraceEntry
		if sections, err = unpack(packed); err == nil {
			return sections, nil
		}
	}
	b.o.Log.Warn("a trace that is kept cannot be read", slog.Any("error", err))
	return nil, nil
}

// maxPlain bounds a trace that is unpacked, in bytes: sections are written again as
// they came, where HTML is escaped in JSON.
const maxPlain = 6 * feed.MaxTrace

// errTrace is why what was opened is no trace.
var errTrace = errors.New("the trace in the ledger is damaged")

// unpack reads the sections of a trace, of at most MaxTrace bytes.
func unpack(packed []byte) (map[string][]feed.TraceEntry, error) {
	zipped, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errTrace, err)
	}
	plain, err := io.ReadAll(io.LimitReader(zipped, maxPlain))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errTrace, err)
	}
	t := feed.Trace{Version: feed.TraceVersion, Instance: "kept", ID: "kept"}
	if err := json.Unmarshal(plain, &t.Sections); err != nil {
		return nil, fmt.Errorf("%w: %w", errTrace, err)
	}
	if err := t.Check(); err != nil {
		return nil, fmt.Errorf("%w: %w", errTrace, err)
	}
	return t.Sections, nil
}
