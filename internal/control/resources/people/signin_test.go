package people_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/control/rest"
)

// credentials are sign-ins with the password of ann, and what is wrong with them.
func credentials(s *resourcestest.Server) map[string]string {
	s.Put("users/ann", `{"properties": {"email": "Ann@example.com", "firstName": "A", "lastName": "A", "password": "correct horse"}}`)
	s.Put("users/bob", `{"properties": {"email": "bob@example.com", "firstName": "B", "lastName": "B", "password": "correct horse", "state": "blocked"}}`)
	s.Put("users/eve", `{"properties": {"email": "eve@example.com", "firstName": "E", "lastName": "E"}}`)
	body := func(email, password string) string {
		return fmt.Sprintf(`{"email": %q, "password": %q}`, email, password)
	}
	return map[string]string{
		"wrong": body("ann@example.com", "battery staple"), "unknown": body("who@example.com", "correct horse"),
		"blocked": body("bob@example.com", "correct horse"), "no password": body("eve@example.com", "correct horse"),
		"too long": body("ann@example.com", strings.Repeat("x", 2000)), "administrator": body("apim@example.com", "x"),
	}
}

// TestS18_SignInTellsNothing refuses what is unknown, wrong and blocked with the
// same words, after the same work: each is found in the queue of those that
// compare passwords, which is full.
func TestS18_SignInTellsNothing(t *testing.T) {
	s := resourcestest.New(t, nil)
	var refusals []string
	wrong := credentials(s)
	for name, body := range wrong {
		answer := s.Must(http.MethodPost, "sallyportSignIn", body, http.StatusUnauthorized)
		refusals = append(refusals, fmt.Sprint(answer))
		if resourcestest.At(answer, "error.code") != "InvalidCredentials" {
			t.Errorf("%s: %v", name, answer)
		}
	}
	if slices.Sort(refusals); len(slices.Compact(refusals)) != 1 {
		t.Errorf("the refusals differ: %v", refusals)
	}
	leave := fullQueue(t, s)
	worked := 0
	for name, body := range wrong {
		if status, _, _ := s.Raw(http.MethodPost, "sallyportSignIn", body); status == http.StatusServiceUnavailable {
			worked++
		} else {
			t.Errorf("%s is refused without work: %d", name, status)
		}
	}
	leave()
	fmt.Printf("S18: %d kinds of wrong credentials, %d different answers (1), %d compared (%d)\n", len(refusals), 1, worked, len(refusals))
}

// TestS18_SignInTellsNothing_NegativeControl makes a call that compares no
// password: the full queue does not hold it up.
func TestS18_SignInTellsNothing_NegativeControl(t *testing.T) {
	s := resourcestest.New(t, nil)
	defer fullQueue(t, s)()
	s.Must(http.MethodPost, "sallyportRedeemSignOn", `{"token": "x"}`, http.StatusBadRequest)
}

// fullQueue is a queue of passwords in which there is no room.
func fullQueue(t *testing.T, s *resourcestest.Server) (empty func()) {
	t.Helper()
	queue := resource.NewQueue("passwords", 1, 0)
	leave, err := queue.Enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	before := s.Plane.Environment().Hashing
	s.Plane.Environment().Hashing = queue
	return func() { leave(); s.Plane.Environment().Hashing = before }
}

func TestSignIn(t *testing.T) {
	s := resourcestest.New(t, nil)
	credentials(s)
	got := s.Must(http.MethodPost, "sallyportSignIn", `{"email": " ANN@example.com", "password": "correct horse"}`, http.StatusOK)
	if got["user"] != "ann" || got["state"] != "active" {
		t.Errorf("ann signs in as %v", got)
	}
	s.Must(http.MethodPatch, "users/ann", `{"properties": {"state": "pending"}}`, http.StatusOK)
	got = s.Must(http.MethodPost, "sallyportSignIn", `{"email": "ann@example.com", "password": "correct horse"}`, http.StatusOK)
	if got["state"] != "pending" {
		t.Errorf("ann signs in as %v", got)
	}
}

// TestSignIn_Queue refuses what finds no room in the queue of those that hash.
func TestSignIn_Queue(t *testing.T) {
	s := resourcestest.New(t, nil)
	credentials(s)
	const right = `{"email": "ann@example.com", "password": "correct horse"}`
	leave := fullQueue(t, s)
	s.Must(http.MethodPost, "sallyportSignIn", right, http.StatusServiceUnavailable)
	s.Must(http.MethodPatch, "users/ann", `{"properties": {"password": "another horse"}}`, http.StatusServiceUnavailable)
	leave()
	s.Must(http.MethodPost, "sallyportSignIn", right, http.StatusOK)
}

// deputy is a guard of a portal that calls for the users it names.
type deputy struct{}

func (deputy) Authenticate(context.Context, string) (rest.Principal, error) {
	return rest.Principal{ID: "portal", Name: "portal"}, nil
}

func (deputy) Allow(context.Context, rest.Principal, access.Permission, string) (bool, error) {
	return true, nil
}

func (deputy) ActsForUsers(rest.Principal, string) bool { return true }

// portalServer is a server that a portal calls, with users and products.
func portalServer(t *testing.T) *resourcestest.Server {
	t.Helper()
	s := resourcestest.NewWith(t, resourcestest.Options{Guard: deputy{}})
	for _, user := range []string{"ann", "bob"} {
		s.Put("users/"+user, `{"properties": {"email": "`+user+`@example.com", "firstName": "A", "lastName": "A"}}`)
	}
	s.Put("users/eve", `{"properties": {"email": "eve@example.com", "firstName": "E", "lastName": "E", "state": "pending"}}`)
	for name, properties := range map[string]string{
		"open": `"state": "published", "subscriptionsLimit": 1`, "asked": `"state": "published", "approvalRequired": true`,
		"draft": `"state": "notPublished"`, "free": `"state": "published", "subscriptionRequired": false`, "hidden": `"state": "published"`,
	} {
		s.Put("products/"+name, `{"properties": {"displayName": "`+name+`", `+properties+`}}`)
		if name != "hidden" {
			s.Put("products/"+name+"/groups/developers", nil)
		}
	}
	return s
}

// asAnn sends a request as the portal does for ann.
func asAnn(t *testing.T, s *resourcestest.Server, method, path, body string, want int) map[string]any {
	t.Helper()
	status, _, answer := s.Do(method, path+"?appType=developerPortal", body, "X-Sallyport-Acting-For", "ann", "If-Match", "*")
	if status != want {
		t.Errorf("%s %s: status %d, not %d: %v", method, path, status, want, answer)
	}
	return answer
}

func TestVisitorSubscribes(t *testing.T) {
	s := portalServer(t)
	body := func(product, owner string) string {
		return `{"properties": {"displayName": "mine", "scope": "/products/` + product + `", "ownerId": "/users/` + owner + `", "state": "active", "primaryKey": "chosen"}}`
	}
	answer := asAnn(t, s, http.MethodPut, "subscriptions/one", body("open", "ann"), http.StatusCreated)
	if resourcestest.At(answer, "properties.state") != "active" {
		t.Errorf("subscribed: %v", answer)
	}
	if primary, _ := keys(s, "one"); primary == "chosen" {
		t.Error("a visitor has chosen a key")
	}
	answer = asAnn(t, s, http.MethodPut, "subscriptions/two", body("asked", "ann"), http.StatusCreated)
	if resourcestest.At(answer, "properties.state") != "submitted" {
		t.Errorf("asked for: %v", answer)
	}
	for name, refused := range map[string]struct {
		body   string
		status int
	}{
		"limit": {body("open", "ann"), http.StatusBadRequest}, "not published": {body("draft", "ann"), http.StatusNotFound},
		"free": {body("free", "ann"), http.StatusBadRequest}, "not seen": {body("hidden", "ann"), http.StatusNotFound},
		"another's": {body("asked", "bob"), http.StatusNotFound}, "no product": {body("none", "ann"), http.StatusBadRequest},
		"all APIs": {`{"properties": {"displayName": "x", "scope": "/apis", "ownerId": "/users/ann"}}`, http.StatusBadRequest},
		"no owner": {`{"properties": {"displayName": "x", "scope": "/products/asked"}}`, http.StatusNotFound},
	} {
		t.Run(name, func(t *testing.T) { asAnn(t, s, http.MethodPut, "subscriptions/three", refused.body, refused.status) })
	}
	status, _, _ := s.Do(http.MethodPut, "subscriptions/eve?appType=developerPortal", body("asked", "eve"))
	if status != http.StatusBadRequest {
		t.Errorf("a user who has not confirmed its address subscribes: %d", status)
	}
}

func TestVisitorChangesSubscription(t *testing.T) {
	s := portalServer(t)
	s.Put("subscriptions/hers", `{"properties": {"displayName": "x", "scope": "/products/asked", "ownerId": "/users/ann", "state": "submitted"}}`)
	s.Put("subscriptions/his", `{"properties": {"displayName": "x", "scope": "/products/asked", "ownerId": "/users/bob", "state": "active"}}`)
	patch := func(name, properties string, status int) {
		t.Helper()
		asAnn(t, s, http.MethodPatch, "subscriptions/"+name, `{"properties": {`+properties+`}}`, status)
	}
	patch("hers", `"displayName": "renamed"`, http.StatusOK)
	patch("hers", `"state": "active"`, http.StatusForbidden)
	patch("hers", `"scope": "/products/open"`, http.StatusForbidden)
	patch("hers", `"ownerId": "/users/bob"`, http.StatusNotFound)
	patch("hers", `"primaryKey": "chosen"`, http.StatusForbidden)
	patch("hers", `"expirationDate": "2036-01-01T00:00:00Z"`, http.StatusForbidden)
	patch("hers", `"allowTracing": true`, http.StatusForbidden)
	for _, action := range []string{"listSecrets", "regeneratePrimaryKey", "regenerateSecondaryKey", "sallyportRotateKey"} {
		asAnn(t, s, http.MethodPost, "subscriptions/his/"+action, "{}", http.StatusNotFound)
	}
	asAnn(t, s, http.MethodPost, "subscriptions/hers/listSecrets", "", http.StatusOK)
	patch("his", `"displayName": "stolen"`, http.StatusNotFound)
	patch("his", `"state": "cancelled"`, http.StatusNotFound)
	asAnn(t, s, http.MethodDelete, "subscriptions/his", "", http.StatusNoContent) // As one that is not there.
	s.Get("subscriptions/his")
	patch("hers", `"state": "cancelled"`, http.StatusOK)
	patch("hers", `"state": "active"`, http.StatusForbidden)
	s.Put("subscriptions/rejected", `{"properties": {"displayName": "x", "scope": "/products/asked", "ownerId": "/users/ann", "state": "rejected"}}`)
	patch("rejected", `"state": "cancelled"`, http.StatusForbidden)
}

func TestVisitorUser(t *testing.T) {
	s := portalServer(t)
	put := func(name, more string, status int) map[string]any {
		t.Helper()
		code, _, answer := s.Do(http.MethodPut, "users/"+name+"?appType=developerPortal",
			`{"properties": {"email": "`+name+`@example.com", "firstName": "N", "lastName": "N", "state": "active", "note": "n"`+more+`}}`)
		if code != status {
			t.Errorf("%s: status %d, not %d: %v", name, code, status, answer)
		}
		return answer
	}
	answer := put("new", `, "password": "correct horse"`, http.StatusCreated)
	if resourcestest.At(answer, "properties.state") != "pending" || resourcestest.At(answer, "properties.note") != nil {
		t.Errorf("a new user is %v", answer)
	}
	answer = put("proved", `, "identities": [{"provider": "Aad", "id": "oid"}]`, http.StatusCreated)
	if resourcestest.At(answer, "properties.state") != "active" {
		t.Errorf("a new user is %v", answer)
	}
	asAnn(t, s, http.MethodPatch, "users/ann", `{"properties": {"firstName": "Anna", "password": "correct horse"}}`, http.StatusOK)
	for _, properties := range []string{`"email": "x@example.com"`, `"state": "blocked"`, `"note": "x"`} {
		asAnn(t, s, http.MethodPatch, "users/ann", `{"properties": {`+properties+`}}`, http.StatusForbidden)
	}
	asAnn(t, s, http.MethodPatch, "users/bob", `{"properties": {"firstName": "Anna"}}`, http.StatusNotFound)
	asAnn(t, s, http.MethodDelete, "users/bob", "", http.StatusNoContent)
	s.Get("users/bob")
	s.Put("portalsettings/signup", `{"properties": {"enabled": false}}`)
	put("late", `, "password": "correct horse"`, http.StatusForbidden)
	put("ann", "", http.StatusForbidden) // A PUT changes no more than a PATCH.
}
