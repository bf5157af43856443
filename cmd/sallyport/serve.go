package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

// serveCommand runs everything on one machine.
func serveCommand() *cobra.Command {
	o := &gatewayOptions{}
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run Sallyport on this machine, with an example configuration at the first start",
		Long: "Runs a gateway from DATA/configuration, an APIOps folder. At the first start the folder is made, with an\n" +
			"Echo API, the Swagger Petstore and products to try. Each change of the folder is applied at once.",
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			return runServe(c.Context(), o, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	c.Flags().StringVar(&o.data, "data", "./data", "folder for configuration and state")
	o.bind(c)
	return c
}

// runServe lays the example down where nothing is there yet, and runs the
// gateway.
func runServe(ctx context.Context, o *gatewayOptions, out, stderr io.Writer) error {
	o.config = filepath.Join(o.data, "configuration")
	made, err := layExample(o.config)
	if err != nil {
		return err
	}
	if made {
		fmt.Fprintf(out, "Made an example configuration in %s\n", o.config)
	}
	url, stop, err := startEcho(ctx)
	if err != nil {
		return err
	}
	defer stop()
	o.echoURL = url
	return runGateway(ctx, o, stderr, func(address string) { announce(out, o, address) })
}

// announce prints what is running and what to try.
func announce(out io.Writer, o *gatewayOptions, address string) {
	base := "http://" + reachable(address)
	fmt.Fprintf(out, "\nSallyport %s is serving %s from %s\n", version, base, o.config)
	if o.admin != "" {
		fmt.Fprintf(out, "Metrics and health: http://%s/metrics, /healthz, /readyz\n", o.admin)
	}
	starter, trial, unlimited := exampleKey(o.config, "starter"), exampleKey(o.config, "trial"), exampleKey(o.config, "unlimited")
	if starter == "" || trial == "" || unlimited == "" {
		fmt.Fprintln(out, "Stop with Ctrl-C.")
		return
	}
	fmt.Fprintf(out, `
Try:
  curl -i -H "Ocp-Apim-Subscription-Key: %[2]s" "%[1]s/echo/resource?param1=sample"     # 200, from the backend
  curl -i -H "Ocp-Apim-Subscription-Key: %[2]s" "%[1]s/petstore/pet/1"                  # 200, an example of the OpenAPI document
  curl -i "%[1]s/echo/resource"                                                         # 401, no key
  curl -i -H "Ocp-Apim-Subscription-Key: wrong" "%[1]s/echo/resource"                   # 401, wrong key
  curl -i -H "Ocp-Apim-Subscription-Key: %[2]s" "%[1]s/nowhere"                         # 404, no such API
  for i in 1 2 3 4 5 6; do curl -i -H "Ocp-Apim-Subscription-Key: %[3]s" "%[1]s/echo/resource"; done   # the sixth is 429
  for i in 1 2 3 4; do curl -i -H "Ocp-Apim-Subscription-Key: %[4]s" "%[1]s/echo/resource"; done       # the fourth is 403

Change a file in %[5]s and call again: it is applied at once.
Stop with Ctrl-C.
`, base, unlimited, starter, trial, o.config)
}

// reachable makes an address that this machine can call of one to listen on.
func reachable(address string) string {
	h, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	if h == "" || h == "0.0.0.0" || h == "::" {
		h = "localhost"
	}
	return net.JoinHostPort(h, port)
}

// exampleKey returns the primary key of a subscription of the example, or ""
// where the folder is no longer the example.
func exampleKey(config, subscription string) string {
	var file struct {
		Properties struct {
			PrimaryKey string `json:"primaryKey"`
		} `json:"properties"`
	}
	if err := readJSON(filepath.Join(config, "subscriptions", subscription, "subscriptionInformation.json"), &file); err != nil {
		return ""
	}
	return file.Properties.PrimaryKey
}

// layExample writes the example configuration where there is no folder yet, and
// reports whether it did.
func layExample(config string) (bool, error) {
	if _, err := os.Stat(config); err == nil {
		return false, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("looking for the configuration: %w", err)
	}
	// The folder appears whole: a start that is cut off leaves nothing half.
	temporary := config + ".making"
	if err := os.RemoveAll(temporary); err != nil {
		return false, fmt.Errorf("making the example configuration: %w", err)
	}
	if err := copyExample(temporary); err != nil {
		return false, fmt.Errorf("making the example configuration: %w", err)
	}
	if err := os.Rename(temporary, config); err != nil {
		return false, fmt.Errorf("making the example configuration: %w", err)
	}
	return true, nil
}
