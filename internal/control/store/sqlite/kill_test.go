package sqlite

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
)

// childWrites makes the process write in its folder until it is killed;
// childHasty makes it acknowledge before it has written.
const (
	childWrites = "SALLYPORT_TEST_WRITES"
	childHasty  = "SALLYPORT_TEST_HASTY"
)

// runChild is the process that is going to be killed: it writes, and tells what
// was acknowledged.
func runChild() {
	ctx := context.Background()
	s, err := Open(ctx, ".", func(o *options) { o.checkpoint = 8 * updateBytes })
	if err != nil {
		fmt.Println("error:", err)
		return
	}
	hasty := os.Getenv(childHasty) != ""
	for n := int(s.latest) + 1; ; n++ {
		if hasty {
			fmt.Println(n)
		}
		if _, err := s.Update(ctx, work(n)); err != nil {
			fmt.Println("error:", err)
			return
		}
		if !hasty {
			fmt.Println(n)
		}
	}
}

// killed runs a process that writes, kills it some acknowledgements later, and
// returns the last of them.
func killed(t *testing.T, dir string, acknowledgements int, env ...string) int {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Dir, cmd.Env = dir, append(append(os.Environ(), childWrites+"=1"), env...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	last := 0
	lines := bufio.NewScanner(out)
	for seen := 0; lines.Scan(); seen++ {
		if _, err := fmt.Sscan(lines.Text(), &last); err != nil {
			t.Errorf("the process told %q", lines.Text())
			break
		}
		if seen == acknowledgements {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := io.Copy(io.Discard, out); err != nil {
		t.Logf("reading to the end: %v", err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the process was not killed")
	}
	return last
}

// TestR11_SQLiteKill kills a process in the middle of its writes, again and
// again over the same store.
func TestR11_SQLiteKill(t *testing.T) {
	const perStore = 20
	n, random := times(20), rand.New(rand.NewPCG(11, 11))
	acknowledged, dir := 0, ""
	for i := range n {
		if i%perStore == 0 {
			dir, acknowledged = memoryFolder(t), 0
		}
		acknowledged = max(acknowledged, killed(t, dir, random.IntN(25)))
		s := opened(t, dir)
		err := checkWork(t.Context(), s, acknowledged, acknowledged+1)
		acknowledged = int(s.latest)
		if closing := s.Close(); err != nil || closing != nil {
			t.Fatalf("kill %d: %v, %v", i+1, err, closing)
		}
		if err := integrity(t.Context(), dir); err != nil {
			t.Fatalf("kill %d: %v", i+1, err)
		}
	}
	fmt.Printf("R11: SQLite: %d processes killed while they wrote: "+
		"0 acknowledged writes lost, each with its audit entry (limit 0)\n", n)
}

func TestR11_SQLiteKill_NegativeControl(t *testing.T) {
	random, lost := rand.New(rand.NewPCG(11, 12)), 0
	for range 20 {
		dir := memoryFolder(t)
		acknowledged := killed(t, dir, random.IntN(25), childHasty+"=1")
		if err := checkFolder(t.Context(), dir, acknowledged, acknowledged+1); err != nil {
			lost++
		}
	}
	fmt.Printf("R11: SQLite acknowledging before it has written: %d of 20 kills found out (limit: at least one)\n", lost)
	if lost == 0 {
		t.Error("no kill was found out")
	}
}
