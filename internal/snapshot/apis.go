package snapshot

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
)

// buildWorkspaces makes the entities of workspaces.
func (b *build) buildWorkspaces() {
	for _, r := range b.byKind[model.KindWorkspace] {
		m, ok := r.(*model.Workspace)
		if !ok {
			continue
		}
		b.out.workspaces[m.ID.Key()] = &Workspace{
			Model: m, Policy: b.document(m.ID),
			host: &host.Workspace{ID: m.ID.Name(), Name: m.DisplayName},
		}
	}
}

// buildAPIs makes the entities of APIs and operations, in the order of their
// ids, which is the order of their numbers in the matching tree.
func (b *build) buildAPIs() {
	byID := map[model.Key]*API{}
	for _, r := range b.sorted(model.KindAPI) {
		m, ok := r.(*model.API)
		if !ok {
			continue
		}
		a := b.api(m)
		byID[m.ID.Key()] = a
		b.out.apis = append(b.out.apis, a)
	}
	for _, r := range b.sorted(model.KindOperation) {
		m, ok := r.(*model.Operation)
		if !ok {
			continue
		}
		if a := byID[m.API().Key()]; a != nil {
			b.out.operations = append(b.out.operations, b.operation(m, a))
		}
	}
}

// api makes the entity of an API.
func (b *build) api(m *model.API) *API {
	header, query := m.KeyNames()
	a := &API{
		Model: m, Root: m.RootID().Key(), Policy: b.document(m.ID),
		KeyHeader: message.NameOf(header), KeyQuery: query, Challenge: challenge(m.Path, header),
		WorkspaceKey: m.ID.Workspace().Key(), Workspace: b.out.workspaces[m.ID.Workspace().Key()],
	}
	a.Clear, a.Secure = transports(m.Protocols)
	api := &host.API{
		ID: m.RootID().Name(), Name: m.DisplayName, Path: m.Path, Revision: m.Revision(), Version: m.APIVersion,
		IsCurrentRevision: m.Current(), KeyHeader: header, KeyQuery: query,
	}
	a.Static = &host.Static{API: api, Deployment: b.out.deployment}
	if a.Workspace != nil {
		a.Static.Workspace = a.Workspace.host
	}
	for _, p := range m.Protocols {
		api.Protocols = append(api.Protocols, string(p))
	}
	if m.ServiceURL != "" {
		u, err := message.ParseURL(m.ServiceURL)
		if err != nil {
			b.failf(m.ID, "serviceUrl: %s", err)
			return a
		}
		a.ServiceURL = &u
		api.ServiceURL = &host.URL{Scheme: u.Scheme, Host: u.Host, Port: int(u.EffectivePort()), Path: u.Path, RawQuery: u.Query}
	}
	return a
}

// challenge is the part of a WWW-Authenticate field that is the same for all
// requests to an API.
func challenge(path, header string) string {
	path = strings.ReplaceAll(strings.Trim(path, "/"), `"`, "%22")
	return "/" + path + `",name="` + header + `",type="header"`
}

// transports says whether protocols take calls in clear text and over TLS. An
// API that names none takes them over TLS only.
func transports(protocols []model.Protocol) (inClear, secure bool) {
	for _, p := range protocols {
		switch p {
		case model.ProtocolHTTP, model.ProtocolWS:
			inClear = true
		case model.ProtocolHTTPS, model.ProtocolWSS:
			secure = true
		}
	}
	return inClear, secure || len(protocols) == 0
}

// operation makes the entity of an operation.
func (b *build) operation(m *model.Operation, a *API) *Operation {
	static := *a.Static
	static.Operation = &host.Operation{ID: m.ID.Name(), Method: m.Method, Name: m.DisplayName, URLTemplate: m.URLTemplate}
	return &Operation{Model: m, API: a, Policy: b.document(m.ID), Static: &static}
}

// sorted returns the resources of a kind by id, so that two compilations of one
// document have the same result.
func (b *build) sorted(kind model.Kind) []model.Resource {
	list := make([]keyed, 0, len(b.byKind[kind]))
	for _, r := range b.byKind[kind] {
		list = append(list, keyed{r.ResourceID().Key(), r})
	}
	slices.SortFunc(list, func(x, y keyed) int { return cmp.Compare(x.key, y.key) })
	resources := make([]model.Resource, len(list))
	for i, one := range list {
		resources[i] = one.resource
	}
	return resources
}

// keyed is a resource with the key of its id, which takes time to fold.
type keyed struct {
	key      model.Key
	resource model.Resource
}
