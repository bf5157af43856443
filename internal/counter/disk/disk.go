// Package disk keeps quotas in a file, so that they outlive the process.
//
// The file is written whole beside the old one and takes its place, at most once
// a second where something has changed, and at the end. It begins with a line
// that has its version, the number of quotas and the SHA-256 digest of the rest;
// then each quota is a line of JSON. A file that is damaged is set aside, and
// counting begins from zero: a gateway starts in any case.
//
// What was counted in the second before a power cut may be lost. Rate limits are
// not kept: their windows are no longer than a restart.
package disk

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/counter"
)

const (
	// File is the name of the file in a folder.
	File = "quotas"
	// every is the time between two writes where something changes all the time.
	every = time.Second
	// restFactor is how many times longer than a write took the file rests after
	// it: writing costs a twentieth of a processor at most.
	restFactor = 20
	// damaged ends the name of a file that was set aside.
	damaged = ".damaged"
	// temporary ends the name of a file that is being written; the star is a number.
	// Only the owner may read it: keys of counters may be addresses.
	temporary = ".new-*"
)

// Options says what is kept where.
type Options struct {
	// Keeper has the quotas.
	Keeper counter.Keeper
	// Folder is where the file is; it must be there.
	Folder string
	// Clock tells the time; Log is told what goes wrong.
	Clock clock.Clock
	Log   *slog.Logger
}

// Kept is a file that is kept up to date.
type Kept struct {
	o    Options
	path string
	last [sha256.Size]byte // The digest of what the file has.

	stop  context.CancelFunc
	done  chan struct{}
	close sync.Once
	err   error
}

// Open brings back what the file of a folder has, and keeps it up to date from
// then on, until Close.
func Open(o Options) (*Kept, error) {
	k := &Kept{o: o, path: filepath.Join(o.Folder, File), done: make(chan struct{})}
	if err := k.restore(); err != nil {
		return nil, err
	}
	k.sweep()
	ctx, cancel := context.WithCancel(context.Background())
	k.stop = cancel
	go k.run(ctx)
	return k, nil
}

// restore reads the file. One that is damaged is set aside.
func (k *Kept) restore() error {
	data, err := k.read()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var quotas []counter.Reading
	if err == nil {
		quotas, err = Decode(data)
	}
	if errors.Is(err, ErrDamaged) {
		aside := k.path + damaged
		k.o.Log.Error("the file of quotas is damaged; it is set aside and quotas count from zero", "file", k.path, "aside", aside, "error", err)
		if err := os.Rename(k.path, aside); err != nil {
			return fmt.Errorf("setting the damaged file of quotas aside: %w", err)
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the file of quotas: %w", err)
	}
	k.o.Keeper.Restore(quotas)
	k.last = sha256.Sum256(data)
	return nil
}

// read reads the file, if it is not too large.
func (k *Kept) read() ([]byte, error) {
	info, err := os.Stat(k.path)
	if err != nil {
		return nil, err
	}
	if info.Size() > MaxFile {
		return nil, fmt.Errorf("%w: it has %d bytes; the limit (MaxFile) is %d", ErrDamaged, info.Size(), MaxFile)
	}
	return os.ReadFile(k.path)
}

// run writes what has changed.
func (k *Kept) run(ctx context.Context) {
	defer close(k.done)
	rest := every
	for {
		if err := clock.Sleep(ctx, k.o.Clock, rest); err != nil {
			return
		}
		began := k.o.Clock.Now()
		if err := k.Write(); err != nil {
			k.o.Log.Error("quotas are not kept", "error", err)
		}
		rest = max(every, restFactor*k.o.Clock.Since(began))
	}
}

// Write writes what has changed since it was last written. It is not called
// while the file is kept, but for tests.
func (k *Kept) Write() error {
	data := Encode(k.o.Keeper.Snapshot())
	digest := sha256.Sum256(data)
	if digest == k.last {
		return nil
	}
	if err := k.replace(data); err != nil {
		return fmt.Errorf("writing the file of quotas: %w", err)
	}
	k.last = digest
	return nil
}

// replace puts a file that is wholly on disk in the place of the old one. Two
// processes may do so at once, where one hands its sockets over to the next.
func (k *Kept) replace(data []byte) (err error) {
	f, err := os.CreateTemp(k.o.Folder, File+temporary)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // What is wrong with it is said already.
		}
	}()
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err != nil {
		return err
	}
	if err := os.Rename(f.Name(), k.path); err != nil {
		return err
	}
	folder, err := os.Open(k.o.Folder)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// sweep removes what processes left that were killed while they wrote.
func (k *Kept) sweep() {
	left, err := filepath.Glob(k.path + temporary)
	if err != nil {
		return // The pattern is not to blame: the folder's name has brackets in it.
	}
	for _, name := range left {
		_ = os.Remove(name) // It is in nobody's way.
	}
}

// Close writes what has changed, and keeps the file no longer. It may be called
// again.
func (k *Kept) Close() error {
	k.close.Do(func() {
		k.stop()
		<-k.done
		k.err = k.Write()
	})
	return k.err
}
