package durabilitytest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/sallyport/sallyport/internal/control/store"
)

// mostSaid is the largest number of things that a child says before it is
// killed.
const mostSaid = 120

// TestR11_Kill kills processes in the middle of writing, again and again, on
// the same data: what was acknowledged is there, with its audit entry, and there
// is no half of anything.
func TestR11_Kill(t *testing.T) {
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			kills := size(20, 1000)
			l := d.killed(t, kills, "")
			fmt.Printf("R11: %s: %d processes killed, %d of %d acknowledged updates lost (0), %d without audit entry (0), %d revisions torn (0), %d updates committed by processes that were killed before they said so\n",
				d.name, kills, len(l.lost), l.acknowledged, len(l.unaudited), len(l.torn), l.silent)
			if len(l.lost)+len(l.unaudited)+len(l.torn) > 0 || l.acknowledged < kills {
				t.Errorf("lost %v, not audited %v, torn %v", l.lost, l.unaudited, l.torn)
			}
		})
	}
}

// TestR11_Kill_NegativeControl acknowledges updates before they are committed:
// some are lost.
func TestR11_Kill_NegativeControl(t *testing.T) {
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			if l := d.killed(t, 10, "early"); len(l.lost) == 0 {
				t.Errorf("none of %d updates that were acknowledged too early is lost", l.acknowledged)
			}
		})
	}
}

// losses are what is not as it must be.
type losses struct {
	acknowledged          int
	silent                int // Committed and not acknowledged, which is no loss.
	lost, unaudited, torn []string
}

// killed kills processes and looks at what they leave, after each round of as
// many as the database has nodes.
func (d database) killed(t *testing.T, kills int, mode string) *losses {
	t.Helper()
	address, seed := d.fresh(t), rand.New(rand.NewPCG(1, 11))
	found := &losses{}
	var checked store.Revision
	for done := 0; done < kills; done += d.nodes {
		var acknowledged []acknowledgement
		var mu sync.Mutex
		var wait sync.WaitGroup
		for node := range d.nodes {
			p, after := d.start(t, address, string(rune('a'+node)), mode), 1+seed.IntN(mostSaid)
			wait.Go(func() {
				all := p.kill(t, after)
				mu.Lock()
				defer mu.Unlock()
				acknowledged = append(acknowledged, all...)
			})
		}
		wait.Wait()
		checked = d.look(t, address, checked, acknowledged, found)
	}
	return found
}

// look compares what is in a store after a revision with what was acknowledged.
func (d database) look(t *testing.T, address string, after store.Revision, acknowledged []acknowledgement, found *losses) store.Revision {
	t.Helper()
	s, err := d.open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	written, audited := map[store.Revision]string{}, map[store.Revision]string{}
	latest := after
	err = s.View(t.Context(), func(r store.Reader) error {
		latest = r.Revision()
		return read(r, after, written, audited)
	})
	if err != nil {
		t.Error(err)
	}
	for revision := after + 1; revision <= latest; revision++ {
		switch {
		case written[revision] == "":
			found.torn = append(found.torn, fmt.Sprint(revision))
		case audited[revision] != written[revision]:
			found.unaudited = append(found.unaudited, fmt.Sprint(revision))
		}
	}
	for _, a := range acknowledged {
		found.acknowledged++
		if want := fmt.Sprintf("written/%s/%d", a.writer, a.n); written[a.revision] != want {
			found.lost = append(found.lost, want)
		}
	}
	found.silent += int(latest-after) - len(acknowledged)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	return latest
}

// read reads which record each revision wrote, where it is whole, and what it
// appended to the audit log.
func read(r store.Reader, after store.Revision, written, audited map[store.Revision]string) error {
	changes, err := r.Changes(after, store.MaxListLimit)
	if err != nil {
		return err
	}
	for _, c := range changes {
		if len(c.Versions) != 2 {
			continue
		}
		last, made := c.Versions[0], c.Versions[1]
		record, err := r.Get(made.Key)
		if err != nil {
			return fmt.Errorf("the record of revision %d: %w", c.Revision, err)
		}
		if bytes.Equal(last.Value, made.Value) && record.Created == c.Revision {
			written[c.Revision] = string(made.Key)
		}
	}
	entries, err := r.AuditLog(int64(after), store.MaxListLimit)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Sequence == uint64(e.Revision) { // One entry a revision, none is missing.
			audited[e.Revision] = string(e.Data)
		}
	}
	return nil
}
