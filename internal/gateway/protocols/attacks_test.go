package protocols

import (
	"strconv"
	"strings"
)

// field is a field as it is sent, in any order and spelling.
type field struct{ name, value string }

// attack is a request of HTTP/2 or HTTP/3 that could become another one, or two,
// when it is written as HTTP/1.1.
type attack struct {
	name    string
	fields  []field
	data    string
	noData  bool // the head ends the stream, whatever it says
	trailer []field
	served  bool // it is harmless, and is to be forwarded
}

// The pseudo-fields of a request that is as it should be.
func pseudo(method, path string) []field {
	return []field{{":method", method}, {":scheme", "https"}, {":authority", "localhost"}, {":path", path}}
}

// get returns a GET with more fields.
func get(more ...field) []field { return append(pseudo("GET", "/a?b=c"), more...) }

// post returns a POST with more fields.
func post(more ...field) []field { return append(pseudo("POST", "/a"), more...) }

// with replaces a pseudo-field.
func with(name, value string) []field {
	all := pseudo("GET", "/a?b=c")
	for i := range all {
		if all[i].name == name {
			all[i].value = value
		}
	}
	return all
}

// without leaves a pseudo-field out.
func without(name string) (all []field) {
	for _, f := range pseudo("GET", "/a?b=c") {
		if f.name != name {
			all = append(all, f)
		}
	}
	return all
}

const smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

// attacks returns all attacks.
func attacks() []attack {
	all := harmless()
	all = append(all, attacksOnFields()...)
	all = append(all, attacksOnPseudoFields()...)
	all = append(all, attacksOnLengths()...)
	return append(all, attacksOnTrailers()...)
}

// harmless are requests that are served, so that refusing everything is no way to
// pass.
func harmless() []attack {
	many := get()
	for range 100 {
		many = append(many, field{"x-many", "1"})
	}
	return []attack{
		{name: "plain GET", fields: get(), noData: true, served: true},
		{name: "plain POST", fields: post(field{"content-length", "4"}), data: "body", served: true},
		{name: "POST of unknown length", fields: post(), data: "body", served: true},
		{name: "the same host", fields: get(field{"host", "localhost"}), noData: true, served: true},
		{name: "te: trailers", fields: get(field{"te", "trailers"}), noData: true, served: true},
		{name: "cookies in pieces", fields: get(field{"cookie", "a=1"}, field{"cookie", "b=2"}), noData: true, served: true},
		{name: "cookie with a break in its pieces", fields: get(field{"cookie", "a=1; b"}, field{"cookie", "=2"}), noData: true, served: true},
		{name: "a hundred fields", fields: many, noData: true, served: true},
		{name: "a large field", fields: get(field{"x-large", strings.Repeat("a", 30<<10)}), noData: true, served: true},
		{name: "a body that is a request", fields: post(field{"content-length", strconv.Itoa(len(smuggled))}), data: smuggled, served: true},
		{name: "a body of unknown length that is a chunk", fields: post(), data: "0\r\n\r\n" + smuggled, served: true},
		{name: "trailer", fields: post(field{"trailer", "checksum"}), data: "body", trailer: []field{{"checksum", "1"}}, served: true},
		{name: "quotes and colons in a value", fields: get(field{"x", `"a: b", c:d`}), noData: true, served: true},
	}
}

// attacksOnFields are about names and values.
func attacksOnFields() (all []attack) {
	for _, f := range []struct {
		name string
		field
	}{
		{"line break in value", field{"x", "a\r\nevil: 1"}},
		{"two requests in value", field{"x", "a\r\n\r\n" + smuggled}},
		{"line feed in value", field{"x", "a\nevil: 1"}},
		{"carriage return in value", field{"x", "a\revil: 1"}},
		{"line break at the end of a value", field{"x", "a\r\n"}},
		{"line break at the start of a value", field{"x", "\r\nevil: 1"}},
		{"continued line in value", field{"x", "a\r\n evil: 1"}},
		{"NUL in value", field{"x", "a\x00evil"}},
		{"control in value", field{"x", "a\x01b"}},
		{"DEL in value", field{"x", "a\x7fb"}},
		{"line break in name", field{"x\r\nevil", "1"}},
		{"line feed in name", field{"x\nevil", "1"}},
		{"field in name", field{"x: a\r\nevil", "1"}},
		{"carriage return in name", field{"x\revil", "1"}},
		{"NUL in name", field{"x\x00", "1"}},
		{"space in name", field{"x evil", "1"}},
		{"space before name", field{" x", "1"}},
		{"space behind name", field{"content-length ", "5"}},
		{"tab in name", field{"x\t", "1"}},
		{"colon in name", field{"x:y", "1"}},
		{"colon behind name", field{"transfer-encoding:", "chunked"}},
		{"name that begins with a colon", field{":evil", "1"}},
		{"upper case in name", field{"X-Upper", "1"}},
		{"upper case in content-length", field{"Content-Length", "5"}},
		{"empty name", field{"", "1"}},
		{"name that is not ASCII", field{"x\xe9", "1"}},
		{"comma in name", field{"x,y", "1"}},
		{"slash in name", field{"x/y", "1"}},
		{"connection", field{"connection", "close"}},
		{"connection that names a field", field{"connection", "x-attack"}},
		{"connection that names the length", field{"connection", "content-length"}},
		{"keep-alive", field{"keep-alive", "timeout=5"}},
		{"proxy-connection", field{"proxy-connection", "keep-alive"}},
		{"transfer-encoding", field{"transfer-encoding", "chunked"}},
		{"transfer-encoding of another coding", field{"transfer-encoding", "gzip, chunked"}},
		{"transfer-encoding in disguise", field{"transfer-encoding", "\tchunked"}},
		{"upgrade", field{"upgrade", "websocket"}},
		{"upgrade to HTTP/2", field{"upgrade", "h2c"}},
		{"te", field{"te", "chunked"}},
		{"te with more", field{"te", "trailers, chunked"}},
		{"underscore twin of content-length", field{"content_length", "5"}},
		{"underscore twin of transfer-encoding", field{"transfer_encoding", "chunked"}},
		{"underscore twin of x-forwarded-for", field{"x_forwarded_for", "127.0.0.1"}},
		{"expectation", field{"expect", "200-ok"}},
		{"field beyond its limit", field{"x", strings.Repeat("a", 40<<10)}},
		{"cookie with a line break", field{"cookie", "a=1\r\nevil: 1"}},
	} {
		all = append(all, attack{name: f.name, fields: get(f.field), noData: true},
			attack{name: f.name + ", with a body", fields: post(f.field), data: smuggled})
	}
	var many []field
	for range 200 {
		many = append(many, field{"x-many", "1"})
	}
	huge := get()
	for range 20 {
		huge = append(huge, field{"x-huge", strings.Repeat("a", 8<<10)})
	}
	return append(all, attack{name: "too many fields", fields: get(many...), noData: true},
		attack{name: "a list beyond the limit of the head", fields: huge, noData: true})
}

// attacksOnPseudoFields are about the request line and the host.
func attacksOnPseudoFields() (all []attack) {
	for _, f := range []struct{ name, pseudo, value string }{
		{"space in path", ":path", "/ HTTP/1.1"},
		{"request in path", ":path", "/ HTTP/1.1\r\nHost: a\r\n\r\n" + smuggled},
		{"line break in path", ":path", "/\r\nevil: 1"},
		{"line feed in path", ":path", "/\nevil: 1"},
		{"carriage return in path", ":path", "/\revil"},
		{"NUL in path", ":path", "/\x00"},
		{"tab in path", ":path", "/\tsmuggled"},
		{"fragment in path", ":path", "/a#smuggled"},
		{"path that is not ASCII", ":path", "/\xff"},
		{"path without a slash", ":path", "smuggled"},
		{"absolute path", ":path", "http://smuggled/"},
		{"path with another host", ":path", "@smuggled/"},
		{"empty path", ":path", ""},
		{"asterisk with GET", ":path", "*"},
		{"path beyond its limit", ":path", "/" + strings.Repeat("a", 17<<10)},
		{"space in method", ":method", "GET /smuggled HTTP/1.1"},
		{"line break in method", ":method", "GET / HTTP/1.1\r\nevil: 1\r\n\r\nGET"},
		{"colon in method", ":method", "GET:"},
		{"empty method", ":method", ""},
		{"CONNECT", ":method", "CONNECT"},
		{"TRACE", ":method", "TRACE"},
		{"line break in authority", ":authority", "localhost\r\nevil: 1"},
		{"line feed in authority", ":authority", "localhost\nevil: 1"},
		{"space in authority", ":authority", "localhost smuggled"},
		{"path in authority", ":authority", "localhost/smuggled"},
		{"query in authority", ":authority", "localhost?smuggled"},
		{"user in authority", ":authority", "user@localhost"},
		{"two ports in authority", ":authority", "localhost:1:2"},
		{"letters as port", ":authority", "localhost:a"},
		{"list in authority", ":authority", "localhost,smuggled"},
		{"empty authority", ":authority", ""},
		{"another host", ":authority", "smuggled.example"},
	} {
		all = append(all, attack{name: f.name, fields: with(f.pseudo, f.value), noData: true})
	}
	one := field{"x", "1"}
	return append(all,
		attack{name: "another host in Host", fields: get(field{"host", "smuggled"}), noData: true},
		attack{name: "two hosts", fields: get(field{"host", "localhost"}, field{"host", "localhost"}), noData: true},
		attack{name: "Host with a line break", fields: get(field{"host", "localhost\r\nevil: 1"}), noData: true},
		attack{name: "no method", fields: without(":method"), noData: true},
		attack{name: "no path", fields: without(":path"), noData: true},
		attack{name: "no authority", fields: without(":authority"), noData: true},
		attack{name: "two methods", fields: append(pseudo("GET", "/"), field{":method", "POST"}), noData: true},
		attack{name: "two paths", fields: append(pseudo("GET", "/"), field{":path", "/smuggled"}), noData: true},
		attack{name: "two authorities", fields: append(pseudo("GET", "/"), field{":authority", "smuggled"}), noData: true},
		attack{name: "two schemes", fields: append(pseudo("GET", "/"), field{":scheme", "http"}), noData: true},
		attack{name: "path behind a field", fields: append(without(":path"), one, field{":path", "/smuggled"}), noData: true},
		attack{name: "method behind a field", fields: append(get(one), field{":method", "POST"}), noData: true},
		attack{name: "status", fields: append([]field{{":status", "200"}}, get()...), noData: true},
		attack{name: "upper case in a pseudo-field", fields: append(without(":path"), field{":Path", "/smuggled"}), noData: true},
		attack{name: "protocol without CONNECT", fields: append([]field{{":protocol", "websocket"}}, get()...), noData: true},
		attack{name: "extended CONNECT", fields: append([]field{{":protocol", "websocket"}}, with(":method", "CONNECT")...), noData: true},
	)
}

// attacksOnLengths are about content-length and what is sent.
func attacksOnLengths() []attack {
	length := func(v ...string) (all []field) {
		all = post()
		for _, one := range v {
			all = append(all, field{"content-length", one})
		}
		return all
	}
	return []attack{
		{name: "more data than the length", fields: length("4"), data: "body" + smuggled},
		{name: "data where the length is none", fields: length("0"), data: smuggled},
		{name: "less data than the length", fields: length("100"), data: "body"},
		{name: "no data where there is a length", fields: length("37"), noData: true},
		{name: "two lengths", fields: length("4", "41"), data: "body" + smuggled},
		{name: "a list of lengths", fields: length("4, 41"), data: "body" + smuggled},
		{name: "a signed length", fields: length("+4"), data: "body"},
		{name: "a negative length", fields: length("-1"), data: "body"},
		{name: "a length in hexadecimal", fields: length("0x4"), data: "body"},
		{name: "a length with a space", fields: length("4 1"), data: "body"},
		{name: "an empty length", fields: length(""), data: "body"},
		{name: "a length beyond 64 bits", fields: length("18446744073709551620"), data: "body"},
		{name: "a length that is no number", fields: length("body"), data: "body"},
		{name: "a length with a line break", fields: length("4\r\nevil: 1"), data: "body"},
		{name: "length and transfer-encoding", fields: append(length("4"), field{"transfer-encoding", "chunked"}), data: "0\r\n\r\n" + smuggled},
		{name: "GET with a length and no data", fields: get(field{"content-length", "37"}), noData: true},
	}
}

// attacksOnTrailers are about what comes behind the data.
func attacksOnTrailers() (all []attack) {
	for _, f := range []struct {
		name string
		field
	}{
		{"line break in a trailer", field{"x", "a\r\nevil: 1"}},
		{"two requests in a trailer", field{"x", "a\r\n\r\n" + smuggled}},
		{"line break in a trailer's name", field{"x\r\nevil", "1"}},
		{"upper case in a trailer", field{"Evil", "1"}},
		{"pseudo-field in a trailer", field{":path", "/smuggled"}},
		{"length in a trailer", field{"content-length", "5"}},
		{"transfer-encoding in a trailer", field{"transfer-encoding", "chunked"}},
		{"host in a trailer", field{"host", "smuggled"}},
		{"connection in a trailer", field{"connection", "close"}},
	} {
		all = append(all, attack{name: f.name, fields: post(field{"trailer", "x, evil, host, content-length, transfer-encoding"}), data: "body", trailer: []field{f.field}})
	}
	return all
}
