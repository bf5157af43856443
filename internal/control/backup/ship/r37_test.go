package ship

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/backup"
	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/control/backup/catalog"
	"github.com/sallyport/sallyport/internal/control/backup/place"
	"github.com/sallyport/sallyport/internal/control/secret"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
	"github.com/sallyport/sallyport/internal/control/store/sqlite"
)

const (
	// childVariable names the folder of a process that is going to be killed, and
	// brokenVariable breaks what it is about: nothing is shipped.
	childVariable  = "SALLYPORT_TEST_SHIP"
	brokenVariable = "SALLYPORT_TEST_SHIP_BROKEN"
	// writesPerSecond and recoveryPoint are the promise.
	writesPerSecond = 50
	recoveryPoint   = time.Second
	// kills is how many processes are killed, each after so many writes.
	kills, writesBeforeKill = 3, 80
)

// childOptions are those of a process that is killed.
func childOptions(dir string, st store.Store) (Options, error) {
	ctx, c := context.Background(), clock.System()
	own, err := secret.OpenKey("file://"+filepath.Join(dir, "key"), true)
	if err != nil {
		return Options{}, err
	}
	theirs, err := secret.OpenKey("file://"+filepath.Join(dir, "backup.key"), true)
	if err != nil {
		return Options{}, err
	}
	keys, err := secret.OpenKeyring(ctx, st, own, c)
	if err != nil {
		return Options{}, err
	}
	key, err := archive.NewKey(ctx, theirs)
	if err != nil {
		return Options{}, err
	}
	p, err := place.Open(ctx, filepath.Join(dir, "place"), c)
	return Options{
		Source: backup.Source{Store: st, Keys: keys, Clock: c}, Place: p, Key: key, Keys: archive.NewOpener(theirs),
		Log: slog.New(slog.NewTextHandler(os.Stderr, nil)), Clock: c,
	}, err
}

// child writes to a store, 50 times a second, ships, and says what was
// acknowledged, until it is killed.
func child(dir string) int {
	ctx := context.Background()
	st, err := sqlite.Open(ctx, filepath.Join(dir, "store"))
	if err != nil {
		return fail(err)
	}
	o, err := childOptions(dir, st)
	if err != nil {
		return fail(err)
	}
	sh := New(o)
	if _, err := sh.Base(ctx, nil); err != nil {
		return fail(err)
	}
	if os.Getenv(brokenVariable) == "" {
		go func() { _ = sh.Run(ctx) }() // It is killed with everything else.
	}
	ticks := time.NewTicker(time.Second / writesPerSecond)
	for n := 0; ; n++ {
		<-ticks.C
		_, err := st.Update(ctx, func(tx store.Tx) error {
			if err := tx.Put("things/counter", "/things/counter", []byte(strconv.Itoa(n))); err != nil {
				return err
			}
			return audit.Append(tx, audit.Entry{Time: time.Now(), Actor: "test", Action: "write", Resource: "/things/counter", Outcome: audit.Succeeded})
		})
		if err != nil {
			return fail(err)
		}
		fmt.Printf("%d %d\n", n, time.Now().UnixNano())
	}
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// killed runs a process until it has written often enough, kills it, and
// returns when each of its writes was acknowledged.
func killed(t *testing.T, dir string, broken bool) []time.Time {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), childVariable+"="+dir)
	if broken {
		c.Env = append(c.Env, brokenVariable+"=1")
	}
	c.Stderr = t.Output()
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var acknowledged []time.Time
	for lines := bufio.NewScanner(out); lines.Scan(); {
		n, at, _ := strings.Cut(lines.Text(), " ")
		nanoseconds, err := strconv.ParseInt(at, 10, 64)
		if err != nil || n != strconv.Itoa(len(acknowledged)) {
			break // The last line may be cut off.
		}
		if acknowledged = append(acknowledged, time.Unix(0, nanoseconds)); len(acknowledged) == writesBeforeKill {
			if err := c.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_, _ = io.Copy(io.Discard, out)
	_ = c.Wait() // It was killed, and says so.
	if len(acknowledged) < writesBeforeKill {
		t.Fatalf("the process has written %d times", len(acknowledged))
	}
	return acknowledged
}

// recovered is the number of the last write that the place of a killed process
// gives back.
func recovered(t *testing.T, dir string) int {
	t.Helper()
	o, err := childOptions(dir, memory.New())
	if err != nil {
		t.Fatal(err)
	}
	c, err := catalog.Read(t.Context(), o.Place)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := c.Plan(backup.Point{})
	if err != nil {
		t.Fatal(err)
	}
	key, err := secret.OpenKey("file://"+filepath.Join(dir, "key"), false)
	if err != nil {
		t.Fatal(err)
	}
	to := memory.New()
	_, err = backup.Restore(t.Context(), plan.Archives(t.Context(), o.Place, o.Keys, backup.Point{}),
		backup.Target{Store: to, Key: key, Clock: o.Clock}, backup.RestoreOptions{By: audit.Entry{Actor: "test"}})
	if err != nil {
		t.Fatal(err)
	}
	value, ok := things(t, to)["counter"]
	if !ok {
		return -1
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// worst is the longest time for which acknowledged writes were lost, and how
// many those were.
func worst(t *testing.T, broken bool) (lost time.Duration, writes int) {
	t.Helper()
	for range kills {
		dir := t.TempDir()
		acknowledged := killed(t, dir, broken)
		n := recovered(t, dir)
		if n >= len(acknowledged) {
			continue // It was shipped and not acknowledged any more.
		}
		last := acknowledged[len(acknowledged)-1]
		from := acknowledged[0]
		if n >= 0 {
			from = acknowledged[n]
		}
		if gone := last.Sub(from); gone > lost {
			lost, writes = gone, len(acknowledged)-1-n
		}
	}
	return lost, writes
}

// TestR37_RecoveryPoint kills processes under 50 writes a second, takes their
// stores away, and restores from where they have shipped to.
func TestR37_RecoveryPoint(t *testing.T) {
	lost, writes := worst(t, false)
	t.Logf("R37: recovery point %v, %d writes, after %d kills under %d writes a second (%v)",
		lost.Round(time.Millisecond), writes, kills, writesPerSecond, recoveryPoint)
	if lost > recoveryPoint {
		t.Errorf("writes of the last %v are lost", lost)
	}
}

// TestR37_RecoveryPoint_NegativeControl ships nothing after the base.
func TestR37_RecoveryPoint_NegativeControl(t *testing.T) {
	if lost, _ := worst(t, true); lost <= recoveryPoint {
		t.Errorf("with nothing shipped %v are lost", lost)
	}
}
