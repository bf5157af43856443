package backups

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/sallyport/sallyport/cmd/sallyport/installation"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/backup"
	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/control/backup/catalog"
	"github.com/sallyport/sallyport/internal/control/backup/place"
	"github.com/sallyport/sallyport/internal/control/backup/ship"
)

// backupCommand takes one backup.
func backupCommand(release string) *cobra.Command {
	f := &flags{release: release}
	c := &cobra.Command{
		Use:   "backup URL",
		Short: "Write everything that is configured, at one revision, into one encrypted archive",
		Long: "Writes one archive of the installation: all that is configured, the audit log, counters, usage, and the keys that\n" +
			"secrets are sealed with, encrypted with the backups' own key. It may be done while servers run. URL is\n" +
			place.Forms + ",\nor the archive itself, where it ends in " + catalog.Suffix + "." + exits,
		Example: "  sallyport backup key /media/safe/backup.key\n" +
			"  sallyport backup --backup-key /media/safe/backup.key /var/backups/sallyport\n" +
			"  sallyport backup list /var/backups/sallyport",
		RunE: func(c *cobra.Command, args []string) error { return f.take(c, args[0]) },
	}
	f.Bind(c)
	f.bindOutput(c)
	bindKeys(c.Flags(), &f.keys, "required")
	c.AddCommand(keyCommand(), listCommand())
	return c
}

// taken is what is printed of a backup.
type taken struct {
	Place string `json:"place"`
	Name  string `json:"name"`
	catalog.Note
}

func (f *flags) take(c *cobra.Command, at string) (err error) {
	ctx := c.Context()
	keys, err := openKeys(ctx, f.keys)
	if err != nil {
		return err
	}
	if err := f.Missing(); err != nil {
		return err
	}
	p, name, err := openPlace(ctx, at)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	key, err := archive.NewKey(ctx, keys[0])
	if err != nil {
		return err
	}
	in, err := installation.Open(ctx, f.Options(c.ErrOrStderr()))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	o := ship.Options{Source: source(in, f.release), Place: p, Key: key, Clock: clock.System(), Log: slog.New(slog.DiscardHandler)}
	if o.Source.Counters, err = finding(f.Data); err != nil { // What is configured is worth more.
		fmt.Fprintf(c.ErrOrStderr(), "the backup is without counters: %v\n", err)
	}
	report := progress(c.ErrOrStderr(), o.Clock)
	base, err := ship.Take(ctx, o, name, report)
	if err != nil {
		return err
	}
	t := taken{Place: p.String(), Name: base.Name, Note: base.Note}
	if f.output == "json" {
		return printJSON(c.OutOrStdout(), t)
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "wrote %s in %s\n  revision %d of %s: %s\n  %s, encrypted with %s\n",
		t.Name, t.Place, t.Revision, stamp(t.RevisionTime), counts(t.Counts), size(t.Bytes), t.Key)
	return err
}

// source is what a backup of an installation is taken of.
func source(in *installation.Installation, release string) backup.Source {
	return backup.Source{Store: in.Store, Keys: in.Keys, Clock: clock.System(), Release: release}
}

// counts says in words what an archive holds.
func counts(n archive.Counts) string {
	return fmt.Sprintf("%d records, %d entries of the audit log, %d counters, %d accounts of usage, %d data keys",
		n.Records, n.AuditEntries, n.Counters, n.Accounts, n.DataKeys)
}

// keyCommand makes a key.
func keyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "key FILE",
		Short: "Make a key for backups, in a new file",
		Long: "Makes a key for backups in a new file that only its owner can read. A backup cannot be read without it, and with\n" +
			"it, all of the backup can: keep it, and a copy of it, apart from the data and from the backups." + exits,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			name, err := makeKey(c.Context(), args[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "made the key %s in %s: keep a copy of it apart from the data and from the backups\n",
				name, args[0])
			return err
		},
	}
}
