package attack

import (
	"fmt"
	"strings"
)

// evil are regular expressions that backtrack for ever on 64 KB of "a" with a "!" at the end.
var evil = []string{
	`^(a+)+$`, `^(a*)*$`, `^(a|a)*$`, `^(a|aa)+$`, `^(a|a?)+$`, `^([a-zA-Z]+)*$`, `^(.*a){20}$`, `^(a+)+b`, `(a+)+b$`, `^((a+)+)+$`,
	`^(?:(?:a*)*)*b`, `^(\w+\s?)*$`, `^(([a-z])+.)+[A-Z]([a-z])+$`, `(x+x+)+y|(a+a+)+b`, `^(a+){2,}b$`, `(?=(a+))+b`, `^(?<n>a+)+\k<n>b`, `(.+)+(.+)+(.+)+x`,
	`^(a?){40}a{40}b$`, `a*a*a*a*a*a*a*b`, `(?<=a{1,1000})b`, `^(?:a+|b)*c`, `(a{1,100}){1,100}b`, `(?i)^(A+)+$`,
}

// matching are attacks on the engine of regular expressions: each must end, by its budget or with a value.
func matching() group {
	g := group{name: "matching"}
	for i, pattern := range evil {
		quoted := `@"` + pattern + `"`
		g.code = append(g.code, fmt.Sprintf([]string{
			`Regex.Match((string)context.Variables["a"], %s).Index`,
			`Regex.Match((string)context.Variables["a"], %s).Success`,
			`Regex.Replace((string)context.Variables["a"], %s, "")`,
			`Regex.Matches((string)context.Variables["a"], %s).Count`,
			`Regex.Split((string)context.Variables["a"], %s).Length`,
			`new Regex(%s, RegexOptions.IgnoreCase).Match((string)context.Variables["a"]).Length`,
		}[i%6], quoted))
	}
	g.code = append(g.code,
		`@{ while (true) { try { Regex.Match((string)context.Variables["a"], "^(a+)+$"); } catch { } } }`,
		`@{ try { return Regex.Match((string)context.Variables["a"], "^(a+)+$"); } catch (Exception) { return "escaped"; } }`,
		`new Regex("^(a+)+$", RegexOptions.None, TimeSpan.FromDays(1)).Match((string)context.Variables["a"]).Success`,
		`Regex.IsMatch((string)context.Variables["a"], "^(a+)+$")`,
		`Regex.IsMatch("a", "(((a{1000}){1000}){1000}){1000}")`,
		`Regex.IsMatch("a", "a{2147483647}")`,
		`Regex.IsMatch("a", new string('(', 60000) + new string(')', 60000))`,
		`Regex.IsMatch("a", string.Join("|", Enumerable.Repeat("a", 30000)))`,
		`Regex.IsMatch("a", "[" + (string)context.Variables["a"] + "]")`,
		`JArray.Parse("[{\"a\":\"" + ((string)context.Variables["a"]).Substring(1) + "\"}]").SelectToken("$[?(@.a =~ /^(a+)+$/)]")`,
	)
	return g
}

// ended are attacks with large or deep values: each must end within its budgets, with a value, an exception or a
// budget, and none may bring the process down.
var ended = group{"ended", []string{
	// Deep and large documents.
	`JToken.Parse((string)context.Variables["deep"])`,
	`JToken.Parse((string)context.Variables["deep"]).ToString()`,
	`JObject.Parse((string)context.Variables["deepObject"])`,
	`JsonConvert.DeserializeObject((string)context.Variables["deep"])`,
	`JToken.Parse((string)context.Variables["wide"]).ToString()`,
	`JToken.Parse((string)context.Variables["wide"]).SelectTokens("$..*").Count()`,
	`JToken.Parse((string)context.Variables["wide"]).SelectToken("$" + string.Concat(Enumerable.Repeat("..*", 1000)))`,
	`JToken.Parse((string)context.Variables["nested"]).SelectTokens("$..*..*..*..*..*..*..*..*").Count()`,
	`JToken.Parse((string)context.Variables["nested"]).SelectTokens("$..a..a..a..a..a..a..a..a").Count()`,
	`JToken.Parse((string)context.Variables["nested"]).SelectTokens("$..[?(@..a)]..[?(@..a)]..[?(@..a)]").Count()`,
	`new JArray(1).SelectToken("$" + string.Concat(Enumerable.Repeat("[?(@", 10000)))`,
	`new JArray(1).SelectToken(string.Concat(Enumerable.Repeat("[0]", 30000)))`,
	`XElement.Parse((string)context.Variables["deepXml"])`,
	`XElement.Parse((string)context.Variables["laughs"]).Value.Length`,
	`XDocument.Parse((string)context.Variables["laughs"]).Root.Value.Length`,
	`XElement.Parse((string)context.Variables["external"]).Value`,
	`XElement.Parse((string)context.Variables["nestedXml"]).DescendantsAndSelf().SelectMany(e => e.DescendantsAndSelf()).SelectMany(e => e.DescendantsAndSelf()).Count()`,
	`context.Request.Body.As<JToken>(true)`,
	`context.Request.Body.As<XElement>(true)`,
	// Values nested in values, then shown, compared and copied.
	`@{ var a = new JArray(); for (int i = 0; i < 100000; i++) { var b = new JArray(); b.Add(a); a = b; } return a.ToString(); }`,
	`@{ var a = new JArray(); for (int i = 0; i < 100000; i++) { var b = new JArray(); b.Add(a); a = b; } return a.DeepClone(); }`,
	`@{ var a = new JArray(); for (int i = 0; i < 100000; i++) { var b = new JArray(); b.Add(a); a = b; } return JToken.DeepEquals(a, a.DeepClone()); }`,
	`@{ var a = new JArray(); for (int i = 0; i < 100000; i++) { var b = new JArray(); b.Add(a); a = b; } return a.Descendants().Count(); }`,
	`@{ var a = new JArray(); for (int i = 0; i < 100000; i++) { var b = new JArray(); b.Add(a); a = b; } return a.SelectTokens("$..*").Count(); }`,
	`@{ var a = new JArray(); for (int i = 0; i < 100000; i++) { var b = new JArray(); b.Add(a); a = b; } return a.Descendants().Last().Path; }`,
	`@{ var a = new JObject(); for (int i = 0; i < 100000; i++) { var b = new JObject(); b.Add("a", a); a = b; } a.Merge(a.DeepClone()); return 1; }`,
	`@{ var e = new XElement("a"); for (int i = 0; i < 100000; i++) { e = new XElement("a", e); } return e.ToString(); }`,
	`@{ var e = new XElement("a"); for (int i = 0; i < 100000; i++) { e = new XElement("a", e); } return e.Value; }`,
	`@{ var e = new XElement("a"); for (int i = 0; i < 100000; i++) { e = new XElement("a", e); } return XNode.DeepEquals(e, new XElement(e)); }`,
	`@{ var e = new XElement("a"); for (int i = 0; i < 100000; i++) { e = new XElement("a", e); } return e.Descendants().Count(); }`,
	`@{ JToken t = 1; while (true) { t = new JArray(t); } }`,
	`@{ while (true) { lock (context) { } } }`,
	`@{ object l = 1; for (int i = 0; i < 100000; i++) { l = new List<object> { l }; } return JsonConvert.SerializeObject(l); }`,
	`@{ object l = 1; for (int i = 0; i < 100000; i++) { l = new[] { l }; } return JToken.FromObject(l); }`,
	`@{ var l = new List<object>(); l.Add(l); return JsonConvert.SerializeObject(l); }`,
	`@{ var d = new Dictionary<string, object>(); d["a"] = d; return JObject.FromObject(d); }`,
	`@{ object t = 1; for (int i = 0; i < 100000; i++) { t = Tuple.Create(t); } return t.ToString(); }`,
	`@{ object t = 1; for (int i = 0; i < 100000; i++) { t = Tuple.Create(t, t); } return t.GetHashCode(); }`,
	`@{ object t = 1, u = 1; for (int i = 0; i < 100000; i++) { t = Tuple.Create(t); u = Tuple.Create(u); } return t.Equals(u); }`,
	`@{ object t = 1; for (int i = 0; i < 64; i++) { t = Tuple.Create(t, t); } return t.ToString(); }`,
	`@{ object t = 1; for (int i = 0; i < 64; i++) { t = Tuple.Create(t, t); } return t.GetHashCode(); }`,
	`@{ object t = 1, u = 1; for (int i = 0; i < 64; i++) { t = Tuple.Create(t, t); u = Tuple.Create(u, u); } return t.Equals(u); }`,
	`@{ object t = 1; for (int i = 0; i < 64; i++) { t = new { a = t, b = t }; } return t.ToString(); }`,
	`@{ object t = 1; for (int i = 0; i < 64; i++) { t = (t, t); } return t.ToString(); }`,
	`@{ object t = 1; for (int i = 0; i < 64; i++) { t = new KeyValuePair<object, object>(t, t); } return t.ToString(); }`,
	`@{ object t = 1; for (int i = 0; i < 64; i++) { t = new[] { t, t }; } return JsonConvert.SerializeObject(t); }`,
	`@{ object t = 1, u = 1; for (int i = 0; i < 64; i++) { t = Tuple.Create(t, t); u = Tuple.Create(u, u); } return new[] { t, u }.OrderBy(x => x).Count(); }`,
	`@{ object t = 1, u = 1; for (int i = 0; i < 100000; i++) { t = Tuple.Create(t); u = Tuple.Create(u); } return new[] { t, u }.OrderBy(x => x).Count(); }`,
	`@{ object t = 1, u = 1; for (int i = 0; i < 64; i++) { t = new KeyValuePair<object, object>(t, t); u = new KeyValuePair<object, object>(u, u); } return t.Equals(u); }`,
	`@{ object t = 1; for (int i = 0; i < 64; i++) { t = new KeyValuePair<object, object>(t, t); } return t.GetHashCode(); }`,
	`@{ object t = 1; for (int i = 0; i < 64; i++) { t = (t, t); } return new Dictionary<object, int> { { t, 1 } }.Count; }`,
	`@{ var m = (string)context.Variables["a"]; Exception e = new Exception(m); for (int i = 0; i < 90; i++) { e = new Exception(m, e); } return e.ToString(); }`,
	`@{ Exception e = new Exception("x"); for (int i = 0; i < 100000; i++) { e = new Exception("x", e); } return e.ToString(); }`,
	`@{ Exception e = new Exception("x"); for (int i = 0; i < 100000; i++) { e = new Exception("x", e); } throw e; }`,
	`@{ Exception e = new Exception("x"); for (int i = 0; i < 100000; i++) { e = new Exception("x", e); } return e.GetBaseException().Message; }`,
	// Sequences over sequences.
	`@{ IEnumerable<int> q = new[] { 1 }; for (int i = 0; i < 100000; i++) { q = q.Where(x => true); } return q.Count(); }`,
	`@{ IEnumerable<int> q = new[] { 1 }; for (int i = 0; i < 100000; i++) { q = q.Select(x => x); } return q.Count(); }`,
	`@{ IEnumerable<int> q = new[] { 1 }; for (int i = 0; i < 100000; i++) { q = q.Concat(new[] { 1 }); } return q.Count(); }`,
	`@{ IEnumerable<int> q = new[] { 1 }; for (int i = 0; i < 64; i++) { q = q.Concat(q); } return q.Count(); }`,
	`@{ IEnumerable<int> q = new[] { 1, 2 }; for (int i = 0; i < 64; i++) { q = q.SelectMany(x => q); } return q.Count(); }`,
	`@{ IEnumerable<int> q = new[] { 1 }; for (int i = 0; i < 100000; i++) { q = q.Reverse(); } return q.Count(); }`,
	`@{ IEnumerable<int> q = new[] { 1 }; for (int i = 0; i < 100000; i++) { q = q.OrderBy(x => x); } return q.Count(); }`,
	`@{ IEnumerable<int> q = new[] { 1 }; for (int i = 0; i < 100000; i++) { q = q.Skip(0).Take(1).Distinct().DefaultIfEmpty(); } return q.Count(); }`,
	`@{ IEnumerable<int> q = new[] { 1 }; q = q.Select(x => q.Sum()); return q.Sum(); }`,
	// One call that does much.
	`((string)context.Variables["a"]).IndexOfAny(((string)context.Variables["x"]).ToCharArray())`,
	`((string)context.Variables["a"]).LastIndexOfAny(((string)context.Variables["x"]).ToCharArray())`,
	`((string)context.Variables["a"]).Split(((string)context.Variables["x"]).ToCharArray()).Length`,
	`((string)context.Variables["a"]).Trim(((string)context.Variables["x"] + "a").ToCharArray()).Length`,
	`((string)context.Variables["a"]).IndexOf(new string('a', 32768) + "b")`,
	`((string)context.Variables["a"]).LastIndexOf("b" + new string('a', 32768))`,
	`((string)context.Variables["a"]).IndexOf(new string('A', 32768) + "b", StringComparison.OrdinalIgnoreCase)`,
	`((string)context.Variables["a"]).Replace(new string('a', 32768) + "b", "")`,
	`((string)context.Variables["a"]).Split(new[] { new string('a', 32768) + "b" }, StringSplitOptions.None).Length`,
	`((string)context.Variables["a"]).Split(Enumerable.Range(0, 10000).Select(i => "k" + i).ToArray(), StringSplitOptions.None).Length`,
	`@{ for (int i = 0; i < 1000000; i++) { ((string)context.Variables["a"]).IndexOf("b"); } return 1; }`,
	`@{ for (int i = 0; i < 1000000; i++) { ((string)context.Variables["a"]).ToUpper(); } return 1; }`,
	`@{ for (int i = 0; i < 1000000; i++) { string.Compare((string)context.Variables["a"], (string)context.Variables["a"] + "b", StringComparison.OrdinalIgnoreCase); } return 1; }`,
	`@{ for (int i = 0; i < 1000000; i++) { ((string)context.Variables["a"]).GetHashCode(); } return 1; }`,
	`@{ for (int i = 0; i < 1000000; i++) { JToken.Parse((string)context.Variables["wide"]); } return 1; }`,
	`@{ for (int i = 0; i < 1000000; i++) { context.Request.Body.As<string>(true); } return 1; }`,
	`int.Parse((string)context.Variables["digits"])`,
	`double.Parse((string)context.Variables["digits"])`,
	`decimal.Parse((string)context.Variables["digits"])`,
	`DateTime.Parse((string)context.Variables["digits"])`,
	`DateTime.ParseExact((string)context.Variables["digits"], (string)context.Variables["a"], null)`,
	`TimeSpan.Parse((string)context.Variables["digits"])`,
	`Guid.Parse((string)context.Variables["digits"])`,
	`JToken.Parse((string)context.Variables["digits"])`,
	`System.Numerics.BigInteger.Parse((string)context.Variables["digits"])`,
	`((string)context.Variables["a"]).AsJwt()`,
	`Convert.FromBase64String((string)context.Variables["x"])`,
	`new Uri("http://x/" + (string)context.Variables["a"]).ToString().Length`,
	// Formats.
	`1.ToString("D999999999")`,
	`1.5.ToString("F999999999")`,
	`1.5.ToString("N1000000000")`,
	`1.5m.ToString("F999999999")`,
	`1.ToString("X999999999")`,
	`1.ToString(new string('0', 1 << 20))`,
	`1.5.ToString("0." + new string('#', 1 << 20))`,
	`DateTime.UtcNow.ToString(new string('y', 1 << 20))`,
	`DateTime.UtcNow.ToString(string.Concat(Enumerable.Repeat("yyyy-", 100000)))`,
	`string.Format("{0,2000000000}", 1)`,
	`string.Format("{0,-2000000000}", 1)`,
	`$"{1,1000000}"`,
	`string.Format("{0:D999999999}", 1)`,
	`string.Format(string.Concat(Enumerable.Repeat("{0,1000000}", 1000)), 1)`,
	`string.Format((string)context.Variables["a"] + "{", 1)`,
	`string.Format("{999999999}", 1)`,
	`new System.Text.StringBuilder(int.MaxValue).Length`,
	`@{ var b = new System.Text.StringBuilder(); b.Capacity = int.MaxValue; return 1; }`,
	`@{ var b = new System.Text.StringBuilder(); b.Length = int.MaxValue; return 1; }`,
	`new List<int>(int.MaxValue).Count`,
	`new Dictionary<int, int>(int.MaxValue).Count`,
	`@{ var l = new List<int>(); l.Capacity = int.MaxValue; return 1; }`,
	`Enumerable.Repeat(1, -1).Count()`,
	`Math.Pow(10, 308) * 10`,
	`"a".Substring(int.MinValue)`,
	`new int[-1]`,
}}

// compiled are attacks on the compiler: each must be refused or accepted within the compiler's own bounds, and what
// is accepted must run within its budgets.
func compiled() group {
	nest := func(n int, open, middle, end string) string {
		return strings.Repeat(open, n) + middle + strings.Repeat(end, n)
	}
	g := group{name: "compiled"}
	g.code = []string{
		nest(100_000, "(", "1", ")"),
		nest(100_000, "-", "1", ""),
		nest(100_000, "!", "true", ""),
		nest(100_000, "~", "1", ""),
		nest(100_000, "(int)", "1", ""),
		"1" + strings.Repeat("+1", 100_000),
		`"a"` + strings.Repeat(`+"a"`, 100_000),
		"1" + strings.Repeat(".ToString()", 50_000),
		nest(50_000, "true ? 1 : ", "1", ""),
		nest(50_000, "null ?? ", "1", ""),
		nest(20_000, "new[]{", "1", "}"),
		nest(20_000, `$"{`, "1", `}"`),
		nest(20_000, "new List<object>{", "1", "}"),
		nest(20_000, "@{ if (true) ", "", "")[:10_000],
		"@{ " + nest(50_000, "{", "", "}") + " return 1; }",
		"@{ " + nest(50_000, "if (true) ", "return 1;", "") + " return 1; }",
		"@{ " + nest(20_000, "while (true) ", ";", "") + " }",
		"@{ " + nest(10_000, "try { ", "", "} finally { }") + " return 1; }",
		"@{ Func<int, object> f = " + nest(5_000, "x => (Func<int, object>)(", "x", ")") + "; return 1; }",
		"@{ return " + nest(20_000, "((Func<int>)(() => ", "1", "))()") + "; }",
		nest(24, "new[]{1}.Select(x => ", "1", ".First())"),
		nest(200, "new[]{1}.SelectMany(x => ", "new[]{1}", ")"),
		nest(200, "new[]{1}.Aggregate((x, y) => ", "1", ")"),
		nest(64, "new[]{1}.OrderBy(x => ", "1", ").First()"),
		nest(64, "(from x in new[]{1} select ", "1", ").First()"),
		nest(10_000, "new List<", "int", ">()"),
		"default(" + nest(10_000, "List<", "int", ">") + ")",
		"default(int" + strings.Repeat("[]", 50_000) + ")",
		"default(" + nest(10_000, "(int, ", "int", ")") + ")",
		"new int[" + strings.Repeat(",", 50_000) + "]",
		"new[]{" + strings.Repeat("1,", 200_000) + "1}",
		"string.Concat(" + strings.Repeat(`"a",`, 100_000) + `"a")`,
		`"` + strings.Repeat("a", 4<<20) + `"`,
		"@{ " + strings.Repeat("var "+strings.Repeat("a", 10_000)+" = 1;", 50) + " return 1; }",
		strings.Repeat("9", 1<<20),
		"1" + strings.Repeat("0", 1<<20) + ".0",
		"1e" + strings.Repeat("9", 1<<16),
		`"` + strings.Repeat("a", 1<<20), // no end
		"/*" + strings.Repeat("*", 1<<20),
		strings.Repeat("foo+", 20_000) + "1",
		strings.Repeat(")", 100_000),
		strings.Repeat("<", 100_000),
		"a" + strings.Repeat("<a", 20_000),
		"@{ " + strings.Repeat("int x;", 20_000) + " return 1; }",
		"@{ switch (1) {" + strings.Repeat("case 1: break;", 20_000) + "} return 1; }",
		"@{ " + strings.Repeat("int F() { return 1; }", 5_000) + " return 1; }",
		tuples("Tuple.Create(%s, %s)", 40, ".GetType().ToString()"),
		tuples("(%s, %s)", 40, ".ToString()"),
		tuples("new { a = %s, b = %s }", 40, ".ToString()"),
		tuples("Tuple.Create(%s, %s)", 40, ".Missing"),
		tuples("(%s, %s)", 40, ".Missing"),
		tuples("new { a = %s, b = %s }", 40, ".Missing"),
		tuples("new KeyValuePair<object, object>(%s, %s)", 30, ".ToString()"),
		strings.Replace(tuples("Tuple.Create(%s, %s)", 40, ""), "return ", "return (string)(object)", 1),
		`"a".PadLeft(1 << 30).Length`,
		`new string('a', 1 << 30).Length`,
		"const" + strings.Repeat(" const", 1000),
	}
	s := `@{ const string s0 = "aaaaaaaaaaaaaaaa"; `
	for i := range 40 {
		s += fmt.Sprintf("const string s%d = s%d + s%d; ", i+1, i, i)
	}
	g.code = append(g.code, s+"return s40; }")
	return g
}

// tuples nests a pair n times in a pair of itself, so that its type has 2^n parts.
func tuples(format string, n int, use string) string {
	var b strings.Builder
	b.WriteString("@{ var t0 = 1; ")
	for i := range n {
		t := fmt.Sprintf("t%d", i)
		fmt.Fprintf(&b, "var t%d = "+format+"; ", i+1, t, t)
	}
	fmt.Fprintf(&b, "return t%d%s; }", n, use)
	return b.String()
}
