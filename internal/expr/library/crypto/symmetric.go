package crypto

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des" //nolint:gosec // Part of what policies offer: SymmetricAlgorithm.Create("DES").
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// The modes and paddings by .NET's numbers.
const (
	modeCBC = 1
	modeECB = 2
	modeCFB = 4

	padNone  = 1
	padPKCS7 = 2
	padZeros = 3
	padANSI  = 4
	padISO   = 5
)

// family is a block cipher.
type family struct {
	name     string
	block    int
	keyBits  int
	keySizes []int
	open     func(key []byte) (cipher.Block, error)
}

var (
	aesFamily    = &family{"Aes", aes.BlockSize, 256, []int{128, 192, 256}, aes.NewCipher}
	tripleFamily = &family{"TripleDES", des.BlockSize, 192, []int{192}, des.NewTripleDESCipher}
	desFamily    = &family{"DES", des.BlockSize, 64, []int{64}, des.NewCipher}
)

// familyNamed is what SymmetricAlgorithm.Create(name) finds, nil for an unknown name.
func familyNamed(name string) *family {
	name = strings.ToLower(strings.TrimPrefix(name, namespace+"."))
	switch name {
	case "aes", "aesmanaged", "aescryptoserviceprovider", "aescng", "rijndael", "rijndaelmanaged":
		return aesFamily
	case "tripledes", "3des", "triple des", "tripledescryptoserviceprovider":
		return tripleFamily
	case "des", "descryptoserviceprovider":
		return desFamily
	default:
		return nil
	}
}

// symmetric is a SymmetricAlgorithm.
type symmetric struct {
	class   value.Type
	family  *family
	key, iv []byte
	keyBits int
	mode    int64
	padding int64
}

// ObjectType returns the run-time type.
func (s *symmetric) ObjectType() value.Type { return s.class }

func newSymmetric(class value.Type, f *family) *symmetric {
	return &symmetric{class: class, family: f, keyBits: f.keyBits, mode: modeCBC, padding: padPKCS7}
}

func symmetricTables() []types.Table {
	members := []types.Entry{
		{Sig: "static SymmetricAlgorithm Create(string algName)", Impl: types.Func(createSymmetric)},
		{Sig: "byte[] Key { get; set; }", Impl: types.Func(symmetricKey), Set: types.Func(setSymmetricKey)},
		{Sig: "byte[] IV { get; set; }", Impl: types.Func(symmetricIV), Set: types.Func(setSymmetricIV)},
		{Sig: "int KeySize { get; set; }", Impl: types.Func(keySize), Set: types.Func(setKeySize)},
		{Sig: "int BlockSize { get; set; }", Impl: types.Func(blockSize), Set: types.Func(setBlockSize)},
		{Sig: "CipherMode Mode { get; set; }", Impl: types.Func(mode), Set: types.Func(setMode)},
		{Sig: "PaddingMode Padding { get; set; }", Impl: types.Func(padding), Set: types.Func(setPadding)},
		{Sig: "void GenerateKey()", Impl: types.Func(generateKey)},
		{Sig: "void GenerateIV()", Impl: types.Func(generateIV)},
		{Sig: "void Clear()", Impl: types.Func(dispose)},
		{Sig: "void Dispose()", Impl: types.Func(dispose)},
	}
	return []types.Table{
		{Namespace: namespace, Decl: "abstract class SymmetricAlgorithm : IDisposable", Members: members},
		{Namespace: namespace, Decl: "enum CipherMode", Members: enum("CBC = 1", "ECB = 2", "OFB = 3", "CFB = 4", "CTS = 5")},
		{Namespace: namespace, Decl: "enum PaddingMode", Members: enum("None = 1", "PKCS7 = 2", "Zeros = 3", "ANSIX923 = 4", "ISO10126 = 5")},
	}
}

func enum(sigs ...string) []types.Entry {
	list := make([]types.Entry, len(sigs))
	for i, s := range sigs {
		list[i].Sig = s
	}
	return list
}

func createSymmetric(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(0, "algName"); e != nil {
		return value.Nil, e
	}
	f := familyNamed(c.Go(0))
	if f == nil {
		return value.Nil, nil
	}
	return value.OfObject(newSymmetric(c.Result, f)), nil
}

func symmetricOf(c *value.Call, i int) *symmetric {
	s, ok := c.Object(i).(*symmetric)
	if !ok {
		return newSymmetric(nil, aesFamily)
	}
	return s
}

// keyOf is the key, made at random where there is none yet.
func (s *symmetric) keyOf() []byte {
	if s.key == nil {
		s.key = random(s.keyBits / 8)
	}
	return s.key
}

func (s *symmetric) ivOf() []byte {
	if s.iv == nil {
		s.iv = random(s.family.block)
	}
	return s.iv
}

func (s *symmetric) allowsKey(bits int) bool {
	return slices.Contains(s.family.keySizes, bits)
}

func symmetricKey(c *value.Call) (value.Value, *value.Exception) {
	return bytesOf(c, append([]byte(nil), symmetricOf(c, 0).keyOf()...))
}

func setSymmetricKey(c *value.Call) (value.Value, *value.Exception) {
	s := symmetricOf(c, 0)
	key, e := copied(c, 1, "value")
	if e != nil {
		return value.Nil, e
	}
	if !s.allowsKey(len(key) * 8) {
		return value.Nil, failed("Specified key is not a valid size for this algorithm.")
	}
	s.key, s.keyBits = key, len(key)*8
	return nothing()
}

func symmetricIV(c *value.Call) (value.Value, *value.Exception) {
	return bytesOf(c, append([]byte(nil), symmetricOf(c, 0).ivOf()...))
}

func setSymmetricIV(c *value.Call) (value.Value, *value.Exception) {
	s := symmetricOf(c, 0)
	iv, e := copied(c, 1, "value")
	if e != nil {
		return value.Nil, e
	}
	if len(iv) != s.family.block {
		return value.Nil, failed("Specified initialization vector (IV) does not match the block size for this algorithm.")
	}
	s.iv = iv
	return nothing()
}

func keySize(c *value.Call) (value.Value, *value.Exception) {
	return c.ReturnInt(int64(symmetricOf(c, 0).keyBits))
}

func setKeySize(c *value.Call) (value.Value, *value.Exception) {
	s := symmetricOf(c, 0)
	if !s.allowsKey(int(c.Int(1))) {
		return value.Nil, failed("Specified key is not a valid size for this algorithm.")
	}
	s.keyBits, s.key = int(c.Int(1)), nil
	return nothing()
}

func blockSize(c *value.Call) (value.Value, *value.Exception) {
	return c.ReturnInt(int64(symmetricOf(c, 0).family.block * 8))
}

func setBlockSize(c *value.Call) (value.Value, *value.Exception) {
	if c.Int(1) != int64(symmetricOf(c, 0).family.block*8) {
		return value.Nil, failed("Specified block size is not valid for this algorithm.")
	}
	return nothing()
}

func mode(c *value.Call) (value.Value, *value.Exception) {
	return c.ReturnInt(symmetricOf(c, 0).mode)
}

func setMode(c *value.Call) (value.Value, *value.Exception) {
	switch n := c.Int(1); n {
	case modeCBC, modeECB, modeCFB:
		symmetricOf(c, 0).mode = n
		return nothing()
	default:
		return value.Nil, failed("Specified cipher mode is not valid for this algorithm.")
	}
}

func padding(c *value.Call) (value.Value, *value.Exception) {
	return c.ReturnInt(symmetricOf(c, 0).padding)
}

func setPadding(c *value.Call) (value.Value, *value.Exception) {
	if n := c.Int(1); n >= padNone && n <= padISO {
		symmetricOf(c, 0).padding = n
		return nothing()
	}
	return value.Nil, failed("Specified padding mode is not valid for this algorithm.")
}

func generateKey(c *value.Call) (value.Value, *value.Exception) {
	s := symmetricOf(c, 0)
	s.key = random(s.keyBits / 8)
	return nothing()
}

func generateIV(c *value.Call) (value.Value, *value.Exception) {
	s := symmetricOf(c, 0)
	s.iv = random(s.family.block)
	return nothing()
}
