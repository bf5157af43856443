package net

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// address is an IPAddress.
type address struct {
	class value.Type
	ip    netip.Addr
}

// ObjectType returns the type IPAddress.
func (a *address) ObjectType() value.Type { return a.class }

// NetString returns the address in its usual form.
func (a *address) NetString() (value.String, *value.Exception) {
	return value.Str(a.ip.String()), nil
}

// EqualTo reports whether other is the same address.
func (a *address) EqualTo(other value.Value) bool {
	o, _ := other.Object()
	b, ok := o.(*address)
	return ok && a.ip == b.ip
}

// HashCode mixes the bytes.
func (a *address) HashCode() uint64 { return object.HashString(a.ip.String()) }

// parseAddress reads an address as .NET does: IPv4 in one to four parts, decimal, octal or hexadecimal, and IPv6
// with or without brackets.
func parseAddress(s string) (netip.Addr, bool) {
	if strings.Contains(s, ":") {
		s = strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
		ip, err := netip.ParseAddr(s)
		return ip, err == nil
	}
	parts := strings.Split(s, ".")
	if len(parts) > 4 || s == "" {
		return netip.Addr{}, false
	}
	n := uint64(0)
	for i, p := range parts {
		v, ok := part(p)
		last := i == len(parts)-1
		bits := 8
		if last {
			bits = 8 * (5 - len(parts))
		}
		if !ok || v >= 1<<bits {
			return netip.Addr{}, false
		}
		n = n<<bits | v
	}
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}), true
}

func part(s string) (uint64, bool) {
	if s == "" || s[0] == '+' || s[0] == '-' || strings.Contains(s, "_") {
		return 0, false
	}
	base := 10
	switch {
	case strings.HasPrefix(s, "0x"), strings.HasPrefix(s, "0X"):
		base, s = 16, s[2:]
	case len(s) > 1 && s[0] == '0':
		base = 8
	}
	v, err := strconv.ParseUint(s, base, 32)
	return v, err == nil
}

func newAddress(c *value.Call, ip netip.Addr) value.Value {
	return value.OfObject(&address{class: object.Of(c.Thread).Named("System.Net.IPAddress"), ip: ip})
}

func parse(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(0, "ipString"); e != nil {
		return value.Nil, e
	}
	ip, ok := parseAddress(c.Args[0].StringOrNull().Go())
	if !ok {
		return value.Nil, value.BadFormat("An invalid IP address was specified.")
	}
	return newAddress(c, ip), nil
}

func tryParse(c *value.Call) (value.Value, *value.Exception) {
	ip, ok := parseAddress(c.Args[0].StringOrNull().Go())
	c.Args[1] = value.Nil
	if ok {
		c.Args[1] = newAddress(c, ip)
	}
	return c.ReturnBool(ok)
}

func asAddress(v value.Value) *address {
	o, _ := v.Object()
	a, ok := o.(*address)
	if !ok {
		return &address{}
	}
	return a
}

func addressBytes(c *value.Call) (value.Value, *value.Exception) {
	return object.Of(c.Thread).Bytes(asAddress(c.Args[0]).ip.AsSlice()), nil
}

func isLoopback(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(0, "address"); e != nil {
		return value.Nil, e
	}
	return c.ReturnBool(asAddress(c.Args[0]).ip.Unmap().IsLoopback())
}

// The numbers of AddressFamily.
const (
	interNetwork   = 2
	interNetworkV6 = 23
)

func family(_ *value.Thread, o value.Value) (int64, *value.Exception) {
	if asAddress(o).ip.Is4() {
		return interNetwork, nil
	}
	return interNetworkV6, nil
}

func equals(c *value.Call) (value.Value, *value.Exception) {
	return c.ReturnBool(asAddress(c.Args[0]).EqualTo(c.Args[1]))
}

func text(_ *value.Thread, o value.Value) (value.String, *value.Exception) {
	return asAddress(o).NetString()
}

// addressTables are IPAddress and AddressFamily.
func addressTables() []types.Table {
	return []types.Table{
		{Namespace: "System.Net.Sockets", Decl: "enum AddressFamily", Storage: types.Int, Members: []types.Entry{
			{Sig: "Unspecified = 0"}, {Sig: "InterNetwork = 2"}, {Sig: "InterNetworkV6 = 23"},
		}},
		{Namespace: "System.Net", Decl: "class IPAddress", Members: []types.Entry{
			{Sig: "AddressFamily AddressFamily { get; }", Impl: types.ObjInt(family)}, //nolint:dupword // The type and the property have one name.
			{Sig: "bool Equals(object comparand)", Impl: types.Func(equals)},
			{Sig: "byte[] GetAddressBytes()", Impl: types.Func(addressBytes)},
			{Sig: "static bool IsLoopback(IPAddress address)", Impl: types.Func(isLoopback)},
			{Sig: "static IPAddress Parse(string ipString)", Impl: types.Func(parse)},
			{Sig: "static bool TryParse(string ipString, out IPAddress address)", Impl: types.Func(tryParse)},
			{Sig: "string ToString()", Impl: types.ObjStr(text)},
		}},
	}
}
