package snapshot

import (
	"errors"

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/problem"
	"github.com/sallyport/sallyport/internal/snapshot/route"
)

// buildRoutes makes the matching tree. Where no API, operation or version set
// has changed, the tree of the previous snapshot is taken.
func (b *build) buildRoutes() {
	if b.sameRoutes() {
		b.out.routes = b.previous.routes
		return
	}
	var builder route.Builder
	numbers := map[*API]int32{}
	for _, a := range b.out.apis {
		n, err := builder.AddAPI(b.routeAPI(a.Model))
		if err != nil {
			b.failf(a.Model.ID, "path: %s", err)
			return
		}
		numbers[a] = n
	}
	for i, o := range b.out.operations {
		b.addRoute(&builder, o, numbers[o.API], int32(i)) //nolint:gosec // MaxResources is below the range of int32.
	}
	table, conflicts := builder.Build()
	for _, c := range conflicts {
		b.conflict(c)
	}
	b.out.routes = table
}

// addRoute adds an operation. One that no request can ever reach, because the
// API type is not served, is left out.
func (b *build) addRoute(builder *route.Builder, o *Operation, api, index int32) {
	err := builder.AddOperation(api, o.Model.Method, o.Model.URLTemplate, index)
	if wrong, ok := errors.AsType[*route.TemplateError](err); ok {
		b.failf(o.Model.ID, "urlTemplate: %s", wrong)
	} else if err != nil {
		b.failf(o.Model.ID, "%s", err)
	}
}

// conflict reports what a table says of two operations or APIs.
func (b *build) conflict(c route.Problem) {
	p := problem.Problem{Severity: problem.SeverityWarning, Message: c.Message}
	p.Resource = b.out.apis[c.API].Model.ID.String()
	if c.Operation >= 0 {
		p.Resource = b.out.operations[c.Operation].Model.ID.String()
	}
	if c.Kind == route.DuplicateAPI || c.Kind == route.MixedVersioning {
		p.Severity = problem.SeverityError
	}
	b.problems = append(b.problems, p)
}

// routeAPI describes where requests for an API arrive.
func (b *build) routeAPI(m *model.API) route.API {
	r := route.API{Name: m.ID.Name(), Path: m.Path, Version: m.APIVersion, Revision: m.Revision(), Current: m.Current()}
	if m.APIVersionSetID == "" {
		return r
	}
	id, err := model.ParseReference(m.ID, m.APIVersionSetID)
	if err != nil {
		b.failf(m.ID, "apiVersionSetId: %s", err)
		return r
	}
	set, ok := b.config[id.Key()].(*model.VersionSet)
	if !ok {
		return r // CheckReferences has reported it.
	}
	switch set.VersioningScheme {
	case model.VersionInHeader:
		r.Versioning, r.VersionName = route.ByHeader, set.VersionHeaderName
	case model.VersionInQuery:
		r.Versioning, r.VersionName = route.ByQuery, set.VersionQueryName
	default:
		r.Versioning = route.ByPath
	}
	return r
}

// sameRoutes reports whether everything that the matching tree is made of is as
// in the previous snapshot.
func (b *build) sameRoutes() bool {
	if b.previous == nil || len(b.out.apis) != len(b.previous.apis) || len(b.out.operations) != len(b.previous.operations) {
		return false
	}
	for i, a := range b.out.apis {
		if a.Model != b.previous.apis[i].Model {
			return false
		}
	}
	for i, o := range b.out.operations {
		if o.Model != b.previous.operations[i].Model {
			return false
		}
	}
	for _, r := range b.byKind[model.KindVersionSet] {
		if b.previous.config[r.ResourceID().Key()] != r {
			return false
		}
	}
	return true
}
