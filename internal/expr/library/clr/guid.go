package clr

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// parseGUID reads a Guid in one of the formats N, D, B, P and X; "" allows each.
func parseGUID(text, format string) ([16]byte, bool) {
	var id [16]byte
	s := strings.TrimSpace(text)
	switch {
	case strings.HasPrefix(s, "{0x"):
		return parseHexGUID(s)
	case strings.HasPrefix(s, "{") && strings.HasSuffix(s, "}") && allows(format, "B"),
		strings.HasPrefix(s, "(") && strings.HasSuffix(s, ")") && allows(format, "P"):
		s = s[1 : len(s)-1]
	case len(s) == 32 && allows(format, "N"):
		_, err := hex.Decode(id[:], []byte(s))
		return id, err == nil
	case !allows(format, "D"):
		return id, false
	}
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return id, false
	}
	_, err := hex.Decode(id[:], []byte(s[:8]+s[9:13]+s[14:18]+s[19:23]+s[24:]))
	return id, err == nil
}

func allows(format, want string) bool { return format == "" || strings.EqualFold(format, want) }

func parseHexGUID(s string) (id [16]byte, ok bool) {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '{' || r == '}' || r == ',' || r == ' ' })
	if len(parts) != 11 {
		return id, false
	}
	var all strings.Builder
	for i, p := range parts {
		width := 2
		if i == 0 {
			width = 8
		} else if i < 3 {
			width = 4
		}
		p, found := strings.CutPrefix(p, "0x")
		if !found || len(p) > width {
			return id, false
		}
		all.WriteString(strings.Repeat("0", width-len(p)) + p)
	}
	_, err := hex.Decode(id[:], []byte(all.String()))
	return id, err == nil
}

// mixed swaps the first three fields between the order of the text and that of ToByteArray.
func mixed(id [16]byte) [16]byte {
	id[0], id[1], id[2], id[3] = id[3], id[2], id[1], id[0]
	id[4], id[5], id[6], id[7] = id[5], id[4], id[7], id[6]
	return id
}

func guidParse(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(0, "input"); e != nil {
		return value.Nil, e
	}
	format := ""
	if len(c.Args) > 1 {
		format = c.Go(1)
	}
	id, ok := parseGUID(c.Go(0), format)
	if !ok {
		return value.Nil, value.BadFormat("Unrecognized Guid format.")
	}
	return value.OfObject(&object.Guid{Class: c.Declaring, ID: id}), nil
}

func guidTryParse(c *value.Call) (value.Value, *value.Exception) {
	format := ""
	if len(c.Args) > 2 {
		format = c.Go(1)
	}
	id, ok := parseGUID(c.Go(0), format)
	if !ok {
		id = [16]byte{}
	}
	c.Args[len(c.Args)-1] = value.OfObject(&object.Guid{Class: c.Declaring, ID: id})
	return c.ReturnBool(ok)
}

func guidTable() types.Table {
	members := append(ValueMembers("Guid"),
		types.Entry{Sig: "static readonly Guid Empty", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			return value.OfObject(&object.Guid{Class: c.Result}), nil
		})},
		types.Entry{Sig: "Guid(string g)", Impl: types.Func(guidParse)},
		types.Entry{Sig: "Guid(byte[] b)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			if len(c.Bytes(0)) != 16 {
				return value.Nil, value.Argument("b", "Byte array for Guid must be exactly 16 bytes long.")
			}
			return value.OfObject(&object.Guid{Class: c.Declaring, ID: mixed([16]byte(c.Bytes(0)))}), nil
		})},
		types.Entry{Sig: "Guid(int a, short b, short c, byte[] d)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			if len(c.Bytes(3)) != 8 {
				return value.Nil, value.Argument("d", "Byte array for Guid must be exactly 8 bytes long.")
			}
			g := &object.Guid{Class: c.Declaring}
			binary.BigEndian.PutUint32(g.ID[:], uint32(c.Int(0)))
			binary.BigEndian.PutUint16(g.ID[4:], uint16(c.Int(1)))
			binary.BigEndian.PutUint16(g.ID[6:], uint16(c.Int(2)))
			copy(g.ID[8:], c.Bytes(3))
			return value.OfObject(g), nil
		})},
		types.Entry{Sig: "Guid()", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			return value.OfObject(&object.Guid{Class: c.Declaring}), nil
		})},
		types.Entry{Sig: "static Guid NewGuid()", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			g := &object.Guid{Class: c.Result}
			if _, err := rand.Read(g.ID[:]); err != nil {
				return value.Nil, value.InvalidOperation("The source of random numbers failed.")
			}
			g.ID[6], g.ID[8] = g.ID[6]&0x0F|0x40, g.ID[8]&0x3F|0x80
			return value.OfObject(g), nil
		})},
		types.Entry{Sig: "static Guid Parse(string input)", Impl: types.Func(guidParse)},
		types.Entry{Sig: "static Guid ParseExact(string input, string format)", Impl: types.Func(guidParse)},
		types.Entry{Sig: "static bool TryParse(string input, out Guid result)", Impl: types.Func(guidTryParse)},
		types.Entry{Sig: "static bool TryParseExact(string input, string format, out Guid result)", Impl: types.Func(guidTryParse)},
		types.Entry{Sig: "byte[] ToByteArray()", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			g, _ := c.Object(0).(*object.Guid)
			b := mixed(g.ID)
			return object.Of(c.Thread).Bytes(b[:]), nil
		})},
		types.Entry{Sig: "static bool operator ==(Guid a, Guid b)", Impl: types.Func(equals)},
		types.Entry{Sig: "static bool operator !=(Guid a, Guid b)", Impl: types.Func(notEquals)},
	)
	return types.Table{Namespace: system, Decl: "struct Guid : IComparable, IComparable<Guid>, IEquatable<Guid>, IFormattable", Members: members}
}

func notEquals(c *value.Call) (value.Value, *value.Exception) {
	return c.ReturnBool(!object.Equal(c.Args[0], c.Args[1]))
}
