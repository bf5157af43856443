package place

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/clock"
)

// each runs a test on every kind of place; cloud is nil for those that are none.
func each(t *testing.T, test func(t *testing.T, p *Place, cloud *fakeCloud)) {
	t.Helper()
	t.Run("folder", func(t *testing.T) { test(t, openPlace(t, t.TempDir()), nil) })
	t.Run("memory", func(t *testing.T) { test(t, New(NewMemory(clock.System()), "memory", clock.System()), nil) })
	t.Run("s3", func(t *testing.T) {
		f := &fakeCloud{}
		endpoint := f.start(t, answerS3)
		test(t, openPlace(t, "s3://bucket/backups?use_path_style=true&endpoint="+url.QueryEscape(endpoint)), f)
	})
	t.Run("azblob", func(t *testing.T) {
		f := &fakeCloud{}
		host := strings.TrimPrefix(f.start(t, answerAzure), "http://")
		test(t, openPlace(t, "azblob://container/backups?protocol=http&domain="+host), f)
	})
	t.Run("gs", func(t *testing.T) {
		f := &fakeCloud{}
		t.Setenv(emulatorVariable, f.start(t, answerGoogle))
		test(t, openPlace(t, "gs://bucket/backups"), f)
	})
}

func openPlace(t *testing.T, at string) *Place {
	t.Helper()
	p, err := Open(t.Context(), at, clock.System())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	return p
}

func names(t *testing.T, p *Place, prefix string) []string {
	t.Helper()
	all, err := p.List(t.Context(), prefix)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, o := range all {
		names = append(names, o.Name)
	}
	return names
}

func TestPlace(t *testing.T) {
	each(t, func(t *testing.T, p *Place, _ *fakeCloud) {
		t.Helper()
		if got := names(t, p, ""); len(got) != 0 {
			t.Fatalf("a new place has %v", got)
		}
		for _, name := range []string{"a/2", "a/1", "a-b", "b", "a/3"} {
			if err := p.WriteBytes(t.Context(), name, []byte("of "+name)); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff([]string{"a-b", "a/1", "a/2", "a/3", "b"}, names(t, p, "")); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"a/1", "a/2", "a/3"}, names(t, p, "a/")); diff != "" {
			t.Error(diff)
		}
		if err := p.WriteBytes(t.Context(), "b", []byte("anew")); err != nil {
			t.Fatal(err)
		}
		if got, err := p.ReadBytes(t.Context(), "b", 10); err != nil || string(got) != "anew" {
			t.Errorf("read %q, %v", got, err)
		}
		if _, err := p.ReadBytes(t.Context(), "b", 3); !errors.Is(err, ErrTooLarge) {
			t.Errorf("reading too much: %v", err)
		}
		for range 2 {
			if err := p.Delete(t.Context(), "b"); err != nil {
				t.Errorf("deleting: %v", err)
			}
		}
		if _, err := p.ReadBytes(t.Context(), "b", 10); !errors.Is(err, ErrNotFound) {
			t.Errorf("reading what is gone: %v", err)
		}
		if got, err := p.Below("a").ReadBytes(t.Context(), "1", 10); err != nil || string(got) != "of a/1" {
			t.Errorf("below: %q, %v", got, err)
		}
		if diff := cmp.Diff([]string{"1", "2", "3"}, names(t, p.Below("a"), "")); diff != "" {
			t.Error(diff)
		}
	})
}

// TestLargeObject sends what S3 and Azure take in parts.
func TestLargeObject(t *testing.T) {
	data := bytes.Repeat([]byte("0123456789abcde\n"), (2*partSize+5)/16)
	each(t, func(t *testing.T, p *Place, _ *fakeCloud) {
		t.Helper()
		if err := p.WriteBytes(t.Context(), "large", data); err != nil {
			t.Fatal(err)
		}
		got, err := p.ReadBytes(t.Context(), "large", int64(len(data)))
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("read %d bytes of %d, %v", len(got), len(data), err)
		}
	})
}

var errOwn = errors.New("the store is closed")

// TestNothingAppearsBeforeItIsWhole fails in the middle, beyond what is sent at
// once.
func TestNothingAppearsBeforeItIsWhole(t *testing.T) {
	half := make([]byte, partSize+1)
	each(t, func(t *testing.T, p *Place, _ *fakeCloud) {
		t.Helper()
		if err := p.WriteBytes(t.Context(), "old", []byte("as it was")); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"new", "old"} {
			called := 0
			err := p.Write(t.Context(), name, func(w io.Writer) error {
				called++
				if _, err := w.Write(half); err != nil {
					return err
				}
				return errOwn
			})
			if !errors.Is(err, errOwn) || called != 1 {
				t.Errorf("%s: %v, after %d calls", name, err, called)
			}
			ctx, cancel := context.WithCancel(t.Context())
			err = p.Write(ctx, name, func(w io.Writer) error {
				cancel()
				_, err := w.Write(half)
				return err
			})
			if err == nil {
				t.Errorf("%s: written with a context that has ended", name)
			}
		}
		if diff := cmp.Diff([]string{"old"}, names(t, p, "")); diff != "" {
			t.Error(diff)
		}
		if got, err := p.ReadBytes(t.Context(), "old", 100); err != nil || string(got) != "as it was" {
			t.Errorf("read %q, %v", got, err)
		}
	})
}

func TestRefused(t *testing.T) {
	each(t, func(t *testing.T, p *Place, f *fakeCloud) {
		t.Helper()
		if f == nil {
			t.Skip("it has no credentials")
		}
		f.refusing = true
		err := p.WriteBytes(t.Context(), "x", []byte("x"))
		if !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "credentials") {
			t.Errorf("the error does not say what to do: %v", err)
		}
		if n := len(f.calls); n != 1 {
			t.Errorf("%d calls", n)
		}
	})
}

// TestPassingFailures answers 503 a few times; each client has tries of its own
// below ours.
func TestPassingFailures(t *testing.T) {
	each(t, func(t *testing.T, p *Place, f *fakeCloud) {
		t.Helper()
		if f == nil {
			t.Skip("it has no network")
		}
		f.failing = 2
		if err := p.WriteBytes(t.Context(), "x", []byte("x")); err != nil {
			t.Error(err)
		}
		if string(f.objects["backups/x"]) != "x" {
			t.Errorf("there are %v", f.names(""))
		}
	})
}

// broken is a bucket that fails, or does nothing until its context ends.
type broken struct {
	*Memory
	calls int
	err   error
}

func (b *broken) Delete(ctx context.Context, _ string) error {
	b.calls++
	if b.err != nil {
		return b.err
	}
	<-ctx.Done()
	return ctx.Err()
}

func TestTries(t *testing.T) {
	c := clock.NewFake(time.Unix(0, 0))
	b := &broken{Memory: NewMemory(c), err: errors.New("connection reset")}
	p := New(b, "x", c)
	done := make(chan error)
	go func() { done <- p.Delete(t.Context(), "x") }()
	for waiting := true; waiting; {
		select {
		case err := <-done:
			waiting = false
			if !errors.Is(err, b.err) || b.calls != attempts {
				t.Errorf("%v, after %d calls", err, b.calls)
			}
		default:
			c.Advance(firstPause)
		}
	}
}

func TestStall(t *testing.T) {
	c := clock.NewFake(time.Unix(0, 0))
	b := &broken{Memory: NewMemory(c)}
	p := New(b, "x", c)
	done := make(chan error)
	go func() { done <- p.Delete(t.Context(), "x") }()
	for waiting := true; waiting; {
		select {
		case err := <-done:
			waiting = false
			if !errors.Is(err, errStalled) {
				t.Error(err)
			}
		default:
			c.Advance(time.Second)
		}
	}
}

func TestFolderSweepsWhatIsAbandoned(t *testing.T) {
	dir := t.TempDir()
	for name, age := range map[string]time.Duration{unfinished + "old": 2 * abandonedAfter, unfinished + "new": 0, "kept": 2 * abandonedAfter} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-age)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"kept"}, names(t, openPlace(t, dir), "")); diff != "" {
		t.Error(diff)
	}
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil || len(left) != 1 {
		t.Errorf("there are %v, %v", left, err)
	}
}
