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

func TestSettings(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Run(t, []resourcestest.Step{
		{Name: "list", Method: "GET", Path: "portalsettings", Status: 200, Want: map[string]any{"count": 3.0}},
		{Name: "default", Method: "GET", Path: "portalsettings/signup", Status: 200, Want: map[string]any{
			"properties.enabled": true, "properties.termsOfService.enabled": false, "type": "Microsoft.ApiManagement/service/portalsettings"}},
		{Name: "head", Method: "HEAD", Path: "portalsettings/signin", Status: 200},
		{Name: "put", Method: "PUT", Path: "portalsettings/signin", Body: `{"properties":{"enabled":true,"url":"https://x"}}`, Headers: []string{"If-Match", "*"}, Status: 200,
			Want: map[string]any{"properties.enabled": true, "properties.url": nil}},
		{Name: "patch", Method: "PATCH", Path: "portalsettings/signup", Body: `{"properties":{"termsOfService":{"enabled":true,"text":"T"}}}`, Headers: []string{"If-Match", "*"}, Status: 204},
		{Name: "patched", Method: "GET", Path: "portalsettings/signup", Status: 200, Want: map[string]any{
			"properties.termsOfService": map[string]any{"enabled": true, "text": "T", "consentRequired": false}}},
		{Name: "no key yet", Method: "POST", Path: "portalsettings/delegation/listSecrets", Status: 200, Want: map[string]any{"validationKey": ""}},
		{Name: "delegate", Method: "PUT", Path: "portalsettings/delegation", Status: 200,
			Body: `{"properties":{"url":"https://d.example","validationKey":"a2V5","subscriptions":{"enabled":true}}}`,
			Want: map[string]any{"properties.validationKey": nil, "properties.userRegistration.enabled": false}},
		{Name: "key", Method: "POST", Path: "portalsettings/delegation/listSecrets", Status: 200, Want: map[string]any{"validationKey": "a2V5"}},
		{Name: "key stays", Method: "PUT", Path: "portalsettings/delegation", Body: `{"properties":{"url":"https://d.example"}}`, Status: 200},
		{Name: "same key", Method: "POST", Path: "portalsettings/delegation/listSecrets", Status: 200, Want: map[string]any{"validationKey": "a2V5"}},
		{Name: "no secrets of sign-in", Method: "POST", Path: "portalsettings/signin/listSecrets", Status: 404},
		{Name: "none of that name", Method: "GET", Path: "portalsettings/other", Status: 404},
		{Name: "wrong type", Method: "PUT", Path: "portalsettings/signin", Body: `{"properties":{"enabled":"perhaps"}}`, Status: 400, Targets: []string{"properties.enabled"}},
	})
}

func TestConfig(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Run(t, []resourcestest.Step{
		{Name: "list", Method: "GET", Path: "portalconfigs", Status: 200, Want: map[string]any{"count": 1.0}},
		{Name: "default", Method: "GET", Path: "portalconfigs/default", Status: 200, Want: map[string]any{"properties.enableBasicAuth": true}},
		{Name: "put", Method: "PUT", Path: "portalconfigs/default", Body: `{"properties":{"enableBasicAuth":false,"csp":{"mode":"reportOnly"}}}`, Headers: []string{"If-Match", "*"}, Status: 200},
		{Name: "patch", Method: "PATCH", Path: "portalconfigs/default", Body: `{"properties":{"signin":{"require":true}}}`, Headers: []string{"If-Match", "*"}, Status: 200,
			Want: map[string]any{"properties.enableBasicAuth": false, "properties.signin.require": true}},
		{Name: "bad mode", Method: "PATCH", Path: "portalconfigs/default", Body: `{"properties":{"csp":{"mode":"x"}}}`, Status: 400, Targets: []string{"properties.csp.mode"}},
	})
}

func TestRevisions(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Must("PUT", "portalRevisions/1", `{"properties":{"description":"one","isCurrent":true}}`, http.StatusCreated)
	s.Clock.Advance(time.Hour)
	s.Run(t, []resourcestest.Step{
		{Name: "second", Method: "PUT", Path: "portalRevisions/2", Body: `{"properties":{"isCurrent":true}}`, Status: 201, Want: map[string]any{
			"properties.status": "completed", "properties.createdDateTime": "2026-01-01T10:00:00Z"}},
		{Name: "first is not current", Method: "GET", Path: "portalRevisions/1", Status: 200, Want: map[string]any{"properties.isCurrent": false}},
		{Name: "again", Method: "PUT", Path: "portalRevisions/1", Body: `{"properties":{"description":"uno"}}`, Status: 201, Want: map[string]any{
			"properties.createdDateTime": "2026-01-01T09:00:00Z", "properties.updatedDateTime": "2026-01-01T10:00:00Z"}},
		{Name: "patch", Method: "PATCH", Path: "portalRevisions/1", Body: `{"properties":{"isCurrent":true}}`, Headers: []string{"If-Match", "*"}, Status: 200},
		{Name: "second is not current", Method: "GET", Path: "portalRevisions/2", Status: 200, Want: map[string]any{"properties.isCurrent": false}},
		{Name: "filter", Method: "GET", Path: "portalRevisions?$filter=startswith(name, '1')", Status: 200, Want: map[string]any{"count": 1.0}},
		{Name: "no delete", Method: "DELETE", Path: "portalRevisions/1", Status: 405},
	})
}

func TestContent(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Run(t, []resourcestest.Step{
		{Name: "type", Method: "PUT", Path: "contentTypes/page", Body: `{"properties":{"name":"Page","schema":{"properties":{"a":null}},"version":"1.0.0"}}`, Status: 201,
			Want: map[string]any{"properties.name": "Page", "properties.id": "/contentTypes/page"}},
		{Name: "item", Method: "PUT", Path: "contentTypes/page/contentItems/p", Body: `{"properties":{"en_us":{"title":"T"}}}`, Status: 201,
			Want: map[string]any{"properties.en_us.title": "T"}},
		{Name: "item of none", Method: "PUT", Path: "contentTypes/none/contentItems/p", Body: `{"properties":{}}`, Status: 404},
		{Name: "head", Method: "HEAD", Path: "contentTypes/page/contentItems/p", Status: 200},
		{Name: "items", Method: "GET", Path: "contentTypes/page/contentItems", Status: 200, Want: map[string]any{"count": 1.0}},
		{Name: "delete", Method: "DELETE", Path: "contentTypes/page", Headers: []string{"If-Match", "*"}, Status: 200},
		{Name: "all gone", Method: "GET", Path: "contentTypes/page/contentItems/p", Status: 404},
	})
}

func TestTemplates(t *testing.T) {
	s := resourcestest.New(t, nil)
	const name = "templates/newIssueNotificationMessage"
	before := s.Get(name)
	s.Run(t, []resourcestest.Step{
		{Name: "list", Method: "GET", Path: "templates", Status: 200, Want: map[string]any{"count": 14.0}},
		{Name: "filter", Method: "GET", Path: "templates?$filter=contains(name, 'Issue')", Status: 200, Want: map[string]any{"count": 1.0}},
		{Name: "default", Method: "GET", Path: name, Status: 200, Want: map[string]any{
			"name": "NewIssueNotificationMessage", "properties.isDefault": true, "properties.subject": "Your request $IssueName was received"}},
		{Name: "put", Method: "PUT", Path: name, Body: `{"properties":{"subject":"S"}}`, Status: 200, Want: map[string]any{
			"properties.subject": "S", "properties.isDefault": false, "properties.body": resourcestest.At(before, "properties.body")}},
		{Name: "patch", Method: "PATCH", Path: name, Body: `{"properties":{"body":"B"}}`, Headers: []string{"If-Match", "*"}, Status: 200, Want: map[string]any{
			"properties.subject": "S", "properties.body": "B"}},
		{Name: "too long", Method: "PATCH", Path: name, Body: `{"properties":{"subject":"` + strings.Repeat("x", 1001) + `"}}`, Status: 400, Targets: []string{"properties.subject"}},
		{Name: "reset", Method: "DELETE", Path: name, Headers: []string{"If-Match", "*"}, Status: 200},
		{Name: "reset again", Method: "DELETE", Path: name, Headers: []string{"If-Match", "*"}, Status: 204},
		{Name: "of no name", Method: "GET", Path: "templates/other", Status: 404},
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
	s.Run(t, []resourcestest.Step{
		{Name: "list", Method: "GET", Path: "notifications", Status: 200, Want: map[string]any{"count": 7.0}},
		{Name: "put", Method: "PUT", Path: n, Status: 200, Want: map[string]any{"name": "RequestPublisherNotificationMessage"}},
		{Name: "user", Method: "PUT", Path: n + "/recipientUsers/u", Status: 201, Want: map[string]any{
			"properties.userId": service + "/users/u", "id": full + "/recipientUsers/u"}},
		{Name: "nobody", Method: "PUT", Path: n + "/recipientUsers/none", Status: 404},
		{Name: "there", Method: "HEAD", Path: n + "/recipientUsers/u", Status: 204},
		{Name: "not there", Method: "HEAD", Path: n + "/recipientUsers/1", Status: 404},
		{Name: "email", Method: "PUT", Path: n + "/recipientEmails/a@example.com", Status: 201, Want: map[string]any{"properties.email": "a@example.com"}},
		{Name: "email again", Method: "PUT", Path: n + "/recipientEmails/a@example.com", Status: 200},
		{Name: "emails", Method: "GET", Path: n + "/recipientEmails", Status: 200, Want: map[string]any{"count": 1.0}},
		{Name: "recipients", Method: "GET", Path: n, Status: 200, Want: map[string]any{"properties.recipients": map[string]any{
			"users": []any{service + "/users/u"}, "emails": []any{full + "/recipientEmails/a@example.com"}}}},
		{Name: "of one that was not written", Method: "PUT", Path: "notifications/BCC/recipientUsers/u", Status: 201},
		{Name: "user goes", Method: "DELETE", Path: "users/u", Status: 202},
		{Name: "and from here", Method: "HEAD", Path: "notifications/BCC/recipientUsers/u", Status: 404},
		{Name: "remove", Method: "DELETE", Path: n + "/recipientEmails/a@example.com", Status: 200},
		{Name: "of no name", Method: "PUT", Path: "notifications/other", Status: 404},
		{Name: "workspace", Method: "PUT", Path: "workspaces/w", Body: `{"properties":{"displayName":"W"}}`, Status: 201},
		{Name: "in a workspace", Method: "PUT", Path: "workspaces/w/" + n + "/recipientUsers/1", Status: 201, Want: map[string]any{"properties.userId": service + "/users/1"}},
	})
}

func TestIssues(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("apis/a", `{"properties":{"displayName":"a","path":"a","protocols":["https"]}}`)
	s.Run(t, []resourcestest.Step{
		{Name: "create", Method: "PUT", Path: "apis/a/issues/i", Body: `{"properties":{"title":"T","description":"D","userId":"/users/1"}}`, Status: 201,
			Want: map[string]any{"properties.state": "proposed", "properties.createdDate": "2026-01-01T09:00:00Z",
				"properties.userId": service + "/users/1", "properties.apiId": service + "/apis/a"}},
		{Name: "nobody", Method: "PUT", Path: "apis/a/issues/j", Body: `{"properties":{"title":"T","description":"D","userId":"/users/none"}}`, Status: 400, Targets: []string{"properties.userId"}},
		{Name: "no title", Method: "PUT", Path: "apis/a/issues/j", Body: `{"properties":{"description":"D","userId":"/users/1"}}`, Status: 400, Targets: []string{"properties.title"}},
		{Name: "patch", Method: "PATCH", Path: "apis/a/issues/i", Body: `{"properties":{"state":"closed"}}`, Headers: []string{"If-Match", "*"}, Status: 200, Want: map[string]any{"properties.state": "closed"}},
		{Name: "comment", Method: "PUT", Path: "apis/a/issues/i/comments/c", Body: `{"properties":{"text":"C","userId":"/users/1","createdDate":"2018-02-01T22:21:20.467Z"}}`, Status: 201,
			Want: map[string]any{"properties.createdDate": "2018-02-01T22:21:20.467Z"}},
		{Name: "attachment", Method: "PUT", Path: "apis/a/issues/i/attachments/x", Body: `{"properties":{"title":"X","contentFormat":"image/jpeg","content":"IEJhc2U2NA=="}}`, Status: 201},
		{Name: "of the service", Method: "GET", Path: "issues", Status: 200, Want: map[string]any{"count": 1.0}},
		{Name: "filter", Method: "GET", Path: "issues?$filter=state eq 'open'", Status: 200, Want: map[string]any{"count": 0.0}},
		{Name: "one of the service", Method: "GET", Path: "issues/i", Status: 200, Want: map[string]any{
			"id": service + "/issues/i", "type": "Microsoft.ApiManagement/service/issues", "properties.title": "T"}},
		{Name: "none of the service", Method: "GET", Path: "issues/none", Status: 404},
		{Name: "not written at the service", Method: "PUT", Path: "issues/i", Body: `{}`, Status: 405},
		{Name: "delete", Method: "DELETE", Path: "apis/a/issues/i", Headers: []string{"If-Match", "*"}, Status: 200},
		{Name: "comments gone", Method: "GET", Path: "apis/a/issues/i/comments", Status: 404},
	})
}

func TestWikis(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("products/p", `{"properties":{"displayName":"P"}}`)
	s.Put("apis/a", `{"properties":{"displayName":"a","path":"a","protocols":["https"]}}`)
	s.Run(t, []resourcestest.Step{
		{Name: "page", Method: "PUT", Path: "documentations/d", Body: `{"properties":{"title":"T","content":"# C"}}`, Status: 201},
		{Name: "patch page", Method: "PATCH", Path: "documentations/d", Body: `{"properties":{"title":"U"}}`, Status: 200, Want: map[string]any{"properties.content": "# C"}},
		{Name: "none yet", Method: "GET", Path: "apis/a/wikis/default", Status: 404},
		{Name: "wiki", Method: "PUT", Path: "apis/a/wikis/default", Body: `{"properties":{"documents":[{"documentationId":"d"},{"documentationId":"e"}]}}`, Status: 201},
		{Name: "wiki of a product", Method: "PUT", Path: "products/p/wikis/default", Body: `{"properties":{"documents":[{"documentationId":"d"}]}}`, Status: 201},
		{Name: "list", Method: "GET", Path: "products/p/wikis?$filter=contains(name, 'default')", Status: 200, Want: map[string]any{"count": 1.0}},
		{Name: "only one", Method: "PUT", Path: "apis/a/wikis/other", Body: `{"properties":{}}`, Status: 404},
		{Name: "page goes", Method: "DELETE", Path: "documentations/d", Headers: []string{"If-Match", "*"}, Status: 200},
		{Name: "from the wiki", Method: "GET", Path: "apis/a/wikis/default", Status: 200, Want: map[string]any{
			"properties.documents": []any{map[string]any{"documentationId": "e"}}}},
		{Name: "delete", Method: "DELETE", Path: "apis/a/wikis/default", Headers: []string{"If-Match", "*"}, Status: 200},
		{Name: "delete again", Method: "DELETE", Path: "apis/a/wikis/default", Headers: []string{"If-Match", "*"}, Status: 204},
	})
}
