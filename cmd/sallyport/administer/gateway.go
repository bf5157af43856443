package administer

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sallyport/sallyport/cmd/sallyport/commandline"
	"github.com/sallyport/sallyport/cmd/sallyport/installation"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/services"
	"github.com/sallyport/sallyport/internal/snapshot/feed"
)

// GatewayCommands are the commands of sallyport gateway that work on the
// management plane.
func GatewayCommands() []*cobra.Command {
	return []*cobra.Command{gatewayTokenCommand(), gatewayListCommand()}
}

// gatewayTokenLife is how long a gateway's token works where nothing else is
// said, and at most.
const gatewayTokenLife = 30 * 24 * time.Hour

// madeToken is what making a gateway's token answers.
type madeToken struct {
	Value  string    `json:"value"`
	Expiry time.Time `json:"expiry"`
}

func gatewayTokenCommand() *cobra.Command {
	f := &Flags{}
	var life time.Duration
	var secondary bool
	c := &cobra.Command{
		Use:   "token NAME",
		Short: "Print a token with which gateways follow the management plane as the gateway NAME",
		Long: "NAME is a gateway's resource, which gets the APIs that are linked to it; managed is the service's own gateway,\n" +
			"which gets every API. Any number of gateways may use one token.\n\n" +
			"To take tokens back, regenerate the key that signed them (regenerateKey of the gateway's resource).",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return f.with(c, func(in *installation.Installation) error {
				made := madeToken{Expiry: clock.System().Now().Add(life)}
				_, err := in.Plane.Write(c.Context(), call("gateway token"), func(s *resource.Session) (err error) {
					made.Value, err = services.NewGatewayToken(s, in.Names.ID().Child("gateways", args[0]), made.Expiry, secondary)
					return err
				})
				if err != nil {
					return err
				}
				if f.output == "json" {
					return printJSON(c.OutOrStdout(), made)
				}
				fmt.Fprintf(c.ErrOrStderr(), "token of the gateway %s, until %s\n", args[0], made.Expiry.UTC().Format(time.RFC3339))
				_, err = fmt.Fprintln(c.OutOrStdout(), made.Value)
				return err
			})
		},
	}
	f.Bind(c)
	f.bindOutput(c)
	c.Flags().DurationVar(&life, "expiry", gatewayTokenLife, "how long it works, at most 720h")
	c.Flags().BoolVar(&secondary, "secondary", false, "sign with the secondary key")
	return c
}

// shownGateway is a gateway as lists have it.
type shownGateway struct {
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Instances   []shownInstance `json:"instances"`
}

// shownInstance is a process that runs a gateway.
type shownInstance struct {
	Name       string `json:"name"`
	Properties struct {
		Host     string         `json:"host"`
		Region   string         `json:"region"`
		Release  string         `json:"release"`
		State    string         `json:"state"`
		Revision uint64         `json:"revision"`
		InStep   bool           `json:"inStep"`
		Health   feed.Health    `json:"health"`
		Problems []feed.Problem `json:"problems"`
		// LastHeartbeat is when it was heard of.
		LastHeartbeat time.Time `json:"lastHeartbeat,omitzero"`
	} `json:"properties"`
}

// gatewayClient calls the management API.
type gatewayClient struct {
	*http.Client
	base, token string
}

// The limits of calling the management API.
const (
	gatewayCallTimeout = 30 * time.Second
	maxGatewayAnswer   = 64 << 20
	listTokenLife      = 5 * time.Minute
	maxGatewayPages    = 1000
)

func gatewayListCommand() *cobra.Command {
	f := &Flags{}
	var url, ca, token string
	c := &cobra.Command{
		Use:   "list",
		Short: "Print the gateways, and how each process is that runs one",
		Long: "Asks the management API. Without --token it makes itself a token in the installation, which works for five\n" +
			"minutes.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if token == "" {
				var err error
				if token, err = f.ownToken(c); err != nil {
					return err
				}
			}
			client, err := newGatewayClient(url, cmp.Or(ca, filepath.Join(f.Data, installation.AuthorityFile)), token)
			if err != nil {
				return err
			}
			defer client.CloseIdleConnections()
			list, err := client.gateways(c.Context(), string(f.Names.ID()))
			if err != nil {
				return err
			}
			if f.output == "json" {
				return printJSON(c.OutOrStdout(), list)
			}
			return printGateways(c.OutOrStdout(), list)
		},
	}
	f.Bind(c)
	f.bindOutput(c)
	c.Flags().StringVar(&url, "management-url", "https://localhost:9443", "URL of the management API")
	c.Flags().StringVar(&ca, "management-ca", "",
		"file with the authority of its certificate (PEM); that of the data folder, where there is one, or the system's")
	commandline.FromEnvironment(c.Flags(), &token, "token", "SALLYPORT_TOKEN", "token for the management API")
	return c
}

// ownToken makes a token for one command.
func (f *Flags) ownToken(c *cobra.Command) (token string, err error) {
	err = f.withManagement(c, func(api *installation.Management) error {
		found, err := findPrincipal(api.Directory, "administrator")
		if err != nil {
			return err
		}
		token, _, err = api.Issuer.CreateToken(c.Context(), bySystem("gateway list"), found.AppID, "gateway list", listTokenLife)
		return err
	})
	return token, err
}

func newGatewayClient(url, ca, token string) (*gatewayClient, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	data, err := os.ReadFile(filepath.Clean(ca))
	if err == nil {
		config.RootCAs = x509.NewCertPool()
		config.RootCAs.AppendCertsFromPEM(data)
	} else if !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("reading the authority of the management API: %w", err)
	}
	return &gatewayClient{
		Client: &http.Client{Timeout: gatewayCallTimeout, Transport: &http.Transport{TLSClientConfig: config, Proxy: http.ProxyFromEnvironment}},
		base:   strings.TrimSuffix(url, "/"), token: token,
	}, nil
}

// get reads an answer of the management API.
func (g *gatewayClient) get(ctx context.Context, url string, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return fmt.Errorf("calling the management API: %w", err)
	}
	r.Header.Set("Authorization", "Bearer "+g.token)
	response, err := g.Do(r)
	if err != nil {
		return fmt.Errorf("calling the management API: %w (--management-url says where it is)", err)
	}
	defer response.Body.Close() //nolint:errcheck // What was to be read has been.
	body, err := io.ReadAll(io.LimitReader(response.Body, maxGatewayAnswer))
	if err != nil {
		return fmt.Errorf("calling the management API: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("calling the management API: it answers %s: %.300s", response.Status, body)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("reading the answer of the management API: %w", err)
	}
	return nil
}

// gateways lists the gateways of a service, its own one first.
func (g *gatewayClient) gateways(ctx context.Context, service string) ([]shownGateway, error) {
	const version = "?api-version=2024-05-01"
	list := []shownGateway{{Name: feed.ManagedGateway, Description: "the service's own gateway"}}
	next := g.base + service + "/gateways" + version
	for n := 0; next != "" && n < maxGatewayPages; n++ {
		var page struct {
			Value []struct {
				Name       string `json:"name"`
				Properties struct {
					Description string `json:"description"`
				} `json:"properties"`
			} `json:"value"`
			NextLink string `json:"nextLink"`
		}
		if err := g.get(ctx, next, &page); err != nil {
			return nil, err
		}
		for _, one := range page.Value {
			list = append(list, shownGateway{Name: one.Name, Description: one.Properties.Description})
		}
		next = page.NextLink
	}
	for i := range list {
		var answer struct {
			Value []shownInstance `json:"value"`
		}
		if err := g.get(ctx, g.base+service+"/gateways/"+list[i].Name+"/sallyportInstances"+version, &answer); err != nil {
			return nil, err
		}
		list[i].Instances = append([]shownInstance{}, answer.Value...)
	}
	return list, nil
}

// printGateways prints a list for people.
func printGateways(w io.Writer, list []shownGateway) error {
	var b strings.Builder
	for _, g := range list {
		fmt.Fprintf(&b, "%s  %s\n", g.Name, cmp.Or(g.Description, "-"))
		if len(g.Instances) == 0 {
			fmt.Fprintln(&b, "  no process runs it")
		}
		for i := range g.Instances {
			in := &g.Instances[i].Properties
			state := "in contact"
			if in.State != "connected" {
				state = "out of contact since " + in.LastHeartbeat.Format(time.RFC3339)
			}
			step := "in step"
			if !in.InStep {
				step = "behind"
			}
			fmt.Fprintf(&b, "  %s  %s  release %s  revision %d  %s  %s  %s\n",
				g.Instances[i].Name, cmp.Or(in.Host, "-"), in.Release, in.Revision, step, in.Health, state)
			for _, p := range in.Problems {
				fmt.Fprintf(&b, "    holds back %s: %s\n", p.Resource, p.Message)
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
