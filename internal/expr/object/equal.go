package object

import (
	"bytes"
	"hash/maphash"
	"math"
	"strings"
	"unicode"

	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/expr/value/date"
)

// maxComparisons is how many parts of tuples, pairs and anonymous objects are compared, maxCompared how deep they may
// be inside each other. Values that hold one part twice, at each of many levels, would be compared for ever: those
// with more parts are not equal, and have no order.
const (
	maxComparisons = 1 << 16
	maxCompared    = 1000
)

// comparison is one comparison of two values with all that is inside them.
type comparison struct{ left, depth int }

// enter begins with a part and reports whether it may still be compared.
func (c *comparison) enter() bool {
	c.left--
	c.depth++
	return c.left >= 0 && c.depth <= maxCompared
}

// leave ends with a part.
func (c *comparison) leave() { c.depth-- }

// Equal reports what object.Equals(a, b) returns.
func Equal(a, b value.Value) bool {
	o, ok := a.Object()
	if !ok {
		return equalPlain(a, b)
	}
	switch o.(type) {
	case *value.Record, *Pair:
		return equalNested(a, b, &comparison{left: maxComparisons})
	}
	return equalPlain(a, b)
}

// equalNested compares values that may be tuples, pairs or anonymous objects.
func equalNested(a, b value.Value, c *comparison) bool {
	defer c.leave()
	if !c.enter() {
		return false
	}
	o, _ := a.Object()
	p, _ := b.Object()
	switch o := o.(type) {
	case *value.Record:
		r, ok := p.(*value.Record)
		return ok && equalRecords(o, r, c)
	case *Pair:
		q, ok := p.(*Pair)
		return ok && equalPairs(o, q, c)
	}
	return equalPlain(a, b)
}

// equalPlain compares values of which a is none of those.
func equalPlain(a, b value.Value) bool {
	if a.IsNull() || b.IsNull() {
		return a.IsNull() && b.IsNull()
	}
	if s, ok := a.Str(); ok {
		t, ok := b.Str()
		return ok && s.Go() == t.Go()
	}
	if o, ok := a.Object(); ok {
		switch o := o.(type) {
		case value.Equaler:
			return o.EqualTo(b)
		case *value.TypeRef:
			p, _ := b.Object()
			q, ok := p.(*value.TypeRef)
			return ok && o.Of == q.Of
		}
		p, ok := b.Object()
		return ok && o == p
	}
	t, n, _ := a.Boxed()
	u, m, ok := b.Boxed()
	if !ok || t != u {
		return false
	}
	return equalBits(t.(*types.Type), n, m)
}

func equalBits(t *types.Type, n, m uint64) bool {
	switch t.Special() {
	case types.Double, types.Single:
		f, g := math.Float64frombits(n), math.Float64frombits(m)
		return f == g || f != f && g != g
	case types.DateTime:
		return date.Ticks(int64(n)) == date.Ticks(int64(m))
	}
	return n == m
}

func equalRecords(r, s *value.Record, c *comparison) bool {
	if r == s {
		return true
	}
	if len(r.Items) != len(s.Items) || r.Names != nil && r.Class != s.Class {
		return false
	}
	for i := range r.Items {
		if !equalNested(r.Items[i], s.Items[i], c) {
			return false
		}
	}
	return true
}

func equalPairs(p, q *Pair, c *comparison) bool {
	return p == q || p.Class == q.Class && equalNested(p.Key, q.Key, c) && equalNested(p.Value, q.Value, c)
}

// maxHashed is how deep the parts of tuples, pairs and anonymous objects count for the hash.
const maxHashed = 4

// hashPart hashes a part of a value, at a depth inside it.
func hashPart(v value.Value, depth int) uint64 {
	o, _ := v.Object()
	switch o := o.(type) {
	case *value.Record:
		return hashRecord(o, depth)
	case *Pair:
		return hashPair(o, depth)
	}
	return Hash(v)
}

func hashRecord(r *value.Record, depth int) uint64 {
	h := uint64(len(r.Items))
	if depth > maxHashed {
		return h
	}
	for _, item := range r.Items {
		h = h*31 + hashPart(item, depth+1)
	}
	return h
}

func hashPair(p *Pair, depth int) uint64 {
	if depth > maxHashed {
		return 2
	}
	return hashPart(p.Key, depth+1)*31 ^ hashPart(p.Value, depth+1)
}

// Hash returns a hash that agrees with Equal, the same for all of a process.
func Hash(v value.Value) uint64 {
	if v.IsNull() {
		return 0
	}
	if s, ok := v.Str(); ok {
		return HashString(s.Go())
	}
	if o, ok := v.Object(); ok {
		switch o := o.(type) {
		case value.Equaler:
			return o.HashCode()
		case *value.Record:
			return hashRecord(o, 0)
		case *value.TypeRef:
			return HashString(o.Of.FullName())
		}
		return maphash.Comparable(seed, o)
	}
	t, n, _ := v.Boxed()
	switch t.(*types.Type).Special() {
	case types.Double, types.Single:
		return floatHash(math.Float64frombits(n))
	case types.DateTime:
		return uint64(date.Ticks(int64(n)))
	}
	return n
}

// seed is chosen once for the process and never changed.
var seed = maphash.MakeSeed()

// HashString returns the hash of a string.
func HashString(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// Compare returns what Comparer<T>.Default.Compare(a, b) returns: -1, 0, 1. Null is before everything.
func Compare(a, b value.Value) (int, *value.Exception) {
	return compareParts(a, b, &comparison{left: maxComparisons})
}

// compareParts compares values that may be parts of tuples.
func compareParts(a, b value.Value, c *comparison) (int, *value.Exception) {
	switch {
	case a.IsNull() && b.IsNull():
		return 0, nil
	case a.IsNull():
		return -1, nil
	case b.IsNull():
		return 1, nil
	}
	if s, ok := a.Str(); ok {
		if t, ok := b.Str(); ok {
			return CompareCulture(s.Go(), t.Go(), false), nil
		}
		return 0, value.Argument("", "Object must be of type String.")
	}
	if o, ok := a.Object(); ok {
		p, _ := b.Object()
		return compareObjects(o, p, b, c)
	}
	t, n, _ := a.Boxed()
	u, m, ok := b.Boxed()
	if !ok || t != u {
		return 0, value.Argument("", "Object must be of type "+t.FullName()+".")
	}
	return CompareBits(t.(*types.Type), n, m), nil
}

// Comparable is an Object with an order of its own.
type Comparable interface {
	// CompareTo returns -1, 0 or 1.
	CompareTo(other value.Value) (int, *value.Exception)
}

func compareObjects(o, p value.Object, b value.Value, c *comparison) (int, *value.Exception) {
	switch o := o.(type) {
	case *value.Decimal:
		if d, ok := p.(*value.Decimal); ok {
			return o.Cmp(d), nil
		}
	case *Guid:
		if g, ok := p.(*Guid); ok {
			return bytes.Compare(o.ID[:], g.ID[:]), nil
		}
	case *Offset:
		if q, ok := p.(*Offset); ok {
			return order(o.UTC(), q.UTC()), nil
		}
	case *value.Record:
		if r, ok := p.(*value.Record); ok && o.Names == nil {
			return compareRecords(o, r, c)
		}
	case Comparable:
		return o.CompareTo(b)
	}
	return 0, value.Argument("", "At least one object must implement IComparable.")
}

func compareRecords(o, r *value.Record, c *comparison) (int, *value.Exception) {
	defer c.leave()
	if !c.enter() {
		return 0, value.Throw("System.InsufficientExecutionStackException", "Insufficient stack to continue executing the program safely.")
	}
	for i := range min(len(o.Items), len(r.Items)) {
		if n, e := compareParts(o.Items[i], r.Items[i], c); n != 0 || e != nil {
			return n, e
		}
	}
	return 0, nil
}

func order[T int64 | uint64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// CompareBits orders two numbers, characters, enums, dates or spans of one type.
func CompareBits(t *types.Type, n, m uint64) int {
	switch t.Special() {
	case types.UInt64:
		return order(n, m)
	case types.Double, types.Single:
		f, g := math.Float64frombits(n), math.Float64frombits(m)
		switch {
		case f != f && g != g:
			return 0
		case f != f:
			return -1
		case g != g:
			return 1
		}
		return order(f, g)
	case types.DateTime:
		return order(date.Ticks(int64(n)), date.Ticks(int64(m)))
	}
	return order(int64(n), int64(m))
}

// CompareCulture orders two strings as the invariant culture does, as far as policies can see: punctuation
// before digits before letters, then by letter, and only then lower case before upper.
func CompareCulture(a, b string, ignoreCase bool) int {
	x, y := []rune(a), []rune(b)
	for i := 0; i < len(x) && i < len(y); i++ {
		if c := order(weight(x[i]), weight(y[i])); c != 0 {
			return c
		}
	}
	if c := order(int64(len(x)), int64(len(y))); c != 0 || ignoreCase {
		return c
	}
	for i := range x {
		if x[i] != y[i] {
			switch {
			case unicode.IsLower(x[i]) && unicode.IsUpper(y[i]):
				return -1
			case unicode.IsUpper(x[i]) && unicode.IsLower(y[i]):
				return 1
			}
			return order(int64(x[i]), int64(y[i]))
		}
	}
	return 0
}

func weight(r rune) int64 {
	class := int64(4)
	switch {
	case r < 0x20 || r == 0x7F:
		class = 0
	case unicode.IsSpace(r):
		class = 0
	case unicode.IsPunct(r):
		class = 1
	case unicode.IsSymbol(r):
		class = 2
	case unicode.IsDigit(r):
		class = 3
	}
	low := unicode.ToLower(r)
	if class == 1 && r < 0x80 {
		if i := strings.IndexRune("_-,;:!?.'\"()[]{}@*/\\&#%", r); i >= 0 {
			low = rune(i)
		}
	}
	return class<<32 | int64(low)
}

// CompareOrdinal orders two strings by their UTF-16 code units.
func CompareOrdinal(a, b string) int {
	if value.ASCII(a) || value.ASCII(b) {
		return strings.Compare(a, b)
	}
	x, y := value.Units(a), value.Units(b)
	for i := 0; i < len(x) && i < len(y); i++ {
		if x[i] != y[i] {
			return order(int64(x[i]), int64(y[i]))
		}
	}
	return order(int64(len(x)), int64(len(y)))
}
