package apim

import (
	"encoding/binary"
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// headersOf returns the headers of a message as a node; those of context.Request and context.Response exist
// once in a run.
func headersOf(r *run, k kind, h host.Headers, fixed bool) value.Value {
	var n *node
	if fixed {
		n = r.fixed(k)
	} else {
		n = &node{}
	}
	n.class, n.run, n.data = r.kinds.of[k], r, h
	return value.OfObject((*headers)(n))
}

func requestHeaders(r *run, m host.Request) value.Value {
	return headersOf(r, kindRequestHeaders, m.Headers(), r.host != nil && r.host.Request == m)
}

func responseHeaders(r *run, m host.Response) value.Value {
	return headersOf(r, kindResponseHeaders, m.Headers(), r.host != nil && r.host.Response == m)
}

func bodyOf(r *run, b host.Body) value.Value {
	if b == nil || !b.Present() {
		return value.Nil
	}
	return r.other("IMessageBody", b)
}

func urlOf(k kind, get func(m host.Request) *host.URL) types.Impl {
	return valOf(func(r *run, m host.Request) value.Value {
		u := get(m)
		if u == nil {
			return value.Nil
		}
		return r.node(k, u)
	})
}

func messageTables() []types.Table {
	return []types.Table{
		{Namespace: namespace, Decl: "interface IRequest", Members: []types.Entry{
			{Sig: "IHeaders Headers { get; }", Impl: valOf(requestHeaders)},
			{Sig: "IMessageBody Body { get; }", Impl: valOf(func(r *run, m host.Request) value.Value { return bodyOf(r, m.Body()) }), Traits: types.ReadsRequestBody},
			{Sig: "string Method { get; }", Impl: strOf(func(m host.Request) string { return m.Method() })},
			{Sig: "string IpAddress { get; }", Impl: strOf(func(m host.Request) string { return m.ClientIP() })},
			{Sig: "IUrl Url { get; }", Impl: urlOf(kindURL, host.Request.URL)},
			{Sig: "IUrl OriginalUrl { get; }", Impl: urlOf(kindOriginalURL, host.Request.OriginalURL)},
			{Sig: "IMatchedParameters MatchedParameters { get; }", Impl: valOf(func(r *run, m host.Request) value.Value {
				n := r.fixed(kindParameters)
				n.class, n.run, n.data = r.kinds.of[kindParameters], r, m
				return value.OfObject((*parameters)(n))
			})},
			{Sig: "IPrivateEndpointConnection PrivateEndpointConnection { get; }", Impl: types.ObjVal(null)},
			{Sig: "IFoundry Foundry { get; }", Impl: types.ObjVal(null)},
			{Sig: certificateType + " Certificate { get; }", Impl: valOf(func(r *run, m host.Request) value.Value { return Certificate(r.env, m.Certificate()) })},
		}},
		{Namespace: namespace, Decl: "interface IResponse", Members: []types.Entry{
			{Sig: "IHeaders Headers { get; }", Impl: valOf(responseHeaders)},
			{Sig: "IMessageBody Body { get; }", Impl: valOf(func(r *run, m host.Response) value.Value { return bodyOf(r, m.Body()) }), Traits: types.ReadsResponseBody},
			{Sig: "int StatusCode { get; }", Impl: intOf(func(m host.Response) int64 { return int64(m.StatusCode()) })},
			{Sig: "string StatusReason { get; }", Impl: strOf(func(m host.Response) string { return m.StatusReason() })},
		}},
		{Namespace: namespace, Decl: "sealed class Resp : IResponse", Hidden: true},
		{Namespace: namespace, Decl: "interface IMessageBody", Members: []types.Entry{
			{Sig: "T As<T>(bool preserveContent = false)", Impl: types.Func(bodyAs)},
			{Sig: "System.Collections.Generic.IDictionary<string, System.Collections.Generic.IList<string>> AsFormUrlEncodedContent(bool preserveContent = false)", Impl: types.Func(bodyAsForm)},
		}},
	}
}

// Response returns a response as a value, for a variable such as send-request sets.
func Response(env *object.Env, m host.Response) value.Value {
	r := &run{env: env, kinds: kindsOf(env)}
	return r.other("Resp", m)
}

// read returns the bytes of a body, charged to the budget.
func read(c *value.Call) (b host.Body, content []byte, e *value.Exception) {
	_, b, ok := data[host.Body](c.Args[0])
	if !ok {
		return nil, nil, value.NullReference()
	}
	content, err := b.Bytes(c.Bool(1))
	switch {
	case errors.Is(err, host.ErrConsumed):
		return nil, nil, value.InvalidOperation("The message body has already been read. Read it with preserveContent: true to read it again.")
	case err != nil:
		return nil, nil, value.InvalidOperation("The message body could not be read: " + err.Error())
	}
	return b, content, c.Thread.Budget.Alloc(int64(len(content)))
}

// bodyAs is As<T>: T is string, byte[], or a type that has Parse.
func bodyAs(c *value.Call) (value.Value, *value.Exception) {
	b, content, e := read(c)
	if e != nil {
		return value.Nil, e
	}
	t := asType(c.TypeArgs[0])
	switch {
	case t.Storage() == types.Str:
		return value.OfGo(decode(content, b.Charset())), nil
	case t.Kind == types.Array && t.Elem.Special() == types.Byte:
		return object.Of(c.Thread).Bytes(append([]byte(nil), content...)), nil
	}
	// The mark at the start of a text is no part of it; the readers refuse it.
	text := strings.TrimPrefix(decode(content, b.Charset()), "\ufeff")
	from := t
	if t.FullName() == "System.Xml.Linq.XNode" {
		from = object.Of(c.Thread).Named("System.Xml.Linq.XElement")
	}
	for _, m := range from.Members("Parse") {
		if fn, ok := m.Impl.(types.Func); ok && m.Static && len(m.Params) == 1 {
			return fn(&value.Call{Thread: c.Thread, Args: []value.Value{value.OfGo(text)}, Declaring: from, Result: from})
		}
	}
	return value.Nil, value.NotSupported("A message body cannot be read as " + t.FullName() + ".")
}

// bodyAsForm is AsFormUrlEncodedContent: a Dictionary<string, IList<string>>.
func bodyAsForm(c *value.Call) (value.Value, *value.Exception) {
	b, content, e := read(c)
	if e != nil {
		return value.Nil, e
	}
	l := &list{vals: map[string][]string{}}
	l.readPairs(decode(content, b.Charset()))
	env := object.Of(c.Thread)
	str := env.Type(types.String)
	listType := env.Generic(generic+"IList", str)
	dict := env.Generic(generic+"Dictionary", str, listType)
	d, e := construct(c.Thread, dict)
	if e != nil {
		return value.Nil, e
	}
	for _, k := range l.keys {
		vals, e := construct(c.Thread, env.Generic(generic+"List", str))
		if e != nil {
			return value.Nil, e
		}
		for _, v := range l.vals[k] {
			if e := add(c.Thread, vals, value.OfGo(v)); e != nil {
				return value.Nil, e
			}
		}
		if e := add(c.Thread, d, value.OfGo(k), vals); e != nil {
			return value.Nil, e
		}
	}
	return d, nil
}

// construct calls the constructor without parameters.
func construct(t *value.Thread, class *types.Type) (value.Value, *value.Exception) {
	for _, m := range class.Members(".ctor") {
		if fn, ok := m.Impl.(types.Func); ok && len(m.Params) == 0 {
			return fn(&value.Call{Thread: t, Declaring: class, Result: class})
		}
	}
	return value.Nil, value.NotSupported(class.FullName() + " cannot be made.")
}

// add calls Add of a collection.
func add(t *value.Thread, o value.Value, args ...value.Value) *value.Exception {
	class := object.Of(t).TypeOf(o)
	for _, m := range class.Members("Add") {
		if fn, ok := m.Impl.(types.Func); ok && len(m.Params) == len(args) {
			_, e := fn(&value.Call{Thread: t, Args: append([]value.Value{o}, args...), Declaring: class, Result: m.Result})
			return e
		}
	}
	return value.NotSupported(class.FullName() + " has no Add.")
}

// decode returns the text of a body by its charset, UTF-8 where there is none; a byte order mark goes first.
func decode(b []byte, charset string) string {
	switch {
	case len(b) >= 3 && b[0] == 0xEF && b[1] == 0xBB && b[2] == 0xBF:
		return string(b[3:])
	case len(b) >= 2 && b[0] == 0xFF && b[1] == 0xFE:
		return decode16(b[2:], binary.LittleEndian)
	case len(b) >= 2 && b[0] == 0xFE && b[1] == 0xFF:
		return decode16(b[2:], binary.BigEndian)
	}
	switch strings.ToLower(strings.Trim(charset, `"' `)) {
	case "utf-16", "utf-16le", "unicode":
		return decode16(b, binary.LittleEndian)
	case "utf-16be":
		return decode16(b, binary.BigEndian)
	case "iso-8859-1", "latin1", "windows-1252":
		out := make([]byte, 0, len(b))
		for _, c := range b {
			out = utf8.AppendRune(out, rune(c))
		}
		return string(out)
	}
	return string(b)
}

func decode16(b []byte, order binary.ByteOrder) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = order.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units))
}
