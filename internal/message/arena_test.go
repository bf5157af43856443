package message_test

import (
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/message"
)

func TestArena(t *testing.T) {
	var a message.Arena
	long := strings.Repeat("0123456789", 200)
	texts := []string{a.Concat("/base", "/orders"), a.Int(-42), a.Concat("", ""), a.Concat(long, "!"), a.Concat(long, "?"), a.Int(7)}
	want := []string{"/base/orders", "-42", "", long + "!", long + "?", "7"}
	for i := range want {
		if texts[i] != want[i] {
			t.Errorf("text %d is %.40q, want %.40q", i, texts[i], want[i])
		}
	}
}

// TestArena_Reset shows that memory is used again, and that a text ends with it.
func TestArena_Reset(t *testing.T) {
	var a message.Arena
	kept := a.Concat("first", "")
	clone := strings.Clone(kept)
	a.Reset()
	if second := a.Concat("other", ""); second != "other" || kept != "other" || clone != "first" {
		t.Errorf("after Reset: %q, %q and %q", second, kept, clone)
	}
	a.Poison('Z')
	if kept != "ZZZZZ" {
		t.Errorf("poisoned, the text is %q", kept)
	}
}

// TestArena_KeepsLittle lets go of the memory of an exchange that wrote much.
func TestArena_KeepsLittle(t *testing.T) {
	var a message.Arena
	large := a.Concat(strings.Repeat("x", 20<<10), "")
	a.Reset()
	if small := a.Concat("small", ""); small != "small" || large[0] != 'x' {
		t.Errorf("the memory of a large text was kept: %q, %.5q", small, large)
	}
}

func TestArena_Allocations(t *testing.T) {
	var a message.Arena
	base, path := "/base", "/orders/4711"
	if n := testing.AllocsPerRun(100, func() {
		a.Reset()
		for range 8 {
			_ = a.Concat(base, path)
			_ = a.Int(60)
		}
	}); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}
