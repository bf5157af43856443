package fleet

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sallyport/sallyport/cmd/sallyport/administer"
	"github.com/sallyport/sallyport/cmd/sallyport/commandline"
	"github.com/sallyport/sallyport/internal/gateway/follow/remote"
)

// StatusPath is where the admin listener of a gateway says how it follows.
const StatusPath = "/feed"

// The limits of asking for a status.
const (
	statusTimeout = 10 * time.Second
	maxStatus     = 1 << 20
)

// The exit codes of sallyport gateway status, beside those of all commands.
const (
	// ExitDisconnected is that of a gateway which serves what it has and has no
	// feed, or whose last contact is longer ago than --stale-after.
	ExitDisconnected = 3
	// ExitDegraded is that of one which holds parts of its configuration back.
	ExitDegraded = 4
	// ExitWaiting is that of one which has no configuration yet.
	ExitWaiting = 5
)

// ServeStatus answers StatusPath.
func (f *Following) ServeStatus(w http.ResponseWriter, _ *http.Request) {
	body, err := json.Marshal(f.Client.Status())
	if err != nil {
		http.Error(w, "the status cannot be written", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(append(body, '\n')) // A client that has gone misses it.
}

// Commands are those of sallyport gateway, beside running one.
func Commands() []*cobra.Command {
	all := append([]*cobra.Command{statusCommand()}, administer.GatewayCommands()...)
	for _, c := range all {
		commandline.Strict(c)
	}
	return all
}

// statusCommand asks a running gateway how it follows.
func statusCommand() *cobra.Command {
	var admin, output string
	var stale time.Duration
	c := &cobra.Command{
		Use:   "status",
		Short: "Say how a running gateway follows its management plane",
		Long: "Asks the admin address of a gateway that was started with serve --role gateway.\n\n" +
			"Exit codes: 0 it follows and serves all of its configuration, 1 it cannot be asked, 2 wrong command line,\n" +
			"3 it is out of contact and serves what it has, 4 it holds parts of the configuration back,\n" +
			"5 it has no configuration yet.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := askStatus(c, admin)
			if err != nil {
				return err
			}
			if output == "json" {
				e := json.NewEncoder(c.OutOrStdout())
				e.SetIndent("", "  ")
				err = e.Encode(s)
			} else {
				err = printStatus(c.OutOrStdout(), s)
			}
			return errors.Join(err, codeOf(s, stale))
		},
	}
	c.Flags().StringVar(&admin, "admin", "127.0.0.1:9090", "admin address of the gateway")
	c.Flags().StringVarP(&output, "output", "o", "text", "text or json")
	c.Flags().DurationVar(&stale, "stale-after", time.Minute, "how long ago the last contact may be")
	return c
}

// codeOf is the exit code for a status: nil for 0.
func codeOf(s *remote.Status, stale time.Duration) error {
	switch {
	case s.State == remote.Waiting:
		return &commandline.ExitError{Code: ExitWaiting}
	case s.State != remote.Following, s.ContactAgeSeconds > stale.Seconds():
		return &commandline.ExitError{Code: ExitDisconnected}
	case len(s.Problems) > 0:
		return &commandline.ExitError{Code: ExitDegraded}
	}
	return nil
}

// askStatus asks an admin address.
func askStatus(c *cobra.Command, admin string) (*remote.Status, error) {
	if !strings.Contains(admin, "://") {
		admin = "http://" + admin
	}
	r, err := http.NewRequestWithContext(c.Context(), http.MethodGet, strings.TrimSuffix(admin, "/")+StatusPath, http.NoBody)
	if err != nil {
		return nil, &commandline.UsageError{Err: fmt.Errorf("--admin: %w", err)}
	}
	client := &http.Client{Timeout: statusTimeout, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("asking the gateway: %w (--admin is the gateway's own --admin address)", err)
	}
	defer response.Body.Close() //nolint:errcheck // What was to be read has been.
	if response.StatusCode == http.StatusNotFound {
		return nil, errors.New("the gateway follows no management plane: it was not started with --role gateway")
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("asking the gateway: it answers %s", response.Status)
	}
	var s remote.Status
	if err := json.NewDecoder(io.LimitReader(response.Body, maxStatus)).Decode(&s); err != nil {
		return nil, fmt.Errorf("asking the gateway: %w", err)
	}
	return &s, nil
}

// printStatus prints a status for people.
func printStatus(w io.Writer, s *remote.Status) error {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-10s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("gateway", "%s, instance %s, release %s", s.Gateway, s.Instance, s.Release)
	line("state", "%s", s.State)
	if s.Control != "" {
		line("control", "%s", s.Control)
	}
	if s.Applied.IsZero() {
		line("serves", "nothing yet: calls are answered with 503")
	} else {
		line("serves", "revision %d, taken %s", s.Revision, s.Applied.Format(time.RFC3339))
	}
	if s.Contact.IsZero() {
		line("contact", "never")
	} else {
		line("contact", "%s ago, at %s", time.Duration(s.ContactAgeSeconds)*time.Second, s.Contact.Format(time.RFC3339))
	}
	if s.Reason != "" {
		line("lost", "%s", s.Reason)
		line("tried", "%d times since, next at %s", s.Failures, s.Again.Format(time.RFC3339))
	}
	line("health", "%s", s.Health)
	for _, p := range s.Problems {
		line("held back", "%s: %s", p.Resource, strings.TrimSpace(p.Element+" "+p.Message))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
