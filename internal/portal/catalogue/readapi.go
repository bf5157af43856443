package catalogue

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
)

// api reads an API whose properties were read, under the name that the portal calls it by: its operations,
// revisions and releases.
func (r *reading) api(ctx context.Context, from client.Resource[client.API]) error {
	if strings.Contains(from.Name, ";") {
		return nil // A revision that is not current is in the revisions of its API.
	}
	a := apiOf(from)
	path := client.PathIn("apis", from.Name)
	err := list(ctx, r, path+"/operations", MaxOperations, func(o client.Resource[client.Operation]) {
		p := o.Properties
		a.Operations = append(a.Operations, &Operation{
			Name: o.Name, DisplayName: cmp.Or(p.DisplayName, o.Name), Method: strings.ToUpper(p.Method),
			Template: p.URLTemplate, Description: clip(p.Description),
		})
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(a.Operations, compareOperations)
	if err := r.history(ctx, path, a); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.records.apis[strings.ToLower(a.Name)] = a
	return nil
}

// history reads the revisions and the releases of an API.
func (r *reading) history(ctx context.Context, path string, a *API) error {
	err := items(ctx, r, path+"/revisions", MaxRevisions, func(v client.Revision) {
		a.Revisions = append(a.Revisions, Revision{
			Number: v.APIRevision, Description: clip(v.Description), Created: v.CreatedDateTime, Updated: v.UpdatedDateTime,
			Current: v.IsCurrent, Online: v.IsOnline,
		})
	})
	if err != nil {
		return err
	}
	err = list(ctx, r, path+"/releases", MaxReleases, func(l client.Resource[client.Release]) {
		_, revision, _ := strings.Cut(lastName(l.Properties.APIID), ";rev=")
		a.Releases = append(a.Releases, Release{
			Name: l.Name, Notes: clip(l.Properties.Notes), Revision: revision,
			Created: l.Properties.CreatedDateTime, Updated: l.Properties.UpdatedDateTime,
		})
	})
	slices.SortFunc(a.Releases, func(x, y Release) int {
		return cmp.Or(y.Created.Compare(x.Created), cmp.Compare(x.Name, y.Name))
	})
	return err
}

func apiOf(from client.Resource[client.API]) *API {
	p := from.Properties
	workspace, own := client.WorkspaceOf(from.Name)
	a := &API{
		Name: from.Name, DisplayName: cmp.Or(p.DisplayName, own), Description: clip(p.Description), Place: Place{Workspace: workspace},
		Path: strings.Trim(p.Path, "/"), Type: cmp.Or(strings.ToLower(p.Type), "http"),
		Versioning: Versioning{
			Version: p.APIVersion, VersionDescription: clip(p.APIVersionDescription), VersionSet: setName(workspace, p.APIVersionSetID),
		},
		Revision: cmp.Or(p.APIRevision, "1"), Current: true, Online: p.IsOnline,
		Protocols: p.Protocols, SubscriptionRequired: isSet(p.SubscriptionRequired, true),
		TermsURL: p.TermsOfServiceURL, Authentication: authenticationOf(p.AuthenticationSettings),
	}
	if names := p.SubscriptionKeyParameterNames; names != nil {
		a.KeyHeader, a.KeyQuery = names.Header, names.Query
	}
	a.KeyHeader = cmp.Or(a.KeyHeader, "Ocp-Apim-Subscription-Key")
	a.KeyQuery = cmp.Or(a.KeyQuery, "subscription-key")
	if p.Contact != nil {
		a.Contact = Contact(*p.Contact)
	}
	if p.License != nil {
		a.License = License(*p.License)
	}
	return a
}

// setName is the name of the version set that an id names. A workspace has version sets of its own.
func setName(workspace, id string) string {
	if id == "" {
		return ""
	}
	return strings.ToLower(client.Qualify(workspace, lastName(id)))
}

// authenticationOf takes the first of several settings: the console offers one.
func authenticationOf(s *client.AuthenticationSettings) (a Authentication) {
	if s == nil {
		return a
	}
	oauth, openid := s.OAuth2, s.OpenID
	if oauth == nil && len(s.OAuth2Settings) > 0 {
		oauth = &s.OAuth2Settings[0]
	}
	if openid == nil && len(s.OpenIDSettings) > 0 {
		openid = &s.OpenIDSettings[0]
	}
	if oauth != nil {
		a.AuthorizationServer, a.AuthorizationScope = lastName(oauth.AuthorizationServerID), oauth.Scope
	}
	if openid != nil {
		a.OpenIDProvider, a.BearerMethods = lastName(openid.OpenIDProviderID), openid.BearerTokenSendingMethods
	}
	return a
}

// methods is the order in which the methods of one URL template are listed.
var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}

func compareOperations(a, b *Operation) int {
	return cmp.Or(
		cmp.Compare(strings.ToLower(a.Template), strings.ToLower(b.Template)),
		cmp.Compare(uint(slices.Index(methods, a.Method)), uint(slices.Index(methods, b.Method))), //nolint:gosec // -1 is last.
		cmp.Compare(a.Method, b.Method), cmp.Compare(a.Name, b.Name))
}

// finish gives each API what other lists say of it, its tags and its version set, and its words. What is as
// it was in the last index is taken from there.
func (r *records) finish(last records) {
	for name, a := range r.apis {
		old := last.apis[name]
		if old == a && r.same(last, name, a) {
			continue
		}
		r.apis[name] = r.finished(name, a)
	}
	for name, p := range r.products {
		tags, place := r.tagged.products[name], r.place(p.product.Workspace)
		if p.product.doc != nil && slices.Equal(p.product.Tags, tags) && p.product.Place == place {
			continue
		}
		next := *p
		next.product.Tags, next.product.Place = tags, place
		next.product.doc = productDocument(&next.product)
		r.products[name] = &next
	}
}

// same reports whether tags, version set and workspace say the same of an API as before.
func (r *records) same(last records, name string, a *API) bool {
	if r.place(a.Workspace) != a.Place || r.sets[a.VersionSet] != last.sets[a.VersionSet] || !slices.Equal(a.Tags, r.tagged.apis[name]) {
		return false
	}
	for _, o := range a.Operations {
		if !slices.Equal(o.Tags, r.tagged.operations[name+"/"+strings.ToLower(o.Name)]) {
			return false
		}
	}
	return true
}

func (r *records) finished(name string, a *API) *API {
	next := *a
	set := r.sets[a.VersionSet]
	next.VersionSetName, next.VersioningScheme, next.VersionParameter = set.displayName, set.scheme, set.parameter
	next.Tags, next.Place = r.tagged.apis[name], r.place(a.Workspace)
	next.Operations = make([]*Operation, len(a.Operations))
	for i, o := range a.Operations {
		tags := r.tagged.operations[name+"/"+strings.ToLower(o.Name)]
		if !slices.Equal(o.Tags, tags) {
			tagged := *o
			tagged.Tags = tags
			o = &tagged
		}
		next.Operations[i] = o
	}
	next.doc = apiDocument(&next)
	return &next
}
