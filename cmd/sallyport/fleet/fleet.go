// Package fleet holds what a gateway that runs apart from its management plane
// is wired of: flags and settings, the feed that it follows, and the commands
// with which gateways are looked after.
package fleet

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/sallyport/sallyport/cmd/sallyport/commandline"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/gateway/follow"
	"github.com/sallyport/sallyport/internal/gateway/follow/remote"
	"github.com/sallyport/sallyport/internal/telemetry"
)

// The roles of a process.
const (
	RoleAll     = "all"
	RoleGateway = "gateway"
	RoleControl = "control"
	RolePortal  = "portal"
)

// Flags say which role a process has, and whom a gateway follows.
type Flags struct {
	Role             string
	Control          []string
	Token, TokenFile string
	CA               string
	Cert, Key        string
	Insecure         bool
	// Timeout bounds a request to the management plane.
	Timeout time.Duration
	// SkipVerify takes any certificate of the management plane.
	SkipVerify bool
	// Settings is a file of settings.
	Settings string
}

// Bind declares the flags.
func (f *Flags) Bind(flags *pflag.FlagSet) {
	flags.StringVar(&f.Role, "role", RoleAll,
		"all, gateway or portal (which follow a management plane elsewhere), or control (the management plane alone)")
	flags.StringSliceVar(&f.Control, "control", nil, "with --role gateway or portal: URLs of the management plane's nodes, tried in turn")
	flags.StringVar(&f.Token, "token", "",
		"the gateway's token, of sallyport gateway token ($SALLYPORT_GATEWAY_TOKEN); every user of this machine sees flags")
	flags.StringVar(&f.TokenFile, "token-file", "", "file with the gateway's token, which may change while the gateway runs")
	flags.StringVar(&f.CA, "control-ca", "",
		"file with the authorities (PEM) of the management plane's certificate, in the place of the system's")
	flags.StringVar(&f.Cert, "control-cert", "", "file with the certificate that this gateway shows to the management plane (PEM)")
	flags.StringVar(&f.Key, "control-key", "", "file with that certificate's private key (PEM)")
	flags.BoolVar(&f.Insecure, "control-insecure", false, "follow an http:// URL of another machine: whoever listens reads all secrets")
	flags.BoolVar(&f.SkipVerify, "control-skip-verify", false,
		"take any certificate of the management plane: whoever can step in between reads all secrets; prefer --control-ca")
	flags.DurationVar(&f.Timeout, "control-timeout", remote.DefaultTimeout, "how long the management plane may take to answer")
	flags.StringVar(&f.Settings, "settings", "",
		"file with settings of Azure API Management's self-hosted gateway, NAME=VALUE on each line; the environment counts more")
}

// Check says what is wrong with the flags.
func (f *Flags) Check() error {
	wrong := func(format string, args ...any) error {
		return &commandline.UsageError{Err: fmt.Errorf(format, args...)}
	}
	switch f.Role {
	case RoleAll, RoleControl:
		if len(f.Control) > 0 {
			return wrong("--control is for --role gateway and portal: this process has a management plane of its own")
		}
		return nil
	case RolePortal:
		if (f.Cert == "") != (f.Key == "") {
			return wrong("--control-cert and --control-key belong together: give both, or none")
		}
		return nil
	case RoleGateway:
	default:
		return wrong("there is no role %q: there are all, gateway, control and portal", f.Role)
	}
	switch {
	case len(f.Control) == 0:
		return wrong("a gateway needs --control with the URL of the management plane, such as https://control.example:9443")
	case f.Token == "" && f.TokenFile == "":
		return wrong("a gateway needs its token, with --token-file or --token: sallyport gateway token NAME makes one")
	case f.Token != "" && f.TokenFile != "":
		return wrong("--token and --token-file are two tokens: give one")
	case (f.Cert == "") != (f.Key == ""):
		return wrong("--control-cert and --control-key belong together: give both, or none")
	}
	return nil
}

// Process is what following needs of the gateway's process.
type Process struct {
	// Data is the folder of the gateway; "" keeps nothing.
	Data            string
	Release, Region string
	Follower        *follow.Follower
	// DebugKeys takes the keys of debug tokens.
	DebugKeys func([]string)
	Health    *telemetry.Health
	Metrics   *telemetry.Metrics
	Log       *slog.Logger
	Clock     clock.Clock
}

// Following is a feed that is followed until it is stopped.
type Following struct {
	Client   *remote.Client
	instance string
	stop     context.CancelFunc
	done     chan struct{}
}

// Open prepares to follow.
func Open(f *Flags, p *Process) (*Following, error) {
	config, err := f.tls()
	if err != nil {
		return nil, err
	}
	instance, err := InstanceOf(p.Data)
	if err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = ""
	}
	o := remote.Options{
		URLs: f.Control, Token: f.token(), TLS: config, Insecure: f.Insecure, Timeout: f.Timeout,
		Instance: instance, Release: p.Release, Region: p.Region, Host: host, Target: p.Follower, Draining: p.Health.Draining,
		DebugKeys: p.DebugKeys, Random: rand.Float64, Clock: p.Clock, Log: p.Log, Metrics: p.Metrics,
	}
	if p.Data != "" {
		name := filepath.Join(p.Data, contactFile)
		o.LastContact = readContact(name)
		o.Remember = func(at time.Time) {
			if err := writeContact(name, at); err != nil {
				p.Log.Debug("the time of the last contact could not be kept", slog.Any("error", err))
			}
		}
	}
	client, err := remote.New(o)
	if err != nil {
		return nil, &commandline.UsageError{Err: err}
	}
	// To be out of contact is no reason to take a gateway out of service.
	p.Health.Add("feed", telemetry.Advice, client.Check)
	return &Following{Client: client, instance: instance, done: make(chan struct{})}, nil
}

// Start begins to follow.
func (f *Following) Start(ctx context.Context) {
	ctx, f.stop = context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		defer close(f.done)
		f.Client.Run(ctx)
	}()
}

// Stop ends following.
func (f *Following) Stop() {
	if f.stop != nil {
		f.stop()
		<-f.done
	}
}

// Gateway is the name of the gateway that the token is for.
func (f *Flags) Gateway() (string, error) {
	token, err := f.token()()
	if err != nil {
		return "", err
	}
	return remote.Gateway(token), nil
}

// token returns where the token is read.
func (f *Flags) token() func() (string, error) {
	if f.TokenFile != "" {
		return remote.TokenFile(f.TokenFile)
	}
	token, err := remote.CleanToken(f.Token)
	return func() (string, error) { return token, err }
}

// tls reads authorities and certificate. The certificate's files are read anew
// for each connection, so that it can be exchanged while the gateway runs.
func (f *Flags) tls() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	config.InsecureSkipVerify = f.SkipVerify //nolint:gosec // Asked for by a flag that says so.
	if f.CA != "" {
		data, err := os.ReadFile(f.CA)
		if err != nil {
			return nil, fmt.Errorf("reading the authorities of the management plane: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(data) {
			return nil, fmt.Errorf("reading the authorities of the management plane: %s holds no certificate (PEM)", f.CA)
		}
	}
	if f.Cert == "" {
		return config, nil
	}
	load := func() (*tls.Certificate, error) {
		pair, err := tls.LoadX509KeyPair(f.Cert, f.Key)
		if err != nil {
			return nil, fmt.Errorf("reading the certificate for the management plane: %w", err)
		}
		return &pair, nil
	}
	if _, err := load(); err != nil {
		return nil, err
	}
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return load() }
	return config, nil
}

// The files that a gateway keeps beside its generations.
const (
	instanceFile = "instance"
	contactFile  = "contact"
	// maxKept bounds these files, in bytes.
	maxKept = 1 << 10
)

// InstanceOf returns the id of the folder, made at its first use. Without a
// folder each process has one of its own.
func InstanceOf(data string) (string, error) {
	if data == "" {
		return newInstance(), nil
	}
	name := filepath.Join(data, instanceFile)
	kept, err := os.ReadFile(name)
	if err == nil && len(kept) <= maxKept && strings.TrimSpace(string(kept)) != "" {
		return strings.TrimSpace(string(kept)), nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("reading the id of the gateway's instance: %w", err)
	}
	id := newInstance()
	if err := replaceFile(name, id+"\n"); err != nil {
		return "", fmt.Errorf("keeping the id of the gateway's instance: %w", err)
	}
	return id, nil
}

// newInstance makes a random id.
func newInstance() string { return fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64()) }

// readContact returns when the management plane was last heard of, as far as is
// known.
func readContact(name string) time.Time {
	kept, err := os.ReadFile(filepath.Clean(name))
	if err != nil || len(kept) > maxKept {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, strings.TrimSpace(string(kept)))
	if err != nil {
		return time.Time{}
	}
	return at
}

func writeContact(name string, at time.Time) error {
	return replaceFile(name, at.UTC().Format(time.RFC3339)+"\n")
}

// replaceFile writes a file that is there whole or not at all.
func replaceFile(name, text string) error {
	if err := os.WriteFile(name+".new", []byte(text), 0o600); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}
