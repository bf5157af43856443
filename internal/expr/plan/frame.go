package plan

import (
	"math"
	"sync"

	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// Frame holds the variables of one call of one function in slots by storage, and the state of the run.
type Frame struct {
	// Thread is the run: budget, host, clock.
	Thread *value.Thread
	// Bits are the slots of Bool, Int and Float variables; a float by its IEEE bits.
	Bits []uint64
	// Strs are the slots of Str variables.
	Strs []value.String
	// Vals are the slots of Val variables; a captured variable is a cell here, whatever its type.
	Vals []value.Value

	// parent is the frame of the function around this one, as it was when the lambda was made.
	parent *Frame
	// target is the label that a jump is under way to.
	target *bound.Label
	// caught is the exception that the innermost running catch block handles.
	caught *value.Exception
	// The result of the function, by its storage.
	retBits uint64
	retStr  value.String
	retVal  value.Value
	// yield takes an element of the iterator that runs.
	yield func(value.Value) bool
	// spare are calls of transient members, used again at once. The first used of calls are those of others, used again
	// by the next run where keeps is set.
	spare *frameCall
	calls []*frameCall
	used  int
	keeps bool
}

// cell holds a captured variable.
type cell struct{ v value.Value }

// ObjectType returns nil: no program sees a cell.
func (*cell) ObjectType() value.Type { return nil }

// function is a compiled body: the sizes of its frame, its parameters, and its code.
type function struct {
	bits, strs, vals int
	params           []func(*Frame, value.Value)
	run              func(*Frame) (signal, *value.Exception)
	result           *types.Type
	// iterator says that a call makes a sequence.
	iterator bool
}

// newFrame returns a frame for a call of fn.
func (fn *function) newFrame(t *value.Thread, parent *Frame) *Frame {
	f := &Frame{Thread: t, parent: parent}
	if fn.bits > 0 {
		f.Bits = make([]uint64, fn.bits)
	}
	if fn.strs > 0 {
		f.Strs = make([]value.String, fn.strs)
	}
	if fn.vals > 0 {
		f.Vals = make([]value.Value, fn.vals)
	}
	return f
}

// call runs fn in a frame whose parameters have been stored, and returns its result boxed.
func (fn *function) call(f *Frame) (value.Value, *value.Exception) {
	if fn.iterator {
		return fn.sequence(f)
	}
	return fn.start(f)
}

// start runs fn from its beginning.
func (fn *function) start(f *Frame) (value.Value, *value.Exception) {
	b := &f.Thread.Budget
	if e := b.Enter(); e != nil {
		return value.Nil, e
	}
	defer b.Leave()
	if e := b.Step(); e != nil {
		return value.Nil, e
	}
	if _, e := fn.run(f); e != nil {
		return value.Nil, e
	}
	return fn.boxed(f), nil
}

func (fn *function) boxed(f *Frame) value.Value {
	switch fn.result.Storage() {
	case types.Val:
		return f.retVal
	case types.Str:
		return value.OfString(f.retStr)
	case types.None:
		return value.Nil
	}
	return value.Boxed(fn.result, f.retBits)
}

// snapshot keeps the cells that a lambda made now captures: a later round of a loop puts new ones into f.
func (f *Frame) snapshot() *Frame {
	s := &Frame{Thread: f.Thread, parent: f.parent}
	s.Vals = append(s.Vals, f.Vals...)
	return s
}

// up returns the frame n functions further out.
func (f *Frame) up(n int) *Frame {
	for ; n > 0; n-- {
		f = f.parent
	}
	return f
}

// cell returns the cell in a slot, and makes it where there is none.
func (f *Frame) cell(slot int) *cell {
	if o, ok := f.Vals[slot].Object(); ok {
		if c, ok := o.(*cell); ok {
			return c
		}
	}
	c := &cell{}
	f.Vals[slot] = value.OfObject(c)
	return c
}

// framePool keeps the frames of programs whose results hold no reference into the run.
type framePool struct{ pool sync.Pool }

func (f *Frame) reset() {
	clear(f.Bits)
	clear(f.Strs)
	clear(f.Vals)
	f.target, f.caught = nil, nil
	f.retStr, f.retVal = value.Null, value.Nil
}

func floatBits(v float64) uint64 { return math.Float64bits(v) }

func bitsFloat(b uint64) float64 { return math.Float64frombits(b) }

func boolBits(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}
