package administer

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sallyport/sallyport/cmd/sallyport/installation"
	"github.com/sallyport/sallyport/internal/control/access"
)

// scopeHelp describes --scope.
const scopeHelp = "where the role holds: / for everything, an id below the service such as apis/echo, or a full id; " +
	"the service where it is empty"

// RoleCommand says who may do what.
func RoleCommand() *cobra.Command {
	c := &cobra.Command{Use: "role", Short: "Give roles to principals, and take them back"}
	c.AddCommand(roleListCommand(), roleAssignCommand(), roleAssignmentsCommand(), roleRemoveCommand())
	return c
}

// wanted checks a role and a scope, before anything is changed.
func wanted(ctx context.Context, in *installation.Installation, role, scope string) (access.Assignment, error) {
	found, err := installation.FindRole(role)
	if err != nil {
		return access.Assignment{}, err
	}
	at, err := in.FindScope(ctx, scope)
	if err != nil {
		return access.Assignment{}, err
	}
	return access.Assignment{RoleID: found.ID, Scope: at.String()}, nil
}

// principalID is the id that a role is assigned to: that of a service principal,
// or one of a configured issuer, as it is written.
func principalID(d *access.Directory, text string) (string, error) {
	found, err := findPrincipal(d, text)
	if err == nil {
		return found.ObjectID, nil
	}
	issuer, id, ok := strings.Cut(text, ":")
	if ok && issuer != "" && id != "" {
		return text, nil
	}
	return "", fmt.Errorf("%w; users and groups of an OpenID Connect issuer are written NAME:ID, with its name in the file of --oidc", err)
}

// shownRole is a role as lists have it.
type shownRole struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Actions     []string `json:"actions"`
	NotActions  []string `json:"notActions"`
}

func roleListCommand() *cobra.Command {
	f := &Flags{}
	c := &cobra.Command{
		Use:   "list",
		Short: "Print the roles that there are",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			roles := access.Roles()
			if f.output == "json" {
				shown := make([]shownRole, len(roles))
				for i, r := range roles {
					shown[i] = shownRole{r.ID, r.Name, r.Description, r.Actions, append([]string{}, r.NotActions...)}
				}
				return printJSON(c.OutOrStdout(), shown)
			}
			for i := range roles {
				fmt.Fprintf(c.OutOrStdout(), "%-60s %s\n", roles[i].Name, roles[i].Description)
			}
			return nil
		},
	}
	f.bindOutput(c)
	return c
}

func roleAssignCommand() *cobra.Command {
	f := &Flags{}
	var scope string
	c := &cobra.Command{
		Use:   "assign PRINCIPAL ROLE",
		Short: "Give a role to a service principal, or to a user or a group of a configured issuer",
		Long: "PRINCIPAL is the name, client id or object id of a service principal, or NAME:ID of a user or group of the\n" +
			"OpenID Connect issuer NAME. Servers that are running follow within a second.",
		Args: cobra.ExactArgs(2), //nolint:mnd // Who and what.
		RunE: func(c *cobra.Command, args []string) error {
			return f.withDirectory(c, func(in *installation.Installation, api *installation.Management) error {
				who, err := principalID(api.Directory, args[0])
				if err != nil {
					return err
				}
				a, err := wanted(c.Context(), in, args[1], scope)
				if err != nil {
					return err
				}
				made, err := api.Directory.Assign(c.Context(), bySystem("role assign"), "", who, a.RoleID, a.Scope)
				if err != nil {
					return err
				}
				if f.output == "json" {
					return printJSON(c.OutOrStdout(), shownAs(api.Directory, made))
				}
				_, err = fmt.Fprintln(c.OutOrStdout(), shownAs(api.Directory, made))
				return err
			})
		},
	}
	f.Bind(c)
	f.bindOutput(c)
	c.Flags().StringVar(&scope, "scope", "", scopeHelp)
	return c
}

// shownAssignment is a role assignment as lists have it.
type shownAssignment struct {
	access.Assignment
	Role      string `json:"role"`
	Principal string `json:"principal"`
}

// shownAs is a role assignment with the names of what it names.
func shownAs(d *access.Directory, a access.Assignment) shownAssignment {
	shown := shownAssignment{a, a.RoleID, a.PrincipalID}
	if r, ok := access.FindRole(a.RoleID); ok {
		shown.Role = r.Name
	}
	if p, ok := d.Find(a.PrincipalID); ok {
		shown.Principal = p.Name
	}
	return shown
}

// String is the assignment as a line.
func (a shownAssignment) String() string {
	return a.ID + "  " + a.Principal + "  " + a.Role + "  " + a.Scope
}

func roleAssignmentsCommand() *cobra.Command {
	f := &Flags{}
	c := &cobra.Command{
		Use:   "assignments",
		Short: "Print who has which role, and where",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return f.withManagement(c, func(api *installation.Management) error {
				shown := []shownAssignment{}
				for _, a := range api.Directory.Assignments() {
					shown = append(shown, shownAs(api.Directory, a))
				}
				if f.output == "json" {
					return printJSON(c.OutOrStdout(), shown)
				}
				for _, a := range shown {
					fmt.Fprintln(c.OutOrStdout(), a)
				}
				return nil
			})
		},
	}
	f.Bind(c)
	f.bindOutput(c)
	return c
}

func roleRemoveCommand() *cobra.Command {
	f := &Flags{}
	c := &cobra.Command{
		Use:   "remove ID",
		Short: "Take a role back, by the id that role assignments prints",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return f.withManagement(c, func(api *installation.Management) error {
				if err := api.Directory.Unassign(c.Context(), bySystem("role remove"), args[0]); err != nil {
					return fmt.Errorf("%w (sallyport role assignments prints who has what)", err)
				}
				_, err := fmt.Fprintf(c.OutOrStdout(), "removed %s\n", args[0])
				return err
			})
		},
	}
	f.Bind(c)
	return c
}
