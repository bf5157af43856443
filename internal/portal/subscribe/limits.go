package subscribe

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// limitRow is a limit on a page: what is allowed, what is left of it, and when it
// begins anew, as far as that is known.
type limitRow struct {
	Allowed, Left string
	Resets        time.Time
	// Sliding says that the limit looks back from each call and never begins anew.
	Sliding bool
	Known   bool
}

// readLimits reads the limits of a subscription. away is true where they could
// not be read; the rest of the page is shown all the same.
func readLimits(x *page.Exchange, id string) (rows []limitRow, away bool) {
	got, err := client.Read[client.Limits](x.R.Context(), x.Client(), client.Path("subscriptions", id, "sallyportLimits"), client.AsPortal())
	if err != nil {
		x.Log().Warn("the limits of a subscription could not be read", "subscription", id, "error", err.Error())
		return nil, true
	}
	for _, l := range got.Value {
		if l.Calls > 0 {
			rows = append(rows, rowOf(&l, fmt.Sprint(thousands(l.Calls), " ", word(l.Calls, "call")), thousands(max(0, l.Calls-l.UsedCalls))))
		}
		if l.Bandwidth > 0 {
			left := max(0, float64(l.Bandwidth)-l.UsedKilobytes)
			rows = append(rows, rowOf(&l, thousands(l.Bandwidth)+" kB", thousands(int64(math.Floor(left)))+" kB"))
		}
	}
	return rows, false
}

func rowOf(l *client.Limit, allowed, left string) limitRow {
	r := limitRow{Allowed: allowed + " " + per(l.RenewalPeriod), Left: left, Resets: l.End, Sliding: l.Kind == "rateLimit", Known: l.Known}
	if l.Target != "" {
		r.Allowed += " of " + l.Target
	}
	return r
}

// per says a period in words: "in 24 hours", "in all".
func per(seconds int64) string {
	if seconds <= 0 {
		return "in all"
	}
	for _, unit := range []struct {
		name   string
		length int64
	}{{"day", 24 * 60 * 60}, {"hour", 60 * 60}, {"minute", 60}, {"second", 1}} {
		if n := seconds / unit.length; seconds%unit.length == 0 {
			if n == 1 {
				return "in each " + unit.name
			}
			return "in each " + thousands(n) + " " + unit.name + "s"
		}
	}
	return ""
}

func word(n int64, one string) string {
	if n == 1 {
		return one
	}
	return one + "s"
}

// thousands writes a number with narrow spaces.
func thousands(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "\u202f" + text[i:]
	}
	return text
}
