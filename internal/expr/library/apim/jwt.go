package apim

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/expr/value/date"
)

// Jwt is a decoded JSON Web Token. Nothing about it has been verified: that is what validate-jwt does.
type Jwt struct {
	class  value.Type
	header map[string]json.RawMessage
	claims *list
	raw    string
}

// ObjectType returns the type Jwt.
func (j *Jwt) ObjectType() value.Type { return j.class }

// maxJWT is the longest token that is decoded, in bytes.
const maxJWT = 64 << 10

// ParseJWT decodes a token, with "Bearer " before it or without; nil where it is none.
func ParseJWT(env *object.Env, text string) *Jwt {
	text = strings.TrimSpace(text)
	if len(text) > 7 && strings.EqualFold(text[:7], "Bearer ") {
		text = strings.TrimSpace(text[7:])
	}
	parts := strings.Split(text, ".")
	if len(text) > maxJWT || len(parts) != 3 {
		return nil
	}
	j := &Jwt{class: env.Named(namespace + ".Jwt"), raw: text}
	if !decodePart(parts[0], &j.header) {
		return nil
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return nil
	}
	j.claims = &list{class: env.Named(namespace + ".IClaims"), env: env, vals: map[string][]string{}}
	if !j.claims.readClaims(payload) {
		return nil
	}
	j.claims.keepArrays()
	return j
}

func decodePart(part string, into any) bool {
	b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(part, "="))
	return err == nil && json.Unmarshal(b, into) == nil
}

// readClaims reads the members of the payload in their order.
func (l *list) readClaims(payload []byte) bool {
	d := json.NewDecoder(bytes.NewReader(payload))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return false
	}
	for d.More() {
		t, err := d.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return false
		}
		var raw json.RawMessage
		if d.Decode(&raw) != nil {
			return false
		}
		var many []json.RawMessage
		if json.Unmarshal(raw, &many) != nil {
			many = []json.RawMessage{raw}
		}
		for _, one := range many {
			l.add(name, claimText(one))
		}
	}
	_, err := d.Token()
	return err == nil
}

// claimText is a claim's value as text: a string as it is, everything else as its JSON.
func claimText(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil && len(raw) > 0 && raw[0] == '"' {
		return s
	}
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return string(raw)
	}
	return b.String()
}

func (j *Jwt) claim(name string) value.String {
	if v := j.claims.vals[name]; len(v) > 0 {
		return value.Str(v[0])
	}
	return value.Null
}

func (j *Jwt) head(name string) value.String {
	if raw, ok := j.header[name]; ok {
		return value.Str(claimText(raw))
	}
	return value.Null
}

// instant returns a NumericDate claim as a DateTime, null where it is not there.
func (j *Jwt) instant(env *object.Env, name string) value.Value {
	var seconds json.Number
	v := j.claims.vals[name]
	if len(v) == 0 || json.Unmarshal([]byte(v[0]), &seconds) != nil {
		return value.Nil
	}
	f, err := seconds.Float64()
	if err != nil || f < 0 || f > 253402300799 {
		return value.Nil
	}
	return value.Boxed(env.Type(types.DateTime), uint64(date.Bits(date.OfTime(time.Unix(int64(f), 0)), date.UTC)))
}

func jwtOf(o value.Value) *Jwt {
	j, _ := value.As[*Jwt](o)
	return j
}

func jwtStr(f func(j *Jwt) value.String) types.ObjStr {
	return func(_ *value.Thread, o value.Value) (value.String, *value.Exception) {
		if j := jwtOf(o); j != nil {
			return f(j), nil
		}
		return value.Null, value.NullReference()
	}
}

func jwtDate(name string) types.ObjVal {
	return func(t *value.Thread, o value.Value) (value.Value, *value.Exception) {
		if j := jwtOf(o); j != nil {
			return j.instant(object.Of(t), name), nil
		}
		return value.Nil, value.NullReference()
	}
}

func jwtTables() []types.Table {
	claim := func(name string) types.ObjStr { return jwtStr(func(j *Jwt) value.String { return j.claim(name) }) }
	header := func(name string) types.ObjStr { return jwtStr(func(j *Jwt) value.String { return j.head(name) }) }
	return []types.Table{
		{Namespace: namespace, Decl: "sealed class Jwt", Members: []types.Entry{
			{Sig: "string Algorithm { get; }", Impl: header("alg")},
			{Sig: "string Type { get; }", Impl: header("typ")},
			{Sig: "string Id { get; }", Impl: claim("jti")},
			{Sig: "string Issuer { get; }", Impl: claim("iss")},
			{Sig: "string Subject { get; }", Impl: claim("sub")},
			{Sig: "System.Collections.Generic.IEnumerable<string> Audiences { get; }", Impl: types.ObjVal(func(t *value.Thread, o value.Value) (value.Value, *value.Exception) {
				j := jwtOf(o)
				if j == nil {
					return value.Nil, value.NullReference()
				}
				return object.Of(t).Strings(j.claims.vals["aud"]), nil
			})},
			{Sig: "IClaims Claims { get; }", Impl: types.ObjVal(func(_ *value.Thread, o value.Value) (value.Value, *value.Exception) {
				j := jwtOf(o)
				if j == nil {
					return value.Nil, value.NullReference()
				}
				return value.OfObject(j.claims), nil
			})},
			{Sig: "DateTime? ExpirationTime { get; }", Impl: jwtDate("exp")},
			{Sig: "DateTime? NotBefore { get; }", Impl: jwtDate("nbf")},
			{Sig: "DateTime? IssuedAt { get; }", Impl: jwtDate("iat")},
		}},
		{Namespace: namespace, Decl: "sealed class BasicAuthCredentials", Members: []types.Entry{
			{Sig: "string UserId { get; }", Impl: types.ObjStr(func(_ *value.Thread, o value.Value) (value.String, *value.Exception) {
				return value.Str(basicOf(o).user), nil
			})},
			{Sig: "string Username { get; }", Impl: types.ObjStr(func(_ *value.Thread, o value.Value) (value.String, *value.Exception) {
				return value.Str(basicOf(o).user), nil
			}), Traits: types.Unlisted},
			{Sig: "string Password { get; }", Impl: types.ObjStr(func(_ *value.Thread, o value.Value) (value.String, *value.Exception) {
				return value.Str(basicOf(o).password), nil
			})},
		}},
		{Namespace: namespace, Decl: "sealed class Authorization", Members: []types.Entry{
			{Sig: "string AccessToken { get; }", Impl: types.ObjStr(func(_ *value.Thread, o value.Value) (value.String, *value.Exception) {
				x, _ := o.Object()
				if a, ok := x.(*authorization); ok {
					return value.Str(a.token), nil
				}
				return value.Null, value.NullReference()
			}), Traits: types.Unlisted},
		}},
	}
}

// extensionTable declares the methods that read credentials from a text.
func extensionTable() types.Table {
	return types.Table{
		Namespace: namespace, Decl: "static class CredentialExtensions", Hidden: true, Members: []types.Entry{
			{Sig: "static Jwt AsJwt(this string input)", Impl: types.Func(asJWT)},
			{Sig: "static bool TryParseJwt(this string input, out Jwt result)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
				v, e := asJWT(c)
				c.Args[1] = v
				return object.Of(c.Thread).Bool(!v.IsNull()), e
			})},
			{Sig: "static BasicAuthCredentials AsBasic(this string input)", Impl: types.Func(asBasic)},
			{Sig: "static bool TryParseBasic(this string input, out BasicAuthCredentials result)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
				v, e := asBasic(c)
				c.Args[1] = v
				return object.Of(c.Thread).Bool(!v.IsNull()), e
			})},
		},
	}
}

// claimBytes is the most memory that one byte of a token takes when its claims are read, in bytes.
const claimBytes = 40

func asJWT(c *value.Call) (value.Value, *value.Exception) {
	if e := c.Thread.Budget.Alloc(int64(min(len(c.Go(0)), maxJWT)) * claimBytes); e != nil {
		return value.Nil, e
	}
	if j := ParseJWT(object.Of(c.Thread), c.Go(0)); j != nil {
		return value.OfObject(j), nil
	}
	return value.Nil, nil
}

// authorization is what get-authorization-context sets a variable to.
type authorization struct {
	class value.Type
	token string
}

func (a *authorization) ObjectType() value.Type { return a.class }

// Authorization returns the value that get-authorization-context sets a variable to.
func Authorization(env *object.Env, accessToken string) value.Value {
	return value.OfObject(&authorization{class: env.Named(namespace + ".Authorization"), token: accessToken})
}

// basic is a BasicAuthCredentials.
type basic struct {
	class          value.Type
	user, password string
}

func (b *basic) ObjectType() value.Type { return b.class }

func basicOf(o value.Value) *basic {
	x, _ := o.Object()
	if b, ok := x.(*basic); ok {
		return b
	}
	return &basic{}
}

func asBasic(c *value.Call) (value.Value, *value.Exception) {
	scheme, rest, _ := strings.Cut(strings.TrimSpace(c.Go(0)), " ")
	if !strings.EqualFold(scheme, "Basic") {
		return value.Nil, nil
	}
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(rest))
	user, password, ok := strings.Cut(string(b), ":")
	if err != nil || !ok {
		return value.Nil, nil
	}
	return value.OfObject(&basic{class: object.Of(c.Thread).Named(namespace + ".BasicAuthCredentials"), user: user, password: password}), nil
}
