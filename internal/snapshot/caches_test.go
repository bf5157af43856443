package snapshot_test

import (
	"testing"

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/snapshot"
)

// TestCacheOfRegion chooses between the caches of regions and the default one.
func TestCacheOfRegion(t *testing.T) {
	resources := []model.Resource{
		&model.NamedValue{ID: "namedValues/n1", DisplayName: "Redis-Password", Value: "open,sesame"},
		&model.Cache{ID: "caches/default", ConnectionString: "all:6379", UseFromLocation: "default"},
		&model.Cache{ID: "caches/we", ConnectionString: "we:6380,password={{redis-password}},ssl=True", UseFromLocation: "West Europe"},
		&model.Cache{ID: "caches/z", ConnectionString: "never", UseFromLocation: "westeurope"},
		&model.Cache{ID: "caches/broken", ConnectionString: "{{gone}}", UseFromLocation: "East US"},
		&model.Cache{ID: "caches/odd", ConnectionString: "a{{b", UseFromLocation: "odd"},
	}
	doc := &snapshot.Document{Revision: 1, Resources: resources}
	snap, problems := snapshot.Compile(doc, &snapshot.Settings{})
	if snap == nil || problems.HasErrors() {
		t.Fatal(problems)
	}
	for region, want := range map[string]string{
		"westeurope": "we:6380,password=open,sesame,ssl=True", "West Europe": "we:6380,password=open,sesame,ssl=True",
		"eastus": "all:6379", "local": "all:6379", "": "all:6379", "odd": "a{{b",
	} {
		if got := snap.Cache(region); got == nil || got.ConnectionString != want {
			t.Errorf("%q uses %v, want %s", region, got, want)
		}
	}
	next, problems := snap.Apply(&snapshot.Delta{Base: 1, Revision: 2, Put: []model.Resource{
		&model.NamedValue{ID: "namedValues/n1", DisplayName: "Redis-Password", Value: "new"},
	}, Delete: []model.ID{"caches/default"}})
	if next == nil || problems.HasErrors() {
		t.Fatal(problems)
	}
	if got := next.Cache("westeurope"); got == nil || got.ConnectionString != "we:6380,password=new,ssl=True" {
		t.Errorf("after its named value has changed: %v", got)
	}
	if got := next.Cache("local"); got != nil {
		t.Errorf("after the default one has gone: %v", got)
	}
}
