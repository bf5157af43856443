package object

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/expr/value/date"
)

// Guid is a boxed System.Guid: 16 bytes in the order of its text.
type Guid struct {
	// Class is the type System.Guid.
	Class value.Type
	// ID are the bytes.
	ID [16]byte
}

// ObjectType returns the type System.Guid.
func (g *Guid) ObjectType() value.Type { return g.Class }

// NetString returns the text with dashes.
func (g *Guid) NetString() (value.String, *value.Exception) { return g.NetFormat("D") }

// NetFormat returns the text in the formats N, D, B, P and X.
func (g *Guid) NetFormat(format string) (value.String, *value.Exception) {
	h := hex.EncodeToString(g.ID[:])
	d := h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
	switch format {
	case "N", "n":
		return value.Str(h), nil
	case "", "D", "d":
		return value.Str(d), nil
	case "B", "b":
		return value.Str("{" + d + "}"), nil
	case "P", "p":
		return value.Str("(" + d + ")"), nil
	case "X", "x":
		var rest []string
		for i := 16; i < 32; i += 2 {
			rest = append(rest, "0x"+h[i:i+2])
		}
		return value.Str("{0x" + h[:8] + ",0x" + h[8:12] + ",0x" + h[12:16] + ",{" + strings.Join(rest, ",") + "}}"), nil
	}
	return value.Null, value.BadFormat("Format string can be only \"D\", \"d\", \"N\", \"n\", \"P\", \"p\", \"B\", \"b\", \"X\" or \"x\".")
}

// EqualTo reports whether other is the same Guid.
func (g *Guid) EqualTo(other value.Value) bool {
	o, _ := other.Object()
	h, ok := o.(*Guid)
	return ok && g.ID == h.ID
}

// HashCode mixes the two halves.
func (g *Guid) HashCode() uint64 {
	return binary.BigEndian.Uint64(g.ID[:8]) ^ binary.BigEndian.Uint64(g.ID[8:])*31
}

// Offset is a boxed DateTimeOffset.
type Offset struct {
	// Class is the type System.DateTimeOffset.
	Class value.Type
	// Ticks are those of the local time, By the offset in ticks.
	Ticks, By int64
}

// ObjectType returns the type System.DateTimeOffset.
func (o *Offset) ObjectType() value.Type { return o.Class }

// UTC returns the ticks in UTC.
func (o *Offset) UTC() int64 { return o.Ticks - o.By }

// NetString returns the text in the default format.
func (o *Offset) NetString() (value.String, *value.Exception) { return o.NetFormat("") }

// NetFormat returns the text in a format.
func (o *Offset) NetFormat(format string) (value.String, *value.Exception) {
	s, e := date.FormatOffset(o.Ticks, o.By, format)
	return value.Str(s), e
}

// EqualTo reports whether other is the same point in time.
func (o *Offset) EqualTo(other value.Value) bool {
	x, _ := other.Object()
	p, ok := x.(*Offset)
	return ok && o.UTC() == p.UTC()
}

// HashCode returns the ticks in UTC.
func (o *Offset) HashCode() uint64 { return uint64(o.UTC()) }

// Pair is a boxed KeyValuePair.
type Pair struct {
	// Class is the closed type.
	Class value.Type
	// Key and Value are the two.
	Key, Value value.Value
}

// ObjectType returns the closed type KeyValuePair.
func (p *Pair) ObjectType() value.Type { return p.Class }

// NetString returns "[key, value]".
func (p *Pair) NetString() (value.String, *value.Exception) { return recordText(p) }

// EqualTo reports whether other is a pair of equal elements.
func (p *Pair) EqualTo(other value.Value) bool {
	o, _ := other.Object()
	q, ok := o.(*Pair)
	return ok && equalPairs(p, q, &comparison{left: maxComparisons})
}

// HashCode mixes the hashes of both.
func (p *Pair) HashCode() uint64 { return hashPair(p, 0) }

func floatHash(f float64) uint64 {
	if f == 0 {
		f = 0
	}
	if f != f {
		return 1
	}
	return math.Float64bits(f)
}
