package counting

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/sallyport/sallyport/cmd/sallyport/commandline"
)

const (
	// askTimeout bounds a question to a gateway.
	askTimeout = 15 * time.Second
	// maxAnswer bounds an answer of a gateway.
	maxAnswer = 16 << 20
)

// asked are the flags of the commands.
type asked struct {
	admin, output             string
	kind, scope, name, period string
	limit                     int
	calls, bytes              int64
}

// Command shows and sets the counters of a running gateway.
func Command() *cobra.Command {
	c := &cobra.Command{
		Use:   "counters",
		Short: "Show and set the counters of rate limits and quotas",
		Long: "Asks a running gateway, through its admin listener, which answers programs on its own machine. Where gateways\n" +
			"count together through Redis, any of them shows and sets the counters of all.",
	}
	c.AddCommand(listCommand(), getCommand(), resetCommand(), setCommand())
	return c
}

func (a *asked) bind(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&a.admin, "admin", "127.0.0.1:9090", "the gateway's --admin")
	f.StringVarP(&a.output, "output", "o", "text", "text or json")
	f.StringVar(&a.kind, "kind", "", "rate or quota; empty for both")
	f.StringVar(&a.name, "name", "", "name of the counter, as list shows it; empty for all")
	f.StringVar(&a.scope, "scope", "", "gateway, region or global; empty for all")
	f.StringVar(&a.period, "period", "", "length of the window, such as 1m0s; empty for all")
}

func listCommand() *cobra.Command {
	a := &asked{}
	c := &cobra.Command{
		Use: "list", Short: "List counters", Args: commandline.NoArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			found, err := a.find(c.Context(), "")
			if err != nil {
				return err
			}
			return a.print(c.OutOrStdout(), found)
		},
	}
	a.bind(c)
	c.Flags().IntVar(&a.limit, "limit", 0, "the most counters to list; 0 for the gateway's own limit of 1000")
	return c
}

func getCommand() *cobra.Command {
	a := &asked{}
	c := &cobra.Command{
		Use: "get KEY", Short: "Show the counters of a key", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			found, err := a.must(c.Context(), args[0])
			if err != nil {
				return err
			}
			return a.print(c.OutOrStdout(), found)
		},
	}
	a.bind(c)
	return c
}

func resetCommand() *cobra.Command {
	a := &asked{}
	c := &cobra.Command{
		Use: "reset KEY", Short: "Set the counters of a key to zero", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return a.change(c, args[0]) },
	}
	a.bind(c)
	return c
}

func setCommand() *cobra.Command {
	a := &asked{}
	c := &cobra.Command{
		Use: "set KEY", Short: "Set the counters of a key", Args: cobra.ExactArgs(1),
		Long: "Sets the counters of a key to a number of calls, and of bytes. Say which of them with --kind, --name, --scope and --period.",
		RunE: func(c *cobra.Command, args []string) error {
			if !c.Flags().Changed("calls") && !c.Flags().Changed("bytes") {
				return &commandline.UsageError{Err: errors.New("counters set needs --calls or --bytes")}
			}
			return a.change(c, args[0])
		},
	}
	a.bind(c)
	c.Flags().Int64Var(&a.calls, "calls", 0, "calls that the window holds")
	c.Flags().Int64Var(&a.bytes, "bytes", 0, "bytes that the window of a quota holds")
	return c
}

// change sets all counters of a key that the flags name.
func (a *asked) change(c *cobra.Command, key string) error {
	found, err := a.must(c.Context(), key)
	if err != nil {
		return err
	}
	for n := range found {
		found[n].Calls, found[n].Bytes = a.calls, a.bytes
		if found[n].Kind == "rate" {
			found[n].Bytes = 0
		}
		body, err := json.Marshal(found[n])
		if err != nil {
			return fmt.Errorf("setting a counter: %w", err)
		}
		var set Counter
		if err := a.ask(c.Context(), http.MethodPut, path, body, &set); err != nil {
			return err
		}
	}
	return a.print(c.OutOrStdout(), found)
}

// must is find for a key that has to have a counter.
func (a *asked) must(ctx context.Context, key string) ([]Counter, error) {
	found, err := a.find(ctx, key)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("no counter of the key %q is running; sallyport counters list shows all", key)
	}
	return found, err
}

// find asks for the counters that the flags name.
func (a *asked) find(ctx context.Context, key string) ([]Counter, error) {
	q := url.Values{"kind": {a.kind}, "name": {a.name}, "key": {key}}
	if a.limit > 0 {
		q.Set("limit", strconv.Itoa(a.limit))
	}
	var got list
	if err := a.ask(ctx, http.MethodGet, path+"?"+q.Encode(), nil, &got); err != nil {
		return nil, err
	}
	found := []Counter{}
	for _, one := range got.Counters {
		if (a.scope == "" || a.scope == one.Scope) && (a.period == "" || a.period == one.Period) {
			found = append(found, one)
		}
	}
	return found, nil
}

// ask sends a question to the gateway.
func (a *asked) ask(ctx context.Context, method, target string, body []byte, into any) (err error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, "http://"+a.admin+target, bytes.NewReader(body))
	if err != nil {
		return &commandline.UsageError{Err: fmt.Errorf("--admin: %w", err)}
	}
	r.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return fmt.Errorf("asking the gateway at --admin %s: %w", a.admin, err)
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("asking the gateway at --admin %s: %w", a.admin, err)
	}
	if response.StatusCode != http.StatusOK {
		var p problem
		if json.Unmarshal(text, &p) != nil || p.Error == "" {
			p.Error = "it has no counters to show"
		}
		return fmt.Errorf("the gateway at --admin %s answers %d: %s", a.admin, response.StatusCode, p.Error)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("reading the answer of the gateway at --admin %s: %w", a.admin, err)
	}
	return nil
}

// print shows counters.
func (a *asked) print(w io.Writer, found []Counter) error {
	if a.output == "json" {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(found)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "KIND\tSCOPE\tNAME\tKEY\tPERIOD\tENDS\tCALLS\tBYTES")
	for _, c := range found {
		ends := "-"
		if !c.End.IsZero() {
			ends = c.End.Format(time.RFC3339)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d\n", c.Kind, c.Scope, c.Name, c.Key, c.Period, ends, c.Calls, c.Bytes)
	}
	return t.Flush()
}
