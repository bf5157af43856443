package usage

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestShipper(t *testing.T) {
	for _, folder := range []bool{true, false} {
		t.Run(fmt.Sprintf("folder %v", folder), func(t *testing.T) {
			dir := ""
			if folder {
				dir = t.TempDir()
			}
			p := &plane{}
			p.is(errAway)
			s, _ := started(t, p, dir, "a")
			for i := range 5 {
				s.o.Collector.Count(callOf("echo", noon.Add(time.Duration(i)*time.Minute)))
				s.Flush()
			}
			if err := s.Send(t.Context()); !errors.Is(err, errAway) {
				t.Errorf("the error is %v", err)
			}
			if got := s.Stats(); got.Waiting != 5 || got.Sent != 0 {
				t.Errorf("%+v", got)
			}
			p.is(nil)
			closing(t, s)
			if p.calls() != 5 {
				t.Errorf("%d calls, want 5", p.calls())
			}
			for i, parcel := range p.parcel {
				if parcel.Sequence != uint64(i)+1 || parcel.Boot != "a" || parcel.Region != "here" {
					t.Errorf("%+v", parcel)
				}
			}
		})
	}
}

// TestShipperBySchedule has nobody flush or send.
func TestShipperBySchedule(t *testing.T) {
	p := &plane{taken: make(chan struct{}, 1)}
	s, c := started(t, p, t.TempDir(), "a")
	defer closing(t, s)
	s.o.Collector.Count(callOf("echo", noon))
	c.BlockUntil(1)
	c.Advance(Interval)
	<-p.taken
	if p.calls() != 1 {
		t.Errorf("%d calls", p.calls())
	}
}

// TestShipperKilled leaves what was flushed to the next run, under its own numbers.
func TestShipperKilled(t *testing.T) {
	dir, p := t.TempDir(), &plane{}
	p.is(errAway)
	s, _ := started(t, p, dir, "a")
	for range 3 {
		s.o.Collector.Count(callOf("echo", noon))
		s.Flush()
	}
	s.o.Collector.Count(callOf("echo", noon)) // It is lost: the process is killed before the next flush.
	s.cancel()
	s.work.Wait()
	// A file that was being written when the process was killed.
	if err := os.WriteFile(filepath.Join(dir, "0000000000000009-1.usage.new"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.is(nil)
	next, _ := started(t, p, dir, "b")
	next.o.Collector.Count(callOf("echo", noon))
	closing(t, next)
	var got []string
	for _, parcel := range p.parcel {
		got = append(got, fmt.Sprint(parcel.Boot, parcel.Sequence))
	}
	if diff := cmp.Diff([]string{"a1", "a2", "a3", "b1"}, got); diff != "" {
		t.Error(diff)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left in the folder: %v, %v", left, err)
	}
}

func TestShipperDrops(t *testing.T) {
	tests := []struct {
		name    string
		spoil   func(s *Shipper, after func(time.Duration))
		dropped uint64
	}{
		{"what is too old", func(s *Shipper, after func(time.Duration)) { after(MaxAge + time.Hour); s.Flush() }, 3},
		{"what is too much", func(s *Shipper, _ func(time.Duration)) {
			s.mu.Lock()
			s.waiting.most = s.waiting.bytes * 2 / 3
			s.mu.Unlock()
			s.Flush()
		}, 1},
		{"nothing else", func(s *Shipper, after func(time.Duration)) { after(MaxAge - time.Hour); s.Flush() }, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir, p := t.TempDir(), &plane{}
			p.is(errAway)
			s, c := started(t, p, dir, "a")
			for range 3 {
				s.o.Collector.Count(callOf("echo", noon))
				s.Flush()
			}
			tt.spoil(s, c.Advance)
			if got := s.Stats(); got.DroppedCalls != tt.dropped || got.DroppedParcels != tt.dropped || got.Waiting != 3-int64(tt.dropped) {
				t.Errorf("%+v, want %d dropped", got, tt.dropped)
			}
			p.is(nil)
			closing(t, s)
			if p.calls() != 3-tt.dropped {
				t.Errorf("%d calls came", p.calls())
			}
		})
	}
}

// TestShipperRefused gives up what the other side will never take, and a file that
// is no parcel, and goes on.
func TestShipperRefused(t *testing.T) {
	dir, p := t.TempDir(), &plane{}
	p.is(fmt.Errorf("no: %w", ErrRefused))
	s, _ := started(t, p, dir, "a")
	s.o.Collector.Count(callOf("echo", noon))
	s.Flush()
	if err := s.Send(t.Context()); err != nil {
		t.Error(err)
	}
	p.is(errAway)
	s.o.Collector.Count(callOf("echo", noon))
	s.Flush()
	s.mu.Lock()
	e := s.waiting.entries[0]
	s.mu.Unlock()
	if err := os.Remove(filepath.Join(dir, e.name())); err != nil {
		t.Fatal(err)
	}
	p.is(nil)
	s.o.Collector.Count(callOf("echo", noon))
	closing(t, s)
	if got := s.Stats(); got.DroppedParcels != 2 || got.DroppedCalls != 1 || got.Sent != 1 || got.Waiting != 0 || got.WaitingBytes != 0 {
		t.Errorf("%+v", got)
	}
}

// TestShipperFolderFails keeps in memory what the folder does not take.
func TestShipperFolderFails(t *testing.T) {
	dir, p := filepath.Join(t.TempDir(), "usage"), &plane{}
	s, _ := started(t, p, dir, "a")
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		s.o.Collector.Count(callOf("echo", noon.Add(time.Duration(i%2)*time.Minute)))
		s.Flush()
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	closing(t, s)
	if p.calls() != 3 || len(p.parcel) != 1 || len(p.parcel[0].Rows) != 2 {
		t.Errorf("%d calls in %d parcels", p.calls(), len(p.parcel))
	}
}

func TestParcelCheck(t *testing.T) {
	good := func() *Parcel {
		return &Parcel{Version: 1, Instance: "i", Boot: "b", Sequence: 1, Rows: []Row{{Series: Series{API: "echo"}, Minute: noon}}}
	}
	tests := []struct {
		name  string
		spoil func(*Parcel)
		ok    bool
	}{
		{"good", func(*Parcel) {}, true},
		{"of nothing", func(p *Parcel) { p.Rows = nil }, true},
		{"of another version", func(p *Parcel) { p.Version = 2 }, false},
		{"of no instance", func(p *Parcel) { p.Instance = "" }, false},
		{"of a strange boot", func(p *Parcel) { p.Boot = "a b" }, false},
		{"without a number", func(p *Parcel) { p.Sequence = 0 }, false},
		{"with a slash", func(p *Parcel) { p.Rows[0].API = "a/b" }, false},
		{"with a line break", func(p *Parcel) { p.Region = "a\nb" }, false},
		{"within a minute", func(p *Parcel) { p.Rows[0].Minute = noon.Add(time.Second) }, false},
		{"with too many rows", func(p *Parcel) { p.Rows = make([]Row, MaxParcelSeries+1) }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := good()
			tt.spoil(p)
			data, err := json.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := DecodeParcel(data); (err == nil) != tt.ok {
				t.Errorf("the error is %v", err)
			}
		})
	}
	if _, err := DecodeParcel(make([]byte, MaxParcel+1)); err == nil {
		t.Error("a parcel that is too large was read")
	}
}
