package backup

import (
	"context"
	"fmt"

	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/control/secret"
	"github.com/sallyport/sallyport/internal/control/store"
)

// check compares what was written with what the archives hold, before it is
// committed, and opens every secret with the keys that are there now.
func (p *plan) check(tx store.Tx) error {
	d := archive.NewDigester()
	secrets, err := digestRecords(p.ctx, tx, p.opener, d, func(n uint64) {
		if p.options.Progress != nil {
			p.options.Progress(Progress{Phase: PhaseChecking, Entries: n, Bytes: p.read.report.Bytes})
		}
	})
	if err != nil {
		return err
	}
	got, r := d.Trailer(secrets), &p.read.report
	if len(p.contents.final) == 0 && r.Revision == r.Base.Revision &&
		(got.Digests.Records != r.Trailer.Digests.Records || got.Secrets != r.Trailer.Secrets) {
		return fmt.Errorf("%d records with %d secrets that open, of %d with %d: %w",
			got.Counts.Records, got.Secrets, r.Trailer.Counts.Records, r.Trailer.Secrets, ErrContent)
	}
	if err := p.checkUsage(tx); err != nil {
		return err
	}
	r.Records, r.Secrets, r.Digests.Records = got.Counts.Records, secrets, got.Digests.Records
	r.Digest = r.Digests.Canonical()
	return nil
}

// digestRecords adds the records of a state to a digest, and returns how many
// sealed values open.
func digestRecords(
	ctx context.Context, r store.Reader, keys opener, d *archive.Digester, progress func(uint64),
) (secrets uint64, err error) {
	entries := uint64(0)
	for record, err := range r.Tree("") {
		if err != nil {
			return 0, err
		}
		if apart(record.Key) {
			continue
		}
		if entries++; entries%progressStep == 0 {
			if err := context.Cause(ctx); err != nil {
				return 0, err
			}
			progress(entries)
		}
		opened, _ := openSealed(keys, record.Key, record.Value)
		secrets += uint64(opened) //nolint:gosec // It counts.
		d.Add(archive.Record(record))
	}
	return secrets, nil
}

// digestKeys adds the data keys of a state to a digest.
func digestKeys(ctx context.Context, r store.Reader, keys *secret.Keyring, d *archive.Digester) error {
	records, err := r.List(secret.DataKeys(), store.Page{Limit: secret.MaxDataKeys})
	if err != nil {
		return err
	}
	for _, record := range records {
		key, err := keys.DataKey(ctx, record)
		if err != nil {
			return err
		}
		d.Add(archive.DataKey(key))
	}
	return nil
}

// digestAudit adds the first entries of the audit log to a digest.
func digestAudit(r store.Reader, entries uint64, d *archive.Digester) error {
	for done := uint64(0); done < entries; {
		page, err := r.AuditLog(int64(done), auditPage) //nolint:gosec // A log of 2^63 entries fits nowhere.
		if err != nil {
			return err
		}
		for _, e := range page[:min(uint64(len(page)), entries-done)] {
			d.Add(archive.AuditEntry(e))
			done++
		}
		if len(page) == 0 {
			return fmt.Errorf("%d of %d audit entries: %w", done, entries, ErrContent)
		}
	}
	return nil
}
