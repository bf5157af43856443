package content

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/model/site"
)

// How a Library follows the service.
const (
	// changeWait is how long one question for changes stays open.
	changeWait = 20 * time.Second
	// callTimeout bounds one call of the management API.
	callTimeout = 30 * time.Second
	// leastStep lets changes that come together be taken together.
	leastStep = 200 * time.Millisecond
	// firstPause and lastPause bound the waits while the management plane is away.
	firstPause = 500 * time.Millisecond
	lastPause  = 30 * time.Second
)

// Options are what a Library needs.
type Options struct {
	// Client reaches the management API as the portal itself.
	Client *client.Client
	// Theme is the folder of a theme that comes before that of the store; nil is
	// none.
	Theme fs.FS
	// Clock and Log are the system's and slog's where they are nil.
	Clock clock.Clock
	Log   *slog.Logger
}

// Library has the content that visitors see.
type Library struct {
	client  *client.Client
	clock   clock.Clock
	log     *slog.Logger
	theme   *site.Folder
	render  *renderer
	current atomic.Pointer[Shown]
	reading sync.Mutex
	done    chan struct{}
}

// Follow reads what is published and goes on following it until ctx ends. The
// Library is there also where an error says that it could not be read: it then
// shows the default content until it can. A theme that cannot be used is the one
// error without a Library.
func Follow(ctx context.Context, o Options) (*Library, error) {
	l := &Library{client: o.Client, clock: o.Clock, log: o.Log, render: newRenderer(), done: make(chan struct{})}
	if l.clock == nil {
		l.clock = clock.System()
	}
	if l.log == nil {
		l.log = slog.Default()
	}
	if o.Theme != nil {
		theme, problems := site.ReadTheme(o.Theme)
		if err := problems.Err(); err != nil {
			return nil, fmt.Errorf("the theme of the portal cannot be used: %w", err)
		}
		l.theme = theme
	}
	l.current.Store(l.shown(Default(fallbackName), nil, fallbackName))
	err := l.Refresh(ctx)
	go l.follow(ctx)
	return l, err
}

// fallbackName is the portal's name while that of the publisher is not known.
const fallbackName = "Developer portal"

// Current is what visitors see, never nil.
func (l *Library) Current() *Shown { return l.current.Load() }

// Done is closed when the Library has stopped following.
func (l *Library) Done() <-chan struct{} { return l.done }

// shown makes content ready, with the theme of the folder over it.
func (l *Library) shown(c *site.Content, blobs map[string][]byte, name string) *Shown {
	all, merged := *c, blobs
	if l.theme != nil {
		all.Look.Theme = l.theme.Content.Look.Theme
		all.Media, merged = map[string]site.Medium{}, map[string][]byte{}
		maps.Copy(all.Media, c.Media)
		maps.Copy(all.Media, l.theme.Content.Media)
		maps.Copy(merged, blobs)
		maps.Copy(merged, l.theme.Blobs)
	}
	next, faults := l.render.show(&all, merged, name)
	next.Published = c
	logFaults(l.log, name, faults)
	return next
}

// Refresh reads what is published now.
func (l *Library) Refresh(ctx context.Context) error {
	l.reading.Lock()
	defer l.reading.Unlock()
	name := l.publisher(ctx)
	revision, err := CurrentRevision(ctx, l.client)
	if err != nil {
		return fmt.Errorf("reading what the portal has published: %w", err)
	}
	last := l.Current()
	c, blobs := Default(name), map[string][]byte(nil)
	if revision != "" {
		if c, blobs, err = l.publication(ctx, revision, last); err != nil {
			return fmt.Errorf("reading the publication %s of the portal: %w", revision, err)
		}
		if c == nil { // Another tool's, or one that this release does not know.
			return nil
		}
	}
	next := l.shown(c, blobs, name)
	next.Revision = revision
	l.current.Store(next)
	if last.Revision != revision {
		l.log.Info("the portal shows another publication", "revision", revision, "before", last.Revision)
	}
	return nil
}

// publisher is the publisher's name; where it cannot be read, it is what it was.
func (l *Library) publisher(ctx context.Context) string {
	service, err := client.Get[client.Service](ctx, l.client, "", client.Within(callTimeout))
	if name := strings.TrimSpace(service.Properties.PublisherName); err == nil && name != "" {
		return name
	}
	if last := l.Current(); last != nil && last.publisher != "" {
		return last.publisher
	}
	return fallbackName
}

// publication reads a publication and what its media hold, of which it takes what
// is in memory from there. It gives nil for one that cannot be shown.
func (l *Library) publication(ctx context.Context, revision string, last *Shown) (*site.Content, map[string][]byte, error) {
	found, err := client.Get[site.Publication](ctx, l.client, itemPath(site.TypePublication, revision), client.Within(callTimeout))
	if client.IsNotFound(err) || err == nil && found.Properties.Version != site.PublicationVersion {
		l.log.Warn("the current revision of the portal is none that this release can show: it goes on with what it has",
			"revision", revision, "shown", last.Revision, "version", found.Properties.Version)
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	c := &found.Properties.Content
	blobs := map[string][]byte{}
	for file, m := range c.Media {
		if blobs[m.Digest] != nil {
			continue
		}
		if had, ok := last.blobs[m.Digest]; ok {
			blobs[m.Digest] = had.data
			continue
		}
		data, err := readBlob(ctx, l.client, m)
		if err != nil && !client.IsNotFound(err) {
			return nil, nil, fmt.Errorf("the file %s: %w", file, err)
		}
		if err == nil {
			blobs[m.Digest] = data
		}
	}
	return c, blobs, nil
}

// blobProperties are those of an item of the type sallyport-blob.
type blobProperties struct {
	Data string `json:"data"`
}

// readBlob reads what a medium holds, and checks that it is that.
func readBlob(ctx context.Context, c *client.Client, m site.Medium) ([]byte, error) {
	found, err := client.Get[blobProperties](ctx, c, itemPath(site.TypeBlob, m.Digest), client.Within(callTimeout))
	if err != nil {
		return nil, err
	}
	data, err := base64.StdEncoding.DecodeString(found.Properties.Data)
	if err != nil {
		return nil, fmt.Errorf("reading base64: %w", err)
	}
	is, err := site.Identify(data)
	if err != nil {
		return nil, err
	}
	if is.Digest != m.Digest || is.Type != m.Type {
		return nil, errors.New("it is not what its digest and type say")
	}
	return data, nil
}

func itemPath(kind, name string) string {
	return client.Path("contentTypes", kind, "contentItems", name)
}

// follow takes changes as they come until ctx ends.
func (l *Library) follow(ctx context.Context) {
	defer close(l.done)
	after, failures := int64(0), 0
	for ctx.Err() == nil {
		next, err := l.step(ctx, after)
		rest := leastStep
		if err != nil {
			failures++
			rest = min(firstPause<<min(failures-1, 10), lastPause)
			rest = rest/2 + rand.N(rest/2) //nolint:gosec // It spreads calls and is no secret.
			l.log.Debug("what the portal publishes cannot be read", "failures", failures, "error", err)
		} else {
			after, failures = next, 0
		}
		if clock.Sleep(ctx, l.clock, rest) != nil {
			return
		}
	}
}

// step waits for a change that concerns the content, and reads it.
func (l *Library) step(ctx context.Context, after int64) (int64, error) {
	wait := changeWait
	if after == 0 {
		wait = 0
	}
	changes, err := client.Read[client.Changes](ctx, l.client, "sallyportChanges",
		client.Query("after", strconv.FormatInt(after, 10)), client.Query("wait", strconv.Itoa(int(wait/time.Second))),
		client.Within(callTimeout))
	if err != nil {
		return after, err
	}
	if after == 0 || !changes.Complete || changes.Revision < after || concerns(changes.Changed) {
		if err := l.Refresh(ctx); err != nil {
			return after, err
		}
	}
	return changes.Revision, nil
}

// concerns reports whether a change is one of what is published.
func concerns(changed []string) bool {
	for _, path := range changed {
		path = strings.ToLower(strings.Trim(path, "/"))
		if path == "" || strings.HasPrefix(path, "portalrevisions") {
			return true
		}
	}
	return false
}

// CurrentRevision is the name of the revision that visitors see; "" where there is
// none.
func CurrentRevision(ctx context.Context, c *client.Client) (string, error) {
	revisions, err := Revisions(ctx, c)
	if err != nil {
		return "", err
	}
	for _, r := range revisions {
		if r.Properties.IsCurrent {
			return r.Name, nil
		}
	}
	return "", nil
}
