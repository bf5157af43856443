package check

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/expr/parse"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// checked returns the type of an expression or of a block, or its errors as code@start-end.
func checked(lib *types.Library, code string, block bool) string {
	var diags syntax.Diagnostics
	unit := parse.Source(code, block, &diags)
	if diags.Len() == 0 {
		if p := Check(lib, unit, &diags); p != nil {
			return p.Main.Result.Name()
		}
	}
	var list []string
	for _, d := range diags.All() {
		list = append(list, fmt.Sprintf("%s@%d-%d", d.Code, d.Start, d.End))
	}
	return strings.Join(list, " ")
}

func TestExpressionTypes(t *testing.T) {
	lib := testLibrary(t)
	tests := []struct{ name, code, want string }{
		{"int", "1 + 2", "int"},
		{"promotion to long", "1 + 2L", "long"},
		{"uint and a constant", "1u + 2", "uint"},
		{"char and int", "'a' + 1", "int"},
		{"char and char", "'a' + 'b'", "int"},
		{"string and int", `"a" + 1`, "string"},
		{"decimal", "1.5m * 2", "decimal"},
		{"float", "1f / 2", "float"},
		{"comparison", "1 < 2.5", "bool"},
		{"shift", "1L << 3", "long"},
		{"negative unsigned", "-1u", "long"},
		{"smallest int", "-2147483648", "int"},
		{"smallest long", "-9223372036854775808", "long"},
		{"cast constant", "(byte)255", "byte"},
		{"unchecked constant", "unchecked((byte)300)", "byte"},
		{"nullable", "(int?)5 + 1", "int?"},
		{"nullable equality", "((int?)null) == null", "bool"},
		{"coalesce nullable", "(int?)5 ?? 3", "int"},
		{"coalesce string", `(string)null ?? "x"`, "string"},
		{"conditional of constant", "true ? 1 : 2L", "long"},
		{"conditional with null", `true ? null : "a"`, "string"},
		{"date difference", "DateTime.UtcNow - new DateTime(2024, 1, 1)", "TimeSpan"},
		{"date and span", "DateTime.UtcNow + TimeSpan.FromSeconds(5)", "DateTime"},
		{"lifted operator", "(DateTime?)null < DateTime.UtcNow", "bool"},
		{"struct and null", "(Guid?)null == null", "bool"},
		{"unary operator", "-TimeSpan.FromSeconds(1)", "TimeSpan"},
		{"enum or", "DayOfWeek.Monday | DayOfWeek.Tuesday", "DayOfWeek"},
		{"enum plus", "DayOfWeek.Monday + 1", "DayOfWeek"},
		{"enum minus", "DayOfWeek.Tuesday - DayOfWeek.Monday", "int"},
		{"enum and zero", "DayOfWeek.Tuesday == 0", "bool"},
		{"property", `"abc".Length`, "int"},
		{"indexer", `"abc"[0]`, "char"},
		{"params", `"a,b".Split(',')`, "string[]"},
		{"params with several", `string.Join("-", 1, "x")`, "string"},
		{"params of strings", `string.Join("-", "a", "b")`, "string"},
		{"join sequence", `string.Join(",", new[]{1,2}.Select(x => x + 1))`, "string"},
		{"format", `string.Format("{0}", 1)`, "string"},
		{"named arguments", `"abc".Substring(length: 1, startIndex: 0)`, "string"},
		{"overload by best conversion", "Math.Max(1, 2L)", "long"},
		{"overload of decimals", "Math.Max(1, 2m)", "decimal"},
		{"select", "new[]{1,2}.Select(x => x.ToString())", "IEnumerable<string>"},
		{"select with index", "new[]{1,2}.Select((x, i) => x * i)", "IEnumerable<int>"},
		{"where first", `new[]{"a"}.Where(s => s.Length > 1).First()`, "string"},
		{"aggregate with seed", "new[]{1,2}.Aggregate(0L, (a, x) => a + x)", "long"},
		{"aggregate", "new[]{1,2}.Aggregate((a, x) => a + x)", "int"},
		{"dictionary", `new[]{"a"}.ToDictionary(x => x, x => x.Length)`, "Dictionary<string,int>"},
		{"group", "new[]{1}.GroupBy(x => x % 2).Select(g => g.Key)", "IEnumerable<int>"},
		{"order", "new[]{1}.OrderBy(x => x).ThenBy(x => -x).ToList()", "List<int>"},
		{"sum of long", "new[]{1}.Sum(x => 1L)", "long"},
		{"sum of int", "new[]{1}.Sum(x => x)", "int"},
		{"select many", "new[]{1}.SelectMany(x => new[]{x, x})", "IEnumerable<int>"},
		{"method group", "new[]{\"1\"}.Select(int.Parse)", "IEnumerable<int>"},
		{"method group by its result", "new[]{\"1\"}.Sum(int.Parse)", "int"},
		{"predicate", "Array.Exists(new[]{1}, x => x > 0)", "bool"},
		{"contains on array", `new[]{"a"}.Contains("b")`, "bool"},
		{"count beside property", "new List<int>().Count()", "int"},
		{"query", "from x in new[]{1,2} where x > 1 orderby x select x * 2.0", "IEnumerable<double>"},
		{"query with let", "from x in new[]{1} let y = x + 1L select new { x, y }", "IEnumerable<<anonymous type: int x, long y>>"},
		{"query with two froms", `from x in new[]{1} from y in new[]{"a"} select y + x`, "IEnumerable<string>"},
		{"query group", "from x in new[]{1} group x by x % 2 into g select g.Count()", "IEnumerable<int>"},
		{"array of best type", "new[]{1, 2L}", "long[]"},
		{"array of arrays", "new int[2][]", "int[][]"},
		{"collection initialiser", "new List<int>{1, 2}", "List<int>"},
		{"dictionary initialiser", `new Dictionary<string,int>{{"a",1}}`, "Dictionary<string,int>"},
		{"index initialiser", `new Dictionary<string,int>{["a"] = 1}`, "Dictionary<string,int>"},
		{"anonymous", `new { a = 1, b = "x" }.b`, "string"},
		{"tuple", `(1, b: "x").b`, "string"},
		{"tuple item", `(1, "x").Item2`, "string"},
		{"interpolation", `$"{1,5:N2} {"a"}"`, "string"},
		{"typeof", "typeof(int).Name", "string"},
		{"nameof", "nameof(context.Request)", "string"},
		{"nameof member", "nameof(String.Length)", "string"},
		{"null coalesced", `null ?? "d"`, "string"},
		{"default", "default(int)", "int"},
		{"is", `context.Variables["x"] is string s && s.Length > 1`, "bool"},
		{"as", `context.Variables["x"] as string`, "string"},
		{"as nullable", `context.Variables["x"] as int?`, "int?"},
		{"conditional access", `context.Request?.Method.Length`, "int?"},
		{"conditional index", `(context.Variables["x"] as string[])?[0]`, "string"},
		{"conditional chain", `context.Request?.Body?.As<string>()?.Length > 1`, "bool"},
		{"out var", `int.TryParse("1", out var n) ? n : 0`, "int"},
		{"generic method", "context.Request.Body.As<JObject>()", "JObject"},
		{"generic method with argument", "context.Request.Body.As<string>(preserveContent: true)", "string"},
		{"json path", `(string)context.Request.Body.As<JObject>()["a"]["b"]`, "string"},
		{"json nullable", `(int?)JObject.Parse("{}")["a"]`, "int?"},
		{"json value", `JObject.Parse("{}").Value<int>("a")`, "int"},
		{"json downcast", `(JArray)JObject.Parse("{}")["a"]`, "JArray"},
		{"json initialiser", `new JObject(new JProperty("a", 1), new JProperty("b", new JArray("x")))`, "JObject"},
		{"json index initialiser", `new JObject { ["a"] = 1, ["b"] = "x" }`, "JObject"},
		{"json add", `new JObject { { "a", 1 } }`, "JObject"},
		{"header", `context.Request.Headers.GetValueOrDefault("a", "")`, "string"},
		{"header array", `context.Request.Headers["a"][0]`, "string"},
		{"variable with default", `context.Variables.GetValueOrDefault("a", true)`, "bool"},
		{"variable with type", `context.Variables.GetValueOrDefault<int>("a")`, "int"},
		{"variable without type", `context.Variables.GetValueOrDefault("a")`, "object"},
		{"qualified type", "System.Math.Max(1, 2)", "int"},
		{"qualified generic", "new System.Collections.Generic.List<System.Int32>()", "List<int>"},
		{"string equality", `context.Request.Method == "GET"`, "bool"},
		{"object and string", `context.Variables["a"] == "x"`, "bool"},
		{"void", `context.Trace("x")`, "CS0029@0-18"},
		{"cast of delegate", "((Func<int,int>)(x => x + 1))(2)", "int"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := checked(lib, test.code, false); got != test.want {
				t.Errorf("%s\ngot  %s\nwant %s", test.code, got, test.want)
			}
		})
	}
}
