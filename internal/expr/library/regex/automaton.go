package regex

import (
	"encoding/binary"
	"regexp/syntax"
)

// automaton says whether an ASCII text matches, at the cost of one look-up a byte. It is made for constant patterns,
// when a program is compiled, from those that the linear engine takes.
type automaton struct {
	// next has the state that follows each state on each byte.
	next [][ascii]state
	// final says whether a text that ends in a state matches.
	final []bool
}

// state is a state of an automaton. A search begins in start.
type state uint8

const (
	// In dead nothing can match any more; in accepted something has.
	dead state = iota
	accepted
	start
)

// ascii is the number of bytes that an automaton knows.
const ascii = 0x80

// An automaton of more states, or of a program with more instructions, is not made: the linear engine does it then.
const (
	maxStates       = 128
	maxInstructions = 256
)

// match reports whether a text matches, and whether it is of bytes that the automaton knows as far as that matters.
func (a *automaton) match(text string) (matched, known bool) {
	s := start
	for i := range len(text) {
		c := text[i]
		if c >= ascii {
			return false, false
		}
		if s = a.next[s][c]; s <= accepted {
			return s == accepted, true
		}
	}
	return a.final[s], true
}

// before is what an automaton knows of the character before a place.
type before uint8

const (
	textStart before = iota
	otherByte
	wordByte
)

// place is a state while the automaton is built: the instructions from which the search goes on, and what is before.
type place struct {
	at     [maxInstructions / 64]uint64
	before before
}

func (p *place) add(pc uint32) { p.at[pc/64] |= 1 << (pc % 64) }

func (p *place) has(pc uint32) bool { return p.at[pc/64]&(1<<(pc%64)) != 0 }

// builder builds an automaton.
type builder struct {
	prog *syntax.Prog
	// anchored says that a match begins at the start of the text; words that the program looks for ends of words.
	anchored, words bool
	states          map[place]state
	places          []place
	a               *automaton
}

// newAutomaton builds the automaton of a pattern in Go's syntax, nil where it would be too large.
func newAutomaton(pattern string) *automaton {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil || len(prog.Inst) > maxInstructions {
		return nil
	}
	b := &builder{prog: prog, anchored: prog.StartCond()&syntax.EmptyBeginText != 0, states: map[place]state{}, a: &automaton{}}
	for _, in := range prog.Inst {
		b.words = b.words || in.Op == syntax.InstEmptyWidth && syntax.EmptyOp(in.Arg)&(syntax.EmptyWordBoundary|syntax.EmptyNoWordBoundary) != 0
	}
	b.places = make([]place, start)
	b.state(place{})
	groups := b.alike()
	for s := start; int(s) < len(b.places); s++ {
		if !b.row(s, groups) {
			return nil
		}
	}
	b.a.final = make([]bool, len(b.places))
	b.a.final[accepted] = true
	for s := start; int(s) < len(b.places); s++ {
		_, b.a.final[s] = b.follow(b.places[s], -1)
	}
	b.a.next = append(make([][ascii]state, start), b.a.next...)
	return b.a
}

// state returns the state of a place, a new one where there is none yet.
func (b *builder) state(p place) state {
	if s, ok := b.states[p]; ok {
		return s
	}
	s := state(len(b.places))
	b.states[p] = s
	b.places = append(b.places, p)
	return s
}

// alike returns for each byte the least byte that the program cannot tell from it.
func (b *builder) alike() (groups [ascii]byte) {
	seen := map[string]byte{}
	for c := range byte(ascii) {
		var key []byte
		bits := uint64(0)
		for i, in := range b.prog.Inst {
			if consumes(in.Op) && in.MatchRune(rune(c)) {
				bits |= 1 << (i % 64)
			}
			if i%64 == 63 {
				key, bits = binary.LittleEndian.AppendUint64(key, bits), 0
			}
		}
		key = binary.LittleEndian.AppendUint64(key, bits)
		if syntax.IsWordChar(rune(c)) {
			key = append(key, 1)
		}
		first, ok := seen[string(key)]
		if !ok {
			first = c
			seen[string(key)] = c
		}
		groups[c] = first
	}
	return groups
}

// row computes what follows a state, and reports whether the automaton is still small enough.
func (b *builder) row(s state, groups [ascii]byte) bool {
	var row [ascii]state
	for c := range byte(ascii) {
		if groups[c] != c {
			row[c] = row[groups[c]]
			continue
		}
		p, matched := b.follow(b.places[s], rune(c))
		switch {
		case matched:
			row[c] = accepted
		case b.anchored && p.at == place{}.at:
			row[c] = dead
		default:
			row[c] = b.state(p)
		}
		if len(b.places) > maxStates {
			return false
		}
	}
	b.a.next = append(b.a.next, row)
	return true
}

// follow returns the place behind a byte, -1 for the end of the text, and whether something has matched before it.
func (b *builder) follow(p place, c rune) (next place, matched bool) {
	last := rune(' ')
	switch p.before {
	case textStart:
		last = -1
	case wordByte:
		last = 'a'
	}
	reached, flags := place{}, syntax.EmptyOpContext(last, c)
	for pc := range uint32(len(b.prog.Inst)) {
		if p.has(pc) {
			b.reach(&reached, pc, flags)
		}
	}
	if !b.anchored || p.before == textStart {
		b.reach(&reached, uint32(b.prog.Start), flags)
	}
	next.before = otherByte
	if b.words && c >= 0 && syntax.IsWordChar(c) {
		next.before = wordByte
	}
	for pc := range b.prog.Inst {
		if !reached.has(uint32(pc)) {
			continue
		}
		switch in := &b.prog.Inst[pc]; {
		case in.Op == syntax.InstMatch:
			return next, true
		case c >= 0 && consumes(in.Op) && in.MatchRune(c):
			next.add(in.Out)
		}
	}
	return next, false
}

// reach adds the instructions that are reached from one without a byte.
func (b *builder) reach(to *place, pc uint32, flags syntax.EmptyOp) {
	if to.has(pc) {
		return
	}
	to.add(pc)
	switch in := &b.prog.Inst[pc]; in.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		b.reach(to, in.Out, flags)
		b.reach(to, in.Arg, flags)
	case syntax.InstCapture, syntax.InstNop:
		b.reach(to, in.Out, flags)
	case syntax.InstEmptyWidth:
		if syntax.EmptyOp(in.Arg)&^flags == 0 {
			b.reach(to, in.Out, flags)
		}
	}
}

func consumes(op syntax.InstOp) bool {
	return op == syntax.InstRune || op == syntax.InstRune1 || op == syntax.InstRuneAny || op == syntax.InstRuneAnyNotNL
}
