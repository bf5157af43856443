// Package place is where backups are: a folder, or a bucket or container of
// Amazon S3 (and of what speaks its protocol), Azure Blob Storage or Google
// Cloud Storage, named by one URL.
//
// A place has objects with names. An object appears under its name when it is
// whole, or not at all. Every call has a time-out, and what may be tried again
// is, a few times; the error of the last time says what to do.
package place

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
)

// Limits of a place.
const (
	// MaxNameLength bounds the name of an object below the place, in bytes.
	MaxNameLength = 512
	// MaxObjects bounds what List returns.
	MaxObjects = 1_000_000
	// callTimeout bounds one attempt at what moves little: a page of a list, a
	// removal, the head of an answer.
	callTimeout = 30 * time.Second
	// stallTimeout is how long an object may neither grow nor be read on before
	// its transfer is given up. How long a transfer takes in all has no bound.
	stallTimeout = time.Minute
	// attempts bounds how often something is tried; firstPause is the rest after
	// the first time, and doubles.
	attempts   = 4
	firstPause = 250 * time.Millisecond
)

var (
	// ErrNotFound says that there is no object of that name.
	ErrNotFound = errors.New("it is not there")
	// ErrRefused says that the place does not let us do it: credentials, roles.
	ErrRefused = errors.New("the place refuses it")
	// ErrInvalid is wrapped by errors of URLs and names.
	ErrInvalid = errors.New("not allowed")
	// ErrTooLarge says that an object is longer than its reader takes.
	ErrTooLarge = errors.New("the object is too long")
	// errStalled ends a transfer that does not move.
	errStalled = fmt.Errorf("nothing has moved for %v", stallTimeout)
)

// Object is what a list tells of an object.
type Object struct {
	Name string
	// Size is its length in bytes.
	Size int64
	// Modified is when it was written, by the clock of the place.
	Modified time.Time
}

// Bucket is what kinds of places implement. A Place adds checks, time-outs and
// repetition.
type Bucket interface {
	// Put makes or replaces the object with what fill writes. Where fill, or
	// anything else, fails, and where ctx ends before it returns, the object is as
	// it was.
	Put(ctx context.Context, name string, fill func(io.Writer) error) error
	// Get reads the object, or returns ErrNotFound. ctx lasts until it is closed.
	Get(ctx context.Context, name string) (io.ReadCloser, error)
	// List calls each for the objects whose names begin with a prefix, in the
	// order of their names.
	List(ctx context.Context, prefix string, each func(Object) error) error
	// Delete removes the object. It does nothing where there is none.
	Delete(ctx context.Context, name string) error
	// Close lets go of connections.
	Close() error
}

// Place is a place that is open. All methods may be called concurrently.
type Place struct {
	bucket Bucket
	below  string // "" or a prefix that ends with a slash.
	shown  string
	clock  clock.Clock
}

// New makes a place of a bucket. shown is what errors call it.
func New(b Bucket, shown string, c clock.Clock) *Place {
	return &Place{bucket: b, shown: shown, clock: c}
}

// String is the URL of the place, without what could be a secret.
func (p *Place) String() string { return p.shown }

// Below is the place whose names all have a prefix here: "a/b". It is not closed
// by itself.
func (p *Place) Below(prefix string) *Place {
	c := *p
	c.below += strings.Trim(prefix, "/") + "/"
	c.shown = strings.TrimSuffix(c.shown, "/") + "/" + strings.Trim(prefix, "/")
	return &c
}

// Close lets go of the connections to the place.
func (p *Place) Close() error { return p.bucket.Close() }

// Write makes or replaces an object with what fill writes. It may call fill
// again, from the beginning, where the place failed; never where fill failed by
// itself.
func (p *Place) Write(ctx context.Context, name string, fill func(io.Writer) error) error {
	if err := CheckName(name); err != nil {
		return err
	}
	err := p.again(ctx, func(ctx context.Context) error {
		ctx, watch := p.watch(ctx, stallTimeout)
		defer watch.stop()
		m := &moving{watch: watch}
		err := p.bucket.Put(ctx, p.below+name, func(w io.Writer) error {
			m.w = w
			watch.rest()
			if err := fill(m); err != nil {
				return m.blame(err)
			}
			watch.arm() // What is left is the place's to do.
			return nil
		})
		return cause(ctx, err)
	})
	return p.doing("writing", name, err)
}

// WriteBytes is Write of what is in memory.
func (p *Place) WriteBytes(ctx context.Context, name string, data []byte) error {
	return p.Write(ctx, name, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// Read opens an object. The caller closes it.
func (p *Place) Read(ctx context.Context, name string) (io.ReadCloser, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	var r io.ReadCloser
	err := p.again(ctx, func(ctx context.Context) error {
		ctx, watch := p.watch(ctx, stallTimeout)
		body, err := p.bucket.Get(ctx, p.below+name)
		if err != nil {
			watch.stop()
			return cause(ctx, err)
		}
		watch.rest()
		r = &reading{ReadCloser: body, ctx: ctx, watch: watch, p: p, name: name}
		return nil
	})
	return r, p.doing("reading", name, err)
}

// ReadBytes reads a whole object of at most a number of bytes.
func (p *Place) ReadBytes(ctx context.Context, name string, most int64) ([]byte, error) {
	var data []byte
	err := p.again(ctx, func(ctx context.Context) error {
		r, err := p.Read(ctx, name)
		if err != nil {
			return &final{err} // It has been tried again already.
		}
		var b bytes.Buffer
		_, err = b.ReadFrom(io.LimitReader(r, most+1))
		data = b.Bytes()
		return errors.Join(err, r.Close())
	})
	if err == nil && int64(len(data)) > most {
		err = p.doing("reading", name, fmt.Errorf("more than %d bytes: %w", most, ErrTooLarge))
	}
	if err != nil {
		return nil, err
	}
	return data, nil
}

// List returns the objects whose names begin with a prefix, in the order of
// their names.
func (p *Place) List(ctx context.Context, prefix string) ([]Object, error) {
	var all []Object
	err := p.again(ctx, func(ctx context.Context) error {
		ctx, watch := p.watch(ctx, callTimeout)
		defer watch.stop()
		all = nil
		return cause(ctx, p.bucket.List(ctx, p.below+prefix, func(o Object) error {
			watch.arm()
			if len(all) >= MaxObjects {
				return &final{fmt.Errorf("there are more than %d objects: use a place, or a folder of it, for backups alone", MaxObjects)}
			}
			o.Name = strings.TrimPrefix(o.Name, p.below)
			all = append(all, o)
			return nil
		}))
	})
	return all, p.doing("listing", prefix, err)
}

// Delete removes an object. It does nothing where there is none.
func (p *Place) Delete(ctx context.Context, name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	err := p.again(ctx, func(ctx context.Context) error {
		ctx, watch := p.watch(ctx, callTimeout)
		defer watch.stop()
		err := cause(ctx, p.bucket.Delete(ctx, p.below+name))
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		return err
	})
	return p.doing("deleting", name, err)
}

// doing says in an error what was done, where.
func (p *Place) doing(what, name string, err error) error {
	if err == nil {
		return nil
	}
	if own, ok := errors.AsType[*final](err); ok {
		err = own.error
	}
	if name == "" {
		return fmt.Errorf("%s %s: %w", what, p.shown, err)
	}
	return fmt.Errorf("%s %s in %s: %w", what, name, p.shown, err)
}
