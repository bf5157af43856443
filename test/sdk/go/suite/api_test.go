package suite

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	apim "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/apimanagement/armapimanagement/v3"

	"github.com/sallyport/sallyport/test/sdk/go/serve"
)

// done waits for a long-running operation.
func done[T any](t *testing.T, poller *runtime.Poller[T], err error) T {
	t.Helper()
	if err != nil {
		t.Fatalf("beginning: %v", err)
	}
	result, err := poller.PollUntilDone(t.Context(), &runtime.PollUntilDoneOptions{Frequency: time.Second})
	if err != nil {
		t.Fatalf("polling: %v", err)
	}
	return result
}

// must gives a result, or ends the test.
func must[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return func(result T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
}

// api makes an API with the operation GET /things.
func (at target) api(t *testing.T, name, serviceURL string) {
	t.Helper()
	poller, err := at.NewAPIClient().BeginCreateOrUpdate(t.Context(), at.g, at.s, name, apim.APICreateOrUpdateParameter{
		Properties: &apim.APICreateOrUpdateProperties{
			DisplayName: new("API " + name), Path: &name, ServiceURL: &serviceURL, SubscriptionRequired: new(true),
			Protocols: []*apim.Protocol{to.Ptr(apim.ProtocolHTTP), to.Ptr(apim.ProtocolHTTPS)},
		},
	}, nil)
	made := done(t, poller, err)
	if text(made.Name) != name || text(made.Properties.APIRevision) != "1" || !*made.Properties.IsCurrent {
		t.Errorf("the new API: %s, revision %s", text(made.Name), text(made.Properties.APIRevision))
	}
	_, err = at.NewAPIOperationClient().CreateOrUpdate(t.Context(), at.g, at.s, name, "list", apim.OperationContract{
		Properties: &apim.OperationContractProperties{DisplayName: new("List"), Method: new("GET"), URLTemplate: new("/things")},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
}

func TestAPIs(t *testing.T) {
	at := connect(t, serve.Start(t))
	at.api(t, "shop", "https://shop.example")
	t.Run("imported", at.imports)
	t.Run("policies", at.policies)
	t.Run("revisions", at.revisions)
	t.Run("deleted", func(t *testing.T) {
		poller, err := at.NewAPIClient().BeginDelete(t.Context(), at.g, at.s, "shop", "*", &apim.APIClientBeginDeleteOptions{DeleteRevisions: new(true)})
		done(t, poller, err)
		if _, err := at.NewAPIClient().Get(t.Context(), at.g, at.s, "shop", nil); status(err) != http.StatusNotFound {
			t.Errorf("after it was deleted: %v", err)
		}
	})
}

// imports makes an API from a description, and exports it.
func (at target) imports(t *testing.T) {
	const description = `{"openapi":"3.0.1","info":{"title":"Pets","version":"1"},"servers":[{"url":"https://pets.example/v1"}],
		"paths":{"/pets/{id}":{"get":{"operationId":"getPet","parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],
		"responses":{"200":{"description":"ok"}}}}}}`
	c := at.NewAPIClient()
	poller, err := c.BeginCreateOrUpdate(t.Context(), at.g, at.s, "pets", apim.APICreateOrUpdateParameter{
		Properties: &apim.APICreateOrUpdateProperties{Path: new("pets"), Format: to.Ptr(apim.ContentFormatOpenapiJSON), Value: to.Ptr(description)},
	}, nil)
	made := done(t, poller, err)
	if text(made.Properties.DisplayName) != "Pets" || text(made.Properties.ServiceURL) != "https://pets.example/v1" {
		t.Errorf("imported as %q at %q", text(made.Properties.DisplayName), text(made.Properties.ServiceURL))
	}
	operation := must[apim.APIOperationClientGetResponse](t)(at.NewAPIOperationClient().Get(t.Context(), at.g, at.s, "pets", "getPet", nil))
	if text(operation.Properties.URLTemplate) != "/pets/{id}" || len(operation.Properties.TemplateParameters) != 1 {
		t.Errorf("the operation: %q", text(operation.Properties.URLTemplate))
	}
	export := must[apim.APIExportClientGetResponse](t)(at.NewAPIExportClient().Get(t.Context(), at.g, at.s, "pets",
		apim.ExportFormatOpenapiJSON, apim.ExportAPITrue, nil))
	if export.Value == nil || text(export.Value.Link) == "" {
		t.Error("the export has no link")
	}
	poller, err = c.BeginCreateOrUpdate(t.Context(), at.g, at.s, "bad", apim.APICreateOrUpdateParameter{
		Properties: &apim.APICreateOrUpdateProperties{Path: new("bad"), Format: to.Ptr(apim.ContentFormatOpenapiJSON), Value: new("{")},
	}, nil)
	if poller != nil || status(err) != http.StatusBadRequest || code(err) != "ValidationError" {
		t.Errorf("a description that is none: %v", err)
	}
}

// policies keeps policies in both formats, and refuses one that does not compile.
func (at target) policies(t *testing.T) {
	c := at.NewAPIPolicyClient()
	const raw = `<policies><inbound><base /><set-header name="X-Is" exists-action="override"><value>@(1 < 2 ? "less" : "more")</value></set-header></inbound></policies>`
	policy := func(value string) apim.PolicyContract {
		return apim.PolicyContract{Properties: &apim.PolicyContractProperties{Format: to.Ptr(apim.PolicyContentFormatRawxml), Value: &value}}
	}
	if _, err := c.CreateOrUpdate(t.Context(), at.g, at.s, "shop", apim.PolicyIDNamePolicy, policy(raw), nil); err != nil {
		t.Fatal(err)
	}
	for format, want := range map[apim.PolicyExportFormat]string{apim.PolicyExportFormatRawxml: "@(1 < 2 ?", apim.PolicyExportFormatXML: "@(1 &lt; 2 ?"} {
		got := must[apim.APIPolicyClientGetResponse](t)(c.Get(t.Context(), at.g, at.s, "shop", apim.PolicyIDNamePolicy, &apim.APIPolicyClientGetOptions{Format: &format}))
		if !strings.Contains(text(got.Properties.Value), want) {
			t.Errorf("as %s: %s", format, text(got.Properties.Value))
		}
	}
	_, err := c.CreateOrUpdate(t.Context(), at.g, at.s, "shop", apim.PolicyIDNamePolicy, policy(strings.Replace(raw, "1 < 2", "1 < x", 1)), nil)
	if status(err) != http.StatusBadRequest || code(err) != "ValidationError" || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("a policy that does not compile: %v", err)
	}
}

// revisions makes a second revision of an API, and then the current one of it.
func (at target) revisions(t *testing.T) {
	c := at.NewAPIClient()
	source := fmt.Sprintf("/subscriptions/%s/resourceGroups/%s/providers/Microsoft.ApiManagement/service/%s/apis/shop", "00000000-0000-0000-0000-000000000000", at.g, at.s)
	poller, err := c.BeginCreateOrUpdate(t.Context(), at.g, at.s, "shop;rev=2", apim.APICreateOrUpdateParameter{
		Properties: &apim.APICreateOrUpdateProperties{Path: new("shop"), SourceAPIID: &source, APIRevisionDescription: new("the second")},
	}, nil)
	done(t, poller, err)
	if _, err := at.NewAPIOperationClient().Get(t.Context(), at.g, at.s, "shop;rev=2", "list", nil); err != nil {
		t.Errorf("the operation of the copy: %v", err)
	}
	current := func() string {
		list, err := all(t.Context(), at.NewAPIRevisionClient().NewListByServicePager(at.g, at.s, "shop", nil),
			func(p apim.APIRevisionClientListByServiceResponse) []*apim.APIRevisionContract { return p.Value })
		if err != nil || len(list) != 2 {
			t.Fatalf("%d revisions, %v", len(list), err)
		}
		for _, r := range list {
			if *r.IsCurrent {
				return text(r.APIRevision)
			}
		}
		return ""
	}
	if got := current(); got != "1" {
		t.Errorf("revision %s is current", got)
	}
	_, err = at.NewAPIReleaseClient().CreateOrUpdate(t.Context(), at.g, at.s, "shop", "second", apim.APIReleaseContract{
		Properties: &apim.APIReleaseContractProperties{APIID: new(source + ";rev=2"), Notes: new("ships")},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := current(); got != "2" {
		t.Errorf("after the release revision %s is current", got)
	}
}

// TestPaging lists more than a page, and counts.
func TestPaging(t *testing.T) {
	at := connect(t, serve.Start(t))
	c := at.NewTagClient()
	const made = 25
	for i := range made {
		name := fmt.Sprintf("tag%02d", i)
		if _, err := c.CreateOrUpdate(t.Context(), at.g, at.s, name, apim.TagCreateUpdateParameters{Properties: &apim.TagContractProperties{DisplayName: &name}}, nil); err != nil {
			t.Fatal(err)
		}
	}
	pager := c.NewListByServicePager(at.g, at.s, &apim.TagClientListByServiceOptions{Top: to.Ptr[int32](10), Skip: to.Ptr[int32](3), Filter: new("startswith(name,'tag')")})
	var found []string
	pages := 0
	for pager.More() {
		page := must[apim.TagClientListByServiceResponse](t)(pager.NextPage(t.Context()))
		pages++
		if *page.Count != made || len(page.Value) > 10 {
			t.Errorf("page %d has %d of %d", pages, len(page.Value), *page.Count)
		}
		for _, tag := range page.Value {
			found = append(found, *tag.Name)
		}
	}
	if pages != 3 || len(found) != made-3 || found[0] != "tag03" || !slices.IsSorted(found) {
		t.Errorf("%d pages: %q", pages, found)
	}
	if _, err := c.NewListByServicePager(at.g, at.s, &apim.TagClientListByServiceOptions{Top: to.Ptr[int32](-1)}).NextPage(t.Context()); status(err) != http.StatusBadRequest {
		t.Errorf("a negative $top: %v", err)
	}
}

// TestErrors sees that what the SDK cannot send is answered as it reads it.
func TestErrors(t *testing.T) {
	in := serve.Start(t)
	at := connect(t, in)
	_, err := at.NewProductClient().CreateOrUpdate(t.Context(), at.g, at.s, "p", apim.ProductContract{}, nil)
	if status(err) != http.StatusBadRequest || code(err) != "ValidationError" || !strings.Contains(err.Error(), "properties.displayName") {
		t.Errorf("without a name: %v", err)
	}
	if _, err := at.NewProductClient().Get(t.Context(), at.g, "elsewhere", "p", nil); status(err) != http.StatusNotFound {
		t.Errorf("of a service that is not there: %v", err)
	}
	in.Token = "wrong"
	wrong := connect(t, in)
	if _, err := wrong.NewProductClient().Get(t.Context(), at.g, at.s, "p", nil); status(err) != http.StatusUnauthorized {
		t.Errorf("with a wrong token: %v", err)
	}
}

// TestEndToEnd sets everything up through the SDK alone; calls through the
// gateway see each change.
func TestEndToEnd(t *testing.T) {
	origin := func(name string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "%s %s %s", name, r.URL.Path, r.Header.Get("X-Greeting"))
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	in := serve.Start(t)
	at := connect(t, in)
	at.api(t, "shop", origin("first"))
	at.productFor(t, "shop")

	see(t, in, "", http.StatusUnauthorized, "")
	see(t, in, "key-of-alice", http.StatusOK, "first /things ahoy")

	value := at.NewNamedValueClient()
	changing, err := value.BeginUpdate(t.Context(), at.g, at.s, "greeting", "*", apim.NamedValueUpdateParameters{
		Properties: &apim.NamedValueUpdateParameterProperties{Value: new("moin")}}, nil)
	done(t, changing, err)
	see(t, in, "key-of-alice", http.StatusOK, "first /things moin")

	if _, err := at.NewAPIClient().Update(t.Context(), at.g, at.s, "shop", "*", apim.APIUpdateContract{
		Properties: &apim.APIContractUpdateProperties{ServiceURL: new(origin("second"))}}, nil); err != nil {
		t.Fatal(err)
	}
	see(t, in, "key-of-alice", http.StatusOK, "second /things moin")

	at.backendFor(t, "shop", origin("third"))
	see(t, in, "key-of-alice", http.StatusOK, "third /things moin")
	at.release(t, "shop")
	see(t, in, "key-of-alice", http.StatusTeapot, "")

	if _, err := at.NewSubscriptionClient().Update(t.Context(), at.g, at.s, "alice", "*", apim.SubscriptionUpdateParameters{
		Properties: &apim.SubscriptionUpdateParameterProperties{State: to.Ptr(apim.SubscriptionStateSuspended)}}, nil); err != nil {
		t.Fatal(err)
	}
	see(t, in, "key-of-alice", http.StatusUnauthorized, "")
}

// backendFor sends the calls of an API to a backend.
func (at target) backendFor(t *testing.T, api, url string) {
	t.Helper()
	if _, err := at.NewBackendClient().CreateOrUpdate(t.Context(), at.g, at.s, "main", apim.BackendContract{
		Properties: &apim.BackendContractProperties{URL: new(url), Protocol: to.Ptr(apim.BackendProtocolHTTP)}}, nil); err != nil {
		t.Fatal(err)
	}
	at.policyOf(t, api, `<policies><inbound><base /><set-backend-service backend-id="main" /></inbound></policies>`)
}

// release makes a second revision of an API, which answers by itself, and makes
// that the current one.
func (at target) release(t *testing.T, api string) {
	t.Helper()
	second := api + ";rev=2"
	poller, err := at.NewAPIClient().BeginCreateOrUpdate(t.Context(), at.g, at.s, second, apim.APICreateOrUpdateParameter{
		Properties: &apim.APICreateOrUpdateProperties{Path: new(api), SourceAPIID: new("/apis/" + api)}}, nil)
	done(t, poller, err)
	at.policyOf(t, second, `<policies><inbound><base /><return-response><set-status code="418" /></return-response></inbound></policies>`)
	if _, err := at.NewAPIReleaseClient().CreateOrUpdate(t.Context(), at.g, at.s, api, "second", apim.APIReleaseContract{
		Properties: &apim.APIReleaseContractProperties{APIID: new("/apis/" + second), Notes: new("The second is current.")}}, nil); err != nil {
		t.Fatal(err)
	}
}

// policyOf sets the policy of an API.
func (at target) policyOf(t *testing.T, api, text string) {
	t.Helper()
	if _, err := at.NewAPIPolicyClient().CreateOrUpdate(t.Context(), at.g, at.s, api, apim.PolicyIDNamePolicy, apim.PolicyContract{
		Properties: &apim.PolicyContractProperties{Format: to.Ptr(apim.PolicyContentFormatRawxml), Value: new(text)}}, nil); err != nil {
		t.Fatal(err)
	}
}

// productFor makes a product with the API in it, a policy that greets with a
// named value, and the subscription of alice.
func (at target) productFor(t *testing.T, api string) {
	t.Helper()
	ctx := t.Context()
	steps := []func(context.Context) error{
		func(ctx context.Context) error {
			poller, err := at.NewNamedValueClient().BeginCreateOrUpdate(ctx, at.g, at.s, "greeting", apim.NamedValueCreateContract{
				Properties: &apim.NamedValueCreateContractProperties{DisplayName: new("greeting"), Secret: new(true), Value: new("ahoy")}}, nil)
			made := done(t, poller, err)
			if made.Properties.Value != nil {
				t.Error("the answer tells the secret value")
			}
			shown, err := at.NewNamedValueClient().ListValue(ctx, at.g, at.s, "greeting", nil)
			if err == nil && text(shown.Value) != "ahoy" {
				t.Errorf("listValue gives %q", text(shown.Value))
			}
			return err
		},
		func(ctx context.Context) error {
			_, err := at.NewProductClient().CreateOrUpdate(ctx, at.g, at.s, "gold", apim.ProductContract{Properties: &apim.ProductContractProperties{
				DisplayName: new("Gold"), SubscriptionRequired: new(true), State: to.Ptr(apim.ProductStatePublished)}}, nil)
			return err
		},
		func(ctx context.Context) error {
			_, err := at.NewProductAPIClient().CreateOrUpdate(ctx, at.g, at.s, "gold", api, nil)
			return err
		},
		func(ctx context.Context) error {
			link, err := at.NewProductAPIClient().CheckEntityExists(ctx, at.g, at.s, "gold", api, nil)
			if err == nil && !link.Success {
				t.Error("the API is not in the product")
			}
			return err
		},
		func(ctx context.Context) error {
			_, err := at.NewProductPolicyClient().CreateOrUpdate(ctx, at.g, at.s, "gold", apim.PolicyIDNamePolicy, apim.PolicyContract{Properties: &apim.PolicyContractProperties{
				Format: to.Ptr(apim.PolicyContentFormatRawxml),
				Value:  new(`<policies><inbound><base /><set-header name="X-Greeting" exists-action="override"><value>{{greeting}}</value></set-header></inbound></policies>`),
			}}, nil)
			return err
		},
		func(ctx context.Context) error {
			_, err := at.NewSubscriptionClient().CreateOrUpdate(ctx, at.g, at.s, "alice", apim.SubscriptionCreateParameters{Properties: &apim.SubscriptionCreateParameterProperties{
				DisplayName: new("Alice"), Scope: new("/products/gold"), PrimaryKey: new("key-of-alice"), State: to.Ptr(apim.SubscriptionStateActive)}}, nil)
			return err
		},
	}
	for i, step := range steps {
		if err := step(ctx); err != nil {
			t.Fatalf("step %d: %v", i+1, err)
		}
	}
}

// see calls GET /shop/things with a key.
func see(t *testing.T, in *serve.Installation, key string, status int, want string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, in.Gateway+"/shop/things", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		r.Header.Set("Ocp-Apim-Subscription-Key", key)
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Body.Close() }()
	body, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	if w.StatusCode != status || want != "" && string(body) != want {
		t.Errorf("with the key %q: %d %s; want %d %s", key, w.StatusCode, body, status, want)
	}
}
