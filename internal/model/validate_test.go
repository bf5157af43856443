package model

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/problem"
)

// lines gives problems as "resource: severity: element: message", for tests.
func lines(problems problem.Problems) []string {
	var out []string
	for _, p := range problems {
		out = append(out, p.Resource+": "+p.Severity.String()+": "+p.Element+": "+p.Message)
	}
	return out
}

func decode(t *testing.T, id ID, properties string) Resource {
	t.Helper()
	r, err := Decode(id, []byte(properties))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestValidate(t *testing.T) {
	tests := []struct {
		name, id, in string
		want         []string // Element: the beginning of the message.
	}{
		{"good API", "apis/a", `{"path":"a","displayName":"A","protocols":["https"],"serviceUrl":"https://b/c"}`, nil},
		{"bad API", "apis/a;rev=2", `{"path":"a?b","protocols":["ftp"],"serviceUrl":"b","type":"rest","apiVersion":"v1","apiRevision":"3"}`, []string{
			`path: "a?b" has a character`, "type: has the unknown value", "protocols[0]: has the unknown value", "serviceUrl: is not a URL of the scheme",
			"apiVersion: is given without a version set", `apiRevision: is "3", but the API's name says ;rev=2`}},
		{"good operation", "apis/a/operations/o", `{"displayName":"O","method":"GET","urlTemplate":"/a/{b}/{*c}","templateParameters":[{"name":"b","type":"string"},{"name":"C","type":"string"}]}`, nil},
		{"bad operation", "apis/a/operations/o", `{"displayName":"","method":"GE T","urlTemplate":"/{a}/{b}","templateParameters":[{"name":"a"}],"responses":[{"statusCode":99,"representations":[{}]}]}`, []string{
			"displayName: is missing", "method: ", "templateParameters[0].type: is missing", "responses[0].statusCode: is 99", "responses[0].representations[0].contentType: is missing", `templateParameters: lack the parameter "b"`}},
		{"braces", "apis/a/operations/o", `{"displayName":"O","method":"GET","urlTemplate":"/{a"}`, []string{"urlTemplate: the braces"}},
		{"twice", "apis/a/operations/o", `{"displayName":"O","method":"GET","urlTemplate":"/{a}/{A}"}`, []string{"urlTemplate: the template"}},
		{"version set", "apiVersionSets/v", `{"displayName":"V","versioningScheme":"Query"}`, []string{"versionQueryName: is missing"}},
		{"version header", "apiVersionSets/v", `{"displayName":"V","versioningScheme":"Header","versionHeaderName":"a b"}`, []string{"versionHeaderName: is not"}},
		{"product", "products/p", `{"state":"on","subscriptionsLimit":-1,"subscriptionRequired":false,"approvalRequired":true}`, []string{
			"displayName: is missing", "state: has the unknown", "subscriptionsLimit: is negative", "approvalRequired: has no meaning"}},
		{"group", "groups/g", `{"displayName":"G","type":"own"}`, []string{"type: has the unknown"}},
		{"user", "users/u", `{"email":"x","firstName":"F","lastName":""}`, []string{"email: is not"}},
		{"subscription", "subscriptions/s", `{"scope":"/groups/g","state":"on","primaryKey":"k","secondaryKey":"k"}`, []string{"scope: scope", "state: has the unknown", "secondaryKey: is the same"}},
		{"named value", "namedValues/n", `{"displayName":"a b","value":" "}`, []string{"displayName: has the character", "value: consists"}},
		{"named value without value", "namedValues/n", `{"displayName":"a"}`, []string{"value: is missing or empty"}},
		{"secret without value", "namedValues/n", `{"displayName":"a","secret":true}`, []string{"value: is missing: policies"}},
		{"key vault", "namedValues/n", `{"displayName":"a","secret":true,"keyVault":{"secretIdentifier":"https://v/secrets/s"}}`, nil},
		{"backend", "backends/b", `{"url":"nowhere","credentials":{"header":{"a b":["c"]},"authorization":{"scheme":"Basic","parameter":""}}}`, []string{
			"url: is not a URL", "protocol: is missing", "credentials.authorization.parameter: is missing", `credentials.header: "a b"`}},
		{"good pool", "backends/b", `{"type":"Pool","pool":{"services":[{"id":"/backends/a","priority":1,"weight":50}],"sessionAffinity":{"sessionId":{"source":"cookie","name":"s"}}}}`, nil},
		{"bad pool", "backends/b", `{"type":"Single","pool":{"services":[{"id":"","priority":101,"weight":-1}],"sessionAffinity":{"sessionId":{"source":"header"}}}}`, []string{
			"type: is Single", "pool.services[0].id: is missing", "pool.services[0].priority: is 101", "pool.services[0].weight: is -1", "pool.sessionAffinity.sessionId.source: has the unknown", "pool.sessionAffinity.sessionId.name: is missing"}},
		{"empty pool", "backends/b", `{"type":"Pool"}`, []string{"pool.services: is missing"}},
		{"breaker", "backends/b", `{"url":"http://b","protocol":"http","circuitBreaker":{"rules":[{"tripDuration":"1m","failureCondition":{"count":0,"interval":"PT0S","statusCodeRanges":[{"min":500,"max":400},{"min":100,"max":599}]}},{"tripDuration":"PT1M"}]}}`, []string{
			"circuitBreaker.rules: has 2", "circuitBreaker.rules[0].tripDuration: \"1m\"", "circuitBreaker.rules[0].failureCondition.interval: is zero", "circuitBreaker.rules[0].failureCondition.count: is 0",
			"circuitBreaker.rules[0].failureCondition.statusCodeRanges[0]: has a min", "circuitBreaker.rules[0].failureCondition.statusCodeRanges[1].min: is 100", "circuitBreaker.rules[1].failureCondition: is missing"}},
		{"policy", "policies/policy", `{"value":" ","format":"rawxml-link"}`, []string{"value: is missing", "format: is \"rawxml-link\""}},
		{"policy name", "policies/other", `{"value":"<policies/>"}`, []string{": a policy must be named policy"}},
		{"fragment", "policyFragments/f", `{"value":"<fragment/>","format":"yaml"}`, []string{"format: has the unknown"}},
		{"diagnostic", "diagnostics/d", `{"loggerId":"","verbosity":"loud","sampling":{"percentage":101},"frontend":{"request":{"body":{"bytes":8193},"dataMasking":{"headers":[{"value":"a","mode":"No"}]}}}}`, []string{
			"loggerId: is missing", "verbosity: has the unknown", "sampling.percentage: is 101", "frontend.request.body.bytes: is 8193", "frontend.request.dataMasking.headers[0].mode: has"}},
		{"logger", "loggers/l", `{"loggerType":"file"}`, []string{"loggerType: has the unknown"}},
		{"certificate", "certificates/c", `{}`, []string{"data: is missing"}},
		{"link", "products/p/apiLinks/l", `{}`, []string{": apiId is missing"}},
		{"service", "", `{"hostnameConfigurations":[{"hostName":"","type":"Proxy"}]}`, []string{"hostnameConfigurations[0].hostName: is missing"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Validate(decode(t, ID(tt.id), tt.in))
			if len(got) != len(tt.want) {
				t.Fatalf("got %d problems, want %d:\n%s", len(got), len(tt.want), strings.Join(lines(got), "\n"))
			}
			for i, p := range got {
				if text := p.Element + ": " + p.Message; !strings.HasPrefix(text, tt.want[i]) || p.Resource != tt.id {
					t.Errorf("problem %d of %s: %q, want %q", i, p.Resource, text, tt.want[i])
				}
			}
		})
	}
}

func TestCheckReferences(t *testing.T) {
	resource := func(id ID, properties string) Resource { return decode(t, id, properties) }
	tests := []struct {
		name string
		in   []Resource
		want []string
	}{
		{"all there", []Resource{
			resource("apis/a", `{"path":"a","apiVersionSetId":"/apiVersionSets/v"}`), resource("apiVersionSets/V", `{}`),
			resource("apis/a;rev=2", `{"path":"a","apiRevision":"2"}`), resource("apis/a/operations/o", `{}`),
			resource("products/p", `{}`), resource("products/p/apis/A", `{}`), resource("products/p/groups/developers", `{}`),
			resource("subscriptions/s", `{"scope":"/products/P"}`), resource("policies/policy", `{}`),
			resource("apis/a/operations/o/policies/policy", `{}`),
			resource("workspaces/w", `{}`), resource("workspaces/w/products/p", `{}`), resource("workspaces/w/products/p/groupLinks/l", `{"groupId":"/groups/developers"}`),
		}, nil},
		{"dangling", []Resource{
			resource("apis/a", `{"path":"a","apiVersionSetId":"/apiVersionSets/v"}`),
			resource("apis/b;rev=2", `{"path":"b"}`),
			resource("apis/a/operations/o", `{"request":{"representations":[{"contentType":"a/b","schemaId":"s"}]}}`),
			resource("apis/c/policies/policy", `{}`),
			resource("products/p", `{}`), resource("products/p/apis/x", `{}`), resource("products/p/groups/g", `{}`),
			resource("subscriptions/s", `{"scope":"/products/q","ownerId":"/users/u"}`),
			resource("backends/p", `{"pool":{"services":[{"id":"/backends/x"},{"id":"/backends/p"}]}}`),
			resource("diagnostics/d", `{"loggerId":"/loggers/l"}`),
			resource("apis/a/tags/t", `{}`),
		}, []string{
			"apis/a: error: apiVersionSetId: it refers to apiVersionSets/v, which does not exist",
			`apis/a/operations/o: warning: request.representations[0].schemaId: it refers to the schema "s", which the API does not have`,
			"apis/a/tags/t: error: : it links tags/t, which does not exist",
			"apis/b;rev=2: error: : it is a revision of apis/b, which does not exist",
			"apis/c/policies/policy: error: : it belongs to apis/c, which does not exist",
			"backends/p: error: pool.services[0].id: it refers to backends/x, which does not exist",
			"backends/p: error: pool.services[1].id: it refers to backends/p, which is itself a pool",
			"diagnostics/d: error: loggerId: it refers to loggers/l, which does not exist",
			"products/p/apis/x: error: : it links apis/x, which does not exist",
			"products/p/groups/g: error: : it links groups/g, which does not exist",
			"subscriptions/s: warning: ownerId: it refers to users/u, which does not exist",
			"subscriptions/s: error: scope: it refers to products/q, which does not exist",
		}},
		{"unique", []Resource{
			resource("apis/a", `{"path":"Shop"}`), resource("apis/b", `{"path":"/shop/"}`), resource("apis/A", `{"path":"x"}`),
			resource("apis/ws", `{"path":"shop","type":"websocket"}`),
			resource("namedValues/m", `{"displayName":"key","value":"1"}`), resource("namedValues/n", `{"displayName":"KEY","value":"1"}`),
			resource("subscriptions/s", `{"scope":"/apis","primaryKey":"k"}`), resource("subscriptions/t", `{"scope":"/apis","secondaryKey":"k"}`),
		}, []string{
			"apis/A: error: : the resource is there twice",
			`apis/b: error: path: apis/a has the same path, "/shop/"`,
			`namedValues/n: error: displayName: namedValues/m has the same displayName, "KEY"`,
			"subscriptions/t: error: secondaryKey: subscriptions/s has the same key",
		}},
		{"versions and revisions", []Resource{
			resource("apiVersionSets/v", `{}`),
			resource("apis/a", `{"path":"a","apiVersionSetId":"/apiVersionSets/v"}`), resource("apis/a1", `{"path":"a","apiVersionSetId":"/apiVersionSets/v","apiVersion":"v1"}`),
			resource("apis/a2", `{"path":"a","apiVersionSetId":"/apiVersionSets/v","apiVersion":"v1"}`),
			resource("apis/a;rev=1", `{"path":"a"}`), resource("apis/a1;rev=2", `{"path":"a","isCurrent":true}`),
		}, []string{
			"apis/a1;rev=2: error: isCurrent: both it and apis/a1 are the current revision",
			`apis/a2: error: path: apis/a1 has the same path, "a"`,
			"apis/a;rev=1: error: apiRevision: apis/a has the same revision, 1",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, lines(CheckReferences(tt.in))); diff != "" {
				t.Error(diff)
			}
		})
	}
}
