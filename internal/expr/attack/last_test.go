package attack

import (
	"fmt"
	"strings"
)

// calls are single calls on texts of almost 1 MiB, which the host gives and no budget has paid for. In them, $s stands
// for one of ASCII, $w for one that is not, and n for an array of 20,000 numbers.
var calls = []string{
	`$s.ToUpper()`, `$w.ToUpper()`, `$s.ToUpperInvariant().Length`, `$s.Replace("b", "bbbbbbbb")`, `$w.Replace("é", "x")`, `$s.Replace("B", "xx", StringComparison.OrdinalIgnoreCase)`,
	`$s.Split('b')`, `$s.Split('b').Length`, `$w.Split('x')`, `$s.Split(new[] { "b" }, StringSplitOptions.None)`, `$s.ToCharArray()`, `$w.ToCharArray()`, `new string($s.ToCharArray())`,
	`$s.Substring(1, 300000)`, `$w.Substring(1)`, `$w.Substring(1, 300000)`, `$s.Insert(1, $s)`, `$s.Remove(1, 2)`, `$w.Remove(1)`, `$s.PadLeft(1048576)`, `$w.PadRight(600000)`,
	`$s + $s`, `$"{$s}{$s}"`, `$"{$s,1000000}"`, `string.Concat($s, $s)`, `string.Join("b", $s, $s)`, `string.Join(",", n)`, `string.Format("{0}{0}", $s)`, `string.Format("{0,1000000}", 1)`,
	`string.Format($s, 1)`, `1.ToString($s)`, `1.5m.ToString($s)`, `1.5.ToString($s)`, `DateTime.UtcNow.ToString($s)`, `TimeSpan.Zero.ToString($s)`, `1.ToString("D999999999")`, `1.5.ToString("F900000")`, `1.5m.ToString("N900000")`,
	`string.Compare($s, $w, StringComparison.OrdinalIgnoreCase)`, `$w.CompareTo($s)`, `$w.IndexOf("x")`, `$w.LastIndexOf("x")`, `$w.Trim('é')`, `$s.Trim('b')`, `$w.Contains("x")`, `$w.GetHashCode()`, `$w[500000]`, `$w.Length`,
	`$s.Select(c => c).ToList()`, `$s.Reverse().ToArray()`, `$w.ToList()`, `$s.OrderBy(c => c).First()`, `$s.GroupBy(c => c).Count()`, `$w.Distinct().Count()`, `string.Concat($s.Reverse())`, `$s.Zip($s, (a, b) => a).Count()`,
	`Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($s))`, `Convert.FromBase64String($s)`, `System.Text.Encoding.UTF8.GetBytes($s)`, `System.Text.Encoding.Unicode.GetBytes($w)`, `System.Text.Encoding.UTF32.GetBytes($w)`,
	`System.Text.Encoding.ASCII.GetBytes($w)`, `System.Text.Encoding.UTF8.GetByteCount($w)`, `System.Text.Encoding.Unicode.GetString(System.Text.Encoding.UTF8.GetBytes($s))`, `BitConverter.ToString(System.Text.Encoding.UTF8.GetBytes($s))`,
	`Uri.EscapeDataString($w)`, `Uri.UnescapeDataString($s)`, `System.Net.WebUtility.UrlEncode($w)`, `System.Net.WebUtility.HtmlEncode($w)`, `System.Net.WebUtility.UrlDecode($s)`, `System.Net.WebUtility.HtmlDecode($s)`, `new Uri("http://x/" + $s)`,
	`new System.Text.StringBuilder($s).ToString()`, `new System.Text.StringBuilder($s).Insert(0, $s)`, `new System.Text.StringBuilder($s).Replace("b", "bb")`, `new System.Text.StringBuilder($w).Replace('é', 'x')`, `new System.Text.StringBuilder().AppendFormat("{0}{0}", $s)`, `new System.Text.StringBuilder().AppendJoin(",", n)`, `new System.Text.StringBuilder().Append($s.ToCharArray())`,
	`Regex.Match($s, "(b)*")`, `Regex.Match($s, "^(b|bb)*$")`, `Regex.Replace($s, "b", "cc")`, `Regex.Replace($s, "b", m => "c")`, `Regex.Split($s, "b")`, `Regex.Matches($s, "b").Count`, `Regex.Escape($s)`, `Regex.Unescape($s)`, `Regex.IsMatch("a", $s)`, `Regex.Match($s, "b+").Value`, `Regex.Match($s, "b+").Result("$&$&$&")`,
	`JToken.Parse($members)`, `JToken.Parse($wide).DeepClone()`, `JToken.Parse($escapes)`, `new JArray(n)`, `new JArray(n).ToString()`, `JsonConvert.SerializeObject($s)`, `JsonConvert.SerializeObject($w)`, `JsonConvert.SerializeObject(n)`, `JsonConvert.DeserializeObject<List<int>>($wide)`, `JToken.Parse("\"" + $s + "\"")`, `new JArray(n).SelectTokens("$..*").Count()`, `new JArray(1).SelectToken($s)`, `new JArray(n).Descendants().Count()`, `new JValue($s).ToString()`, `JToken.FromObject(n)`,
	`XElement.Parse($tags)`, `XElement.Parse($attributes)`, `new XElement("a", $s).ToString()`, `new XElement("a", $s, new XElement("b"), $s).Value`, `new XElement("a", new XAttribute("b", $s)).ToString()`, `XElement.Parse("<a>" + $s + "</a>").Value`, `new XElement("a", n.Select(i => new XElement("b")))`, `XDocument.Parse($tags).Descendants().Count()`,
	`n.ToList()`, `n.Concat(n).ToArray()`, `n.OrderBy(x => -x).ToList()`, `n.GroupBy(x => x).Count()`, `n.ToDictionary(x => x)`, `n.ToLookup(x => x)`, `n.Distinct().Count()`, `n.Join(n, x => x, y => y, (x, y) => x).Count()`, `n.GroupJoin(n, x => 1, y => 1, (x, y) => x).Count()`, `n.SelectMany(x => n).Count()`, `n.Zip(n, (x, y) => new { x, y }).ToList()`, `new HashSet<int>(n)`, `new Queue<int>(n)`, `new Stack<int>(n)`, `new List<int>(n).GetRange(0, 20000)`, `n.Select(x => x.ToString()).ToList()`,
	`new int[100000]`, `new int[300, 300]`, `new byte[1000000]`, `new string('a', 1000000)`, `Enumerable.Range(0, 100000).ToList()`, `Enumerable.Repeat($s, 1000).ToList()`, `string.Concat(Enumerable.Repeat($s, 1000))`,
	`Guid.Parse($s)`, `int.Parse($s)`, `double.Parse($s)`, `decimal.Parse($s)`, `DateTime.Parse($s)`, `TimeSpan.Parse($s)`, `bool.Parse($s)`, `new Exception($s).ToString()`, `new Exception($s, new Exception($s)).ToString()`, `Enum.Parse(typeof(DayOfWeek), $s)`, `new Version($s)`, `Uri.IsWellFormedUriString($s, UriKind.Absolute)`, `DateTime.ParseExact($s, $s, null)`,
}

// last are the calls when all but the last of the budget is spent: none may take what it has not asked for.
func last() group {
	g := group{name: "last"}
	fill := strings.NewReplacer("$s", `((string)context.Variables["big"])`, "$wide", `((string)context.Variables["wide"])`, "$w", `((string)context.Variables["wide16"])`,
		"$members", `((string)context.Variables["members"])`, "$escapes", `((string)context.Variables["escapes"])`,
		"$tags", `((string)context.Variables["tags"])`, "$attributes", `((string)context.Variables["attributes"])`)
	for _, call := range calls {
		g.code = append(g.code, fmt.Sprintf(`@{ var n = Enumerable.Range(0, 20000).ToArray(); var burnt = new List<string>(); for (int i = 0; i < 40; i++) { burnt.Add(new string('x', 63000)); } return (object)(%s); }`, fill.Replace(call)))
	}
	return g
}

// manyAttributes are attributes with different names.
func manyAttributes(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "a%d='' ", i)
	}
	return b.String()
}
