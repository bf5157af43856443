package reference

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/reference/description"
	"github.com/sallyport/sallyport/internal/portal/reference/document"
)

// Limits of what a Library keeps and does at once.
const (
	// MaxCached bounds the descriptions that are kept in memory, in bytes; those
	// that were used longest ago go first.
	MaxCached = 64 << 20
	// MaxLoads bounds the descriptions that are read at one time.
	MaxLoads = 2
	// loadTimeout bounds reading one.
	loadTimeout = 15 * time.Second
	// leastAge is how long a description is taken for current without asking, and
	// ageFactor how many times what reading it took.
	leastAge  = 5 * time.Second
	ageFactor = 20
)

// LibraryOptions are what a Library needs.
type LibraryOptions struct {
	// Catalogue says which APIs there are. It is required, as is Client, which
	// calls the management API as the portal.
	Catalogue *catalogue.Catalogue
	Client    *client.Client
	// MaxBytes bounds what is kept in memory; MaxCached where it is 0.
	MaxBytes int
	// Clock and Log may be nil.
	Clock clock.Clock
	Log   *slog.Logger
}

// Library reads the descriptions of APIs and keeps them, within a limit. It is
// safe for use by many goroutines. What was read goes on to be answered while the
// management plane is away.
type Library struct {
	o      LibraryOptions
	loads  chan struct{}
	opened chan *catalogue.API // To be read ahead.

	mu      sync.Mutex
	entries map[string]*entry
	tick    uint64
}

// entry is one revision of an API, as it is kept. The Library's lock guards it.
type entry struct {
	flight   *flight // The reading that is under way; nil where there is none.
	has      *Described
	used     uint64
	size     int
	revision int64
	checked  time.Time
	age      time.Duration
	stamp    string
}

// fresh reports whether nothing has changed since it was read, or it was just read.
func (e *entry) fresh(at int64, now time.Time) bool {
	return e.has != nil && (e.revision == at || now.Sub(e.checked) < e.age)
}

// NewLibrary makes an empty Library.
func NewLibrary(o LibraryOptions) *Library {
	if o.Clock == nil {
		o.Clock = clock.System()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = MaxCached
	}
	return &Library{
		o: o, loads: make(chan struct{}, MaxLoads), opened: make(chan *catalogue.API, MaxOpened), entries: map[string]*entry{},
	}
}

// API returns what is said of an API; of another revision than the current one
// where revision is its number. It fails where nothing is known of it, and the
// management plane does not answer. Whoever asks while it is being read waits for
// that reading, and no longer than it may take (limit loadTimeout); a reading that
// was begun goes on where who began it has gone.
func (l *Library) API(ctx context.Context, api *catalogue.API, revision string) (*Described, error) {
	name := api.Name
	if revision != "" {
		name += ";rev=" + revision
	}
	return l.shared(ctx, context.WithoutCancel(ctx), name, api, revision)
}

func (l *Library) entry(key string) *entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tick++
	e := l.entries[key]
	if e == nil {
		e = &entry{}
		l.entries[key] = e
	}
	e.used = l.tick
	return e
}

// stale is what is kept in place of what cannot be read.
func (l *Library) stale(e *entry, err error) (*Described, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e.has != nil && !client.IsNotFound(err) {
		l.o.Log.Warn("a description is shown as it was", "error", err.Error())
		return e.has, nil
	}
	return nil, fmt.Errorf("reading a description: %w", err)
}

// keep keeps what was read, and drops what was used longest ago beyond the
// limit.
func (l *Library) keep(e *entry, has *Described, stamp string, at int64, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.has, e.stamp, e.revision, e.size = has, stamp, at, has.size()
	e.checked, e.age = l.o.Clock.Now(), max(leastAge, ageFactor*took)
	total := 0
	keys := make([]string, 0, len(l.entries))
	for key, one := range l.entries {
		total += one.size
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Compare(l.entries[a].used, l.entries[b].used) })
	for _, key := range keys {
		if total <= l.o.MaxBytes && len(l.entries) <= maxEntries {
			return
		}
		if one := l.entries[key]; one != e && one.flight == nil {
			total -= one.size
			delete(l.entries, key)
		}
	}
}

// maxEntries bounds the APIs of which something is kept.
const maxEntries = 2000

// Cached says how many descriptions are kept, and how many bytes they take.
func (l *Library) Cached() (descriptions, bytes int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.entries {
		if e.has != nil {
			descriptions++
			bytes += e.size
		}
	}
	return descriptions, bytes
}

// read asks the management plane. Where the document is the one that is kept,
// it is not read again.
func (l *Library) read(ctx context.Context, e *entry, name string, api *catalogue.API, revision string) (*Described, string, error) {
	d := &Described{API: api, Revision: revision, Operations: api.Operations, edited: map[string]bool{}}
	if revision != "" {
		var err error
		if d.Operations, err = l.operations(ctx, name); err != nil {
			return nil, "", err
		}
	}
	path := client.PathIn("apis", name)
	kept, err := client.Get[client.Description](ctx, l.o.Client, path+"/sallyportDescriptions/original")
	switch {
	case client.IsNotFound(err):
	case client.IsUnavailable(err) || ctx.Err() != nil:
		return nil, "", err
	case err != nil: // Without the document there is what the API itself says.
		l.o.Log.Warn("a description cannot be read", "path", path, "error", err.Error())
	default:
		d.Format = kept.Properties.Format
		for _, operation := range kept.Properties.Edited {
			d.edited[strings.ToLower(operation)] = true
		}
	}
	stamp := kept.Properties.SHA256
	l.mu.Lock()
	was, before := e.has, e.stamp
	l.mu.Unlock()
	if d.Format == formatOpenAPI {
		if was != nil && was.document != nil && before == stamp {
			d.document = was.document
		} else if d.document, err = l.document(ctx, path); err != nil {
			return nil, "", err
		}
	}
	if d.lacks() {
		if d.made, err = l.exported(ctx, path); err != nil {
			return nil, "", err
		}
	}
	d.reach()
	return d, stamp, nil
}

// formatOpenAPI is the format of descriptions that can be read here.
const formatOpenAPI = "openapi"

// document reads the document that the API was imported from; nil where it is
// none that can be read.
func (l *Library) document(ctx context.Context, path string) (*description.Description, error) {
	got, err := client.Read[client.DescriptionDocument](ctx, l.o.Client, path+"/sallyportDescriptions/original/document")
	if client.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	d, err := description.Read([]byte(got.Value))
	if err != nil {
		l.o.Log.Warn("a description cannot be shown", "path", path, "error", err.Error())
		return nil, nil
	}
	return d, nil
}

// exported reads the description that the management plane makes of the API's
// operations and schemas; nil where it makes none.
func (l *Library) exported(ctx context.Context, path string) (*description.Description, error) {
	response, err := client.Export(ctx, l.o.Client, path, "openapi+json-link")
	if client.IsUnavailable(err) {
		return nil, err
	}
	if err != nil {
		l.o.Log.Warn("a description cannot be made", "path", path, "error", err.Error())
		return nil, nil
	}
	defer response.Body.Close() //nolint:errcheck // It is only read.
	data, err := io.ReadAll(io.LimitReader(response.Body, document.MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("reading an exported description: %w", err)
	}
	d, err := description.Read(data)
	if err != nil {
		l.o.Log.Warn("a description that was made cannot be read", "path", path, "error", err.Error())
		return nil, nil
	}
	return d, nil
}

// operations lists those of a revision that is not the current one, of which the
// catalogue has none.
func (l *Library) operations(ctx context.Context, name string) ([]*catalogue.Operation, error) {
	var out []*catalogue.Operation
	for o, err := range client.List[client.Operation](ctx, l.o.Client, client.PathIn("apis", name, "operations")) {
		if err != nil {
			return nil, err
		}
		if len(out) == catalogue.MaxOperations {
			break
		}
		out = append(out, &catalogue.Operation{
			Name: o.Name, DisplayName: o.Properties.DisplayName, Method: o.Properties.Method,
			Template: o.Properties.URLTemplate, Description: o.Properties.Description,
		})
	}
	return out, nil
}
