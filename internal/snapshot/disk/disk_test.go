package disk

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/snapshot"
	"github.com/sallyport/sallyport/internal/snapshot/wire"
)

// testKey seals the generations of the tests.
var testKey = []byte("0123456789abcdef0123456789abcdef")

// testDocument is a document that can be told from those of other revisions.
func testDocument(revision uint64) *snapshot.Document {
	doc := &snapshot.Document{Revision: revision}
	for i := range 12 {
		doc.Resources = append(doc.Resources, &model.NamedValue{
			ID: model.NewID("namedValues", fmt.Sprintf("v%d", i)), DisplayName: fmt.Sprintf("v%d", i),
			Value: strings.Repeat(fmt.Sprintf("r%d.", revision), 60),
		})
	}
	return doc
}

// consistent reports whether a document is one that testDocument made.
func consistent(doc *snapshot.Document) bool {
	want := strings.Repeat(fmt.Sprintf("r%d.", doc.Revision), 60)
	for _, r := range doc.Resources {
		if v, ok := r.(*model.NamedValue); !ok || v.Value != want {
			return false
		}
	}
	return len(doc.Resources) == 12
}

func open(t *testing.T, fs FileSystem, dir string) *Store {
	t.Helper()
	s, err := Open(fs, dir, testKey)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSaveAndLoad(t *testing.T) {
	dir := t.TempDir()
	s := open(t, OS{}, dir)
	if doc, damage, err := s.Load(); doc != nil || damage != nil || err != nil {
		t.Fatalf("an empty folder gave %v, %v, %v", doc, damage, err)
	}
	for revision := uint64(1); revision <= 8; revision++ {
		if _, err := s.Save(testDocument(revision)); err != nil {
			t.Fatal(err)
		}
	}
	names, err := OS{}.Names(dir)
	if err != nil || len(names) != KeepGenerations {
		t.Errorf("%d files are kept (%v), want %d", len(names), err, KeepGenerations)
	}
	doc, _, err := open(t, OS{}, dir).Load()
	if err != nil || doc.Revision != 8 || !consistent(doc) {
		t.Errorf("read back %v, %v", doc, err)
	}
}

func TestWrongKeyIsNotDamage(t *testing.T) {
	dir := t.TempDir()
	if _, err := open(t, OS{}, dir).Save(testDocument(1)); err != nil {
		t.Fatal(err)
	}
	other, err := Open(OS{}, dir, []byte(strings.Repeat("x", wire.KeySize)))
	if err != nil {
		t.Fatal(err)
	}
	doc, damage, err := other.Load()
	if doc != nil || err != nil || len(damage) != 1 || errors.Is(damage[0].Err, wire.ErrDamaged) {
		t.Fatalf("another key gave %v, %v, %v", doc, damage, err)
	}
	if doc, _, err = open(t, OS{}, dir).Load(); err != nil || doc == nil {
		t.Errorf("the right key no longer reads it: %v", err)
	}
}

// r3Damages is how often TestR3 damages the newest generation.
const r3Damages = 500

// TestR3_DamagedGeneration damages the newest generation in 500 ways: each is
// found, and the one before it is used.
func TestR3_DamagedGeneration(t *testing.T) {
	detected := damageRuns(t, wire.Decode)
	fmt.Printf("R3: %d/%d damages detected, previous generation used (limit %d/%d)\n", detected, r3Damages, r3Damages, r3Damages)
	if detected != r3Damages {
		t.Errorf("%d of %d damages were detected", detected, r3Damages)
	}
}

// TestR3_DamagedGeneration_NegativeControl reads without checking sums: damage
// then goes unnoticed, which proves that the test above can fail.
func TestR3_DamagedGeneration_NegativeControl(t *testing.T) {
	unchecked := func(data, _ []byte) (*snapshot.Document, error) {
		if len(data) < 24 {
			return nil, errors.New("short")
		}
		return &snapshot.Document{Revision: 2}, nil
	}
	if detected := damageRuns(t, unchecked); detected > r3Damages/2 {
		t.Errorf("without checks %d of %d damages were detected", detected, r3Damages)
	}
}

// damageRuns damages the newest of two generations and counts how often reading
// falls back to the first.
func damageRuns(t *testing.T, decode func(data, key []byte) (*snapshot.Document, error)) (detected int) {
	t.Helper()
	good, err := wire.Encode(testDocument(2), testKey)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(3, 3))
	for i := range r3Damages {
		fs := newCrashFS(uint64(i), 1)
		s := open(t, fs, "d")
		s.decode = decode
		for revision := uint64(1); revision <= 2; revision++ {
			if _, err := s.Save(testDocument(revision)); err != nil {
				t.Fatal(err)
			}
		}
		fs.now[s.path(2)] = damageOf(good, random, i)
		if doc, damage, err := s.Load(); err == nil && doc != nil && doc.Revision == 1 && consistent(doc) && len(damage) == 1 {
			detected++
		}
	}
	return detected
}

// damageOf flips one bit, or cuts the end off.
func damageOf(good []byte, random *rand.Rand, i int) []byte {
	data := append([]byte(nil), good...)
	if i%2 == 0 {
		return data[:random.IntN(len(data))]
	}
	data[random.IntN(len(data))] ^= 1 << random.IntN(8)
	return data
}

// r9Cuts is how many power cuts TestR9 makes in every run.
const r9Cuts = 60

// TestR9_PowerCut cuts the power while generations are written: none that was
// acknowledged is lost, and none that can be read is torn.
func TestR9_PowerCut(t *testing.T) {
	torn, lost := powerCuts(t, false)
	fmt.Printf("R9: %d torn, %d lost of %d cuts (limit 0)\n", torn, lost, r9Cuts)
	if torn != 0 || lost != 0 {
		t.Errorf("%d generations torn, %d acknowledged ones lost", torn, lost)
	}
}

// TestR9_PowerCut_NegativeControl writes in place and without syncing.
func TestR9_PowerCut_NegativeControl(t *testing.T) {
	torn, lost := powerCuts(t, true)
	t.Logf("in place: %d torn, %d lost of %d cuts", torn, lost, r9Cuts)
	if torn+lost < r9Cuts/2 {
		t.Errorf("writing in place lost or tore only %d of %d", torn+lost, r9Cuts)
	}
}

// powerCuts counts the runs after which a generation is torn (there, but
// damaged) and those after which an acknowledged one is lost.
func powerCuts(t *testing.T, inPlace bool) (torn, lost int) {
	t.Helper()
	chances := []float64{0, 0.5, 0.9}
	for i := range r9Cuts {
		fs := newCrashFS(uint64(i), chances[i%len(chances)])
		fs.inPlace = inPlace
		s := open(t, fs, "d")
		fs.budget = 20 + int(fs.random.Uint64N(300))
		acknowledged := uint64(0)
		for revision := uint64(1); !fs.cut; revision++ {
			if _, err := s.Save(testDocument(revision)); err == nil {
				acknowledged = revision
			}
		}
		doc, damage, err := open(t, fs.restart(), "d").Load()
		if err != nil {
			t.Fatal(err)
		}
		if len(damage) > 0 {
			torn++
		}
		if acknowledged > 0 && (doc == nil || doc.Revision < acknowledged || !consistent(doc)) {
			lost++
		}
	}
	return torn, lost
}
