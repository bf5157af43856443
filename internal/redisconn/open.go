package redisconn

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

const (
	// DialTimeout bounds making a connection, TLS and signing in included.
	DialTimeout = time.Second
	// DefaultCallTimeout bounds a call where Use names no time-out.
	DefaultCallTimeout = 250 * time.Millisecond
	// DefaultConnections is the number of connections to each server where Use
	// names none.
	DefaultConnections = 4
	// maxIdle is how long a connection is kept that nothing uses.
	maxIdle = 5 * time.Minute
	// maxRedirects is how often a call follows a cluster's word to ask another
	// node.
	maxRedirects = 3
	// maxAuthorityFile is the most bytes of a file of authorities.
	maxAuthorityFile = 1 << 20
)

// Use says what connections are for.
type Use struct {
	// Name is what the server's list of clients shows.
	Name string
	// Connections is the number of connections to each server; zero is
	// DefaultConnections. There are never more: who finds none waits, within
	// CallTimeout.
	Connections int
	// CallTimeout bounds each call, from waiting for a connection to the last
	// byte of the answer; zero is DefaultCallTimeout. A deadline of the call's
	// context counts too where it is earlier.
	CallTimeout time.Duration
}

// Open returns a client, which connects when it is first used: a server that is
// away is no error. Nothing is tried twice; what to do after a failure is for
// the caller, who knows whether there is time. The caller closes the client.
func Open(s Settings, u Use) (redis.UniversalClient, error) {
	if u.Connections <= 0 {
		u.Connections = DefaultConnections
	}
	if u.CallTimeout <= 0 {
		u.CallTimeout = DefaultCallTimeout
	}
	encryption, err := s.encryption()
	if err != nil {
		return nil, err
	}
	redis.SetLogger(silent{}) // What fails is returned; the library would print it as well.
	switch s.Layout {
	case Sentinel:
		return redis.NewFailoverClient(s.failover(u, encryption)), nil
	case Cluster:
		return redis.NewClusterClient(s.cluster(u, encryption)), nil
	default:
		return redis.NewClient(s.single(u, encryption)), nil
	}
}

func (s Settings) single(u Use, encryption *tls.Config) *redis.Options {
	return &redis.Options{
		Addr: s.Addresses[0], ClientName: u.Name, Username: s.User, Password: string(s.Password), DB: s.Database,
		MaxRetries: -1, DialTimeout: DialTimeout, DialerRetries: 1, ReadTimeout: u.CallTimeout, WriteTimeout: u.CallTimeout,
		ContextTimeoutEnabled: true, PipelinePoolSize: -1,
		PoolSize: u.Connections, MaxActiveConns: u.Connections, PoolTimeout: u.CallTimeout, ConnMaxIdleTime: maxIdle,
		TLSConfig: encryption, DisableIdentity: true, MaintNotificationsConfig: quiet(),
	}
}

func (s Settings) failover(u Use, encryption *tls.Config) *redis.FailoverOptions {
	return &redis.FailoverOptions{
		MasterName: s.Master, SentinelAddrs: s.Addresses,
		SentinelUsername: s.SentinelUser, SentinelPassword: string(s.SentinelPassword),
		ClientName: u.Name, Username: s.User, Password: string(s.Password), DB: s.Database,
		MaxRetries: -1, DialTimeout: DialTimeout, DialerRetries: 1, ReadTimeout: u.CallTimeout, WriteTimeout: u.CallTimeout,
		ContextTimeoutEnabled: true, PipelinePoolSize: -1,
		PoolSize: u.Connections, MaxActiveConns: u.Connections, PoolTimeout: u.CallTimeout, ConnMaxIdleTime: maxIdle,
		TLSConfig: encryption, DisableIdentity: true,
	}
}

func (s Settings) cluster(u Use, encryption *tls.Config) *redis.ClusterOptions {
	return &redis.ClusterOptions{
		Addrs: s.Addresses, ClientName: u.Name, Username: s.User, Password: string(s.Password),
		MaxRedirects: maxRedirects, DialTimeout: DialTimeout, DialerRetries: 1, ReadTimeout: u.CallTimeout, WriteTimeout: u.CallTimeout,
		ContextTimeoutEnabled: true,
		PoolSize:              u.Connections, MaxActiveConns: u.Connections, PoolTimeout: u.CallTimeout, ConnMaxIdleTime: maxIdle,
		TLSConfig: encryption, DisableIdentity: true, MaintNotificationsConfig: quiet(),
	}
}

// quiet turns off a handshake that only Redis' own cloud answers.
func quiet() *maintnotifications.Config {
	return &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
}

// encryption returns how connections are encrypted; nil for not at all.
func (s Settings) encryption() (*tls.Config, error) {
	if !s.TLS {
		return nil, nil //nolint:nilnil // No encryption is no error.
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: s.ServerName}
	if s.AuthorityFile == "" {
		return config, nil
	}
	info, err := os.Stat(s.AuthorityFile)
	if err != nil {
		return nil, fmt.Errorf("reading the authorities of a Redis server: %w", err)
	}
	if info.Size() > maxAuthorityFile {
		return nil, fmt.Errorf("reading the authorities of a Redis server: %s has %d bytes; the limit is %d", s.AuthorityFile,
			info.Size(), maxAuthorityFile)
	}
	pem, err := os.ReadFile(s.AuthorityFile)
	if err != nil {
		return nil, fmt.Errorf("reading the authorities of a Redis server: %w", err)
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("reading the authorities of a Redis server: %s has no certificate in PEM form", s.AuthorityFile)
	}
	return config, nil
}

// silent is the logger of the library.
type silent struct{}

// Printf does nothing.
func (silent) Printf(context.Context, string, ...any) {}

// Absent says that the server answered, and that what was asked for is not
// there: no failure of the connection.
func Absent(err error) bool { return errors.Is(err, redis.Nil) }
