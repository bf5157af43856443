package portal

import (
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// portalConfigs is the kind of the configuration of a portal: there is one.
func portalConfigs() *resource.Node {
	return resource.New(access.PortalConfigs, resource.Kind{
		Collection: "portalconfigs", Title: "PortalConfig", Names: []string{"default"},
		Verbs:    resource.List | resource.Get | resource.Put | resource.Patch,
		Contract: "PortalConfigContract", Permanent: true, Unpaged: true,
		Hooks: resource.Hooks{Default: func(*resource.Session, resource.ID) (map[string]any, error) {
			return resource.Object(map[string]any{
				"enableBasicAuth": true,
				"signin":          map[string]any{"require": false},
				"signup":          map[string]any{"termsOfService": map[string]any{"text": "", "requireConsent": false}},
				"delegation":      map[string]any{"delegateRegistration": false, "delegateSubscription": false},
				"cors":            map[string]any{"allowedOrigins": []any{}},
				"csp":             map[string]any{"mode": "disabled", "reportUri": []any{}, "allowedSources": []any{}},
			}), nil
		}},
	})
}

// portalRevisions is the kind of the published states of a portal, of which one
// is current.
func portalRevisions() *resource.Node {
	return resource.New(access.PortalRevisions, resource.Kind{
		Collection: "portalRevisions", Title: "PortalRevision", MaxName: 256,
		Verbs:    resource.List | resource.Get | resource.Put | resource.Patch,
		Contract: "PortalRevisionContract", Filter: "PortalRevisionClientListByService",
		Statuses: resource.Statuses{Put: statusCreated}, LongRunning: resource.Put | resource.Patch,
		Keep:   []string{"properties.createdDateTime"},
		Stamps: []string{"properties.updatedDateTime"},
		Hooks: resource.Hooks{
			Prepare: func(s *resource.Session, e, _ *resource.Entity) error {
				e.SetDefault("isCurrent", false)
				e.SetDefault("createdDateTime", s.Stamp())
				e.Set("updatedDateTime", s.Stamp())
				e.Set("status", "completed")
				e.Set("provisioningState", "Succeeded")
				return nil
			},
			Written: onlyCurrent,
		},
	})
}

// statusCreated is 201, which this package knows by number only.
const statusCreated = 201

// onlyCurrent makes the other revisions not current where this one is.
func onlyCurrent(s *resource.Session, e, _ *resource.Entity) error {
	if !e.Bool("isCurrent", false) {
		return nil
	}
	for other, err := range s.Collection(e.ID.Collection()) {
		if err != nil {
			return err
		}
		if other.ID.Equal(e.ID) || !other.Bool("isCurrent", false) {
			continue
		}
		other.Set("isCurrent", false)
		if err := s.Store(other.ID, other.Body); err != nil {
			return err
		}
	}
	return nil
}

// contentTypes is the kind of what the content of a portal is made of, with the
// items of each.
func contentTypes() *resource.Node {
	return resource.New(access.ContentTypes, resource.Kind{
		Collection: "contentTypes", Title: "ContentType", Verbs: resource.NoPatch, Contract: "ContentTypeContract", Unpaged: true,
		Hooks: resource.Hooks{
			Prepare: func(_ *resource.Session, e, _ *resource.Entity) error {
				e.SetDefault("id", "/contentTypes/"+e.ID.Name())
				e.SetDefault("name", e.ID.Name())
				return nil
			},
			Deleting: deletedType,
		},
		Children: []*resource.Node{contentItems()},
	})
}

// documentations is the kind of pages in Markdown that wikis show.
func documentations() *resource.Node {
	return resource.New(access.Documentations, resource.Kind{
		Collection: "documentations", Title: "Documentation", MaxName: 256,
		Contract: "DocumentationContract", Update: "DocumentationUpdateContract", Filter: "DocumentationClientListByService",
		Hooks: resource.Hooks{Deleting: leaveWikis},
	})
}

// leaveWikis takes a page that goes from the wikis of APIs and products.
func leaveWikis(s *resource.Session, e *resource.Entity) error {
	for _, holders := range []resource.ID{"apis", "products"} {
		for holder, err := range s.Collection(e.ID.Service() + "/" + holders) {
			if err != nil {
				return err
			}
			if err := leaveWiki(s, holder.ID.Child("wikis", "default"), e.ID.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

func leaveWiki(s *resource.Session, wiki resource.ID, page string) error {
	e, err := s.Lookup(wiki)
	if err != nil || e == nil {
		return err
	}
	documents, _ := e.Properties()["documents"].([]any)
	kept := make([]any, 0, len(documents))
	for _, value := range documents {
		document, _ := value.(map[string]any)
		if name, _ := document["documentationId"].(string); !strings.EqualFold(resource.ID(name).Name(), page) {
			kept = append(kept, value)
		}
	}
	if len(kept) == len(documents) {
		return nil
	}
	e.Set("documents", kept)
	return s.Store(wiki, e.Body)
}
