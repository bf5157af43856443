package rest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/problem"
)

const tagBody = `{"properties":{"displayName":"T"}}`

// TestConditions is the table of what If-Match and If-None-Match do.
func TestConditions(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("tags/there", tagBody)
	_, header, _ := s.Do(http.MethodGet, "tags/there", nil)
	etag := header.Get("ETag")
	tests := []struct {
		name, method, path, match, none string
		status                          int
	}{
		{"PUT of a new one with *", "PUT", "tags/new1", "*", "", 201},
		{"PUT of a new one with a tag", "PUT", "tags/new2", `"0000000000000001"`, "", 412},
		{"PUT of a new one that must be new", "PUT", "tags/new3", "", "*", 201},
		{"PUT of one that must be new and is not", "PUT", "tags/there", "", "*", 412},
		{"PUT with a stale tag", "PUT", "tags/there", `"0000000000000000"`, "", 412},
		{"PATCH with a stale tag", "PATCH", "tags/there", "stale", "", 412},
		{"DELETE with a stale tag", "DELETE", "tags/there", "stale", "", 412},
		{"DELETE of none", "DELETE", "tags/never", "stale", "", 204},
		{"PATCH of none", "PATCH", "tags/never", "*", "", 404},
		{"PUT with its tag", "PUT", "tags/there", etag, "", 200},
		{"PUT with the tag of before", "PUT", "tags/there", etag, "", 412},
		{"PUT without a tag", "PUT", "tags/there", "", "", 200},
		{"PATCH with *", "PATCH", "tags/there", "*", "", 200},
		{"DELETE without a tag", "DELETE", "tags/there", "", "", 200},
		{"DELETE again", "DELETE", "tags/there", "", "", 204},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var body any
			if test.method != http.MethodDelete {
				body = tagBody
			}
			status, _, answer := s.Do(test.method, test.path, body, "If-Match", test.match, "If-None-Match", test.none)
			if status != test.status {
				t.Errorf("%d, not %d: %v", status, test.status, answer)
			}
		})
	}
}

// TestETag changes with every write, and HEAD has it without a body.
func TestETag(t *testing.T) {
	s := resourcestest.New(t, nil)
	seen := map[string]bool{}
	for range 3 {
		_, header, _ := s.Do(http.MethodPut, "tags/t", tagBody)
		if etag := header.Get("ETag"); etag == "" || seen[etag] {
			t.Errorf("ETag %q came before, or is none", etag)
		} else {
			seen[etag] = true
		}
		status, head, raw := s.Raw(http.MethodHead, "tags/t", nil)
		if status != http.StatusOK || head.Get("ETag") != header.Get("ETag") || len(raw) != 0 {
			t.Errorf("HEAD: %d %q %q", status, head.Get("ETag"), raw)
		}
	}
	if status, _, raw := s.Raw(http.MethodHead, "tags/none", nil); status != http.StatusNotFound || len(raw) != 0 {
		t.Errorf("HEAD of none: %d %q", status, raw)
	}
}

// TestPaging follows nextLinks as clients do.
func TestPaging(t *testing.T) {
	s := resourcestest.New(t, nil)
	const many = 25
	var want []string
	for i := range many {
		name := fmt.Sprintf("t %02d", i)
		want = append(want, name)
		s.Put("tags/"+name, fmt.Sprintf(`{"properties":{"displayName":"Tag %d"}}`, i%5))
	}
	for _, query := range []string{"$top=7", "$top=1000", "$top=7&$orderby=name", "$top=4&$filter=" + url.QueryEscape("startswith(name, 't')")} {
		t.Run(query, func(t *testing.T) {
			var got []string
			for next, pages := "tags?"+query, 0; next != ""; pages++ {
				if pages > many {
					t.Fatal("the pages do not end")
				}
				answer := s.Get(next)
				if answer["count"] != float64(many) {
					t.Errorf("count %v on page %d, not %d", answer["count"], pages, many)
				}
				for _, item := range answer["value"].([]any) {
					got = append(got, item.(map[string]any)["name"].(string))
				}
				link, _ := answer["nextLink"].(string)
				next = strings.TrimPrefix(link, "https://management.example")
				if link != "" && next == link {
					t.Fatalf("the link is not on the external address: %s", link)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("got %q", got)
			}
		})
	}
	if names := s.Names("tags?$skip=23"); !slices.Equal(names, want[23:]) {
		t.Errorf("$skip: %q", names)
	}
	if answer := s.Get("tags?$filter=" + url.QueryEscape("displayName eq 'Tag 3'")); answer["count"] != float64(5) {
		t.Errorf("filtered count: %v", answer["count"])
	}
}

// TestVersions asks with each kind of api-version.
func TestVersions(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("users/u", `{"properties":{"email":"u@example.com","firstName":"U","lastName":"U"}}`)
	for _, test := range []struct {
		version string
		status  int
		code    string
	}{
		{"2024-05-01", 200, ""}, {"2022-08-01", 200, ""}, {"2021-08-01", 200, ""},
		{"2010-01-01", 400, "InvalidApiVersionParameter"}, {"", 400, "MissingApiVersionParameter"}, {"latest", 400, "InvalidApiVersionParameter"},
	} {
		status, _, answer := s.Do(http.MethodGet, "tags?api-version="+test.version, nil)
		if status != test.status || test.code != "" && resourcestest.At(answer, "error.code") != test.code {
			t.Errorf("%q: %d %v", test.version, status, answer)
		}
	}
	if status, _, _ := s.Do(http.MethodDelete, "users/u?api-version=2021-08-01", nil); status != http.StatusOK {
		t.Errorf("a delete of 2021: %d, not 200", status)
	}
}

// TestLongRunning follows both of the headers by which clients poll.
func TestLongRunning(t *testing.T) {
	s := resourcestest.New(t, nil)
	const api = `{"properties":{"displayName":"A","path":"a","protocols":["https"]}}`
	for _, step := range []struct {
		method, body   string
		status, result int
	}{
		{http.MethodPut, api, 201, 200}, {http.MethodPut, api, 200, 200}, {http.MethodDelete, "", 202, 204},
	} {
		var body any
		if step.body != "" {
			body = step.body
		}
		status, header, _ := s.Do(step.method, "apis/a", body)
		if status != step.status {
			t.Fatalf("%s: %d, not %d", step.method, status, step.status)
		}
		location, async := header.Get("Location"), header.Get("Azure-AsyncOperation")
		if !strings.Contains(location, "asyncId=") || async == "" || header.Get("Retry-After") == "" {
			t.Fatalf("%s: headers %v", step.method, header)
		}
		state := s.Get(strings.TrimPrefix(async, "https://management.example"))
		if state["status"] != "Succeeded" || state["id"] == "" || state["name"] == "" {
			t.Errorf("%s: %v", step.method, state)
		}
		if status, _, _ := s.Do(http.MethodGet, strings.TrimPrefix(location, "https://management.example"), nil); status != step.result {
			t.Errorf("%s: the location ends with %d, not %d", step.method, status, step.result)
		}
	}
	if status, _, _ := s.Do(http.MethodGet, "tenant/operationResults/forged", nil); status != http.StatusNotFound {
		t.Errorf("a forged operation: %d", status)
	}
}

// TestMergePatch removes with null, merges objects and replaces lists.
func TestMergePatch(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("backends/b", `{"properties":{"url":"https://b.example","protocol":"http","description":"d","title":"t","tls":{"validateCertificateChain":false,"validateCertificateName":true}}}`)
	got := s.Must(http.MethodPatch, "backends/b", `{"properties":{"description":null,"tls":{"validateCertificateName":false}}}`, 200)
	if resourcestest.At(got, "properties.description") != nil || resourcestest.At(got, "properties.title") != "t" ||
		resourcestest.At(got, "properties.tls.validateCertificateChain") != false || resourcestest.At(got, "properties.tls.validateCertificateName") != false {
		t.Errorf("%v", got)
	}
}

// TestErrors looks at what every error has, and at those that are not a kind's.
func TestErrors(t *testing.T) {
	s := resourcestest.New(t, nil)
	tests := []struct {
		name, method, path, body string
		status                   int
		code                     string
	}{
		{"no such resource", "GET", "tags/none", "", 404, "ResourceNotFound"},
		{"no such parent", "PUT", "apis/none/operations/o", `{"properties":{"displayName":"o","method":"GET","urlTemplate":"/"}}`, 404, "ResourceNotFound"},
		{"no such type", "GET", "nonsense/x", "", 404, "InvalidResourceType"},
		{"no such method", "POST", "tags/t", "{}", 405, "MethodNotAllowed"},
		{"a list cannot be put", "PUT", "tags", "{}", 405, "MethodNotAllowed"},
		{"no JSON", "PUT", "tags/t", "{", 400, "ValidationError"},
		{"a wrong field", "PUT", "tags/t", `{"properties":{"displayName":7}}`, 400, "ValidationError"},
		{"a missing field", "PUT", "tags/t", `{"properties":{}}`, 400, "ValidationError"},
		{"too long a body", "PUT", "tags/t", `{"properties":{"displayName":"` + strings.Repeat("x", 17<<20) + `"}}`, 413, "RequestEntityTooLarge"},
		{"an encoded slash in a name", "PUT", "tags/a%2Fb", tagBody, 400, "ValidationError"},
		{"not below a service", "GET", "/nowhere", "", 404, "ResourceNotFound"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			status, header, raw := s.Raw(test.method, test.path, test.body)
			var answer problem.Error
			if err := json.Unmarshal(raw, &answer); err != nil {
				t.Fatalf("%d %.200s: %v", status, raw, err)
			}
			if status != test.status || answer.Code != test.code || answer.Message == "" || answer.Target == "" {
				t.Errorf("%d %.300s", status, raw)
			}
			if header.Get("X-Ms-Request-Id") == "" || header.Get("ETag") != "" {
				t.Errorf("headers %v", header)
			}
		})
	}
}

// TestCorrelation takes the client's id where it is a plain one.
func TestCorrelation(t *testing.T) {
	s := resourcestest.New(t, nil)
	for given, taken := range map[string]bool{"abc-123": true, "a b": false, strings.Repeat("a", 65): false, "x\"y": false} {
		_, header, _ := s.Do(http.MethodGet, "tags", nil, "X-Ms-Correlation-Request-Id", given)
		if got := header.Get("X-Ms-Correlation-Request-Id"); (got == given) != taken || got == "" {
			t.Errorf("%q: %q", given, got)
		}
	}
}
