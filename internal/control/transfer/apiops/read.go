package apiops

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/control/transfer/document"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/problem"
)

// serviceFile is ours: the properties of the service itself.
const serviceFile = "serviceInformation.json"

// Read reads a folder. The configuration is complete where no problem is an
// error, and must not be used otherwise. Problems are sorted, and every one
// that is about a resource names a file.
func Read(fsys fs.FS, o Options) (*transfer.Configuration, problem.Problems) {
	files := &atomic.Int64{}
	r := &reader{fsys: fsys, options: &o, files: files, out: newResult()}
	if o.OverridesFile == "" {
		o.OverridesFile = "overrides"
	}
	r.over = r.readOverrides(o.Overrides, o.OverridesFile)
	jobs := r.root()
	for _, done := range r.run(jobs) {
		r.out.take(done)
	}
	return r.finish()
}

// result is what one part of the folder gave.
type result struct {
	resources      []model.Resource
	sources        map[model.Key]transfer.Source
	trees          map[model.Key]*document.Node // Properties, for positions.
	specifications map[model.Key]transfer.Specification
	valueSources   map[model.Key]map[string]transfer.ValueSource
	kept           map[string][]byte
	problems       problem.Problems
}

func newResult() *result {
	return &result{
		sources:        map[model.Key]transfer.Source{},
		trees:          map[model.Key]*document.Node{},
		specifications: map[model.Key]transfer.Specification{},
		valueSources:   map[model.Key]map[string]transfer.ValueSource{},
		kept:           map[string][]byte{},
	}
}

func (out *result) take(other *result) {
	out.resources = append(out.resources, other.resources...)
	out.problems = append(out.problems, other.problems...)
	for k, v := range other.sources {
		if _, ok := out.sources[k]; !ok {
			out.sources[k] = v
		}
	}
	maps.Copy(out.trees, other.trees)
	maps.Copy(out.specifications, other.specifications)
	maps.Copy(out.valueSources, other.valueSources)
	maps.Copy(out.kept, other.kept)
}

// reader reads one part of the folder into its result. What it shares with
// other readers is only read, or counted atomically.
type reader struct {
	fsys    fs.FS
	options *Options
	over    *overrides
	files   *atomic.Int64
	out     *result
	// entries and listed are what is in the folders that were listed.
	entries map[string][]fs.DirEntry
	listed  map[string]map[string]bool
}

// job is a part of the folder that can be read by itself: the folder of one
// resource.
type job struct {
	entry  *entry
	dir    string
	name   string
	parent model.ID
}

// root lists the jobs of the folder, and reads what is in no resource's folder.
func (r *reader) root() []job {
	list := r.list(".")
	if list == nil {
		return nil
	}
	r.service()
	r.policy(".", "")
	return r.collections(list, ".", "", layout())
}

// service reads the information of the service, which may be absent.
func (r *reader) service() {
	text, err := r.text(serviceFile, MaxInformationSize, "MaxInformationSize")
	if errors.Is(err, errMissing) {
		return
	}
	r.information(&entry{}, serviceFile, text, err, "")
}

// collections turns the folders of a folder into jobs, or reports them.
func (r *reader) collections(list []fs.DirEntry, dir string, parent model.ID, entries []*entry) []job {
	var jobs []job
	for _, d := range list {
		name := d.Name()
		if strings.HasPrefix(name, ".") || !isDir(r.fsys, dir, d) || dir == "." && name == portalFolder {
			continue
		}
		e := child(entries, name)
		if e == nil {
			hint := ""
			if s := similar(entries, name); s != nil {
				hint = fmt.Sprintf("did you mean %q?", s.folder)
			}
			r.warning(problem.Location{File: path.Join(dir, name)}, "the folder is not part of the layout, and is ignored", hint)
			continue
		}
		jobs = append(jobs, r.members(e, path.Join(dir, name), parent)...)
	}
	return jobs
}

// members lists the jobs of the resources in a collection's folder.
func (r *reader) members(e *entry, dir string, parent model.ID) []job {
	var jobs []job
	for _, d := range r.list(dir) {
		switch {
		case strings.HasPrefix(d.Name(), "."):
		case isDir(r.fsys, dir, d):
			jobs = append(jobs, job{entry: e, dir: path.Join(dir, d.Name()), name: d.Name(), parent: parent})
		default:
			r.warning(problem.Location{File: path.Join(dir, d.Name())},
				"the file is not part of the layout, and is ignored", "resources are folders here")
		}
	}
	if e.collection != "workspaces" {
		return jobs
	}
	return append(jobs, r.workspaces(e, jobs)...)
}

// workspaces lists the jobs of the resources in workspaces.
func (r *reader) workspaces(e *entry, jobs []job) []job {
	var below []job
	for _, j := range jobs {
		below = append(below, r.collections(r.list(j.dir), j.dir, model.NewID(e.collection, j.name), e.children)...)
	}
	return below
}

// isDir follows symbolic links, as mounted configuration has them.
func isDir(fsys fs.FS, dir string, d fs.DirEntry) bool {
	if d.Type()&fs.ModeSymlink == 0 {
		return d.IsDir()
	}
	info, err := fs.Stat(fsys, path.Join(dir, d.Name()))
	return err == nil && info.IsDir()
}

// run reads all jobs on as many goroutines as there are processors. The
// results are in the order of the jobs.
func (r *reader) run(jobs []job) []*result {
	results := make([]*result, len(jobs))
	next := atomic.Int64{}
	var wait sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(jobs)) {
		wait.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(jobs) {
					return
				}
				one := &reader{fsys: r.fsys, options: r.options, over: r.over, files: r.files, out: newResult()}
				one.member(jobs[i].entry, jobs[i].dir, jobs[i].name, jobs[i].parent)
				results[i] = one.out
			}
		})
	}
	wait.Wait()
	return results
}

// member reads the folder of one resource and what is below it.
func (r *reader) member(e *entry, dir, name string, parent model.ID) {
	r.list(dir)
	file := path.Join(dir, e.file)
	text, err := r.text(file, MaxInformationSize, "MaxInformationSize")
	if e.isLink() {
		r.link(e, file, name, text, err, parent)
		return
	}
	id, idErr := model.ParseID(string(parent.Child(e.collection, name)))
	if idErr != nil {
		r.add(problem.Location{File: dir}, idErr.Error(), "rename the folder")
		return
	}
	switch {
	case e.collection == "policyFragments":
		r.fragment(e, dir, text, err, id)
		return
	case e.collection == "apis":
		r.api(e, dir, text, err, id)
		return
	case e.collection == "workspaces" && errors.Is(err, errMissing):
		r.put(&model.Workspace{ID: id}, transfer.Source{File: dir}, nil)
	default:
		r.information(e, file, text, err, id)
	}
	if e.policy {
		r.policy(dir, id)
	}
	if e.collection != "workspaces" {
		r.below(e, dir, id)
	}
}

// below reads the collections in a resource's folder.
func (r *reader) below(e *entry, dir string, id model.ID) {
	for _, j := range r.collections(r.list(dir), dir, id, e.children) {
		r.member(j.entry, j.dir, j.name, j.parent)
	}
}

// put keeps a resource, where it is from, and its properties as they were
// written.
func (r *reader) put(resource model.Resource, source transfer.Source, tree *document.Node) {
	key := resource.ResourceID().Key()
	r.out.resources = append(r.out.resources, resource)
	if _, ok := r.out.sources[key]; !ok {
		r.out.sources[key] = source
	}
	if tree != nil {
		r.out.trees[key] = tree
	}
}
