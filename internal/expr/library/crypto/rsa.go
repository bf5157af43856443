package crypto

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"

	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// rsaKey is an RSA object: a public key, perhaps with its private one.
type rsaKey struct {
	class   value.Type
	public  *rsa.PublicKey
	private *rsa.PrivateKey
}

// ObjectType returns the run-time type.
func (k *rsaKey) ObjectType() value.Type { return k.class }

// choice is a HashAlgorithmName, an RSASignaturePadding or an RSAEncryptionPadding: one of a few names.
type choice struct {
	class value.Type
	name  string
}

// ObjectType returns the run-time type.
func (n *choice) ObjectType() value.Type { return n.class }

// NetString returns the name.
func (n *choice) NetString() (value.String, *value.Exception) { return value.Str(n.name), nil }

// EqualTo reports whether other is the same choice.
func (n *choice) EqualTo(other value.Value) bool {
	o, _ := other.Object()
	m, ok := o.(*choice)
	return ok && m.class == n.class && m.name == n.name
}

// HashCode returns a hash of the name.
func (n *choice) HashCode() uint64 {
	h := uint64(0)
	for _, b := range []byte(n.name) {
		h = h*31 + uint64(b)
	}
	return h
}

// choices are static properties that yield one choice each.
func choices(class string, names ...string) []types.Entry {
	list := make([]types.Entry, len(names))
	for i, name := range names {
		list[i] = types.Entry{Sig: "static " + class + " " + name + " { get; }", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			return value.OfObject(&choice{class: c.Result, name: name}), nil
		})}
	}
	return list
}

func rsaTables() []types.Table {
	hashName := append(choices("HashAlgorithmName", hashOrder...),
		types.Entry{Sig: "HashAlgorithmName(string name)", Impl: types.Func(newHashName)},
		types.Entry{Sig: "string Name { get; }", Impl: types.ObjStr(choiceName)},
		types.Entry{Sig: "static bool operator ==(HashAlgorithmName left, HashAlgorithmName right)", Impl: types.Func(sameChoice)},
		types.Entry{Sig: "static bool operator !=(HashAlgorithmName left, HashAlgorithmName right)", Impl: types.Func(otherChoice)})
	return []types.Table{
		{Namespace: namespace, Decl: "struct HashAlgorithmName", Members: hashName},
		{Namespace: namespace, Decl: "sealed class RSASignaturePadding", Members: choices("RSASignaturePadding", "Pkcs1", "Pss")},
		{Namespace: namespace, Decl: "sealed class RSAEncryptionPadding", Members: choices("RSAEncryptionPadding", "Pkcs1", "OaepSHA1", "OaepSHA256", "OaepSHA384", "OaepSHA512")},
		{Namespace: namespace, Decl: "abstract class AsymmetricAlgorithm : IDisposable", Members: []types.Entry{
			{Sig: "int KeySize { get; }", Impl: types.ObjInt(rsaSize)},
			{Sig: "void Clear()", Impl: types.Func(dispose)},
			{Sig: "void Dispose()", Impl: types.Func(dispose)},
		}},
		{Namespace: namespace, Decl: "abstract class RSA : AsymmetricAlgorithm", Members: []types.Entry{
			{Sig: "byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding)", Impl: types.Func(signData)},
			{Sig: "byte[] SignHash(byte[] hash, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding)", Impl: types.Func(signHash)},
			{Sig: "bool VerifyData(byte[] data, byte[] signature, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding)", Impl: types.Func(verifyData)},
			{Sig: "bool VerifyHash(byte[] hash, byte[] signature, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding)", Impl: types.Func(verifyHash)},
			{Sig: "byte[] Encrypt(byte[] data, RSAEncryptionPadding padding)", Impl: types.Func(rsaEncrypt)},
			{Sig: "byte[] Decrypt(byte[] data, RSAEncryptionPadding padding)", Impl: types.Func(rsaDecrypt)},
		}},
		// Real policies cast to it; every private key is one.
		{Namespace: namespace, Decl: "class RSACng : RSA"},
	}
}

func newHashName(c *value.Call) (value.Value, *value.Exception) {
	return value.OfObject(&choice{class: c.Result, name: c.Go(0)}), nil
}

func choiceOf(c *value.Call, i int) string {
	if n, ok := c.Object(i).(*choice); ok {
		return n.name
	}
	return ""
}

func choiceName(_ *value.Thread, o value.Value) (value.String, *value.Exception) {
	x, _ := o.Object()
	if n, ok := x.(*choice); ok {
		return value.Str(n.name), nil
	}
	return value.Null, nil
}

func sameChoice(c *value.Call) (value.Value, *value.Exception) {
	return c.ReturnBool(choiceOf(c, 0) == choiceOf(c, 1))
}

func otherChoice(c *value.Call) (value.Value, *value.Exception) {
	return c.ReturnBool(choiceOf(c, 0) != choiceOf(c, 1))
}

func rsaOf(c *value.Call) *rsaKey {
	if k, ok := c.Object(0).(*rsaKey); ok {
		return k
	}
	return &rsaKey{}
}

func rsaSize(_ *value.Thread, o value.Value) (int64, *value.Exception) {
	x, _ := o.Object()
	if k, ok := x.(*rsaKey); ok && k.public != nil {
		return int64(k.public.N.BitLen()), nil
	}
	return 0, nil
}

// rsaSteps is what an operation with a private key costs, in steps of the budget.
const rsaSteps = 1000

// digest hashes data with the algorithm that the i-th argument names.
func digest(c *value.Call, data []byte, i int) ([]byte, crypto.Hash, *value.Exception) {
	kind, ok := hashNames[choiceOf(c, i)]
	if !ok {
		return nil, 0, value.Argument("hashAlgorithm", "The hash algorithm name cannot be null or empty.")
	}
	if e := c.Thread.Budget.Steps(rsaSteps); e != nil {
		return nil, 0, e
	}
	if e := charge(c.Thread, len(data), kind.Size()); e != nil {
		return nil, 0, e
	}
	return (&algorithm{kind: kind}).sum(data), kind, nil
}

func signData(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(1, "data"); e != nil {
		return value.Nil, e
	}
	sum, kind, e := digest(c, c.Bytes(1), 2)
	if e != nil {
		return value.Nil, e
	}
	return sign(c, sum, kind)
}

func signHash(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(1, "hash"); e != nil {
		return value.Nil, e
	}
	_, kind, e := digest(c, nil, 2)
	if e != nil {
		return value.Nil, e
	}
	return sign(c, c.Bytes(1), kind)
}

func sign(c *value.Call, sum []byte, kind crypto.Hash) (value.Value, *value.Exception) {
	const paddingAt = 3
	if e := c.NotNull(paddingAt, "padding"); e != nil {
		return value.Nil, e
	}
	k := rsaOf(c)
	if k.private == nil {
		return value.Nil, failed("The key has no private part.")
	}
	var out []byte
	var err error
	if choiceOf(c, paddingAt) == "Pss" {
		out, err = rsa.SignPSS(rand.Reader, k.private, kind, sum, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	} else {
		out, err = rsa.SignPKCS1v15(rand.Reader, k.private, kind, sum)
	}
	if err != nil {
		return value.Nil, failed("The data could not be signed.")
	}
	return bytesOf(c, out)
}

func verifyData(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(1, "data"); e != nil {
		return value.Nil, e
	}
	sum, kind, e := digest(c, c.Bytes(1), 3)
	if e != nil {
		return value.Nil, e
	}
	return verify(c, sum, kind)
}

func verifyHash(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(1, "hash"); e != nil {
		return value.Nil, e
	}
	_, kind, e := digest(c, nil, 3)
	if e != nil {
		return value.Nil, e
	}
	return verify(c, c.Bytes(1), kind)
}

func verify(c *value.Call, sum []byte, kind crypto.Hash) (value.Value, *value.Exception) {
	const signatureAt, paddingAt = 2, 4
	if e := c.NotNull(signatureAt, "signature"); e != nil {
		return value.Nil, e
	}
	if e := c.NotNull(paddingAt, "padding"); e != nil {
		return value.Nil, e
	}
	k := rsaOf(c)
	if k.public == nil {
		return c.ReturnBool(false)
	}
	if choiceOf(c, paddingAt) == "Pss" {
		return c.ReturnBool(rsa.VerifyPSS(k.public, kind, sum, c.Bytes(signatureAt), nil) == nil)
	}
	return c.ReturnBool(rsa.VerifyPKCS1v15(k.public, kind, sum, c.Bytes(signatureAt)) == nil)
}

// oaep is the hash of an OAEP padding, 0 for PKCS#1.
func oaep(name string) crypto.Hash {
	const prefix = "Oaep"
	if len(name) < len(prefix) || name[:len(prefix)] != prefix {
		return 0
	}
	return hashNames[name[len(prefix):]]
}

func rsaEncrypt(c *value.Call) (value.Value, *value.Exception) {
	k, e := rsaArguments(c)
	if e != nil {
		return value.Nil, e
	}
	var out []byte
	var err error
	if kind := oaep(choiceOf(c, 2)); kind != 0 {
		out, err = rsa.EncryptOAEP(kind.New(), rand.Reader, k.public, c.Bytes(1), nil)
	} else {
		out, err = rsa.EncryptPKCS1v15(rand.Reader, k.public, c.Bytes(1)) //nolint:staticcheck // Policies may still choose PKCS#1.
	}
	if err != nil {
		return value.Nil, failed("The data could not be encrypted.")
	}
	return bytesOf(c, out)
}

func rsaDecrypt(c *value.Call) (value.Value, *value.Exception) {
	k, e := rsaArguments(c)
	if e != nil {
		return value.Nil, e
	}
	if k.private == nil {
		return value.Nil, failed("The key has no private part.")
	}
	var out []byte
	var err error
	if kind := oaep(choiceOf(c, 2)); kind != 0 {
		out, err = rsa.DecryptOAEP(kind.New(), rand.Reader, k.private, c.Bytes(1), nil)
	} else {
		out, err = rsa.DecryptPKCS1v15(rand.Reader, k.private, c.Bytes(1)) //nolint:staticcheck // Policies may still choose PKCS#1.
	}
	if err != nil {
		return value.Nil, failed("The data could not be decrypted.")
	}
	return bytesOf(c, out)
}

func rsaArguments(c *value.Call) (*rsaKey, *value.Exception) {
	if e := c.NotNull(1, "data"); e != nil {
		return nil, e
	}
	if e := c.NotNull(2, "padding"); e != nil {
		return nil, e
	}
	k := rsaOf(c)
	if k.public == nil {
		return nil, failed("The key is missing.")
	}
	return k, c.Thread.Budget.Steps(rsaSteps)
}
