package contract_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/contract"
	"github.com/sallyport/sallyport/internal/problem"
)

func model(tb testing.TB, name string) *contract.Model {
	tb.Helper()
	set, err := contract.Load()
	if err != nil {
		tb.Fatal(err)
	}
	m, err := set.Model(name)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func decode(tb testing.TB, body string) map[string]any {
	tb.Helper()
	object, err := contract.DecodeObject([]byte(body), 16<<20)
	if err != nil {
		tb.Fatal(err)
	}
	return object
}

func TestClean(t *testing.T) {
	tests := []struct {
		name, model string
		mode        contract.Mode
		body, want  string
		faults      []string
	}{
		{"names and enums are spelled as the contract does", "ProductContract", contract.Create,
			`{"ID":"x","Properties":{"displayname":"a","STATE":"PUBLISHED","unknown":{"x":1}},"etag":1}`,
			`{"properties":{"displayName":"a","state":"published"}}`, nil},
		{"nulls are left out of a PUT", "ProductContract", contract.Create,
			`{"properties":{"displayName":"a","terms":null}}`, `{"properties":{"displayName":"a"}}`, nil},
		{"nulls of a PATCH stay", "ProductUpdateParameters", contract.Merge,
			`{"properties":{"terms":null}}`, `{"properties":{"terms":null}}`, nil},
		{"what is required", "ProductContract", contract.Create, `{}`, `{}`,
			[]string{"properties.displayName: displayName is required and is missing."}},
		{"null is not given", "ProductContract", contract.Create, `{"properties":{"displayName":null}}`, `{"properties":{}}`,
			[]string{"properties.displayName: displayName is required and is missing."}},
		{"a PATCH requires nothing", "ProductContract", contract.Merge, `{}`, `{}`, nil},
		{"wrong types", "ProductContract", contract.Create,
			`{"properties":{"displayName":1,"approvalRequired":"yes","subscriptionsLimit":1.5,"state":7}}`, `{"properties":{}}`,
			[]string{
				`properties.approvalRequired: approvalRequired must be true or false, and is the string "yes".`,
				"properties.displayName: displayName must be a string, and is the number 1.",
				"properties.state: state must be one of notPublished, published, and is the number 7.",
				"properties.subscriptionsLimit: subscriptionsLimit must be a whole number, and is the number 1.5.",
			}},
		{"properties must be an object", "ProductContract", contract.Create, `{"properties":[]}`, `{}`,
			[]string{"properties: properties must be an object, and is an array."}},
		{"twice in two spellings", "ProductContract", contract.Create,
			`{"properties":{"displayName":"a","DisplayName":"b"}}`, `{"properties":{"displayName":"b"}}`,
			[]string{"properties.displayName: displayName is there twice, in different spellings; give it once."}},
		{"lengths count as .NET does", "TagContract", contract.Create,
			`{"properties":{"displayName":"` + strings.Repeat("😀", 81) + `"}}`, `{"properties":{}}`,
			[]string{"properties.displayName: displayName has 162 characters; at most 160 are allowed."}},
		{"empty", "TagContract", contract.Create, `{"properties":{"displayName":""}}`, `{"properties":{}}`,
			[]string{"properties.displayName: displayName must not be empty."}},
		{"U+0000", "TagContract", contract.Create, `{"properties":{"displayName":"a\u0000"}}`, `{"properties":{}}`,
			[]string{"properties.displayName: displayName holds the character U+0000, which is not allowed."}},
		{"pattern", "NamedValueCreateContract", contract.Create, `{"properties":{"displayName":"a b"}}`, `{"properties":{}}`,
			[]string{`properties.displayName: displayName may hold only letters, digits, dots, dashes and underscores, and is "a b".`}},
		{"arrays name the element", "OperationContract", contract.Create,
			`{"properties":{"displayName":"a","method":"GET","urlTemplate":"/","responses":[{"statusCode":200},{"description":"x"},null]}}`,
			`{"properties":{"displayName":"a","method":"GET","urlTemplate":"/","responses":[{"statusCode":200},{"description":"x"}]}}`,
			[]string{
				"properties.responses[1].statusCode: statusCode is required and is missing.",
				"properties.responses[2]: An element of responses is null; leave it out.",
			}},
		{"elements of an array are complete even in a PATCH", "OperationUpdateContract", contract.Merge,
			`{"properties":{"responses":[{"description":null}]}}`, `{"properties":{"responses":[{}]}}`,
			[]string{"properties.responses[0].statusCode: statusCode is required and is missing."}},
		{"times become RFC 3339 in UTC", "SubscriptionUpdateParameters", contract.Merge,
			`{"properties":{"expirationDate":"2026-01-31T23:59:59+02:00"}}`, `{"properties":{"expirationDate":"2026-01-31T21:59:59Z"}}`, nil},
		{"a date is a time", "SubscriptionUpdateParameters", contract.Merge,
			`{"properties":{"expirationDate":"2026-01-31"}}`, `{"properties":{"expirationDate":"2026-01-31T00:00:00Z"}}`, nil},
		{"not a time", "SubscriptionUpdateParameters", contract.Merge,
			`{"properties":{"expirationDate":"tomorrow"}}`, `{"properties":{}}`,
			[]string{`properties.expirationDate: expirationDate must be a time such as 2026-01-31T23:59:59Z, and is "tomorrow".`}},
		{"a pool has no address", "BackendContract", contract.Create,
			`{"properties":{"type":"Pool","pool":{"services":[{"id":"/backends/a","weight":101}]}}}`,
			`{"properties":{"type":"Pool","pool":{"services":[{"id":"/backends/a"}]}}}`,
			[]string{"properties.pool.services[0].weight: weight must be from 0 to 100, and is 101."}},
		{"too few", "BackendContract", contract.Create, `{"properties":{"pool":{"services":[]}}}`,
			`{"properties":{"pool":{"services":[]}}}`,
			[]string{"properties.pool.services: services has 0 elements; at least 1 must be there."}},
		{"any value is passed through", "GlobalSchemaContract", contract.Create,
			`{"properties":{"schemaType":"JSON","document":{"a":[1,null,{"B":1.50}]}}}`,
			`{"properties":{"schemaType":"json","document":{"a":[1,null,{"B":1.50}]}}}`, nil},
		{"whole numbers in other notations", "ProductContract", contract.Create,
			`{"properties":{"displayName":"a","subscriptionsLimit":1e2}}`, `{"properties":{"displayName":"a","subscriptionsLimit":100}}`, nil},
		{"32 bits", "ProductContract", contract.Create,
			`{"properties":{"displayName":"a","subscriptionsLimit":2147483648}}`, `{"properties":{"displayName":"a"}}`,
			[]string{"properties.subscriptionsLimit: subscriptionsLimit must be a whole number of 32 bits, and is 2147483648."}},
		{"maps", "ServiceUpdateParameters", contract.Merge,
			`{"tags":{"A":"b","c":null,"d":1}}`, `{"tags":{"A":"b","c":null}}`,
			[]string{"tags.d: d must be a string, and is the number 1."}},
		{"a format that Azure's own examples use", "APICreateOrUpdateParameter", contract.Create,
			`{"properties":{"path":"a","format":"Swagger-Link","value":"https://example.org"}}`,
			`{"properties":{"path":"a","format":"swagger-link","value":"https://example.org"}}`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tree, details := model(t, tt.model).Clean(decode(t, tt.body), tt.mode)
			var faults []string
			for _, d := range details {
				if d.Code != problem.CodeValidation {
					t.Errorf("code %q", d.Code)
				}
				faults = append(faults, d.Target+": "+d.Message)
			}
			if diff := cmp.Diff(tt.faults, faults); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(decode(t, tt.want), tree); diff != "" {
				t.Errorf("tree (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCleanIsBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"properties":{"schemaType":"json","document":[`)
	b.WriteString(strings.TrimSuffix(strings.Repeat("0,", 500_001), ","))
	b.WriteString(`]}}`)
	_, details := model(t, "GlobalSchemaContract").Clean(decode(t, b.String()), contract.Create)
	if len(details) != 1 || details[0].Message != "The body has more than 500000 values." {
		t.Errorf("many values: %v", details)
	}
	var deep any = "leaf"
	for range 61 {
		deep = map[string]any{"a": deep}
	}
	object := map[string]any{"properties": map[string]any{"schemaType": "json", "document": []any{deep}}}
	if _, details = model(t, "GlobalSchemaContract").Clean(object, contract.Create); details != nil {
		t.Errorf("64 deep: %v", details)
	}
	object["properties"].(map[string]any)["document"] = []any{map[string]any{"a": deep}}
	_, details = model(t, "GlobalSchemaContract").Clean(object, contract.Create)
	if len(details) != 1 || details[0].Message != "The body is nested more than 64 deep here." {
		t.Errorf("65 deep: %v", details)
	}
	_, details = model(t, "TagContract").Clean(decode(t, `{"properties":{"displayName":"a"}}`), contract.Create)
	if details != nil {
		t.Errorf("few values: %v", details)
	}
	_, details = model(t, "GroupContract").Clean(decode(t, `{"properties":{"displayName":"a","externalId":"`+strings.Repeat("x", 1<<20+1)+`"}}`), contract.Create)
	if len(details) != 1 || details[0].Message != "externalId has 1048577 bytes; at most 1048576 are allowed." {
		t.Errorf("a long string: %v", details)
	}
}

func TestModelField(t *testing.T) {
	tests := []struct {
		name, model, path, want string
	}{
		{"nested, any casing", "ProductContract", "Properties.DISPLAYNAME", "displayName"},
		{"through an array", "OperationContract", "properties.responses.statusCode", "statusCode"},
		{"not there", "ProductContract", "properties.nothing", ""},
		{"beyond a string", "ProductContract", "properties.displayName.x", ""},
		{"empty", "ProductContract", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, ok := model(t, tt.model).Field(tt.path)
			if ok != (tt.want != "") || ok && f.Name != tt.want {
				t.Errorf("Field(%q) = %v, %v", tt.path, f, ok)
			}
		})
	}
	set, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := set.Model("Nothing"); err == nil {
		t.Error("a model that is not there was found")
	}
}

func TestDecodeObject(t *testing.T) {
	tests := []struct {
		name, body, want string
	}{
		{"object", "\xef\xbb\xbf {\"a\": 1.0} \n", ""},
		{"empty", " ", "The body is empty; it must be a JSON object."},
		{"array", "[1]", "The body must be a JSON object, and is an array."},
		{"null", "null", "The body must be a JSON object, and is null."},
		{"syntax", "{\n \"a\": tru }", "The body is not valid JSON: line 2, column 10: invalid character ' ' in literal true (expecting 'e')."},
		{"too short", `{"a":`, "The body is not valid JSON: line 1, column 5: unexpected end of JSON input."},
		{"two values", `{} {}`, "The body is not valid JSON: line 1, column 4: invalid character '{' after top-level value."},
		{"UTF-8", "{\"ä\":\"\xff\"}", "The body is not valid JSON: line 1, column 7: this is not valid UTF-8."},
		{"twice", "{\"a\":1,\n\"a\":2}", `The body is not valid JSON: line 2, column 3: the member "a" is there twice.`},
		{"depth", `{"a":` + strings.Repeat("[", 64) + strings.Repeat("]", 64) + "}", "The body is not valid JSON: line 1, column 69: objects and arrays are nested more than 64 deep."},
		{"very deep", strings.Repeat("[", 100_000), "The body is not valid JSON: line 1, column 10001: invalid character '[' exceeded max depth."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := contract.DecodeObject([]byte(tt.body), 1<<20)
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			p, ok := errors.AsType[*problem.Error](err)
			if !ok || p.Status != 400 || p.Message != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
	_, err := contract.DecodeObject([]byte(`{"a":1}`), 6)
	if p, ok := errors.AsType[*problem.Error](err); !ok || p.Status != 413 {
		t.Errorf("beyond the limit: %v", err)
	}
}

func FuzzDecodeObject(f *testing.F) {
	for _, seed := range []string{`{"a":[1,null,{"b":"c"}]}`, `{"a":1,"a":2}`, "{\n", `{"a":1e999}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		object, err := contract.DecodeObject(data, 1<<16)
		var want map[string]any
		dec := json.NewDecoder(bytes.NewReader(data))
		dec.UseNumber()
		std := dec.Decode(&want)
		if err == nil && std != nil && !strings.HasPrefix(string(data), "\xef\xbb\xbf") {
			t.Fatalf("encoding/json refuses what was read: %v", std)
		}
		if err != nil {
			if _, ok := errors.AsType[*problem.Error](err); !ok {
				t.Fatalf("the error is a %T", err)
			}
			return
		}
		if _, err := json.Marshal(object); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
	})
}

func FuzzClean(f *testing.F) {
	names := []string{"ProductContract", "APICreateOrUpdateParameter", "BackendContract", "ServiceResource", "OperationContract", "GlobalSchemaContract"}
	models := make([]*contract.Model, len(names))
	for i, name := range names {
		models[i] = model(f, name)
	}
	f.Add(0, true, []byte(`{"properties":{"displayName":"a","subscriptionsLimit":1e1}}`))
	f.Add(2, false, []byte(`{"properties":{"Url":"x","protocol":"HTTP","pool":{"services":[{"id":null}]}}}`))
	f.Add(3, true, []byte(`{"location":"x","sku":{"name":"basic","capacity":1},"tags":{"a":"b"},"identity":{"userAssignedIdentities":{"x":{}}}}`))
	f.Fuzz(func(t *testing.T, which int, merge bool, data []byte) {
		object, err := contract.DecodeObject(data, 1<<16)
		if err != nil {
			return
		}
		mode := contract.Create
		if merge {
			mode = contract.Merge
		}
		m := models[uint(which)%uint(len(models))]
		tree, details := m.Clean(object, mode)
		if len(details) > 50 {
			t.Fatalf("%d faults", len(details))
		}
		again, more := m.Clean(tree, mode)
		if len(details) == 0 && len(more) != 0 {
			t.Fatalf("what was clean has faults: %v", more)
		}
		if diff := cmp.Diff(tree, again); len(details) == 0 && diff != "" {
			t.Fatalf("what was clean is cleaned again:\n%s", diff)
		}
	})
}
