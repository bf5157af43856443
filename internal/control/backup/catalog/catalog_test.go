package catalog

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/backup"
	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/control/backup/place"
	"github.com/sallyport/sallyport/internal/control/store"
)

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// scene is a place that is made by hand.
type scene struct {
	lineage string // Of the bases that are made.
	t       *testing.T
	place   *place.Place
	made    map[string]Base // By a name of the test's.
}

func newScene(t *testing.T) *scene {
	t.Helper()
	c := clock.NewFake(start)
	return &scene{t: t, place: place.New(place.NewMemory(c), "memory", c), made: map[string]Base{}, lineage: "l"}
}

// base puts a base of a revision, a number of hours after the start.
func (s *scene) base(name, chain string, hours int, revision store.Revision, proved bool) {
	s.t.Helper()
	at := start.Add(time.Duration(hours) * time.Hour)
	b := Base{Chain: chain, Created: at, Note: Note{Lineage: s.lineage, Revision: revision, RevisionTime: at}}
	b.Name, b.ID = NewBase(chain, at)
	s.put(b.Name, "base")
	if err := b.WriteNote(s.t.Context(), s.place); err != nil {
		s.t.Fatal(err)
	}
	if proved {
		b.Proof = &Proof{At: at}
		if err := b.WriteProof(s.t.Context(), s.place); err != nil {
			s.t.Fatal(err)
		}
	}
	s.made[name] = b
}

func (s *scene) put(name, content string) {
	s.t.Helper()
	if err := s.place.WriteBytes(s.t.Context(), name, []byte(content)); err != nil {
		s.t.Fatal(err)
	}
}

// changes puts an archive of changes and returns its digest.
func (s *scene) changes(chain string, sequence uint64, from, to store.Revision, previous string) string {
	s.t.Helper()
	content := fmt.Sprint("changes ", sequence, from, to, previous)
	sum := sha256.Sum256([]byte(content))
	c := Changes{Chain: chain, Sequence: sequence, From: from, To: to, Digest: Short(sum[:]), Previous: previous}
	s.put(c.Path(), content)
	return c.Digest
}

func (s *scene) read() *Catalog {
	s.t.Helper()
	c, err := Read(s.t.Context(), s.place)
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// shown is a plan as tests compare it.
func shown(p Plan) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d", p.Base.Note.Revision)
	for _, c := range p.Changes {
		fmt.Fprintf(&b, " %d-%d", c.From, c.To)
	}
	fmt.Fprintf(&b, " reaches %d", p.Reaches)
	if p.Gap != 0 {
		fmt.Fprintf(&b, " gap before %d", p.Gap)
	}
	return b.String()
}

func TestFollow(t *testing.T) {
	chain := NewChain(start)
	for _, test := range []struct {
		name  string
		build func(s *scene)
		want  string
	}{
		{"a base alone", func(s *scene) { s.base("a", chain, 0, 10, false) }, "10 reaches 10"},
		{"changes after it", func(s *scene) {
			s.base("a", chain, 0, 10, false)
			d := s.changes(chain, 1, 10, 12, s.made["a"].ID)
			s.changes(chain, 2, 12, 20, d)
		}, "10 10-12 12-20 reaches 20"},
		{"a later base in the middle of changes", func(s *scene) {
			s.base("a", chain, 0, 10, false)
			d := s.changes(chain, 1, 10, 12, s.made["a"].ID)
			d = s.changes(chain, 2, 12, 20, d)
			s.base("b", chain, 1, 15, false)
			s.changes(chain, 3, 20, 21, d)
		}, "15 12-20 20-21 reaches 21"},
		{"an archive that is missing", func(s *scene) {
			s.base("a", chain, 0, 10, false)
			d := s.changes(chain, 1, 10, 12, s.made["a"].ID)
			s.changes(chain, 3, 15, 20, "0123456789abcdef")
			s.changes(chain, 2, 12, 13, d)
		}, "10 10-12 12-13 reaches 13 gap before 15"},
		{"a link to another archive", func(s *scene) {
			s.base("a", chain, 0, 10, false)
			s.changes(chain, 1, 10, 12, s.made["a"].ID)
			s.changes(chain, 2, 12, 20, "0123456789abcdef")
		}, "10 10-12 reaches 12 gap before 12"},
		{"two branches", func(s *scene) {
			s.base("a", chain, 0, 10, false)
			d := s.changes(chain, 1, 10, 12, s.made["a"].ID)
			e := s.changes(chain, 2, 12, 20, d)
			s.changes(chain, 2, 12, 14, d)
			s.changes(chain, 3, 20, 30, e)
		}, "10 10-12 12-20 20-30 reaches 30"},
		{"counters without changes", func(s *scene) {
			s.base("a", chain, 0, 10, false)
			d := s.changes(chain, 1, 10, 10, s.made["a"].ID)
			d = s.changes(chain, 2, 10, 10, d)
			s.changes(chain, 3, 10, 11, d)
		}, "10 10-10 10-10 10-11 reaches 11"},
		{"a base without its note", func(s *scene) {
			s.base("a", chain, 0, 10, false)
			name, _ := NewBase(chain, start.Add(time.Hour))
			s.put(name, "half")
		}, "10 reaches 10"},
		{"a base by hand that is newer", func(s *scene) {
			s.base("a", chain, 0, 10, false)
			s.base("b", "", 1, 12, false)
		}, "12 reaches 12"},
		{"what is not ours", func(s *scene) {
			s.base("a", chain, 0, 10, false)
			s.put("readme.txt", "x")
			s.put("chain-x/base-20261123T120000Z-0123456789abcdef.sallybak", "x")
			s.put(chain+"/changes-1.sallybak", "x")
		}, "10 reaches 10"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t)
			test.build(s)
			plan, err := s.read().Plan(backup.Point{})
			if err != nil {
				t.Fatal(err)
			}
			if got := shown(plan); got != test.want {
				t.Errorf("the plan is %s, not %s", got, test.want)
			}
		})
	}
}

func TestPlanOfAPoint(t *testing.T) {
	s := newScene(t)
	first, second := NewChain(start), NewChain(start.Add(10*time.Hour))
	s.base("a", first, 0, 10, true)
	d := s.changes(first, 1, 10, 30, s.made["a"].ID)
	s.base("b", first, 5, 20, true)
	s.changes(first, 2, 30, 40, d)
	s.base("c", second, 10, 25, true)
	s.base("hand", "", 11, 26, false)
	c := s.read()
	for _, test := range []struct {
		name  string
		until backup.Point
		want  string
	}{
		{"the end", backup.Point{}, "26 reaches 26"},
		{"a time between bases", backup.Point{Time: start.Add(4 * time.Hour)}, "10 10-30 30-40 reaches 40"},
		{"the time of a base", backup.Point{Time: start.Add(5 * time.Hour)}, "20 10-30 30-40 reaches 40"},
		{"a revision", backup.Point{Revision: 24}, "20 10-30 30-40 reaches 40"},
		{"before everything", backup.Point{Time: start.Add(-time.Hour)}, "the oldest is of 2026-11-23T12:00:00Z"},
		{"before the first revision", backup.Point{Revision: 9}, "the oldest is of revision 10"},
	} {
		t.Run(test.name, func(t *testing.T) {
			plan, err := c.Plan(test.until)
			if err != nil {
				if !errors.Is(err, ErrNone) || !strings.Contains(err.Error(), test.want) {
					t.Error(err)
				}
				return
			}
			if got := shown(plan); got != test.want {
				t.Errorf("the plan is %s, not %s", got, test.want)
			}
		})
	}
	if _, err := newScene(t).read().Plan(backup.Point{}); !errors.Is(err, ErrNone) {
		t.Errorf("an empty place: %v", err)
	}
}

// TestSurplusOfOneLineage has two installations in one place: what a rule of the
// one lets go is never the other's.
func TestSurplusOfOneLineage(t *testing.T) {
	mine, other := NewChain(start), NewChain(start.Add(time.Minute))
	s := newScene(t)
	for i, name := range []string{"a", "b", "c"} {
		s.base(name, mine, i, store.Revision(10*(i+1)), true)
	}
	s.lineage = "other"
	s.base("x", other, 0, 5, true)
	s.base("y", other, 1, 15, true)
	s.changes(other, 1, 5, 15, s.made["x"].ID)
	for _, test := range []struct {
		lineage string
		want    []string
	}{{"l", []string{"a", "b"}}, {"other", []string{"x"}}, {"third", nil}} {
		surplus := s.read().Surplus(Rule{Count: 1, Lineage: test.lineage}, start.Add(48*time.Hour))
		var got []string
		for _, b := range surplus.Bases {
			for name, made := range s.made {
				if made.Name == b.Name {
					got = append(got, name)
				}
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("of the lineage %s goes:\n%s", test.lineage, diff)
		}
		if len(surplus.Changes) > 0 && test.lineage != "other" {
			t.Errorf("of the lineage %s go %d changes of another", test.lineage, len(surplus.Changes))
		}
	}
}

func TestSurplus(t *testing.T) {
	first, second := NewChain(start), NewChain(start.Add(10*time.Hour))
	build := func(proved ...string) *scene {
		s := newScene(t)
		for i, name := range []string{"a", "b", "c", "d"} {
			chain := first
			if name == "d" {
				chain = second
			}
			s.base(name, chain, i, store.Revision(10*(i+1)), strings.Contains(strings.Join(proved, ""), name))
		}
		d := s.changes(first, 1, 10, 15, s.made["a"].ID)
		d = s.changes(first, 2, 15, 25, d)
		s.changes(first, 3, 25, 35, d)
		s.changes(second, 1, 40, 45, s.made["d"].ID)
		s.base("hand", "", 0, 5, false)
		return s
	}
	for _, test := range []struct {
		name   string
		proved []string
		rule   Rule
		want   string
	}{
		{"nothing is said", []string{"a", "d"}, Rule{}, ""},
		{"two", []string{"a", "b", "c", "d"}, Rule{Count: 2}, "a b 10-15 15-25"},
		{"one", []string{"a", "b", "c", "d"}, Rule{Count: 1}, "a b c 10-15 15-25 25-35"},
		{"one, the last proof is old", []string{"a", "b"}, Rule{Count: 1}, "a 10-15"},
		{"one, nothing is proved", nil, Rule{Count: 1}, ""},
		{"an age", []string{"a", "b", "c", "d"}, Rule{Age: 46 * time.Hour}, "a b 10-15 15-25"},
		{"an age, or a number", []string{"a", "b", "c", "d"}, Rule{Age: 46 * time.Hour, Count: 3}, "a 10-15"},
		{"too old, all of them", []string{"a", "b", "c", "d"}, Rule{Age: time.Hour}, "a b c 10-15 15-25 25-35"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := build(test.proved...)
			surplus := s.read().Surplus(test.rule, start.Add(48*time.Hour))
			var got []string
			for _, b := range surplus.Bases {
				for name, made := range s.made {
					if made.Name == b.Name {
						got = append(got, name)
					}
				}
			}
			for _, c := range surplus.Changes {
				got = append(got, fmt.Sprintf("%d-%d", c.From, c.To))
			}
			if diff := cmp.Diff(test.want, strings.Join(got, " ")); diff != "" {
				t.Error(diff)
			}
			before := s.read()
			n, err := surplus.Remove(t.Context(), s.place)
			if err != nil || n != len(got) {
				t.Errorf("removed %d, %v", n, err)
			}
			after := s.read()
			if len(after.Unfinished) != 0 || len(after.Bases) != len(before.Bases)-len(surplus.Bases) {
				t.Errorf("what is left is %+v", after)
			}
			// What is left is restored without a gap.
			for _, b := range after.Bases {
				if plan := after.Follow(b); plan.Gap != 0 {
					t.Errorf("from %s there is a gap before %d", b.Name, plan.Gap)
				}
			}
		})
	}
}

// TestTooManyChanges drops the oldest ones, and none that the last proof needs.
func TestTooManyChanges(t *testing.T) {
	chain := NewChain(start)
	for _, test := range []struct {
		proved string
		most   int
		want   string
	}{{"a", 2, ""}, {"b", 2, "10-15"}, {"b", 3, ""}, {"b", 0, "10-15"}, {"c", 2, "10-15"}, {"c", 0, "10-15 15-25"}} {
		s := newScene(t)
		for i, name := range []string{"a", "b", "c"} {
			s.base(name, chain, i, store.Revision(10*(i+1)), name == test.proved)
		}
		d := s.changes(chain, 1, 10, 15, s.made["a"].ID)
		d = s.changes(chain, 2, 15, 25, d)
		s.changes(chain, 3, 25, 35, d)
		c := s.read()
		var got []string
		for _, one := range c.surplusChanges(map[string]store.Revision{chain: 10}, c.Bases, test.most) {
			got = append(got, fmt.Sprintf("%d-%d", one.From, one.To))
		}
		if diff := cmp.Diff(test.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%+v: %s", test, diff)
		}
	}
}

func TestSurplusOfWhatIsUnfinished(t *testing.T) {
	s := newScene(t)
	chain := NewChain(start)
	name, _ := NewBase(chain, start)
	s.put(name, "half")
	s.put(chain+"/base-20261123T120000Z-0123456789abcdef.sallybak.json", "{}")
	s.changes(chain, 1, 1, 2, "0123456789abcdef")
	c := s.read()
	if now := c.Surplus(Rule{Count: 1}, start.Add(time.Hour)); !cmp.Equal(now, Surplus{}, cmpopts.EquateEmpty()) {
		t.Errorf("what is under way is surplus: %+v", now)
	}
	if later := c.Surplus(Rule{Count: 1}, start.Add(3*unfinishedFor)); len(later.Unfinished) != 2 || len(later.Changes) != 0 {
		t.Errorf("there are %+v", later)
	}
}

func TestArchivesAreWhatTheirNamesSay(t *testing.T) {
	s := newScene(t)
	chain := NewChain(start)
	s.base("a", chain, 0, 10, false)
	d := s.changes(chain, 1, 10, 12, s.made["a"].ID)
	plan := s.read().Follow(s.made["a"])
	read := func() (err error) {
		archives := plan.Archives(t.Context(), s.place, nil, backup.Point{})
		for r, openErr := range archives.Changes {
			if openErr != nil {
				return openErr
			}
			_, err = io.Copy(io.Discard, r)
			err = errors.Join(err, r.Close())
		}
		return err
	}
	if err := read(); err != nil {
		t.Fatal(err)
	}
	s.put(plan.Changes[0].Name, "something else")
	if err := read(); !errors.Is(err, ErrChanged) || !errors.Is(err, archive.ErrDamaged) {
		t.Errorf("%s is another archive, and the error is %v", d, err)
	}
}

// FuzzNames wants names that are read to be written the same.
func FuzzNames(f *testing.F) {
	name, _ := NewBase("", start)
	f.Add(name)
	name, _ = NewBase(NewChain(start), start)
	f.Add(name)
	f.Add(Changes{Chain: NewChain(start), Sequence: 1, From: 1, To: 2, Digest: "0123456789abcdef", Previous: "0123456789abcdef"}.Path())
	f.Fuzz(func(t *testing.T, name string) {
		c := &Catalog{Changes: map[string][]Changes{}}
		c.sort(place.Object{Name: name}, map[string]place.Object{})
		for _, changes := range c.Changes {
			if len(changes) != 1 || changes[0].Path() != name || changes[0].From > changes[0].To {
				t.Errorf("%q is read as %+v", name, changes)
			}
		}
		for _, o := range c.Unfinished {
			if o.Name != name {
				t.Errorf("%q is unfinished", name)
			}
		}
	})
}

// TestDamagedNotes damages what is noted of bases: the others are read.
func TestDamagedNotes(t *testing.T) {
	const chain = "chain-20261123T120000Z-0000000000000001"
	s := newScene(t)
	s.base("first", chain, 0, 1, true)
	s.base("second", chain, 1, 2, true)
	s.base("third", chain, 2, 3, true)
	for name, text := range map[string]string{
		s.made["second"].Name + noteSuffix: "",
		s.made["third"].Name + proofSuffix: "null",
	} {
		s.put(name, text)
	}
	c := s.read()
	if diff := cmp.Diff([]string{s.made["second"].Name}, c.Unreadable); diff != "" {
		t.Error(diff)
	}
	if len(c.Bases) != 2 || c.Bases[0].Proof == nil || c.Bases[1].Proof != nil {
		t.Fatalf("got %+v", c.Bases)
	}
	surplus := c.Surplus(Rule{Count: 1}, start.AddDate(1, 0, 0))
	if len(surplus.Bases)+len(surplus.Unfinished) > 0 {
		t.Errorf("would remove %+v", surplus)
	}
	s.put(s.made["third"].Name+proofSuffix, "{damaged")
	if c := s.read(); len(c.Bases) != 2 || c.Bases[1].Proof != nil {
		t.Errorf("got %+v", c.Bases)
	}
}
