package crypto

import (
	"crypto"
	"crypto/hmac"
	_ "crypto/md5" // The algorithms register themselves.
	_ "crypto/sha1"
	_ "crypto/sha256"
	_ "crypto/sha512"
	"hash"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// hashNames are the algorithms by their .NET names.
var hashNames = map[string]crypto.Hash{
	"MD5": crypto.MD5, "SHA1": crypto.SHA1, "SHA256": crypto.SHA256, "SHA384": crypto.SHA384, "SHA512": crypto.SHA512,
}

// hashOrder are the names in the order of the tables.
var hashOrder = []string{"MD5", "SHA1", "SHA256", "SHA384", "SHA512"}

// algorithm is a HashAlgorithm, with a key where it is an HMAC.
type algorithm struct {
	class value.Type
	kind  crypto.Hash
	keyed bool
	key   []byte
	// last is the Hash property: what was computed last.
	last []byte
	// blocks is what TransformBlock has been given.
	blocks []byte
}

// ObjectType returns the run-time type.
func (a *algorithm) ObjectType() value.Type { return a.class }

func (a *algorithm) sum(data []byte) []byte {
	var h hash.Hash
	if a.keyed {
		h = hmac.New(a.kind.New, a.key)
	} else {
		h = a.kind.New()
	}
	h.Write(data)
	return h.Sum(nil)
}

func hashTables() []types.Table {
	list := []types.Table{
		{Namespace: namespace, Decl: "abstract class HashAlgorithm : IDisposable", Members: []types.Entry{
			{Sig: "static HashAlgorithm Create(string hashName)", Impl: types.Func(createNamed)},
			{Sig: "byte[] ComputeHash(byte[] buffer)", Impl: types.Func(computeHash)},
			{Sig: "byte[] ComputeHash(byte[] buffer, int offset, int count)", Impl: types.Func(computeHash)},
			{Sig: "byte[] Hash { get; }", Impl: types.Func(lastHash)},
			{Sig: "int HashSize { get; }", Impl: types.ObjInt(hashSize)},
			{Sig: "int TransformBlock(byte[] inputBuffer, int inputOffset, int inputCount, byte[] outputBuffer, int outputOffset)", Impl: types.Func(transformBlock)},
			{Sig: "byte[] TransformFinalBlock(byte[] inputBuffer, int inputOffset, int inputCount)", Impl: types.Func(transformFinal)},
			{Sig: "void Initialize()", Impl: types.Func(initialize)},
			{Sig: "void Clear()", Impl: types.Func(dispose)},
			{Sig: "void Dispose()", Impl: types.Func(dispose)},
		}},
	}
	for _, name := range hashOrder {
		create := types.Func(newHash(hashNames[name]))
		list = append(list, types.Table{Namespace: namespace, Decl: "abstract class " + name + " : HashAlgorithm", Members: []types.Entry{
			{Sig: "static " + name + " Create()", Impl: create},
			{Sig: "static byte[] HashData(byte[] source)", Impl: types.Func(hashData(hashNames[name]))},
		}})
		if name != "MD5" {
			list = append(list, types.Table{
				Namespace: namespace, Decl: "sealed class " + name + "Managed : " + name,
				Members: []types.Entry{{Sig: name + "Managed()", Impl: create}},
			})
		}
	}
	return list
}

func newHash(kind crypto.Hash) func(*value.Call) (value.Value, *value.Exception) {
	return func(c *value.Call) (value.Value, *value.Exception) {
		return value.OfObject(&algorithm{class: c.Result, kind: kind}), nil
	}
}

func hashData(kind crypto.Hash) func(*value.Call) (value.Value, *value.Exception) {
	return func(c *value.Call) (value.Value, *value.Exception) {
		if e := c.NotNull(0, "source"); e != nil {
			return value.Nil, e
		}
		data := c.Bytes(0)
		if e := charge(c.Thread, len(data), kind.Size()); e != nil {
			return value.Nil, e
		}
		return bytesOf(c, (&algorithm{kind: kind}).sum(data))
	}
}

// createNamed is HashAlgorithm.Create: null for a name that it does not know.
func createNamed(c *value.Call) (value.Value, *value.Exception) {
	kind, ok := hashNames[strings.ReplaceAll(strings.ToUpper(c.Go(0)), "-", "")]
	if !ok {
		return value.Nil, nil
	}
	return value.OfObject(&algorithm{class: c.Result, kind: kind}), nil
}

func hashOf(c *value.Call) *algorithm {
	a, ok := c.Object(0).(*algorithm)
	if !ok {
		return &algorithm{kind: crypto.SHA256}
	}
	return a
}

// part is the byte[] argument at i, or the range of it that the two arguments behind it name.
func part(c *value.Call, i int) ([]byte, *value.Exception) {
	if e := c.NotNull(i, "buffer"); e != nil {
		return nil, e
	}
	data := c.Bytes(i)
	if len(c.Args) <= i+2 {
		return data, nil
	}
	from, n := c.Int(i+1), c.Int(i+2)
	if from < 0 {
		return nil, value.OutOfRange("offset", "Non-negative number required.")
	}
	if n < 0 || n > int64(len(data))-from {
		return nil, value.Argument("", "Value was invalid.")
	}
	return data[from : from+n], nil
}

func computeHash(c *value.Call) (value.Value, *value.Exception) {
	a := hashOf(c)
	data, e := part(c, 1)
	if e != nil {
		return value.Nil, e
	}
	if e := charge(c.Thread, len(data), a.kind.Size()); e != nil {
		return value.Nil, e
	}
	a.last = a.sum(data)
	return bytesOf(c, append([]byte(nil), a.last...))
}

func lastHash(c *value.Call) (value.Value, *value.Exception) {
	a := hashOf(c)
	if a.last == nil {
		return value.Nil, nil
	}
	return bytesOf(c, append([]byte(nil), a.last...))
}

func hashSize(_ *value.Thread, o value.Value) (int64, *value.Exception) {
	const bits = 8
	if x, ok := o.Object(); ok {
		if a, ok := x.(*algorithm); ok {
			return int64(a.kind.Size() * bits), nil
		}
	}
	return 0, nil
}

func transformBlock(c *value.Call) (value.Value, *value.Exception) {
	a := hashOf(c)
	data, e := part(c, 1)
	if e != nil {
		return value.Nil, e
	}
	if e := charge(c.Thread, len(data), len(data)); e != nil {
		return value.Nil, e
	}
	a.blocks = append(a.blocks, data...)
	return c.ReturnInt(int64(len(data)))
}

func transformFinal(c *value.Call) (value.Value, *value.Exception) {
	a := hashOf(c)
	data, e := part(c, 1)
	if e != nil {
		return value.Nil, e
	}
	if e := charge(c.Thread, len(a.blocks)+len(data), len(data)); e != nil {
		return value.Nil, e
	}
	a.last = a.sum(append(a.blocks, data...))
	a.blocks = nil
	return bytesOf(c, append([]byte(nil), data...))
}

func initialize(c *value.Call) (value.Value, *value.Exception) {
	a := hashOf(c)
	a.blocks, a.last = nil, nil
	return nothing()
}
