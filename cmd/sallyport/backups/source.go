package backups

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/sallyport/sallyport/cmd/sallyport/commandline"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/backup"
	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/control/backup/catalog"
	"github.com/sallyport/sallyport/internal/control/backup/place"
	"github.com/sallyport/sallyport/internal/control/store"
)

// splitFile tells the place of one archive from its name; name is "" where the
// text names a place.
func splitFile(at string) (in, name string) {
	if !catalog.IsArchive(at) {
		if bare, query, ok := strings.Cut(at, "?"); ok && catalog.IsArchive(bare) && strings.Contains(bare, "://") {
			in, name := splitFile(bare)
			return in + "?" + query, name
		}
		return at, ""
	}
	if !strings.Contains(at, "://") {
		return filepath.Dir(at), filepath.Base(at)
	}
	in, name = path.Split(at)
	return strings.TrimSuffix(in, "/"), name
}

// openPlace opens the place of a command's argument.
func openPlace(ctx context.Context, at string) (p *place.Place, name string, err error) {
	in, name := splitFile(at)
	p, err = place.Open(ctx, in, clock.System())
	if errors.Is(err, place.ErrInvalid) {
		return nil, "", &commandline.UsageError{Err: err}
	}
	return p, name, err
}

// point is what the flags say to restore to.
func (f *flags) point() (backup.Point, error) {
	until := backup.Point{Revision: store.Revision(f.revision)}
	if f.at == "" {
		return until, nil
	}
	if f.revision != 0 {
		return until, &commandline.UsageError{Err: errors.New("--at and --revision both say to which point: give one of them")}
	}
	for _, form := range []string{time.RFC3339Nano, "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		at, err := time.Parse(form, f.at)
		if err == nil {
			until.Time = at
			return until, nil
		}
	}
	return until, &commandline.UsageError{Err: fmt.Errorf(
		"--at %q is not a time: give one such as 2026-11-23T14:05:00Z, or 2026-11-23 14:05:00 in UTC", f.at)}
}

// chosen is what is read to verify or to restore.
type chosen struct {
	archives backup.Archives
	// from says what that is, and gap what is missing after it.
	from string
	gap  error
	base catalog.Base
	note bool // Whether base has its note.
}

// choose finds what the argument and the flags name.
func (f *flags) choose(ctx context.Context, p *place.Place, name string, keys archive.KeyOpener) (chosen, error) {
	until, err := f.point()
	if err != nil {
		return chosen{}, err
	}
	if name != "" {
		return chosen{
			archives: backup.Archives{
				Base: func(ctx context.Context) (io.ReadCloser, error) { return p.Read(ctx, name) }, Keys: keys, Until: until,
			},
			from: name, base: catalog.Base{Name: name},
		}, nil
	}
	c, err := catalog.Read(ctx, p)
	if err != nil {
		return chosen{}, err
	}
	plan, err := f.plan(c, until)
	if err != nil {
		return chosen{}, fmt.Errorf("%s: %w", p, err)
	}
	found := chosen{archives: plan.Archives(ctx, p, keys, until), from: plan.Base.Name, base: plan.Base, note: true}
	if n := len(plan.Changes); n > 0 {
		found.from += fmt.Sprintf(" and %d archives of changes after it", n)
	}
	if plan.Gap != 0 && (until.Revision == 0 || until.Revision > plan.Reaches) {
		found.gap = fmt.Errorf("%s: changes are missing: those after revision %d, up to %d, from where there are some again",
			p, plan.Reaches, plan.Gap)
	}
	return found, nil
}

func (f *flags) plan(c *catalog.Catalog, until backup.Point) (catalog.Plan, error) {
	if f.base == "" {
		return c.Plan(until)
	}
	base, ok := c.Find(f.base)
	if !ok {
		return catalog.Plan{}, fmt.Errorf("there is no base %q: sallyport backup list names them", f.base)
	}
	return c.Follow(base), nil
}
