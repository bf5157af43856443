package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sallyport/sallyport/internal/clock"
)

// ExpiryInterval is how often it is looked whether a certificate is about to
// expire. It is looked at each change, too.
const ExpiryInterval = time.Hour

// maxExpiries bounds the certificates of one use whose expiry is watched: those
// that expire first.
const maxExpiries = 1000

// expiryWarnings are the remaining times at which a warning is logged, once each.
func expiryWarnings() []time.Duration {
	const day = 24 * time.Hour
	return []time.Duration{30 * day, 7 * day, day, 0}
}

// Expiry says until when a certificate can be used.
type Expiry struct {
	// Name says which certificate it is: a host name, or an id.
	Name string
	// NotAfter is the end of its validity.
	NotAfter time.Time
}

// ExpiryOptions is what expiries are told with. Health may be nil.
type ExpiryOptions struct {
	Metrics *Metrics
	Health  *Health
	Log     *slog.Logger
	Clock   clock.Clock
}

// Expiries tells when certificates expire, before they do: a metric with the
// time of each, a warning in the log 30, 7 and 1 days before, and when it has
// happened, and a check of health. It is safe for concurrent use.
type Expiries struct {
	o      ExpiryOptions
	desc   *prometheus.Desc
	left   *prometheus.Desc
	cancel context.CancelFunc
	done   chan struct{}

	mu     sync.Mutex
	of     map[string][]Expiry
	asked  map[string]func() []Expiry
	warned map[warnedKey]int // how many of expiryWarnings have been logged
}

// warnedKey is one certificate: a renewed one is another.
type warnedKey struct {
	use, name string
	notAfter  time.Time
}

// WatchExpiries begins to tell of certificates. Close ends it.
func WatchExpiries(o ExpiryOptions) (*Expiries, error) {
	labels := []string{"use", "name"}
	e := &Expiries{
		o: o, of: map[string][]Expiry{}, asked: map[string]func() []Expiry{}, warned: map[warnedKey]int{}, done: make(chan struct{}),
		desc: prometheus.NewDesc("sallyport_certificate_expires_timestamp", "When a certificate expires, in seconds since 1970.", labels, nil),
		left: prometheus.NewDesc("sallyport_certificate_days_left", "Days until a certificate expires; negative when it has.", labels, nil),
	}
	if err := o.Metrics.register(e); err != nil {
		return nil, fmt.Errorf("registering metrics: %w", err)
	}
	if o.Health != nil {
		o.Health.Add("certificates", Advice, e.expired)
	}
	ctx, cancel := context.WithCancel(context.Background())
	e.cancel = cancel
	go func() {
		defer close(e.done)
		for clock.Sleep(ctx, o.Clock, ExpiryInterval) == nil {
			e.ask()
			e.warn()
		}
	}()
	return e, nil
}

// Close ends the watch.
func (e *Expiries) Close() {
	e.cancel()
	<-e.done
}

// Watch replaces the certificates of a use, such as "host" or "backend".
func (e *Expiries) Watch(use string, list []Expiry) {
	e.replace(use, list)
	e.warn()
}

// WatchFunc asks for the certificates of a use whenever they are told, for those
// that are replaced without anyone saying so, such as files. f must not wait.
func (e *Expiries) WatchFunc(use string, f func() []Expiry) {
	e.mu.Lock()
	e.asked[use] = f
	e.mu.Unlock()
	e.Watch(use, f())
}

// ask asks for the certificates of WatchFunc.
func (e *Expiries) ask() {
	e.mu.Lock()
	asked := maps.Clone(e.asked)
	e.mu.Unlock()
	for use, f := range asked {
		e.replace(use, f())
	}
}

// replace is Watch without its warnings.
func (e *Expiries) replace(use string, list []Expiry) {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Expiry) int {
		if c := a.NotAfter.Compare(b.NotAfter); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	list = slices.CompactFunc(list, func(a, b Expiry) bool { return a.Name == b.Name && a.NotAfter.Equal(b.NotAfter) })
	e.mu.Lock()
	e.of[use] = list[:min(len(list), maxExpiries)]
	for key := range e.warned {
		if key.use == use && !slices.ContainsFunc(list, func(x Expiry) bool { return x.Name == key.name && x.NotAfter.Equal(key.notAfter) }) {
			delete(e.warned, key)
		}
	}
	e.mu.Unlock()
}

// warn logs what is due.
func (e *Expiries) warn() {
	now := e.o.Clock.Now()
	e.mu.Lock()
	defer e.mu.Unlock()
	for use, list := range e.of {
		for _, x := range list {
			key := warnedKey{use, x.Name, x.NotAfter}
			reached := 0
			for _, before := range expiryWarnings() {
				if x.NotAfter.Sub(now) <= before {
					reached++
				}
			}
			if reached <= e.warned[key] {
				continue
			}
			e.warned[key] = reached
			e.log(use, x, now)
		}
	}
}

// log says how long a certificate can still be used.
func (e *Expiries) log(use string, x Expiry, now time.Time) {
	attributes := []any{slog.String("use", use), slog.String("name", x.Name), slog.Time("notAfter", x.NotAfter.UTC())}
	if left := x.NotAfter.Sub(now); left > 0 {
		e.o.Log.Warn("a certificate is about to expire: renew it", append(attributes, slog.Float64("daysLeft", days(left)))...)
		return
	}
	e.o.Log.Error("a certificate has expired: renew it", attributes...)
}

// days is a duration in days, with one decimal.
func days(d time.Duration) float64 { return float64(d/(24*time.Hour/10)) / 10 }

// maxToldExpiries bounds the names in the reason of the check of health.
const maxToldExpiries = 10

// expired is the check of health.
func (e *Expiries) expired() error {
	e.ask()
	now := e.o.Clock.Now()
	e.mu.Lock()
	defer e.mu.Unlock()
	var names []string
	for use, list := range e.of {
		for _, x := range list {
			if now.After(x.NotAfter) {
				names = append(names, use+" "+x.Name)
			}
		}
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	text := "certificates have expired: " + strings.Join(names[:min(len(names), maxToldExpiries)], ", ")
	if more := len(names) - maxToldExpiries; more > 0 {
		text += fmt.Sprintf(", and %d more", more)
	}
	return errors.New(text)
}

// Describe describes the metrics.
func (e *Expiries) Describe(out chan<- *prometheus.Desc) {
	out <- e.desc
	out <- e.left
}

// Collect tells the metrics. Of certificates with one name and use the first to
// expire counts.
func (e *Expiries) Collect(out chan<- prometheus.Metric) {
	e.ask()
	now := e.o.Clock.Now()
	e.mu.Lock()
	defer e.mu.Unlock()
	for use, list := range e.of {
		told := map[string]bool{}
		for _, x := range list {
			if told[x.Name] {
				continue
			}
			told[x.Name] = true
			out <- prometheus.MustNewConstMetric(e.desc, prometheus.GaugeValue, float64(x.NotAfter.Unix()), use, x.Name)
			out <- prometheus.MustNewConstMetric(e.left, prometheus.GaugeValue, days(x.NotAfter.Sub(now)), use, x.Name)
		}
	}
}
