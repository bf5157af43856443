// Package named keeps the backups that callers of the management API ask for, as
// its operations backup and restore: archives of the whole installation, under
// the names that the callers give, from which one service is restored.
package named

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/sallyport/sallyport/internal/control/backup"
	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/control/backup/catalog"
	"github.com/sallyport/sallyport/internal/control/backup/place"
	"github.com/sallyport/sallyport/internal/control/backup/ship"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/secret"
	"github.com/sallyport/sallyport/internal/control/store"
)

const (
	// folder is where they are, below the place.
	folder = "apim"
	// maxPart bounds a name as it is used in the place, in bytes; longer ones are
	// known by their digest.
	maxPart = 120
	// MaxService bounds what is restored of a service, in bytes of its records.
	MaxService = 512 << 20
)

// ErrTooLarge says that a service is longer than MaxService.
var ErrTooLarge = fmt.Errorf("the service has more than %d bytes: restore the installation with sallyport restore", MaxService)

// errNoService says that an archive does not hold the service that it was made
// for.
var errNoService = errors.New("the backup does not hold the service that it was made for")

// Options say what is backed up, and where to.
type Options struct {
	Source backup.Source
	// Open opens the place and the keys. It is called at the first use, and again
	// after it failed.
	Open func(ctx context.Context, to *ship.Options) error
}

// Backups are the backups of services. All methods may be called concurrently.
type Backups struct {
	o Options

	mu     sync.Mutex
	opened *ship.Options
}

// New returns the backups of an installation.
func New(o Options) *Backups { return &Backups{o: o} }

// open opens the place, where it is not open yet.
func (b *Backups) open(ctx context.Context) (ship.Options, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.opened != nil {
		return *b.opened, nil
	}
	to := ship.Options{Source: b.o.Source, Clock: b.o.Source.Clock}
	if err := b.o.Open(ctx, &to); err != nil {
		return to, err
	}
	b.opened = &to
	return to, nil
}

// Close lets go of the place.
func (b *Backups) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.opened == nil {
		return nil
	}
	return b.opened.Place.Close()
}

// object is the name of an archive in the place.
func object(names []string) string {
	parts := []string{folder}
	for _, name := range names {
		if len(name) > maxPart || place.CheckName(name) != nil || strings.Contains(name, "/") {
			sum := sha256.Sum256([]byte(name))
			name = "sha256-" + hex.EncodeToString(sum[:])
		}
		parts = append(parts, name)
	}
	return strings.Join(parts, "/") + catalog.Suffix
}

// Put takes a backup of the installation under the names, and notes for which
// service.
func (b *Backups) Put(ctx context.Context, names []string, service resource.ID) error {
	o, err := b.open(ctx)
	if err != nil {
		return err
	}
	base, err := ship.Take(ctx, o, object(names), nil)
	if err != nil {
		return err
	}
	base.Note.Service = string(service)
	return base.WriteNote(ctx, o.Place)
}

// Get reads what a backup holds of the service for which it was made; nil where
// there is no such backup. All of the archive is read, and found right.
func (b *Backups) Get(ctx context.Context, names []string) (*resource.BackedUp, error) {
	o, err := b.open(ctx)
	if err != nil {
		return nil, err
	}
	base := catalog.Base{Name: object(names)}
	noted, err := base.ReadNote(ctx, o.Place)
	if err != nil || !noted {
		return nil, err
	}
	if base.Note.Service == "" {
		return nil, fmt.Errorf("%s: %w", base.Name, errNoService)
	}
	body, err := o.Place.Read(ctx, base.Name)
	if err != nil {
		return nil, err
	}
	found, err := read(ctx, body, o.Keys, resource.ID(base.Note.Service))
	if err = errors.Join(err, body.Close()); err != nil {
		return nil, fmt.Errorf("%s: %w", base.Name, err)
	}
	return found, nil
}

// read reads one service out of an archive.
func read(ctx context.Context, from io.Reader, keys archive.KeyOpener, service resource.ID) (*resource.BackedUp, error) {
	r, err := archive.NewReader(ctx, from, keys)
	if err != nil {
		return nil, err
	}
	found := &resource.BackedUp{Service: service}
	var dataKeys []secret.DataKey
	size := 0
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		switch e := e.(type) {
		case archive.DataKey:
			dataKeys = append(dataKeys, secret.DataKey(e))
		case archive.Record:
			if !e.Key.Within(service.Key()) {
				continue
			}
			if size += len(e.Value); size > MaxService {
				return nil, ErrTooLarge
			}
			found.Records = append(found.Records, store.Record(e))
		}
	}
	if len(found.Records) == 0 {
		return nil, errNoService
	}
	opener, err := secret.NewOpener(dataKeys)
	if err != nil {
		return nil, err
	}
	found.Sealer = opening{opener}
	return found, nil
}

// opening is a Sealer that only opens.
type opening struct{ *secret.Opener }

// Seal refuses: what is restored is sealed by the installation.
func (opening) Seal([]byte, string) (string, error) {
	return "", errors.New("the keys of a backup seal nothing")
}
