package apply

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/portal"
	"github.com/sallyport/sallyport/internal/model/site"
)

// publishPortal makes the content of the developer portal what a folder says,
// the draft as well as what visitors see. Nil says nothing of it.
func publishPortal(s *resource.Session, service resource.ID, folder *site.Folder) error {
	if folder == nil {
		return nil
	}
	revision, err := folder.Content.Revision()
	if err != nil {
		return err
	}
	for _, name := range site.Types() {
		if err := declareOne(s, service.Child("contentTypes", name), map[string]any{"name": name}); err != nil {
			return err
		}
	}
	for digest, data := range folder.Blobs {
		body := map[string]any{"data": base64.StdEncoding.EncodeToString(data)}
		if err := declareOne(s, item(service, site.TypeBlob, digest), body); err != nil {
			return err
		}
	}
	publication := site.Publication{Version: site.PublicationVersion, Content: folder.Content}
	if err := declareOne(s, item(service, site.TypePublication, revision), publication); err != nil {
		return err
	}
	if err := switchPortal(s, service, revision); err != nil {
		return err
	}
	return draftPortal(s, service, &folder.Content) // Last: it removes what nothing needs any more.
}

// draftPortal makes the draft the content.
func draftPortal(s *resource.Session, service resource.ID, c *site.Content) error {
	draft := map[resource.ID]any{
		item(service, site.TypeNavigation, site.ItemDefault): c.Navigation,
		item(service, site.TypeLook, site.ItemDefault):       c.Look,
	}
	for slug, page := range c.Pages {
		draft[item(service, site.TypePage, slug)] = page
	}
	for file, medium := range c.Media {
		draft[item(service, site.TypeMedia, file)] = medium
	}
	held, err := heldByDraft(s, service)
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(draft)) {
		if err := declareOne(s, id, draft[id]); err != nil {
			return err
		}
	}
	var gone []resource.ID
	for _, kind := range []string{site.TypePage, site.TypeMedia} {
		for e, err := range s.Collection(service.Child("contentTypes", kind) + "/contentItems") {
			if err != nil {
				return err
			}
			if _, stated := draft[item(service, kind, e.ID.Name())]; !stated {
				gone = append(gone, e.ID)
			}
		}
	}
	for _, id := range gone {
		if err := s.Drop(id); err != nil {
			return err
		}
	}
	return portal.DropUnneeded(s, service, held, "")
}

// heldByDraft are the digests of what the media of the draft hold.
func heldByDraft(s *resource.Session, service resource.ID) ([]string, error) {
	var held []string
	for e, err := range s.Collection(service.Child("contentTypes", site.TypeMedia) + "/contentItems") {
		if err != nil {
			return nil, err
		}
		held = append(held, e.Text("digest"))
	}
	return held, nil
}

// switchPortal makes a revision the one that visitors see, and no other.
func switchPortal(s *resource.Session, service resource.ID, revision string) error {
	id := service.Child("portalRevisions", revision)
	there, err := s.Lookup(id)
	if err != nil {
		return err
	}
	if there != nil && there.Bool("isCurrent", false) {
		return nil
	}
	for e, err := range s.Collection(service + "/portalRevisions") {
		if err != nil {
			return err
		}
		if e.ID.Equal(id) || !e.Bool("isCurrent", false) {
			continue
		}
		next := e.Clone()
		next.Set("isCurrent", false)
		if err := s.Store(e.ID, next.Body); err != nil {
			return err
		}
	}
	return declareOne(s, id, map[string]any{"description": "Applied from a folder.", "isCurrent": true})
}

func item(service resource.ID, kind, name string) resource.ID {
	return service.Child("contentTypes", kind).Child("contentItems", name)
}

// declareOne keeps one resource with these properties.
func declareOne(s *resource.Session, id resource.ID, properties any) error {
	tree, err := treeOf(properties)
	if err != nil {
		return err
	}
	if _, err := s.Declare(id, map[string]any{"properties": tree}); err != nil {
		return fmt.Errorf("%s: %w", id.Relative(), err)
	}
	return nil
}

// treeOf is a value as the members of a JSON object.
func treeOf(v any) (map[string]any, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("writing the content of the portal: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var tree map[string]any
	if err := d.Decode(&tree); err != nil {
		return nil, fmt.Errorf("writing the content of the portal: %w", err)
	}
	return tree, nil
}

// Portal is the content of the developer portal that visitors see, for a folder;
// nil where nothing of ours is published.
func Portal(s *resource.Session, service resource.ID) (*site.Folder, error) {
	current := ""
	for e, err := range s.Collection(service + "/portalRevisions") {
		if err != nil {
			return nil, err
		}
		if e.Bool("isCurrent", false) {
			current = e.ID.Name()
		}
	}
	if current == "" {
		return nil, nil //nolint:nilnil // Nothing is published, which is no error.
	}
	e, err := s.Lookup(item(service, site.TypePublication, current))
	if err != nil || e == nil {
		return nil, err
	}
	var publication site.Publication
	if err := decodeInto(e, &publication); err != nil {
		return nil, err
	}
	if publication.Version != site.PublicationVersion {
		return nil, fmt.Errorf("the portal's publication %s has the version %d, which this release does not know", current, publication.Version)
	}
	folder := &site.Folder{Content: publication.Content, Blobs: map[string][]byte{}}
	for _, medium := range publication.Content.Media {
		blob, err := s.Get(item(service, site.TypeBlob, medium.Digest))
		if err != nil {
			return nil, err
		}
		if folder.Blobs[medium.Digest], err = base64.StdEncoding.DecodeString(blob.Text("data")); err != nil {
			return nil, fmt.Errorf("reading %s: %w", blob.ID, err)
		}
	}
	return folder, nil
}

func decodeInto(e *resource.Entity, into any) error {
	raw, err := json.Marshal(e.Properties())
	if err != nil {
		return fmt.Errorf("reading %s: %w", e.ID, err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("reading %s: %w", e.ID, err)
	}
	return nil
}
