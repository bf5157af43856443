package expr_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/host"
)

// escapes are expressions that reach for what the list of types and members does not name.
var escapes = []string{
	`System.IO.File.ReadAllText("/etc/passwd")`,
	`new System.IO.FileInfo("x").Length`,
	`System.IO.Directory.GetFiles("/")`,
	`System.Diagnostics.Process.Start("sh")`,
	`System.Environment.MachineName`,
	`Environment.GetEnvironmentVariable("PATH")`,
	`System.Reflection.Assembly.Load("x")`,
	`typeof(string).Assembly`,
	`typeof(string).GetMethods()`,
	`typeof(string).Module`,
	`typeof(object).GetType().GetMethod("x")`,
	`"".GetType().Assembly.GetTypes()`,
	`"".GetType().GetProperty("Length").GetValue("x")`,
	`"".GetType().InvokeMember("x", 0)`,
	`Type.GetType("System.IO.File")`,
	`System.Type.GetTypeFromProgID("x")`,
	`Activator.CreateInstance(typeof(object))`,
	`AppDomain.CurrentDomain`,
	`System.Runtime.InteropServices.Marshal.AllocHGlobal(1)`,
	`System.Threading.Thread.Sleep(1000)`,
	`System.Threading.Tasks.Task.Run(() => 1)`,
	`new System.Net.Http.HttpClient()`,
	`new System.Net.WebClient().DownloadString("http://x")`,
	`System.Net.Dns.GetHostName()`,
	`System.GC.Collect()`,
	`System.Console.WriteLine("x")`,
	`XDocument.Load("file:///etc/passwd")`,
	`XElement.Load("http://x")`,
	`new System.Xml.XmlDocument()`,
	`new System.Xml.Xsl.XslCompiledTransform()`,
	`System.Linq.Expressions.Expression.Constant(1)`,
	`((Func<int>)(() => 1)).Method`,
	`((Func<int>)(() => 1)).Target`,
	`((Func<int>)(() => 1)).DynamicInvoke()`,
	`System.Delegate.CreateDelegate(typeof(Func<int>), null)`,
	`new System.Timers.Timer()`,
	`System.Security.Cryptography.X509Certificates.X509Store`,
	`context.GetType().GetFields()`,
	`context.Request.GetType().Assembly`,
	`context.Deployment.GetType().BaseType.Assembly`,
	`new Exception().StackTrace.GetType().Assembly`,
	`new Exception().TargetSite`,
	`JsonConvert.DeserializeObject("{}", typeof(object))`,
	`JsonConvert.DefaultSettings`,
	`new Newtonsoft.Json.JsonSerializerSettings()`,
	`JToken.Parse("{}").CreateReader()`,
	`JObject.Load(null)`,
	`stackalloc int[10]`,
	`sizeof(IntPtr)`,
	`default(System.IntPtr)`,
	`__makeref(1)`,
	`System.Runtime.CompilerServices.Unsafe.As<string>(1)`,
	`System.Buffers.ArrayPool<int>.Shared`,
	`base.ToString()`,
	`this.ToString()`,
	`global::System.IO.File.Exists("x")`,
	`Microsoft.Win32.Registry.LocalMachine`,
	`await System.Threading.Tasks.Task.Delay(1)`,
}

// TestEscapes checks that none of them compiles.
func TestEscapes(t *testing.T) {
	c := newCompiler(t)
	for _, code := range escapes {
		if _, err := c.Compile(expr.Source{Code: code}); err == nil {
			t.Errorf("%s compiles", code)
		}
	}
}

// exhausting are blocks that take more than a budget allows.
var exhausting = []struct{ name, code string }{
	{"endless loop", `while (true) { }`},
	{"endless for", `for (;;) ;`},
	{"endless goto", `again: goto again;`},
	{"endless loop in finally", `try { return 1; } finally { while (true) { } }`},
	{"endless loop in catch", `while (true) { try { throw new Exception(); } catch (Exception) { } }`},
	{"endless loop that catches all", `while (true) { try { while (true) { } } catch { } }`},
	{"endless loop in a filter", `bool F() { while (true) { } } try { throw new Exception(); } catch (Exception) when (F()) { } return 1;`},
	{"recursion", `int F(int n) => F(n + 1); return F(0);`},
	{"recursion that catches all", `int F(int n) { try { return F(n + 1); } catch { return F(n + 2); } } return F(0);`},
	{"recursion of a lambda", `Func<int, int> f = null; f = n => f(n) + 1; return f(0);`},
	{"mutual recursion", `int A() => B(); int B() => A(); return A();`},
	{"doubling a string", `var s = "x"; while (true) s += s;`},
	{"doubling by interpolation", `var s = "x"; while (true) s = $"{s}{s}";`},
	{"doubling by replacement", `var s = "aa"; while (true) s = s.Replace("a", "aa");`},
	{"doubling by join", `var s = "xx"; while (true) s = string.Join(s, s, s);`},
	{"doubling by format", `var s = "x"; while (true) s = string.Format("{0}{0}", s);`},
	{"doubling by concat", `var s = "x"; while (true) s = string.Concat(s, s, s);`},
	{"doubling by a builder", `var b = new StringBuilder("x"); while (true) b.Append(b.ToString());`},
	{"padding", `return "a".PadLeft(int.MaxValue);`},
	{"repeating a character", `return new string('x', int.MaxValue);`},
	{"a large array", `return new int[int.MaxValue];`},
	{"a large rectangle", `return new int[60000, 60000];`},
	{"many arrays", `var l = new List<int[]>(); while (true) l.Add(new int[1000]);`},
	{"a growing list", `var l = new List<int>(); while (true) l.Add(1);`},
	{"a growing dictionary", `var d = new Dictionary<int, int>(); for (int i = 0; ; i++) d[i] = i;`},
	{"a growing set", `var s = new HashSet<string>(); for (int i = 0; ; i++) s.Add(i.ToString());`},
	{"a doubling list", `var l = new List<int> { 1 }; while (true) l.AddRange(l.ToArray());`},
	{"a growing queue", `var q = new Queue<int>(); while (true) q.Enqueue(1);`},
	{"an endless range", `return Enumerable.Range(0, int.MaxValue).Count(x => x < 0);`},
	{"a cross product", `var r = Enumerable.Range(0, 100000); return r.SelectMany(x => r).SelectMany(x => r).Count();`},
	{"nested lambdas", `var r = Enumerable.Range(0, 1000); return r.Sum(a => r.Sum(b => r.Sum(c => 1)));`},
	{"sorting by a slow comparison", `var l = Enumerable.Range(0, 20000).ToList(); l.Sort((a, b) => { for (int i = 0; i < 1000; i++) ; return b - a; }); return 1;`},
	{"an array that doubles", `var a = new JArray(1); while (true) { a = new JArray(a.DeepClone(), a.DeepClone()); if (a.ToString().Length < 0) return 1; }`},
	{"a doubling text of JSON", `var o = new JObject(); o["a"] = "x"; while (true) o["a"] = o.ToString();`},
	{"a large split", `return new string(',', 3000000).Split(',').Length;`},
	{"many exceptions", `Exception e = null; while (true) e = new Exception("x", e);`},
	{"closures that keep closures", `Func<int> f = () => 1; for (int i = 0; ; i++) { var g = f; f = () => g() + 1; }`},
	{"boxes", `var l = new List<object>(); for (int i = 0; ; i++) l.Add(i);`},
	{"tuples", `var l = new List<(int, string)>(); for (int i = 0; ; i++) l.Add((i, "x"));`},
	{"anonymous objects", `var l = Enumerable.Range(0, int.MaxValue).Select(i => new { i }).ToList(); return l.Count;`},
	{"bytes", `var b = new byte[1]; while (true) b = b.Concat(b).ToArray();`},
	{"base 64", `var s = "xxxx"; while (true) s = Convert.ToBase64String(Encoding.UTF8.GetBytes(s));`},
	{"escaping", `var s = "%"; while (true) s = Uri.EscapeDataString(s);`},
	{"elements of XML", `var e = new XElement("a"); while (true) e.Add(new XElement("b", "text"));`},
	{"a slow expression", `return Regex.Match(new string('a', 65536) + "!", "^(a+)+$").Success;`},
	{"a slow replacement", `return Regex.Replace(new string('a', 65536), "(a*)*b", "x");`},
	{"a replacement that grows", `return Regex.Replace(new string('a', 65536), "a", new string('b', 65536)).Length;`},
	{"a slow split", `return Regex.Split(new string('x', 65536) + "!", "(x+x+)+y").Length;`},
}

// TestBudgets checks that each is stopped by a limit, which no handler of theirs can catch.
func TestBudgets(t *testing.T) {
	c := newCompiler(t)
	limits := expr.Limits{Steps: 2_000_000, Memory: 16 << 20, StringLength: 4 << 20, RegexTime: 50 * time.Millisecond}
	for _, tt := range exhausting {
		t.Run(tt.name, func(t *testing.T) {
			p, err := c.Compile(expr.Source{Code: tt.code, Block: true})
			if err != nil {
				t.Fatal(err)
			}
			_, err = p.Run(&expr.Context{Static: &host.Static{}, Limits: limits})
			var x *expr.Exception
			if !errors.As(err, &x) || x.Budget == "" {
				t.Errorf("got %v, want a limit", err)
			}
		})
	}
}

// TestBudgetsOfTheCompiler checks that a text that would take ages to check, or a deep stack, is refused.
func TestBudgetsOfTheCompiler(t *testing.T) {
	c := newCompiler(t)
	tests := []struct{ name, code string }{
		{"nested lambdas", strings.Repeat("((Func<int, int>)(x => ", 120) + "1" + strings.Repeat("))(1)", 120)},
		{"nested calls with lambdas", strings.Repeat("new[] { 1 }.Select(x => ", 100) + "1" + strings.Repeat(")", 100)},
		{"nesting", strings.Repeat("(", 5000) + "1" + strings.Repeat(")", 5000)},
		{"a chain", "1" + strings.Repeat(" + 1", 5000)},
		{"nested conditionals", strings.Repeat("context.Tracing ? ", 5000) + "1" + strings.Repeat(" : 2", 5000)},
		{"nested types", "default(" + strings.Repeat("List<", 5000) + "int" + strings.Repeat(">", 5000) + ")"},
		{"nested arrays", strings.Repeat("new[] { ", 5000) + "1" + strings.Repeat(" }", 5000)},
		{"nested interpolations", strings.Repeat(`$"{`, 5000) + "1" + strings.Repeat(`}"`, 5000)},
		{"length", `"` + strings.Repeat("x", 300_000) + `"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := c.Compile(expr.Source{Code: tt.code}); err == nil {
				t.Error("it compiles")
			}
		})
	}
}
