package plan_test

import (
	"testing"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/host"
)

// tasks are those of bench/expressions, which compares their times with other languages', and forms of them that
// policies use as much. The only allocations are the strings that they make.
var tasks = []struct {
	name, code string
	block      bool
	allocs     float64
}{
	{"header with default", `context.Request.Headers.GetValueOrDefault("X-Number", "none")`, false, 0},
	{"header that is missing", `context.Request.Headers.GetValueOrDefault("X-None", "none")`, false, 0},
	{"header with another default", `context.Request.Headers.GetValueOrDefault("X-None", (string)context.Variables["first"])`, false, 0},
	{"concatenation of two variables", `(string)context.Variables["first"] + "-" + (string)context.Variables["second"]`, false, 1},
	{"interpolation of two variables", `$"{context.Variables["first"]}-{context.Variables["second"]}"`, false, 1},
	{"claim of a token", `((Jwt)context.Variables["jwt"]).Claims["roles"].Contains("admin")`, false, 0},
	{"claim that is looked up", `((Jwt)context.Variables["jwt"]).Claims.GetValueOrDefault("sub", "") == "ann"`, false, 0},
	{"claim that is there", `((Jwt)context.Variables["jwt"]).Claims.ContainsKey("roles")`, false, 0},
	{"property of a JSON object", `(string)((JObject)context.Variables["order"])["customer"]["tier"] == "gold"`, false, 0},
	{"property as text", `((JObject)context.Variables["order"])["customer"]["tier"].ToString() == "gold"`, false, 0},
	{"property as a value", `((JObject)context.Variables["order"])["customer"].Value<string>("tier") == "gold"`, false, 0},
	{"property of an element", `(int)((JObject)context.Variables["order"])["lines"][0]["quantity"] == 2`, false, 0},
	{"regular expression", `Regex.IsMatch(context.Request.Url.Path, "^/orders/[0-9]+/lines$")`, false, 0},
	{"regular expression without case", `Regex.IsMatch(context.Request.Url.Path, @"\bLINES\b", RegexOptions.IgnoreCase)`, false, 0},
	{"object of a regular expression", `new Regex("^/orders/[0-9]+/lines$").IsMatch(context.Request.Url.Path)`, false, 0},
	{"20 lines of statements", `
	string tier = context.Request.Headers.GetValueOrDefault("X-Tier", "none");
	string path = context.Request.Url.Path;
	int limit = 210;
	if (tier == "gold")
	{
		limit = 1000;
	}
	else if (tier == "silver")
	{
		limit = 100;
	}
	if (path.StartsWith("/orders"))
	{
		limit = limit * 2;
	}
	string user = (string)context.Variables["first"];
	bool write = context.Request.Method == "POST" || context.Request.Method == "PUT";
	if (write && limit > 50)
	{
		limit = limit - 50;
	}
	return user + ":" + tier + ":" + limit;
`, true, 2},
}

// token is a JWT whose payload is {"sub":"ann","roles":["admin","reader"],"exp":1893456000}.
const token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4iLCJyb2xlcyI6WyJhZG1pbiIsInJlYWRlciJdLCJleHAiOjE4OTM0NTYwMDB9.c2lnbmF0dXJl"

func tasksContext(t *testing.T, c *expr.Compiler) *host.Context {
	t.Helper()
	ctx := newContext(c)
	vars := ctx.Variables
	p, err := c.Compile(expr.Source{Code: `JObject.Parse("{'customer': {'tier': 'gold'}, 'lines': [{'quantity': 2}]}")`})
	if err != nil {
		t.Fatal(err)
	}
	order, err := p.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	vars.Set("first", expr.StringValue("ann"))
	vars.Set("second", expr.StringValue("contoso"))
	vars.Set("jwt", c.JWTValue(token))
	vars.Set("order", order)
	return ctx
}

func TestTaskAllocations(t *testing.T) {
	c := compiler(t)
	ctx := tasksContext(t, c)
	for _, test := range tasks {
		t.Run(test.name, func(t *testing.T) {
			p, err := c.Compile(expr.Source{Code: test.code, Block: test.block})
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := p.Text(ctx); err != nil {
				t.Fatal(err)
			}
			run := func() { _, _, _ = p.Text(ctx) }
			if p.Type() == "bool" {
				run = func() { _, _ = p.Bool(ctx) }
			}
			if got := testing.AllocsPerRun(200, run); got != test.allocs {
				t.Errorf("%v allocations, want %v", got, test.allocs)
			}
		})
	}
}
