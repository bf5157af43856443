package administer

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/sallyport/sallyport/cmd/sallyport/installation"
	"github.com/sallyport/sallyport/internal/control/apply"
	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/publish"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/apis"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/model"
)

// exported reads a service, now or at a revision, as a configuration.
func exported(ctx context.Context, in *installation.Installation, id resource.ID, revision uint64) (*transfer.Configuration, error) {
	out := transfer.New()
	read := func(s *resource.Session) error {
		if _, err := s.Get(id); err != nil {
			return err
		}
		doc, err := publish.Document(s, id)
		if err != nil {
			return err
		}
		out.Resources = apply.Distinct(slices.DeleteFunc(doc.Resources, func(r model.Resource) bool {
			return r.Kind() == model.KindService || apply.BuiltIn(r.ResourceID())
		}))
		out.Sort()
		if out.Portal, err = apply.Portal(s, id); err != nil {
			return err
		}
		return apis.Specifications(s, id, out)
	}
	if revision != 0 {
		return out, in.Plane.ReadAt(ctx, call("export"), store.Revision(revision), read)
	}
	return out, in.Plane.Read(ctx, call("export"), read)
}

// GetCommand prints one resource, or the names in a collection.
func GetCommand() *cobra.Command {
	f := &Flags{}
	c := &cobra.Command{
		Use:   "get ID",
		Short: "Print a resource, such as apis/echo, or list a collection, such as apis",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			id := f.Names.ID()
			if len(args) == 1 && args[0] != "" {
				id += "/" + resource.ID(args[0])
			}
			return f.with(c, func(in *installation.Installation) error {
				answer, err := get(c.Context(), in, id)
				if err != nil {
					return err
				}
				return printJSON(c.OutOrStdout(), answer)
			})
		},
	}
	f.Bind(c)
	return c
}

func get(ctx context.Context, in *installation.Installation, id resource.ID) (answer any, err error) {
	err = in.Plane.Read(ctx, call("get"), func(s *resource.Session) error {
		place, ok, err := s.Registry.Walk(string(id))
		if err != nil {
			return err
		}
		if !ok || place.Rest != "" {
			return fmt.Errorf("%q is not the id of a resource or a collection: give one such as apis/echo or apis", id.Relative())
		}
		if place.Collection {
			listing, err := s.List(place.Node, place.ID, resource.Query{Top: resource.MaxTop})
			if err != nil {
				return err
			}
			answer = map[string]any{"value": listing.Items, "count": listing.Count}
			return nil
		}
		e, err := s.Find(place)
		if err != nil {
			return err
		}
		answer, err = s.Answer(place.Node, e)
		return err
	})
	return answer, err
}

// maxHistory bounds the entries that are printed.
const maxHistory = 1000

// HistoryCommand prints who changed what.
func HistoryCommand() *cobra.Command {
	f := &Flags{}
	limit := 50
	c := &cobra.Command{
		Use:   "history",
		Short: "Print the latest changes: when, who, what, from where",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if limit < 1 || limit > maxHistory {
				return fmt.Errorf("--limit must be from 1 to %d", maxHistory)
			}
			return f.with(c, func(in *installation.Installation) error {
				return in.Store.View(c.Context(), func(r store.Reader) error {
					return f.printHistory(c.OutOrStdout(), r, limit)
				})
			})
		},
	}
	f.Bind(c)
	f.bindOutput(c)
	c.Flags().IntVar(&limit, "limit", limit, "how many changes")
	return c
}

// printHistory prints the last entries of the audit log.
func (f *Flags) printHistory(out io.Writer, r store.Reader, limit int) error {
	entries, err := audit.Read(r, int64(-limit), limit)
	if err != nil {
		return fmt.Errorf("reading the audit log: %w", err)
	}
	if f.output == "json" {
		return printJSON(out, entries)
	}
	stored, err := r.AuditLog(int64(-limit), limit)
	if err != nil {
		return fmt.Errorf("reading the audit log: %w", err)
	}
	for i, entry := range entries {
		fmt.Fprintf(out, "%6d  %s  %-24s %s  %s\n", stored[i].Revision,
			entry.Time.Format("2006-01-02 15:04:05Z07:00"), entry.ActorName, entry.Action, entry.Resource)
	}
	return nil
}

// DiffCommand prints what two revisions, or a folder and the service, differ in.
func DiffCommand() *cobra.Command {
	f := &Flags{}
	c := &cobra.Command{
		Use:   "diff FROM TO | diff DIR",
		Short: "Print what differs between two revisions, or what applying a folder with --prune would change",
		Args:  cobra.RangeArgs(1, 2), //nolint:mnd // One folder, or two revisions.
		RunE: func(c *cobra.Command, args []string) error {
			return f.with(c, func(in *installation.Installation) error {
				plan, err := f.difference(c, in, args)
				if err != nil {
					return err
				}
				return f.print(c.OutOrStdout(), plan, true)
			})
		},
	}
	f.Bind(c)
	f.bindOutput(c)
	return c
}

func (f *Flags) difference(c *cobra.Command, in *installation.Installation, args []string) (*apply.Plan, error) {
	if len(args) == 1 {
		read, err := readFolder(args[0], "")
		if err != nil {
			return nil, err
		}
		o := apply.Options{
			Service: f.Names.ID(), Prune: true, DryRun: true, Specifications: read.Specifications,
			Portal: read.Portal,
		}
		plan, err := apply.Apply(c.Context(), in.Plane, call("diff"), read.Resources, o)
		if err != nil {
			return nil, located(err, read)
		}
		return plan, nil
	}
	from, err := parseRevision(args[0])
	if err != nil {
		return nil, err
	}
	to, err := parseRevision(args[1])
	if err != nil {
		return nil, err
	}
	return apply.Difference(c.Context(), in.Plane, call("diff"), f.Names.ID(), from, to)
}

func parseRevision(text string) (store.Revision, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not a revision: give a number, as history prints it", text)
	}
	return store.Revision(n), nil
}

// RollbackCommand takes the service back to a revision.
func RollbackCommand() *cobra.Command {
	f := &Flags{}
	o := apply.RollbackOptions{}
	c := &cobra.Command{
		Use:   "rollback REVISION",
		Short: "Make the service what it was at a revision, as a new change",
		Long: "Takes back what was configured since a revision. What visitors of the developer portal did since stays:\n" +
			"who signed up, who closed the account, who subscribed or cancelled. Subscriptions that have ended and keys\n" +
			"that were renewed since stay so too. Each of these is a line of the plan.",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			revision, err := parseRevision(args[0])
			if err != nil {
				return err
			}
			o.Revision = revision
			return f.with(c, func(in *installation.Installation) error {
				plan, err := apply.Rollback(c.Context(), in.Plane, call("rollback"), f.Names.ID(), o)
				if err != nil {
					return err
				}
				return f.print(c.OutOrStdout(), plan, o.DryRun)
			})
		},
	}
	f.Bind(c)
	f.bindOutput(c)
	c.Flags().BoolVar(&o.DryRun, "dry-run", false, "plan and check only")
	c.Flags().BoolVar(&o.Visitors, "visitors", false,
		"take back what visitors did as well: who signed up since is deleted, and closed accounts come back")
	c.Flags().BoolVar(&o.Revive, "revive", false,
		"let subscriptions that have ended since, keys that were renewed and passwords that were changed be what they were")
	return c
}
