package administer

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/sallyport/sallyport/cmd/sallyport/installation"
	"github.com/sallyport/sallyport/internal/control/apply"
	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/control/transfer/apiops"
	"github.com/sallyport/sallyport/internal/problem"
)

// maxShownSteps bounds the steps that are printed one by one as text.
const maxShownSteps = 200

// ApplyCommand makes a service what a folder says.
func ApplyCommand() *cobra.Command {
	f := &Flags{}
	var overrides string
	o := apply.Options{}
	c := &cobra.Command{
		Use:   "apply DIR",
		Short: "Make the service what a configuration folder says, in one transaction",
		Long: "Reads an APIOps folder, plans what has to change, and changes it in one transaction: all of it or\n" +
			"nothing. A configuration that does not compile is refused, with the file and the line.\n\n" +
			"What visitors of the developer portal made and own (users, their memberships of groups and their\n" +
			"subscriptions) is no configuration: it is neither written nor, with --prune, deleted. A subscription\n" +
			"without an owner, or of the administrator, is. One that has ended here stays ended, one that was deleted\n" +
			"here does not come back with the keys of the folder, and a key that is not the folder's stays: an older\n" +
			"folder makes no key work again that was cancelled or renewed. Each of these is a line of the plan.",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			read, err := readFolder(args[0], overrides)
			if err != nil {
				return err
			}
			f.makes = !o.DryRun
			return f.with(c, func(in *installation.Installation) error {
				if !o.DryRun {
					if _, err := in.First(c.Context(), nil); err != nil {
						return err
					}
				}
				o.Service, o.Specifications, o.Portal = f.Names.ID(), read.Specifications, read.Portal
				plan, err := apply.Apply(c.Context(), in.Plane, call("apply"), read.Resources, o)
				if err != nil {
					return located(err, read)
				}
				return f.print(c.OutOrStdout(), plan, o.DryRun)
			})
		},
	}
	f.Bind(c)
	f.bindOutput(c)
	c.Flags().StringVar(&overrides, "overrides", "", "file of overrides for this environment (configuration.prod.yaml)")
	c.Flags().BoolVar(&o.Prune, "prune", false, "delete what the folder does not have; never what visitors made")
	c.Flags().BoolVar(&o.DryRun, "dry-run", false, "plan and check only")
	c.Flags().BoolVar(&o.Visitors, "visitors", false,
		"add users, memberships of groups and subscriptions of users that never were in this installation")
	c.Flags().BoolVar(&o.Revive, "revive", false,
		"let the folder win over what is newer here: subscriptions that ended, keys that were renewed, what was deleted; "+
			"with --visitors also over what visitors did")
	return c
}

// readFolder reads a configuration folder; secret values may come from the
// environment and from files below the folder.
func readFolder(dir, overrides string) (*transfer.Configuration, error) {
	if info, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("reading the configuration: %s is not a folder", dir)
	}
	o := apiops.Options{Env: os.LookupEnv, ReadValue: func(path string) ([]byte, error) {
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		return os.ReadFile(filepath.Clean(path))
	}}
	if overrides != "" {
		data, err := os.ReadFile(filepath.Clean(overrides))
		if err != nil {
			return nil, fmt.Errorf("reading the overrides: %w", err)
		}
		o.Overrides, o.OverridesFile = data, overrides
	}
	read, problems := apiops.Read(os.DirFS(dir), o)
	if err := problems.Err(); err != nil {
		return nil, fmt.Errorf("the configuration in %s cannot be used:\n%w", dir, err)
	}
	return read, nil
}

// located adds to what did not compile the files that it was read from.
func located(err error, read *transfer.Configuration) error {
	var problems problem.Problems
	if !errors.As(err, &problems) {
		return err
	}
	return fmt.Errorf("nothing was changed:\n%w", read.Locate(problems))
}

// print tells a plan.
func (f *Flags) print(out io.Writer, plan *apply.Plan, dry bool) error {
	if f.output == "json" {
		return printJSON(out, plan)
	}
	counts := map[apply.Action]int{}
	for i, step := range plan.Steps {
		counts[step.Action]++
		if i < maxShownSteps {
			fmt.Fprintf(out, "%-7s %s\n", step.Action, step.ID)
		}
	}
	printMore(out, len(plan.Steps))
	for _, left := range plan.Left[:min(len(plan.Left), maxShownSteps)] {
		fmt.Fprintf(out, "%-7s %s %s\n", "left", left.ID, left.Reason)
	}
	printMore(out, len(plan.Left))
	verb := "applied"
	if dry {
		verb = "planned"
	}
	left := ""
	if n := len(plan.Left); n > 0 {
		left = fmt.Sprintf(", %d left as they are", n)
	}
	fmt.Fprintf(out, "%s: %d to create, %d to update, %d to delete%s; revision %d\n",
		verb, counts[apply.Create], counts[apply.Update], counts[apply.Delete], left, plan.Revision)
	return nil
}

// printMore says how many lines of a list are not printed.
func printMore(out io.Writer, n int) {
	if more := n - maxShownSteps; more > 0 {
		fmt.Fprintf(out, "… and %d more (-o json lists all)\n", more)
	}
}

// ExportCommand writes a service to a folder.
func ExportCommand() *cobra.Command {
	f := &Flags{}
	var secrets, visitors bool
	var revision uint64
	c := &cobra.Command{
		Use:   "export DIR",
		Short: "Write the service to a configuration folder",
		Long: "Writes an APIOps folder: what is configured. What visitors of the developer portal made and own (users,\n" +
			"their memberships of groups and their subscriptions) is left out, and counted, unless --visitors asks for\n" +
			"it; keys and other secrets unless --secrets does. Sessions, mails and usage are never in a folder: sallyport\n" +
			"backup keeps all of that.",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return f.with(c, func(in *installation.Installation) error {
				read, err := exported(c.Context(), in, f.Names.ID(), revision)
				if err != nil {
					return err
				}
				var left apply.LeftOut
				if !visitors {
					read.Resources, left = apply.WithoutVisitors(read.Resources)
				}
				if err := apiops.Write(args[0], read, apiops.WriteOptions{Secrets: secrets}); err != nil {
					return err
				}
				if what := left.String(); what != "" {
					fmt.Fprintf(c.OutOrStdout(), "left out what visitors made: %s (--visitors writes it)\n", what)
				}
				_, err = fmt.Fprintf(c.OutOrStdout(), "exported %d resources to %s\n", len(read.Resources), args[0])
				return err
			})
		},
	}
	f.Bind(c)
	c.Flags().BoolVar(&secrets, "secrets", false, "write subscription keys, secret values, certificates and hashes of passwords as well")
	c.Flags().BoolVar(&visitors, "visitors", false,
		"write what visitors made as well: users, their memberships of groups and their subscriptions")
	c.Flags().Uint64Var(&revision, "revision", 0, "export the state at this revision")
	return c
}
