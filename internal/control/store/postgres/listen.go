package postgres

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/sallyport/sallyport/internal/control/store"
)

// channel is where updates are notified, with their revision.
const channel = "sallyport_revision"

// listen announces what the server notifies, until the connection fails: then
// watchers look by themselves, so the error is of no interest. It calls
// connected when it has begun.
func (s *Store) listen(ctx context.Context, connected func()) {
	conn, err := pgx.ConnectConfig(ctx, s.pool.Config().ConnConfig)
	if err != nil {
		return
	}
	defer func() { _ = conn.Close(context.Background()) }() // Nothing is lost with it.
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return
	}
	// What was committed before the connection listened is not notified.
	var latest int64
	if err := conn.QueryRow(ctx, revisionSQL).Scan(&latest); err != nil {
		return
	}
	s.news.announce(store.Revision(latest))
	connected()
	for {
		notification, err := conn.WaitForNotification(ctx)
		if err != nil {
			return
		}
		// Anyone may notify: a number that is not there yet only makes watchers
		// look once more.
		if revision, err := strconv.ParseUint(notification.Payload, 10, 63); err == nil {
			s.news.announce(store.Revision(revision))
		}
	}
}
