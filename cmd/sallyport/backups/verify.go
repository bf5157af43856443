package backups

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/backup"
	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/control/backup/place"
	"github.com/sallyport/sallyport/internal/control/store"
)

// bindPoint declares what says which backup, and to which point.
func (f *flags) bindPoint(c *cobra.Command) {
	c.Flags().StringVar(&f.at, "at", "", "the state at a time, such as 2026-11-23T14:05:00Z; the latest where nothing is said")
	c.Flags().Uint64Var(&f.revision, "revision", 0, "the state at a revision")
	c.Flags().StringVar(&f.base, "base", "", "begin with this base, as sallyport backup list names it")
}

// verifyCommand verifies a backup.
func verifyCommand() *cobra.Command {
	f := &flags{}
	c := &cobra.Command{
		Use:   "verify URL|FILE",
		Short: "Read every byte of a backup, restore it into memory, and compare",
		Long: "Reads every byte of a backup, and of the changes after it, restores them into memory and compares what is there\n" +
			"with what was taken, to the last secret. It needs the backups' key, and nothing of the installation. What is\n" +
			"damaged, cut off or missing is an error." + exits,
		Example: "  sallyport verify --backup-key /media/safe/backup.key /var/backups/sallyport",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return f.with(c, args[0], func(found chosen, p *place.Place) error {
				report, err := backup.Verify(c.Context(), found.archives,
					backup.VerifyOptions{Clock: clock.System(), Progress: progress(c.ErrOrStderr(), clock.System())})
				if err != nil {
					return fmt.Errorf("%s in %s: %w", found.from, p, advise(err))
				}
				if found.gap != nil {
					return found.gap
				}
				return f.print(c.OutOrStdout(), "verified", found, p, &report)
			})
		},
	}
	bindKeys(c.Flags(), &f.keys, "may be given more than once")
	f.bindPoint(c)
	f.bindOutput(c)
	return c
}

// with finds what the argument names and does something with it.
func (f *flags) with(c *cobra.Command, at string, do func(chosen, *place.Place) error) (err error) {
	if _, err := f.point(); err != nil {
		return err
	}
	keys, err := openKeys(c.Context(), f.keys)
	if err != nil {
		return err
	}
	p, name, err := openPlace(c.Context(), at)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	found, err := f.choose(c.Context(), p, name, archive.NewOpener(keys...))
	if err != nil {
		return err
	}
	return do(found, p)
}

// outcome is what is printed of a backup that was verified or restored.
type outcome struct {
	Place        string         `json:"place"`
	Base         string         `json:"base"`
	Archives     int            `json:"archives"`
	Bytes        int64          `json:"bytes"`
	Revision     store.Revision `json:"revision"`
	RevisionTime time.Time      `json:"revisionTime,omitzero"`
	Lineage      string         `json:"lineage"`
	Records      uint64         `json:"records,omitempty"`
	AuditEntries uint64         `json:"auditEntries"`
	Counters     uint64         `json:"counters"`
	DataKeys     uint64         `json:"dataKeys"`
	Accounts     uint64         `json:"accounts"`
	Secrets      uint64         `json:"secrets,omitempty"`
	Digest       string         `json:"digest,omitempty"`
	// DryRun and what follows are of a restore.
	DryRun    bool           `json:"dryRun,omitempty"`
	Restored  store.Revision `json:"restored,omitempty"`
	AuditKept bool           `json:"auditKept,omitempty"`
	UsageKept bool           `json:"usageKept,omitempty"`
	Previous  string         `json:"previous,omitempty"`
	Made      *backup.Keys   `json:"made,omitempty"`
	Changed   *backup.Keys   `json:"changed,omitempty"`
	Deleted   *backup.Keys   `json:"deleted,omitempty"`
}

func outcomeOf(found chosen, p *place.Place, r *backup.Report) outcome {
	return outcome{
		Place: p.String(), Base: found.base.Name, Archives: r.Archives, Bytes: r.Bytes,
		Revision: r.Revision, RevisionTime: r.RevisionTime, Lineage: r.Position.Lineage,
		Records: r.Records, AuditEntries: r.AuditEntries, Counters: r.Counters, DataKeys: r.DataKeys, Accounts: r.Accounts,
		Secrets: r.Secrets, Digest: r.Digest,
		Restored: r.Restored, AuditKept: r.AuditKept, UsageKept: r.UsageKept, Previous: r.Previous,
	}
}

// print prints what became of a backup.
func (f *flags) print(out io.Writer, done string, found chosen, p *place.Place, r *backup.Report) error {
	o := outcomeOf(found, p, r)
	if f.output == "json" {
		return printJSON(out, o)
	}
	return o.print(out, done, found.from)
}

func (o *outcome) print(out io.Writer, done, from string) error {
	if o.Digest == "" { // A dry run that changes lead to: they were not put together.
		_, err := fmt.Fprintf(out, "%s %s in %s\n"+
			"  revision %d of %s: %d entries of the audit log, %d counters, %d accounts of usage, %d data keys; %s\n",
			done, from, o.Place, o.Revision, stamp(o.RevisionTime), o.AuditEntries, o.Counters, o.Accounts, o.DataKeys, size(o.Bytes))
		return err
	}
	_, err := fmt.Fprintf(out, "%s %s in %s\n"+
		"  revision %d of %s: %d records, %d entries of the audit log, %d counters, %d accounts of usage, %d data keys; %d secrets open\n"+
		"  %s, digest %s\n", done, from, o.Place, o.Revision, stamp(o.RevisionTime), o.Records, o.AuditEntries, o.Counters,
		o.Accounts, o.DataKeys, o.Secrets, size(o.Bytes), o.Digest)
	return err
}
