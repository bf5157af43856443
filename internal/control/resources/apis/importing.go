package apis

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/settings"
	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/control/transfer/openapi"
	"github.com/sallyport/sallyport/internal/model"
)

// importing is the import of one document's operations.
type importing struct {
	s   *resource.Session
	api resource.ID
	// names are the ids under which the document's operations are kept.
	names map[model.Key]resource.ID
}

// operations writes the operations of the document. One that the API has
// already, by its name or else by method and template, stays, with its policies
// and tags, under the name that it has; those that the document lacks go.
func (i *importing) operations(fresh []*model.Operation) error {
	byName, byKey := map[string]*resource.Entity{}, map[string]*resource.Entity{}
	for old, err := range i.s.Collection(i.api + "/operations") {
		if err != nil {
			return err
		}
		byName[strings.ToLower(old.ID.Name())], byKey[operationKey(old)] = old, old
	}
	named := map[string]bool{}
	for _, operation := range fresh {
		named[strings.ToLower(operation.ID.Name())] = true
	}
	stay := map[string]bool{}
	free := func(name string) bool { return !named[strings.ToLower(name)] && !stay[strings.ToLower(name)] }
	for _, operation := range fresh {
		properties, err := propertiesOf(operation)
		if err != nil {
			return err
		}
		e := &resource.Entity{ID: i.api.Child("operations", operation.ID.Name()), Body: resource.Object(properties)}
		completeOperation(e)
		old := byName[strings.ToLower(operation.ID.Name())]
		if same := byKey[operationKey(e)]; old == nil && same != nil && free(same.ID.Name()) {
			e.ID = same.ID
		}
		if err := i.s.Store(e.ID, e.Body); err != nil {
			return err
		}
		i.names[operation.ID.Key()] = e.ID
		stay[strings.ToLower(e.ID.Name())] = true
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		if stay[name] {
			continue
		}
		if err := i.remove(byName[name].ID); err != nil {
			return err
		}
	}
	return nil
}

// remove takes away an operation that the document lacks.
func (i *importing) remove(operation resource.ID) error {
	if err := settings.Unlink(i.s, operation); err != nil {
		return err
	}
	return i.s.Drop(operation)
}

// policies writes the policies that operations of the document cannot be served
// without. An operation that has a policy already keeps it.
func (i *importing) policies(all []*model.Policy) error {
	for _, policy := range all {
		operation, ok := i.names[policy.Scope().Key()]
		if !ok {
			return fmt.Errorf("importing the policy %s: it is of no operation of the document", policy.ID)
		}
		id := operation.Child("policies", model.PolicyName)
		if there, err := i.s.Has(id); err != nil {
			return err
		} else if there {
			continue
		}
		properties, err := propertiesOf(policy)
		if err != nil {
			return err
		}
		if _, err := i.s.Put(id, resource.Object(properties)); err != nil {
			return err
		}
	}
	return nil
}

// maxTagName bounds what a tag is called, in characters.
const maxTagName = 160

// tags gives the operations the tags that the document gives them. Tags are
// found by what they are called, and made where there are none.
func (i *importing) tags(all []transfer.ImportedTag) error {
	for _, t := range all {
		if len(t.Operations) == 0 && t.Description == "" {
			continue
		}
		name, err := i.tag(cutTo(strings.TrimSpace(t.Name), maxTagName))
		if err != nil {
			return err
		}
		if name == "" {
			continue
		}
		for _, operation := range t.Operations {
			if err := i.putAbsent(i.names[operation.Key()].Child("tags", name), map[string]any{}); err != nil {
				return err
			}
		}
		if t.Description == "" {
			continue
		}
		said := resource.Object(map[string]any{"description": t.Description})
		if err := i.putAbsent(i.api.Child("tagDescriptions", name), said); err != nil {
			return err
		}
	}
	return nil
}

func (i *importing) putAbsent(id resource.ID, body map[string]any) error {
	if there, err := i.s.Has(id); err != nil || there {
		return err
	}
	_, err := i.s.Put(id, body)
	return err
}

// tag returns the name of the tag that is called so; "" for a name of which no
// tag can be made.
func (i *importing) tag(displayName string) (string, error) {
	collection := i.api.Scope() + "/tags"
	found, err := having(i.s, collection, "displayName", displayName)
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		return found[0].ID.Name(), nil
	}
	name := openapi.Normalize(displayName)
	if name == "" {
		name = generatedName(displayName)
	}
	if displayName == "" {
		return "", nil
	}
	id := collection + "/" + resource.ID(name)
	if there, err := i.s.Has(id); err != nil || there {
		return name, err
	}
	_, err = i.s.Put(id, resource.Object(map[string]any{"displayName": displayName}))
	return name, err
}

// cutTo is the beginning of a text, of at most n characters.
func cutTo(text string, n int) string {
	for at := range text {
		if n--; n < 0 {
			return text[:at]
		}
	}
	return text
}
