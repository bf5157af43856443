package value

import "time"

// Limits bounds one run of an expression. A zero field means its default.
type Limits struct {
	// Steps is the number of calls, loop rounds and statements.
	Steps int64
	// Time is the wall time of one run.
	Time time.Duration
	// Memory is the number of bytes that strings, collections and objects made by the run may take.
	Memory int64
	// Depth is the depth of calls of lambdas and local functions.
	Depth int
	// RegexTime is the time that one regular-expression match may take.
	RegexTime time.Duration
	// StringLength is the length of the longest string that may be made, in bytes.
	StringLength int64
	// Elements is the number of elements of one collection or array.
	Elements int64
}

// The default limits of a run.
const (
	DefaultSteps        = 10_000_000
	DefaultTime         = 5 * time.Second
	DefaultMemory       = 64 << 20
	DefaultDepth        = 256
	DefaultRegexTime    = time.Second
	DefaultStringLength = 16 << 20
	DefaultElements     = 1 << 20
)

// The names of the limits, as Exception.Budget and messages have them.
const (
	BudgetSteps        = "expression-steps"
	BudgetTime         = "expression-time"
	BudgetMemory       = "expression-memory"
	BudgetDepth        = "expression-depth"
	BudgetRegexTime    = "expression-regex-time"
	BudgetStringLength = "expression-string-length"
	BudgetElements     = "expression-elements"
)

// defaults are the limits of a run that says nothing.
var defaults = Limits{
	Steps: DefaultSteps, Time: DefaultTime, Memory: DefaultMemory, Depth: DefaultDepth, RegexTime: DefaultRegexTime,
	StringLength: DefaultStringLength, Elements: DefaultElements,
}

// WithDefaults returns l with each zero field replaced by its default.
func (l Limits) WithDefaults() Limits {
	if l == (Limits{}) {
		return defaults
	}
	l.Steps = orDefault(l.Steps, DefaultSteps)
	l.Time = orDefault(l.Time, DefaultTime)
	l.Memory = orDefault(l.Memory, DefaultMemory)
	l.Depth = orDefault(l.Depth, DefaultDepth)
	l.RegexTime = orDefault(l.RegexTime, DefaultRegexTime)
	l.StringLength = orDefault(l.StringLength, DefaultStringLength)
	l.Elements = orDefault(l.Elements, DefaultElements)
	return l
}

// none reports whether no field is set.
func (l Limits) none() bool {
	return l.Steps|l.Memory|l.StringLength|l.Elements|int64(l.Time)|int64(l.RegexTime)|int64(l.Depth) == 0
}

func orDefault[T int | int64 | time.Duration](v, def T) T {
	if v == 0 {
		return def
	}
	return v
}

// Budget is what is left of the limits in one run. It belongs to one goroutine.
type Budget struct {
	// Limits are those the run started with, defaults filled in.
	Limits Limits
	// Now is the run's clock; nil means that time is not bounded.
	Now func() time.Time

	steps   int64
	memory  int64
	depth   int
	started bool
	// usual says that Limits are the defaults.
	usual    bool
	deadline time.Time
}

// timeCheckEvery is the number of steps between two looks at the clock.
const timeCheckEvery = 1024

// NewBudget returns the budget of one run that starts now.
func NewBudget(l Limits, now func() time.Time) Budget {
	var b Budget
	b.Start(&l, now)
	return b
}

// Start makes b the budget of a run that starts now. It writes only what has changed since the run before.
func (b *Budget) Start(l *Limits, now func() time.Time) {
	switch {
	case l.none():
		if !b.usual {
			b.Limits, b.usual = defaults, true
		}
	case b.Limits != *l:
		b.Limits, b.usual = l.WithDefaults(), false
	}
	b.Now, b.steps, b.memory, b.depth, b.started = now, b.Limits.Steps, b.Limits.Memory, 0, false
}

// Step takes one step. It is called for each call, loop round and statement.
func (b *Budget) Step() *Exception {
	b.steps--
	if b.steps < 0 {
		return exceeded(BudgetSteps)
	}
	if b.steps%timeCheckEvery == timeCheckEvery-1 { // Where Steps looks too, so that no mixture of both passes the place by.
		return b.checkTime()
	}
	return nil
}

// Steps takes n steps at once: what a library function that loops over n elements costs.
func (b *Budget) Steps(n int64) *Exception {
	before := b.steps / timeCheckEvery
	b.steps -= n
	if b.steps < 0 {
		return exceeded(BudgetSteps)
	}
	if b.steps/timeCheckEvery != before {
		return b.checkTime()
	}
	return nil
}

// Alloc takes n bytes of memory. It is called before the allocation.
func (b *Budget) Alloc(n int64) *Exception {
	b.memory -= n
	if b.memory < 0 || n < 0 {
		return exceeded(BudgetMemory)
	}
	return nil
}

// Room checks that n bytes are left, which a call takes only while it runs. It is called before they are taken.
func (b *Budget) Room(n int64) *Exception {
	if n > b.memory {
		return exceeded(BudgetMemory)
	}
	return nil
}

// AllocString takes the memory of a string of n bytes and checks the length of a single string.
func (b *Budget) AllocString(n int64) *Exception {
	if n > b.Limits.StringLength {
		return exceeded(BudgetStringLength)
	}
	return b.Alloc(n)
}

// AllocElements takes the memory of n elements of size bytes each and checks the size of a single collection.
func (b *Budget) AllocElements(n, size int64) *Exception {
	if n > b.Limits.Elements {
		return exceeded(BudgetElements)
	}
	return b.Alloc(n * size)
}

// Enter goes one call deeper; Leave undoes it.
func (b *Budget) Enter() *Exception {
	b.depth++
	if b.depth > b.Limits.Depth {
		b.depth--
		return exceeded(BudgetDepth)
	}
	return nil
}

// Leave returns from a call that Enter went into.
func (b *Budget) Leave() { b.depth-- }

// checkTime starts the run's deadline at the first look at the clock and compares with it after that, so
// that an expression of a few steps never reads the clock.
func (b *Budget) checkTime() *Exception {
	if b.Now == nil {
		return nil
	}
	now := b.Now()
	if !b.started {
		b.started, b.deadline = true, now.Add(b.Limits.Time)
		return nil
	}
	if now.After(b.deadline) {
		return exceeded(BudgetTime)
	}
	return nil
}

func exceeded(limit string) *Exception {
	return &Exception{
		Type:    "System.InvalidOperationException",
		Message: "the expression exceeds its limit " + limit,
		Pos:     -1,
		Budget:  limit,
	}
}
