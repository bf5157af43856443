package backups

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/counter/disk"
	"github.com/sallyport/sallyport/internal/counter/memory"
)

// TestQuotasAreLeft restores quotas to a data folder, as the gateway finds them.
func TestQuotasAreLeft(t *testing.T) {
	now := time.Now().UTC().Truncate(time.Second)
	want := []counter.Reading{{
		Kind: counter.KindQuota, Name: "quota/product/starter", Key: "alice", Period: time.Hour,
		Start: now.Add(-time.Minute), End: now.Add(59 * time.Minute), Used: counter.Usage{Calls: 3, Bytes: 4000},
	}}
	folder := t.TempDir()
	l := leaving(folder)
	l.Restore(want)
	l.Restore(nil)
	if l.err != nil || l.Snapshot() != nil {
		t.Fatal(l.err)
	}
	keeper := memory.New(memory.Options{Clock: clock.System()})
	kept, err := disk.Open(disk.Options{Keeper: keeper, Folder: folder, Clock: clock.System(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, keeper.Snapshot()); diff != "" {
		t.Errorf("the gateway finds (-restored +found):\n%s", diff)
	}
	if err := kept.Close(); err != nil {
		t.Error(err)
	}
	keeps, err := finding(folder)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, keeps.Snapshot()); diff != "" {
		t.Errorf("the next backup has (-restored +found):\n%s", diff)
	}
	if none, err := finding(t.TempDir()); none != nil || err != nil {
		t.Errorf("a folder without quotas: %v, %v", none, err)
	}
	if err := os.WriteFile(filepath.Join(folder, disk.File), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := finding(folder); !errors.Is(err, disk.ErrDamaged) {
		t.Errorf("a damaged file: %v", err)
	}
	if missing := leaving(filepath.Join(folder, "none")); missing != nil {
		t.Error("there is no such folder, and quotas would be left in it")
	}
	lost := &left{folder: filepath.Join(folder, "none")}
	if lost.Restore(want); lost.err == nil {
		t.Error("quotas that could not be written are no error")
	}
}
