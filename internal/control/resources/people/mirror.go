package people

import (
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/store"
)

// Mirror completes the two forms in which the products of a service keep their
// APIs and groups, where resources were written that state only one of them,
// without their hooks: as a configuration folder does.
func Mirror(s *resource.Session, service resource.ID) error {
	var products []resource.ID
	for product, err := range s.Collection(service + "/products") {
		if err != nil {
			return err
		}
		products = append(products, product.ID)
	}
	for _, product := range products {
		for _, m := range []membership{apisOfProduct, groupsOfProduct} {
			if err := m.mirror(s, product); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m membership) mirror(s *resource.Session, product resource.ID) error {
	linked := map[store.Key]bool{}
	var missing []resource.ID
	for link, err := range s.Collection(product + "/" + resource.ID(m.links)) {
		if err != nil {
			return err
		}
		member := resource.ID(link.Text(m.property))
		linked[member.Key()] = true
		plain := m.plainOf(link.ID, member)
		if plain == "" {
			continue
		}
		has, err := s.Has(plain)
		if err != nil {
			return err
		}
		if !has {
			missing = append(missing, plain)
		}
	}
	var named []resource.ID
	for plain, err := range s.Collection(product + "/" + resource.ID(m.plain)) {
		if err != nil {
			return err
		}
		if !linked[m.member(plain.ID).Key()] {
			named = append(named, plain.ID)
		}
	}
	for _, plain := range missing {
		if err := s.Store(plain, map[string]any{}); err != nil {
			return err
		}
	}
	for _, plain := range named {
		id, err := m.freeLink(s, product, plain.Name())
		if err != nil {
			return err
		}
		if err := s.Store(id, resource.Object(map[string]any{m.property: string(m.member(plain))})); err != nil {
			return err
		}
	}
	return nil
}
