package value

import "time"

// Thread is the state of one run, handed to every library function. It belongs to one goroutine.
type Thread struct {
	// Budget bounds the run.
	Budget Budget
	// Host is the *host.Context of the run; the implementations of the context members know its type.
	Host any
	// Env is the *object.Env of the run: the types that library functions make values of.
	Env any
	// Scratch is what the members of context keep between their calls in one run.
	Scratch any
	// Clock tells the time that DateTime.UtcNow shows; nil means that the run has no clock.
	Clock func() time.Time

	// strings are the long strings measured last.
	strings [2]longText
	// begun are the enumerations that nobody has taken over.
	begun []Stop
	// ends are called when the run ends; ending says that this is happening.
	ends   []func()
	ending bool
}

// AtEnd has f called when the run ends.
func (t *Thread) AtEnd(f func()) { t.ends = append(t.ends, f) }

// End ends the run.
func (t *Thread) End() {
	t.ending = true
	for len(t.ends) > 0 {
		f := t.ends[len(t.ends)-1]
		t.ends = t.ends[:len(t.ends)-1]
		f()
	}
	clear(t.begun)
	t.ends, t.begun, t.ending = nil, t.begun[:0], false
}

// Ending returns an exception that nothing catches and for which no finally block runs, where the run is ending: an
// enumerator that nobody has disposed of never runs on. Otherwise it returns nil.
func (t *Thread) Ending() *Exception {
	if !t.ending {
		return nil
	}
	return &Exception{Type: "System.OperationCanceledException", Message: "The run has ended.", Pos: -1, Budget: "end"}
}

// Abandon ends a run that a mistake of ours has interrupted: whatever goes wrong in the ends is passed over.
func (t *Thread) Abandon() {
	defer func() {
		if recover() != nil {
			t.Abandon() // The end that failed is gone from the list.
		}
	}()
	t.End()
}

// Now returns the time of the run's clock in UTC.
func (t *Thread) Now() time.Time {
	if t.Clock == nil {
		return time.Time{}
	}
	return t.Clock().UTC()
}

// Delegate is a C# delegate: a compiled lambda, a local function or a library method as a value.
type Delegate struct {
	// Class is the delegate's type.
	Class Type
	// Fn runs it; args are in parameter order, and the result is null for void.
	Fn func(t *Thread, args []Value) (Value, *Exception)

	// parts are the delegates that it was put together from, nil for one method.
	parts []*Delegate
}

// ObjectType returns the delegate's type.
func (d *Delegate) ObjectType() Type { return d.Class }

// Call is one call of a library function in the general convention.
type Call struct {
	// Thread is the run.
	Thread *Thread
	// Args are the arguments in parameter order, converted to the parameters' types, defaults filled in and
	// params arrays built. An instance member has its receiver first, never null. The implementation sets
	// the element of an out or ref argument; the slice is the caller's, not to be kept.
	Args []Value
	// TypeArgs are the type arguments of a generic method.
	TypeArgs []Type
	// Declaring is the constructed type that the member belongs to: List<int> for new List<int>().
	Declaring Type
	// Result is the closed type of the result.
	Result Type
}
