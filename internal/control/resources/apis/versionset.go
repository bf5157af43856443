package apis

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/model"
)

// versionSets is the kind of version sets.
func versionSets(filter string) *resource.Node {
	return resource.New(access.APIVersionSets, resource.Kind{
		Collection: "apiVersionSets", Title: "ApiVersionSet", MaxName: maxShortName,
		Contract: "APIVersionSetContract", Update: "APIVersionSetUpdateParameters", Filter: filter,
		Hooks: resource.Hooks{Prepare: prepareVersionSet, Deleting: deletingVersionSet},
	})
}

// The parameter and the header that name the version where a set does not say.
const (
	defaultVersionQuery  = "api-version"
	defaultVersionHeader = "Api-Version"
)

// prepareVersionSet sees to it that the set says where calls name the version.
func prepareVersionSet(_ *resource.Session, e, _ *resource.Entity) error {
	switch model.VersioningScheme(e.Text("versioningScheme")) {
	case model.VersionInHeader:
		e.SetDefault("versionHeaderName", defaultVersionHeader)
	case model.VersionInQuery:
		e.SetDefault("versionQueryName", defaultVersionQuery)
	}
	return nil
}

// maxNamed bounds how many users of a resource an error names.
const maxNamed = 5

// deletingVersionSet refuses to delete a set that APIs are in.
func deletingVersionSet(s *resource.Session, e *resource.Entity) error {
	users, err := apisWith(s, e.ID.Scope(), "apiVersionSetId", string(e.ID))
	if err != nil {
		return err
	}
	if len(users) == 0 {
		return nil
	}
	names := make([]string, 0, maxNamed)
	for _, user := range users[:min(len(users), maxNamed)] {
		names = append(names, user.ID.Name())
	}
	return resource.Invalid("apiVersionSetId", "the version set %s cannot be deleted while %d APIs are versions of it: %s",
		e.ID.Name(), len(users), strings.Join(names, ", "))
}

// settleVersionSet reads apiVersionSetId, and makes or changes the set that a
// body describes in place of naming one.
func settleVersionSet(s *resource.Session, e, old *resource.Entity) error {
	inline, _ := e.Properties()["apiVersionSet"].(map[string]any)
	e.Unset("apiVersionSet")
	reference := e.Text("apiVersionSetId")
	if reference == "" {
		reference = textOf(inline["id"])
	}
	const field = "properties.apiVersionSetId"
	switch {
	case reference != "":
		id, err := s.Require(e.ID, field, reference)
		if err != nil {
			return err
		}
		if !strings.EqualFold(id.Collection().Name(), "apiVersionSets") {
			return resource.Invalid(field, "%s is not a version set", id)
		}
		e.Set("apiVersionSetId", string(id))
		return nil
	case inline != nil:
		return makeVersionSet(s, e, old, inline)
	case e.Text("apiVersion") != "":
		return resource.Invalid(field, "an API with an apiVersion needs the version set that it is a version of")
	default:
		return nil
	}
}

// makeVersionSet keeps the set that an API describes: the one that the API is
// in already, or a new one.
func makeVersionSet(s *resource.Session, e, old *resource.Entity, inline map[string]any) error {
	body := map[string]any{"displayName": inline["name"], "versioningScheme": inline["versioningScheme"]}
	if textOf(inline["name"]) == "" {
		body["displayName"] = e.Text("displayName")
	}
	if textOf(inline["versioningScheme"]) == "" {
		body["versioningScheme"] = string(model.VersionInSegment)
	}
	for _, name := range []string{"description", "versionQueryName", "versionHeaderName"} {
		if value, ok := inline[name]; ok {
			body[name] = value
		}
	}
	id := e.ID.Scope().Child("apiVersionSets", generatedName(string(e.ID.Key())))
	if old != nil && old.Text("apiVersionSetId") != "" {
		id = resource.ID(old.Text("apiVersionSetId"))
	}
	set, err := s.Put(id, resource.Object(body))
	if err != nil {
		return err
	}
	e.Set("apiVersionSetId", string(set.ID))
	return nil
}

// generatedName makes a name as Azure's are, of 24 hexadecimal digits. The same
// seed gives the same name, so that a transaction that runs again does what it
// did before.
func generatedName(seed string) string {
	sum := sha256.Sum256([]byte(seed))
	return hex.EncodeToString(sum[:12])
}

// versionText is how errors call a version.
func versionText(version string) string {
	if version == "" {
		return "no version"
	}
	return fmt.Sprintf("version %q", version)
}
