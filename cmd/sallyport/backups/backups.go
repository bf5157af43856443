// Package backups holds the commands that take, verify and restore backups, and
// what keeps an installation backed up while it is served.
package backups

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sallyport/sallyport/cmd/sallyport/administer"
	"github.com/sallyport/sallyport/cmd/sallyport/commandline"
	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/control/secret"
	"github.com/sallyport/sallyport/internal/control/secret/keyservice"
)

// flags are what the commands of backups share.
type flags struct {
	administer.Flags
	release string
	keys    []string
	output  string
	// What to verify and restore.
	at, base string
	revision uint64
	dryRun   bool
	replace  bool
	// keepUsage leaves what gateways have counted.
	keepUsage bool
}

// exits is what every command says of its exit codes.
const exits = "\n\nExit codes: 0 done, 1 failed, 2 wrong command line."

// Commands are all commands of this package. release is the version of the
// program.
func Commands(release string) []*cobra.Command {
	all := []*cobra.Command{backupCommand(release), verifyCommand(), restoreCommand()}
	for _, c := range all {
		if !c.HasSubCommands() {
			commandline.Strict(c)
			continue
		}
		c.Args = exactly(1)
		for _, below := range c.Commands() {
			commandline.Strict(below)
		}
	}
	return all
}

// exactly is cobra.ExactArgs with errors of the command line.
func exactly(n int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if err := cobra.ExactArgs(n)(c, args); err != nil {
			return &commandline.UsageError{Err: fmt.Errorf("%w: %s", err, c.UseLine())}
		}
		return nil
	}
}

func (f *flags) bindOutput(c *cobra.Command) {
	c.Flags().StringVarP(&f.output, "output", "o", "text", "text or json")
}

// bindKeys declares the backup's own keys.
func bindKeys(set *pflag.FlagSet, keys *[]string, help string) {
	var known []string
	if key := os.Getenv(keyVariable); key != "" {
		known = []string{key}
	}
	set.StringArrayVar(keys, "backup-key", known, "key of the backups: a file, file:///PATH, env://NAME, or the URL of a key "+
		"of a key management service; "+help+" ($"+keyVariable+")")
}

// keyVariable is the variable of the environment with the URL of the backups'
// key.
const keyVariable = "SALLYPORT_BACKUP_KEY"

// errNoKey says how to get a key.
var errNoKey = errors.New("backups have a key of their own, which is not in the data folder: make one with sallyport backup key FILE, " +
	"keep a copy of it elsewhere, and give it with --backup-key FILE or $" + keyVariable)

// keyURL is the URL of a key, which may be given as the path of a file.
func keyURL(text string) (string, error) {
	if strings.Contains(text, "://") {
		return text, nil
	}
	full, err := filepath.Abs(text)
	if err != nil {
		return "", fmt.Errorf("finding the key %s: %w", text, err)
	}
	return "file://" + filepath.ToSlash(full), nil
}

// openKeys opens the keys of backups. The first is what archives are written
// with.
func openKeys(ctx context.Context, given []string) ([]archive.KeyEncrypter, error) {
	if len(given) == 0 {
		return nil, &commandline.UsageError{Err: errNoKey}
	}
	var opened []archive.KeyEncrypter
	for _, one := range given {
		at, err := keyURL(one)
		if err != nil {
			return nil, err
		}
		key, err := keyservice.Open(ctx, at, false)
		if errors.Is(err, secret.ErrNoKey) {
			return nil, fmt.Errorf("the key of the backups: %w; %w", err, errNoKey)
		}
		if err != nil {
			return nil, fmt.Errorf("the key of the backups: %w", err)
		}
		opened = append(opened, key)
	}
	return opened, nil
}

// printJSON prints a value as indented JSON.
func printJSON(out io.Writer, v any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}

// stamp is a time as it is printed.
func stamp(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}

// size is a number of bytes as people read it.
func size(n int64) string {
	const step = 1024
	switch {
	case n >= step*step*step:
		return fmt.Sprintf("%.1f GiB", float64(n)/(step*step*step))
	case n >= step*step:
		return fmt.Sprintf("%.1f MiB", float64(n)/(step*step))
	case n >= step:
		return fmt.Sprintf("%.1f KiB", float64(n)/step)
	}
	return fmt.Sprintf("%d bytes", n)
}
