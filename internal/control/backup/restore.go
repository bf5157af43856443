package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/lineage"
	"github.com/sallyport/sallyport/internal/control/secret"
	"github.com/sallyport/sallyport/internal/control/store"
)

// actionRestore is the audit log's.
const actionRestore = "Sallyport.Management/backup/restore/action"

// RevisionGap is how far above the revision of the backup a store begins that
// was empty: what was written after the backup and is lost had numbers, and
// clients may still hold ETags of them.
const RevisionGap = 1 << 18

// plan is a restore that is about to be made: the archives were read once.
type plan struct {
	ctx      context.Context
	from     Archives
	to       Target
	options  RestoreOptions
	read     *sequence
	contents *contents
	// wrapped are the records of the data keys, by the target's key.
	wrapped map[string]store.Record
	opener  *secret.Opener
	// proving says that usage is read, counted and digested, and goes nowhere: there
	// may be more of it than belongs into memory.
	proving bool
}

// Restore makes the target what the archives hold, all or nothing: they are read
// to the end and found right before the first thing is written.
func Restore(ctx context.Context, from Archives, to Target, o RestoreOptions) (Report, error) {
	if (to.Store == nil) == (to.Folder == "") || to.Key == nil || to.Clock == nil || o.By.Actor == "" {
		return Report{}, errors.New("restoring a backup: it needs one store or folder, its key, a clock and who restores")
	}
	if o.KeepUsage && to.Folder != "" {
		return Report{}, errors.New(
			"restoring a backup: only the usage of a store that is restored into can be kept, not that of one whose files are replaced")
	}
	p, err := prepare(ctx, from, to, o)
	if err != nil {
		return Report{}, fmt.Errorf("restoring a backup: %w", err)
	}
	if to.Folder != "" {
		err = p.folder()
	} else {
		err = p.into(to.Store)
	}
	if err != nil {
		return p.read.report, fmt.Errorf("restoring a backup: %w", err)
	}
	if !o.DryRun && to.Counters != nil {
		to.Counters.Restore(p.read.counters)
	}
	return p.read.report, nil
}

// prepare reads the archives for the first time, and has the data keys encrypted
// by the target's key: no transaction should wait for a key management service.
func prepare(ctx context.Context, from Archives, to Target, o RestoreOptions) (*plan, error) {
	read, contents, err := readAll(ctx, from, o.Progress)
	if err != nil {
		return nil, err
	}
	p := &plan{ctx: ctx, from: from, to: to, options: o, read: read, contents: contents, wrapped: map[string]store.Record{}}
	keys := contents.ordered()
	if p.opener, err = secret.NewOpener(keys); err != nil {
		return nil, err
	}
	for _, k := range keys {
		if p.wrapped[k.ID], err = k.Record(ctx, to.Key); err != nil {
			return nil, err
		}
	}
	t := read.digester.Trailer(0)
	r := &read.report
	r.AuditEntries, r.Counters, r.DataKeys = t.Counts.AuditEntries, t.Counts.Counters, t.Counts.DataKeys
	r.Digests, r.Records, r.Secrets = t.Digests, r.Trailer.Counts.Records, r.Trailer.Secrets
	if r.Revision == r.Base.Revision {
		r.Digests.Records = r.Trailer.Digests.Records
	} else if o.DryRun {
		r.Records, r.Secrets = 0, 0 // Those of the base are not those of the revision.
	}
	p.noteUsage()
	if r.Revision == r.Base.Revision {
		r.Digest = r.Digests.Canonical()
	}
	return p, nil
}

// into restores to a store, in one transaction, or tells what that would do.
func (p *plan) into(st store.Store) error {
	report := p.read.report
	if p.options.DryRun {
		err := st.View(p.ctx, func(r store.Reader) error {
			p.read.report = report
			_, err := p.apply(readOnly{r})
			return err
		})
		return err
	}
	revision, err := st.Update(p.ctx, func(tx store.Tx) error {
		p.read.report = report // It may run again.
		if err := p.advance(tx); err != nil {
			return err
		}
		w, err := p.apply(tx)
		if err != nil {
			return err
		}
		if err := p.check(tx); err != nil {
			return err
		}
		return p.sign(tx, w)
	})
	p.read.report.Restored = revision
	return err
}

// advance lets the target's revisions go on above those of the backup.
func (p *plan) advance(tx store.Tx) error {
	can, ok := tx.(store.Advancer)
	if !ok {
		return nil
	}
	above := p.read.report.Revision
	if tx.Revision() == 0 {
		above += RevisionGap
	}
	return can.Advance(above)
}

// apply reads the archives again and writes what they hold.
func (p *plan) apply(tx store.Tx) (*writer, error) {
	w, err := newWriter(p, tx)
	if err != nil {
		return nil, err
	}
	defer w.close()
	second := &sequence{ctx: p.ctx, from: p.from, to: w, phase: PhaseWriting, progress: p.options.Progress}
	if err := second.run(); err != nil {
		return nil, err
	}
	if second.report.Position != p.read.report.Position || second.report.Trailer != p.read.report.Trailer {
		return nil, fmt.Errorf("they are not what they were a moment ago: %w", ErrSequence)
	}
	p.read.report.AuditKept = !w.continues
	return w, nil
}

// sign renews the lineage, and writes to the audit log who restored what.
func (p *plan) sign(tx store.Tx, w *writer) error {
	line, err := lineage.Put(tx, p.to.Clock.Now())
	if err != nil {
		return err
	}
	r := p.read.report
	entry := p.options.By
	entry.Time, entry.Action, entry.Outcome = p.to.Clock.Now(), actionRestore, audit.Succeeded
	entry.Resource = "/" + string(lineage.Key)
	entry.After, err = json.Marshal(map[string]any{
		"lineage": line, "backupLineage": r.Base.Lineage, "backupRevision": r.Revision, "backupTime": r.RevisionTime,
		"digest": r.Digest, "auditLogKept": r.AuditKept,
		"usageKept": r.UsageKept, "accounts": r.Accounts,
		"made": r.Made.Count, "changed": r.Changed.Count, "deleted": r.Deleted.Count,
	})
	if err != nil {
		return err
	}
	return w.chain.Append(entry)
}
