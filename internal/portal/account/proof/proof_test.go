package proof

import (
	"context"
	"errors"
	"net/netip"
	"strconv"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
)

var start = time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)

func guard() (*Guard, *clock.Fake) {
	c := clock.NewFake(start)
	key := func(context.Context) ([]byte, error) { return []byte("0123456789abcdef0123456789abcdef"), nil }
	return New(Options{Key: key, Clock: c}), c
}

// solve does the work.
func solve(t *testing.T, challenge string) string {
	t.Helper()
	for i := range 1 << (Difficulty + 6) {
		if s := strconv.Itoa(i); Solves(challenge, s) {
			return s
		}
	}
	t.Fatal("no solution")
	return ""
}

var here = netip.MustParseAddr("192.0.2.7")

// TestWork takes a challenge with its solution, and refuses whatever differs.
func TestWork(t *testing.T) {
	g, c := guard()
	challenge, err := g.Challenge(t.Context(), "signup", here)
	if err != nil {
		t.Fatal(err)
	}
	solution := solve(t, challenge)
	for _, k := range []struct {
		name, form, address, challenge, solution string
		want                                     error
	}{
		{"another form", "reset", "192.0.2.7", challenge, solution, ErrChallenge},
		{"another network", "signup", "198.51.100.1", challenge, solution, ErrChallenge},
		{"changed", "signup", "192.0.2.7", "2" + challenge[1:], solution, ErrChallenge},
		{"nothing", "signup", "192.0.2.7", "", "", ErrChallenge},
		{"no solution", "signup", "192.0.2.7", challenge, solution + "1", ErrSolution},
		{"no number", "signup", "192.0.2.7", challenge, "x", ErrSolution},
		{"at once without work", "signup", "192.0.2.7", challenge, "", ErrTooSoon},
		{"from a neighbour", "signup", "192.0.2.99", challenge, solution, nil},
		{"again", "signup", "192.0.2.7", challenge, solution, ErrUsed},
	} {
		t.Run(k.name, func(t *testing.T) {
			if err := g.Check(t.Context(), &Sent{Form: k.form, Address: netip.MustParseAddr(k.address), Challenge: k.challenge, Solution: k.solution}); !errors.Is(err, k.want) {
				t.Errorf("error %v, want %v", err, k.want)
			}
		})
	}
	c.Advance(Life + time.Second)
	if err := g.Check(t.Context(), &Sent{Form: "signup", Address: here, Challenge: challenge, Solution: solution}); !errors.Is(err, ErrExpired) {
		t.Errorf("a challenge that ended: %v", err)
	}
}

// TestSlow lets a network send some forms without work, and no more.
func TestSlow(t *testing.T) {
	g, c := guard()
	send := func() error {
		challenge, err := g.Challenge(t.Context(), "signup", here)
		if err != nil {
			t.Fatal(err)
		}
		c.Advance(SlowAfter)
		return g.Check(t.Context(), &Sent{Form: "signup", Address: here, Challenge: challenge})
	}
	for i := range SlowEvents {
		if err := send(); err != nil {
			t.Fatalf("form %d: %v", i, err)
		}
	}
	if err := send(); !errors.Is(err, ErrTooMany) {
		t.Errorf("one more: %v", err)
	}
	c.Advance(SlowPer)
	if err := send(); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}

// TestAgain takes one form again with its challenge, some times, and no other form;
// without work too.
func TestAgain(t *testing.T) {
	g, c := guard()
	for _, works := range []bool{true, false} {
		challenge, err := g.Challenge(t.Context(), "signup", here)
		if err != nil {
			t.Fatal(err)
		}
		one := &Sent{Form: "signup", Address: here, Challenge: challenge, Token: "one"}
		if works {
			one.Solution = solve(t, challenge)
		}
		c.Advance(SlowAfter)
		other := *one
		other.Token = "other"
		for range maxSends {
			if err := g.Check(t.Context(), one); err != nil {
				t.Error(err)
			}
			if err := g.Check(t.Context(), &other); !errors.Is(err, ErrUsed) {
				t.Errorf("another form: %v", err)
			}
		}
		if err := g.Check(t.Context(), one); !errors.Is(err, ErrUsed) {
			t.Errorf("once too often: %v", err)
		}
	}
	if n := len(g.slow[Network(here)]); n != 1 {
		t.Errorf("one form without work counts as %d", n)
	}
}

// TestMemory fills the memory of challenges: further ones are refused until
// there is room.
func TestMemory(t *testing.T) {
	g, c := guard()
	for i := range maxRemembered {
		g.used[strconv.Itoa(i)] = &use{end: start.Add(time.Minute)}
	}
	challenge, err := g.Challenge(t.Context(), "signup", here)
	if err != nil {
		t.Fatal(err)
	}
	solution := solve(t, challenge)
	if err := g.Check(t.Context(), &Sent{Form: "signup", Address: here, Challenge: challenge, Solution: solution}); !errors.Is(err, ErrTooMany) {
		t.Errorf("with a full memory: %v", err)
	}
	c.Advance(2 * time.Minute)
	if err := g.Check(t.Context(), &Sent{Form: "signup", Address: here, Challenge: challenge, Solution: solution}); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if len(g.used) > 1 {
		t.Errorf("%d challenges are remembered", len(g.used))
	}
}

// FuzzRead gives challenges that nobody has made.
func FuzzRead(f *testing.F) {
	key := []byte("k")
	text := "1.17.1767258000.AAAAAAAAAAAAAAAA"
	f.Add(text + "." + signature(key, text, "signup", here))
	f.Add("1.17.x.A.B")
	f.Add(".")
	f.Fuzz(func(t *testing.T, challenge string) {
		made, err := read(key, challenge, "signup", here)
		if err == nil && made.IsZero() {
			t.Error("a challenge without a time")
		}
	})
}
