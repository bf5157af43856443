package catalogue_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/catalogue/cataloguetest"
)

func TestAChangeReadsWhatItConcerns(t *testing.T) {
	pets := []string{"apis/pets", "apis/pets/operations", "apis/pets/releases", "apis/pets/revisions"}
	starter := []string{"products/starter", "products/starter/apiLinks", "products/starter/apis", "products/starter/groups"}
	tests := []struct {
		name   string
		change func(*cataloguetest.Service)
		reads  []string
		check  func(*catalogue.Index) bool
	}{
		{"an API", func(s *cataloguetest.Service) { cataloguetest.API(s, "pets", "Zoo", nil) },
			pets,
			func(x *catalogue.Index) bool {
				a, _ := x.API("pets", guest)
				return a.DisplayName == "Zoo" && a.Tags[0] == "Animals"
			}},
		{"an operation", func(s *cataloguetest.Service) { s.Delete("apis/pets/operations/pets-add") }, pets,
			func(x *catalogue.Index) bool { a, _ := x.API("pets", guest); return len(a.Operations) == 1 }},
		{"a release", func(s *cataloguetest.Service) { s.Delete("apis/pets/releases/r1") }, pets,
			func(x *catalogue.Index) bool { a, _ := x.API("pets", guest); return len(a.Releases) == 0 }},
		{"an API that is gone", func(s *cataloguetest.Service) { s.Delete("apis/pets") }, []string{"apis/pets"},
			func(x *catalogue.Index) bool { _, ok := x.API("pets", admin); return !ok }},
		{"a group of a product", func(s *cataloguetest.Service) { s.Delete("products/starter/groups/guests") }, starter,
			func(x *catalogue.Index) bool { _, ok := x.API("pets", guest); return !ok }},
		{"a group", func(s *cataloguetest.Service) { s.Note("groups/partners") },
			[]string{"products/partner", "products/partner/apiLinks", "products/partner/apis", "products/partner/groups"}, nil},
		{"a product that is gone", func(s *cataloguetest.Service) { s.Delete("products/starter") }, []string{"products/starter"},
			func(x *catalogue.Index) bool { return len(x.Products(guest)) == 0 }},
		{"a tag", func(s *cataloguetest.Service) { s.Put("apis/pets/tags/new", map[string]any{"displayName": "New"}) }, []string{"apis/pets/tags"},
			func(x *catalogue.Index) bool { return x.Search("new", guest, 0, 1).Total == 1 }},
		{"a tag of an operation", func(s *cataloguetest.Service) { s.Delete("apis/pets/operations/pets-get/tags/reading") },
			[]string{"apis/pets/operations/pets-get/tags"},
			func(x *catalogue.Index) bool { return x.Search("reading", guest, 0, 1).Total == 0 }},
		{"a tag that is renamed", func(s *cataloguetest.Service) { s.Note("tags/animals") }, []string{"tagResources"}, nil},
		{"a version set", func(s *cataloguetest.Service) {
			s.Put("apiVersionSets/orders", map[string]any{"displayName": "Sales", "versioningScheme": "Header", "versionHeaderName": "v"})
		}, []string{"apiVersionSets"},
			func(x *catalogue.Index) bool {
				a, _ := x.API("orders", partner)
				return a.VersionSetName == "Sales" && a.VersionParameter == "v"
			}},
		{"what is no part of it", func(s *cataloguetest.Service) {
			for _, path := range []string{"users/ann", "users/ann/sallyportSessions/1", "sallyportMail/1", "subscriptions/s", "apis/pets/policies/policy",
				"apis/pets/operations/pets-get/policies/policy", "products/starter/policies/policy", "apis/pets/schemas/s", "namedValues/x", "x"} {
				s.Note(path)
			}
		}, nil, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := cataloguetest.New()
			cataloguetest.Example(s)
			c := follow(t, s)
			s.Requests()
			test.change(s)
			x := await(t, s, c)
			got := s.Requests()
			slices.Sort(got)
			got = slices.Compact(got)
			want := slices.Sorted(slices.Values(test.reads))
			if diff := cmp.Diff(strings.Join(want, "\n"), strings.Join(got, "\n")); diff != "" {
				t.Error("read:", diff)
			}
			if test.check != nil && !test.check(x) {
				t.Error("the index does not have the change")
			}
		})
	}
}

func TestWhatIsNotConcernedIsShared(t *testing.T) {
	s := cataloguetest.New()
	cataloguetest.Many(s, 50)
	c := follow(t, s)
	before := c.Current()
	cataloguetest.API(s, "new", "New", map[string]any{"subscriptionRequired": false})
	after := await(t, s, c)
	a, _ := before.API("Billing-Orders-0", guest)
	b, ok := after.API("Billing-Orders-0", guest)
	if !ok || &a.Operations[0] != &b.Operations[0] {
		t.Error("an API that did not change was made anew")
	}
	if len(before.APIs(guest)) != 50 || len(after.APIs(guest)) != 51 {
		t.Errorf("%d APIs before and %d after", len(before.APIs(guest)), len(after.APIs(guest)))
	}
}

func TestEverythingIsReadWhereChangesAreIncomplete(t *testing.T) {
	s := cataloguetest.New()
	cataloguetest.Example(s)
	c := follow(t, s)
	s.Requests()
	s.Forget()
	await(t, s, c)
	if got := s.Requests(); !slices.Contains(got, "apis") || !slices.Contains(got, "products") {
		t.Errorf("only %q were read", got)
	}
}

func TestItGoesOnWhileTheManagementPlaneIsAway(t *testing.T) {
	s := cataloguetest.New()
	cataloguetest.Example(s)
	fake := clock.NewFake(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	c := followWith(t, s, fake)
	read := c.Current().ReadAt()
	s.SetDown(true)
	waitFor(t, fake, func() bool { return c.Status().Failures >= 3 })
	cataloguetest.API(s, "late", "Late", map[string]any{"subscriptionRequired": false})
	if _, ok := c.Current().API("pets", guest); !ok {
		t.Error("the catalogue is empty")
	}
	st := c.Status()
	if st.Err == nil || !c.Current().ReadAt().Equal(read) || fake.Since(st.ConfirmedAt) <= 0 {
		t.Errorf("the catalogue does not know that it is old: %+v", st)
	}
	s.SetDown(false)
	waitFor(t, fake, func() bool { _, ok := c.Current().API("late", guest); return ok })
	if st := c.Status(); st.Err != nil || st.Failures != 0 {
		t.Errorf("it is not well again: %+v", st)
	}
}

func TestItStartsWithoutTheManagementPlane(t *testing.T) {
	s := cataloguetest.New()
	cataloguetest.Example(s)
	s.SetDown(true)
	fake := clock.NewFake(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	c := followWith(t, s, fake)
	if c.Current() == nil || !c.Current().ReadAt().IsZero() || c.Status().Err == nil {
		t.Errorf("an empty catalogue was expected: %+v", c.Status())
	}
	s.SetDown(false)
	waitFor(t, fake, func() bool { return len(c.Current().APIs(guest)) == 2 })
}

// waitFor moves the clock on until something is so.
func waitFor(t *testing.T, fake *clock.Fake, done func() bool) {
	t.Helper()
	for range 3000 {
		if done() {
			return
		}
		fake.Advance(time.Second)
		time.Sleep(2 * time.Millisecond)
	}
	t.Fatal("it did not happen")
}

// BenchmarkFollow reads 1,000 APIs with 10,000 operations.
func BenchmarkFollow(b *testing.B) {
	s := cataloguetest.New()
	cataloguetest.Many(s, 1000)
	b.ReportAllocs()
	for b.Loop() {
		if n := len(follow(b, s).Current().APIs(guest)); n != 1000 {
			b.Fatal(fmt.Sprint(n))
		}
	}
}

// TestChangesAreHandedOn tells who asks for it of what changes, though it is no
// part of the catalogue.
func TestChangesAreHandedOn(t *testing.T) {
	s := cataloguetest.New()
	cataloguetest.Example(s)
	told := make(chan client.Changes, 100)
	ctx, cancel := context.WithCancel(t.Context())
	c, err := catalogue.Follow(ctx, catalogue.Options{Client: s.Client(t), Changed: func(changes client.Changes) { told <- changes }})
	if err != nil {
		t.Fatal(err)
	}
	if first := <-told; first.Complete {
		t.Error("the first reading is told of as a change")
	}
	s.Note("portalsettings/signin")
	for changes := range told {
		if slices.Contains(changes.Changed, "portalsettings/signin") {
			break
		}
	}
	cancel()
	<-c.Done()
}
