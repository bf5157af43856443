package value

import (
	"strings"
	"testing"
)

// allocated is a run with so many bytes of memory, and how much of it is left.
func allocated(memory int64) (*Thread, func() int64) {
	t := &Thread{Budget: NewBudget(Limits{Memory: memory, StringLength: 1000, Elements: 100}, nil)}
	return t, func() int64 { return t.Budget.memory }
}

// TestText checks what a text holds and what it costs.
func TestText(t *testing.T) {
	tests := []struct {
		name  string
		build func(x *Text)
		want  string
	}{
		{"nothing", func(*Text) {}, ""},
		{"pieces", func(x *Text) { x.Add("ab"); x.Char('c'); x.Rune('é'); x.Repeat("-", 3) }, "abcé---"},
		{"a surrogate", func(x *Text) { x.Rune(0xD800) }, "\xed\xa0\x80"},
		{"growth", func(x *Text) {
			for range 500 {
				x.Char('a')
			}
		}, strings.Repeat("a", 500)},
		{"nothing repeated", func(x *Text) { x.Repeat("a", -1) }, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			th, left := allocated(10_000)
			x := NewText(th)
			tt.build(&x)
			got, e := x.Done()
			if e != nil || got != tt.want {
				t.Errorf("got %q, %v, want %q", got, e, tt.want)
			}
			if paid := 10_000 - left(); paid < int64(cap(x.b)) {
				t.Errorf("%d bytes are paid, %d taken", paid, cap(x.b))
			}
		})
	}
}

// TestText_Exhausted checks that a text takes no memory that its run does not have.
func TestText_Exhausted(t *testing.T) {
	tests := []struct {
		name, budget string
		memory       int64
		n            int
	}{
		{"memory", BudgetMemory, 200, 300}, {"length", BudgetStringLength, 10_000, 1001}, {"overflow", BudgetStringLength, 10_000, 1 << 62},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			th, _ := allocated(tt.memory)
			x := NewText(th)
			x.Repeat("a", tt.n)
			x.Add("more")
			if _, e := x.Done(); e == nil || e.Budget != tt.budget || cap(x.b) > 0 {
				t.Errorf("got %v with %d bytes", e, cap(x.b))
			}
		})
	}
}

// TestAppend checks that a list costs what it takes, and has as many elements as are allowed.
func TestAppend(t *testing.T) {
	th, left := allocated(1 << 20)
	var list []Value
	var e *Exception
	for e == nil {
		if paid, taken := 1<<20-left(), int64(cap(list)*24); paid < taken {
			t.Fatalf("%d elements: %d bytes are paid, %d taken", len(list), paid, taken)
		}
		n := len(list)
		if list, e = Append(th, list, Nil); e != nil && (e.Budget != BudgetElements || n != 100) {
			t.Errorf("%d elements, then %v", n, e)
		}
	}
	th, _ = allocated(1000)
	if _, e := Make[Value](th, 50); e == nil || e.Budget != BudgetMemory {
		t.Errorf("50 elements of 24 bytes in 1000 bytes: %v", e)
	}
}
