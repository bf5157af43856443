package snapshot

import (
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
	"github.com/sallyport/sallyport/internal/problem"
)

// compiledDocument is a policy document with what it was compiled from.
type compiledDocument struct {
	source   *model.Policy
	document *policy.Document
}

// buildDocuments compiles the policy documents, on all processors. A document
// whose text, named values and fragments are those of the previous snapshot is
// taken from there.
func (b *build) buildDocuments() {
	b.out.documents = make(map[model.Key]*compiledDocument, len(b.byKind[model.KindPolicy]))
	environments := b.environments()
	changed := b.changedInputs()
	var jobs []*model.Policy
	for _, r := range b.byKind[model.KindPolicy] {
		p, ok := r.(*model.Policy)
		if !ok {
			continue
		}
		if old := b.reusable(p, changed); old != nil {
			b.out.documents[p.ID.Key()] = old
			continue
		}
		jobs = append(jobs, p)
	}
	b.compileAll(jobs, environments)
	b.checkFragments(environments)
	if d := b.out.documents[model.PolicyID("").Key()]; d != nil {
		b.out.global = d.document
	}
}

// reusable returns the compiled document of the previous snapshot, if it still
// holds.
func (b *build) reusable(p *model.Policy, changed map[string]bool) *compiledDocument {
	if b.previous == nil {
		return nil
	}
	old := b.previous.documents[p.ID.Key()]
	if old == nil || old.source.Value != p.Value || old.source.Format != p.Format {
		return nil
	}
	workspace := string(p.ID.Workspace().Key())
	for _, name := range old.document.NamedValues {
		if changed[namedValueInput(workspace, name)] {
			return nil
		}
	}
	for _, id := range old.document.Fragments {
		if changed[fragmentInput(workspace, id)] {
			return nil
		}
	}
	if changed[inputReferences] {
		return nil
	}
	return old
}

// inputReferences stands for the resources that documents may refer to by id.
const inputReferences = "references"

func namedValueInput(workspace, name string) string {
	return "namedValue " + workspace + " " + strings.ToLower(name)
}

func fragmentInput(workspace, id string) string {
	return "fragment " + workspace + " " + strings.ToLower(id)
}

// changedInputs returns what documents are compiled from and has changed since
// the previous snapshot: named values, fragments, and whether a resource that
// documents refer to has gone.
func (b *build) changedInputs() map[string]bool {
	changed := map[string]bool{}
	if b.previous == nil {
		return changed
	}
	for key, r := range b.config {
		if b.previous.config[key] != r {
			markInput(changed, r)
		}
	}
	for key, r := range b.previous.config {
		if b.config[key] == nil {
			markInput(changed, r)
			if k := r.Kind(); k == model.KindBackend || k == model.KindCertificate {
				changed[inputReferences] = true
			}
		}
	}
	return changed
}

func markInput(changed map[string]bool, r model.Resource) {
	workspace := string(r.ResourceID().Workspace().Key())
	switch r := r.(type) {
	case *model.NamedValue:
		changed[namedValueInput(workspace, r.DisplayName)] = true
		changed[namedValueInput(workspace, r.ID.Name())] = true
	case *model.PolicyFragment:
		changed[fragmentInput(workspace, r.ID.Name())] = true
	}
}

// compileAll compiles documents in parallel.
func (b *build) compileAll(jobs []*model.Policy, environments map[model.Key]*policy.Environment) {
	results := make([]*policy.Document, len(jobs))
	problems := make([]problem.Problems, len(jobs))
	var wait sync.WaitGroup
	next := make(chan int)
	for range min(runtime.GOMAXPROCS(0), len(jobs)) {
		wait.Go(func() {
			for i := range next {
				p := jobs[i]
				results[i], problems[i] = policy.Compile(environments[p.ID.Workspace().Key()], sourceOf(p), scopeOf(p))
			}
		})
	}
	for i := range jobs {
		next <- i
	}
	close(next)
	wait.Wait()
	for i, p := range jobs {
		b.problems = append(b.problems, problems[i]...)
		if results[i] != nil {
			b.out.documents[p.ID.Key()] = &compiledDocument{source: p, document: results[i]}
		}
	}
}

// checkFragments checks the fragments that no document includes, so that a
// broken one is found when it is saved and not when it is first used.
func (b *build) checkFragments(environments map[model.Key]*policy.Environment) {
	used := map[string]bool{}
	for key, d := range b.out.documents {
		workspace := string(model.ID(key).Workspace().Key())
		for _, id := range d.document.Fragments {
			used[fragmentInput(workspace, id)] = true
		}
	}
	for _, r := range b.byKind[model.KindPolicyFragment] {
		f, ok := r.(*model.PolicyFragment)
		if !ok || used[fragmentInput(string(f.ID.Workspace().Key()), f.ID.Name())] || b.unchanged(f) {
			continue
		}
		b.problems = append(b.problems, policy.CheckFragment(environments[f.ID.Workspace().Key()], fragmentSource(f))...)
	}
}

// unchanged reports whether the previous snapshot had the same resource.
func (b *build) unchanged(r model.Resource) bool {
	return b.previous != nil && b.previous.config[r.ResourceID().Key()] == r
}

// environments makes what documents are compiled against, for the service and
// for each workspace. A workspace sees its own named values and fragments only.
func (b *build) environments() map[model.Key]*policy.Environment {
	all := map[model.Key]*policy.Environment{"": b.environment("")}
	for _, r := range b.byKind[model.KindWorkspace] {
		all[r.ResourceID().Key()] = b.environment(r.ResourceID())
	}
	return all
}

func (b *build) environment(workspace model.ID) *policy.Environment {
	values := map[string]string{}
	for _, r := range b.byKind[model.KindNamedValue] {
		if v, ok := r.(*model.NamedValue); ok && v.ID.Workspace().Equal(workspace) {
			name := v.DisplayName
			if name == "" {
				name = v.ID.Name()
			}
			values[strings.ToLower(name)] = v.Value
		}
	}
	fragments := map[string]policy.Source{}
	for _, r := range b.byKind[model.KindPolicyFragment] {
		if f, ok := r.(*model.PolicyFragment); ok && f.ID.Workspace().Equal(workspace) {
			fragments[strings.ToLower(f.ID.Name())] = fragmentSource(f)
		}
	}
	return &policy.Environment{
		Policies: b.settings.Policies, Expressions: b.settings.Expressions, Services: b.settings.Services,
		NamedValue: func(name string) (string, bool) { v, ok := values[strings.ToLower(name)]; return v, ok },
		Fragment:   func(id string) (policy.Source, bool) { f, ok := fragments[strings.ToLower(id)]; return f, ok },
		Exists:     func(id string) bool { return b.exists(workspace, id) },
		MixedText:  b.settings.MixedText,
	}
}

// exists reports whether a resource that a policy refers to is there, in the
// document's own workspace or in the service.
func (b *build) exists(workspace model.ID, id string) bool {
	key := model.ID(strings.TrimPrefix(id, "/"))
	return b.config[key.InWorkspace(workspace).Key()] != nil || b.config[key.Key()] != nil
}

func fragmentSource(f *model.PolicyFragment) policy.Source {
	return policy.Source{Text: []byte(f.Value), Format: formatOf(f.Format), Resource: f.ID.String()}
}

func sourceOf(p *model.Policy) policy.Source {
	return policy.Source{Text: []byte(p.Value), Format: formatOf(p.Format), Resource: p.ID.String()}
}

// formatOf returns the rules by which a document is read. A document in the
// format xml is read by the rules of rawxml too, which accept every well-formed
// document with the same result.
func formatOf(f model.PolicyFormat) document.Format {
	if f == model.PolicyRawXML {
		return document.RawXML
	}
	return document.Auto
}

// scopeOf returns the scope of a policy document.
func scopeOf(p *model.Policy) policy.Scope {
	switch p.Scope().Kind() {
	case model.KindOperation:
		return policy.ScopeOperation
	case model.KindAPI:
		return policy.ScopeAPI
	case model.KindProduct:
		return policy.ScopeProduct
	case model.KindWorkspace:
		return policy.ScopeWorkspace
	}
	return policy.ScopeGlobal
}

// all returns every resource of the build, subscriptions included.
func (b *build) all() []model.Resource {
	list := slices.Collect(maps.Values(b.config))
	for _, part := range b.keys.byID.parts {
		for _, sub := range part {
			list = append(list, sub.Model)
		}
	}
	return list
}
