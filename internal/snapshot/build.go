package snapshot

import (
	"crypto/tls"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/problem"
)

// build is a snapshot in the making.
type build struct {
	settings *Settings
	previous *Snapshot // what can be shared; nil for the first one
	revision uint64
	config   map[model.Key]model.Resource
	keys     keyIndex
	problems problem.Problems
	out      *Snapshot
	byKind   map[model.Kind][]model.Resource
}

func newBuild(settings *Settings, previous *Snapshot) *build {
	return &build{settings: settings, previous: previous, config: map[model.Key]model.Resource{}}
}

// failf reports what is wrong with a resource.
func (b *build) failf(id model.ID, format string, args ...any) {
	b.problems = append(b.problems, problem.Problem{
		Location: problem.Location{Resource: id.String()}, Message: fmt.Sprintf(format, args...)})
}

// warnf reports what is kept and cannot be used.
func (b *build) warnf(id model.ID, format string, args ...any) {
	b.problems = append(b.problems, problem.Problem{Severity: problem.SeverityWarning,
		Location: problem.Location{Resource: id.String()}, Message: fmt.Sprintf(format, args...)})
}

// finish compiles what has been added.
func (b *build) finish() (*Snapshot, problem.Problems) {
	b.group()
	b.problems = append(b.problems, model.CheckReferences(b.all())...)
	if b.problems.HasErrors() {
		return nil, b.problems
	}
	b.out = &Snapshot{
		revision: b.revision, settings: b.settings, config: b.config, keys: b.keys,
		products: map[model.Key]*Product{}, open: map[model.Key]*Product{}, users: map[model.Key]*User{},
		workspaces: map[model.Key]*Workspace{}, backends: map[string]*model.Backend{}, certs: map[string]*tls.Certificate{},
	}
	b.buildBackends()
	b.buildCertificates()
	b.buildCaches()
	b.buildHosts()
	b.buildDocuments()
	b.buildWorkspaces()
	b.buildAPIs()
	b.buildProducts()
	b.buildUsers()
	b.buildRoutes()
	// A fragment that several documents include is wrong once.
	b.problems.Sort()
	b.problems = slices.Compact(b.problems)
	if b.problems.HasErrors() {
		return nil, b.problems
	}
	return b.out, b.problems
}

// group sorts the resources by kind.
func (b *build) group() {
	b.byKind = map[model.Kind][]model.Resource{}
	for _, r := range b.config {
		b.byKind[r.Kind()] = append(b.byKind[r.Kind()], r)
	}
}

// subscription makes the entity of a subscription.
func (b *build) subscription(m *model.Subscription) (*Subscription, error) {
	scope, err := m.ParseScope()
	if err != nil {
		return nil, err
	}
	if w := m.ID.Workspace(); w != "" && !inWorkspace(scope, w) {
		return nil, fmt.Errorf("scope: %s is not in the workspace of the subscription: name a product or an API of %s, or /apis", scope.Target, w)
	}
	s := &Subscription{Model: m, Scope: scope, Target: scope.Target.Key(), Counted: m.ID.Qualified(), Host: host.Subscription{
		ID: m.ID.Name(), Name: m.DisplayName, PrimaryKey: m.PrimaryKey, SecondaryKey: m.SecondaryKey,
		Created: dateOf(m.CreatedDate), Start: dateOf(m.StartDate), End: dateOf(m.EndDate),
	}}
	if scope.Kind == model.ScopeAPI {
		s.Target = rootKey(scope.Target)
	}
	if m.OwnerID != "" {
		owner, err := model.ParseReference(m.ID, m.OwnerID)
		if err != nil {
			return nil, fmt.Errorf("ownerId: %w", err)
		}
		s.Owner = owner.Key()
	}
	return s, nil
}

// inWorkspace reports whether a scope stays within a workspace.
func inWorkspace(scope model.SubscriptionScope, workspace model.ID) bool {
	return scope.Target.Equal(workspace) || scope.Target.Workspace().Equal(workspace)
}

// rootKey returns the key of an API's id without its revision.
func rootKey(id model.ID) model.Key {
	name, _ := model.SplitRevision(id.Name())
	return id.Parent().Child("apis", name).Key()
}

// document returns the compiled policy document of a scope, or nil.
func (b *build) document(scope model.ID) *policy.Document {
	if d := b.out.documents[model.PolicyID(scope).Key()]; d != nil {
		return d.document
	}
	return nil
}

// foldID makes the form in which backends and certificates are looked up: their
// name alone for those of the service.
func foldID(id string) string {
	id = strings.ToLower(strings.TrimPrefix(id, "/"))
	id = strings.TrimPrefix(id, "backends/")
	return strings.TrimPrefix(id, "certificates/")
}

// isNil reports whether a resource is nil, or a nil pointer: what a document
// from outside may hold where a row was blank.
func isNil(r model.Resource) bool {
	if r == nil {
		return true
	}
	v := reflect.ValueOf(r)
	return v.Kind() == reflect.Pointer && v.IsNil()
}
