// Package administer holds the commands that work on an installation's
// configuration: they open its store and keys themselves, so they need no
// running server, and one that is running follows what they commit.
package administer

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sallyport/sallyport/cmd/sallyport/commandline"
	"github.com/sallyport/sallyport/cmd/sallyport/installation"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/policies"
	"github.com/sallyport/sallyport/internal/snapshot"
)

// Flags are what all commands share: which installation, and which service.
type Flags struct {
	Data, Store, Key  string
	Names             installation.Names
	AllowPrivateLinks bool
	Vault             installation.Vault
	output            string
	// makes lets a command make the installation where there is none.
	makes bool
}

// Bind declares the flags of an installation.
func (f *Flags) Bind(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&f.Data, "data", "./data", "folder of the installation")
	commandline.FromEnvironment(flags, &f.Store, "store", "SALLYPORT_STORE",
		"URL of the store: sqlite:FOLDER, postgres://USER@HOST/DATABASE; SQLite in the data folder where it is empty")
	commandline.FromEnvironment(flags, &f.Key, "key", "SALLYPORT_KEY",
		"URL of the key that encrypts secrets: file:///PATH, env://NAME, or of a key management service; "+
			"a file in the data folder where it is empty")
	flags.StringVar(&f.Names.Subscription, "subscription", DefaultSubscription, "Azure subscription id in the ids of resources")
	flags.StringVar(&f.Names.ResourceGroup, "resource-group", "sallyport", "resource group in the ids of resources")
	flags.StringVar(&f.Names.Service, "service", "sallyport", "name of the API Management service")
	flags.BoolVar(&f.AllowPrivateLinks, "allow-private-links", false,
		"let imports fetch documents from private and loopback addresses")
	f.Vault.Bind(flags, os.Getenv)
}

// DefaultSubscription is the subscription in ids where none is given.
const DefaultSubscription = "00000000-0000-0000-0000-000000000000"

// bindOutput declares -o.
func (f *Flags) bindOutput(c *cobra.Command) {
	c.Flags().StringVarP(&f.output, "output", "o", "text", "text or json")
}

// open opens the installation. It is closed by the caller.
func (f *Flags) open(ctx context.Context, stderr io.Writer) (*installation.Installation, error) {
	if err := f.missing(); err != nil && (!f.makes || f.elsewhere()) {
		return nil, err
	}
	compiler, err := expr.NewCompiler()
	if err != nil {
		return nil, fmt.Errorf("preparing the expression compiler: %w", err)
	}
	in, err := installation.Open(ctx, installation.Options{
		Data: f.Data, Store: f.Store, Key: f.Key, Names: f.Names, AllowPrivateLinks: f.AllowPrivateLinks, Vault: f.Vault,
		Settings: &snapshot.Settings{Policies: policies.WithUnserved(), Expressions: compiler, MixedText: true},
		Log:      slog.New(slog.NewTextHandler(stderr, nil)), Clock: clock.System(),
	})
	if err != nil {
		return nil, err
	}
	if err := in.Publisher.Start(ctx); err != nil {
		return nil, errors.Join(err, in.Close())
	}
	return in, nil
}

// missing says that there is no installation: a mistyped folder would become one.
func (f *Flags) missing() error {
	at := f.Store
	if at == "" {
		at = "sqlite:" + filepath.Join(f.Data, "store")
	}
	if installation.Missing(at) {
		return fmt.Errorf("there is no installation in %s: give its folder with --data, or its store with --store; sallyport serve makes one",
			cmp.Or(strings.TrimPrefix(f.Store, "sqlite:"), f.Data))
	}
	return nil
}

// elsewhere says that the folder is that of an installation whose store is not in
// it, as with PostgreSQL: nothing new is made beside its key.
func (f *Flags) elsewhere() bool {
	_, err := os.Stat(filepath.Join(f.Data, "key"))
	return f.Store == "" && err == nil
}

// Missing says that there is no installation where the flags say; nil where
// there may be one.
func (f *Flags) Missing() error { return f.missing() }

// Options open the installation for those who need its store and keys, and
// compile nothing.
func (f *Flags) Options(stderr io.Writer) installation.Options {
	return installation.Options{
		Data: f.Data, Store: f.Store, Key: f.Key, Names: f.Names, AllowPrivateLinks: f.AllowPrivateLinks, Vault: f.Vault,
		Settings: &snapshot.Settings{}, Log: slog.New(slog.NewTextHandler(stderr, nil)), Clock: clock.System(),
	}
}

// with opens the installation, does something with it and closes it.
func (f *Flags) with(c *cobra.Command, do func(*installation.Installation) error) error {
	in, err := f.open(c.Context(), c.ErrOrStderr())
	if err != nil {
		return err
	}
	return errors.Join(do(in), in.Close())
}

// call is who the audit log says it was: whoever may read the installation's key.
func call(command string) *resource.Call {
	c := installation.System(command)
	c.Name = "sallyport " + command
	if user := os.Getenv("USER"); user != "" {
		c.Name += " by " + user
	}
	return c
}

// printJSON prints a value as indented JSON.
func printJSON(out io.Writer, v any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}

// Commands are all commands of this package.
func Commands() []*cobra.Command {
	all := []*cobra.Command{
		ApplyCommand(), ExportCommand(), GetCommand(), DiffCommand(), HistoryCommand(), RollbackCommand(),
		TokenCommand(), PrincipalCommand(), RoleCommand(), KeyCommand(), StoreCommand(), SubscriptionCommand(),
	}
	for _, c := range all {
		commandline.Strict(c)
	}
	return all
}

// With opens the installation for a command of another package, and says who the
// audit log will say it was.
func (f *Flags) With(c *cobra.Command, command string, do func(*installation.Installation, *resource.Call) error) error {
	return f.with(c, func(in *installation.Installation) error { return do(in, call(command)) })
}
