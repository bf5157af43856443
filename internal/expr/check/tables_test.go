package check

import (
	"testing"

	"github.com/sallyport/sallyport/internal/expr/types"
)

// entries makes the members of a table of their signatures alone: nothing here is run.
func entries(sigs ...string) []types.Entry {
	list := make([]types.Entry, len(sigs))
	for i, s := range sigs {
		list[i].Sig = s
	}
	return list
}

// primitives are the types that the language knows.
func primitives() []types.Table {
	list := []types.Table{
		{Namespace: "System", Decl: "class Object", Special: types.Object, Members: entries("Object()", "string ToString()", "bool Equals(object obj)", "static bool Equals(object a, object b)", "Type GetType()")},
		{Namespace: "System", Decl: "abstract class ValueType", Special: types.ValueType},
		{Namespace: "System", Decl: "abstract class Enum : ValueType", Special: types.EnumBase, Members: entries("bool HasFlag(Enum flag)")},
		{Namespace: "System", Decl: "abstract class Delegate", Special: types.DelegateBase},
		{Namespace: "System", Decl: "abstract class Array", Special: types.ArrayBase, Members: entries("int Length { get; }", "static bool Exists<T>(T[] array, Predicate<T> match)")},
		{Namespace: "System", Decl: "class Exception", Special: types.Exception, Members: entries("Exception()", "Exception(string message)", "string Message { get; }")},
		{Namespace: "System", Decl: "class Type", Special: types.TypeOf, Hidden: true, Members: entries("string Name { get; }")},
		{Namespace: "System", Decl: "struct Nullable<T>", Special: types.Nullable, Members: entries("bool HasValue { get; }", "T Value { get; }", "T GetValueOrDefault()", "T GetValueOrDefault(T defaultValue)")},
		{Namespace: "System", Decl: "sealed class String : IEnumerable<char>", Special: types.String, Members: entries(
			"String(char c, int count)", "int Length { get; }", "char this[int index] { get; }", "static readonly string Empty",
			"string Substring(int startIndex)", "string Substring(int startIndex, int length)", "string ToUpper()", "string ToString()",
			"string[] Split(params char[] separator)", "string[] Split(char[] separator, StringSplitOptions options)",
			"static string Join(string separator, params object[] values)", "static string Join<T>(string separator, IEnumerable<T> values)",
			"static string Join(string separator, IEnumerable<string> values)",
			"static string Join(string separator, params string[] value)", "static string Format(string format, params object[] args)",
			"static string Format(string format, object arg0)", "static bool IsNullOrEmpty(string value)",
			"static bool operator ==(string a, string b)")},
		{Namespace: "System", Decl: "enum StringSplitOptions", Members: entries("None", "RemoveEmptyEntries")},
		{Namespace: "System", Decl: "enum DayOfWeek", Members: entries("Sunday", "Monday", "Tuesday")},
		{Namespace: "System", Decl: "static class Math", Members: entries("static int Max(int a, int b)", "static long Max(long a, long b)", "static double Max(double a, double b)", "static decimal Max(decimal a, decimal b)", "static double Round(double a)", "const double PI = 3.14159")},
		{Namespace: "System", Decl: "struct DateTime", Special: types.DateTime, Members: entries("DateTime(int year, int month, int day)", "DateTime(long ticks)", "static DateTime UtcNow { get; }", "long Ticks { get; }", "DateTime AddDays(double days)",
			"static DateTime operator +(DateTime d, TimeSpan t)", "static TimeSpan operator -(DateTime a, DateTime b)", "static DateTime operator -(DateTime a, TimeSpan b)", "static bool operator <(DateTime a, DateTime b)", "static bool operator ==(DateTime a, DateTime b)", "string ToString(string format)")},
		{Namespace: "System", Decl: "struct TimeSpan", Special: types.TimeSpan, Members: entries("double TotalSeconds { get; }", "static TimeSpan FromSeconds(double s)", "static TimeSpan operator -(TimeSpan t)")},
		{Namespace: "System", Decl: "struct Guid", Members: entries("Guid(string g)", "static Guid NewGuid()", "static bool operator ==(Guid a, Guid b)", "string ToString(string format)")},
		{Namespace: "System", Decl: "class Uri", Members: entries("Uri(string s)", "Uri(Uri b, string s)", "string Host { get; }")},
	}
	for name, s := range map[string]types.Special{
		"Boolean": types.Boolean, "Char": types.Char, "SByte": types.SByte, "Byte": types.Byte, "Int16": types.Int16,
		"UInt16": types.UInt16, "Int32": types.Int32, "UInt32": types.UInt32, "Int64": types.Int64, "UInt64": types.UInt64,
		"Single": types.Single, "Double": types.Double, "Decimal": types.Decimal,
	} {
		list = append(list, types.Table{Namespace: "System", Decl: "struct " + name, Special: s, Members: entries(
			"static "+name+" Parse(string s)", "static bool TryParse(string s, out "+name+" result)", "string ToString(string format)", "int CompareTo("+name+" other)")})
	}
	return list
}

// collections are collections, delegates and LINQ.
func collections() []types.Table {
	const ns = "System.Collections.Generic"
	return []types.Table{
		{Namespace: "System.Collections", Decl: "interface IEnumerable", Special: types.Enumerable},
		{Namespace: ns, Decl: "interface IEnumerable<out T> : System.Collections.IEnumerable", Special: types.EnumerableT},
		{Namespace: ns, Decl: "interface IReadOnlyDictionary<TKey, TValue> : IEnumerable<KeyValuePair<TKey, TValue>>", Members: entries("TValue this[TKey key] { get; }", "bool ContainsKey(TKey key)", "bool TryGetValue(TKey key, out TValue value)")},
		{Namespace: ns, Decl: "interface ICollection<T> : IEnumerable<T>", Members: entries("int Count { get; }")},
		{Namespace: ns, Decl: "interface IList<T> : ICollection<T>", Members: entries("T this[int index] { get; set; }")},
		{Namespace: ns, Decl: "class List<T> : IList<T>", Members: append(entries("List()", "List(IEnumerable<T> items)", "void Add(T item)", "int Count { get; }"), types.Entry{Sig: "T this[int index] { get; set; }"})},
		{Namespace: ns, Decl: "class Dictionary<TKey, TValue> : IReadOnlyDictionary<TKey, TValue>", Members: entries("Dictionary()", "void Add(TKey key, TValue value)", "TValue this[TKey key] { get; set; }", "int Count { get; }")},
		{Namespace: ns, Decl: "struct KeyValuePair<TKey, TValue>", Members: entries("KeyValuePair(TKey key, TValue value)", "TKey Key { get; }", "TValue Value { get; }", "void Deconstruct(out TKey key, out TValue value)")},
		{Namespace: "System", Decl: "delegate TResult Func<out TResult>()"},
		{Namespace: "System", Decl: "delegate TResult Func<in T, out TResult>(T arg)"},
		{Namespace: "System", Decl: "delegate TResult Func<in T1, in T2, out TResult>(T1 a, T2 b)"},
		{Namespace: "System", Decl: "delegate void Action<in T>(T arg)"},
		{Namespace: "System", Decl: "delegate bool Predicate<in T>(T arg)"},
		{Namespace: "System.Linq", Decl: "interface IGrouping<out TKey, out TElement> : IEnumerable<TElement>", Hidden: true, Members: entries("TKey Key { get; }")},
		{Namespace: "System.Linq", Decl: "interface IOrderedEnumerable<out TElement> : IEnumerable<TElement>", Hidden: true},
		{Namespace: "System.Linq", Decl: "static class Enumerable", Members: entries(
			"static IEnumerable<int> Range(int start, int count)",
			"static IEnumerable<R> Select<S, R>(this IEnumerable<S> source, Func<S, R> selector)",
			"static IEnumerable<R> Select<S, R>(this IEnumerable<S> source, Func<S, int, R> selector)",
			"static IEnumerable<R> SelectMany<S, R>(this IEnumerable<S> source, Func<S, IEnumerable<R>> selector)",
			"static IEnumerable<R> SelectMany<S, C, R>(this IEnumerable<S> source, Func<S, IEnumerable<C>> c, Func<S, C, R> r)",
			"static IEnumerable<S> Where<S>(this IEnumerable<S> source, Func<S, bool> predicate)",
			"static IEnumerable<S> Where<S>(this IEnumerable<S> source, Func<S, int, bool> predicate)",
			"static S First<S>(this IEnumerable<S> source)", "static S First<S>(this IEnumerable<S> source, Func<S, bool> predicate)",
			"static int Count<S>(this IEnumerable<S> source)", "static int Count<S>(this IEnumerable<S> source, Func<S, bool> predicate)",
			"static bool Any<S>(this IEnumerable<S> source, Func<S, bool> predicate)",
			"static bool Contains<S>(this IEnumerable<S> source, S value)",
			"static A Aggregate<S, A>(this IEnumerable<S> source, A seed, Func<A, S, A> func)",
			"static S Aggregate<S>(this IEnumerable<S> source, Func<S, S, S> func)",
			"static IEnumerable<IGrouping<K, S>> GroupBy<S, K>(this IEnumerable<S> source, Func<S, K> key)",
			"static IEnumerable<IGrouping<K, E>> GroupBy<S, K, E>(this IEnumerable<S> source, Func<S, K> key, Func<S, E> element)",
			"static IOrderedEnumerable<S> OrderBy<S, K>(this IEnumerable<S> source, Func<S, K> key)",
			"static IOrderedEnumerable<S> ThenBy<S, K>(this IOrderedEnumerable<S> source, Func<S, K> key)",
			"static Dictionary<K, S> ToDictionary<S, K>(this IEnumerable<S> source, Func<S, K> key)",
			"static Dictionary<K, E> ToDictionary<S, K, E>(this IEnumerable<S> source, Func<S, K> key, Func<S, E> element)",
			"static int Sum<S>(this IEnumerable<S> source, Func<S, int> selector)", "static long Sum<S>(this IEnumerable<S> source, Func<S, long> selector)",
			"static double Sum<S>(this IEnumerable<S> source, Func<S, double> selector)", "static decimal Sum<S>(this IEnumerable<S> source, Func<S, decimal> selector)",
			"static int Sum(this IEnumerable<int> source)", "static List<S> ToList<S>(this IEnumerable<S> source)", "static S[] ToArray<S>(this IEnumerable<S> source)",
			"static IEnumerable<S> Cast<S>(this System.Collections.IEnumerable source)")},
	}
}

// host are JSON and the context.
func host() []types.Table {
	const json = "Newtonsoft.Json.Linq"
	return []types.Table{
		{Namespace: json, Decl: "abstract class JToken : IEnumerable<JToken>", Members: entries(
			"JToken this[object key] { get; set; }", "T Value<T>(object key)", "static JToken Parse(string json)", "JTokenType Type { get; }",
			"static explicit operator string(JToken value)", "static explicit operator int(JToken value)", "static explicit operator int?(JToken value)",
			"static explicit operator bool(JToken value)", "static explicit operator long(JToken value)",
			"static implicit operator JToken(string value)", "static implicit operator JToken(int value)", "static implicit operator JToken(bool value)", "static implicit operator JToken(double value)")},
		{Namespace: json, Decl: "enum JTokenType", Members: entries("None", "Object", "Array")},
		{Namespace: json, Decl: "abstract class JContainer : JToken", Members: entries("int Count { get; }", "void Add(object content)")},
		{Namespace: json, Decl: "class JObject : JContainer, IEnumerable<KeyValuePair<string, JToken>>", Members: entries("JObject()", "JObject(params object[] content)", "JToken this[string name] { get; set; }", "static JObject Parse(string json)", "void Add(string name, JToken value)")},
		{Namespace: json, Decl: "class JArray : JContainer", Members: entries("JArray(params object[] content)", "JToken this[int index] { get; set; }", "void Add(JToken item)")},
		{Namespace: json, Decl: "class JProperty : JContainer", Members: entries("JProperty(string name, object content)", "JProperty(string name, params object[] content)")},
		{Namespace: json, Decl: "static class Extensions", Members: entries("static U Value<U>(this IEnumerable<JToken> value)")},
		{Namespace: "Apim", Decl: "interface IExpressionContext", Members: entries("IRequest Request { get; }", "IReadOnlyDictionary<string, object> Variables { get; }", "bool Tracing { get; }", "void Trace(string message)")},
		{Namespace: "Apim", Decl: "interface IRequest", Members: entries("IMessageBody Body { get; }", "IReadOnlyDictionary<string, string[]> Headers { get; }", "string Method { get; }")},
		{Namespace: "Apim", Decl: "interface IMessageBody", Members: []types.Entry{{Sig: "T As<T>(bool preserveContent = false)", Traits: types.ReadsRequestBody}}},
		{Namespace: "Apim", Decl: "static class Extensions", Hidden: true, Members: entries(
			"static string GetValueOrDefault(this IReadOnlyDictionary<string, string[]> headers, string name, string defaultValue)",
			"static T GetValueOrDefault<T>(this IReadOnlyDictionary<string, object> vars, string name, T defaultValue)",
			"static T GetValueOrDefault<T>(this IReadOnlyDictionary<string, object> vars, string name)",
			"static object GetValueOrDefault(this IReadOnlyDictionary<string, object> vars, string name)",
			"static V GetValueOrDefault<K, V>(this IReadOnlyDictionary<K, V> d, K key)",
			"static V GetValueOrDefault<K, V>(this IReadOnlyDictionary<K, V> d, K key, V defaultValue)")},
	}
}

// testLibrary is the library of the tables above.
func testLibrary(t *testing.T) *types.Library {
	t.Helper()
	lib, err := types.New(primitives(), collections(), host())
	if err != nil {
		t.Fatal(err)
	}
	return lib
}
