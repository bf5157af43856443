package arm

import (
	"net/http"
	"strings"

	"github.com/sallyport/sallyport/internal/problem"
)

// provider is what a subscription knows of a resource provider.
type provider struct {
	ID           string         `json:"id"`
	Namespace    string         `json:"namespace"`
	Policy       string         `json:"registrationPolicy"`
	State        string         `json:"registrationState"`
	ResourceType []resourceType `json:"resourceTypes"`
}

// resourceType is a type of resource of a provider.
type resourceType struct {
	Type         string   `json:"resourceType"`
	Locations    []string `json:"locations"`
	APIVersions  []string `json:"apiVersions"`
	Capabilities string   `json:"capabilities"`
}

// providerTypes are the resource providers that there are, and the types of
// theirs that clients look for.
var providerTypes = []struct {
	namespace string
	types     []string
	versions  []string
}{
	{
		"Microsoft.ApiManagement",
		[]string{
			"service", "service/apis", "service/products", "service/subscriptions", "service/workspaces", "gateways",
			"deletedServices", "locations", "locations/deletedServices", "operations", "checkNameAvailability",
		},
		[]string{"2024-05-01", "2023-05-01-preview", "2022-08-01", "2021-08-01"},
	},
	{"Microsoft.Authorization", []string{"roleAssignments", "roleDefinitions"}, []string{"2022-04-01"}},
	{"Microsoft.Resources", []string{"subscriptions", "resourceGroups", "tenants"}, []string{"2022-12-01", "2021-04-01"}},
}

// describeProvider is the provider with a number in providerTypes.
func (f *Front) describeProvider(subscription string, n int) provider {
	of := providerTypes[n]
	p := provider{
		ID: "/subscriptions/" + subscription + "/providers/" + of.namespace, Namespace: of.namespace,
		Policy: "RegistrationFree", State: "Registered",
	}
	for _, t := range of.types {
		p.ResourceType = append(p.ResourceType, resourceType{t, f.options.Locations, of.versions, "SupportsTags, SupportsLocation"})
	}
	return p
}

func (f *Front) providers(in *request) (answer, error) {
	if err := f.reach(in); err != nil {
		return answer{}, err
	}
	all := make([]provider, len(providerTypes))
	for i := range all {
		all[i] = f.describeProvider(in.names[0], i)
	}
	return list(all), nil
}

// provider answers one, which is registered from the beginning: registering it
// answers the same.
func (f *Front) provider(in *request) (answer, error) {
	if err := f.reach(in); err != nil {
		return answer{}, err
	}
	for i, p := range providerTypes {
		if strings.EqualFold(p.namespace, in.names[1]) {
			return ok(f.describeProvider(in.names[0], i)), nil
		}
	}
	return answer{}, problem.New(http.StatusNotFound, "InvalidResourceNamespace", "There is no resource provider '%s' here.", in.names[1])
}
