package suite

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	apim "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/apimanagement/armapimanagement/v3"

	"github.com/sallyport/sallyport/test/sdk/go/serve"
)

// stale is the ETag of no version of anything.
const stale = `"0000000000000bad"`

// lifecycle is how one kind of resource is created, read, changed, listed and
// deleted with the SDK. Shown is a field that a change changes, from one value
// to another.
type lifecycle struct {
	name          string
	first, second string
	create        func(context.Context) error
	read          func(context.Context) (shown string, etag *string, err error)
	change        func(ctx context.Context, ifMatch string) error
	list          func(ctx context.Context, filter string) ([]string, error)
	remove        func(ctx context.Context, ifMatch string) error
}

// run goes through the life of a resource called "one".
func (l lifecycle) run(t *testing.T) {
	ctx := t.Context()
	if _, _, err := l.read(ctx); status(err) != http.StatusNotFound || code(err) != "ResourceNotFound" {
		t.Fatalf("before it was created: %v", err)
	}
	if err := l.create(ctx); err != nil {
		t.Fatalf("creating: %v", err)
	}
	first := l.shows(t, l.first)
	if err := l.change(ctx, stale); status(err) != http.StatusPreconditionFailed || code(err) != "PreconditionFailed" {
		t.Errorf("changing a version that is not there: %v", err)
	}
	if err := l.change(ctx, first); err != nil {
		t.Fatalf("changing: %v", err)
	}
	if second := l.shows(t, l.second); second == first {
		t.Errorf("the ETag is %s before and after a change", first)
	}
	if names, err := l.list(ctx, "name eq 'ONE'"); err != nil || !slices.Equal(names, []string{"one"}) {
		t.Errorf("listed with a filter: %q, %v", names, err)
	}
	if _, err := l.list(ctx, "nothing eq 'one'"); status(err) != http.StatusBadRequest || code(err) != "ValidationError" {
		t.Errorf("listed with a filter on an unknown field: %v", err)
	}
	if err := l.remove(ctx, stale); status(err) != http.StatusPreconditionFailed {
		t.Errorf("deleting a version that is not there: %v", err)
	}
	if err := l.remove(ctx, "*"); err != nil {
		t.Errorf("deleting: %v", err)
	}
	if _, _, err := l.read(ctx); status(err) != http.StatusNotFound {
		t.Errorf("after it was deleted: %v", err)
	}
	if err := l.remove(ctx, "*"); err != nil {
		t.Errorf("deleting what is not there: %v", err)
	}
}

// shows reads the resource and returns its ETag.
func (l lifecycle) shows(t *testing.T, want string) string {
	t.Helper()
	shown, etag, err := l.read(t.Context())
	if err != nil || etag == nil || *etag == "" {
		t.Fatalf("reading: ETag %v, %v", etag, err)
	}
	if shown != want {
		t.Errorf("it shows %q, not %q", shown, want)
	}
	return *etag
}

// status is the HTTP status of an error of the SDK, or 0.
func status(err error) int {
	if answer, ok := errors.AsType[*azcore.ResponseError](err); ok {
		return answer.StatusCode
	}
	return 0
}

// code is the code in the body of an error of the SDK.
func code(err error) string {
	if answer, ok := errors.AsType[*azcore.ResponseError](err); ok {
		return answer.ErrorCode
	}
	return ""
}

// all reads every page of a list.
func all[R, E any](ctx context.Context, pager *runtime.Pager[R], values func(R) []*E) ([]*E, error) {
	var list []*E
	for pager.More() {
		page, err := pager.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		list = append(list, values(page)...)
	}
	return list, nil
}

// names reads every page of a list and returns the names in it.
func names[R, E any](ctx context.Context, pager *runtime.Pager[R], values func(R) []*E, name func(*E) *string) ([]string, error) {
	list, err := all(ctx, pager, values)
	var found []string
	for _, element := range list {
		found = append(found, *name(element))
	}
	return found, err
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// target is the service that the tests are about.
type target struct {
	*apim.ClientFactory
	g, s string // resource group and service
}

func connect(t *testing.T, in *serve.Installation) target {
	t.Helper()
	f, err := apim.NewClientFactory(in.Subscription, in.Credential(), in.Options(t))
	if err != nil {
		t.Fatal(err)
	}
	return target{f, in.Group, in.Service}
}

func TestLifecycles(t *testing.T) {
	at := connect(t, serve.Start(t))
	for _, l := range []lifecycle{
		at.products(), at.groups(), at.tags(), at.backends(), at.loggers(), at.versionSets(), at.subscriptions(),
		at.openIDProviders(), at.authorizationServers(),
	} {
		t.Run(l.name, l.run)
	}
}

func (at target) products() lifecycle {
	c := at.NewProductClient()
	return lifecycle{
		name: "products", first: "First", second: "Second",
		create: func(ctx context.Context) error {
			_, err := c.CreateOrUpdate(ctx, at.g, at.s, "one", apim.ProductContract{Properties: &apim.ProductContractProperties{
				DisplayName: new("First"), State: to.Ptr(apim.ProductStatePublished), SubscriptionsLimit: to.Ptr[int32](3), ApprovalRequired: new(true), SubscriptionRequired: new(true),
			}}, nil)
			return err
		},
		read: func(ctx context.Context) (string, *string, error) {
			r, err := c.Get(ctx, at.g, at.s, "one", nil)
			if err != nil {
				return "", nil, err
			}
			if *r.Properties.SubscriptionsLimit != 3 || *r.Properties.State != apim.ProductStatePublished {
				return "", nil, errors.New("a change of the name changed more")
			}
			return text(r.Properties.DisplayName), r.ETag, nil
		},
		change: func(ctx context.Context, ifMatch string) error {
			_, err := c.Update(ctx, at.g, at.s, "one", ifMatch, apim.ProductUpdateParameters{
				Properties: &apim.ProductUpdateProperties{DisplayName: new("Second")}}, nil)
			return err
		},
		list: func(ctx context.Context, filter string) ([]string, error) {
			return names(ctx, c.NewListByServicePager(at.g, at.s, &apim.ProductClientListByServiceOptions{Filter: &filter}),
				func(p apim.ProductClientListByServiceResponse) []*apim.ProductContract { return p.Value },
				func(e *apim.ProductContract) *string { return e.Name })
		},
		remove: func(ctx context.Context, ifMatch string) error {
			_, err := c.Delete(ctx, at.g, at.s, "one", ifMatch, nil)
			return err
		},
	}
}

func (at target) groups() lifecycle {
	c := at.NewGroupClient()
	return lifecycle{
		name: "groups", first: "First", second: "Second",
		create: func(ctx context.Context) error {
			_, err := c.CreateOrUpdate(ctx, at.g, at.s, "one", apim.GroupCreateParameters{
				Properties: &apim.GroupCreateParametersProperties{DisplayName: new("First")}}, nil)
			return err
		},
		read: func(ctx context.Context) (string, *string, error) {
			r, err := c.Get(ctx, at.g, at.s, "one", nil)
			if err != nil {
				return "", nil, err
			}
			return text(r.Properties.DisplayName), r.ETag, nil
		},
		change: func(ctx context.Context, ifMatch string) error {
			_, err := c.Update(ctx, at.g, at.s, "one", ifMatch, apim.GroupUpdateParameters{
				Properties: &apim.GroupUpdateParametersProperties{DisplayName: new("Second")}}, nil)
			return err
		},
		list: func(ctx context.Context, filter string) ([]string, error) {
			return names(ctx, c.NewListByServicePager(at.g, at.s, &apim.GroupClientListByServiceOptions{Filter: &filter}),
				func(p apim.GroupClientListByServiceResponse) []*apim.GroupContract { return p.Value },
				func(e *apim.GroupContract) *string { return e.Name })
		},
		remove: func(ctx context.Context, ifMatch string) error {
			_, err := c.Delete(ctx, at.g, at.s, "one", ifMatch, nil)
			return err
		},
	}
}

func (at target) tags() lifecycle {
	c := at.NewTagClient()
	return lifecycle{
		name: "tags", first: "First", second: "Second",
		create: func(ctx context.Context) error {
			_, err := c.CreateOrUpdate(ctx, at.g, at.s, "one", apim.TagCreateUpdateParameters{
				Properties: &apim.TagContractProperties{DisplayName: new("First")}}, nil)
			return err
		},
		read: func(ctx context.Context) (string, *string, error) {
			r, err := c.Get(ctx, at.g, at.s, "one", nil)
			if err != nil {
				return "", nil, err
			}
			return text(r.Properties.DisplayName), r.ETag, nil
		},
		change: func(ctx context.Context, ifMatch string) error {
			_, err := c.Update(ctx, at.g, at.s, "one", ifMatch, apim.TagCreateUpdateParameters{
				Properties: &apim.TagContractProperties{DisplayName: new("Second")}}, nil)
			return err
		},
		list: func(ctx context.Context, filter string) ([]string, error) {
			return names(ctx, c.NewListByServicePager(at.g, at.s, &apim.TagClientListByServiceOptions{Filter: &filter}),
				func(p apim.TagClientListByServiceResponse) []*apim.TagContract { return p.Value },
				func(e *apim.TagContract) *string { return e.Name })
		},
		remove: func(ctx context.Context, ifMatch string) error {
			_, err := c.Delete(ctx, at.g, at.s, "one", ifMatch, nil)
			return err
		},
	}
}

func (at target) backends() lifecycle {
	c := at.NewBackendClient()
	return lifecycle{
		name: "backends", first: "https://first.example/base", second: "https://second.example/base",
		create: func(ctx context.Context) error {
			_, err := c.CreateOrUpdate(ctx, at.g, at.s, "one", apim.BackendContract{Properties: &apim.BackendContractProperties{
				URL: new("https://first.example/base"), Protocol: to.Ptr(apim.BackendProtocolHTTP),
			}}, nil)
			return err
		},
		read: func(ctx context.Context) (string, *string, error) {
			r, err := c.Get(ctx, at.g, at.s, "one", nil)
			if err != nil {
				return "", nil, err
			}
			return text(r.Properties.URL), r.ETag, nil
		},
		change: func(ctx context.Context, ifMatch string) error {
			_, err := c.Update(ctx, at.g, at.s, "one", ifMatch, apim.BackendUpdateParameters{
				Properties: &apim.BackendUpdateParameterProperties{URL: new("https://second.example/base")}}, nil)
			return err
		},
		list: func(ctx context.Context, filter string) ([]string, error) {
			return names(ctx, c.NewListByServicePager(at.g, at.s, &apim.BackendClientListByServiceOptions{Filter: &filter}),
				func(p apim.BackendClientListByServiceResponse) []*apim.BackendContract { return p.Value },
				func(e *apim.BackendContract) *string { return e.Name })
		},
		remove: func(ctx context.Context, ifMatch string) error {
			_, err := c.Delete(ctx, at.g, at.s, "one", ifMatch, nil)
			return err
		},
	}
}

func (at target) loggers() lifecycle {
	c := at.NewLoggerClient()
	return lifecycle{
		name: "loggers", first: "First", second: "Second",
		create: func(ctx context.Context) error {
			_, err := c.CreateOrUpdate(ctx, at.g, at.s, "one", apim.LoggerContract{Properties: &apim.LoggerContractProperties{
				LoggerType: to.Ptr(apim.LoggerTypeApplicationInsights), Description: new("First"),
				Credentials: map[string]*string{"instrumentationKey": new("11111111-2222-3333-4444-555555555555")},
			}}, nil)
			return err
		},
		read: func(ctx context.Context) (string, *string, error) {
			r, err := c.Get(ctx, at.g, at.s, "one", nil)
			if err != nil {
				return "", nil, err
			}
			if text(r.Properties.Credentials["instrumentationKey"]) == "11111111-2222-3333-4444-555555555555" {
				return "", nil, errors.New("a GET tells the instrumentation key")
			}
			return text(r.Properties.Description), r.ETag, nil
		},
		change: func(ctx context.Context, ifMatch string) error {
			_, err := c.Update(ctx, at.g, at.s, "one", ifMatch, apim.LoggerUpdateContract{
				Properties: &apim.LoggerUpdateParameters{Description: new("Second")}}, nil)
			return err
		},
		list: func(ctx context.Context, filter string) ([]string, error) {
			return names(ctx, c.NewListByServicePager(at.g, at.s, &apim.LoggerClientListByServiceOptions{Filter: &filter}),
				func(p apim.LoggerClientListByServiceResponse) []*apim.LoggerContract { return p.Value },
				func(e *apim.LoggerContract) *string { return e.Name })
		},
		remove: func(ctx context.Context, ifMatch string) error {
			_, err := c.Delete(ctx, at.g, at.s, "one", ifMatch, nil)
			return err
		},
	}
}

func (at target) versionSets() lifecycle {
	c := at.NewAPIVersionSetClient()
	return lifecycle{
		name: "API version sets", first: "First", second: "Second",
		create: func(ctx context.Context) error {
			_, err := c.CreateOrUpdate(ctx, at.g, at.s, "one", apim.APIVersionSetContract{Properties: &apim.APIVersionSetContractProperties{
				DisplayName: new("First"), VersioningScheme: to.Ptr(apim.VersioningSchemeQuery), VersionQueryName: new("v"),
			}}, nil)
			return err
		},
		read: func(ctx context.Context) (string, *string, error) {
			r, err := c.Get(ctx, at.g, at.s, "one", nil)
			if err != nil {
				return "", nil, err
			}
			return text(r.Properties.DisplayName), r.ETag, nil
		},
		change: func(ctx context.Context, ifMatch string) error {
			_, err := c.Update(ctx, at.g, at.s, "one", ifMatch, apim.APIVersionSetUpdateParameters{
				Properties: &apim.APIVersionSetUpdateParametersProperties{DisplayName: new("Second")}}, nil)
			return err
		},
		list: func(ctx context.Context, filter string) ([]string, error) {
			return names(ctx, c.NewListByServicePager(at.g, at.s, &apim.APIVersionSetClientListByServiceOptions{Filter: &filter}),
				func(p apim.APIVersionSetClientListByServiceResponse) []*apim.APIVersionSetContract { return p.Value },
				func(e *apim.APIVersionSetContract) *string { return e.Name })
		},
		remove: func(ctx context.Context, ifMatch string) error {
			_, err := c.Delete(ctx, at.g, at.s, "one", ifMatch, nil)
			return err
		},
	}
}

func (at target) subscriptions() lifecycle {
	c := at.NewSubscriptionClient()
	return lifecycle{
		name: "subscriptions", first: "First", second: "Second",
		create: func(ctx context.Context) error {
			_, err := c.CreateOrUpdate(ctx, at.g, at.s, "one", apim.SubscriptionCreateParameters{Properties: &apim.SubscriptionCreateParameterProperties{
				DisplayName: new("First"), Scope: new("/apis"), PrimaryKey: new("primary-key-of-one"), State: to.Ptr(apim.SubscriptionStateActive),
			}}, nil)
			return err
		},
		read: func(ctx context.Context) (string, *string, error) {
			r, err := c.Get(ctx, at.g, at.s, "one", nil)
			if err != nil {
				return "", nil, err
			}
			secrets, err := c.ListSecrets(ctx, at.g, at.s, "one", nil)
			if err != nil {
				return "", nil, err
			}
			if r.Properties.PrimaryKey != nil || text(secrets.PrimaryKey) != "primary-key-of-one" || text(secrets.SecondaryKey) == "" {
				return "", nil, errors.New("the keys are not where they should be")
			}
			return text(r.Properties.DisplayName), r.ETag, nil
		},
		change: func(ctx context.Context, ifMatch string) error {
			_, err := c.Update(ctx, at.g, at.s, "one", ifMatch, apim.SubscriptionUpdateParameters{
				Properties: &apim.SubscriptionUpdateParameterProperties{DisplayName: new("Second")}}, nil)
			return err
		},
		list: func(ctx context.Context, filter string) ([]string, error) {
			return names(ctx, c.NewListPager(at.g, at.s, &apim.SubscriptionClientListOptions{Filter: &filter}),
				func(p apim.SubscriptionClientListResponse) []*apim.SubscriptionContract { return p.Value },
				func(e *apim.SubscriptionContract) *string { return e.Name })
		},
		remove: func(ctx context.Context, ifMatch string) error {
			_, err := c.Delete(ctx, at.g, at.s, "one", ifMatch, nil)
			return err
		},
	}
}

func (at target) openIDProviders() lifecycle {
	c := at.NewOpenIDConnectProviderClient()
	return lifecycle{
		name: "OpenID Connect providers", first: "First", second: "Second",
		create: func(ctx context.Context) error {
			_, err := c.CreateOrUpdate(ctx, at.g, at.s, "one", apim.OpenidConnectProviderContract{Properties: &apim.OpenidConnectProviderContractProperties{
				DisplayName: new("First"), MetadataEndpoint: new("https://login.example/.well-known/openid-configuration"), ClientID: new("id"), ClientSecret: new("secret of one"),
			}}, nil)
			return err
		},
		read: func(ctx context.Context) (string, *string, error) {
			r, err := c.Get(ctx, at.g, at.s, "one", nil)
			if err != nil {
				return "", nil, err
			}
			secrets, err := c.ListSecrets(ctx, at.g, at.s, "one", nil)
			if err != nil {
				return "", nil, err
			}
			if r.Properties.ClientSecret != nil || text(secrets.ClientSecret) != "secret of one" {
				return "", nil, errors.New("the secret is not where it should be")
			}
			return text(r.Properties.DisplayName), r.ETag, nil
		},
		change: func(ctx context.Context, ifMatch string) error {
			_, err := c.Update(ctx, at.g, at.s, "one", ifMatch, apim.OpenidConnectProviderUpdateContract{
				Properties: &apim.OpenidConnectProviderUpdateContractProperties{DisplayName: new("Second")}}, nil)
			return err
		},
		list: func(ctx context.Context, filter string) ([]string, error) {
			return names(ctx, c.NewListByServicePager(at.g, at.s, &apim.OpenIDConnectProviderClientListByServiceOptions{Filter: &filter}),
				func(p apim.OpenIDConnectProviderClientListByServiceResponse) []*apim.OpenidConnectProviderContract {
					return p.Value
				},
				func(e *apim.OpenidConnectProviderContract) *string { return e.Name })
		},
		remove: func(ctx context.Context, ifMatch string) error {
			_, err := c.Delete(ctx, at.g, at.s, "one", ifMatch, nil)
			return err
		},
	}
}

func (at target) authorizationServers() lifecycle {
	c := at.NewAuthorizationServerClient()
	return lifecycle{
		name: "authorization servers", first: "First", second: "Second",
		create: func(ctx context.Context) error {
			_, err := c.CreateOrUpdate(ctx, at.g, at.s, "one", apim.AuthorizationServerContract{Properties: &apim.AuthorizationServerContractProperties{
				DisplayName: new("First"), AuthorizationEndpoint: new("https://login.example/authorize"), TokenEndpoint: new("https://login.example/token"),
				ClientRegistrationEndpoint: new("https://login.example/register"), ClientID: new("id"), ClientSecret: new("secret of one"),
				GrantTypes: []*apim.GrantType{to.Ptr(apim.GrantTypeAuthorizationCode)},
			}}, nil)
			return err
		},
		read: func(ctx context.Context) (string, *string, error) {
			r, err := c.Get(ctx, at.g, at.s, "one", nil)
			if err != nil {
				return "", nil, err
			}
			if r.Properties.ClientSecret != nil {
				return "", nil, errors.New("a GET tells the client secret")
			}
			return text(r.Properties.DisplayName), r.ETag, nil
		},
		change: func(ctx context.Context, ifMatch string) error {
			_, err := c.Update(ctx, at.g, at.s, "one", ifMatch, apim.AuthorizationServerUpdateContract{
				Properties: &apim.AuthorizationServerUpdateContractProperties{DisplayName: new("Second")}}, nil)
			return err
		},
		list: func(ctx context.Context, filter string) ([]string, error) {
			return names(ctx, c.NewListByServicePager(at.g, at.s, &apim.AuthorizationServerClientListByServiceOptions{Filter: &filter}),
				func(p apim.AuthorizationServerClientListByServiceResponse) []*apim.AuthorizationServerContract {
					return p.Value
				},
				func(e *apim.AuthorizationServerContract) *string { return e.Name })
		},
		remove: func(ctx context.Context, ifMatch string) error {
			_, err := c.Delete(ctx, at.g, at.s, "one", ifMatch, nil)
			return err
		},
	}
}
