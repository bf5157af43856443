package snapshot_test

import (
	"testing"

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/snapshot"
)

// TestServiceFabric keeps a backend that this gateway cannot call.
func TestServiceFabric(t *testing.T) {
	resources := append(shop(), &model.Backend{ID: "backends/sf", URL: "fabric:/app/service", Protocol: model.BackendHTTP})
	snap, problems := snapshot.Compile(&snapshot.Document{Revision: 1, Resources: resources}, settings(t, markRegistry(map[string]int{})))
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	if !says(problems, "backends/sf", "not called by this gateway") {
		t.Errorf("nothing warns of the backend: %v", problems)
	}
	if snap.Backend("sf") != nil {
		t.Error("the backend can be called")
	}
}
