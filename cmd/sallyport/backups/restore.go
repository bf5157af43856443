package backups

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sallyport/sallyport/cmd/sallyport/commandline"
	"github.com/sallyport/sallyport/cmd/sallyport/installation"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/backup"
	"github.com/sallyport/sallyport/internal/control/backup/place"
	"github.com/sallyport/sallyport/internal/control/secret"
	"github.com/sallyport/sallyport/internal/control/secret/keyservice"
	"github.com/sallyport/sallyport/internal/control/store"
)

// restoreCommand restores a backup.
func restoreCommand() *cobra.Command {
	f := &flags{}
	c := &cobra.Command{
		Use:   "restore URL|FILE",
		Short: "Make an installation what it was, all or nothing",
		Long: "Makes the installation in --data (or --store) what it was when a backup was taken, or at any time or revision after\n" +
			"that which continuous backups reach. The backup is read to its end and found right before anything is written.\n\n" +
			"Where there is no installation it is made, with a key of its own; sallyport serve then starts it. Where there is\n" +
			"one its contents are replaced in one transaction, its history stays, and servers that run follow. The usage that\n" +
			"reports show is replaced with them; with --keep-usage it stays, as where only a mistake is undone. A store that is\n" +
			"damaged is replaced with --replace; it stays beside the new one. --dry-run writes nothing and lists what would\n" +
			"change." + exits,
		Example: "  sallyport restore --backup-key /media/safe/backup.key --data /var/lib/sallyport /var/backups/sallyport\n" +
			"  sallyport restore --backup-key /media/safe/backup.key --at 2026-11-23T14:05:00Z --dry-run s3://backups/sallyport",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return f.with(c, args[0], func(found chosen, p *place.Place) error { return f.restore(c, found, p) })
		},
	}
	f.Bind(c)
	bindKeys(c.Flags(), &f.keys, "may be given more than once")
	f.bindPoint(c)
	f.bindOutput(c)
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "write nothing, and list what would change")
	c.Flags().BoolVar(&f.replace, "replace", false, "replace a store that is damaged (its files stay beside), or whose key is lost")
	c.Flags().BoolVar(&f.keepUsage, "keep-usage", false, "keep the usage that the store has counted, in place of that of the backup")
	return c
}

func (f *flags) restore(c *cobra.Command, found chosen, p *place.Place) (err error) {
	if found.gap != nil {
		return fmt.Errorf("%w; give --revision or --at to restore to a point before", found.gap)
	}
	if f.keepUsage && f.replace {
		return &commandline.UsageError{Err: errors.New(
			"--replace puts another store in place of the one that is there, whose usage cannot be kept: give it, or --keep-usage")}
	}
	target, closeTarget, err := f.target(c.Context())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeTarget()) }()
	quotas := leaving(f.Data)
	if quotas != nil {
		target.Counters = quotas
	}
	report, err := backup.Restore(c.Context(), found.archives, target, backup.RestoreOptions{
		DryRun: f.dryRun, Replace: f.replace, KeepUsage: f.keepUsage, By: by(), Progress: progress(c.ErrOrStderr(), clock.System()),
	})
	if err != nil {
		return fmt.Errorf("restoring %s in %s: %w", found.from, p, advise(err))
	}
	if quotas != nil && quotas.err != nil {
		return quotas.err
	}
	return f.printRestored(c.OutOrStdout(), found, p, &report)
}

// by is who the audit log says it was.
func by() audit.Entry {
	call := installation.System("restore")
	name := "sallyport restore"
	if user := os.Getenv("USER"); user != "" {
		name += " by " + user
	}
	return audit.Entry{Actor: call.Principal, ActorName: name, Correlation: call.Correlation}
}

// target is what is restored to: a folder in which there is no store, or whose
// store is replaced, or else the store that is there.
func (f *flags) target(ctx context.Context) (t backup.Target, done func() error, err error) {
	o := f.Options(io.Discard)
	folder, isFolder := strings.CutPrefix(o.StoreURL(), "sqlite:")
	bare := isFolder && installation.Missing(o.StoreURL())
	t, done = backup.Target{Clock: clock.System()}, func() error { return nil }
	if isFolder && (bare || f.replace) {
		t.Folder = folder
		t.Key, err = f.installationKey(ctx, true)
		return t, done, err
	}
	if t.Store, err = installation.OpenStore(ctx, o.StoreURL(), t.Clock); err != nil {
		return t, done, err
	}
	if t.Key, err = f.keyOf(ctx, t.Store, t.Clock); err != nil {
		return t, done, errors.Join(err, t.Store.Close())
	}
	return t, t.Store.Close, nil
}

// keyOf opens the key of a store, which has to be the one that it has now:
// servers that run have that one.
func (f *flags) keyOf(ctx context.Context, st store.Store, c clock.Clock) (secret.KeyEncrypter, error) {
	made, err := secret.Initialised(ctx, st)
	if err != nil {
		return nil, err
	}
	key, err := f.installationKey(ctx, !made)
	if err != nil || !made || f.replace || f.dryRun {
		return key, err
	}
	if _, err := secret.OpenKeyring(ctx, st, key, c); err != nil {
		return nil, fmt.Errorf("the key of the installation is not the one that its secrets are sealed with: give that one with --key, "+
			"or, if it is lost, --replace: %w", err)
	}
	return key, nil
}

// installationKey opens the key of the installation. Where there is none yet,
// and it is to be a file in the data folder, it is made. A dry run makes
// nothing.
func (f *flags) installationKey(ctx context.Context, first bool) (secret.KeyEncrypter, error) {
	url, create := f.Key, false
	if url == "" {
		full, err := filepath.Abs(filepath.Join(f.Data, "key"))
		if err != nil {
			return nil, fmt.Errorf("finding the key of the installation: %w", err)
		}
		url, create = "file://"+filepath.ToSlash(full), first && !f.dryRun
	}
	if create {
		if err := os.MkdirAll(f.Data, 0o700); err != nil {
			return nil, fmt.Errorf("making the folder of the installation: %w", err)
		}
	}
	key, err := keyservice.Open(ctx, url, create)
	if errors.Is(err, secret.ErrNoKey) && f.dryRun {
		return unkept{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the key of the installation: %w", err)
	}
	return key, nil
}

// unkept is the key of an installation that is not going to be made.
type unkept struct{}

// Name says that there is no key.
func (unkept) Name() string { return "none" }

// Encrypt hides nothing: what it returns is thrown away.
func (unkept) Encrypt(_ context.Context, plaintext []byte) ([]byte, error) { return plaintext, nil }

// Decrypt is the reverse of Encrypt.
func (unkept) Decrypt(_ context.Context, ciphertext []byte) ([]byte, error) { return ciphertext, nil }

func (f *flags) printRestored(out io.Writer, found chosen, p *place.Place, r *backup.Report) error {
	o := outcomeOf(found, p, r)
	o.DryRun, o.Made, o.Changed, o.Deleted = f.dryRun, &r.Made, &r.Changed, &r.Deleted
	if f.output == "json" {
		return printJSON(out, o)
	}
	done := "restored"
	if f.dryRun {
		done = "would restore"
	}
	if err := o.print(out, done, found.from); err != nil {
		return err
	}
	if f.dryRun {
		return printDifferences(out, r)
	}
	fmt.Fprintf(out, "  made %d records, changed %d, deleted %d; the store is at revision %d\n",
		r.Made.Count, r.Changed.Count, r.Deleted.Count, r.Restored)
	if r.AuditKept {
		fmt.Fprintln(out, "  the store goes on with its own audit log: that of the backup does not continue it")
	}
	if r.UsageKept {
		fmt.Fprintln(out, "  the usage of the store stays as it is")
	}
	if r.Previous != "" {
		fmt.Fprintf(out, "  the store that was there is now %s\n", r.Previous)
	}
	return nil
}

// printDifferences lists what a restore would change.
func printDifferences(out io.Writer, r *backup.Report) error {
	for _, one := range []struct {
		verb string
		keys backup.Keys
	}{{"make", r.Made}, {"change", r.Changed}, {"delete", r.Deleted}} {
		fmt.Fprintf(out, "would %s %d records\n", one.verb, one.keys.Count)
		for _, id := range one.keys.IDs {
			fmt.Fprintf(out, "  %s %s\n", one.verb, id)
		}
		if more := one.keys.Count - uint64(len(one.keys.IDs)); more > 0 {
			fmt.Fprintf(out, "  and %d more\n", more)
		}
	}
	_, err := fmt.Fprintln(out, "nothing was written")
	return err
}
