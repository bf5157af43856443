package administer

import (
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/problem"
)

// overviewStatus says what ends soon, and how backups go. A management plane that
// does not tell, or not to this portal, is asked for nothing else because of it.
func (s *section) overviewStatus(x *page.Exchange, data *screen) error {
	status, err := client.Read[client.Status](x.R.Context(), x.Client(), "sallyportStatus")
	if p, ok := errors.AsType[*problem.Error](err); ok && (p.Status == http.StatusNotFound || p.Status == http.StatusForbidden) {
		return nil
	}
	if err != nil {
		return err
	}
	now := x.Clock().Now()
	backupFacts(data, status.Backup, now)
	if status.Ending.Count == 0 && status.Ending.Complete {
		data.Facts = append(data.Facts, fact{"Keys and certificates", badge("none ends within 30 days", "success")})
		allWell(data)
		return nil
	}
	list := &table{Caption: "Ends soon", Columns: []string{"What", "Of", "Ends", "Left"}, Empty: "Nothing ends within 30 days."}
	for _, one := range status.Ending.Value {
		list.Rows = append(list.Rows, []any{endingWord(one.What), endingLink(one), moment(one.Ends), left(one.Ends, now)})
	}
	if more := status.Ending.Count - len(status.Ending.Value); more > 0 {
		data.Notes = append(data.Notes, note{"info", "", fmt.Sprintf("%d more end within 30 days than the list below has.", more)})
	}
	if !status.Ending.Complete {
		data.Notes = append(data.Notes, note{"info", "", "There are more subscriptions than are looked through: some that end may be missing."})
	}
	data.Tables = append(data.Tables, list)
	return nil
}

// backupFacts says when the last backup was taken and proved, and what is wrong.
func backupFacts(data *screen, b client.BackupStatus, now time.Time) {
	if !b.Kept {
		data.Notes = append(data.Notes, note{"warning", "No continuous backup is kept",
			"Start the management plane with --backup, or see to it that the installation is backed up in another way."})
		return
	}
	switch {
	case b.Overdue:
		data.Notes = append(data.Notes, note{"danger", "Backups are not proved",
			"None was read back and compared for more than a day. The log of the management plane says why."})
	case !b.Failed.IsZero():
		data.Notes = append(data.Notes, note{"warning", "The last backup did not succeed",
			"It failed " + ago(b.Failed, now) + " and is tried again. The log of the management plane says why."})
	}
	kind := "success"
	if b.Overdue {
		kind = "danger"
	}
	data.Facts = append(data.Facts,
		fact{"Last backup", when(b.Taken, now, "success")}, fact{"Last proof of a backup", when(b.Proved, now, kind)})
}

// when is a time with its age.
func when(t, now time.Time, kind string) template.HTML {
	if t.IsZero() {
		return badge("not yet", "warning")
	}
	return badge(ago(t, now), kind) + " " + moment(t)
}

// ago is the age of a moment in words.
func ago(t, now time.Time) string {
	age := now.Sub(t)
	switch {
	case age < time.Minute:
		return "just now"
	case age < time.Hour:
		return units(int(age/time.Minute), "minute") + " ago"
	case age < 2*24*time.Hour:
		return units(int(age/time.Hour), "hour") + " ago"
	}
	return units(int(age/(24*time.Hour)), "day") + " ago"
}

// units is a number of them.
func units(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}

// left is how long something still works.
func left(ends, now time.Time) template.HTML {
	rest := ends.Sub(now)
	switch {
	case rest <= 0:
		return badge("ended", "danger")
	case rest < 24*time.Hour:
		return badge("less than a day", "danger")
	case rest < 7*24*time.Hour:
		return badge(units(int(rest/(24*time.Hour)), "day"), "warning")
	}
	return badge(units(int(rest/(24*time.Hour)), "day"), "")
}

// endingWord says what it is that ends.
func endingWord(what string) string {
	switch what {
	case "primaryKey":
		return "Primary key"
	case "secondaryKey":
		return "Secondary key"
	case "certificate":
		return "Certificate"
	}
	return "Subscription"
}

// endingLink leads to the page of a subscription; certificates have none here.
func endingLink(e client.Ending) any {
	if name, ok := strings.CutPrefix(e.ID, "subscriptions/"); ok && !strings.Contains(name, "/") {
		return link(e.Name, subscriptionPath(name))
	}
	return e.Name
}

// allWell says that nothing needs care, where that is so: what there is to see at
// one glance.
func allWell(data *screen) {
	for _, f := range data.Figures {
		if f.Kind != "" {
			return
		}
	}
	if len(data.Notes) == 0 {
		data.Notes = []note{{"success", "All is well", "Nothing waits for you, nothing ends soon, and backups are proved."}}
	}
}
