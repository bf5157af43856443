package apply_test

import (
	"net/http"
	"testing"
	"testing/fstest"

	"github.com/sallyport/sallyport/internal/control/apply"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/control/transfer/apiops"
)

// TestUsersKeepTheirPasswords applies a folder that has a user and, as exports
// are, no hash of its password.
func TestUsersKeepTheirPasswords(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("users/ann", `{"properties": {"email": "ann@example.com", "firstName": "Ann", "lastName": "A", "password": "a long way to go 7"}}`)
	folder, problems := apiops.Read(fstest.MapFS{"users/ann/userInformation.json": {Data: []byte(
		`{"properties": {"email": "ann@example.com", "firstName": "Anne", "lastName": "A", "state": "active"}}`)}}, apiops.Options{})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	run(t, s, folder.Resources, apply.Options{Visitors: true, Revive: true})
	s.Must(http.MethodPost, "sallyportSignIn", map[string]any{"email": "ann@example.com", "password": "a long way to go 7"}, http.StatusOK)
}
