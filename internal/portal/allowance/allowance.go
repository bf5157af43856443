// Package allowance says to visitors which rate limits and quotas hold for a
// subscription of theirs: how much of what, in which time, where, and what is
// left. It leaves out what the visitor may not see.
package allowance

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/catalogue"
)

// Allowance is one thing that is limited: calls, or data.
type Allowance struct {
	// Allowed is how much in which time: "1 000 calls in each hour". Where is what
	// it is for, and Path the page of that, "" for none.
	Allowed, Where, Path string
	// Notes are sentences about how it counts.
	Notes []string
	// Left and Used are what is left and used, where Known; Share is how much of
	// it is used, from 0 to 100.
	Known      bool
	Left, Used string
	Share      int
	// Resets is when it begins anew, where that is known. Sliding says that it
	// looks back from each call and never begins anew, and Endless that it never
	// does for another reason.
	Resets           time.Time
	Sliding, Endless bool
	// Limit is what the management plane says; InCalls that calls are what is
	// limited.
	Limit   client.Limit
	InCalls bool
}

// Read reads what holds for a subscription, by the name that the portal calls it, as far as a visitor with the view may
// know it. view may be nil, for one who sees no API. more says that there is more
// than is told.
func Read(ctx context.Context, c *client.Client, subscription string, view *catalogue.View) (list []Allowance, more bool, err error) {
	got, err := client.Read[client.Limits](ctx, c, client.PathIn("subscriptions", subscription, "sallyportLimits"), client.AsPortal())
	if err != nil {
		return nil, false, err
	}
	workspace, _ := client.WorkspaceOf(subscription)
	for _, l := range got.Value {
		base := Allowance{Limit: l, Sliding: l.Kind == "rateLimit", Notes: notes(&l)}
		var seen bool
		if base.Where, base.Path, seen = where(&l, workspace, view); !seen {
			continue
		}
		base.Endless = !base.Sliding && l.RenewalPeriod == 0 && !l.PeriodVaries
		if !l.End.IsZero() {
			base.Resets = l.End
		}
		if l.Calls > 0 || l.CallsVary {
			list = append(list, base.calls())
		}
		if l.Bandwidth > 0 {
			list = append(list, base.data())
		}
	}
	return list, got.Truncated, nil
}

func (a Allowance) calls() Allowance {
	l := &a.Limit
	a.InCalls = true
	if l.CallsVary {
		a.Allowed = "A number of calls that depends on the call, " + period(l)
		return a
	}
	a.Allowed = Thousands(l.Calls) + " " + word(l.Calls, "call") + " " + period(l)
	if a.Known = l.Known; a.Known {
		a.Left, a.Used = Thousands(max(0, l.Calls-l.UsedCalls)), Thousands(max(0, l.UsedCalls))+" "+word(l.UsedCalls, "call")
		a.Share = share(float64(l.UsedCalls), float64(l.Calls))
	}
	return a
}

func (a Allowance) data() Allowance {
	l := &a.Limit
	a.Allowed = Thousands(l.Bandwidth) + " kB " + period(l)
	if a.Known = l.Known; a.Known {
		left := max(0, float64(l.Bandwidth)-l.UsedKilobytes)
		a.Left, a.Used = Thousands(int64(math.Floor(left)))+" kB", Thousands(int64(math.Ceil(max(0, l.UsedKilobytes))))+" kB"
		a.Share = share(l.UsedKilobytes, float64(l.Bandwidth))
	}
	return a
}

func share(used, of float64) int { return int(min(100, max(0, used)*100/of)) }

// where says what a limit of a workspace, or of the service itself, is for; false
// where the visitor may not see that.
func where(l *client.Limit, workspace string, view *catalogue.View) (text, path string, seen bool) {
	if l.API == "" && l.Operation == "" {
		return "all calls", "", true
	}
	if view == nil {
		return "", "", false
	}
	if l.API == "" {
		for _, api := range view.APIs() {
			if !strings.EqualFold(api.Workspace, workspace) {
				continue
			}
			if o := operation(api, l.Operation); o != nil {
				return "each operation " + titleOf(o), "", true
			}
		}
		return "", "", false
	}
	api, ok := view.API(client.Qualify(workspace, l.API))
	if !ok {
		return "", "", false
	}
	path = "/" + client.Path("apis", api.Name)
	if l.Operation == "" {
		return api.DisplayName, path, true
	}
	o := operation(api, l.Operation)
	if o == nil {
		return "", "", false
	}
	return titleOf(o) + " of " + api.DisplayName, path + "/" + client.Path("operations", o.Name), true
}

// operation finds an operation by its name or its display name.
func operation(api *catalogue.API, name string) *catalogue.Operation {
	for _, o := range api.Operations {
		if strings.EqualFold(o.Name, name) || o.DisplayName == name {
			return o
		}
	}
	return nil
}

func titleOf(o *catalogue.Operation) string {
	if o.DisplayName != "" {
		return o.DisplayName
	}
	return o.Name
}

// notes say how a limit counts, where that is not plain.
func notes(l *client.Limit) (list []string) {
	if l.Conditional {
		list = append(list, "Holds under a condition, for some calls only.")
	}
	if l.Partly {
		list = append(list, "Not every call counts as one.")
	}
	switch l.CountedBy {
	case "user":
		list = append(list, "Counts the calls with all your subscriptions.")
	case "key":
		list = append(list, "Counts the calls with the "+l.Key+" key.")
	}
	if l.Split {
		list = append(list, "Counts apart by something that differs from call to call.")
	}
	return list
}

// period says in which time.
func period(l *client.Limit) string {
	if l.PeriodVaries {
		return "in a time that depends on the call"
	}
	return Per(l.RenewalPeriod)
}

// Per says a period in words: "in each hour", "in each 90 seconds", "in all".
func Per(seconds int64) string {
	if seconds <= 0 {
		return "in all"
	}
	for _, unit := range []struct {
		name   string
		length int64
	}{{"day", 24 * 60 * 60}, {"hour", 60 * 60}, {"minute", 60}} {
		if n := seconds / unit.length; seconds%unit.length == 0 {
			return each(n, unit.name)
		}
	}
	return each(seconds, "second")
}

func each(n int64, unit string) string {
	if n == 1 {
		return "in each " + unit
	}
	return fmt.Sprint("in each ", Thousands(n), " ", unit, "s")
}

func word(n int64, one string) string {
	if n == 1 {
		return one
	}
	return one + "s"
}

// Thousands writes a number with narrow spaces.
func Thousands(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "\u202f" + text[i:]
	}
	return text
}
