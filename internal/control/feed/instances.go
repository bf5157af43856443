package feed

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/sallyport/sallyport/internal/control/resource"
	protocol "github.com/sallyport/sallyport/internal/snapshot/feed"
	"github.com/sallyport/sallyport/internal/snapshot/wire"
)

// Instances are the processes that run a gateway, by their heartbeats, as the
// management API answers them. It serves resource.Environment.
func (s *Server) Instances(session *resource.Session, gateway resource.ID) ([]map[string]any, error) {
	if s.notes == nil {
		return nil, nil
	}
	notes, err := s.notes.Notes(session.Context(), noteKey(gateway.Service(), gateway.Name()), MaxInstances)
	if err != nil {
		return nil, fmt.Errorf("reading the heartbeats of %s: %w", gateway, err)
	}
	if len(notes) == 0 {
		return nil, nil
	}
	digest, err := s.digest(session, gateway)
	if err != nil {
		return nil, err
	}
	answers := make([]map[string]any, 0, len(notes))
	for _, n := range notes {
		var beat protocol.Heartbeat
		if err := json.Unmarshal(n.Value, &beat); err != nil {
			return nil, fmt.Errorf("reading the heartbeat %s: %w", n.Key, err)
		}
		answers = append(answers, s.answer(gateway, &beat, n.Age, digest))
	}
	return answers, nil
}

// digest is that of the document which the gateway should have.
func (s *Server) digest(session *resource.Session, gateway resource.ID) (wire.Digest, error) {
	s.mu.Lock()
	h := s.hubs[gateway.Service().Key()]
	s.mu.Unlock()
	if h != nil {
		select {
		case <-h.ready:
			if v := h.attach(gateway.Name(), gatewayKeys{}, 0); h.failed == nil && v != nil {
				h.mu.Lock()
				defer h.mu.Unlock()
				return v.digest, nil
			}
		default:
		}
	}
	// No gateway follows the service on this node.
	lines, err := collect(session, gateway.Service(), s.o.Log)
	if err != nil {
		return wire.Digest{}, err
	}
	return newView(gateway.Name(), lines, 0, time.Time{}, &s.stats.deltas).digest, nil
}

// answer is one instance in the form of a resource.
func (s *Server) answer(gateway resource.ID, beat *protocol.Heartbeat, age time.Duration, wanted wire.Digest) map[string]any {
	reach := "connected"
	if age > protocol.MissedBeats*s.limits.Heartbeat {
		reach = "outOfContact"
	}
	problems := beat.Problems
	if problems == nil {
		problems = []protocol.Problem{}
	}
	properties := map[string]any{
		"region": beat.Region, "host": beat.Host, "release": beat.Release, "state": reach,
		"lineage": beat.Lineage, "revision": beat.Revision, "digest": beat.Digest, "inStep": beat.Digest == wanted.String(),
		"health": beat.Health, "problems": problems,
		"lastHeartbeat": s.o.Clock.Now().Add(-age).UTC().Format(time.RFC3339),
	}
	for name, at := range map[string]time.Time{"started": beat.Started, "applied": beat.Applied, "lastContact": beat.Contact} {
		if !at.IsZero() {
			properties[name] = at.UTC().Format(time.RFC3339)
		}
	}
	id := gateway.Child("sallyportInstances", beat.Instance)
	return map[string]any{"id": string(id), "name": beat.Instance, "type": resource.Type(id), "properties": properties}
}
