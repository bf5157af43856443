package clr

import (
	"golang.org/x/text/unicode/norm"

	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// formC is the normal form of Normalize without an argument.
const formC = norm.NFC

func normalizationFormTable() types.Table {
	return types.Table{Namespace: "System.Text", Decl: "enum NormalizationForm", Members: []types.Entry{
		{Sig: "FormC = 1"}, {Sig: "FormD = 2"}, {Sig: "FormKC = 5"}, {Sig: "FormKD = 6"},
	}}
}

// formOf returns the normal form in the second argument.
func formOf(c *value.Call) (norm.Form, *value.Exception) {
	switch c.Int(1) {
	case 1:
		return norm.NFC, nil
	case 2:
		return norm.NFD, nil
	case 5:
		return norm.NFKC, nil
	case 6:
		return norm.NFKD, nil
	}
	return 0, value.Argument("normalizationForm", "Invalid or unsupported normalization form.")
}

func normalize(c *value.Call) (value.Value, *value.Exception) {
	f, e := formOf(c)
	if e != nil {
		return value.Nil, e
	}
	return c.ReturnString(f.String(c.Go(0)))
}

func isNormalized(c *value.Call) (value.Value, *value.Exception) {
	f, e := formOf(c)
	if e != nil {
		return value.Nil, e
	}
	return c.ReturnBool(f.IsNormalString(c.Go(0)))
}
