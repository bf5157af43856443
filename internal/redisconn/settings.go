package redisconn

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
)

const (
	// MaxText is the longest text that Parse reads, in bytes.
	MaxText = 4096
	// MaxAddresses is the most servers that one text may name.
	MaxAddresses = 64
	// DefaultPort is the port of a server where none is named.
	DefaultPort = 6379
	// DefaultTLSPort is the one that Azure has for TLS in connection strings.
	DefaultTLSPort = 6380
	// DefaultSentinelPort is the port of a sentinel where none is named.
	DefaultSentinelPort = 26379
)

// Layout is how the servers stand to each other.
type Layout uint8

// The layouts.
const (
	// Single is one server, or one address behind which others look after that.
	Single Layout = iota
	// Sentinel is a primary with replicas; the addresses are those of sentinels.
	Sentinel
	// Cluster is a cluster, whose other nodes are learned from those named.
	Cluster
)

// Secret is a text that is not shown: not by fmt, not in JSON.
type Secret string

// hidden is what is shown of a secret.
const hidden = "***"

// String returns asterisks, or nothing for an empty secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// GoString returns what String does.
func (s Secret) GoString() string { return strconv.Quote(s.String()) }

// MarshalText returns what String does.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Settings says where servers are and how to sign in. It is made by Parse.
type Settings struct { //nolint:recvcheck // What reads them in pieces writes; all others take them as they are.
	Layout    Layout
	Addresses []string // Each with its port.
	// User is empty for the server's default user.
	User     string
	Password Secret
	// Database is the number of the database; a cluster has only 0.
	Database int
	// Master is the name under which sentinels know the primary.
	Master           string
	SentinelUser     string
	SentinelPassword Secret
	// TLS says that connections are encrypted. The servers' certificates must
	// be good for their addresses, or for ServerName where that is set, and
	// come from the machine's authorities, or from those in AuthorityFile.
	TLS           bool
	ServerName    string
	AuthorityFile string
}

// String returns the settings as a URL without secrets, for logs and errors.
func (s Settings) String() string {
	var b strings.Builder
	b.WriteString("redis")
	if s.TLS {
		b.WriteByte('s')
	}
	b.WriteString([...]string{Single: "", Sentinel: "+sentinel", Cluster: "+cluster"}[s.Layout])
	b.WriteString("://")
	if s.User != "" || s.Password != "" {
		b.WriteString(s.User)
		if s.Password != "" {
			b.WriteString(":" + hidden)
		}
		b.WriteByte('@')
	}
	b.WriteString(strings.Join(s.Addresses, ","))
	if s.Master != "" {
		b.WriteString("/" + s.Master)
	}
	if s.Database != 0 {
		b.WriteString("/" + strconv.Itoa(s.Database))
	}
	return b.String()
}

// check refuses settings with which no connection could be made.
func (s *Settings) check() error {
	switch {
	case len(s.Addresses) == 0:
		return fmt.Errorf("no server is named")
	case len(s.Addresses) > MaxAddresses:
		return fmt.Errorf("%d servers are named; the limit (MaxAddresses) is %d", len(s.Addresses), MaxAddresses)
	case s.Layout == Single && len(s.Addresses) > 1:
		return fmt.Errorf("a single server has one address, not %d: write redis+cluster:// or redis+sentinel://", len(s.Addresses))
	case s.Layout == Sentinel && s.Master == "":
		return fmt.Errorf("the name of the primary is missing: redis+sentinel://host:26379/NAME")
	case s.Layout == Cluster && s.Database != 0:
		return fmt.Errorf("a cluster has no database but 0")
	case s.Database < 0:
		return fmt.Errorf("the number of a database is 0 or more")
	}
	return nil
}

// escaped ends errors of addresses, which never say what was there: a part of a
// password that is not escaped looks like an address.
const escaped = " (in a URL, @ : / ? # and % of a password are escaped)"

// withPort returns an address with its port, which is standard where none is
// given.
func withPort(address string, standard int) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		host, port = strings.TrimSuffix(strings.TrimPrefix(address, "["), "]"), strconv.Itoa(standard)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", errors.New("the port of an address is no number from 1 to 65535" + escaped)
	}
	if host == "" || strings.ContainsFunc(host, notInHost) || strings.Contains(host, ":") && net.ParseIP(host) == nil {
		return "", errors.New("an address names no host" + escaped)
	}
	return net.JoinHostPort(host, port), nil
}

// notInHost says that names and addresses of hosts do not have a character.
func notInHost(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.', r == ':':
		return false
	}
	return true
}
