package remote

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/problem"
	"github.com/sallyport/sallyport/internal/snapshot/feed"
	"github.com/sallyport/sallyport/internal/snapshot/wire"
	"github.com/sallyport/sallyport/internal/telemetry"
)

// The limits of following.
const (
	// MaxURLs bounds the management nodes that a gateway is given.
	MaxURLs = 16
	// MaxToken bounds a token and its file, in bytes.
	MaxToken = 16 << 10
	// MaxRefusal bounds what is read of the body of a refusal, in bytes.
	MaxRefusal = 16 << 10
	// DialTimeout bounds the time to connect, TLS included.
	DialTimeout = 10 * time.Second
	// DefaultTimeout bounds the time until a request is answered, where Options
	// names none.
	DefaultTimeout = 100 * time.Second
	// MaxAhead bounds the frames that are read while one is taken, and MaxAheadFrame
	// those of them, in bytes: after a larger one nothing is read until it is taken.
	MaxAhead      = 64
	MaxAheadFrame = 256 << 10
	// RememberEvery is how often the time of the last contact is kept.
	RememberEvery = time.Minute
)

// Target is what the feed's documents are offered to: a follow.Follower.
type Target interface {
	// Position returns which document it has; false is none. It never waits.
	Position() (feed.Position, bool)
	// Replace takes a whole document.
	Replace(lineage string, digest wire.Digest, file []byte) error
	// Advance takes deltas, one after the other. The error wraps follow.ErrDiverged
	// where a whole document is needed.
	Advance(deltas ...[]byte) error
	// Held returns what of the document is not served. It never waits.
	Held() problem.Problems
	// Applied returns when the newest document was taken. It never waits.
	Applied() time.Time
}

// Options say whom to follow, and as whom.
type Options struct {
	// URLs are those of the management plane's nodes.
	URLs []string
	// Token returns the gateway's token. It is asked before each request, so that
	// a token can be exchanged while the gateway runs.
	Token func() (string, error)
	// TLS has the authorities and the client's certificate; nil is the system's
	// authorities.
	TLS *tls.Config
	// Insecure allows http:// to other machines than this one.
	Insecure bool
	// Service is the resource id of the service; "" is the one that the node serves.
	Service string
	// Instance is the id that the gateway's data folder keeps.
	Instance string
	// Release, Region and Host are told in heartbeats.
	Release, Region, Host string
	// Timeout bounds the time until a request is answered; 0 is DefaultTimeout.
	Timeout time.Duration
	Target  Target
	// Draining reports whether the gateway is about to end; nil is never.
	Draining func() bool
	// DebugKeys takes the keys that sign debug tokens, whenever the management plane
	// says others; nil takes none.
	DebugKeys func([]string)
	// LastContact is that of an earlier run, Remember keeps it for the next one.
	LastContact time.Time
	Remember    func(time.Time)
	// Random returns numbers from 0 up to 1.
	Random  func() float64
	Clock   clock.Clock
	Log     *slog.Logger
	Metrics *telemetry.Metrics // nil counts nothing
}

// endpoints checks the URLs.
func (o *Options) endpoints() ([]*url.URL, error) {
	if len(o.URLs) == 0 || len(o.URLs) > MaxURLs {
		return nil, fmt.Errorf("the management plane has %d URLs: give 1 to %d (MaxURLs)", len(o.URLs), MaxURLs)
	}
	list := make([]*url.URL, 0, len(o.URLs))
	for _, text := range o.URLs {
		if !strings.Contains(text, "://") {
			text = "https://" + text
		}
		u, err := url.Parse(text)
		switch {
		case err != nil:
			return nil, fmt.Errorf("the URL of the management plane: %w", err)
		case u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && u.Scheme != "http":
			return nil, fmt.Errorf("%q is not the URL of a management plane: it should be like https://control.example:9443", u.Redacted())
		case u.Scheme == "http" && !o.Insecure && !loopback(u.Hostname()):
			return nil, fmt.Errorf("%s is not encrypted, and the feed holds secrets: use https, or allow it with --control-insecure", u)
		}
		u.Path = strings.TrimSuffix(u.Path, "/")
		list = append(list, u)
	}
	return list, nil
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// TokenFile returns the token that a file holds, read anew each time.
func TokenFile(name string) func() (string, error) {
	return func() (string, error) {
		f, err := os.Open(filepath.Clean(name))
		if err != nil {
			return "", fmt.Errorf("reading the gateway's token: %w", err)
		}
		defer f.Close() //nolint:errcheck // Nothing was written.
		buffer := make([]byte, MaxToken+1)
		n := 0
		for n < len(buffer) {
			m, err := f.Read(buffer[n:])
			n += m
			if err != nil {
				break // The end, or what is missing shows in the token.
			}
		}
		return CleanToken(string(buffer[:n]))
	}
}

// CleanToken takes what surrounds a token away, where people copy it with that:
// white space, and the name of the scheme.
func CleanToken(text string) (string, error) {
	text = strings.TrimSpace(text)
	if len(text) > MaxToken {
		return "", fmt.Errorf("the gateway's token has more than %d bytes (MaxToken)", MaxToken)
	}
	if scheme, rest, ok := strings.Cut(text, " "); ok && strings.EqualFold(scheme, feed.TokenScheme) {
		text = strings.TrimSpace(rest)
	}
	// What is something else, such as a token for the management API, must not be
	// shown as the gateway's name.
	if strings.Count(text, "&") < 2 || strings.ContainsAny(text, " \t\r\n") {
		return "", errors.New("the gateway's token is not like NAME&EXPIRY&SIGNATURE: sallyport gateway token NAME makes one")
	}
	return text, nil
}

// Gateway returns the name that a token is for.
func Gateway(token string) string {
	name, _, _ := strings.Cut(token, "&")
	return name
}
