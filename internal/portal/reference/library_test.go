package reference_test

import (
	"sync"
	"testing"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/catalogue/cataloguetest"
	"github.com/sallyport/sallyport/internal/portal/reference"
)

// TestLibraryForgets keeps no more than it may, and reads again what it forgot.
func TestLibraryForgets(t *testing.T) {
	s := newPlane()
	names := []string{"pets", "orders", "secret", "closed"}
	for _, name := range names {
		s.documents[name] = pets
		s.exports[name+".openapi+json-link"] = made
	}
	c, err := client.New(client.Options{Service: cataloguetest.ServiceID, Transport: s})
	if err != nil {
		t.Fatal(err)
	}
	index, err := catalogue.Follow(t.Context(), catalogue.Options{Client: c})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { <-index.Done() })
	const most = 10_000 // Two of the four.
	l := reference.NewLibrary(reference.LibraryOptions{Catalogue: index, Client: c, MaxBytes: most})
	admin := catalogue.Reader{Admin: true}
	for range 2 {
		for _, name := range names {
			api, _ := index.Current().API(name, admin)
			if _, err := l.API(t.Context(), api, ""); err != nil {
				t.Fatal(err)
			}
			if n, size := l.Cached(); size > most && n > 1 {
				t.Errorf("%d descriptions of %d bytes are kept", n, size)
			}
		}
	}
	if s.reads <= len(names) {
		t.Errorf("%d documents were read: nothing was forgotten", s.reads)
	}
}

// TestLibraryIsSafe asks for one API, and for several, from many goroutines: each
// document is read once.
func TestLibraryIsSafe(t *testing.T) {
	s := described()
	s.documents["orders"] = pets
	s.exports["orders.openapi+json-link"] = made
	p := newRig(t, s)
	admin := catalogue.Reader{Admin: true}
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			api, _ := p.index.Current().API([]string{"pets", "orders"}[i%2], admin)
			d, err := p.library.API(t.Context(), api, "")
			if err != nil {
				t.Error(err)
				return
			}
			for _, o := range api.Operations {
				d.Read(o)
			}
			d.Schemas()
		})
	}
	all.Wait()
	if s.reads != 2 {
		t.Errorf("%d documents were read, not 2", s.reads)
	}
}
