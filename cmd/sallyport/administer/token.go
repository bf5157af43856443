package administer

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sallyport/sallyport/cmd/sallyport/installation"
	"github.com/sallyport/sallyport/internal/control/audit"
)

// defaultTokenLife is how long a token works where nothing else is said.
const defaultTokenLife = 30 * 24 * time.Hour

// TokenCommand makes credentials for the management API.
func TokenCommand() *cobra.Command {
	c := &cobra.Command{Use: "token", Short: "Make and revoke tokens for the management API"}
	c.AddCommand(tokenCreateCommand(), tokenListCommand(), tokenRevokeCommand())
	return c
}

// bySystem is who the audit log names for what a command does.
func bySystem(command string) audit.Entry {
	by := call(command)
	return audit.Entry{Actor: by.Principal, ActorName: by.Name, Correlation: by.Correlation}
}

// withManagement opens the installation and what tells its callers.
func (f *Flags) withManagement(c *cobra.Command, do func(*installation.Management) error) error {
	return f.withDirectory(c, func(_ *installation.Installation, api *installation.Management) error { return do(api) })
}

// withDirectory is withManagement with the installation itself.
func (f *Flags) withDirectory(c *cobra.Command, do func(*installation.Installation, *installation.Management) error) error {
	return f.with(c, func(in *installation.Installation) error {
		api, err := in.OpenManagement(c.Context(), "")
		if err != nil {
			return err
		}
		if made := api.Credential; made != nil {
			fmt.Fprintf(c.ErrOrStderr(), "Administrator, shown this once:\n  client id      %s\n  client secret  %s\n  tenant         %s\n",
				made.ClientID, made.Secret, made.Tenant)
		}
		return do(in, api)
	})
}

func tokenCreateCommand() *cobra.Command {
	f := &Flags{makes: true}
	principal, name, life := "administrator", "token", defaultTokenLife
	c := &cobra.Command{
		Use:   "create",
		Short: "Print a token for the header Authorization: Bearer",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return f.withManagement(c, func(api *installation.Management) error {
				found, err := findPrincipal(api.Directory, principal)
				if err != nil {
					return err
				}
				token, made, err := api.Issuer.CreateToken(c.Context(), bySystem("token create"), found.AppID, name, life)
				if err != nil {
					return err
				}
				fmt.Fprintf(c.ErrOrStderr(), "token %s of %s, until %s; revoke it with sallyport token revoke %s\n",
					made.ID, found.Name, made.Expires.Format(time.RFC3339), made.ID)
				_, err = fmt.Fprintln(c.OutOrStdout(), token)
				return err
			})
		},
	}
	f.Bind(c)
	c.Flags().StringVar(&principal, "principal", principal, "whose token it is: the name, client id or object id of a service principal")
	c.Flags().StringVar(&name, "name", name, "what the token is for")
	c.Flags().DurationVar(&life, "for", life, "how long it works")
	return c
}

func tokenListCommand() *cobra.Command {
	f := &Flags{}
	c := &cobra.Command{
		Use:   "list",
		Short: "Print the tokens that were made",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return f.withManagement(c, func(api *installation.Management) error {
				tokens := api.Directory.Tokens()
				if f.output == "json" {
					return printJSON(c.OutOrStdout(), tokens)
				}
				for _, t := range tokens {
					fmt.Fprintf(c.OutOrStdout(), "%s  %s  until %s\n", t.ID, t.Name, t.Expires.Format(time.RFC3339))
				}
				return nil
			})
		},
	}
	f.Bind(c)
	f.bindOutput(c)
	return c
}

func tokenRevokeCommand() *cobra.Command {
	f := &Flags{}
	c := &cobra.Command{
		Use:   "revoke ID",
		Short: "Make a token invalid at once",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return f.withManagement(c, func(api *installation.Management) error {
				return api.Directory.RevokeToken(c.Context(), bySystem("token revoke"), args[0])
			})
		},
	}
	f.Bind(c)
	return c
}
