// Package crypto is System.Security.Cryptography for policy expressions: hashes, keyed hashes, symmetric
// encryption, RSA and X.509 certificates, and the extension methods of API Management that encrypt.
package crypto

import (
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

const (
	namespace     = "System.Security.Cryptography"
	certificateNS = "System.Security.Cryptography.X509Certificates"
)

// Tables returns the tables of the package.
func Tables() []types.Table {
	list := hashTables()
	list = append(list, hmacTables()...)
	list = append(list, symmetricTables()...)
	list = append(list, encryptTable(), randomTable())
	list = append(list, rsaTables()...)
	return append(list, certificateTables()...)
}

// failed is a CryptographicException.
func failed(message string) *value.Exception {
	return value.Throw("System.Security.Cryptography.CryptographicException", message)
}

// charge takes the budget for n bytes of input and out bytes of result.
func charge(t *value.Thread, n, out int) *value.Exception {
	const perStep = 64
	if e := t.Budget.Steps(int64(n)/perStep + 1); e != nil {
		return e
	}
	return t.Budget.Alloc(int64(out))
}

// bytesOf makes a byte[] of the call's result type, whose element type is that of bytes.
func bytesOf(c *value.Call, data []byte) (value.Value, *value.Exception) {
	var elem value.Type
	if t, ok := c.Result.(*types.Type); ok {
		elem = t.Elem
	}
	return value.OfObject(&value.Bytes{Class: c.Result, Elem: elem, Data: data}), nil
}

// copied returns a copy of the i-th argument, a byte[] that is not null.
func copied(c *value.Call, i int, param string) ([]byte, *value.Exception) {
	if e := c.NotNull(i, param); e != nil {
		return nil, e
	}
	return append([]byte(nil), c.Bytes(i)...), nil
}

// nothing is the result of a void method.
func nothing() (value.Value, *value.Exception) { return value.Nil, nil }

func dispose(*value.Call) (value.Value, *value.Exception) { return nothing() }
