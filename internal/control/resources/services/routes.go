package services

import (
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// Paths of routes.
const (
	providerPath       = "providers/Microsoft.ApiManagement"
	subscriptionPath   = "subscriptions/{subscription}/" + providerPath
	resourceGroupPath  = "subscriptions/{subscription}/resourceGroups/{resourceGroup}/" + providerPath
	servicePath        = resourceGroupPath + "/service/{service}"
	subscriptionPrefix = "/subscriptions/"
)

// get and post are the methods of routes, which this package knows by name only.
const (
	get  = "GET"
	post = "POST"
)

// ofService is a GET of something that a service tells of itself.
func ofService(path string, permission access.Permission, tell func(*resource.Session, *resource.Entity) any) resource.Route {
	return resource.Route{
		Method: get, Path: servicePath + "/" + path, Permission: permission,
		Run: func(s *resource.Session, _ map[string]string, in resource.Input) (resource.Result, error) {
			service, err := s.Get(in.ID.Service())
			if err != nil {
				return resource.Result{}, err
			}
			return resource.Result{Body: tell(s, service)}, nil
		},
	}
}

// page is a list that has one page.
func page(items ...any) map[string]any {
	if items == nil {
		items = []any{}
	}
	return map[string]any{"value": items, "count": len(items)}
}

// text is a text in the body of an entity, beside its properties.
func text(e *resource.Entity, name string) string {
	s, _ := e.Body[name].(string)
	return s
}
