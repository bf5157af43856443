package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"github.com/sallyport/sallyport/cmd/sallyport/author"
	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/control/transfer/apiops"
	"github.com/sallyport/sallyport/internal/control/transfer/watch"
	"github.com/sallyport/sallyport/internal/problem"
	"github.com/sallyport/sallyport/internal/snapshot"
)

// folder offers the configuration of a folder to the gateway.
type folder struct {
	o        *gatewayOptions
	p        *process
	revision uint64
	// unread is what was wrong when the folder could not be read, and rejected
	// the document that did not compile: what is wrong is told once, not at each
	// look at the folder.
	unread   string
	rejected *snapshot.Document
	problems problem.Problems // of rejected
}

func newFolder(o *gatewayOptions, p *process) *folder {
	return &folder{o: o, p: p}
}

// first reads the folder for the first time. Where it cannot be used, the
// configuration kept from an earlier run serves; without one the error says
// what is wrong with the folder.
func (f *folder) first() error {
	kept, err := f.p.follower.Start()
	if err != nil {
		f.p.log.Error("the kept configuration cannot be used", slog.Any("error", err))
	}
	if now := f.p.follower.Current(); now != nil {
		f.revision = now.Revision()
	}
	problems := f.offer()
	switch {
	case !problems.HasErrors():
		return nil
	case kept:
		f.p.log.Error("the folder cannot be used; the configuration of an earlier run is serving", slog.String("folder", f.o.config))
		return nil
	}
	return &configurationError{folder: f.o.config, problems: problems}
}

// configurationError is a folder that cannot be used.
type configurationError struct {
	folder   string
	problems problem.Problems
}

// Error counts what is wrong; the log has listed it.
func (e *configurationError) Error() string {
	n := e.problems.Count(problem.SeverityError)
	if n == 1 {
		return "the configuration in " + e.folder + " cannot be used: the error is listed above"
	}
	return fmt.Sprintf("the configuration in %s cannot be used: %d errors, listed above", e.folder, n)
}

// follow applies each change until ctx ends.
func (f *folder) follow(ctx context.Context) {
	err := watch.Folder(ctx, f.o.config, f.p.clock, f.p.log.Logger, func() {
		_ = f.offer() // What is wrong has been logged.
	})
	if err != nil && !errors.Is(err, context.Canceled) {
		f.p.log.Error("changes of the folder are no longer applied", slog.Any("error", err))
	}
}

// offer reads the folder and offers what it holds. The problems are those of
// the reading or of the compiling.
func (f *folder) offer() problem.Problems {
	read, problems := f.read()
	if problems.HasErrors() {
		f.refuse(problems)
		return problems
	}
	f.unread = ""
	doc := &snapshot.Document{Revision: f.revision + 1, Resources: read.Resources}
	if now := f.p.follower.Current(); now != nil && same(now.Document(), doc) {
		f.rejected = nil
		return problems
	}
	if f.rejected != nil && same(f.rejected, doc) {
		return f.problems
	}
	compiled := f.p.follower.Offer(doc, read.Locate)
	if compiled.HasErrors() {
		f.rejected, f.problems = doc, slices.Concat(problems, compiled)
		return f.problems
	}
	f.revision++
	f.rejected = nil
	if len(read.Resources) == 0 {
		f.p.log.Warn("the folder holds no configuration: every call will be answered with 404 (it should have folders such as apis and products)",
			slog.String("folder", f.o.config))
	}
	return append(problems, compiled...)
}

// read reads the folder.
func (f *folder) read() (*transfer.Configuration, problem.Problems) {
	if err := readable(f.o.config); err != nil {
		return nil, problem.Of(err)
	}
	options, err := f.options()
	if err != nil {
		return nil, problem.Of(err)
	}
	return apiops.Read(os.DirFS(f.o.config), options)
}

// refuse tells what is wrong with the folder, unless that is known already.
func (f *folder) refuse(problems problem.Problems) {
	if text := problems.Error(); text != f.unread {
		f.unread, f.rejected = text, nil
		f.p.follower.Refuse(problems)
	}
}

// same reports whether two documents hold the same configuration.
func same(a, b *snapshot.Document) bool {
	delta, err := snapshot.Difference(a, b)
	return err == nil && delta.Empty()
}

// options are those that the folder is read with.
func (f *folder) options() (apiops.Options, error) {
	var o apiops.Options
	if f.o.overrides != "" {
		data, err := os.ReadFile(filepath.Clean(f.o.overrides))
		if err != nil {
			return o, err
		}
		o.Overrides, o.OverridesFile = data, f.o.overrides
	}
	if f.o.valuesFrom {
		o.Env = os.LookupEnv
		o.ReadValue = author.ValueReader(f.o.config)
	}
	return o, nil
}

// readable fails early, with a clear error, for a folder that is not there.
func readable(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("the configuration folder: %w", err)
	}
	if !info.IsDir() {
		return fmt.Errorf("the configuration folder: %s is a file; give the folder that holds apis, products, …", dir)
	}
	return nil
}
