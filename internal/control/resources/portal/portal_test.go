package portal_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

const service = resourcestest.Service

// step is one request and what it has to answer.
type step struct {
	name, method, path string
	body               any
	headers            []string
	status             int
	want               map[string]any // By path in the answer.
	targets            []string
}

func run(t *testing.T, s *resourcestest.Server, steps []step) {
	t.Helper()
	for _, tt := range steps {
		t.Run(tt.name, func(t *testing.T) {
			status, _, body := s.Do(tt.method, tt.path, tt.body, tt.headers...)
			if status != tt.status {
				t.Fatalf("%s %s: status %d, not %d: %v", tt.method, tt.path, status, tt.status, body)
			}
			for path, want := range tt.want {
				if diff := cmp.Diff(want, resourcestest.At(body, path)); diff != "" {
					t.Errorf("%s: %s\n%v", path, diff, body)
				}
			}
			if tt.targets != nil {
				if diff := cmp.Diff(tt.targets, resourcestest.Targets(body)); diff != "" {
					t.Errorf("targets: %s\n%v", diff, body)
				}
			}
		})
	}
}

func TestSettings(t *testing.T) {
	s := resourcestest.New(t, nil)
	run(t, s, []step{
		{name: "list", method: "GET", path: "portalsettings", status: 200, want: map[string]any{"count": 3.0}},
		{name: "default", method: "GET", path: "portalsettings/signup", status: 200, want: map[string]any{
			"properties.enabled": true, "properties.termsOfService.enabled": false, "type": "Microsoft.ApiManagement/service/portalsettings"}},
		{name: "head", method: "HEAD", path: "portalsettings/signin", status: 200},
		{name: "put", method: "PUT", path: "portalsettings/signin", body: `{"properties":{"enabled":true,"url":"https://x"}}`, headers: []string{"If-Match", "*"}, status: 200,
			want: map[string]any{"properties.enabled": true, "properties.url": nil}},
		{name: "patch", method: "PATCH", path: "portalsettings/signup", body: `{"properties":{"termsOfService":{"enabled":true,"text":"T"}}}`, headers: []string{"If-Match", "*"}, status: 204},
		{name: "patched", method: "GET", path: "portalsettings/signup", status: 200, want: map[string]any{
			"properties.termsOfService": map[string]any{"enabled": true, "text": "T", "consentRequired": false}}},
		{name: "no key yet", method: "POST", path: "portalsettings/delegation/listSecrets", status: 200, want: map[string]any{"validationKey": ""}},
		{name: "delegate", method: "PUT", path: "portalsettings/delegation", status: 200,
			body: `{"properties":{"url":"https://d.example","validationKey":"a2V5","subscriptions":{"enabled":true}}}`,
			want: map[string]any{"properties.validationKey": nil, "properties.userRegistration.enabled": false}},
		{name: "key", method: "POST", path: "portalsettings/delegation/listSecrets", status: 200, want: map[string]any{"validationKey": "a2V5"}},
		{name: "key stays", method: "PUT", path: "portalsettings/delegation", body: `{"properties":{"url":"https://d.example"}}`, status: 200},
		{name: "same key", method: "POST", path: "portalsettings/delegation/listSecrets", status: 200, want: map[string]any{"validationKey": "a2V5"}},
		{name: "no secrets of sign-in", method: "POST", path: "portalsettings/signin/listSecrets", status: 404},
		{name: "none of that name", method: "GET", path: "portalsettings/other", status: 404},
		{name: "wrong type", method: "PUT", path: "portalsettings/signin", body: `{"properties":{"enabled":"perhaps"}}`, status: 400, targets: []string{"properties.enabled"}},
	})
}

func TestConfig(t *testing.T) {
	s := resourcestest.New(t, nil)
	run(t, s, []step{
		{name: "list", method: "GET", path: "portalconfigs", status: 200, want: map[string]any{"count": 1.0}},
		{name: "default", method: "GET", path: "portalconfigs/default", status: 200, want: map[string]any{"properties.enableBasicAuth": true}},
		{name: "put", method: "PUT", path: "portalconfigs/default", body: `{"properties":{"enableBasicAuth":false,"csp":{"mode":"reportOnly"}}}`, headers: []string{"If-Match", "*"}, status: 200},
		{name: "patch", method: "PATCH", path: "portalconfigs/default", body: `{"properties":{"signin":{"require":true}}}`, headers: []string{"If-Match", "*"}, status: 200,
			want: map[string]any{"properties.enableBasicAuth": false, "properties.signin.require": true}},
		{name: "bad mode", method: "PATCH", path: "portalconfigs/default", body: `{"properties":{"csp":{"mode":"x"}}}`, status: 400, targets: []string{"properties.csp.mode"}},
	})
}

func TestRevisions(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Must("PUT", "portalRevisions/1", `{"properties":{"description":"one","isCurrent":true}}`, http.StatusCreated)
	s.Clock.Advance(time.Hour)
	run(t, s, []step{
		{name: "second", method: "PUT", path: "portalRevisions/2", body: `{"properties":{"isCurrent":true}}`, status: 201, want: map[string]any{
			"properties.status": "completed", "properties.createdDateTime": "2026-01-01T10:00:00Z"}},
		{name: "first is not current", method: "GET", path: "portalRevisions/1", status: 200, want: map[string]any{"properties.isCurrent": false}},
		{name: "again", method: "PUT", path: "portalRevisions/1", body: `{"properties":{"description":"uno"}}`, status: 201, want: map[string]any{
			"properties.createdDateTime": "2026-01-01T09:00:00Z", "properties.updatedDateTime": "2026-01-01T10:00:00Z"}},
		{name: "patch", method: "PATCH", path: "portalRevisions/1", body: `{"properties":{"isCurrent":true}}`, headers: []string{"If-Match", "*"}, status: 200},
		{name: "second is not current", method: "GET", path: "portalRevisions/2", status: 200, want: map[string]any{"properties.isCurrent": false}},
		{name: "filter", method: "GET", path: "portalRevisions?$filter=startswith(name, '1')", status: 200, want: map[string]any{"count": 1.0}},
		{name: "no delete", method: "DELETE", path: "portalRevisions/1", status: 405},
	})
}

func TestContent(t *testing.T) {
	s := resourcestest.New(t, nil)
	run(t, s, []step{
		{name: "type", method: "PUT", path: "contentTypes/page", body: `{"properties":{"name":"Page","schema":{"properties":{"a":null}},"version":"1.0.0"}}`, status: 201,
			want: map[string]any{"properties.name": "Page", "properties.id": "/contentTypes/page"}},
		{name: "item", method: "PUT", path: "contentTypes/page/contentItems/p", body: `{"properties":{"en_us":{"title":"T"}}}`, status: 201,
			want: map[string]any{"properties.en_us.title": "T"}},
		{name: "item of none", method: "PUT", path: "contentTypes/none/contentItems/p", body: `{"properties":{}}`, status: 404},
		{name: "head", method: "HEAD", path: "contentTypes/page/contentItems/p", status: 200},
		{name: "items", method: "GET", path: "contentTypes/page/contentItems", status: 200, want: map[string]any{"count": 1.0}},
		{name: "delete", method: "DELETE", path: "contentTypes/page", headers: []string{"If-Match", "*"}, status: 200},
		{name: "all gone", method: "GET", path: "contentTypes/page/contentItems/p", status: 404},
	})
}

func TestTemplates(t *testing.T) {
	s := resourcestest.New(t, nil)
	const name = "templates/newIssueNotificationMessage"
	before := s.Get(name)
	run(t, s, []step{
		{name: "list", method: "GET", path: "templates", status: 200, want: map[string]any{"count": 14.0}},
		{name: "filter", method: "GET", path: "templates?$filter=contains(name, 'Issue')", status: 200, want: map[string]any{"count": 1.0}},
		{name: "default", method: "GET", path: name, status: 200, want: map[string]any{
			"name": "NewIssueNotificationMessage", "properties.isDefault": true, "properties.subject": "Your request $IssueName was received"}},
		{name: "put", method: "PUT", path: name, body: `{"properties":{"subject":"S"}}`, status: 200, want: map[string]any{
			"properties.subject": "S", "properties.isDefault": false, "properties.body": resourcestest.At(before, "properties.body")}},
		{name: "patch", method: "PATCH", path: name, body: `{"properties":{"body":"B"}}`, headers: []string{"If-Match", "*"}, status: 200, want: map[string]any{
			"properties.subject": "S", "properties.body": "B"}},
		{name: "too long", method: "PATCH", path: name, body: `{"properties":{"subject":"` + strings.Repeat("x", 1001) + `"}}`, status: 400, targets: []string{"properties.subject"}},
		{name: "reset", method: "DELETE", path: name, headers: []string{"If-Match", "*"}, status: 200},
		{name: "reset again", method: "DELETE", path: name, headers: []string{"If-Match", "*"}, status: 204},
		{name: "of no name", method: "GET", path: "templates/other", status: 404},
	})
	if diff := cmp.Diff(before, s.Get(name)); diff != "" {
		t.Error(diff)
	}
}

func TestNotifications(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("users/u", `{"properties":{"firstName":"U","lastName":"V","email":"u@example.com"}}`)
	const n = "notifications/requestPublisherNotificationMessage"
	full := service + "/notifications/RequestPublisherNotificationMessage"
	run(t, s, []step{
		{name: "list", method: "GET", path: "notifications", status: 200, want: map[string]any{"count": 7.0}},
		{name: "put", method: "PUT", path: n, status: 200, want: map[string]any{"name": "RequestPublisherNotificationMessage"}},
		{name: "user", method: "PUT", path: n + "/recipientUsers/u", status: 201, want: map[string]any{
			"properties.userId": service + "/users/u", "id": full + "/recipientUsers/u"}},
		{name: "nobody", method: "PUT", path: n + "/recipientUsers/none", status: 404},
		{name: "there", method: "HEAD", path: n + "/recipientUsers/u", status: 204},
		{name: "not there", method: "HEAD", path: n + "/recipientUsers/1", status: 404},
		{name: "email", method: "PUT", path: n + "/recipientEmails/a@example.com", status: 201, want: map[string]any{"properties.email": "a@example.com"}},
		{name: "email again", method: "PUT", path: n + "/recipientEmails/a@example.com", status: 200},
		{name: "emails", method: "GET", path: n + "/recipientEmails", status: 200, want: map[string]any{"count": 1.0}},
		{name: "recipients", method: "GET", path: n, status: 200, want: map[string]any{"properties.recipients": map[string]any{
			"users": []any{service + "/users/u"}, "emails": []any{full + "/recipientEmails/a@example.com"}}}},
		{name: "of one that was not written", method: "PUT", path: "notifications/BCC/recipientUsers/u", status: 201},
		{name: "user goes", method: "DELETE", path: "users/u", status: 202},
		{name: "and from here", method: "HEAD", path: "notifications/BCC/recipientUsers/u", status: 404},
		{name: "remove", method: "DELETE", path: n + "/recipientEmails/a@example.com", status: 200},
		{name: "of no name", method: "PUT", path: "notifications/other", status: 404},
		{name: "workspace", method: "PUT", path: "workspaces/w", body: `{"properties":{"displayName":"W"}}`, status: 201},
		{name: "in a workspace", method: "PUT", path: "workspaces/w/" + n + "/recipientUsers/1", status: 201, want: map[string]any{"properties.userId": service + "/users/1"}},
	})
}

func TestIssues(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("apis/a", `{"properties":{"displayName":"a","path":"a","protocols":["https"]}}`)
	run(t, s, []step{
		{name: "create", method: "PUT", path: "apis/a/issues/i", body: `{"properties":{"title":"T","description":"D","userId":"/users/1"}}`, status: 201,
			want: map[string]any{"properties.state": "proposed", "properties.createdDate": "2026-01-01T09:00:00Z",
				"properties.userId": service + "/users/1", "properties.apiId": service + "/apis/a"}},
		{name: "nobody", method: "PUT", path: "apis/a/issues/j", body: `{"properties":{"title":"T","description":"D","userId":"/users/none"}}`, status: 400, targets: []string{"properties.userId"}},
		{name: "no title", method: "PUT", path: "apis/a/issues/j", body: `{"properties":{"description":"D","userId":"/users/1"}}`, status: 400, targets: []string{"properties.title"}},
		{name: "patch", method: "PATCH", path: "apis/a/issues/i", body: `{"properties":{"state":"closed"}}`, headers: []string{"If-Match", "*"}, status: 200, want: map[string]any{"properties.state": "closed"}},
		{name: "comment", method: "PUT", path: "apis/a/issues/i/comments/c", body: `{"properties":{"text":"C","userId":"/users/1","createdDate":"2018-02-01T22:21:20.467Z"}}`, status: 201,
			want: map[string]any{"properties.createdDate": "2018-02-01T22:21:20.467Z"}},
		{name: "attachment", method: "PUT", path: "apis/a/issues/i/attachments/x", body: `{"properties":{"title":"X","contentFormat":"image/jpeg","content":"IEJhc2U2NA=="}}`, status: 201},
		{name: "of the service", method: "GET", path: "issues", status: 200, want: map[string]any{"count": 1.0}},
		{name: "filter", method: "GET", path: "issues?$filter=state eq 'open'", status: 200, want: map[string]any{"count": 0.0}},
		{name: "one of the service", method: "GET", path: "issues/i", status: 200, want: map[string]any{
			"id": service + "/issues/i", "type": "Microsoft.ApiManagement/service/issues", "properties.title": "T"}},
		{name: "none of the service", method: "GET", path: "issues/none", status: 404},
		{name: "not written at the service", method: "PUT", path: "issues/i", body: `{}`, status: 405},
		{name: "delete", method: "DELETE", path: "apis/a/issues/i", headers: []string{"If-Match", "*"}, status: 200},
		{name: "comments gone", method: "GET", path: "apis/a/issues/i/comments", status: 404},
	})
}

func TestWikis(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("products/p", `{"properties":{"displayName":"P"}}`)
	s.Put("apis/a", `{"properties":{"displayName":"a","path":"a","protocols":["https"]}}`)
	run(t, s, []step{
		{name: "page", method: "PUT", path: "documentations/d", body: `{"properties":{"title":"T","content":"# C"}}`, status: 201},
		{name: "patch page", method: "PATCH", path: "documentations/d", body: `{"properties":{"title":"U"}}`, status: 200, want: map[string]any{"properties.content": "# C"}},
		{name: "none yet", method: "GET", path: "apis/a/wikis/default", status: 404},
		{name: "wiki", method: "PUT", path: "apis/a/wikis/default", body: `{"properties":{"documents":[{"documentationId":"d"},{"documentationId":"e"}]}}`, status: 201},
		{name: "wiki of a product", method: "PUT", path: "products/p/wikis/default", body: `{"properties":{"documents":[{"documentationId":"d"}]}}`, status: 201},
		{name: "list", method: "GET", path: "products/p/wikis?$filter=contains(name, 'default')", status: 200, want: map[string]any{"count": 1.0}},
		{name: "only one", method: "PUT", path: "apis/a/wikis/other", body: `{"properties":{}}`, status: 404},
		{name: "page goes", method: "DELETE", path: "documentations/d", headers: []string{"If-Match", "*"}, status: 200},
		{name: "from the wiki", method: "GET", path: "apis/a/wikis/default", status: 200, want: map[string]any{
			"properties.documents": []any{map[string]any{"documentationId": "e"}}}},
		{name: "delete", method: "DELETE", path: "apis/a/wikis/default", headers: []string{"If-Match", "*"}, status: 200},
		{name: "delete again", method: "DELETE", path: "apis/a/wikis/default", headers: []string{"If-Match", "*"}, status: 204},
	})
}
