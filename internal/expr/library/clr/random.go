package clr

import (
	"crypto/rand"
	"encoding/binary"
	"math"

	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// random is a System.Random: .NET's subtractive generator, so that a seed gives .NET's numbers.
type random struct {
	class value.Type
	state [56]int32
	next  int
	lag   int
}

// randomLag is how far the two places of the state are apart that the next number comes from.
const randomLag = 21

func (r *random) ObjectType() value.Type { return r.class }

// seed fills the state.
func (r *random) seed(seed int32) {
	if seed == math.MinInt32 {
		seed = math.MaxInt32
	}
	seed = max(seed, -seed)
	const golden = 161803398
	mj, mk, at := golden-seed, int32(1), 0
	r.state[55] = mj
	for range 54 {
		at = (at + randomLag) % 55
		r.state[at] = mk
		if mk = mj - mk; mk < 0 {
			mk += math.MaxInt32
		}
		mj = r.state[at]
	}
	for range 4 {
		for i := 1; i < len(r.state); i++ {
			n := i + 30
			if n >= 55 {
				n -= 55
			}
			if r.state[i] -= r.state[1+n]; r.state[i] < 0 {
				r.state[i] += math.MaxInt32
			}
		}
	}
	r.next, r.lag = 0, randomLag
}

// sample returns the next number, from 0 up to, not including, the largest int.
func (r *random) sample() int32 {
	step := func(i int) int { return i%(len(r.state)-1) + 1 }
	r.next, r.lag = step(r.next), step(r.lag)
	n := r.state[r.next] - r.state[r.lag]
	if n == math.MaxInt32 {
		n--
	}
	if n < 0 {
		n += math.MaxInt32
	}
	r.state[r.next] = n
	return n
}

func (r *random) float() float64 { return float64(r.sample()) * (1.0 / math.MaxInt32) }

// between returns a number from low up to, not including, high.
func (r *random) between(low, high int64) int64 {
	span := high - low
	if span <= math.MaxInt32 {
		return int64(r.float()*float64(span)) + low
	}
	n := int64(r.sample())
	if r.sample()%2 == 0 {
		n = -n
	}
	f := (float64(n) + (math.MaxInt32 - 1)) / (2*math.MaxInt32 - 1)
	return int64(f*float64(span)) + low
}

func randomTable() types.Table {
	of := func(c *value.Call) *random {
		r, _ := c.Object(0).(*random)
		return r
	}
	return types.Table{Namespace: system, Decl: "class Random", Members: []types.Entry{
		{Sig: "Random()", Impl: types.Func(newRandom)},
		{Sig: "Random(int Seed)", Impl: types.Func(newRandom)},
		{Sig: "int Next()", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) { return c.ReturnInt(int64(of(c).sample())) })},
		{Sig: "int Next(int maxValue)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			if c.Int(1) < 0 {
				return value.Nil, value.OutOfRange("maxValue", "'maxValue' must be greater than zero.")
			}
			return c.ReturnInt(of(c).between(0, c.Int(1)))
		})},
		{Sig: "int Next(int minValue, int maxValue)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			if c.Int(1) > c.Int(2) {
				return value.Nil, value.OutOfRange("minValue", "'minValue' cannot be greater than maxValue.")
			}
			return c.ReturnInt(of(c).between(c.Int(1), c.Int(2)))
		})},
		{Sig: "double NextDouble()", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) { return c.ReturnFloat(of(c).float()) })},
		{Sig: "void NextBytes(byte[] buffer)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			if e := c.NotNull(1, "buffer"); e != nil {
				return value.Nil, e
			}
			data := c.Bytes(1)
			for i := range data {
				data[i] = byte(of(c).sample())
			}
			return value.Nil, nil
		})},
	}}
}

func newRandom(c *value.Call) (value.Value, *value.Exception) {
	var seed [4]byte
	if len(c.Args) > 0 {
		binary.LittleEndian.PutUint32(seed[:], uint32(c.Int(0)))
	} else if _, err := rand.Read(seed[:]); err != nil {
		return value.Nil, value.InvalidOperation("The source of random numbers failed.")
	}
	r := &random{class: c.Declaring}
	r.seed(int32(binary.LittleEndian.Uint32(seed[:])))
	return value.OfObject(r), nil
}
