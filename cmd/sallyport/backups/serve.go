package backups

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/pflag"

	"github.com/sallyport/sallyport/cmd/sallyport/commandline"
	"github.com/sallyport/sallyport/cmd/sallyport/installation"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/control/backup/catalog"
	"github.com/sallyport/sallyport/internal/control/backup/place"
	"github.com/sallyport/sallyport/internal/control/backup/schedule"
	"github.com/sallyport/sallyport/internal/control/backup/ship"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/telemetry"
)

// Continuous are the flags of backups that are made while Sallyport serves.
type Continuous struct {
	URL   string
	Keys  []string
	Every string
	Keep  int
	For   time.Duration
	when  schedule.When
	// running is what Start began; all copies share it.
	running *atomic.Pointer[Running]
}

// defaultEvery and defaultKeep are the schedule where nothing is said.
const (
	defaultEvery = "6h"
	defaultKeep  = 7
)

// Bind declares the flags.
func (o *Continuous) Bind(set *pflag.FlagSet) {
	o.running = &atomic.Pointer[Running]{}
	commandline.FromEnvironment(set, &o.URL, "backup", "SALLYPORT_BACKUP",
		"keep a continuous backup in "+place.Forms+"; none where it is empty")
	bindKeys(set, &o.Keys, "required with --backup; the first writes, further ones only read")
	set.StringVar(&o.Every, "backup-every", defaultEvery,
		`when a new base of the backup is taken and proved: 6h, "daily 02:00", or "weekly sunday 02:00", in UTC`)
	set.IntVar(&o.Keep, "backup-keep", defaultKeep,
		"how many bases are kept, with the changes after them; with 0 and no --backup-keep-for, all")
	set.DurationVar(&o.For, "backup-keep-for", 0, "how long bases are kept, beside those that --backup-keep keeps")
}

// Check says what is wrong with the flags.
func (o *Continuous) Check() error {
	if err := o.check(); err != nil {
		return &commandline.UsageError{Err: err}
	}
	return nil
}

func (o *Continuous) check() (err error) {
	if o.URL == "" {
		return nil
	}
	if o.when, err = schedule.ParseWhen(o.Every); err != nil {
		return fmt.Errorf("--backup-every: %w", err)
	}
	if o.Keep < 0 || o.For < 0 {
		return errors.New("--backup-keep and --backup-keep-for cannot be negative")
	}
	if err := place.Check(o.URL); err != nil {
		return fmt.Errorf("--backup: %w", err)
	}
	if catalog.IsArchive(o.URL) {
		return fmt.Errorf("--backup %s is the name of one archive: give the place for many", o.URL)
	}
	if len(o.Keys) == 0 {
		return fmt.Errorf("--backup needs --backup-key: %w", errNoKey)
	}
	return nil
}

// Running is a backup that is kept while Sallyport serves.
type Running struct {
	keeper *schedule.Keeper
	end    context.CancelFunc
	ended  sync.WaitGroup
}

// Environment is what a backup that is kept needs of the process.
type Environment struct {
	Installation *installation.Installation
	// Options are those that the installation was opened with.
	Options  installation.Options
	Counters counter.Keeper
	Release  string
	Metrics  *telemetry.Metrics
	Health   *telemetry.Health
	Log      *slog.Logger
	Clock    clock.Clock
}

// Start keeps a backup until Stop. It waits for nothing: a place or a key that
// cannot be reached is tried again. It returns nil where no backup is wanted.
func (o *Continuous) Start(ctx context.Context, env Environment) (*Running, error) {
	if o.URL == "" {
		return nil, nil //nolint:nilnil // No backup is wanted.
	}
	from := source(env.Installation, env.Release)
	from.Counters, from.Clock = env.Counters, env.Clock
	options := schedule.Options{
		Options: ship.Options{Source: from, Log: env.Log, Clock: env.Clock},
		Open:    o.open, When: o.when, Rule: catalog.Rule{Count: o.Keep, Age: o.For},
		Shared: !strings.HasPrefix(env.Options.StoreURL(), "sqlite:"), Holder: holder(env.Options.Data),
	}
	r := &Running{keeper: schedule.New(options)}
	if err := r.keeper.Watch(env.Metrics, env.Health); err != nil {
		return nil, fmt.Errorf("watching the backup: %w", err)
	}
	ctx, r.end = context.WithCancel(context.WithoutCancel(ctx))
	r.ended.Go(func() { r.keeper.Run(ctx) })
	if o.running != nil {
		o.running.Store(r)
	}
	return r, nil
}

// Status is how the backup goes, for the management API. It may be called at any
// time, also before Start.
func (o *Continuous) Status() resource.BackupStatus {
	status := resource.BackupStatus{Kept: o.URL != ""}
	if o.running == nil {
		return status
	}
	r := o.running.Load()
	if r == nil {
		return status
	}
	is := r.keeper.Status()
	status.Taken, status.Proved, status.Overdue = is.Succeeded, is.Proved, r.keeper.Check() != nil
	if is.Failure != nil || is.ProofFailure != nil {
		status.Failed = is.Failed
	}
	return status
}

// open opens the place and the keys.
func (o *Continuous) open(ctx context.Context, to *ship.Options) error {
	keys, err := openKeys(ctx, o.Keys)
	if err != nil {
		return err
	}
	key, err := archive.NewKey(ctx, keys[0])
	if err != nil {
		return err
	}
	p, err := place.Open(ctx, o.URL, to.Clock)
	if err != nil {
		return err
	}
	to.Place, to.Key, to.Keys = p, key, archive.NewOpener(keys...)
	return nil
}

// OpenFor opens the place to which callers of the management API back services
// up: that of the continuous backup, or else a folder in the data folder, with a
// key that is made there where none is given.
func (o *Continuous) OpenFor(data string) func(context.Context, *ship.Options) error {
	local := *o
	return func(ctx context.Context, to *ship.Options) error {
		if local.URL == "" {
			local.URL = filepath.Join(data, "backups")
		}
		if len(local.Keys) == 0 {
			file := filepath.Join(data, "backup.key")
			if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
				if _, err := makeKey(ctx, file); err != nil {
					return err
				}
			}
			local.Keys = []string{file}
		}
		return local.open(ctx, to)
	}
}

// holder is the name of this node, the same after a restart.
func holder(data string) string {
	name, err := os.Hostname()
	if err != nil {
		name = "node"
	}
	if full, err := filepath.Abs(data); err == nil {
		data = full
	}
	return name + ":" + data
}

// Stop ends it. What has changed by then is written first, where that takes no
// longer than the place lets it.
func (r *Running) Stop() {
	if r == nil {
		return
	}
	r.end()
	r.ended.Wait()
}
