package installation

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
	"github.com/sallyport/sallyport/internal/control/store/postgres"
	"github.com/sallyport/sallyport/internal/control/store/sqlite"
)

// Missing reports whether there is nothing yet at the URL of a store in a folder.
// Of others it does not know before they are opened.
func Missing(at string) bool {
	folder, ok := strings.CutPrefix(at, "sqlite:")
	if !ok {
		return false
	}
	_, err := os.Stat(filepath.Join(folder, sqlite.FileName))
	return errors.Is(err, fs.ErrNotExist)
}

// OpenStore opens the store at a URL.
func OpenStore(ctx context.Context, at string, c clock.Clock) (store.Store, error) {
	scheme, rest, _ := strings.Cut(at, ":")
	switch scheme {
	case "memory":
		return memory.New(), nil
	case "sqlite":
		return sqlite.Open(ctx, rest, sqlite.WithClock(c))
	case "postgres", "postgresql":
		return postgres.Open(ctx, postgres.Options{URL: at, Clock: c})
	}
	if u, err := url.Parse(at); err == nil && u.User != nil {
		at = u.Redacted()
	}
	return nil, fmt.Errorf("%q is not the URL of a store: give memory:, sqlite:FOLDER or postgres://USER@HOST/DATABASE", at)
}
