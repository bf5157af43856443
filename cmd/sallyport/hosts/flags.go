package hosts

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// Flags say which certificates a gateway has.
type Flags struct {
	// Certificate, Key and ClientCA name files in PEM.
	Certificate, Key, ClientCA string
	// ACME says how certificates are got from an authority.
	ACME ACMEFlags
}

// ACMEFlags say how certificates are got from an authority that speaks ACME
// (RFC 8555).
type ACMEFlags struct {
	Hosts     []string
	Email     string
	Directory string
	CA        string
}

// maxACMEHosts bounds the names for which certificates are got.
const maxACMEHosts = 100

// letsEncrypt is the directory where no other is named.
const letsEncrypt = "https://acme-v02.api.letsencrypt.org/directory"

// Bind declares the flags.
func (o *Flags) Bind(f *pflag.FlagSet) {
	f.StringVar(&o.Certificate, "tls-cert", "", "file with the certificate chain for HTTPS (PEM)")
	f.StringVar(&o.Key, "tls-key", "", "file with the certificate's private key (PEM)")
	f.StringVar(&o.ClientCA, "client-ca", "", "file with the authorities of client certificates (PEM); certificates are then asked for")
	f.StringSliceVar(&o.ACME.Hosts, "acme-host", nil, "host names, by commas, for which certificates are got from an ACME authority")
	f.StringVar(&o.ACME.Email, "acme-email", "", "address that the ACME authority writes to")
	f.StringVar(&o.ACME.Directory, "acme-directory", letsEncrypt, "URL of the ACME authority's directory")
	f.StringVar(&o.ACME.CA, "acme-ca", "", "file with the authorities (PEM) of that URL's certificate, in the place of the system's")
}

// check finds flags that do not go together.
func (o *Flags) check(data string, address Address) error {
	switch {
	case (o.Certificate == "") != (o.Key == ""):
		return errors.New("--tls-cert and --tls-key belong together: give both, or none")
	case o.ClientCA != "" && o.Certificate == "" && len(o.ACME.Hosts) == 0 && !address.Given:
		return errors.New("--client-ca needs HTTPS: give --tls-cert and --tls-key as well, or --acme-host, " +
			"or --listen-tls where the certificates are those of host names in the configuration")
	case address.Given && address.Value == "" && (o.Certificate != "" || len(o.ACME.Hosts) > 0):
		return errors.New("--listen-tls is empty, and there are certificates: give an address, or leave out --tls-cert and --acme-host")
	}
	return o.ACME.check(data)
}

func (o *ACMEFlags) check(data string) error {
	if len(o.Hosts) == 0 {
		if o.Email != "" || o.CA != "" || (o.Directory != "" && o.Directory != letsEncrypt) {
			return errors.New("--acme-email, --acme-directory and --acme-ca need --acme-host with the names to get certificates for")
		}
		return nil
	}
	switch {
	case data == "":
		return errors.New("--acme-host needs --data, the folder in which certificates are kept: " +
			"without it each start would ask for new ones, and authorities limit how many they issue")
	case len(o.Hosts) > maxACMEHosts:
		return fmt.Errorf("--acme-host has %d names, more than the %d that are allowed (maxACMEHosts)", len(o.Hosts), maxACMEHosts)
	}
	for i, name := range o.Hosts {
		name = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(name), "."))
		if name == "" || strings.ContainsAny(name, "*/: ") || net.ParseIP(name) != nil {
			return fmt.Errorf("--acme-host: %q is no host name that a certificate can be got for: "+
				"wildcards and addresses cannot be proven over HTTP or TLS", o.Hosts[i])
		}
		o.Hosts[i] = name
	}
	slices.Sort(o.Hosts)
	o.Hosts = slices.Compact(o.Hosts)
	if u, err := url.Parse(o.Directory); err != nil || u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("--acme-directory: %q is no URL that begins with https://", o.Directory)
	}
	return nil
}

// Address is a flag's address that knows whether it was given.
type Address struct {
	Value string
	Given bool
}

// String returns the address.
func (a *Address) String() string { return a.Value }

// Set takes the address that was given.
func (a *Address) Set(text string) error {
	a.Value, a.Given = text, true
	return nil
}

// Type names what the flag takes, in the help.
func (*Address) Type() string { return "string" }
