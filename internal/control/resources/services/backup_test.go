package services_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/control/rest"
)

// fence is a guard that keeps everyone from one service.
type fence struct{ around string }

func (*fence) Authenticate(context.Context, string) (rest.Principal, error) {
	return rest.Principal{ID: "11111111-1111-1111-1111-111111111111", Name: "tester"}, nil
}

func (f *fence) Allow(_ context.Context, _ rest.Principal, _ access.Permission, id string) (bool, error) {
	return f.around == "" || !strings.HasPrefix(strings.ToLower(id), strings.ToLower(f.around)), nil
}

// TestBackupsOfOthers reaches for the backup of a service from another one,
// without a role at the first.
func TestBackupsOfOthers(t *testing.T) {
	guard := &fence{}
	s := resourcestest.NewWith(t, resourcestest.Options{Guard: guard})
	s.Put("subscriptions/a", `{"properties":{"displayName":"A","scope":"/apis","primaryKey":"one"}}`)
	s.Must("POST", "backup", backupBody, http.StatusOK)
	other := zero + "/resourceGroups/rg2/providers/Microsoft.ApiManagement/service/other"
	s.Must("PUT", other, plain, http.StatusCreated)
	guard.around = service
	s.Must("POST", other+"/restore", backupBody, http.StatusForbidden)
	s.Must("GET", other+"/subscriptions/a", nil, http.StatusNotFound)
	s.Must("POST", other+"/backup", backupBody, http.StatusForbidden)
	own := strings.Replace(backupBody, `"b"`, `"own"`, 1)
	s.Must("POST", other+"/backup", own, http.StatusOK)
	s.Must("POST", other+"/restore", own, http.StatusOK)
	guard.around = ""
	s.Must("POST", other+"/restore", backupBody, http.StatusOK)
}
