package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/sallyport/sallyport/internal/control/store"
)

// Limits of connections.
const (
	// DefaultMaxConnections bounds the connections of a node where Options does
	// not.
	DefaultMaxConnections = 16
	// connectTimeout bounds making a connection, where the URL does not.
	connectTimeout = 10 * time.Second
	// statementTimeout bounds each statement but the commit.
	statementTimeout = 2 * time.Minute
	// lockTimeout bounds waiting for other writers.
	lockTimeout = time.Minute
	// idleTimeout bounds how long a transaction may do nothing: a node that
	// vanished must not keep the others from writing for longer.
	idleTimeout = time.Minute
	// maxConnectionLife and its jitter renew connections, so that they follow a
	// database that moved.
	maxConnectionLife       = time.Hour
	maxConnectionLifeJitter = 5 * time.Minute
)

// keepAlive finds out within 30 s that the other end is gone.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}

// durable begins a call that makes commits return when they are durable,
// whatever the database or the user has for a default; what is stronger stays.
const durable = `set_config('synchronous_commit', CASE current_setting('synchronous_commit')
	WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END`

// sessionSQL prepares each connection.
const sessionSQL = `SELECT ` + durable + `, false),
	set_config('statement_timeout', $1, false),
	set_config('lock_timeout', $2, false),
	set_config('idle_in_transaction_session_timeout', $3, false),
	set_config('tcp_keepalives_idle', '15', false),
	set_config('tcp_keepalives_interval', '5', false),
	set_config('tcp_keepalives_count', '3', false)`

func configure(options Options) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(options.URL)
	if err != nil || options.URL == "" {
		// The library's error may quote the URL, and with it the password.
		return nil, errors.New("reading the URL of the PostgreSQL database: it must look like " +
			"postgres://user:password@host:5432/database?sslmode=verify-full")
	}
	config.MaxConns = DefaultMaxConnections
	if options.MaxConnections > 0 {
		config.MaxConns = int32(min(options.MaxConnections, 10_000))
	}
	config.MaxConnLifetime, config.MaxConnLifetimeJitter = maxConnectionLife, maxConnectionLifeJitter
	c := config.ConnConfig
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = connectTimeout
	}
	c.DialFunc = (&net.Dialer{KeepAliveConfig: keepAlive}).DialContext
	// A standby would show what was, and take no writes.
	c.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	if c.RuntimeParams["application_name"] == "" {
		c.RuntimeParams["application_name"] = "sallyport"
	}
	config.AfterConnect = prepareSession
	return config, nil
}

func prepareSession(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, sessionSQL, milliseconds(statementTimeout), milliseconds(lockTimeout), milliseconds(idleTimeout))
	if err != nil {
		return fmt.Errorf("preparing the session: %w", err)
	}
	return nil
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// place names a database without its password.
func place(c *pgx.ConnConfig) string {
	hosts := []string{hostPort(c.Host, c.Port)}
	for _, f := range c.Fallbacks {
		if host := hostPort(f.Host, f.Port); !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return fmt.Sprintf("PostgreSQL %s, database %q", strings.Join(hosts, ", "), c.Database)
}

func hostPort(host string, port uint16) string {
	return net.JoinHostPort(host, strconv.Itoa(int(port)))
}

// unavailable is an error because of which the database cannot be asked.
type unavailable struct{ error }

// Unwrap is store.ErrUnavailable as well, which its text does not repeat.
func (u unavailable) Unwrap() []error { return []error{u.error, store.ErrUnavailable} }

// unreachable says that an error keeps every transaction from the database: the
// connection is lost, or a new one is refused for whatever reason.
func unreachable(err error) bool {
	if errors.Is(err, store.ErrUncertain) {
		return false
	}
	_, refused := errors.AsType[*pgconn.ConnectError](err)
	return refused || connectionLost(err)
}

// advice says what to do about an error, where that is known.
func advice(err error) string {
	if refused, ok := errors.AsType[*pgconn.PgError](err); ok {
		return map[string]string{
			"28P01": "check the user and the password in the URL",
			"28000": "check the user in the URL, and what the server's pg_hba.conf allows it",
			"3D000": "create the database: CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0",
			"42501": "the user of the URL must own the database, or be allowed to create tables in its schema",
			"53300": "the server has no connection left: raise its max_connections, or lower those of the nodes",
			"53100": "the server's disk is full",
			"25006": "the server takes no writes: name its primary in the URL",
			"57P03": "the server is starting or stopping: try again",
		}[refused.Code]
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return "check that the server runs, that host and port in the URL are right, and that it may be reached from here"
	}
	if connectionLost(err) {
		return "the connection was lost: check that the server runs, and try again"
	}
	return ""
}
