package revocation

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
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
	// RefreshInterval is how old an answer gets before it is fetched again.
	RefreshInterval = time.Hour
	// RetryInterval is the least time between two fetches of the same place.
	RetryInterval = 10 * time.Second
	// StaleAge is how long after the time for which it was made an answer is used
	// where no newer one can be had.
	StaleAge = 24 * time.Hour
	// MostAge bounds how long an answer without such a time is used, and how old it
	// may be when it comes.
	MostAge = 24 * time.Hour
	// FirstWait is how long a request waits where nothing is known yet.
	FirstWait = 2 * time.Second
	// FetchTimeout bounds one fetch.
	FetchTimeout = 10 * time.Second
	// MaxAnswers bounds the lists and answers that are kept.
	MaxAnswers = 10_000
	// MaxBytes bounds the bytes of all lists that are kept.
	MaxBytes = 64 << 20
	// MaxListBytes bounds one list.
	MaxListBytes = 8 << 20
	// MaxAnswerBytes bounds the answer of a responder.
	MaxAnswerBytes = 64 << 10
	// maxPlaces bounds the places of one certificate that are tried.
	maxPlaces = 4
)

// Options says what a provider works with.
type Options struct {
	Fetcher policy.Fetcher
	Clock   clock.Clock
	Log     *slog.Logger
}

// Provider keeps what issuers have said. It is safe for concurrent use.
type Provider struct {
	o       Options
	ctx     context.Context //nolint:containedctx // It ends with Close.
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	entries map[string]*entry
	bytes   int
}

var _ policy.Revocations = (*Provider)(nil)

// entry is what one place has said. Its fields are guarded by the provider's
// mutex.
type entry struct {
	place   place
	answer  *answer // nil before the first fetch has succeeded
	fetched time.Time
	tried   time.Time
	flight  chan struct{} // closed when the fetch under way has ended; nil without
	failure error
}

// answer is a list, or the answer of a responder for one certificate.
type answer struct {
	revoked map[string]struct{} // by serial number, its bytes
	until   time.Time           // when a newer one is due; zero where it does not say
	bytes   int
}

// New makes a provider that knows nothing. Close ends it.
func New(o Options) *Provider {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &Provider{o: o, ctx: ctx, cancel: cancel, entries: map[string]*entry{}}
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

// Check looks at each certificate of a chain but its end. See policy.Revocations.
// The first certificate must name a place; those above it need not.
func (p *Provider) Check(ctx context.Context, chain []*x509.Certificate) error {
	for i := range len(chain) - 1 {
		places := placesOf(chain[i], chain[i+1])
		if len(places) == 0 {
			if i == 0 {
				return policy.ErrNoRevocation
			}
			continue
		}
		if err := p.checkOne(ctx, chain[i], places); err != nil {
			return err
		}
	}
	return nil
}

// checkOne asks the places of one certificate in turn.
func (p *Provider) checkOne(ctx context.Context, c *x509.Certificate, places []place) error {
	var failures []error
	for _, where := range places {
		known, err := p.ask(ctx, where)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		if _, gone := known.revoked[string(c.SerialNumber.Bytes())]; gone {
			return fmt.Errorf("%w: serial number %s", policy.ErrRevoked, c.SerialNumber.Text(16))
		}
		return nil
	}
	return fmt.Errorf("%w: %w", policy.ErrRevocationUnknown, errors.Join(failures...))
}

// ask returns what a place says. It waits only where nothing is known.
func (p *Provider) ask(ctx context.Context, where place) (*answer, error) {
	p.mu.Lock()
	e, err := p.entry(where)
	if err != nil {
		p.mu.Unlock()
		return nil, err
	}
	now := p.o.Clock.Now()
	known := e.usable(now)
	if known == nil || now.Sub(e.fetched) >= RefreshInterval || known.due(now) {
		p.start(e, now)
	}
	flight := e.flight
	p.mu.Unlock()
	if known != nil {
		return known, nil
	}
	if flight != nil {
		p.await(ctx, flight)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if known := e.usable(p.o.Clock.Now()); known != nil {
		return known, nil
	}
	return nil, fmt.Errorf("asking %s: %w", where.url, cmpError(e.failure))
}

// errNotYet is the failure of a fetch that has not ended.
var errNotYet = errors.New("there is no answer yet")

func cmpError(err error) error {
	if err == nil {
		return errNotYet
	}
	return err
}

// entry returns the entry of a place, and makes it. The caller holds the mutex.
func (p *Provider) entry(where place) (*entry, error) {
	key := where.key()
	if e := p.entries[key]; e != nil {
		return e, nil
	}
	if len(p.entries) >= MaxAnswers && !p.forgetOne() {
		return nil, fmt.Errorf("asking %s: more than %d places are asked already (MaxAnswers)", where.url, MaxAnswers)
	}
	e := &entry{place: where}
	p.entries[key] = e
	return e, nil
}

// forgetOne forgets an entry that cannot be used any more, or the one that has
// not been fetched for the longest time, and reports whether there was one. The
// caller holds the mutex.
func (p *Provider) forgetOne() bool {
	var oldest string
	for key, e := range p.entries {
		if e.flight == nil && (oldest == "" || e.fetched.Before(p.entries[oldest].fetched)) {
			oldest = key
		}
	}
	if oldest == "" {
		return false
	}
	if a := p.entries[oldest].answer; a != nil {
		p.bytes -= a.bytes
	}
	delete(p.entries, oldest)
	return true
}

// usable returns the answer where it is not too old.
func (e *entry) usable(now time.Time) *answer {
	switch {
	case e.answer == nil:
		return nil
	case e.answer.until.IsZero() && now.Sub(e.fetched) >= MostAge:
		return nil
	case !e.answer.until.IsZero() && now.Sub(e.answer.until) >= StaleAge:
		return nil
	}
	return e.answer
}

// due reports whether a newer answer should be there.
func (a *answer) due(now time.Time) bool { return !a.until.IsZero() && !now.Before(a.until) }

// start begins a fetch unless one is under way or the last was too recent. The
// caller holds the mutex.
func (p *Provider) start(e *entry, now time.Time) {
	if e.flight != nil || p.closed || (!e.tried.IsZero() && now.Sub(e.tried) < RetryInterval) {
		return
	}
	e.tried, e.flight = now, make(chan struct{})
	p.running.Add(1)
	go p.fly(e, e.flight)
}

// fly fetches and keeps the result.
func (p *Provider) fly(e *entry, flight chan struct{}) {
	defer p.running.Done()
	ctx, cancel := context.WithCancel(p.ctx)
	defer cancel()
	timer := p.o.Clock.AfterFunc(FetchTimeout, cancel)
	a, err := e.place.fetch(ctx, p.o.Fetcher, p.o.Clock.Now())
	timer.Stop()

	p.mu.Lock()
	if err == nil {
		err = p.keep(e, a)
	}
	e.flight, e.failure = nil, err
	p.mu.Unlock()
	close(flight)
	if err != nil {
		p.o.Log.Warn("whether certificates have been revoked could not be asked", slog.String("url", e.place.url), slog.Any("error", err))
	}
}

// keep replaces the answer of an entry. The caller holds the mutex.
func (p *Provider) keep(e *entry, a *answer) error {
	before := 0
	if e.answer != nil {
		before = e.answer.bytes
	}
	if p.bytes-before+a.bytes > MaxBytes {
		return fmt.Errorf("revocation lists have more than %d bytes together (MaxBytes)", MaxBytes)
	}
	p.bytes += a.bytes - before
	e.answer, e.fetched = a, p.o.Clock.Now()
	return nil
}

// await waits for a fetch, at most for FirstWait.
func (p *Provider) await(ctx context.Context, flight chan struct{}) {
	timer := p.o.Clock.NewTimer(FirstWait)
	defer timer.Stop()
	select {
	case <-flight:
	case <-timer.C():
	case <-ctx.Done():
	}
}

// key tells one place from another: a list of an issuer, or an issuer's answer
// for one certificate.
func (p *place) key() string {
	sum := sha256.Sum256(p.issuer.Raw)
	return strings.Join([]string{p.url, hex.EncodeToString(sum[:]), string(p.serial)}, "\x00")
}
