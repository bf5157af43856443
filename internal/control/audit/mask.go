package audit

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Masked stands where a secret was.
const Masked = "(secret)"

// sealedPrefix begins every value that the keyring has sealed. Such a value is
// masked wherever it stands: a log has no use for it.
const sealedPrefix = "sealed:"

// Mask returns the JSON of a resource with Masked in place of every value at
// one of the paths. A path is made of field names with dots between them, in
// any case of letters, as in "properties.primaryKey"; "*" stands for every
// field. Lists are passed through: the path is that of their elements. Where
// there is null or nothing at a path it stays so. What is not JSON is masked as
// a whole.
func Mask(resource json.RawMessage, secretPaths []string) json.RawMessage {
	if len(bytes.TrimSpace(resource)) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(resource))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil || d.More() {
		return json.RawMessage(`"` + Masked + `"`)
	}
	paths := make([][]string, len(secretPaths))
	for i, p := range secretPaths {
		paths[i] = strings.Split(p, ".")
	}
	data, err := json.Marshal(mask(value, paths))
	if err != nil {
		return json.RawMessage(`"` + Masked + `"`)
	}
	return data
}

// mask returns the value with what lies at the paths masked.
func mask(value any, paths [][]string) any {
	for _, p := range paths {
		if len(p) == 0 && value != nil {
			return Masked
		}
	}
	switch v := value.(type) {
	case string:
		if strings.HasPrefix(v, sealedPrefix) {
			return Masked
		}
	case map[string]any:
		for name, field := range v {
			v[name] = mask(field, below(paths, name))
		}
	case []any:
		for i, element := range v {
			v[i] = mask(element, paths)
		}
	}
	return value
}

// below are the rests of the paths that lead into a field.
func below(paths [][]string, field string) [][]string {
	var rest [][]string
	for _, p := range paths {
		if len(p) > 0 && (p[0] == "*" || strings.EqualFold(p[0], field)) {
			rest = append(rest, p[1:])
		}
	}
	return rest
}
