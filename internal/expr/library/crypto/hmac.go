package crypto

import (
	"crypto"
	"crypto/rand"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

func hmacTables() []types.Table {
	list := []types.Table{
		{Namespace: namespace, Decl: "abstract class KeyedHashAlgorithm : HashAlgorithm", Members: []types.Entry{
			{Sig: "byte[] Key { get; set; }", Impl: types.Func(hmacKey), Set: types.Func(setHMACKey)},
		}},
		{Namespace: namespace, Decl: "abstract class HMAC : KeyedHashAlgorithm", Members: []types.Entry{
			{Sig: "string HashName { get; }", Impl: types.ObjStr(hmacName)},
		}},
	}
	for _, name := range hashOrder {
		kind := hashNames[name]
		list = append(list, types.Table{Namespace: namespace, Decl: "class HMAC" + name + " : HMAC", Members: []types.Entry{
			{Sig: "HMAC" + name + "()", Impl: types.Func(newHMAC(kind))},
			{Sig: "HMAC" + name + "(byte[] key)", Impl: types.Func(newHMAC(kind))},
			{Sig: "static byte[] HashData(byte[] key, byte[] source)", Impl: types.Func(hmacData(kind))},
		}})
	}
	return list
}

// newHMAC makes a keyed hash; without a key it gets a random one of the algorithm's block.
func newHMAC(kind crypto.Hash) func(*value.Call) (value.Value, *value.Exception) {
	return func(c *value.Call) (value.Value, *value.Exception) {
		a := &algorithm{class: c.Result, kind: kind, keyed: true}
		if len(c.Args) == 0 {
			a.key = random(kind.New().BlockSize())
			return value.OfObject(a), nil
		}
		if c.Args[0].IsNull() {
			return value.Nil, value.NullReference() // As .NET Framework does; the later ones name the argument.
		}
		a.key = append([]byte(nil), c.Bytes(0)...)
		return value.OfObject(a), nil
	}
}

func hmacData(kind crypto.Hash) func(*value.Call) (value.Value, *value.Exception) {
	return func(c *value.Call) (value.Value, *value.Exception) {
		if e := c.NotNull(0, "key"); e != nil {
			return value.Nil, e
		}
		if e := c.NotNull(1, "source"); e != nil {
			return value.Nil, e
		}
		if e := charge(c.Thread, len(c.Bytes(1)), kind.Size()); e != nil {
			return value.Nil, e
		}
		return bytesOf(c, (&algorithm{kind: kind, keyed: true, key: c.Bytes(0)}).sum(c.Bytes(1)))
	}
}

func hmacKey(c *value.Call) (value.Value, *value.Exception) {
	return bytesOf(c, append([]byte(nil), hashOf(c).key...))
}

func setHMACKey(c *value.Call) (value.Value, *value.Exception) {
	key, e := copied(c, 1, "value")
	if e != nil {
		return value.Nil, e
	}
	hashOf(c).key = key
	return nothing()
}

func hmacName(_ *value.Thread, o value.Value) (value.String, *value.Exception) {
	if x, ok := o.Object(); ok {
		if a, ok := x.(*algorithm); ok {
			return value.Str(strings.ReplaceAll(a.kind.String(), "-", "")), nil
		}
	}
	return value.Null, nil
}

// random returns n random bytes.
func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // It never fails: the runtime ends the process where the system has no randomness.
	return b
}

func randomTable() types.Table {
	return types.Table{Namespace: namespace, Decl: "class RNGCryptoServiceProvider : IDisposable", Members: []types.Entry{
		{Sig: "RNGCryptoServiceProvider()", Impl: types.Func(newRandom)},
		{Sig: "void GetBytes(byte[] data)", Impl: types.Func(fillRandom)},
		{Sig: "void GetNonZeroBytes(byte[] data)", Impl: types.Func(fillNonZero)},
		{Sig: "void Dispose()", Impl: types.Func(dispose)},
	}}
}

// generator is an RNGCryptoServiceProvider, which has no state.
type generator struct{ class value.Type }

// ObjectType returns the run-time type.
func (g *generator) ObjectType() value.Type { return g.class }

func newRandom(c *value.Call) (value.Value, *value.Exception) {
	return value.OfObject(&generator{class: c.Result}), nil
}

func fillRandom(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(1, "data"); e != nil {
		return value.Nil, e
	}
	data := c.Bytes(1)
	if e := charge(c.Thread, len(data), 0); e != nil {
		return value.Nil, e
	}
	copy(data, random(len(data)))
	return nothing()
}

func fillNonZero(c *value.Call) (value.Value, *value.Exception) {
	if v, e := fillRandom(c); e != nil {
		return v, e
	}
	const nonZero = 255
	for i, b := range c.Bytes(1) {
		if b == 0 {
			c.Bytes(1)[i] = byte(i%nonZero) + 1
		}
	}
	return nothing()
}
