package settings

import (
	"encoding/json"
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// schemas is the kind of the schemas that validation policies of every API can
// use: XML in value, JSON in document.
func schemas() *resource.Node {
	return resource.New(access.Schemas, resource.Kind{
		Collection: "schemas", Title: "Schema", Contract: "GlobalSchemaContract",
		Verbs: resource.NoPatch, Filter: "GlobalSchemaClientListByService", LongRunning: resource.Put,
		Hooks: resource.Hooks{Prepare: prepareSchema, Present: presentSchema},
	})
}

func prepareSchema(_ *resource.Session, e, _ *resource.Entity) error {
	if strings.EqualFold(e.Text("schemaType"), "xml") {
		if text, ok := e.Properties()["value"].(string); !ok || strings.TrimSpace(text) == "" {
			return resource.Invalid("properties.value", "a schema of the type xml needs its document as a text")
		}
		return nil
	}
	return prepareJSONSchema(e)
}

// prepareJSONSchema keeps a JSON schema as an object in document, also where it
// was given as a text, or in value.
func prepareJSONSchema(e *resource.Entity) error {
	field := "document"
	given, ok := e.Properties()[field]
	if !ok {
		field = "value"
		given, ok = e.Properties()[field]
	}
	if !ok {
		return resource.Invalid("properties.document", "a schema of the type json needs its document")
	}
	text, isText := given.(string)
	if isText {
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		if err := d.Decode(&given); err != nil {
			return resource.Invalid("properties."+field, "the document is not JSON: %v", err)
		}
	}
	switch given.(type) {
	case map[string]any, bool:
	default:
		return resource.Invalid("properties."+field, "a JSON schema is an object")
	}
	e.Unset("value")
	e.Set("document", given)
	return nil
}

func presentSchema(_ *resource.Session, e *resource.Entity) error {
	e.Set("provisioningState", "Succeeded")
	return nil
}
