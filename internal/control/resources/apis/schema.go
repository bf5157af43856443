package apis

import (
	"encoding/json"
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/model"
)

// schemas is the kind of the schemas of an API.
func schemas(filter string) *resource.Node {
	return resource.New(access.APISchemas, resource.Kind{
		Collection: "schemas", Title: "Schema", MaxName: maxShortName,
		Contract: "SchemaContract", Filter: filter,
		Verbs: resource.NoPatch, LongRunning: resource.Put,
		Hooks: resource.Hooks{Prepare: prepareSchema, Deleting: deletingSchema, Present: presentSchema},
	})
}

// prepareSchema checks that there is a document, and keeps that of a content type
// which has a member of its own under it, as it is answered.
func prepareSchema(_ *resource.Session, e, _ *resource.Entity) error {
	e.Unset("provisioningState")
	document, _ := e.Properties()["document"].(map[string]any)
	if document["value"] == nil && document["components"] == nil && document["definitions"] == nil {
		return resource.Invalid("properties.document", "the schema has no document: give value, components or definitions")
	}
	switch strings.ToLower(e.Text("contentType")) {
	case model.SchemaOpenAPI:
		unfold(document, "components")
	case model.SchemaSwagger:
		unfold(document, "definitions")
	}
	return nil
}

// unfold turns a document that is given as text, and is an object of JSON, into
// the member that its content type has.
func unfold(document map[string]any, member string) {
	if document[member] != nil {
		return
	}
	d := json.NewDecoder(strings.NewReader(textOf(document["value"])))
	d.UseNumber()
	var object map[string]any
	if err := d.Decode(&object); err != nil || object == nil {
		return
	}
	if inner, ok := object[member].(map[string]any); ok {
		object = inner
	}
	document[member] = object
	delete(document, "value")
}

// presentSchema says that the schema is there.
func presentSchema(s *resource.Session, e *resource.Entity) error {
	if !s.Call.Listing {
		e.Set("provisioningState", "Succeeded")
	}
	return nil
}

// deletingSchema refuses to delete a schema that operations refer to, or takes
// the references away where the request says force.
func deletingSchema(s *resource.Session, e *resource.Entity) error {
	name := e.ID.Name()
	text, err := json.Marshal(name)
	if err != nil {
		return err
	}
	return mentioning(s, e.ID.Parent()+"/operations", `"schemaId":`+string(text), func(operation *resource.Entity) error {
		if !s.Call.Bool("force") {
			return resource.Invalid("schemaId",
				"the schema %s cannot be deleted while the operation %s refers to it; force=true removes its references",
				name, operation.ID.Name())
		}
		next := operation.Clone()
		forget(next.Body, name)
		return s.Store(next.ID, next.Body)
	})
}

// forget removes the references to a schema from what is below a value.
func forget(value any, schema string) {
	switch v := value.(type) {
	case map[string]any:
		if strings.EqualFold(textOf(v["schemaId"]), schema) {
			delete(v, "schemaId")
			delete(v, "typeName")
		}
		for _, inner := range v {
			forget(inner, schema)
		}
	case []any:
		for _, inner := range v {
			forget(inner, schema)
		}
	}
}
