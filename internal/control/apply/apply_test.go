package apply_test

import (
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/examples"
	"github.com/sallyport/sallyport/internal/control/apply"
	"github.com/sallyport/sallyport/internal/control/publish"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/control/transfer/apiops"
	"github.com/sallyport/sallyport/internal/model"
)

const serviceID = resource.ID(resourcestest.Service)

func caller() *resource.Call {
	return &resource.Call{Principal: "t", Name: "t", Version: resourcestest.Version}
}

// quickstart is the example's configuration.
func quickstart(t *testing.T) []model.Resource {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, examples.Quickstart); err != nil {
		t.Fatal(err)
	}
	read, problems := apiops.Read(os.DirFS(dir+"/quickstart"), apiops.Options{})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return read.Resources
}

func run(t *testing.T, s *resourcestest.Server, resources []model.Resource, o apply.Options) *apply.Plan {
	t.Helper()
	o.Service = serviceID
	plan, err := apply.Apply(t.Context(), s.Plane, caller(), resources, o)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// exported is what is in the service, as a folder has it.
func exported(t *testing.T, s *resourcestest.Server) []model.Resource {
	t.Helper()
	out := transfer.New()
	err := s.Plane.Read(t.Context(), caller(), func(session *resource.Session) error {
		doc, err := publish.Document(session, serviceID)
		if err != nil {
			return err
		}
		for _, r := range doc.Resources {
			if r.Kind() != model.KindService && !apply.BuiltIn(r.ResourceID()) {
				out.Resources = append(out.Resources, r)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	out.Sort()
	return out.Resources
}

// TestApplyTwice applies a folder, and again later, and then what was exported:
// only the first time is anything changed.
func TestApplyTwice(t *testing.T) {
	s := resourcestest.New(t, nil)
	resources := quickstart(t)
	if first := run(t, s, resources, apply.Options{}); len(first.Steps) < len(resources) {
		t.Errorf("%d steps for %d resources", len(first.Steps), len(resources))
	}
	s.Clock.Advance(time.Hour)
	if again := run(t, s, resources, apply.Options{Prune: true}); len(again.Steps) != 0 {
		t.Errorf("applied again: %v", again.Steps)
	}
	if back := run(t, s, exported(t, s), apply.Options{Prune: true}); len(back.Steps) != 0 {
		t.Errorf("applied what was exported: %v", back.Steps)
	}
}

func TestPruneAndDryRun(t *testing.T) {
	s := resourcestest.New(t, nil)
	resources := quickstart(t)
	run(t, s, resources, apply.Options{})
	without := make([]model.Resource, 0, len(resources))
	for _, r := range resources {
		if !r.ResourceID().Within("apis/petstore") && r.Kind() != model.KindProductAPI {
			without = append(without, r)
		}
	}
	tried := run(t, s, without, apply.Options{Prune: true, DryRun: true})
	if s.Get("apis/petstore") == nil || len(tried.Steps) == 0 {
		t.Fatalf("the dry run: %v", tried.Steps)
	}
	done := run(t, s, without, apply.Options{Prune: true})
	if diff := cmp.Diff(tried.Steps, done.Steps); diff != "" {
		t.Errorf("what was done is not what was planned (-planned +done):\n%s", diff)
	}
	if status, _, _ := s.Do("GET", "apis/petstore", nil); status != 404 {
		t.Errorf("what the folder does not have is still there: %d", status)
	}
	for _, kept := range []string{"groups/administrators", "users/1", "subscriptions/master"} {
		s.Get(kept)
	}
}

// TestAllOrNothing applies resources of which one is wrong.
func TestAllOrNothing(t *testing.T) {
	s := resourcestest.New(t, nil)
	resources := append(quickstart(t), &model.NamedValue{ID: "namedValues/bad", DisplayName: "not allowed!", Value: "x"})
	if _, err := apply.Apply(t.Context(), s.Plane, caller(), resources, apply.Options{Service: serviceID}); err == nil {
		t.Fatal("it was applied")
	}
	if got := exported(t, s); len(got) != 0 {
		t.Errorf("%d resources were made", len(got))
	}
}

func TestRollback(t *testing.T) {
	s := resourcestest.New(t, nil)
	first := run(t, s, quickstart(t), apply.Options{})
	before := exported(t, s)
	s.Put("namedValues/extra", `{"properties":{"displayName":"extra","value":"secret text","secret":true}}`)
	s.Must("DELETE", "apis/echo", nil, 202)
	s.Put("namedValues/greeting", `{"properties":{"displayName":"greeting","value":"changed"}}`)
	plan, err := apply.Rollback(t.Context(), s.Plane, caller(), serviceID, apply.RollbackOptions{Revision: first.Revision})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, exported(t, s)); diff != "" {
		t.Errorf("what is there after the rollback (-want +got):\n%s", diff)
	}
	changed, err := apply.Difference(t.Context(), s.Plane, caller(), serviceID, first.Revision, plan.Revision)
	if err != nil || len(changed.Steps) != 0 {
		t.Errorf("%v %v", changed, err)
	}
	if _, err := apply.Rollback(t.Context(), s.Plane, caller(), serviceID, apply.RollbackOptions{Revision: 1_000_000}); err == nil {
		t.Error("went back to the future")
	}
}
