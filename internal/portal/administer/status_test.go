package administer_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/client"
)

// TestOverviewStatus shows at one glance what ends soon and how backups go.
func TestOverviewStatus(t *testing.T) {
	now := time.Now()
	ending := func(what string, in time.Duration) client.Ending {
		return client.Ending{ID: "subscriptions/shop", Name: "Shop <b>", What: what, Ends: now.Add(in)}
	}
	cases := []struct {
		name   string
		change func(*client.Status)
		want   []string
		not    []string
	}{
		{name: "all is well", change: func(s *client.Status) {
			s.Backup = client.BackupStatus{Kept: true, Taken: now.Add(-2 * time.Hour), Proved: now.Add(-119 * time.Minute)}
		}, want: []string{"2 hours ago", "1 hour ago", "none ends within 30 days"}, not: []string{"Ends soon", "No continuous backup"}},
		{name: "no backup", change: func(*client.Status) {}, want: []string{"No continuous backup is kept"}, not: []string{"All is well"}},
		{name: "not taken yet", change: func(s *client.Status) { s.Backup.Kept = true }, want: []string{"not yet"}},
		{name: "overdue", change: func(s *client.Status) {
			s.Backup = client.BackupStatus{Kept: true, Taken: now, Proved: now.Add(-72 * time.Hour), Overdue: true, Failed: now}
		}, want: []string{"Backups are not proved", "3 days ago"}, not: []string{"did not succeed"}},
		{name: "failed", change: func(s *client.Status) {
			s.Backup = client.BackupStatus{Kept: true, Taken: now, Proved: now, Failed: now.Add(-time.Hour)}
		}, want: []string{"The last backup did not succeed", "It failed 1 hour ago"}},
		{name: "ends", change: func(s *client.Status) {
			s.Ending.Value = []client.Ending{ending("primaryKey", -time.Hour), ending("secondaryKey", time.Hour),
				ending("subscription", 3*24*time.Hour+time.Hour), {ID: "certificates/c", Name: "c", What: "certificate", Ends: now.Add(20 * 24 * time.Hour)}}
			s.Ending.Count = 70
			s.Ending.Complete = false
		}, want: []string{"Ends soon", "Primary key", "ended", "Secondary key", "less than a day", "Subscription", "3 days", "Certificate", "66 more",
			`<a href="/admin/subscriptions/shop">Shop &lt;b&gt;</a>`, "may be missing"}, not: []string{"Shop <b>", "All is well"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.m.Handle("GET sallyportStatus", func(rw http.ResponseWriter, _ *http.Request) {
				status := client.Status{}
				status.Ending.Complete = true
				c.change(&status)
				rw.Header().Set("Content-Type", "application/json")
				if err := json.NewEncoder(rw).Encode(status); err != nil {
					t.Error(err)
				}
			})
			got := w.Get("/admin")
			got.Want(t, http.StatusOK, c.want...)
			for _, no := range c.not {
				if strings.Contains(got.Body, no) {
					t.Errorf("the page has %q", no)
				}
			}
		})
	}
	// A management plane that does not tell keeps nobody from the page.
	newWorld(t).Get("/admin").Want(t, http.StatusOK, "Approvals")
}
