package follow_test

import (
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
	"github.com/sallyport/sallyport/internal/snapshot"
)

// future is a resource of a kind that this release does not know.
type future struct{ id model.ID }

// ResourceID returns the id.
func (f *future) ResourceID() model.ID { return f.id }

// Kind returns a kind that nothing knows.
func (*future) Kind() model.Kind { return "future" }

// handmade are documents that no rule makes.
func handmade() []poison {
	list := []poison{
		{name: "no resource at all", resources: []model.Resource{nil}},
		{name: "too many resources", resources: make([]model.Resource, snapshot.MaxResources+1)},
		{name: "a kind of the future", resources: append(good(), &future{"futures/x"})},
		{name: "a kind of the future without id", resources: append(good(), &future{})},
	}
	for _, group := range [][]poison{dangling(), documents(), fragments(), expressions(), identities()} {
		list = append(list, group...)
	}
	return list
}

// with is the good configuration with more.
func with(name string, more ...model.Resource) poison {
	return poison{name: name, resources: append(good(), more...)}
}

// dangling refers to what is not there.
func dangling() []poison {
	return []poison{
		with("an operation of no API", &model.Operation{ID: "apis/gone/operations/x", DisplayName: "x", Method: "GET", URLTemplate: "/"}),
		with("a policy of no API", apiPolicy("gone", "<policies />")),
		with("a policy of no operation", &model.Policy{ID: "apis/shop/operations/gone/policies/policy", Value: "<policies />"}),
		with("a schema of no API", &model.Schema{ID: "apis/gone/schemas/x", ContentType: model.SchemaOpenAPI}),
		with("a link of no product", &model.Link{ID: "products/gone/apis/shop"}),
		with("a link to no API", &model.Link{ID: "products/starter/apis/gone"}),
		with("a link to no group", &model.Link{ID: "products/starter/groups/gone"}),
		with("a link to no user", &model.Link{ID: "groups/testers/users/gone"}).mayPass(),
		with("a link that names nothing", &model.Link{ID: "products/starter/apiLinks/x"}),
		with("a link that names another kind", &model.Link{ID: "products/starter/apiLinks/x", APIID: "/products/starter"}),
		with("a subscription to no product", &model.Subscription{ID: "subscriptions/x", DisplayName: "x", Scope: "/products/gone"}),
		with("a subscription to no API", &model.Subscription{ID: "subscriptions/x", DisplayName: "x", Scope: "/apis/gone"}),
		with("a pool of no backend", &model.Backend{ID: "backends/x", Type: model.BackendOfBackends, Pool: &model.BackendPool{Services: []model.BackendPoolItem{{ID: "/backends/gone"}}}}),
		with("a pool of itself", &model.Backend{ID: "backends/x", Type: model.BackendOfBackends, Pool: &model.BackendPool{Services: []model.BackendPoolItem{{ID: "/backends/x"}}}}),
		with("a pool of a pool", &model.Backend{ID: "backends/x", Type: model.BackendOfBackends, Pool: &model.BackendPool{Services: []model.BackendPoolItem{{ID: "/backends/pool"}}}}),
		with("an API of no version set", &model.API{ID: "apis/x", DisplayName: "x", Path: "x", APIVersion: "v", APIVersionSetID: "/apiVersionSets/gone"}),
		with("a diagnostic of no logger", &model.Diagnostic{ID: "apis/shop/diagnostics/applicationinsights", LoggerID: "/loggers/gone"}),
		with("an API of no workspace", &model.API{ID: "workspaces/gone/apis/x", DisplayName: "x", Path: "x"}),
		with("a backend that a policy names", shopPolicy(`<inbound><set-backend-service backend-id="gone" /></inbound>`)),
		with("a named value that a policy names", shopPolicy(`<inbound><set-header name="a"><value>{{gone}}</value></set-header></inbound>`)),
		with("two APIs at one path", &model.API{ID: "apis/x", DisplayName: "x", Path: "shop"}),
		with("two operations at one place", &model.Operation{ID: "apis/versioned/operations/x", DisplayName: "x", Method: "GET", URLTemplate: "/*"}).mayPass(),
		with("a key of another", &model.Subscription{ID: "subscriptions/x", DisplayName: "x", Scope: "/apis", PrimaryKey: "key-one"}),
		with("two named values of one name", &model.NamedValue{ID: "namedValues/x", DisplayName: "colour", Value: "1"}),
	}
}

func (p poison) mayPass() poison {
	p.harmless = true
	return p
}

func apiPolicy(api, text string) model.Resource {
	return &model.Policy{ID: model.NewID("apis", api, "policies", "policy"), Value: text}
}

// shopPolicy is a policy document of an API that has none yet.
func shopPolicy(sections string) model.Resource {
	return apiPolicy("versioned", "<policies>"+sections+"</policies>")
}

// documents are policy documents that are wrong as a whole.
func documents() []poison {
	set := `<set-header name="a"><value>1</value></set-header>`
	texts := map[string]string{
		"empty": "", "no XML": "policies", "cut off": "<policies><inbound>", "another root": "<policy />",
		"a fragment":                "<fragment />",
		"too large":                 "<policies><!--" + strings.Repeat("x", 10*document.MaxDocumentBytes) + "--></policies>",
		"too deep":                  "<policies><inbound>" + strings.Repeat("<choose>", 10*document.MaxDepth) + strings.Repeat("</choose>", 10*document.MaxDepth) + "</inbound></policies>",
		"too many":                  "<policies><inbound>" + strings.Repeat("<base/>", 2*document.MaxElements) + "</inbound></policies>",
		"an entity":                 `<!DOCTYPE p [<!ENTITY a "b">]><policies>&a;</policies>`,
		"a future policy":           "<policies><inbound><llm-future-limit tokens=\"1\" /></inbound></policies>",
		"a future section":          "<policies><sideways /></policies>",
		"a section twice":           "<policies><inbound /><inbound /></policies>",
		"another section":           "<policies><outbound><set-query-parameter name=\"a\" exists-action=\"delete\" /></outbound></policies>",
		"base in a policy":          "<policies><inbound><choose><when condition=\"true\"><base /></when></choose></inbound></policies>",
		"an attribute of a section": "<policies><inbound future=\"1\" /></policies>",
		"zero bytes":                "<policies>\x00</policies>",
		"no UTF-8":                  "<policies>\xff\xfe" + set + "</policies>",
		"UTF-16":                    "\xff\xfe<\x00p\x00",
	}
	var list []poison
	for name, text := range texts {
		list = append(list, with("a document: "+name, apiPolicy("versioned", text)), with("a workspace's document: "+name,
			&model.Policy{ID: "workspaces/w/apis/team/policies/policy", Format: model.PolicyRawXML, Value: text}))
	}
	return list
}

// fragments include each other where they must not.
func fragments() []poison {
	include := func(id string) string { return `<include-fragment fragment-id="` + id + `" />` }
	fragment := func(id, content string) model.Resource {
		return &model.PolicyFragment{ID: model.NewID("policyFragments", id), Value: "<fragment>" + content + "</fragment>"}
	}
	var chain, bomb []model.Resource
	for i := range 12 {
		next := include(fmt.Sprintf("f%d", i+1))
		chain = append(chain, fragment(fmt.Sprintf("f%d", i), next))
		bomb = append(bomb, fragment(fmt.Sprintf("f%d", i), strings.Repeat(next, 50)))
	}
	last := fragment("f12", "")
	start := shopPolicy("<inbound>" + include("f0") + "</inbound>")
	return []poison{
		with("itself", fragment("a", include("a"))),
		with("itself in another case", fragment("a", include("A"))),
		with("itself, included", fragment("a", include("a")), shopPolicy("<inbound>"+include("a")+"</inbound>")),
		with("each other", fragment("a", include("b")), fragment("b", include("a"))),
		with("each other in a branch", fragment("a", `<choose><when condition="true">`+include("b")+`</when></choose>`), fragment("b", include("a"))),
		with("too deep", append(chain, last, start)...),
		with("many times each", append(bomb, last, start)...),
		with("none", shopPolicy("<inbound>"+include("gone")+"</inbound>")),
		with("base", fragment("a", "<base />")),
		with("a section", fragment("a", "<inbound />")),
		with("policies", &model.PolicyFragment{ID: "policyFragments/a", Value: "<policies />"}),
		with("nothing", &model.PolicyFragment{ID: "policyFragments/a"}),
		with("too large", fragment("a", "<!--"+strings.Repeat("x", 10*document.MaxFragmentBytes)+"-->")),
		with("large, many times", fragment("a", "<!--"+strings.Repeat("x", document.MaxFragmentBytes/2)+"-->"),
			shopPolicy("<inbound>"+strings.Repeat(include("a"), policy.MaxIncludedBytes/document.MaxFragmentBytes*2+1)+"</inbound>")),
		with("a named value without end", &model.NamedValue{ID: "namedValues/n", DisplayName: "n", Value: strings.Repeat("y", 4096)},
			shopPolicy("<inbound><!--"+strings.Repeat("{{n}}", 2*document.MaxSubstitutedBytes/4096)+"--></inbound>")),
	}
}

// expressions are C# that is wrong, or that would never end.
func expressions() []poison {
	wrong := map[string]string{
		"nothing": "", "no end": "(", "unknown": "context.Future", "no C#": "function () { return 1 }",
		"deep":   strings.Repeat("(", 2000) + "1" + strings.Repeat(")", 2000),
		"long":   strings.Repeat("1+", 100000) + "1",
		"type":   "\"a\" * 2",
		"file":   "System.IO.File.ReadAllText(\"/etc/passwd\")",
		"assign": "context = null",
	}
	var list []poison
	for name, code := range wrong {
		list = append(list, with("an expression: "+name, shopPolicy(`<inbound><set-variable name="x" value="@(`+code+`)" /></inbound>`)))
	}
	for name, pattern := range map[string]string{
		"nested": "(a+)+$", "alternatives": "(a|aa)+$", "back references": `(a*)*\1$`, "long": strings.Repeat("(a?)", 500) + strings.Repeat("a", 500),
	} {
		list = append(list, with("a regular expression: "+name,
			shopPolicy(`<inbound><set-variable name="x" value="@(System.Text.RegularExpressions.Regex.IsMatch(&quot;`+strings.Repeat("a", 40)+`!&quot;, @&quot;`+pattern+`&quot;))" /></inbound>`)).mayPass())
	}
	return list
}

// identities have ids that are none, or of another kind.
func identities() []poison {
	ids := []model.ID{"", "/", "apis", "apis/", "nothing/x", "apis/../x", "apis/a/b/c/d", "products/starter", "apis/shop;rev=0", "apis/shop;rev=x",
		model.ID(strings.Repeat("apis/x/", 1000)), "apis/\x00", "apis/" + model.ID(strings.Repeat("x", 1000)), "subscriptions/one", "policies/policy", "apis/\x92;rev=", "apis/İ;rev=2"}
	var list []poison
	for _, id := range ids {
		for _, r := range []model.Resource{
			&model.API{ID: id, DisplayName: "x", Path: "x"},
			&model.Operation{ID: id, DisplayName: "x", Method: "GET", URLTemplate: "/x"},
			&model.Product{ID: id, DisplayName: "x"},
			&model.Subscription{ID: id, DisplayName: "x", Scope: "/apis"},
			&model.Policy{ID: id, Value: "<policies />"},
			&model.Link{ID: id},
		} {
			list = append(list, with(fmt.Sprintf("the id %.20q of %s", id, r.Kind()), r).mayPass())
		}
	}
	return list
}
