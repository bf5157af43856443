package crypto

import (
	"bytes"
	"crypto/cipher"

	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// encryptTable has the extension methods that API Management adds to byte[].
func encryptTable() types.Table {
	return types.Table{Namespace: "Microsoft.Azure.ApiManagement", Decl: "static class CryptographyExtensions", Hidden: true, Members: []types.Entry{
		{Sig: "static byte[] Encrypt(this byte[] input, string alg, byte[] key, byte[] iv)", Impl: types.Func(encryptNamed)},
		{Sig: "static byte[] Encrypt(this byte[] input, SymmetricAlgorithm alg)", Impl: types.Func(encryptWith)},
		{Sig: "static byte[] Encrypt(this byte[] input, SymmetricAlgorithm alg, byte[] key, byte[] iv)", Impl: types.Func(encryptWith)},
		{Sig: "static byte[] Decrypt(this byte[] input, string alg, byte[] key, byte[] iv)", Impl: types.Func(decryptNamed)},
		{Sig: "static byte[] Decrypt(this byte[] input, SymmetricAlgorithm alg)", Impl: types.Func(decryptWith)},
		{Sig: "static byte[] Decrypt(this byte[] input, SymmetricAlgorithm alg, byte[] key, byte[] iv)", Impl: types.Func(decryptWith)},
	}}
}

func encryptNamed(c *value.Call) (value.Value, *value.Exception) {
	return named(c, (*symmetric).encrypt)
}

func decryptNamed(c *value.Call) (value.Value, *value.Exception) {
	return named(c, (*symmetric).decrypt)
}

func encryptWith(c *value.Call) (value.Value, *value.Exception) { return with(c, (*symmetric).encrypt) }

func decryptWith(c *value.Call) (value.Value, *value.Exception) { return with(c, (*symmetric).decrypt) }

type transform func(s *symmetric, data []byte) ([]byte, *value.Exception)

// named runs a transformation with the algorithm of a name.
func named(c *value.Call, f transform) (value.Value, *value.Exception) {
	if e := c.NotNull(1, "alg"); e != nil {
		return value.Nil, e
	}
	fam := familyNamed(c.Go(1))
	if fam == nil {
		return value.Nil, value.Argument("alg", "The algorithm is not known.")
	}
	return run(c, newSymmetric(nil, fam), f)
}

// with runs a transformation with an algorithm that the policy has made.
func with(c *value.Call, f transform) (value.Value, *value.Exception) {
	if e := c.NotNull(1, "alg"); e != nil {
		return value.Nil, e
	}
	s := *symmetricOf(c, 1)
	return run(c, &s, f)
}

// run checks the arguments, key and initialization vector among them where they are given.
func run(c *value.Call, s *symmetric, f transform) (value.Value, *value.Exception) {
	if e := c.NotNull(0, "input"); e != nil {
		return value.Nil, e
	}
	const keyAt, ivAt = 2, 3
	if len(c.Args) > ivAt {
		if e := c.NotNull(keyAt, "key"); e != nil {
			return value.Nil, e
		}
		if e := c.NotNull(ivAt, "iv"); e != nil {
			return value.Nil, e
		}
		s.key, s.iv = c.Bytes(keyAt), c.Bytes(ivAt)
	}
	if !s.allowsKey(len(s.keyOf()) * 8) {
		return value.Nil, failed("Specified key is not a valid size for this algorithm.")
	}
	if len(s.ivOf()) != s.family.block {
		return value.Nil, failed("Specified initialization vector (IV) does not match the block size for this algorithm.")
	}
	data := c.Bytes(0)
	if e := charge(c.Thread, len(data), len(data)+s.family.block); e != nil {
		return value.Nil, e
	}
	out, e := f(s, data)
	if e != nil {
		return value.Nil, e
	}
	return bytesOf(c, out)
}

func (s *symmetric) encrypt(data []byte) ([]byte, *value.Exception) {
	b, err := s.family.open(s.keyOf())
	if err != nil {
		return nil, failed("The key is weak or not valid for this algorithm.")
	}
	out, e := s.pad(data)
	if e != nil {
		return nil, e
	}
	s.crypt(b, out, true)
	return out, nil
}

func (s *symmetric) decrypt(data []byte) ([]byte, *value.Exception) {
	b, err := s.family.open(s.keyOf())
	if err != nil {
		return nil, failed("The key is weak or not valid for this algorithm.")
	}
	if len(data)%s.family.block != 0 {
		return nil, failed("The input data is not a complete block.")
	}
	out := append([]byte(nil), data...)
	s.crypt(b, out, false)
	return s.unpad(out)
}

// crypt transforms whole blocks in place.
func (s *symmetric) crypt(b cipher.Block, data []byte, encrypt bool) {
	switch {
	case s.mode == modeECB && encrypt:
		for i := 0; i < len(data); i += b.BlockSize() {
			b.Encrypt(data[i:], data[i:])
		}
	case s.mode == modeECB:
		for i := 0; i < len(data); i += b.BlockSize() {
			b.Decrypt(data[i:], data[i:])
		}
	case s.mode == modeCFB:
		s.feedback(b, data, encrypt)
	case encrypt:
		cipher.NewCBCEncrypter(b, s.ivOf()).CryptBlocks(data, data)
	default:
		cipher.NewCBCDecrypter(b, s.ivOf()).CryptBlocks(data, data)
	}
}

// feedback is CFB with .NET's feedback of 8 bits.
func (s *symmetric) feedback(b cipher.Block, data []byte, encrypt bool) {
	register := append([]byte(nil), s.ivOf()...)
	out := make([]byte, len(register))
	for i, in := range data {
		b.Encrypt(out, register)
		data[i] = in ^ out[0]
		next := data[i]
		if !encrypt {
			next = in
		}
		register = append(register[1:], next)
	}
}

func (s *symmetric) pad(data []byte) ([]byte, *value.Exception) {
	n := s.family.block - len(data)%s.family.block
	out := append(make([]byte, 0, len(data)+n), data...)
	switch s.padding {
	case padNone:
		if n != s.family.block {
			return nil, failed("The input data is not a complete block.")
		}
	case padZeros:
		if n != s.family.block {
			out = append(out, make([]byte, n)...)
		}
	case padPKCS7:
		out = append(out, bytes.Repeat([]byte{byte(n)}, n)...)
	case padANSI:
		out = append(append(out, make([]byte, n-1)...), byte(n))
	case padISO:
		out = append(append(out, random(n-1)...), byte(n))
	}
	return out, nil
}

func (s *symmetric) unpad(data []byte) ([]byte, *value.Exception) {
	if s.padding == padNone || s.padding == padZeros {
		return data, nil
	}
	bad := failed("Padding is invalid and cannot be removed.")
	if len(data) == 0 {
		return nil, bad
	}
	n := int(data[len(data)-1])
	if n == 0 || n > s.family.block || n > len(data) {
		return nil, bad
	}
	for _, b := range data[len(data)-n : len(data)-1] {
		if s.padding == padPKCS7 && int(b) != n || s.padding == padANSI && b != 0 {
			return nil, bad
		}
	}
	return data[:len(data)-n], nil
}
