package apis

import (
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// productsOf is the list of the products that an API is in.
func productsOf() *resource.Node {
	return resource.New(access.APIProducts, resource.Kind{
		Collection: "products", Title: "Product", Contract: "ProductContract",
		Verbs: resource.List, Filter: "APIProductClientListByApis",
		Hooks: resource.Hooks{Items: listProducts},
	})
}

func listProducts(s *resource.Session, collection resource.ID) ([]*resource.Entity, error) {
	api := rootID(collection.Collection())
	var products []*resource.Entity
	for product, err := range s.Collection(api.Scope() + "/products") {
		if err != nil {
			return nil, err
		}
		linked, err := s.Has(product.ID.Child("apis", api.Name()))
		if err != nil {
			return nil, err
		}
		if linked {
			products = append(products, product)
		}
	}
	return products, nil
}
