package settings

import (
	"maps"
	"slices"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/policies"
)

// loggers is the kind of the places that diagnostics and policies write to.
func loggers() *resource.Node {
	return resource.New(access.Loggers, resource.Kind{
		Collection: "loggers", Title: "Logger", MaxName: 256,
		Contract: "LoggerContract", Update: "LoggerUpdateContract",
		Filter: "LoggerClientListByService",
		Hooks:  resource.Hooks{Prepare: prepareLogger, Deleting: deletingLogger},
	})
}

// secretCredentials are the credentials of loggers that are kept as named
// values; the others, as the name of an event hub, are no secrets.
var secretCredentials = []string{"connectionString", "instrumentationKey"}

// neededCredentials are what a logger of a type cannot do without, any one of
// them.
var neededCredentials = map[string][]string{
	"azureEventHub":       {"connectionString", "endpointAddress"},
	"applicationInsights": {"instrumentationKey", "connectionString"},
}

func prepareLogger(s *resource.Session, e, _ *resource.Entity) error {
	e.SetDefault("isBuffered", true)
	credentials, _ := e.Properties()["credentials"].(map[string]any)
	if needed := neededCredentials[e.Text("loggerType")]; needed != nil && !hasAny(credentials, needed) {
		return resource.Invalid("properties.credentials", "a logger of the type %s needs the credential %s, or %s",
			e.Text("loggerType"), needed[0], needed[1])
	}
	for _, name := range slices.Sorted(maps.Keys(credentials)) {
		value, _ := credentials[name].(string)
		if !slices.Contains(secretCredentials, name) {
			continue
		}
		reference, err := hide(s, e.ID, name, "Logger-Credentials-", value)
		if err != nil {
			return err
		}
		credentials[name] = reference
	}
	return nil
}

func hasAny(object map[string]any, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		text, _ := object[name].(string)
		return text != ""
	})
}

func deletingLogger(s *resource.Session, e *resource.Entity) error {
	users, err := diagnosticUsers(s, e.ID)
	if err != nil {
		return err
	}
	if err := policies.RefuseInUse(e.ID, "logger", users); err != nil {
		return err
	}
	for _, name := range secretCredentials {
		if err := dropHidden(s, e.ID, name); err != nil {
			return err
		}
	}
	return nil
}
