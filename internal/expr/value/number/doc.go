// Package number formats and parses numbers as .NET does in the invariant culture: the standard and custom
// numeric formats, and the NumberStyles of parsing.
//
// Where the .NET Framework and .NET differ, Real chooses. In .NET, floats print their shortest round-trip digits,
// rounding to a number of places is exact and half to even, and a negative zero keeps its sign; in the .NET
// Framework they print 15 or 7 digits, and those are rounded half away from zero.
package number

import "math/big"

// digits is a number in decimal: 0.d1d2d3… times ten to the power of pos. Trailing zeros are significant
// only for decimals.
type digits struct {
	neg   bool
	float bool // A float keeps the sign of a zero.
	d     []byte
	pos   int
}

// trim removes trailing zeros.
func (n *digits) trim() {
	for len(n.d) > 0 && n.d[len(n.d)-1] == '0' {
		n.d = n.d[:len(n.d)-1]
	}
}

// round keeps n.pos+places digits at most, rounding half away from zero, and trims trailing zeros.
func (n *digits) round(keep int) {
	i := min(max(keep, 0), len(n.d))
	if keep >= 0 && i < len(n.d) && n.d[i] >= '5' {
		for i > 0 && n.d[i-1] == '9' {
			i--
		}
		if i > 0 {
			n.d = append(append([]byte(nil), n.d[:i-1]...), n.d[i-1]+1)
		} else {
			n.pos++
			n.d = []byte{'1'}
		}
	} else {
		n.d = n.d[:i]
	}
	n.trim()
	if len(n.d) == 0 {
		n.pos = 0
		n.neg = n.neg && n.float
	}
}

// at returns the i-th digit, '0' behind the last.
func (n *digits) at(i int) byte {
	if i < 0 || i >= len(n.d) {
		return '0'
	}
	return n.d[i]
}

func ofBig(neg bool, coef *big.Int, scale int) digits {
	if coef.Sign() == 0 {
		return digits{neg: neg, pos: -scale + 1 - 1}
	}
	text := coef.Append(nil, 10)
	return digits{neg: neg, d: text, pos: len(text) - scale}
}
