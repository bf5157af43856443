package catalog

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/control/backup"
	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/control/backup/place"
	"github.com/sallyport/sallyport/internal/control/store"
)

const (
	// maxNote bounds what is noted of an archive, in bytes.
	maxNote = 64 << 10
	// MaxBases bounds the bases that are looked at, the latest of them.
	MaxBases = 2000
)

// Base is an archive of everything.
type Base struct {
	// Chain is the chain that it is in; "" of one that was made by hand.
	Chain string
	Name  string
	ID    string
	// Created is when it was begun, to the second, and Modified when it was
	// written, by the clock of the place.
	Created, Modified time.Time
	Note              Note
	// Proof says when it was read back and found right; nil where it was not.
	Proof *Proof
}

// Note is what stands beside a base: it says that the base is whole. Nobody
// vouches for it; what is restored is checked against the archive itself.
type Note struct {
	Lineage      string         `json:"lineage"`
	Revision     store.Revision `json:"revision"`
	RevisionTime time.Time      `json:"revisionTime,omitzero"`
	// LastAudit is the number of the last audit entry.
	LastAudit uint64         `json:"lastAudit"`
	Release   string         `json:"release,omitempty"`
	Key       string         `json:"key"`
	Bytes     int64          `json:"bytes"`
	Digest    string         `json:"digest"`
	Counts    archive.Counts `json:"counts"`
	// Service is the id of the service that a caller of the management API backed
	// up; "" of all others.
	Service string `json:"service,omitempty"`
}

// NoteOf is what is noted of what was taken.
func NoteOf(s backup.Summary) Note {
	return Note{
		Lineage: s.Position.Lineage, Revision: s.Position.Revision, RevisionTime: s.Header.RevisionTime, LastAudit: s.Position.Audit,
		Release: s.Header.Release, Key: s.Header.Key.Name, Bytes: s.Bytes, Digest: s.Trailer.Digest, Counts: s.Trailer.Counts,
	}
}

// Proof says that a base was read back from its place, restored and compared.
type Proof struct {
	At time.Time `json:"at"`
	// Digest is the canonical digest of what was restored.
	Digest  string `json:"digest"`
	Secrets uint64 `json:"secrets"`
	// Through is the revision to which the changes before it were restored and
	// came out the same; 0 where there was nothing to restore.
	Through store.Revision `json:"through,omitempty"`
}

// Catalog is what is in a place.
type Catalog struct {
	// Bases are in the order of their making.
	Bases []Base
	// Changes are those of each chain, in the order of their making.
	Changes map[string][]Changes
	// Unfinished are archives, and notes of archives, that nobody finished.
	Unfinished []place.Object
	// Unreadable are bases whose note is none, as a disk may leave one behind. They
	// are not removed: what is in them can still be restored, by their names.
	Unreadable []string
}

// Read reads what is in a place.
func Read(ctx context.Context, p *place.Place) (*Catalog, error) {
	objects, err := p.List(ctx, "")
	if err != nil {
		return nil, err
	}
	c := &Catalog{Changes: map[string][]Changes{}}
	known := make(map[string]place.Object, len(objects))
	for _, o := range objects {
		known[o.Name] = o
	}
	for _, o := range objects {
		c.sort(o, known)
	}
	slices.SortFunc(c.Bases, func(a, b Base) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.Name, b.Name))
	})
	if extra := len(c.Bases) - MaxBases; extra > 0 {
		c.Bases = c.Bases[extra:]
	}
	if err := c.readBases(ctx, p, known); err != nil {
		return nil, err
	}
	for _, changes := range c.Changes {
		slices.SortFunc(changes, compareChanges)
	}
	return c, nil
}

// readBases reads what is noted of the bases. One whose note is damaged must not
// keep anybody from the others.
func (c *Catalog) readBases(ctx context.Context, p *place.Place, known map[string]place.Object) error {
	bases := c.Bases[:0]
	for _, b := range c.Bases {
		_, proved := known[b.Name+proofSuffix]
		switch err := b.read(ctx, p, proved); {
		case errors.Is(err, errNote):
			c.Unreadable = append(c.Unreadable, b.Name)
		case err != nil:
			return err
		case b.Note.Lineage != "": // Else somebody has just removed it.
			bases = append(bases, b)
		}
	}
	c.Bases = bases
	return nil
}

// compareChanges is the order of the making of changes.
func compareChanges(a, b Changes) int {
	return cmp.Or(cmp.Compare(a.Sequence, b.Sequence), cmp.Compare(a.Name, b.Name))
}

// sort puts an object where it belongs; others than ours are passed over.
func (c *Catalog) sort(o place.Object, known map[string]place.Object) {
	chain, file, ok := strings.Cut(o.Name, "/")
	if !ok {
		chain, file = "", o.Name
	} else if !chainForm.MatchString(chain) {
		return
	}
	if b, ok := parseBase(chain, file); ok {
		if _, noted := known[o.Name+noteSuffix]; !noted {
			c.Unfinished = append(c.Unfinished, o)
			return
		}
		b.Modified = o.Modified
		c.Bases = append(c.Bases, b)
		return
	}
	if changes, ok := parseChanges(chain, file); ok && chain != "" {
		changes.Size, changes.Modified = o.Size, o.Modified
		c.Changes[chain] = append(c.Changes[chain], changes)
		return
	}
	noted := strings.TrimSuffix(strings.TrimSuffix(o.Name, proofSuffix), noteSuffix)
	if _, there := known[noted]; !there && noted != o.Name && IsArchive(noted) {
		c.Unfinished = append(c.Unfinished, o)
	}
}

// read reads what is noted of a base.
func (b *Base) read(ctx context.Context, p *place.Place, proved bool) error {
	found, err := b.ReadNote(ctx, p)
	if err != nil || !found || !proved {
		return err
	}
	proof := &Proof{}
	if err := readJSON(ctx, p, b.Name+proofSuffix, proof); err != nil && !errors.Is(err, errNote) {
		return err
	}
	if !proof.At.IsZero() && proof.Digest == b.Note.Digest {
		b.Proof = proof // Else it proves nothing.
	}
	return nil
}

// errNote says that an object is not what is noted of an archive.
var errNote = errors.New("it is no note of an archive")

func readJSON(ctx context.Context, p *place.Place, name string, into any) error {
	data, err := p.ReadBytes(ctx, name, maxNote)
	if errors.Is(err, place.ErrNotFound) {
		return nil // Somebody has just removed it, and what it is noted of.
	}
	if errors.Is(err, place.ErrTooLarge) {
		return fmt.Errorf("%w: %w", errNote, err)
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("reading %s in %s: %w: %w", name, p, errNote, err)
	}
	return nil
}

// ReadNote reads what is noted of a base; false where nothing is.
func (b *Base) ReadNote(ctx context.Context, p *place.Place) (bool, error) {
	var note Note
	if err := readJSON(ctx, p, b.Name+noteSuffix, &note); err != nil {
		return false, err
	}
	b.Note = note
	return b.Note.Lineage != "", nil
}

// WriteNote writes what is noted of a base: from then on it is one.
func (b *Base) WriteNote(ctx context.Context, p *place.Place) error {
	return writeJSON(ctx, p, b.Name+noteSuffix, b.Note)
}

// WriteProof writes that a base was proved.
func (b *Base) WriteProof(ctx context.Context, p *place.Place) error {
	return writeJSON(ctx, p, b.Name+proofSuffix, b.Proof)
}

func writeJSON(ctx context.Context, p *place.Place, name string, from any) error {
	data, err := json.Marshal(from)
	if err != nil {
		return fmt.Errorf("noting %s: %w", name, err)
	}
	return p.WriteBytes(ctx, name, append(data, '\n'))
}

// Delete removes a base: first what says that it is one.
func (b *Base) Delete(ctx context.Context, p *place.Place) error {
	for _, suffix := range []string{noteSuffix, proofSuffix, ""} {
		if err := p.Delete(ctx, b.Name+suffix); err != nil {
			return err
		}
	}
	return nil
}
