package signingkeys

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/policy"
)

const (
	// RefreshInterval is how old keys get before they are fetched again.
	RefreshInterval = time.Hour
	// RetryInterval is the least time between two fetches because of an unknown
	// key id or after a failure.
	RetryInterval = 5 * time.Minute
	// FirstRetryInterval is the same while no keys are known at all, where
	// waiting for longer would only prolong an outage.
	FirstRetryInterval = 10 * time.Second
	// MaxAge is how long keys are used when they cannot be fetched again.
	MaxAge = 24 * time.Hour
	// FetchTimeout bounds one fetch of configuration and key set.
	FetchTimeout = 10 * time.Second
	// UnknownKeyWait is how long a request waits for the fetch that its unknown
	// key id has caused.
	UnknownKeyWait = 2 * time.Second
	// MaxConfigurations bounds the configurations that are kept. When they are
	// all in use, further ones are refused.
	MaxConfigurations = 1024
)

// Options says what a provider works with.
type Options struct {
	Fetcher policy.Fetcher
	Clock   clock.Clock
	Log     *slog.Logger
}

// Provider keeps the keys of identity providers. It is safe for concurrent use.
type Provider struct {
	fetcher policy.Fetcher
	clock   clock.Clock
	log     *slog.Logger
	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	entries map[string]*entry
}

var _ policy.SigningKeys = (*Provider)(nil)

// entry is one configuration. Its fields are guarded by the provider's mutex.
type entry struct {
	url     string
	issuer  *policy.Issuer // nil before the first fetch has succeeded
	fetched time.Time      // when issuer was fetched
	tried   time.Time      // when the last fetch began
	flight  *flight        // the fetch that is under way, or nil
	failure error          // of the last fetch
}

// flight is a fetch that requests can wait for.
type flight struct{ done chan struct{} }

// New makes a provider without keys. Close ends it.
func New(o Options) *Provider {
	ctx, cancel := context.WithCancel(context.Background())
	return &Provider{fetcher: o.Fetcher, clock: o.Clock, log: o.Log, ctx: ctx, cancel: cancel, entries: map[string]*entry{}}
}

// Close ends fetches that are under way and waits for them. It returns nil.
func (p *Provider) Close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.cancel()
	p.running.Wait()
	return nil
}

// Issuer returns what a configuration says. See policy.SigningKeys.
func (p *Provider) Issuer(ctx context.Context, url, keyID string) (*policy.Issuer, error) {
	known, under, wait, err := p.look(url, keyID)
	if under == nil || err != nil {
		return known, err
	}
	if err := p.await(ctx, under, wait); err != nil && known == nil {
		return nil, fmt.Errorf("waiting for %s: %w", url, errors.Join(policy.ErrKeysUnavailable, err))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.entries[url]
	if e == nil {
		return nil, unavailable(url, nil)
	}
	if issuer := e.usable(p.clock.Now()); issuer != nil {
		return issuer, nil
	}
	return nil, unavailable(url, e.failure)
}

// look decides without waiting: what is known, and the fetch that is worth
// waiting for and for how long, if any.
func (p *Provider) look(url, keyID string) (known *policy.Issuer, under *flight, wait time.Duration, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.entries[url]
	if e == nil {
		if len(p.entries) >= MaxConfigurations && !p.forgetOne() {
			return nil, nil, 0, fmt.Errorf("keeping %s: more than %d OpenID configurations (MaxConfigurations): %w",
				url, MaxConfigurations, policy.ErrKeysUnavailable)
		}
		// The URL may be a part of a message, which ends before the fetch does.
		e = &entry{url: strings.Clone(url)}
		p.entries[e.url] = e
	}
	now := p.clock.Now()
	known = e.usable(now)
	if known == nil {
		p.start(e, now, FirstRetryInterval)
		if e.flight == nil {
			return nil, nil, 0, unavailable(url, e.failure)
		}
		return nil, e.flight, FetchTimeout, nil
	}
	if now.Sub(e.fetched) >= RefreshInterval {
		p.start(e, now, RetryInterval)
	}
	if keyID == "" || known.Has(keyID) {
		return known, nil, 0, nil
	}
	p.start(e, now, RetryInterval)
	return known, e.flight, UnknownKeyWait, nil
}

// forgetOne forgets a configuration without keys that can be used, such as one
// that an expression made up, and reports whether there was one. The caller
// holds the mutex.
func (p *Provider) forgetOne() bool {
	now := p.clock.Now()
	for url, e := range p.entries {
		if e.flight == nil && e.usable(now) == nil {
			delete(p.entries, url)
			return true
		}
	}
	return false
}

// usable returns the issuer where its keys are not too old.
func (e *entry) usable(now time.Time) *policy.Issuer {
	if e.issuer == nil || now.Sub(e.fetched) >= MaxAge {
		return nil
	}
	return e.issuer
}

// start begins a fetch unless one is under way or the last was too recent. The
// caller holds the mutex.
func (p *Provider) start(e *entry, now time.Time, interval time.Duration) {
	if e.flight != nil || p.closed || (!e.tried.IsZero() && now.Sub(e.tried) < interval) {
		return
	}
	e.tried = now
	f := &flight{done: make(chan struct{})}
	e.flight = f
	p.running.Add(1)
	go p.fly(e, f)
}

// fly fetches and keeps the result.
func (p *Provider) fly(e *entry, f *flight) {
	defer p.running.Done()
	ctx, cancel := context.WithCancel(p.ctx)
	defer cancel()
	timer := p.clock.AfterFunc(FetchTimeout, cancel)
	issuer, err := fetchIssuer(ctx, p.fetcher, e.url)
	timer.Stop()

	p.mu.Lock()
	e.flight, e.failure = nil, err
	if err == nil {
		e.issuer, e.fetched = issuer, p.clock.Now()
	}
	p.mu.Unlock()
	close(f.done)
	if err != nil && p.log != nil {
		p.log.Warn("signing keys could not be fetched", "url", e.url, "error", err)
	}
}

// await waits for a fetch, at most for d.
func (p *Provider) await(ctx context.Context, f *flight, d time.Duration) error {
	timer := p.clock.NewTimer(d)
	defer timer.Stop()
	select {
	case <-f.done:
		return nil
	case <-timer.C():
		return context.DeadlineExceeded
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func unavailable(url string, cause error) error {
	return fmt.Errorf("fetching %s: %w", url, errors.Join(policy.ErrKeysUnavailable, cause))
}
