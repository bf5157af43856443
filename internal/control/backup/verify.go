package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/control/secret"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
)

// memoryKey stands for the key of an installation that is in memory only, and
// gone at once.
type memoryKey struct{}

func (memoryKey) Name() string { return "memory" }

func (memoryKey) Encrypt(_ context.Context, plaintext []byte) ([]byte, error) {
	return bytes.Clone(plaintext), nil
}

func (memoryKey) Decrypt(_ context.Context, ciphertext []byte) ([]byte, error) {
	return bytes.Clone(ciphertext), nil
}

// Verify reads every byte of the archives, restores them into memory and
// compares what is there with what the archives say that was taken, to the last
// secret. Usage is read, counted and digested, and not restored: there may be more
// of it than fits.
func Verify(ctx context.Context, from Archives, o VerifyOptions) (report Report, err error) {
	st := memory.New()
	defer func() { err = errors.Join(err, st.Close()) }()
	p, err := prepare(ctx, from, Target{Store: st, Key: memoryKey{}, Clock: o.Clock}, RestoreOptions{
		By: audit.Entry{Actor: "system", ActorName: "verification of a backup"}, Progress: o.Progress,
	})
	if err != nil {
		return Report{}, fmt.Errorf("verifying a backup: %w", err)
	}
	p.proving = true
	if err := p.into(st); err != nil {
		return p.read.report, fmt.Errorf("verifying a backup: %w", err)
	}
	if err := p.prove(st, o); err != nil {
		return p.read.report, fmt.Errorf("verifying a backup: %w", err)
	}
	return p.read.report, nil
}

// prove opens what was restored as a management plane would, and compares all
// of it.
func (p *plan) prove(st store.Store, o VerifyOptions) error {
	var keys *secret.Keyring
	with := opener(p.opener)
	if len(p.contents.keys) > 0 { // Where there are none opening would make one.
		var err error
		if keys, err = secret.OpenKeyring(p.ctx, st, memoryKey{}, o.Clock); err != nil {
			return err
		}
		with = keys
	}
	p.read.report.Restored = 0 // It is gone in a moment.
	return st.View(p.ctx, func(r store.Reader) error {
		if p.read.report.AuditBroken == 0 {
			if _, err := audit.Verify(p.ctx, r); err != nil {
				return err
			}
		}
		d := archive.NewDigester()
		if err := digestKeys(p.ctx, r, keys, d); err != nil {
			return err
		}
		secrets, err := digestRecords(p.ctx, r, with, d, func(uint64) {})
		if err != nil {
			return err
		}
		if err := digestAudit(r, p.read.report.Position.Audit, d); err != nil {
			return err
		}
		for _, reading := range p.read.counters {
			d.Add(archive.Counter(reading))
		}
		got, want := d.Trailer(secrets), p.read.report
		got.Digests.Accounts = want.Digests.Accounts // Compared when they were read.
		got.Digest = got.Digests.Canonical()
		if got.Digests != want.Digests || got.Digest != want.Digest || got.Secrets != want.Secrets {
			return fmt.Errorf("the digest of what was restored is %s, and should be %s, with %d of %d secrets: %w",
				got.Digest, want.Digest, got.Secrets, want.Secrets, ErrContent)
		}
		return nil
	})
}
