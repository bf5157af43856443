package arm

import (
	"net/http"
	"strings"
)

// The audiences of Azure's own resource manager, for which clients ask tokens
// whatever host they talk to.
const (
	audienceARM     = "https://management.azure.com/"
	audienceClassic = "https://management.core.windows.net/"
)

// authentication says where to sign in.
type authentication struct {
	LoginEndpoint    string   `json:"loginEndpoint"`
	Audiences        []string `json:"audiences"`
	Tenant           string   `json:"tenant"`
	IdentityProvider string   `json:"identityProvider"`
}

// cloudMetadata is the metadata document of a cloud.
type cloudMetadata struct {
	Name            string            `json:"name"`
	Portal          string            `json:"portal"`
	Authentication  authentication    `json:"authentication"`
	ResourceManager string            `json:"resourceManager"`
	Media           string            `json:"media"`
	Graph           string            `json:"graph"`
	GraphAudience   string            `json:"graphAudience"`
	MicrosoftGraph  string            `json:"microsoftGraphResourceId"`
	Gallery         string            `json:"gallery"`
	Batch           string            `json:"batch"`
	SQLManagement   string            `json:"sqlManagement"`
	ActiveDirectory string            `json:"activeDirectoryDataLake"`
	VMImageAliasDoc string            `json:"vmImageAliasDoc"`
	Suffixes        map[string]string `json:"suffixes"`
	GalleryEndpoint string            `json:"galleryEndpoint"`
	GraphEndpoint   string            `json:"graphEndpoint"`
	PortalEndpoint  string            `json:"portalEndpoint"`
}

// metadata answers where everything is. From 2022 on that is one cloud; some
// versions before answered a list of them, and the first one an object with
// other names, which are in the same object here.
func (f *Front) metadata(in *request) (answer, error) {
	base := in.base
	m := cloudMetadata{
		Name: "Sallyport", Portal: base, ResourceManager: base + "/",
		Authentication: authentication{
			LoginEndpoint: base, Audiences: []string{audienceARM, audienceClassic, base + "/"},
			Tenant: f.options.Directory.Tenant(), IdentityProvider: "AAD",
		},
		Media: base, Graph: base + "/graph", GraphAudience: base + "/graph", MicrosoftGraph: base + "/graph",
		Gallery: base + "/gallery", Batch: base + "/batch", SQLManagement: base + "/sql",
		Suffixes:        suffixes(base),
		GalleryEndpoint: base + "/gallery", GraphEndpoint: base + "/graph", PortalEndpoint: base,
	}
	if version := in.URL.Query().Get("api-version"); version >= "2018" && version < "2022" {
		return answer{http.StatusOK, []cloudMetadata{m}}, nil
	}
	return ok(m), nil
}

// suffixes are those of host names of other services. There are none; clients
// want them to be there.
func suffixes(base string) map[string]string {
	_, host, _ := strings.Cut(base, "://")
	host, _, _ = strings.Cut(host, ":")
	all := map[string]string{}
	for _, service := range []string{
		"acrLoginServer", "attestation", "azureDataLakeAnalyticsCatalogAndJob", "azureDataLakeStoreFileSystem",
		"azureFrontDoorEndpointSuffix", "keyVaultDns", "mariadbServer", "mhsmDns", "mysqlServer", "postgresqlServer",
		"sqlServerHostname", "storage", "storageSyncEndpointSuffix", "synapseAnalytics",
	} {
		all[service] = host
	}
	return all
}
