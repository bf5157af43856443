package session

import (
	"context"
	"strconv"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/clock"
)

// Times of Follow.
const (
	followWait  = 20 * time.Second // How long the management plane waits for a change.
	followRest  = time.Second      // Between two answers.
	followAgain = 5 * time.Second  // After it did not answer.
)

// Follow asks the management plane for changes until ctx ends, so that what
// becomes of users and groups (blocked, deleted, another group) counts for their
// sessions at once. Sessions themselves are no configuration, and are not told of:
// FreshFor is for them.
func (m *Manager) Follow(ctx context.Context) {
	var after int64
	for ctx.Err() == nil {
		changes, err := m.changes(ctx, after)
		rest := followRest
		switch {
		case err != nil:
			rest = followAgain
		case after == 0 || changes.Revision < after:
			m.Changed(nil, false)
			after = changes.Revision
		default:
			m.Changed(changes.Changed, changes.Complete)
			after = changes.Revision
		}
		if clock.Sleep(ctx, m.clock, rest) != nil {
			return
		}
	}
}

func (m *Manager) changes(ctx context.Context, after int64) (client.Changes, error) {
	options := []client.Call{client.Within(followWait + 10*time.Second)}
	if after > 0 {
		options = append(options, client.Query("after", strconv.FormatInt(after, 10)),
			client.Query("wait", strconv.Itoa(int(followWait/time.Second))))
	}
	return client.Read[client.Changes](ctx, m.client, "sallyportChanges", options...)
}
