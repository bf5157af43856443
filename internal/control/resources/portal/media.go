package portal

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/model/site"
)

// What a medium of the portal holds is kept once, under its digest, in an item of
// the type sallyport-blob. Items of the draft and publications name it. It is
// there for as long as one of them does, and goes in the transaction that takes
// the last name away: a publication that can be gone back to always has its
// pictures. An item that names what is not there is refused, so that nothing can
// come between the two.

// pageOfItems bounds the items that are in memory while names are looked for: a
// publication has up to site.MaxContentSize bytes.
const pageOfItems = 8

// contentItems is the kind of the items of a content type.
func contentItems() *resource.Node {
	return resource.New(access.ContentItems, resource.Kind{
		Collection: "contentItems", Title: "ContentItem", Verbs: resource.NoPatch, Contract: "ContentItemContract", Unpaged: true,
		Hooks: resource.Hooks{Prepare: hasMedia, Written: replacedMedia, Deleting: deletedItem},
	})
}

// typeOf is the content type of an item.
func typeOf(id resource.ID) string { return strings.ToLower(id.Parent().Name()) }

// digestsOf are the digests that an item names.
func digestsOf(e *resource.Entity) []string {
	var found []string
	add := func(value any) {
		digest, _ := value.(string)
		digest = strings.ToLower(digest)
		if raw, err := hex.DecodeString(digest); err == nil && len(raw) == 32 && !slices.Contains(found, digest) {
			found = append(found, digest)
		}
	}
	switch typeOf(e.ID) {
	case site.TypeMedia:
		add(e.Text("digest"))
	case site.TypePublication:
		content, _ := e.Properties()["content"].(map[string]any)
		media, _ := content["media"].(map[string]any)
		for _, value := range media {
			medium, _ := value.(map[string]any)
			add(medium["digest"])
		}
	}
	return found
}

func blobs(service resource.ID) resource.ID {
	return service.Child("contentTypes", site.TypeBlob) + "/contentItems"
}

// hasMedia refuses an item that names what is not there.
func hasMedia(s *resource.Session, e, _ *resource.Entity) error {
	for _, digest := range digestsOf(e) {
		there, err := s.Has(blobs(e.ID.Service()) + "/" + resource.ID(digest))
		if err != nil {
			return err
		}
		if !there {
			return resource.Invalid("properties.digest",
				"what the medium holds is not there: write contentTypes/%s/contentItems/%s first", site.TypeBlob, digest)
		}
	}
	return nil
}

// replacedMedia removes what an item no longer names, and nothing else does.
func replacedMedia(s *resource.Session, e, old *resource.Entity) error {
	if old == nil {
		return nil
	}
	return DropUnneeded(s, e.ID.Service(), digestsOf(old), "")
}

// deletedItem removes what only the item names that goes, and keeps what a medium
// holds for as long as something names it.
func deletedItem(s *resource.Session, e *resource.Entity) error {
	switch typeOf(e.ID) {
	case site.TypeBlob:
	case site.TypePublication:
		shown, err := s.Lookup(e.ID.Service().Child("portalRevisions", e.ID.Name()))
		if err != nil {
			return err
		}
		if shown != nil && shown.Bool("isCurrent", false) {
			return resource.Invalid("contentItemId", "visitors see this publication; publish another one first")
		}
		return DropUnneeded(s, e.ID.Service(), digestsOf(e), e.ID)
	default:
		return DropUnneeded(s, e.ID.Service(), digestsOf(e), e.ID)
	}
	needed, err := named(s, e.ID.Service(), []string{e.ID.Name()}, "")
	if err != nil {
		return err
	}
	if len(needed) > 0 {
		return resource.Invalid("contentItemId", "a medium of the portal, or one of its publications, holds this; delete these first")
	}
	return nil
}

// deletedType refuses to delete what media hold, all at once, while there are
// media or publications.
func deletedType(s *resource.Session, e *resource.Entity) error {
	if !strings.EqualFold(e.ID.Name(), site.TypeBlob) {
		return nil
	}
	for _, kind := range []string{site.TypeMedia, site.TypePublication} {
		items := e.ID.Service().Child("contentTypes", kind) + "/contentItems"
		if n, err := s.Reader().Count(items.Key()); err != nil || n > 0 {
			if err != nil {
				return err
			}
			return resource.Invalid("contentTypeId", "there are items of %s, which need these; delete them first", kind)
		}
	}
	return nil
}

// DropUnneeded removes those of what media hold, by their digests, that no medium
// of the draft and no publication names but the one that goes ("" for none).
func DropUnneeded(s *resource.Session, service resource.ID, digests []string, goes resource.ID) error {
	if len(digests) == 0 {
		return nil
	}
	needed, err := named(s, service, digests, goes)
	if err != nil {
		return err
	}
	for _, digest := range digests {
		if needed[digest] {
			continue
		}
		if err := s.Drop(blobs(service) + "/" + resource.ID(digest)); err != nil {
			return err
		}
	}
	return nil
}

// named tells which of the digests something names but the one that goes. It
// looks for their text, which errs on the side of keeping.
func named(s *resource.Session, service resource.ID, digests []string, goes resource.ID) (map[string]bool, error) {
	found := make(map[string]bool, len(digests))
	for _, kind := range []string{site.TypeMedia, site.TypePublication} {
		items := (service.Child("contentTypes", kind) + "/contentItems").Key()
		for after := ""; len(found) < len(digests); {
			page, err := s.Reader().List(items, store.Page{After: after, Limit: pageOfItems})
			if err != nil {
				return nil, err
			}
			for _, record := range page {
				text := bytes.ToLower(record.Value)
				for _, digest := range digests {
					if record.Key != goes.Key() && bytes.Contains(text, []byte(strings.ToLower(digest))) {
						found[digest] = true
					}
				}
			}
			if len(page) < pageOfItems {
				break
			}
			after = page[len(page)-1].Key.Name()
		}
	}
	return found, nil
}
