package json

import (
	"github.com/sallyport/sallyport/internal/expr/library/json/jsonerror"
	"github.com/sallyport/sallyport/internal/expr/library/json/mergesettings"
	"github.com/sallyport/sallyport/internal/expr/types"
)

const linq = "Newtonsoft.Json.Linq"

// Tables returns the tables of this package.
func Tables() []types.Table {
	list := []types.Table{tokenTable(), containerTable(), objectTable(), arrayTable(), propertyTable(), constructorTable(), valueTable(), rawTable()}
	list = append(list, extensionTables()...)
	list = append(list, convertTables()...)
	list = append(list, comparerTable())
	list = append(list, mergesettings.Tables()...)
	return append(list, jsonerror.Tables()...)
}

// convertible are the types that JToken has conversions from and to; those with a ? have nullable ones too.
var convertible = []string{
	"bool?", "byte?", "sbyte?", "short?", "ushort?", "int?", "uint?", "long?", "ulong?", "float?", "double?",
	"decimal?", "DateTime?", "DateTimeOffset?", "TimeSpan?", "Guid?", "char?", "string", "byte[]", "Uri",
}

func conversions() []types.Entry {
	var list []types.Entry
	add := func(name string) {
		in := types.Func(implicit)
		if name == "string" {
			in = createString // A null text keeps the kind String.
		}
		list = append(list, types.Entry{Sig: "static explicit operator " + name + "(JToken value)", Impl: types.Bindable{Impl: types.Func(explicit), Bind: bindExplicit}, Traits: types.Transient})
		if name != "char" && name != "char?" {
			list = append(list, types.Entry{Sig: "static implicit operator JToken(" + name + " value)", Impl: in})
		}
	}
	for _, name := range convertible {
		if n := len(name) - 1; name[n] == '?' {
			add(name[:n])
		}
		add(name)
	}
	return list
}

func tokenTable() types.Table {
	return types.Table{Namespace: linq, Decl: "abstract class JToken : IJEnumerable<JToken>", Members: append([]types.Entry{
		{Sig: "JToken this[object key] { get; set; }", Impl: types.Bindable{Impl: types.Func(itemGet), Bind: bindItem}, Set: types.Func(itemSet), Traits: types.Transient},
		{Sig: "JTokenType Type { get; }", Impl: types.ObjInt(typeOf)},
		{Sig: "bool HasValues { get; }", Impl: types.ObjBool(hasValues)},
		{Sig: "string Path { get; }", Impl: types.ObjStr(pathOf)},
		{Sig: "JContainer Parent { get; }", Impl: getter(func(t *Token) *Token { return t.parent })},
		{Sig: "JToken Root { get; }", Impl: getter((*Token).root)},
		{Sig: "JToken Next { get; }", Impl: getter(sibling(1))},
		{Sig: "JToken Previous { get; }", Impl: getter(sibling(-1))},
		{Sig: "JToken First { get; }", Impl: edge(false)},
		{Sig: "JToken Last { get; }", Impl: edge(true)},
		{Sig: "void AddAfterSelf(object content)", Impl: addBeside(1)},
		{Sig: "void AddBeforeSelf(object content)", Impl: addBeside(0)},
		{Sig: "IEnumerable<JToken> AfterSelf()", Impl: siblings(true)},
		{Sig: "IEnumerable<JToken> BeforeSelf()", Impl: siblings(false)},
		{Sig: "IEnumerable<JToken> Ancestors()", Impl: ancestors(false)},
		{Sig: "IEnumerable<JToken> AncestorsAndSelf()", Impl: ancestors(true)},
		{Sig: "JEnumerable<JToken> Children()", Impl: types.Func(children)},
		{Sig: "JEnumerable<T> Children<T>()", Impl: types.Func(childrenOfType)},
		{Sig: "static JTokenEqualityComparer EqualityComparer { get; }", Impl: types.Func(tokenComparer)},
		{Sig: "JToken DeepClone()", Impl: types.Func(deepClone)},
		{Sig: "static bool DeepEquals(JToken t1, JToken t2)", Impl: types.Func(deepEquals)},
		{Sig: "static JToken FromObject(object o)", Impl: fromObject(None)},
		{Sig: "static JToken Parse(string json)", Impl: parse(None)},
		{Sig: "void Remove()", Impl: types.Func(remove)},
		{Sig: "void Replace(JToken value)", Impl: types.Func(replace)},
		{Sig: "JToken SelectToken(string path)", Impl: types.Bindable{Impl: types.Func(selectOne), Bind: bindSelect}},
		{Sig: "JToken SelectToken(string path, bool errorWhenNoMatch)", Impl: types.Func(selectOne)},
		{Sig: "IEnumerable<JToken> SelectTokens(string path)", Impl: types.Func(selectMany)},
		{Sig: "IEnumerable<JToken> SelectTokens(string path, bool errorWhenNoMatch)", Impl: types.Func(selectMany)},
		{Sig: "T ToObject<T>()", Impl: types.Func(toObject)},
		{Sig: "object ToObject(Type objectType)", Impl: types.Func(toObject)},
		{Sig: "string ToString()", Impl: types.Func(toText)},
		{Sig: "string ToString(Formatting formatting)", Impl: types.Func(toText)},
		{Sig: "T Value<T>(object key)", Impl: types.Bindable{Impl: types.Func(valueOf), Bind: bindValue}},
		{Sig: "IEnumerable<T> Values<T>()", Impl: types.Func(valuesOfType)},
	}, conversions()...)}
}

func containerTable() types.Table {
	return types.Table{Namespace: linq, Decl: "abstract class JContainer : JToken, IList<JToken>", Members: []types.Entry{
		{Sig: "int Count { get; }", Impl: types.ObjInt(count)},
		{Sig: "void Add(object content)", Impl: types.Func(addContent)},
		{Sig: "void AddFirst(object content)", Impl: types.Func(addFirst)},
		{Sig: "IEnumerable<JToken> Descendants()", Impl: descendants(false)},
		{Sig: "IEnumerable<JToken> DescendantsAndSelf()", Impl: descendants(true)},
		{Sig: "void Merge(object content)", Impl: types.Func(mergeContent)},
		{Sig: "void Merge(object content, JsonMergeSettings settings)", Impl: types.Func(mergeContent)},
		{Sig: "void RemoveAll()", Impl: types.Func(removeAll)},
		{Sig: "void ReplaceAll(object content)", Impl: types.Func(replaceAll)},
	}}
}

func objectTable() types.Table {
	return types.Table{Namespace: linq, Decl: "class JObject : JContainer, IDictionary<string, JToken>", Members: []types.Entry{
		{Sig: "JObject()", Impl: types.Func(newObject)},
		{Sig: "JObject(JObject other)", Impl: types.Func(copyContainer)},
		{Sig: "JObject(object content)", Impl: types.Func(newObject)},
		{Sig: "JObject(params object[] content)", Impl: types.Func(newObject)},
		{Sig: "JToken this[object key] { get; set; }", Impl: types.Bindable{Impl: types.Func(itemGet), Bind: bindItem}, Set: types.Func(itemSet), Traits: types.Transient},
		{Sig: "JToken this[string propertyName] { get; set; }", Impl: types.Bindable{Impl: types.ObjStrVal(propertyGet), Bind: bindProperty}, Set: types.Func(itemSet)},
		{Sig: "void Add(string propertyName, JToken value)", Impl: types.Func(addProperty)},
		{Sig: "bool ContainsKey(string propertyName)", Impl: types.ObjStrBool(containsKey)},
		{Sig: "static JObject FromObject(object o)", Impl: fromObject(Object)},
		{Sig: "IEnumerator<KeyValuePair<string, JToken>> GetEnumerator()", Impl: types.Func(pairs)},
		{Sig: "JToken GetValue(string propertyName)", Impl: types.Func(getValue)},
		{Sig: "JToken GetValue(string propertyName, StringComparison comparison)", Impl: types.Func(getValue)},
		{Sig: "static JObject Parse(string json)", Impl: parse(Object)},
		{Sig: "IEnumerable<JProperty> Properties()", Impl: types.Func(propertiesOf)},
		{Sig: "JProperty Property(string name)", Impl: types.Func(propertyBy)},
		{Sig: "JProperty Property(string name, StringComparison comparison)", Impl: types.Func(propertyBy)},
		{Sig: "JEnumerable<JToken> PropertyValues()", Impl: types.Func(propertyValues)},
		{Sig: "bool Remove(string propertyName)", Impl: types.Func(removeKey)},
		{Sig: "bool TryGetValue(string propertyName, out JToken value)", Impl: types.Func(tryGetValue)},
		{Sig: "bool TryGetValue(string propertyName, StringComparison comparison, out JToken value)", Impl: types.Func(tryGetValue)},
	}}
}

func arrayTable() types.Table {
	return types.Table{Namespace: linq, Decl: "class JArray : JContainer", Members: []types.Entry{
		{Sig: "JArray()", Impl: types.Func(newArray)},
		{Sig: "JArray(JArray other)", Impl: types.Func(copyContainer)},
		{Sig: "JArray(object content)", Impl: types.Func(newArray)},
		{Sig: "JArray(params object[] content)", Impl: types.Func(newArray)},
		{Sig: "JToken this[object key] { get; set; }", Impl: types.Bindable{Impl: types.Func(itemGet), Bind: bindItem}, Set: types.Func(itemSet), Traits: types.Transient},
		{Sig: "JToken this[int index] { get; set; }", Impl: types.Bindable{Impl: types.Func(itemGet), Bind: bindItem}, Set: types.Func(itemSet), Traits: types.Transient},
		{Sig: "void Add(JToken item)", Impl: types.Func(addToken)},
		{Sig: "void Clear()", Impl: types.Func(removeAll)},
		{Sig: "bool Contains(JToken item)", Impl: types.Func(containsItem)},
		{Sig: "static JArray FromObject(object o)", Impl: fromObject(Array)},
		{Sig: "int IndexOf(JToken item)", Impl: types.Func(indexOf)},
		{Sig: "void Insert(int index, JToken item)", Impl: types.Func(insertAt)},
		{Sig: "static JArray Parse(string json)", Impl: parse(Array)},
		{Sig: "bool Remove(JToken item)", Impl: types.Func(removeItem)},
		{Sig: "void RemoveAt(int index)", Impl: types.Func(removeAt)},
	}}
}

func propertyTable() types.Table {
	return types.Table{Namespace: linq, Decl: "class JProperty : JContainer", Members: []types.Entry{
		{Sig: "JProperty(string name, object content)", Impl: types.Func(newProperty)},
		{Sig: "JProperty(string name, params object[] content)", Impl: types.Func(newProperty)},
		{Sig: "string Name { get; }", Impl: types.ObjStr(nameOf)},
		{Sig: "JToken Value { get; set; }", Impl: getter(func(t *Token) *Token { return t.items[0] }), Set: types.Func(setPropertyValue)},
	}}
}

func constructorTable() types.Table {
	return types.Table{Namespace: linq, Decl: "class JConstructor : JContainer", Members: []types.Entry{
		{Sig: "string Name { get; }", Impl: types.ObjStr(nameOf)},
	}}
}

func valueTable() types.Table {
	table := types.Table{Namespace: linq, Decl: "class JValue : JToken, IComparable", Members: []types.Entry{
		{Sig: "JValue(JValue other)", Impl: types.Func(newValue)},
		{Sig: "JValue(object value)", Impl: types.Func(newValue)},
		{Sig: "JValue(string value)", Impl: types.Func(createString)},
		{Sig: "object Value { get; set; }", Impl: types.ObjVal(scalarValue), Set: types.Func(setScalar)},
		{Sig: "static JValue CreateNull()", Impl: types.Func(createNull)},
		{Sig: "static JValue CreateUndefined()", Impl: types.Func(createUndefined)},
		{Sig: "static JValue CreateString(string value)", Impl: types.Func(createString)},
		{Sig: "string ToString()", Impl: types.Func(toText)},
		{Sig: "string ToString(string format)", Impl: types.Func(valueText)},
		{Sig: "string ToString(IFormatProvider formatProvider)", Impl: types.Func(valueText)},
		{Sig: "string ToString(string format, IFormatProvider formatProvider)", Impl: types.Func(valueText)},
		{Sig: "int CompareTo(JValue obj)", Impl: types.Func(compareTo)},
		{Sig: "static JValue CreateComment(string value)", Impl: types.Func(createComment)},
	}}
	for _, name := range []string{"bool", "char", "long", "ulong", "float", "double", "decimal", "DateTime", "DateTimeOffset", "TimeSpan", "Guid", "Uri"} {
		table.Members = append(table.Members, types.Entry{Sig: "JValue(" + name + " value)", Impl: types.Func(newValue)})
	}
	return table
}

func rawTable() types.Table {
	return types.Table{Namespace: linq, Decl: "class JRaw : JValue", Members: []types.Entry{
		{Sig: "JRaw(object rawJson)", Impl: types.Func(newRaw)},
	}}
}
