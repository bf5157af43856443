package administer

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sallyport/sallyport/cmd/sallyport/installation"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/replica"
)

// StoreCommand works on stores as a whole.
func StoreCommand() *cobra.Command {
	c := &cobra.Command{Use: "store", Short: "Copy and check stores"}
	c.AddCommand(storeCopyCommand(), storeVerifyCommand())
	return c
}

func storeCopyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "copy FROM TO",
		Short: "Copy everything, with its history and audit log, to an empty store, and compare",
		Long: "Copies a store to an empty one: sqlite:FOLDER, postgres://USER@HOST/DATABASE. Revisions, ETags, history,\n" +
			"audit log and usage stay as they are. Secrets stay sealed: the copy needs the same key.",
		Args: cobra.ExactArgs(2), //nolint:mnd // From and to.
		RunE: func(c *cobra.Command, args []string) (err error) {
			if installation.Missing(args[0]) {
				return fmt.Errorf("there is no store at %s", args[0])
			}
			from, err := installation.OpenStore(c.Context(), args[0], clock.System())
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, from.Close()) }()
			to, err := installation.OpenStore(c.Context(), args[1], clock.System())
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, to.Close()) }()
			last := 0
			err = replica.Copy(c.Context(), from, to, func(done, total int) {
				if percent := done * 100 / max(total, 1); percent >= last+10 || done == total {
					last = percent
					fmt.Fprintf(c.ErrOrStderr(), "%3d%%  %d of %d\n", percent, done, total)
				}
			})
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), "copied, and compared: equal")
			return err
		},
	}
}

func storeVerifyCommand() *cobra.Command {
	f := &Flags{}
	c := &cobra.Command{
		Use:   "verify",
		Short: "Check the chain of the audit log",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return f.with(c, func(in *installation.Installation) error {
				return in.Store.View(c.Context(), func(r store.Reader) error {
					n, err := audit.Verify(c.Context(), r)
					if err != nil {
						return err
					}
					_, err = fmt.Fprintf(c.OutOrStdout(), "the audit log is whole: %d entries\n", n)
					return err
				})
			})
		},
	}
	f.Bind(c)
	return c
}
