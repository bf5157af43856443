package administer

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sallyport/sallyport/cmd/sallyport/commandline"
	"github.com/sallyport/sallyport/cmd/sallyport/installation"
	"github.com/sallyport/sallyport/internal/control/access"
)

// PrincipalCommand makes and revokes service principals.
func PrincipalCommand() *cobra.Command {
	c := &cobra.Command{Use: "principal", Short: "Make, list and revoke service principals, which sign in to the management API"}
	c.AddCommand(principalCreateCommand(), principalListCommand(), principalRevokeCommand(), principalRenewCommand())
	return c
}

// findPrincipal finds a service principal, or says how to.
func findPrincipal(d *access.Directory, nameOrID string) (access.ServicePrincipal, error) {
	found, ok := d.Find(nameOrID)
	if !ok {
		return found, fmt.Errorf("there is no service principal %q, or there are two of that name: sallyport principal list lists them", nameOrID)
	}
	return found, nil
}

// credential is a credential as it is printed, once.
type credential struct {
	Name     string `json:"name"`
	ClientID string `json:"clientId"`
	Secret   string `json:"clientSecret"`
	Tenant   string `json:"tenant"`
	ObjectID string `json:"objectId"`
}

// printCredential prints what a service principal signs in with.
func (f *Flags) printCredential(out io.Writer, p access.ServicePrincipal, c access.Credential) error {
	if f.output == "json" {
		return printJSON(out, credential{p.Name, c.ClientID, c.Secret, c.Tenant, p.ObjectID})
	}
	_, err := fmt.Fprintf(out,
		"Service principal %s; the secret is shown this once:\n  client id      %s\n  client secret  %s\n  tenant         %s\n",
		p.Name, c.ClientID, c.Secret, c.Tenant)
	return err
}

func principalCreateCommand() *cobra.Command {
	f := &Flags{makes: true}
	var role, scope string
	c := &cobra.Command{
		Use:   "create NAME",
		Short: "Make a service principal and print its client id, secret and tenant, once",
		Long: "Makes a service principal. It may do nothing before it has a role: give --role here, or sallyport role assign\n" +
			"later. The secret is not stored and cannot be printed again.",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if scope != "" && role == "" {
				return &commandline.UsageError{Err: errors.New("--scope is where a role holds: give --role as well")}
			}
			if strings.Contains(args[0], ":") {
				return &commandline.UsageError{Err: fmt.Errorf(
					"%q has a colon, which stands in the ids of users of OpenID Connect: choose another name", args[0])}
			}
			return f.withDirectory(c, func(in *installation.Installation, api *installation.Management) error {
				var a access.Assignment
				if role != "" {
					var err error
					if a, err = wanted(c.Context(), in, role, scope); err != nil {
						return err
					}
				}
				if _, taken := api.Directory.Find(args[0]); taken {
					return fmt.Errorf("there is a service principal %q already: choose another name, or sallyport principal renew-secret", args[0])
				}
				made, shown, err := api.Directory.CreatePrincipal(c.Context(), bySystem("principal create"), args[0])
				if err != nil {
					return err
				}
				// The secret first: nobody gets it again if giving the role fails.
				if err := f.printCredential(c.OutOrStdout(), made, shown); err != nil || role == "" {
					return err
				}
				_, err = api.Directory.Assign(c.Context(), bySystem("principal create"), "", made.ObjectID, a.RoleID, a.Scope)
				return err
			})
		},
	}
	f.Bind(c)
	f.bindOutput(c)
	c.Flags().StringVar(&role, "role", "", "a role that it gets: its name or id; sallyport role list lists them")
	c.Flags().StringVar(&scope, "scope", "", scopeHelp)
	return c
}

// shownPrincipal is a service principal as lists have it: without its hash.
type shownPrincipal struct {
	Name     string    `json:"name"`
	ClientID string    `json:"clientId"`
	ObjectID string    `json:"objectId"`
	Created  time.Time `json:"created"`
}

func principalListCommand() *cobra.Command {
	f := &Flags{}
	c := &cobra.Command{
		Use:   "list",
		Short: "Print the service principals",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return f.withManagement(c, func(api *installation.Management) error {
				shown := []shownPrincipal{}
				for _, p := range api.Directory.Principals() {
					shown = append(shown, shownPrincipal{p.Name, p.AppID, p.ObjectID, p.Created})
				}
				if f.output == "json" {
					return printJSON(c.OutOrStdout(), shown)
				}
				for _, p := range shown {
					fmt.Fprintf(c.OutOrStdout(), "%-24s client id %s  object id %s  since %s\n",
						p.Name, p.ClientID, p.ObjectID, p.Created.Format(time.RFC3339))
				}
				return nil
			})
		},
	}
	f.Bind(c)
	f.bindOutput(c)
	return c
}

func principalRevokeCommand() *cobra.Command {
	f := &Flags{}
	c := &cobra.Command{
		Use:   "revoke PRINCIPAL",
		Short: "Remove a service principal with its roles and its tokens",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return f.withManagement(c, func(api *installation.Management) error {
				found, err := findPrincipal(api.Directory, args[0])
				if err != nil {
					return err
				}
				if err := api.Directory.RevokePrincipal(c.Context(), bySystem("principal revoke"), found.AppID); err != nil {
					return err
				}
				_, err = fmt.Fprintf(c.OutOrStdout(), "revoked %s, its roles and its tokens\n", found.Name)
				return err
			})
		},
	}
	f.Bind(c)
	return c
}

func principalRenewCommand() *cobra.Command {
	f := &Flags{}
	c := &cobra.Command{
		Use:   "renew-secret PRINCIPAL",
		Short: "Give a service principal another secret, in the place of its old one, and print it once",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return f.withManagement(c, func(api *installation.Management) error {
				found, err := findPrincipal(api.Directory, args[0])
				if err != nil {
					return err
				}
				shown, err := api.Directory.RenewSecret(c.Context(), bySystem("principal renew-secret"), found.AppID)
				if err != nil {
					return err
				}
				return f.printCredential(c.OutOrStdout(), found, shown)
			})
		},
	}
	f.Bind(c)
	f.bindOutput(c)
	return c
}
