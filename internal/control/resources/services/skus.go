package services

import (
	"slices"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// skuConsumption is the SKU that has no units.
const skuConsumption = "Consumption"

// size is a SKU, with how many units it may have. SKUs are kept as state: every
// service here has everything.
type size struct {
	name, scale string
	least, most int
}

// serviceSizes and gatewaySizes are the SKUs that can be asked for. They are
// never written.
var (
	serviceSizes = []size{
		{"Developer", "None", 1, 1}, {"Basic", "Manual", 1, 2}, {"Standard", "Automatic", 1, 4},
		{"Premium", "Automatic", 1, 10}, {"Isolated", "Automatic", 1, 1},
		{"BasicV2", "Manual", 1, 10}, {"StandardV2", "Manual", 1, 10}, {skuConsumption, "None", 0, 0},
	}
	gatewaySizes = []size{
		{"WorkspaceGatewayStandard", "Manual", 1, 4}, {"WorkspaceGatewayPremium", "Manual", 1, 12}, {"Standard", "Manual", 1, 10},
	}
)

func (z size) capacity() map[string]any {
	return map[string]any{"minimum": z.least, "maximum": z.most, "default": z.least, "scaleType": z.scale}
}

// available lists sizes for a type of resource.
func available(sizes []size, resourceType string) map[string]any {
	var items []any
	for _, z := range sizes {
		items = append(items, map[string]any{
			"resourceType": resourceType, "sku": map[string]any{"name": z.name}, "capacity": z.capacity(),
		})
	}
	return page(items...)
}

func skuRoutes() []resource.Route {
	return []resource.Route{
		ofService("skus", access.ServiceSKUs.Read(), func(_ *resource.Session, service *resource.Entity) any {
			sku, _ := service.Body["sku"].(map[string]any)
			consumption := sku["name"] == skuConsumption
			sizes := slices.DeleteFunc(slices.Clone(serviceSizes), func(z size) bool { return (z.name == skuConsumption) != consumption })
			return available(sizes, "Microsoft.ApiManagement/service")
		}),
		{Method: get, Path: resourceGroupPath + "/gateways/{gateway}/skus", Permission: access.WorkspaceGatewaySKUs.Read(),
			Run: func(*resource.Session, map[string]string, resource.Input) (resource.Result, error) {
				return resource.Result{Body: available(gatewaySizes, "Microsoft.ApiManagement/gateways")}, nil
			}},
		{Method: get, Path: subscriptionPath + "/skus", Permission: access.SKUs.Read(), Run: skusOfSubscription},
	}
}

// skusOfSubscription lists the SKUs in the form of Azure Resource Manager.
func skusOfSubscription(s *resource.Session, _ map[string]string, _ resource.Input) (resource.Result, error) {
	location := compact(s.Location)
	var items []any
	for _, z := range serviceSizes {
		items = append(items, map[string]any{
			"resourceType": "service", "name": z.name, "capacity": z.capacity(), "locations": []any{location},
			"locationInfo": []any{map[string]any{"location": location, "zones": []any{}, "zoneDetails": []any{}}},
			"restrictions": []any{},
		})
	}
	return resource.Result{Body: page(items...)}, nil
}
