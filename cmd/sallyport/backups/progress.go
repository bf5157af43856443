package backups

import (
	"fmt"
	"io"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/backup"
)

// reportEvery is the time between two lines of progress.
const reportEvery = time.Second

// progress prints how far something is, about every second: a command that is
// done sooner prints nothing.
func progress(out io.Writer, c clock.Clock) func(backup.Progress) {
	next := c.Now().Add(reportEvery)
	return func(p backup.Progress) {
		if now := c.Now(); now.After(next) {
			next = now.Add(reportEvery)
			fmt.Fprintf(out, "%s: %d entries, %s\n", p.Phase, p.Entries, size(p.Bytes))
		}
	}
}
