package feed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/problem"
	protocol "github.com/sallyport/sallyport/internal/snapshot/feed"
)

// instancesKey is the key below which heartbeats are noted.
const instancesKey store.Key = "sallyport/instances"

// noteKey is where the heartbeats of a gateway's instances are.
func noteKey(service resource.ID, gateway string) store.Key {
	return store.KeyOf(string(instancesKey) + "/" + string(service.Key()) + "/gateways/" + gateway)
}

// heartbeat takes one heartbeat.
func (s *Server) heartbeat(w http.ResponseWriter, r *http.Request) error {
	c, err := s.identify(r)
	if err != nil {
		return err
	}
	key := noteKey(c.service, c.token.Gateway)
	name := string(key) + "/" + c.instance
	ok, fresh := s.beats.take(name)
	if !ok {
		return later(http.StatusTooManyRequests, "Heartbeats come too often.", s.limits.Heartbeat)
	}
	beat, err := protocol.DecodeHeartbeat(http.MaxBytesReader(w, r.Body, protocol.MaxHeartbeat))
	if err != nil {
		return refused(http.StatusBadRequest, problem.CodeValidation, err.Error()+".")
	}
	if beat.Instance != c.instance {
		return refused(http.StatusBadRequest, problem.CodeValidation, "The heartbeat is another instance's than its request.")
	}
	if s.notes != nil {
		if err := s.note(r.Context(), key, beat, fresh); err != nil {
			return err
		}
	}
	s.beats.letIn(name)
	s.stats.heartbeats.Add(1)
	w.Header().Set(protocol.HeaderSpread, strconv.FormatInt(s.spread(), 10))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// spread is how many seconds the feeds of this node need to begin anew, at the
// rate at which it lets them.
func (s *Server) spread() int64 {
	rate := int64(s.limits.JoinsPerSecond)
	return min((s.feeds.Load()+rate-1)/rate, int64(protocol.MaxSpread/time.Second))
}

// note keeps a heartbeat for all nodes to see.
func (s *Server) note(ctx context.Context, key store.Key, beat *protocol.Heartbeat, fresh bool) error {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	own := key.Child(strings.ToLower(beat.Instance))
	if fresh {
		others, err := s.notes.Notes(ctx, key, MaxInstances)
		if err != nil {
			return err
		}
		others = slices.DeleteFunc(others, func(n store.Note) bool { return n.Key == own })
		if len(others) >= MaxInstances {
			return later(http.StatusTooManyRequests, fmt.Sprintf("The gateway has MaxInstances (%d) instances already.", MaxInstances), fullRetry)
		}
	}
	value, err := encodeNote(beat)
	if err != nil {
		return err
	}
	err = s.notes.PutNote(ctx, own, value, HeartbeatLife)
	if errors.Is(err, store.ErrNotesFull) {
		return later(http.StatusTooManyRequests, "The installation has too many instances of gateways.", fullRetry)
	}
	return err
}

// encodeNote writes a heartbeat as it is kept: with as many of its problems as
// there is room for.
func encodeNote(beat *protocol.Heartbeat) ([]byte, error) {
	for {
		value, err := json.Marshal(beat)
		if err != nil {
			return nil, fmt.Errorf("keeping a heartbeat: %w", err)
		}
		if len(value) <= store.MaxNoteLength || len(beat.Problems) == 0 {
			return value, nil
		}
		beat.Problems = beat.Problems[:len(beat.Problems)/2]
	}
}
