package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/sallyport/sallyport/internal/control/backup"
	"github.com/sallyport/sallyport/internal/control/backup/catalog"
	"github.com/sallyport/sallyport/internal/control/lineage"
	"github.com/sallyport/sallyport/internal/control/store"
)

// errDiffers says that a base and the changes that lead to it do not come to the
// same.
var errDiffers = errors.New("the base before, with the changes after it, comes to something else than the base")

// Prove reads a base back from its place, restores it into memory, and compares
// it with what was taken. Where a base is before it in its chain, that one is
// restored too, with the changes after it up to this one's revision, and has to
// come to the same.
func Prove(ctx context.Context, o Options, c *catalog.Catalog, b *catalog.Base) (catalog.Proof, error) {
	plan := catalog.Plan{Base: *b}
	options := backup.VerifyOptions{Clock: o.Clock}
	report, err := backup.Verify(ctx, plan.Archives(ctx, o.Place, o.Keys, backup.Point{}), options)
	if err != nil {
		return catalog.Proof{}, fmt.Errorf("proving %s: %w", b.Name, err)
	}
	if report.Digest != b.Note.Digest || report.Position.Revision != b.Note.Revision {
		return catalog.Proof{}, fmt.Errorf("proving %s: it is of revision %d with the digest %s, and was noted as %d with %s",
			b.Name, report.Position.Revision, report.Digest, b.Note.Revision, b.Note.Digest)
	}
	proof := catalog.Proof{Digest: report.Digest, Secrets: report.Secrets}
	before, ok := before(c, b)
	if ok {
		until := backup.Point{Revision: b.Note.Revision}
		plan := c.Follow(before)
		other, err := backup.Verify(ctx, plan.Archives(ctx, o.Place, o.Keys, until), options)
		if err != nil {
			return proof, fmt.Errorf("proving %s by the changes that lead to it from %s: %w", b.Name, before.Name, err)
		}
		if other.Digests.Records != report.Digests.Records || other.Digests.AuditEntries != report.Digests.AuditEntries {
			return proof, fmt.Errorf("proving %s: %s: %w", b.Name, before.Name, errDiffers)
		}
		proof.Through = b.Note.Revision
	}
	proof.At = o.Clock.Now().UTC()
	return proof, nil
}

// before is the base before another in its chain, where the changes after it
// lead as far.
func before(c *catalog.Catalog, b *catalog.Base) (catalog.Base, bool) {
	var found catalog.Base
	for _, one := range c.Bases {
		if one.Chain == b.Chain && one.Created.Before(b.Created) && one.Note.Revision <= b.Note.Revision {
			found = one
		}
	}
	if found.Name == "" {
		return found, false
	}
	plan := c.Follow(found)
	return found, plan.Reaches >= b.Note.Revision
}

// prove proves a base and notes it.
func (k *Keeper) prove(ctx context.Context, b *catalog.Base) error {
	c, err := catalog.Read(ctx, k.o.Place)
	if err != nil {
		return err
	}
	proof, err := k.proving(ctx, k.o, c, b)
	if err != nil {
		return err
	}
	b.Proof = &proof
	if err := b.WriteProof(ctx, k.o.Place); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.unproved, k.pause = nil, 0
	k.status.Proved, k.status.ProofFailure = proof.At, nil
	k.status.Proofs++
	k.o.Log.Info("proved the backup: read back, restored into memory and compared", slog.String("name", b.Name),
		slog.Uint64("secrets", proof.Secrets), slog.Uint64("through", uint64(proof.Through)))
	return nil
}

// retain removes what is not to be kept.
func (k *Keeper) retain(ctx context.Context) error {
	of, err := lineage.Of(ctx, k.o.Source.Store, k.o.Clock.Now())
	if err != nil {
		return err
	}
	c, err := catalog.Read(ctx, k.o.Place)
	if err != nil {
		return err
	}
	rule := k.o.Rule
	rule.Lineage = of
	surplus := c.Surplus(rule, k.o.Clock.Now())
	removed, err := surplus.Remove(ctx, k.o.Place)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.status.Removed += uint64(removed)
	if removed > 0 {
		k.o.Log.Info("removed old backups", slog.Int("bases", len(surplus.Bases)), slog.Int("changes", len(surplus.Changes)))
	}
	return err
}

// read reads what is in the place, and learns from it what was done before.
func (k *Keeper) read(ctx context.Context) (*catalog.Catalog, error) {
	of, err := lineage.Of(ctx, k.o.Source.Store, k.o.Clock.Now())
	if err != nil {
		return nil, err
	}
	c, err := catalog.Read(ctx, k.o.Place)
	if err != nil {
		return nil, err
	}
	if len(c.Unreadable) > 0 {
		k.o.Log.Warn("what is noted of backups cannot be read; they are passed over, and can be restored by their names",
			slog.Any("names", c.Unreadable))
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.unproved = nil
	foreign := 0
	for _, b := range c.Bases {
		if b.Chain != "" && b.Note.Lineage != of {
			foreign++
		}
		if b.Chain == "" || b.Note.Lineage != of {
			continue
		}
		k.last, k.unproved = b.Created, nil
		if b.Proof == nil {
			k.unproved = &b
		} else if b.Proof.At.After(k.status.Proved) {
			k.status.Proved = b.Proof.At
		}
		if b.Created.After(k.status.Succeeded) {
			k.status.Succeeded = b.Created
		}
	}
	if foreign > 0 {
		k.o.Log.Warn("the place has backups of another installation, or of this one before a restore: they stay until somebody removes them",
			slog.Int("bases", foreign))
	}
	return c, nil
}

// look learns what other nodes have written.
func (k *Keeper) look(ctx context.Context) {
	if _, err := k.read(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, store.ErrClosed) {
		k.o.Log.Warn("it cannot be looked what is in the place of backups", slog.Any("error", err))
	}
}
