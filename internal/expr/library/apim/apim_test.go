package apim_test

import (
	"errors"
	"testing"

	"github.com/sallyport/sallyport/internal/expr"
)

// check runs each expression in a context of its own and compares its text; an exception is its type behind an
// exclamation mark.
func check(t *testing.T, tests [][2]string) {
	t.Helper()
	c, err := expr.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		t.Run(test[0], func(t *testing.T) {
			src := expr.Source{Code: test[0]}
			if src.Code[0] == '{' {
				src = expr.Source{Code: src.Code[1 : len(src.Code)-1], Block: true}
			}
			p, err := c.Compile(src)
			if err != nil {
				t.Fatal(err)
			}
			got, null, err := p.Text(newContext(c))
			var x *expr.Exception
			switch {
			case errors.As(err, &x):
				got = "!" + x.Type
			case null:
				got = "null"
			}
			if got != test[1] {
				t.Errorf("%s = %q, want %q", test[0], got, test[1])
			}
		})
	}
}

func TestReadsBody(t *testing.T) {
	c, err := expr.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, code        string
		request, response bool
	}{
		{"neither", `context.Response.StatusCode + context.Request.Method`, false, false},
		{"request", `context.Request.Body.As<string>(true)`, true, false},
		{"response", `context.Response.Body.As<string>(true)`, false, true},
		{"variable", `((IResponse)context.Variables["resp"]).Body.As<string>()`, false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, err := c.Compile(expr.Source{Code: test.code})
			if err != nil {
				t.Fatal(err)
			}
			if request, response := p.ReadsBody(); request != test.request || response != test.response {
				t.Errorf("ReadsBody = %t, %t, want %t, %t", request, response, test.request, test.response)
			}
		})
	}
}

func TestVariables(t *testing.T) {
	check(t, [][2]string{
		{`context.Variables["s"]`, "hello"},
		{`context.Variables["none"]`, "!System.Collections.Generic.KeyNotFoundException"},
		{`context.Variables.GetValueOrDefault<string>("none", "d") + context.Variables.GetValueOrDefault<string>("none")`, "d"},
		{`context.Variables.GetValueOrDefault("none", "d")`, "d"},
		{`context.Variables.GetValueOrDefault<int>("i") + context.Variables.GetValueOrDefault("none", 3)`, "10"},
		{`context.Variables.GetValueOrDefault<string>("i", "d")`, "!System.InvalidCastException"},
		{`context.Variables.GetValueOrDefault<int>("nul")`, "!System.NullReferenceException"},
		{`context.Variables.GetValueOrDefault<Guid>("none")`, "00000000-0000-0000-0000-000000000000"},
		{`context.Variables.ContainsKey("nul") && !context.Variables.ContainsKey("none")`, "True"},
		{`context.Variables.Count + string.Join(",", context.Variables.Keys)`, "4s,i,nul,resp"},
		{`context.Variables.Where(kv => kv.Value is int).First().Key`, "i"},
		{`{object v; return context.Variables.TryGetValue("s", out v) ? v : "none";}`, "hello"},
		{`((IResponse)context.Variables["resp"]).Body.As<JObject>()["a"]`, "5"},
		{`((IResponse)context.Variables["resp"]).StatusCode + ((IResponse)context.Variables["resp"]).Headers["location"][0]`, "404/x"},
	})
}

func TestMessages(t *testing.T) {
	check(t, [][2]string{
		{`context.Request.Headers.GetValueOrDefault("x-many", "d")`, "a,b"},
		{`context.Request.Headers.GetValueOrDefault("none", "d") + context.Request.Headers.GetValueOrDefault("none")`, "d"},
		{`context.Request.Headers["X-Many"].Length + context.Request.Headers.GetValueOrDefault("X-Empty", "d")`, "2"},
		{`context.Request.Headers["none"]`, "!System.Collections.Generic.KeyNotFoundException"},
		{`context.Request.Headers.ContainsKey("X-EMPTY")`, "True"},
		{`string.Join(";", context.Request.Headers.Where(h => h.Key.StartsWith("X-")).Select(h => h.Key + "=" + string.Join("+", h.Value)))`, "X-Many=a+b;X-Empty="},
		{`context.Request.Method + context.Request.IpAddress + context.Request.Url.Path`, "POST203.0.113.7/items/42"},
		{`context.Request.Url.Query.GetValueOrDefault("b") + context.Request.Url.Query["q"][0] + context.Request.Url.Query.Count`, "two,threex y4"},
		{`context.Request.Url.Scheme + context.Request.Url.Port + context.Request.Url.QueryString`, "https443?a=1&b=two&b=three&q=x%20y&empty="},
		{`context.Api.ServiceUrl.ToString() + new Uri("http://h/p").Host`, "https://b.example:8443/svch"},
		{`context.Request.MatchedParameters["id"] + context.Request.MatchedParameters.GetValueOrDefault("x", "d") + context.Request.MatchedParameters.Count`, "42d1"},
		{`context.Request.MatchedParameters["x"]`, "!System.Collections.Generic.KeyNotFoundException"},
		{`context.Request.Certificate == null`, "True"},
		{`context.Response.StatusCode + context.Response.StatusReason`, "404Not Found"},
		{`context.Request.Body.As<JObject>()["id"]`, "7"},
		{`context.Request.Body.As<string>(preserveContent: true) + context.Request.Body.As<byte[]>().Length`, `{"id":7}8`},
		{`{context.Request.Body.As<string>(); return context.Request.Body.As<string>();}`, "!System.InvalidOperationException"},
		{`context.Request.Body.As<JArray>()`, "!Newtonsoft.Json.JsonReaderException"},
		{`context.Response.Body.AsFormUrlEncodedContent().ToFormUrlEncodedContent()`, "a=1&a=2&b=x+y"},
		{`context.Response.Body.AsFormUrlEncodedContent().ToQueryString()`, "?a=1&a=2&b=x+y"},
		{`{var f = context.Response.Body.AsFormUrlEncodedContent(); return f["a"][1] + f["b"][0] + f.Count;}`, "2x y2"},
	})
}

func TestStatic(t *testing.T) {
	check(t, [][2]string{
		{`context.Api.Id + context.Api.Name + context.Api.IsCurrentRevision + context.Api.Protocols.First()`, "ordersOrdersTruehttps"},
		{`context.Api.SubscriptionKeyParameterNames.Header + context.Operation.UrlTemplate`, "Key/items/{id}"},
		{`context.Product.State == ProductState.Published && context.Product.SubscriptionsLimit == 5`, "True"},
		{`context.Product.Groups.Any(g => g.Name == "Developers")`, "True"},
		{`context.Subscription.StartDate.Value.Year + (context.Subscription.EndDate == null ? "open" : "")`, "2024open"},
		{`context.User?.Email ?? "nobody"`, "nobody"},
		{`context.User.Email`, "!System.NullReferenceException"},
		{`context.Deployment.Region + context.Deployment.Gateway.IsManaged + context.Deployment.Certificates.Count`, "West EuropeTrue0"},
		{`context.LastError.Message + (context.LastError.PolicyId == null)`, "JWT not present.True"},
		{`context.Elapsed.TotalMilliseconds + context.Timestamp.ToString("s")`, "15002024-03-15T10:30:45"},
		{`context.RequestId`, "d3b07384-0000-0000-0000-000000000000"},
		{`{context.Trace("x"); return context.Tracing;}`, "False"},
	})
}

func TestCredentials(t *testing.T) {
	const jwt = `context.Request.Headers.GetValueOrDefault("Authorization", "").AsJwt()`
	check(t, [][2]string{
		{jwt + `.Subject + ` + jwt + `.Algorithm + string.Join(",", ` + jwt + `.Audiences)`, "u1HS256a,b"},
		{jwt + `.Claims.GetValueOrDefault("aud") + ` + jwt + `.Claims["admin"][0] + ` + jwt + `.Claims["n"][0]`, `a,btrue{"a":1}`},
		{jwt + `.Claims["none"]`, "!System.Collections.Generic.KeyNotFoundException"},
		{jwt + `.ExpirationTime.Value.ToString("o") + (` + jwt + `.NotBefore == null)`, "2024-03-15T10:53:20.0000000ZTrue"},
		{`"a.b.c".AsJwt() == null && "garbage".AsJwt() == null && ((string)null).AsJwt() == null`, "True"},
		{`{Jwt j; return "x".TryParseJwt(out j) || j != null;}`, "False"},
		{`"Basic dXNlcjpwYTpzcw==".AsBasic().UserId + "Basic dXNlcjpwYTpzcw==".AsBasic().Password`, "userpa:ss"},
		{`"Bearer x".AsBasic() == null && "Basic !!!".AsBasic() == null`, "True"},
	})
}
