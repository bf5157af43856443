package apply_test

import (
	"os"
	"testing"

	"github.com/sallyport/sallyport/internal/control/apply"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/control/transfer/apiops"
)

// TestExportedFolder exports the example, in which the service keeps both forms of
// each link, to a folder: each link has one file, and applying the folder, also
// with prune, changes nothing.
func TestExportedFolder(t *testing.T) {
	s := resourcestest.New(t, nil)
	run(t, s, quickstart(t), apply.Options{})
	all := exported(t, s)
	out := transfer.New()
	out.Resources = apply.Distinct(all)
	if len(out.Resources) >= len(all) {
		t.Error("no link was there in both forms: the test proves nothing")
	}
	dir := t.TempDir()
	if err := apiops.Write(dir, out, apiops.WriteOptions{Secrets: true}); err != nil {
		t.Fatal(err)
	}
	read, problems := apiops.Read(os.DirFS(dir), apiops.Options{})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	if plan := run(t, s, read.Resources, apply.Options{Prune: true}); len(plan.Steps) != 0 {
		t.Errorf("applied again: %v", plan.Steps)
	}
}
