package backups

import (
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/sallyport/sallyport/internal/control/backup/catalog"
	"github.com/sallyport/sallyport/internal/control/store"
)

// listed is a base as it is listed.
type listed struct {
	Name    string         `json:"name"`
	Created time.Time      `json:"created"`
	Chain   string         `json:"chain,omitempty"`
	Note    catalog.Note   `json:"note"`
	Proof   *catalog.Proof `json:"proof,omitempty"`
	// Reaches is the revision to which the changes after the base lead, and
	// Changes how many archives they are in; Last is when the last was written.
	Reaches store.Revision `json:"reaches"`
	Changes int            `json:"changes"`
	Last    time.Time      `json:"last,omitzero"`
	// Gap is the revision from which there are changes that nothing leads to.
	Gap store.Revision `json:"gap,omitempty"`
}

// listCommand lists the backups in a place.
func listCommand() *cobra.Command {
	f := &flags{}
	c := &cobra.Command{
		Use:   "list URL",
		Short: "List the backups in a place, and what they reach",
		Long: "Lists the backups in a place: when each was made and proved, its revision, and the revision to which the changes\n" +
			"after it lead. It needs no key." + exits,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) (err error) {
			p, name, err := openPlace(c.Context(), args[0])
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, p.Close()) }()
			if name != "" {
				return fmt.Errorf("%s is one archive: give the place that it is in", args[0])
			}
			found, err := catalog.Read(c.Context(), p)
			if err != nil {
				return err
			}
			for _, name := range found.Unreadable {
				fmt.Fprintf(c.ErrOrStderr(), "what is noted of %s cannot be read: it is passed over, and can be restored by its name\n", name)
			}
			all := list(found)
			if f.output == "json" {
				return printJSON(c.OutOrStdout(), all)
			}
			return printList(c.OutOrStdout(), p.String(), all)
		},
	}
	f.bindOutput(c)
	return c
}

func list(c *catalog.Catalog) []listed {
	all := []listed{}
	for _, b := range c.Bases {
		plan := c.Follow(b)
		one := listed{Name: b.Name, Created: b.Created, Chain: b.Chain, Note: b.Note, Proof: b.Proof,
			Reaches: plan.Reaches, Changes: len(plan.Changes), Gap: plan.Gap}
		if head, ok := plan.Head(); ok {
			one.Last = head.Modified.UTC()
		}
		all = append(all, one)
	}
	return all
}

func printList(out io.Writer, at string, all []listed) error {
	if len(all) == 0 {
		_, err := fmt.Fprintf(out, "there are no backups in %s\n", at)
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "CREATED\tREVISION\tREACHES\tLAST CHANGE\tPROVED\tSIZE\tNAME")
	for _, b := range all {
		proved := "no"
		if b.Proof != nil {
			proved = stamp(b.Proof.At)
		}
		reaches := fmt.Sprint(b.Reaches)
		if b.Gap != 0 {
			reaches += fmt.Sprintf(" (missing up to %d)", b.Gap)
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\t%s\n",
			stamp(b.Created), b.Note.Revision, reaches, stamp(b.Last), proved, size(b.Note.Bytes), b.Name)
	}
	return w.Flush()
}
