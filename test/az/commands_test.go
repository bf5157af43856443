package az

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// ours and theirs are the service of the installation, and another that the test
// makes.
var (
	ours   = []string{"--resource-group", "sallyport", "--service-name", "sallyport"}
	theirs = []string{"--resource-group", "other", "--service-name", "second"}
)

// TestAzureCLI signs in and goes through the commands of az apim. What does not
// depend on one another runs at the same time.
func TestAzureCLI(t *testing.T) {
	c := newCLI(t, "")
	in := serve(t)
	c.authority = in.authority
	signIn(c, in)
	t.Run("commands", func(t *testing.T) {
		for name, commands := range map[string]func(*cli, installation){
			"resource manager": resourceManager, "services": services, "imports": imports, "apis": apis,
			"revisions": revisions, "products": products, "named values": namedValues, "rest": rest, "device": device,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				commands(c.fork(t, ours...), in)
			})
		}
	})
}

// signIn makes the installation a cloud of az and signs in, after trying with
// the wrong secret.
func signIn(c *cli, in installation) {
	c.t.Helper()
	b := in.management
	c.run("cloud register --name sallyport --profile latest --endpoint-resource-manager " + b + "/ --endpoint-management " + b +
		"/ --endpoint-active-directory " + b + "/adfs --endpoint-active-directory-resource-id " + b +
		"/ --endpoint-active-directory-graph-resource-id " + b + "/graph --endpoint-gallery " + b + "/gallery")
	c.run("cloud set --name sallyport")
	c.run("cloud show", field("name", "sallyport"), field("endpoints.resourceManager", b+"/"))
	login := "login --service-principal --tenant adfs --username " + in.clientID + " --password "
	c.refused(login+"wrong", "The client id or the client secret is wrong.")
	c.refused("apim list", "az login")
	c.run(login+in.secret, field("0.user.type", "servicePrincipal"), field("0.state", "Enabled"),
		field("0.id", "00000000-0000-0000-0000-000000000000"))
}

// resourceManager asks for what stands around services.
func resourceManager(c *cli, _ installation) {
	c.service = nil
	c.run("account show", field("name", "00000000-0000-0000-0000-000000000000"), field("user.type", "servicePrincipal"))
	c.run("account get-access-token", field("tokenType", "Bearer"))
	c.run("account list-locations", listed("local"))
	c.run("provider show --namespace Microsoft.ApiManagement", field("registrationState", "Registered"))
	c.run("group create --name made --location local --tags a=b", field("tags.a", "b"), field("properties.provisioningState", "Succeeded"))
	c.run("group list", listed("made", "sallyport"))
	c.run("group delete --name made --yes", nothing())
	c.run("group exists --name made", is(false))
	c.run("resource list --resource-group sallyport", listed("sallyport"))
}

// services makes a second service, backs it up, and deletes it for good.
func services(c *cli, _ installation) {
	const second = " --resource-group other --name second"
	c.service = nil
	c.run("group create --name other --location local")
	c.run("apim create --location local --publisher-name Second --publisher-email second@example.com --tags a=b"+second,
		field("name", "second"), field("location", "local"), field("sku.name", "Developer"), field("tags.a", "b"),
		field("publisherEmail", "second@example.com"), field("provisioningState", "Succeeded"))
	c.run("apim show"+second, field("publisherName", "Second"), field("resourceGroup", "other"))
	c.run("apim list", listed("sallyport", "second"))
	c.run("apim list --resource-group other", column("name", "second"))
	c.run("apim update --publisher-name Renamed"+second, field("publisherName", "Renamed"), field("publisherEmail", "second@example.com"))
	c.run("apim check-name --name second", field("nameAvailable", false), field("reason", "AlreadyExists"))
	c.run("apim check-name --name third", field("nameAvailable", true))
	c.run("apim apply-network-updates"+second, field("name", "second"))
	backup(c, second)
	c.run("apim update --set publicNetworkAccess=Disabled"+second, field("publicNetworkAccess", "Disabled"))
	c.run("apim delete --yes --no-wait"+second, nothing())
	c.run("apim wait --deleted"+second, nothing())
	c.run("apim list", listed("sallyport"), without("second"))
	c.run("apim deletedservice list", column("name", "second"))
	c.run("apim deletedservice show --location local --service-name second", field("name", "second"), field("location", "local"))
	c.run("apim deletedservice purge --location local --service-name second", nothing())
	c.run("apim deletedservice list", is([]any{}))
}

// backup backs the service up, loses something, and restores it.
func backup(c *cli, service string) {
	const named = " --backup-name b --storage-account-name a --storage-account-container c --storage-account-key k"
	value := c.fork(c.t, theirs...)
	value.run("apim nv create --named-value-id kept --display-name kept --value secret1 --secret true", field("value", nil))
	c.run("apim backup"+named+service, field("name", "second"), field("provisioningState", "Succeeded"))
	value.run("apim nv delete --named-value-id kept --yes", nothing())
	c.run("apim restore"+named+service, field("name", "second"))
	value.run("apim nv show-secret --named-value-id kept", field("value", "secret1"))
}

// imports takes APIs from descriptions, by value and by link.
func imports(c *cli, _ installation) {
	stock, err := os.ReadFile("testdata/stock.json")
	if err != nil {
		c.t.Fatal(err)
	}
	documents := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(stock) // The importer says what it does not get.
	}))
	c.t.Cleanup(documents.Close)
	c.run("apim api import --api-id orders --path orders --specification-format OpenApi --specification-path testdata/orders.yaml",
		field("name", "orders"), field("displayName", "Orders"), field("serviceUrl", "https://orders.example/v1"), field("isCurrent", true))
	c.run("apim api operation list --api-id orders", listed("list-orders", "get-order"))
	c.run("apim api operation show --api-id orders --operation-id get-order", field("urlTemplate", "/orders/{id}"),
		field("method", "GET"), field("templateParameters.0.name", "id"))
	c.run("apim api import --api-id stock --path stock --specification-format OpenApiJson --specification-path testdata/stock.json --display-name Ours",
		field("displayName", "Ours"), field("path", "stock"), field("serviceUrl", "https://stock.example"))
	c.run("apim api import --api-id linked --path linked --specification-format OpenApiJson --specification-url "+documents.URL+"/stock.json",
		field("displayName", "Stock"), field("path", "linked"))
	c.run("apim api operation list --api-id linked", column("urlTemplate", "/items"))
	c.run("apim api list --filter-display-name Stock", column("name", "linked"))
	c.run("apim api import --api-id swagger --path swagger --specification-format Swagger --specification-path testdata/pets.swagger.json",
		field("displayName", "Pets"), field("serviceUrl", "https://pets.example/v1"))
	c.refused("apim api import --api-id broken --path broken --specification-format Wsdl --specification-path testdata/orders.yaml", "ValidationError")
	c.refused("apim api import --api-id taken --path stock --specification-format OpenApiJson --specification-path testdata/stock.json", "stock")
}

// apis makes an API and its operation by hand, and calls it through the gateway.
func apis(c *cli, in installation) {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "backend saw "+r.URL.Path) // The caller says what it does not get.
	}))
	c.t.Cleanup(backend.Close)
	c.run("apim api create --api-id hand --path hand --display-name Hand --protocols https http --subscription-required false --service-url "+backend.URL,
		field("name", "hand"), field("apiRevision", "1"), field("subscriptionRequired", false), field("serviceUrl", backend.URL))
	c.run("apim api update --api-id hand --display-name Manual --description made", field("displayName", "Manual"))
	c.run("apim api show --api-id hand", field("displayName", "Manual"), field("description", "made"), field("path", "hand"),
		field("type", "Microsoft.ApiManagement/service/apis"), field("resourceGroup", "sallyport"))
	c.run("apim api list --top 1", listed("hand", "echo"))
	c.run("apim api operation create --api-id hand --operation-id get --url-template /things/{id} --method GET --display-name Get "+
		"--template-parameters name=id type=string required=true", field("name", "get"), field("templateParameters.0.required", true))
	c.run("apim api operation update --api-id hand --operation-id get --display-name Fetch", field("displayName", "Fetch"), field("method", "GET"))
	c.run("apim api operation show --api-id hand --operation-id get", field("displayName", "Fetch"), field("urlTemplate", "/things/{id}"))
	c.run("apim api operation list --api-id hand", column("name", "get"))
	expect(c, in.gateway+"/hand/things/7", http.StatusOK, "backend saw /things/7")
	schemas(c)
	c.refused("apim api operation delete --api-id hand --operation-id get --if-match stale", "PreconditionFailed")
	c.run("apim api operation delete --api-id hand --operation-id get", nothing())
	c.refused("apim api operation show --api-id hand --operation-id get", "ResourceNotFound")
	expect(c, in.gateway+"/hand/things/7", http.StatusNotFound, "")
	c.run("apim api delete --api-id hand --yes", nothing())
	c.refused("apim api show --api-id hand", "(ResourceNotFound) API not found.")
}

// expect calls the gateway once. A change is there when its command has ended.
func expect(c *cli, url string, status int, body string) {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		c.t.Fatal(err)
	}
	r.Close = true
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	got, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != status || !strings.Contains(string(got), body) {
		c.t.Errorf("GET %s: %d %q, %v; not %d %q", url, answer.StatusCode, got, err, status, body)
	}
}

// schemas keeps descriptions of bodies with an API.
func schemas(c *cli) {
	c.run(`apim api schema create --api-id hand --schema-id thing --schema-type application/json --schema-content {"type":"object"}`,
		field("name", "thing"), field("contentType", "application/json"), field("value", `{"type":"object"}`))
	c.run("apim api schema show --api-id hand --schema-id thing", field("value", `{"type":"object"}`))
	c.run("apim api schema list --api-id hand", column("name", "thing"))
	c.run("apim api schema get-etag --api-id hand --schema-id thing", is(true))
	c.run("apim api schema delete --api-id hand --schema-id thing --yes", nothing())
	c.run("apim api schema list --api-id hand", is([]any{}))
}

// revisions makes revisions, releases and versions.
func revisions(c *cli, _ installation) {
	c.run("apim api create --api-id revised --path revised --display-name Revised --service-url https://one.example", field("apiRevision", "1"))
	c.run("apim api revision create --api-id revised --api-revision 2 --api-revision-description second",
		field("name", "revised;rev=2"), field("apiRevision", "2"), field("isCurrent", nil))
	c.run("apim api revision list --api-id revised", column("apiRevision", "2", "1"), column("isCurrent", false, true), field("0.description", "second"))
	c.run("apim api release create --api-id revised --api-revision 2 --release-id r1 --notes first", field("name", "r1"), field("notes", "first"))
	c.run("apim api revision list --api-id revised", column("isCurrent", true, false))
	c.run("apim api release show --api-id revised --release-id r1", field("notes", "first"))
	c.run("apim api release update --api-id revised --release-id r1 --notes changed", field("notes", "changed"))
	c.run("apim api release list --api-id revised", column("notes", "changed"))
	c.run("apim api release delete --api-id revised --release-id r1", nothing())
	c.run("apim api release list --api-id revised", is([]any{}))
	c.run("apim api versionset create --version-set-id set --display-name Set --versioning-scheme Header --version-header-name x-version",
		field("name", "set"), field("versioningScheme", "Header"), field("versionHeaderName", "x-version"))
	c.run("apim api versionset update --version-set-id set --versioning-scheme Query --version-query-name version",
		field("versioningScheme", "Query"), field("versionQueryName", "version"), field("versionHeaderName", nil))
	c.run("apim api versionset show --version-set-id set", field("versioningScheme", "Query"), field("displayName", "Set"))
	c.run("apim api versionset list", column("name", "set"))
	c.run("apim api import --api-id second --path versioned --api-version v2 --api-version-set-id set --specification-format OpenApi --specification-path testdata/orders.yaml",
		field("apiVersion", "v2"), field("apiVersionSet.name", "Set"))
	c.refused("apim api versionset delete --version-set-id set", "second")
	c.run("apim api delete --api-id second --yes --delete-revisions true", nothing())
	c.run("apim api versionset delete --version-set-id set", nothing())
	c.run("apim api versionset list", is([]any{}))
}

// products publishes APIs.
func products(c *cli, _ installation) {
	c.run("apim product create --product-id gold --product-name Gold --subscription-required true --approval-required true "+
		"--subscriptions-limit 4 --state published --description d --legal-terms t",
		field("name", "gold"), field("displayName", "Gold"), field("state", "published"), field("subscriptionsLimit", 4.0))
	c.run("apim product update --product-id gold --product-name Silver --state notPublished", field("displayName", "Silver"))
	c.run("apim product show --product-id gold", field("displayName", "Silver"), field("state", "notPublished"), field("terms", "t"))
	c.run("apim product list", listed("gold", "unlimited"))
	c.run("apim product api add --product-id gold --api-id echo", field("name", "echo"))
	c.run("apim product api list --product-id gold", column("name", "echo"))
	c.run("apim product api check --product-id gold --api-id echo", is(true))
	c.run("apim product api delete --product-id gold --api-id echo", nothing())
	c.refused("apim product api check --product-id gold --api-id echo", "Not Found")
	c.run("apim product delete --product-id gold --delete-subscriptions true --yes", nothing())
	c.refused("apim product show --product-id gold", "ResourceNotFound")
}

// namedValues keeps values, and secrets that are shown only when asked for.
func namedValues(c *cli, _ installation) {
	c.run("apim nv create --named-value-id plain --display-name plain --value hello --tags a b",
		field("value", "hello"), field("secret", false), field("tags", []any{"a", "b"}))
	c.run("apim nv update --named-value-id plain --value bye", field("value", "bye"))
	c.run("apim nv create --named-value-id hidden --display-name hidden --value one --secret true", field("value", nil), field("secret", true))
	c.run("apim nv show --named-value-id hidden", field("value", nil), field("displayName", "hidden"))
	c.run("apim nv show-secret --named-value-id hidden", field("value", "one"))
	c.run("apim nv update --named-value-id hidden --value two --secret true", field("value", nil))
	c.run("apim nv show-secret --named-value-id hidden", field("value", "two"))
	c.run("apim nv list", listed("plain", "hidden"))
	c.run("apim nv delete --named-value-id hidden --yes", nothing())
	c.run("apim nv list", listed("plain"), without("hidden"))
	c.refused("apim nv show --named-value-id hidden", "ResourceNotFound")
}

// rest sends what has no command.
func rest(c *cli, in installation) {
	c.service = nil
	url := func(path string) string { return " --url " + in.id + path + "?api-version=2024-05-01" }
	c.run(`rest --method put --body {"properties":{"url":"https://b.example","protocol":"http"}}`+url("/backends/b"),
		field("name", "b"), field("properties.url", "https://b.example"))
	c.run("rest --method get"+url("/backends/b"), field("properties.protocol", "http"))
	c.run("rest --method get"+url("/backends"), field("count", 1.0), field("value.0.name", "b"))
	c.refused(`rest --method put --body {"properties":{"protocol":17}}`+url("/backends/b"), "ValidationError", "protocol")
	c.run("rest --method delete"+url("/backends/b")+" --headers If-Match=*", nothing())
	c.refused("rest --method get"+url("/backends/b"), "ResourceNotFound")
	c.run(fmt.Sprintf("rest --method get --url %s%s?api-version=2024-05-01", in.management, in.id), field("name", "sallyport"))
}
