package services_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

// TestStatus tells of what ends soon, and of nothing else.
func TestStatus(t *testing.T) {
	s := resourcestest.New(t, nil)
	in := func(days int) string { return s.Clock.Now().AddDate(0, 0, days).UTC().Format(time.RFC3339) }
	put := func(name, state, more string) {
		s.Put("subscriptions/"+name, fmt.Sprintf(`{"properties": {"displayName": "The %s", "scope": "/apis"}}`, name))
		patch := fmt.Sprintf(`{"properties": {"state": %q%s}}`, state, more)
		if status, _, body := s.Do(http.MethodPatch, "subscriptions/"+name, patch, "If-Match", "*"); status != http.StatusOK {
			t.Fatal(status, body)
		}
	}
	put("plain", "active", "")
	put("key", "active", `, "sallyportPrimaryKeyExpires": "`+in(3)+`", "sallyportSecondaryKeyExpires": "`+in(60)+`"`)
	put("whole", "active", `, "expirationDate": "`+in(10)+`"`)
	put("over", "active", `, "expirationDate": "`+in(-2)+`"`)
	put("long-over", "active", `, "expirationDate": "`+in(-20)+`"`)
	put("cancelled", "cancelled", `, "expirationDate": "`+in(4)+`"`)
	answer := s.Must(http.MethodGet, "sallyportStatus", nil, http.StatusOK)
	var got []string
	list, _ := resourcestest.At(answer, "ending.value").([]any)
	for _, value := range list {
		one, _ := value.(map[string]any)
		got = append(got, fmt.Sprint(one["id"], " ", one["what"], " ", one["name"]))
	}
	want := "subscriptions/over subscription The over, subscriptions/key primaryKey The key, subscriptions/whole subscription The whole"
	if strings.Join(got, ", ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, ", "), want)
	}
	if kept := resourcestest.At(answer, "backup.kept"); kept != false || resourcestest.At(answer, "ending.complete") != true {
		t.Errorf("the answer is %v", answer)
	}
	s.Plane.Environment().BackupStatus = func() resource.BackupStatus {
		return resource.BackupStatus{Kept: true, Taken: s.Clock.Now(), Overdue: true}
	}
	backup, _ := s.Must(http.MethodGet, "sallyportStatus", nil, http.StatusOK)["backup"].(map[string]any)
	if backup["kept"] != true || backup["overdue"] != true || backup["taken"] != in(0) || backup["proved"] != nil {
		t.Errorf("the backup is %v", backup)
	}
	// Pages of subscriptions, and more ends than are told.
	for i := range 60 {
		put(fmt.Sprintf("many%02d", i), "active", `, "expirationDate": "`+in(20)+`"`)
	}
	ending, _ := s.Must(http.MethodGet, "sallyportStatus", nil, http.StatusOK)["ending"].(map[string]any)
	if list, _ := ending["value"].([]any); len(list) != 50 || fmt.Sprint(ending["count"]) != "63" {
		t.Errorf("%d of %v", len(list), ending["count"])
	}
}
