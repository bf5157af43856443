// Package refresh reads, in the background, what named values and certificates
// refer to in key vaults: every four hours as Azure API Management does, sooner
// where a reading failed, and within seconds where a reference is new. What was
// read last stays in use while a vault cannot be read.
package refresh

import (
	"context"
	"hash/fnv"
	"log/slog"
	"maps"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/services"
	"github.com/sallyport/sallyport/internal/control/resources/settings"
	"github.com/sallyport/sallyport/internal/control/secret/vault"
	"github.com/sallyport/sallyport/internal/control/service"
	"github.com/sallyport/sallyport/internal/control/store"
)

// Times and limits.
const (
	// Every is how long a secret that was read is used before it is read again.
	Every = 4 * time.Hour
	// spread is by how much sooner some are read, so that not all are at once.
	spread = 20 * time.Minute
	// Again is how long after a failure a secret is read again.
	Again = 5 * time.Minute
	// Look is how often new references are looked for.
	Look = 15 * time.Second
	// MaxAtOnce bounds the secrets that one transaction refreshes.
	MaxAtOnce = 200
)

// Refresher refreshes the secrets of an installation.
type Refresher struct {
	plane *service.Plane
	clock clock.Clock
	log   *slog.Logger
	// tried is when each resource was read last without success, and seen is the
	// revision that was looked through last, with nothing due before next.
	tried map[resource.ID]time.Time
	// told are those of whose failure the log tells already.
	told map[resource.ID]bool
	seen store.Revision
	next time.Time
}

// New makes a Refresher. It does nothing before Run.
func New(plane *service.Plane, log *slog.Logger) *Refresher {
	return &Refresher{plane: plane, clock: plane.Environment().Clock, log: log, tried: map[resource.ID]time.Time{},
		told: map[resource.ID]bool{}}
}

// Run refreshes until ctx ends. What fails is logged and tried again.
func (r *Refresher) Run(ctx context.Context) error {
	for {
		if err := r.Sweep(ctx); err != nil && ctx.Err() == nil {
			r.log.Error("secrets of key vaults cannot be looked through; it is tried again", slog.Any("error", err))
		}
		if err := clock.Sleep(ctx, r.clock, Look); err != nil {
			return err
		}
	}
}

// Sweep refreshes what is due.
func (r *Refresher) Sweep(ctx context.Context) error {
	due, err := r.due(ctx)
	if err != nil {
		return err
	}
	for len(due) > 0 && ctx.Err() == nil {
		n := min(len(due), MaxAtOnce)
		r.refresh(ctx, due[:n])
		due = due[n:]
	}
	return nil
}

// due are the resources whose secret is to be read now.
func (r *Refresher) due(ctx context.Context) (due []resource.ID, err error) {
	now := r.clock.Now()
	err = r.plane.Read(ctx, call(), func(s *resource.Session) error {
		if s.Reader().Revision() == r.seen && now.Before(r.next) {
			return nil
		}
		r.seen, r.next = s.Reader().Revision(), now.Add(Every)
		tried := map[resource.ID]time.Time{}
		err := each(s, func(e *resource.Entity, status settings.VaultStatus) {
			if isService(e.ID) {
				status.At = r.tried[e.ID] // A host name does not say when it was read.
			}
			at := r.dueAt(e.ID, status)
			if last, ok := r.tried[e.ID]; ok {
				tried[e.ID] = last
			}
			if !at.After(now) {
				due = append(due, e.ID)
				return
			}
			if at.Before(r.next) {
				r.next = at
			}
		})
		r.tried = tried // Without what has gone.
		maps.DeleteFunc(r.told, func(id resource.ID, failing bool) bool { _, there := tried[id]; return !failing || !there })
		return err
	})
	if len(due) > 0 {
		r.seen = 0 // They change what there is to look through.
	}
	return due, err
}

// dueAt is when a secret is to be read next.
func (r *Refresher) dueAt(id resource.ID, status settings.VaultStatus) time.Time {
	if tried := r.tried[id]; tried.After(status.At) {
		return tried.Add(Again) // Also where what was read could not be kept.
	}
	if status.Code != vault.CodeSuccess {
		return status.At.Add(Again)
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // A hash never fails to write.
	return status.At.Add(Every - time.Duration(h.Sum32())%spread)
}

// each calls f with everything that refers to a vault, in all services and
// their workspaces.
func each(s *resource.Session, f func(*resource.Entity, settings.VaultStatus)) error {
	all, err := services.All(s)
	if err != nil {
		return err
	}
	for _, service := range all {
		if refers, read := services.VaultHosts(service); refers {
			f(service, hostStatus(read))
		}
		scopes := []resource.ID{service.ID}
		for w, err := range s.Collection(service.ID + "/workspaces") {
			if err != nil {
				return err
			}
			scopes = append(scopes, w.ID)
		}
		for _, scope := range scopes {
			for _, collection := range []resource.ID{"/namedValues", "/certificates"} {
				for e, err := range s.Collection(scope + collection) {
					if err != nil {
						return err
					}
					if status, ok := settings.StatusOf(e); ok {
						f(e, status)
					}
				}
			}
		}
	}
	return nil
}

// refresh reads secrets and keeps them, all in one transaction, or each by
// itself where that does not go.
func (r *Refresher) refresh(ctx context.Context, ids []resource.ID) {
	err := r.write(ctx, ids)
	if err == nil || ctx.Err() != nil {
		return
	}
	if len(ids) == 1 {
		r.tried[ids[0]] = r.clock.Now()
		r.log.Error("a secret of a key vault cannot be used; the one before it stays", slog.String("resource", string(ids[0])),
			slog.Any("error", err))
		return
	}
	for _, id := range ids {
		r.refresh(ctx, []resource.ID{id})
	}
}

func (r *Refresher) write(ctx context.Context, ids []resource.ID) error {
	failed := map[resource.ID]settings.VaultStatus{}
	_, err := r.plane.Write(ctx, call(), func(s *resource.Session) error {
		clear(failed)
		for _, id := range ids {
			status, err := refreshOne(s, id)
			if err != nil {
				return err
			}
			if status.Code != vault.CodeSuccess && status.Code != "" {
				failed[id] = status
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, id := range ids {
		delete(r.tried, id)
		if isService(id) {
			r.tried[id] = r.clock.Now()
		}
		status, ok := failed[id]
		if ok {
			r.tried[id] = r.clock.Now()
			level := slog.LevelWarn
			if r.told[id] {
				level = slog.LevelDebug
			}
			r.log.Log(ctx, level, "a secret of a key vault could not be read; what was read before stays in use",
				slog.String("resource", string(id)), slog.String("code", status.Code), slog.String("message", status.Message))
		}
		r.told[id] = ok
	}
	return nil
}

// isService says whether an id is that of a service, whose host names refer to
// vaults.
func isService(id resource.ID) bool { return id.Service() == id }

// hostStatus is the status of the host names of a service together.
func hostStatus(read bool) settings.VaultStatus {
	if read {
		return settings.VaultStatus{Code: vault.CodeSuccess}
	}
	return settings.VaultStatus{Code: vault.CodeUnusable, Message: "The certificate of a host name could not be read."}
}

// refreshOne reads what one resource refers to.
func refreshOne(s *resource.Session, id resource.ID) (settings.VaultStatus, error) {
	if !isService(id) {
		return settings.Refresh(s, id)
	}
	read, err := services.RefreshHosts(s, id)
	return hostStatus(read), err
}

// call is who the audit log says it was.
func call() *resource.Call {
	return &resource.Call{Principal: "system", Name: "sallyport", Correlation: "key vault refresh", Version: "2024-05-01"}
}
