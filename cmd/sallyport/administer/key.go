package administer

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/sallyport/sallyport/cmd/sallyport/installation"
	"github.com/sallyport/sallyport/internal/control/secret/keyservice"
)

// KeyCommand changes the keys that secrets are sealed with.
func KeyCommand() *cobra.Command {
	c := &cobra.Command{Use: "key", Short: "Change the keys that secrets are sealed with"}
	c.AddCommand(keyRotateCommand(), keyResealCommand(), keyRewrapCommand())
	return c
}

// rotated is what rotating answers.
type rotated struct {
	Effective time.Time `json:"effective"`
}

func keyRotateCommand() *cobra.Command {
	f := &Flags{}
	c := &cobra.Command{
		Use:   "rotate",
		Short: "Make a new data key, with which secrets are sealed that are written from then on",
		Long: "Makes a new data key. Servers that are running learn of it and use it from the time that is printed. Secrets\n" +
			"that are stored already stay as they are, and readable; sallyport key reseal seals them with the new key.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return f.with(c, func(in *installation.Installation) error {
				effective, err := in.Keys.Rotate(c.Context(), bySystem("key rotate"))
				if err != nil {
					return err
				}
				if f.output == "json" {
					return printJSON(c.OutOrStdout(), rotated{effective})
				}
				_, err = fmt.Fprintf(c.OutOrStdout(), "made a new data key: secrets written after %s are sealed with it\n",
					effective.Format(time.RFC3339))
				return err
			})
		},
	}
	f.Bind(c)
	f.bindOutput(c)
	return c
}

// resealed is what sealing anew answers.
type resealed struct {
	Records int      `json:"records"`
	Values  int      `json:"values"`
	Left    []string `json:"left,omitempty"`
}

func keyResealCommand() *cobra.Command {
	f := &Flags{}
	c := &cobra.Command{
		Use:   "reseal",
		Short: "Seal the secrets that are stored with the newest data key",
		Long: "Seals every secret of the configuration with the newest data key, a hundred records at a time, while servers\n" +
			"run. It can be interrupted, and run again. The versions in the history keep the key that they were sealed with.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return f.with(c, func(in *installation.Installation) error {
				got, err := in.Keys.ResealAll(c.Context(), bySystem("key reseal"), func(done, total int) {
					fmt.Fprintf(c.ErrOrStderr(), "%3d%%  %d of %d records\n", done*100/total, done, total)
				})
				if err != nil {
					return err
				}
				if f.output == "json" {
					return printJSON(c.OutOrStdout(), resealed(got))
				}
				for _, id := range got.Left {
					fmt.Fprintf(c.ErrOrStderr(), "left as it is: %s has text that looks sealed and does not open\n", id)
				}
				_, err = fmt.Fprintf(c.OutOrStdout(), "sealed %d secrets anew; all %d records were looked through\n", got.Values, got.Records)
				return err
			})
		},
	}
	f.Bind(c)
	f.bindOutput(c)
	return c
}

func keyRewrapCommand() *cobra.Command {
	f := &Flags{}
	create := false
	c := &cobra.Command{
		Use:   "rewrap NEW-KEY-URL",
		Short: "Encrypt the data keys with another key of the installation",
		Long: "Encrypts all data keys with the key at NEW-KEY-URL (file:///PATH, env://NAME, or of a key management service),\n" +
			"in one transaction. From then on the installation starts with --key NEW-KEY-URL, and the old key opens nothing.\n" +
			"Servers that are running keep working; start them anew with the new key before the next sallyport key rotate.",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return f.with(c, func(in *installation.Installation) (err error) {
				next, err := keyservice.Open(c.Context(), args[0], create)
				if err != nil {
					return err
				}
				if closer, ok := next.(io.Closer); ok {
					defer func() { err = errors.Join(err, closer.Close()) }()
				}
				if err := in.Keys.Rewrap(c.Context(), next, bySystem("key rewrap")); err != nil {
					return err
				}
				// The URL may be the key itself, so the name is printed.
				_, err = fmt.Fprintf(c.OutOrStdout(),
					"the data keys are encrypted by %s: give its URL with --key or SALLYPORT_KEY from now on\n", next.Name())
				return err
			})
		},
	}
	f.Bind(c)
	c.Flags().BoolVar(&create, "create", false, "make the file of a file:/// key, where it is not there yet")
	return c
}
