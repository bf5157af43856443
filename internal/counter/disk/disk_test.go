package disk_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/counter/disk"
	"github.com/sallyport/sallyport/internal/counter/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	start = time.Date(2026, 3, 14, 15, 0, 0, 0, time.UTC)
	hour  = counter.QuotaLimit{Calls: 100, Bytes: 1000, Period: time.Hour, Start: start}
)

// gateway is a store whose quotas are kept in a folder.
type gateway struct {
	store *memory.Store
	kept  *disk.Kept
	log   *bytes.Buffer
}

func open(t *testing.T, c clock.Clock, folder string) *gateway {
	t.Helper()
	g := &gateway{store: memory.New(memory.Options{Clock: c}), log: &bytes.Buffer{}}
	var err error
	g.kept, err = disk.Open(disk.Options{Keeper: g.store, Folder: folder, Clock: c, Log: slog.New(slog.NewTextHandler(g.log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.kept.Close() })
	return g
}

func (g *gateway) left() int64 {
	return g.store.Quota("q", counter.Sharing{}).Peek("k", hour, counter.Usage{}).Remaining.Calls
}

func (g *gateway) take(n int64) {
	g.store.Quota("q", counter.Sharing{}).Take("k", hour, counter.Usage{Calls: n, Bytes: n})
}

func TestQuotasOutliveTheProcess(t *testing.T) {
	c, folder := clock.NewFake(start), t.TempDir()
	g := open(t, c, folder)
	g.take(30)
	if err := g.kept.Close(); err != nil {
		t.Fatal(err)
	}
	if g = open(t, c, folder); g.left() != 70 {
		t.Errorf("%d calls left after a restart, want 70", g.left())
	}
	g.take(10)
	c.BlockUntil(1)
	c.Advance(time.Second) // Written while it runs; a kill would lose nothing.
	c.BlockUntil(1)
	if killed := open(t, c, folder); killed.left() != 60 {
		t.Errorf("%d calls left after a kill, want 60", killed.left())
	}
	c.Advance(time.Hour)
	if late := open(t, c, folder); late.left() != 100 {
		t.Errorf("%d calls left in the next window, want all", late.left())
	}
}

func TestLeftoversAreRemoved(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, disk.File+".new-17"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := clock.NewFake(start)
	g := open(t, c, folder)
	g.take(1)
	if err := g.kept.Close(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 || entries[0].Name() != disk.File {
		t.Errorf("the folder has %v, %v", entries, err)
	}
	if info, err := entries[0].Info(); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file can be read by others: %v, %v", info.Mode(), err)
	}
}

func TestUnchangedIsNotWritten(t *testing.T) {
	c, folder := clock.NewFake(start), t.TempDir()
	g := open(t, c, folder)
	g.take(1)
	if err := g.kept.Close(); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(folder, disk.File)
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if err := g.kept.Write(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(name); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what has not changed was written: %v", err)
	}
	g.take(1)
	if err := g.kept.Write(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(name); err != nil {
		t.Errorf("what has changed was not written: %v", err)
	}
}

func TestDamagedFileIsSetAside(t *testing.T) {
	whole := disk.Encode([]counter.Reading{{Kind: counter.KindQuota, Name: "q", Key: "k", Period: time.Hour, Start: start, End: start.Add(time.Hour), Used: counter.Usage{Calls: 50}}})
	for name, data := range map[string][]byte{
		"empty": {}, "torn": whole[:len(whole)-3], "changed": bytes.Replace(whole, []byte("50"), []byte("05"), 1),
		"another version": bytes.Replace(whole, []byte("quotas 1"), []byte("quotas 9"), 1), "longer": append(bytes.Clone(whole), whole...),
	} {
		t.Run(name, func(t *testing.T) {
			c, folder := clock.NewFake(start), t.TempDir()
			file := filepath.Join(folder, disk.File)
			if err := os.WriteFile(file, data, 0o600); err != nil {
				t.Fatal(err)
			}
			g := open(t, c, folder)
			if g.left() != 100 || !strings.Contains(g.log.String(), "damaged") {
				t.Errorf("%d calls left, log %s", g.left(), g.log)
			}
			if aside, err := os.ReadFile(file + ".damaged"); err != nil || !bytes.Equal(aside, data) {
				t.Errorf("what was set aside: %q, %v", aside, err)
			}
		})
	}
}

func TestUnreadableFileIsAnError(t *testing.T) {
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, disk.File), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := disk.Open(disk.Options{Keeper: memory.New(memory.Options{}), Folder: folder, Clock: clock.System(), Log: slog.New(slog.DiscardHandler)}); err == nil {
		t.Error("a file that cannot be read is taken for none")
	}
}

func TestWriteErrorsAreTold(t *testing.T) {
	c, folder := clock.NewFake(start), filepath.Join(t.TempDir(), "gone")
	g := open(t, c, folder)
	g.take(1)
	if err := g.kept.Close(); err == nil {
		t.Error("a folder that is not there is no error")
	}
}

func TestEncodeDecode(t *testing.T) {
	quotas := []counter.Reading{
		{Kind: counter.KindQuota, Name: "q", Key: "line\nbreak", Period: 0, Used: counter.Usage{Calls: 1}},
		{Kind: counter.KindQuota, Scope: counter.ScopeGlobal, Name: "q", Key: "k", Period: time.Hour, Start: start, End: start.Add(time.Hour), Used: counter.Usage{Calls: 1 << 60, Bytes: 7}},
	}
	got, err := disk.Decode(disk.Encode(quotas))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(quotas, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte{})
	f.Add(disk.Encode(nil))
	f.Add(disk.Encode([]counter.Reading{{Kind: counter.KindQuota, Name: "q", Key: "k", Used: counter.Usage{Calls: 3}}}))
	f.Fuzz(func(t *testing.T, body []byte) {
		// Most inputs would fail at the digest: so the rest gets a right one too.
		for _, data := range [][]byte{body, signed(body)} {
			quotas, err := disk.Decode(data)
			if err != nil {
				if !errors.Is(err, disk.ErrDamaged) {
					t.Errorf("err = %v, want ErrDamaged", err)
				}
				continue
			}
			again, err := disk.Decode(disk.Encode(quotas))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(quotas, again); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		}
	})
}

// signed is a file with a body, and the first line that it should have.
func signed(body []byte) []byte {
	lines := bytes.Count(body, []byte("\n"))
	if len(body) > 0 && !bytes.HasSuffix(body, []byte("\n")) {
		lines++
	}
	return fmt.Appendf(nil, "sallyport quotas 1 %d %x\n%s", lines, sha256.Sum256(body), body)
}
