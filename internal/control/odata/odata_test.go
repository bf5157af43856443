package odata_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/control/odata"
	"github.com/sallyport/sallyport/internal/problem"
)

// entity has a value of each kind, under the names of several lists.
const entity = `{
	"id": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ApiManagement/service/x/subscriptions/one",
	"name": "one",
	"properties": {
		"displayName": "It's One", "state": "active", "isCurrent": true, "tags": ["Blue", "Green"], "apiRevision": "2",
		"registrationDate": "2026-01-31T23:59:59Z", "description": "",
		"scope": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ApiManagement/service/x/products/Starter",
		"ownerId": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ApiManagement/service/x/users/1"
	}
}`

// every allows everything on the fields of the entity.
func every() odata.Fields {
	var fields odata.Fields
	for _, list := range []string{"NamedValueClientListByService", "SubscriptionClientList", "UserClientListByService", "APIClientListByService", "APIRevisionClientListByService"} {
		fields = append(fields, odata.Of(list)...)
	}
	return fields
}

func TestMatch(t *testing.T) {
	var tree map[string]any
	if err := json.Unmarshal([]byte(entity), &tree); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, filter string
		want         bool
	}{
		{"empty", " ", true},
		{"eq", "name eq 'one'", true},
		{"eq without regard to case", "name eq 'ONE'", true},
		{"ne", "name ne 'two'", true},
		{"quotes", "displayName eq 'it''s one'", true},
		{"az's spelling", "properties/displayName eq 'It''s One'", true},
		{"field in other casing", "endswith(Scope, '/products/starter')", true},
		{"substringof has the text first", "substringof('s O',displayName)", true},
		{"contains", "contains(displayName,'S O')", true},
		{"contains, not", "contains(displayName,'x')", false},
		{"startswith eq true", "startswith(name,'o') eq true", true},
		{"startswith eq false", "startswith(name,'o') eq false", false},
		{"startswith ne false", "startswith(name,'o') ne false", true},
		{"and before or", "name eq 'one' or name eq 'x' and name eq 'y'", true},
		{"parentheses", "(name eq 'one' or name eq 'x') and name eq 'y'", false},
		{"not", "not (name eq 'one')", false},
		{"not binds closer than and", "not name eq 'x' and name eq 'one'", true},
		{"keywords in other casing", "NOT name EQ 'x' AND StartsWith(name,'on')", true},
		{"order of text", "name gt 'ona' and name lt 'onf' and name ge 'ONE' and name le 'one'", true},
		{"value first", "'ona' lt name", true},
		{"true", "isCurrent eq true", true},
		{"true in quotes", "isCurrent eq 'true'", true},
		{"false", "isCurrent eq false", false},
		{"not true", "isCurrent ne true", false},
		{"enum", "state eq 'Active'", true},
		{"number of a text", "apiRevision eq 2", true},
		{"order of numbers", "apiRevision lt 10", true},
		{"null", "stateComment eq null", true},
		{"not null", "name ne null", true},
		{"empty is not null", "description eq null", false},
		{"what is not there", "stateComment eq 'x' or contains(stateComment,'') or stateComment le 'x'", false},
		{"what is not there differs", "stateComment ne 'x'", true},
		{"datetime", "registrationDate ge datetime'2026-01-31T00:00:00Z'", true},
		{"time without quotes", "registrationDate lt 2026-02-01T02:59:59+02:00", true},
		{"time in quotes", "registrationDate eq '2026-02-01T01:59:59+02:00'", true},
		{"date", "registrationDate gt 2026-01-31", true},
		{"any", "tags/any(t: t eq 'blue')", true},
		{"any, none", "tags/any(t:t eq 'red')", false},
		{"any element", "tags/any()", true},
		{"all", "tags/all(t: contains(t,'e'))", true},
		{"all, not", "tags/all(t: t eq 'blue')", false},
		{"any with and", "properties/tags/any(x: startswith(x,'B') and endswith(x,'ue')) and name eq 'one'", true},
		{"any eq false", "tags/any(t: t eq 'red') eq false", true},
		{"a list itself", "tags eq 'green'", true},
		{"whole id", "ownerId eq '/subscriptions/s/resourceGroups/RG/providers/Microsoft.ApiManagement/service/x/users/1'", true},
		{"relative id", "userId eq '/users/1'", true},
		{"name of an id", "productId eq 'starter'", true},
		{"part of a name", "productId eq 'arter'", false},
		{"another id", "productId ne 'starter'", false},
		{"guid", "name eq 5e8b1a2c-0000-4000-8000-0123456789ab", false},
		{"guid with prefix", "name ne guid'5e8b1a2c-0000-4000-8000-0123456789ab'", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := odata.Parse(tt.filter, every())
			if err != nil {
				t.Fatal(err)
			}
			if got := f.Match(tree); got != tt.want {
				t.Errorf("%s: %v, want %v", tt.filter, got, tt.want)
			}
		})
	}
}

func TestParseFaults(t *testing.T) {
	fields := odata.Of("NamedValueClientListByService")
	tests := []struct {
		name, filter, want string
		fields             odata.Fields
	}{
		{"unknown field", "displayName eq 'a' and value eq 'x'", "column 24: there is no field value; allowed are tags, displayName", fields},
		{"unknown nested field", "properties/a/b eq 'x'", "column 1: there is no field properties/a/b; allowed are tags, displayName", fields},
		{"operator", "state gt 'x'", "column 7: state cannot be compared with gt; allowed are eq", odata.Of("SubscriptionClientList")},
		{"function", "contains(state,'x')", "column 1: state cannot be asked contains; allowed are eq", odata.Of("SubscriptionClientList")},
		{"lambda", "displayName/any(t: t eq 'x')", "column 13: displayName cannot be asked any; allowed are eq, ne, gt, lt, ge, le, substringof, contains, startswith, endswith", fields},
		{"lambda in lambda", "tags/any(t: tags/any(u: u eq t))", "column 18: tags cannot be asked any", fields},
		{"no operator", "displayName", "column 12: it ends where eq, ne, gt, lt, ge or le should be", fields},
		{"no value", "displayName eq", "column 15: it ends where a field or a value should be", fields},
		{"no field", "'a' eq 'b'", "column 5: eq compares a field with a value", fields},
		{"two fields", "displayName eq displayName", "column 13: eq compares a field with a value", fields},
		{"string", "displayName eq 'a", "column 16: the string that begins here does not end", fields},
		{"character", "displayName = 'a'", "column 13: the character '=' has no meaning here", fields},
		{"rest", "displayName eq 'a' 'b'", `column 20: "b" is where and, or, or the end should be`, fields},
		{"parenthesis", "(displayName eq 'ä'", "column 20: it ends where ) should be", fields},
		{"arguments", "contains(displayName)", `column 21: ")" is where , should be`, fields},
		{"number as text", "contains(displayName,1)", "column 1: contains takes a field and a string, as in contains(name,'x')", fields},
		{"time", "displayName gt datetime'x'", `column 16: "x" is not a time such as 2026-01-31T23:59:59Z`, fields},
		{"prefix", "displayName gt N'x'", "column 16: N'…' is not a value; strings have no prefix, times have datetime", fields},
		{"depth", strings.Repeat("(", 40), "column 33: it is nested more than 32 deep", fields},
		{"parts", strings.Repeat("tags eq 'a'or ", 256) + "tags eq 'a'", "column 3585: it has more than 256 parts", fields},
		{"length", strings.Repeat(" ", 5000), "it has 5000 bytes; at most 4096 are allowed", fields},
		{"UTF-8", "\xff", "it is not valid UTF-8", fields},
		{"no filter here", "name eq 'x'", "this list cannot be filtered; leave it out", odata.Of("nothing")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := odata.Parse(tt.filter, tt.fields)
			p, ok := errors.AsType[*problem.Error](err)
			if !ok {
				t.Fatalf("error %v", err)
			}
			if p.Status != 400 || p.Code != problem.CodeValidation || p.Target != "$filter" {
				t.Errorf("%d %s %s", p.Status, p.Code, p.Target)
			}
			if want := "The $filter is not valid: " + tt.want; !strings.HasPrefix(p.Message, want) {
				t.Errorf("got  %s\nwant %s", p.Message, want)
			}
		})
	}
}

func TestOf(t *testing.T) {
	fields := odata.Of("ProductClientListByTags")
	i := slices.IndexFunc(fields, func(f odata.Field) bool { return f.Name == "state" })
	if i < 0 || !slices.Equal(fields[i].Operators, []string{"eq"}) || len(fields[i].Functions) != 4 {
		t.Errorf("state by tags: %+v", fields)
	}
	if fields := odata.Of("TenantAccessClientListByService"); fields == nil || len(fields) != 0 {
		t.Errorf("a list whose filter is not used has %#v", fields)
	}
	f, err := odata.Parse("anything goes", odata.Of("TenantAccessClientListByService"))
	if err != nil || !f.Match(nil) {
		t.Errorf("a filter that is not used: %v", err)
	}
}

func TestMatchByTags(t *testing.T) {
	tree := map[string]any{
		"tag": map[string]any{"name": "t"},
		"operation": map[string]any{
			"id": "/apis/echo/operations/get", "name": "Get it", "apiName": "Echo", "method": "GET",
		},
	}
	for filter, want := range map[string]bool{
		"name eq 'get it'": true, "apiName eq 'echo' and method eq 'GET'": true, "name eq 't'": false,
	} {
		f, err := odata.Parse(filter, odata.Of("TagResourceClientListByService"))
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Match(tree); got != want {
			t.Errorf("%s: %v", filter, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"name eq 'one' and (startswith(displayName,'I') or not isCurrent eq true)",
		"tags/any(t: t eq 'x') eq false", "registrationDate ge datetime'2026-01-31T00:00:00Z'", "'' le name", "not not((name eq null))",
	} {
		f.Add(seed)
	}
	fields := every()
	var tree map[string]any
	if err := json.Unmarshal([]byte(entity), &tree); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, filter string) {
		parsed, err := odata.Parse(filter, fields)
		if err != nil {
			if _, ok := errors.AsType[*problem.Error](err); !ok {
				t.Fatalf("the error is a %T", err)
			}
			return
		}
		matched := parsed.Match(tree)
		parsed.Match(nil)
		if strings.TrimSpace(filter) == "" || len(filter) > 4000 {
			return
		}
		opposite, err := odata.Parse("not ("+filter+")", fields)
		if err != nil {
			if !strings.Contains(err.Error(), "more than") {
				t.Fatalf("the opposite is refused: %v", err)
			}
			return
		}
		if opposite.Match(tree) == matched {
			t.Fatalf("a filter and its opposite are both %v", matched)
		}
	})
}
