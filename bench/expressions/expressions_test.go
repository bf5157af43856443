package expressions_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"testing"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/ext"
	other "github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/trial"
)

// token is a JWT whose payload is {"sub":"ann","roles":["admin","reader"],"exp":1893456000}.
const token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4iLCJyb2xlcyI6WyJhZG1pbiIsInJlYWRlciJdLCJleHAiOjE4OTM0NTYwMDB9.c2lnbmF0dXJl"

// document is the JSON object that the property is read from.
const document = `{"id": 7, "customer": {"name": "Ann", "tier": "gold"}, "lines": [{"sku": "A1", "quantity": 2}, {"sku": "B2", "quantity": 3}]}`

// comparison is one task in the three languages. The others have neither tokens nor JSON objects of their own: they
// get the claims and the object as maps, decoded before, as Sallyport gets a Jwt and a JObject in variables.
type comparison struct {
	name      string
	code      string
	block     bool
	lang, cel string
}

var comparisons = []comparison{
	{
		name: "header with default",
		code: `context.Request.Headers.GetValueOrDefault("X-Tier", "none")`,
		lang: `headers["X-Tier"] ?? "none"`,
		cel:  `"X-Tier" in headers ? headers["X-Tier"] : "none"`,
	},
	{
		name: "concatenation of two variables",
		code: `(string)context.Variables["first"] + "-" + (string)context.Variables["second"]`,
		lang: `variables["first"] + "-" + variables["second"]`,
		cel:  `variables["first"] + "-" + variables["second"]`,
	},
	{
		name: "claim of a token",
		code: `((Jwt)context.Variables["jwt"]).Claims["roles"].Contains("admin")`,
		lang: `"admin" in claims["roles"]`,
		cel:  `"admin" in claims["roles"]`,
	},
	{
		name: "property of a JSON object",
		code: `(string)((JObject)context.Variables["order"])["customer"]["tier"] == "gold"`,
		lang: `order["customer"]["tier"] == "gold"`,
		cel:  `order["customer"]["tier"] == "gold"`,
	},
	{
		name: "regular expression",
		code: `Regex.IsMatch(context.Request.Url.Path, "^/orders/[0-9]+/lines$")`,
		lang: `path matches "^/orders/[0-9]+/lines$"`,
		cel:  `path.matches("^/orders/[0-9]+/lines$")`,
	},
	{
		name:  "20 lines of statements",
		block: true,
		code: `
	string tier = context.Request.Headers.GetValueOrDefault("X-Tier", "none");
	string path = context.Request.Url.Path;
	int limit = 10;
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
`,
		lang: `let tier = headers["X-Tier"] ?? "none";
let base = tier == "gold" ? 1000 : tier == "silver" ? 100 : 10;
let limit = path startsWith "/orders" ? base * 2 : base;
let user = variables["first"];
let write = method == "POST" || method == "PUT";
let total = write && limit > 50 ? limit - 50 : limit;
user + ":" + tier + ":" + string(total)`,
		cel: `cel.bind(tier, "X-Tier" in headers ? headers["X-Tier"] : "none",
cel.bind(limit, (path.startsWith("/orders") ? 2 : 1) * (tier == "gold" ? 1000 : tier == "silver" ? 100 : 10),
cel.bind(total, (method == "POST" || method == "PUT") && limit > 50 ? limit - 50 : limit,
variables["first"] + ":" + tier + ":" + string(total))))`,
	},
}

// BenchmarkExpressions runs each task in the three languages.
func BenchmarkExpressions(b *testing.B) {
	for _, c := range comparisons {
		runs := []func() error{runOurs(b, &c), runLang(b, &c), runCEL(b, &c)}
		for i, engine := range engines {
			b.Run(fmt.Sprintf("%s/%s", c.name, engine), func(b *testing.B) {
				run := runs[i]
				allocs := testing.AllocsPerRun(100, func() { _ = run() })
				b.ReportAllocs()
				for b.Loop() {
					if err := run(); err != nil {
						b.Fatal(err)
					}
				}
				measured.add(c.name, engine, float64(b.Elapsed().Nanoseconds())/float64(b.N), allocs)
			})
		}
	}
}

// runOurs compiles a task for Sallyport, on a call as the gateway has it.
func runOurs(tb testing.TB, c *comparison) func() error {
	tb.Helper()
	compiler, err := expr.NewCompiler()
	if err != nil {
		tb.Fatal(err)
	}
	program, err := compiler.Compile(expr.Source{Code: c.code, Block: c.block})
	if err != nil {
		tb.Fatal(err)
	}
	call := newCall(tb, compiler)
	if program.Type() == "bool" {
		return func() error {
			ok, err := program.Bool(call.Expression())
			if err == nil && !ok {
				return fmt.Errorf("%s is false", c.name)
			}
			return err
		}
	}
	return func() error {
		_, _, err := program.Text(call.Expression())
		return err
	}
}

func newCall(tb testing.TB, compiler *expr.Compiler) *policy.Call {
	tb.Helper()
	request, err := trial.ReadRequest([]byte("POST /orders/7/lines HTTP/1.1\nHost: api.example\nAccept: */*\nX-Tier: gold\n"))
	if err != nil {
		tb.Fatal(err)
	}
	call := trial.New(request)
	call.Expr.Static, call.Expr.Now = &host.Static{}, time.Now
	parse, err := compiler.Compile(expr.Source{Code: "JObject.Parse((string)context.Variables[\"text\"])"})
	if err != nil {
		tb.Fatal(err)
	}
	call.Variables.Set("text", expr.StringValue(document))
	order, err := parse.Run(call.Expression())
	if err != nil {
		tb.Fatal(err)
	}
	call.Variables.Set("first", expr.StringValue("ann"))
	call.Variables.Set("second", expr.StringValue("contoso"))
	call.Variables.Set("jwt", compiler.JWTValue(token))
	call.Variables.Set("order", order)
	return call
}

// environment is what the others see: the same data as maps of Go, declared with their types.
func environment(tb testing.TB) map[string]any {
	tb.Helper()
	var order map[string]any
	if err := json.Unmarshal([]byte(document), &order); err != nil {
		tb.Fatal(err)
	}
	return map[string]any{
		"headers":   map[string]string{"Host": "api.example", "Accept": "*/*", "X-Tier": "gold"},
		"variables": map[string]string{"first": "ann", "second": "contoso"},
		"claims":    map[string][]string{"sub": {"ann"}, "roles": {"admin", "reader"}, "exp": {"1893456000"}},
		"order":     order,
		"path":      "/orders/7/lines",
		"method":    "POST",
	}
}

func runLang(tb testing.TB, c *comparison) func() error {
	tb.Helper()
	env := environment(tb)
	program, err := other.Compile(c.lang, other.Env(env))
	if err != nil {
		tb.Fatal(err)
	}
	var machine vm.VM
	return func() error {
		_, err := machine.Run(program, env)
		return err
	}
}

func runCEL(tb testing.TB, c *comparison) func() error {
	tb.Helper()
	env, err := cel.NewEnv(
		ext.Bindings(),
		cel.Variable("headers", cel.MapType(cel.StringType, cel.StringType)),
		cel.Variable("variables", cel.MapType(cel.StringType, cel.StringType)),
		cel.Variable("claims", cel.MapType(cel.StringType, cel.ListType(cel.StringType))),
		cel.Variable("order", cel.MapType(cel.StringType, cel.DynType)),
		cel.Variable("path", cel.StringType),
		cel.Variable("method", cel.StringType),
	)
	if err != nil {
		tb.Fatal(err)
	}
	ast, issues := env.Compile(c.cel)
	if issues.Err() != nil {
		tb.Fatal(issues.Err())
	}
	program, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		tb.Fatal(err)
	}
	vars, err := cel.NewActivation(environment(tb))
	if err != nil {
		tb.Fatal(err)
	}
	return func() error {
		_, _, err := program.Eval(vars)
		return err
	}
}

// TestSameAnswers makes sure that the three compute the same, so that their times can be compared.
func TestSameAnswers(t *testing.T) {
	for _, c := range comparisons {
		compiler, err := expr.NewCompiler()
		if err != nil {
			t.Fatal(err)
		}
		program, err := compiler.Compile(expr.Source{Code: c.code, Block: c.block})
		if err != nil {
			t.Fatal(err)
		}
		ours, _, err := program.Text(newCall(t, compiler).Expression())
		if err != nil {
			t.Fatal(err)
		}
		env := environment(t)
		p, err := other.Compile(c.lang, other.Env(env))
		if err != nil {
			t.Fatal(err)
		}
		lang, err := other.Run(p, env)
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile("(?i)^" + regexp.QuoteMeta(fmt.Sprint(lang)) + "$").MatchString(ours) {
			t.Errorf("%s: %s and %v", c.name, ours, lang)
		}
		if err := runCEL(t, &c)(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
