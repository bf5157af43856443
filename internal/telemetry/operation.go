package telemetry

import (
	"strings"
	"sync"
	"sync/atomic"
)

const (
	// MaxOperationLabels bounds the operations that are counted by name.
	MaxOperationLabels = 2000
	// MaxAPILabels bounds the APIs whose durations are counted by name.
	MaxAPILabels = 500
	// maxLabelBytes bounds the value of a label. A longer one is cut.
	maxLabelBytes = 200

	// otherLabel is the value under which all that is over a bound is counted.
	otherLabel = "other"
	// noLabel is the value for requests that have matched nothing.
	noLabel = "none"
)

// statusClasses are the values of the status label. A response whose status is
// none of HTTP's, as when the client has gone, is of class 0.
var statusClasses = [...]string{"none", "1xx", "2xx", "3xx", "4xx", "5xx"}

// classCounts counts responses by the class of their status.
type classCounts [len(statusClasses)]atomic.Uint64

func (c *classCounts) add(status int) { c[statusClass(status)].Add(1) }

func statusClass(status int) int {
	if class := status / 100; class > 0 && class < len(statusClasses) {
		return class
	}
	return 0
}

// Operation is the handle under which requests to one operation are counted. It
// is made once for each operation of a snapshot; its metrics are resolved when
// the first request is counted, so that what is never called costs nothing.
type Operation struct {
	metrics *Metrics
	api, id string
	series  atomic.Pointer[operationSeries]
	lines   [formats]atomic.Pointer[string] // its part of a line of the access log
}

// operationSeries is where requests to an operation are counted. Several
// handles share one: those of the same operation in two snapshots, and those
// over the bound.
type operationSeries struct {
	api     *apiSeries
	classes classCounts
}

type apiSeries struct {
	name              string
	duration          *histogram
	bytesIn, bytesOut atomic.Uint64
}

// API returns the id of the operation's API.
func (o *Operation) API() string { return o.api }

// ID returns the id of the operation within its API.
func (o *Operation) ID() string { return o.id }

func (o *Operation) resolve() *operationSeries {
	if s := o.series.Load(); s != nil {
		return s
	}
	api := o.metrics.apis.get(labels{o.api}).name
	s := o.metrics.operations.get(labels{api, o.id})
	o.series.Store(s)
	return s
}

// labels are the one or two values that a metric is told apart by.
type labels [2]string

// bounded makes the series of a metric as they are asked for, up to a bound,
// and from then on hands out one that they share.
type bounded[S any] struct {
	max   int
	build func(labels) S
	over  func(labels) labels // What a label over the bound is counted under.

	mu   sync.RWMutex
	made map[labels]S
}

func newBounded[S any](limit int, build func(labels) S, over func(labels) labels) *bounded[S] {
	return &bounded[S]{max: limit, build: build, over: over, made: make(map[labels]S)}
}

// get returns the series of some labels. It is quick, but a handle is quicker.
func (b *bounded[S]) get(l labels) S {
	l = labels{cleanLabel(l[0]), cleanLabel(l[1])}
	b.mu.RLock()
	s, ok := b.made[l]
	b.mu.RUnlock()
	if ok {
		return s
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if s, ok = b.made[l]; ok {
		return s
	}
	if len(b.made) >= b.max {
		l = b.over(l)
		if s, ok = b.made[l]; ok {
			return s
		}
	}
	l = labels{strings.Clone(l[0]), strings.Clone(l[1])}
	s = b.build(l)
	b.made[l] = s
	return s
}

// each calls f for every series.
func (b *bounded[S]) each(f func(labels, S)) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for l, s := range b.made {
		f(l, s)
	}
}

// allOther counts everything over the bound as one.
func allOther(l labels) labels {
	for i := range l {
		if l[i] != "" {
			l[i] = otherLabel
		}
	}
	return l
}

// cleanLabel returns a value that Prometheus accepts as a label's.
func cleanLabel(v string) string {
	if len(v) > maxLabelBytes {
		v = v[:maxLabelBytes]
	}
	return strings.ToValidUTF8(v, "\uFFFD")
}
