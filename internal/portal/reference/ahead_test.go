package reference_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/catalogue/cataloguetest"
	"github.com/sallyport/sallyport/internal/portal/reference"
)

// wide adds an API with a number of operations and a document.
func (p *plane) wide(name string, operations int) {
	cataloguetest.API(p.Service, name, name, nil)
	p.Put("products/starter/apis/"+name, map[string]any{"displayName": name})
	for i := range operations {
		p.Put(fmt.Sprintf("apis/%s/operations/op%d", name, i), map[string]any{
			"displayName": "Operation", "method": "GET", "urlTemplate": fmt.Sprintf("/things%d", i)})
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.documents[name] = pets
	p.exports[name+".openapi+json-link"] = made
}

// counted is how many documents were read.
func (p *plane) counted() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.reads
}

// library is one over a plane, at a clock of its own, with the index it is of.
func library(tb testing.TB, p *plane, most int) (*reference.Library, *catalogue.Catalogue, *clock.Fake) {
	tb.Helper()
	c, err := client.New(client.Options{Service: cataloguetest.ServiceID, Transport: p})
	if err != nil {
		tb.Fatal(err)
	}
	index, err := catalogue.Follow(tb.Context(), catalogue.Options{Client: c})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { <-index.Done() })
	fake := clock.NewFake(time.Unix(1_700_000_000, 0))
	return reference.NewLibrary(reference.LibraryOptions{Catalogue: index, Client: c, Clock: fake, MaxBytes: most}), index, fake
}

// readAhead begins reading ahead, and ends it with the test at the latest.
func readAhead(t *testing.T, l *reference.Library) (end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { l.ReadAhead(ctx) })
	end = func() { cancel(); running.Wait() }
	t.Cleanup(end)
	return end
}

// held is a plane that keeps documents back.
func held() *plane {
	p := newPlane()
	p.wide("wide", reference.MinAhead)
	p.hold, p.asked = make(chan struct{}), make(chan struct{}, 100)
	return p
}

// seen is an API as administrators see it.
func seen(tb testing.TB, index *catalogue.Catalogue, name string) *catalogue.API {
	tb.Helper()
	api, ok := index.Current().API(name, catalogue.Reader{Admin: true})
	if !ok {
		tb.Fatalf("there is no API %s", name)
	}
	return api
}

// ask asks for a description as several visitors do at once.
func ask(t *testing.T, l *reference.Library, api *catalogue.API, visitors int) *sync.WaitGroup {
	t.Helper()
	var all sync.WaitGroup
	for range visitors {
		all.Go(func() {
			if d, err := l.API(t.Context(), api, ""); err != nil || len(d.Operations) == 0 {
				t.Errorf("a visitor was given %v, %v", d, err)
			}
		})
	}
	return &all
}

// TestVisitorsWaitForTheReadingUnderWay reads a document once for the reading ahead
// and for all visitors who come meanwhile.
func TestVisitorsWaitForTheReadingUnderWay(t *testing.T) {
	p := held()
	l, index, _ := library(t, p, 0)
	readAhead(t, l)
	<-p.asked
	all := ask(t, l, seen(t, index, "wide"), 20)
	close(p.hold)
	all.Wait()
	if n := p.counted(); n != 1 {
		t.Errorf("%d documents were read for 20 visitors, not 1", n)
	}
}

// TestVisitorsWaitForTheReadingUnderWay_NegativeControl: readings that are not
// shared are as many as there are libraries.
func TestVisitorsWaitForTheReadingUnderWay_NegativeControl(t *testing.T) {
	p := held()
	close(p.hold)
	for range 3 {
		l, index, _ := library(t, p, 0)
		ask(t, l, seen(t, index, "wide"), 20).Wait()
	}
	if n := p.counted(); n != 3 {
		t.Errorf("%d documents were read by 3 libraries", n)
	}
}

// TestVisitorsOutliveTheReadingAhead: who waits for a reading that is given up, as
// the portal stops, does it anew.
func TestVisitorsOutliveTheReadingAhead(t *testing.T) {
	p := held()
	l, index, _ := library(t, p, 0)
	end := readAhead(t, l)
	<-p.asked
	all := ask(t, l, seen(t, index, "wide"), 5)
	end()
	close(p.hold)
	all.Wait()
	if n := p.counted(); n != 1 {
		t.Errorf("%d documents were read, not 1", n)
	}
}

// TestReadingGoesOnWithoutItsVisitor: a visitor who leaves waits no longer, and
// what was begun for one is there for the next.
func TestReadingGoesOnWithoutItsVisitor(t *testing.T) {
	p := held()
	l, index, _ := library(t, p, 0)
	api := seen(t, index, "wide")
	first, leave := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() {
		if _, err := l.API(first, api, ""); err != nil {
			t.Errorf("the reading was given up: %v", err)
		}
	})
	<-p.asked
	leave()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.API(gone, api, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("a visitor who has gone was answered %v", err)
	}
	close(p.hold)
	all.Wait()
	ask(t, l, api, 1).Wait()
	if n := p.counted(); n != 1 {
		t.Errorf("%d documents were read, not 1", n)
	}
}

// TestReadAheadIsBounded reads no more APIs than it may, and fills no more memory.
func TestReadAheadIsBounded(t *testing.T) {
	tests := []struct {
		name                     string
		wide, most, least, reads int
	}{
		{"the largest", reference.MaxAhead + 3, 0, reference.MaxAhead, reference.MaxAhead},
		{"small ones are left", 0, 0, 0, 0},
		{"half of the memory", reference.MaxAhead, 60_000, 1, reference.MaxAhead - 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := newPlane()
			p.wide("narrow", reference.MinAhead-3)
			for i := range test.wide {
				p.wide(fmt.Sprintf("wide%d", i), reference.MinAhead+i)
			}
			l, _, fake := library(t, p, test.most)
			readAhead(t, l)
			fake.BlockUntil(1) // It waits for changes.
			if n := p.counted(); n < test.least || n > test.reads {
				t.Errorf("%d documents were read ahead, not %d to %d", n, test.least, test.reads)
			}
			// One description more than the limit says may have been begun.
			if n, size := l.Cached(); test.most > 0 && size-size/n > test.most/2 {
				t.Errorf("%d bytes are filled of %d", size, test.most)
			}
		})
	}
}

// TestReadAheadFollowsChanges reads a document again where it has changed, and
// neither where something else has nor more often than a description ages.
func TestReadAheadFollowsChanges(t *testing.T) {
	const aged = time.Minute
	p := newPlane()
	p.wide("wide", reference.MinAhead)
	l, index, fake := library(t, p, 0)
	readAhead(t, l)
	fake.BlockUntil(1)
	step := func(change func(), want int, what string) {
		t.Helper()
		before := index.Current().Revision()
		change()
		for index.Current().Revision() == before { // The catalogue follows by itself.
			time.Sleep(time.Millisecond)
		}
		fake.Advance(aged)
		fake.BlockUntil(1)
		if n := p.counted(); n != want {
			t.Errorf("%s: %d documents were read, not %d", what, n, want)
		}
	}
	step(func() {
		p.Put("apis/pets/operations/more", map[string]any{"displayName": "More", "method": "PUT", "urlTemplate": "/m"})
	}, 1, "another API")
	step(func() {
		p.mu.Lock()
		p.documents["wide"] = "# Changed.\n" + pets
		p.mu.Unlock()
		p.Put("apis/wide", map[string]any{"displayName": "wide", "path": "wide", "protocols": []string{"https"}, "isCurrent": true, "apiRevision": "1"})
	}, 2, "the document")
}

// TestOpenedIsReadAhead reads a small description when its API is opened, and drops
// what would have to wait too long.
func TestOpenedIsReadAhead(t *testing.T) {
	p := newPlane()
	p.wide("narrow", 3)
	p.hold, p.asked = make(chan struct{}), make(chan struct{}, 100)
	section := newRig(t, p)
	api := seen(t, section.index, "narrow")
	for range 3 * reference.MaxOpened {
		section.library.Opened(api) // Nobody reads, and it does not wait.
	}
	end := readAhead(t, section.library)
	<-p.asked
	close(p.hold)
	ask(t, section.library, api, 1).Wait()
	end()
	section.Get("/apis/narrow/operations").Want(t, http.StatusOK, "5 of")
	if n := p.counted(); n != 1 {
		t.Errorf("%d documents were read, not 1", n)
	}
}
