package arm

import (
	"net/http"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/problem"
)

// subscription is a subscription of Azure: here a name for a number of resource
// groups.
type subscription struct {
	ID                  string            `json:"id"`
	AuthorizationSource string            `json:"authorizationSource"`
	ManagedByTenants    []string          `json:"managedByTenants"`
	SubscriptionID      string            `json:"subscriptionId"`
	TenantID            string            `json:"tenantId"`
	DisplayName         string            `json:"displayName"`
	State               string            `json:"state"`
	Policies            map[string]string `json:"subscriptionPolicies"`
}

func (f *Front) describe(id string) subscription {
	return subscription{
		ID: "/subscriptions/" + id, AuthorizationSource: "RoleBased", ManagedByTenants: []string{},
		SubscriptionID: id, TenantID: f.options.Directory.Tenant(), DisplayName: id, State: "Enabled",
		Policies: map[string]string{"locationPlacementId": "Public_2014-09-01", "quotaId": "PayAsYouGo_2014-09-01", "spendingLimit": "Off"},
	}
}

// known returns the ids of all subscriptions: those that are configured, and
// those in which there is something.
func (f *Front) known(in *request) ([]string, error) {
	all := slices.Clone(f.options.Subscriptions)
	services, err := f.services(in)
	if err != nil {
		return nil, err
	}
	for _, s := range services {
		all = append(all, segmentAfter(s.ID, "subscriptions"))
	}
	err = f.options.Store.View(in.Context(), func(r store.Reader) error {
		for record, err := range r.Tree(groupsKey) {
			if err != nil {
				return err
			}
			all = append(all, segmentAfter(record.ID, "subscriptions"))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	return slices.CompactFunc(all, strings.EqualFold), nil
}

// services returns every service; nil where nobody knows.
func (f *Front) services(in *request) ([]Resource, error) {
	if f.options.Services == nil {
		return nil, nil
	}
	return f.options.Services(in.Context())
}

// segmentAfter is the segment of an id that follows another, in any case of
// letters.
func segmentAfter(id, name string) string {
	segments := strings.Split(strings.Trim(id, "/"), "/")
	for i := 0; i+1 < len(segments); i++ {
		if strings.EqualFold(segments[i], name) {
			return segments[i+1]
		}
	}
	return ""
}

// subscriptions lists those in which the caller has any role.
func (f *Front) subscriptions(in *request) (answer, error) {
	ids, err := f.known(in)
	if err != nil {
		return answer{}, err
	}
	visible := []subscription{}
	for _, id := range ids {
		if f.options.Directory.Reaches(in.who, "/subscriptions/"+id) {
			visible = append(visible, f.describe(id))
		}
	}
	return ok(map[string]any{
		"value": visible, "count": map[string]any{"type": "Total", "value": len(visible)},
	}), nil
}

// subscription answers one. It is there where the caller has any role in it,
// whether or not there is anything in it.
func (f *Front) subscription(in *request) (answer, error) {
	if err := f.reach(in); err != nil {
		return answer{}, err
	}
	return ok(f.describe(in.names[0])), nil
}

// reach refuses who has no role anywhere in the subscription.
func (f *Front) reach(in *request) error {
	id := "/subscriptions/" + in.names[0]
	if f.options.Directory.Reaches(in.who, id) {
		return nil
	}
	return problem.New(http.StatusNotFound, "SubscriptionNotFound", "The subscription '%s' could not be found.", in.names[0]).WithTarget(id)
}

// tenants answers with the only one.
func (f *Front) tenants(*request) (answer, error) {
	tenant := f.options.Directory.Tenant()
	return list([]map[string]any{{
		"id": "/tenants/" + tenant, "tenantId": tenant, "displayName": "Sallyport", "defaultDomain": "sallyport",
		"domains": []string{}, "tenantCategory": "Home", "tenantType": "AAD", "countryCode": "",
	}}), nil
}

// locations answers with what is offered.
func (f *Front) locations(in *request) (answer, error) {
	if err := f.reach(in); err != nil {
		return answer{}, err
	}
	all := make([]map[string]any, len(f.options.Locations))
	for i, name := range f.options.Locations {
		all[i] = map[string]any{
			"id": "/subscriptions/" + in.names[0] + "/locations/" + name, "name": name, "type": "Region",
			"displayName": name, "regionalDisplayName": name,
			"metadata": map[string]any{"regionType": "Physical", "regionCategory": "Recommended"},
		}
	}
	return list(all), nil
}

// resources lists the services of a subscription or a resource group that the
// caller may read.
func (f *Front) resources(in *request) (answer, error) {
	if err := f.reach(in); err != nil {
		return answer{}, err
	}
	services, err := f.services(in)
	if err != nil {
		return answer{}, err
	}
	scope := strings.ToLower(in.id[:strings.LastIndexByte(in.id, '/')+1])
	var found []map[string]any
	for _, s := range services {
		if !strings.HasPrefix(strings.ToLower(s.ID), scope) || !f.options.Directory.Allow(in.who, access.Services.Read(), s.ID) {
			continue
		}
		found = append(found, map[string]any{
			"id": s.ID, "name": s.ID[strings.LastIndexByte(s.ID, '/')+1:], "type": access.Services.String(), "location": s.Location,
		})
	}
	return list(found), nil
}
