package vectors

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// UnmarshalJSON reads an object of headers in its order. A value is a list of strings or one string.
func (h *orderedHeaders) UnmarshalJSON(data []byte) error {
	return eachMember(data, func(name string, raw json.RawMessage) error {
		var list []string
		if err := json.Unmarshal(raw, &list); err != nil {
			var one string
			if json.Unmarshal(raw, &one) != nil {
				return err
			}
			list = []string{one}
		}
		h.names = append(h.names, name)
		h.values = append(h.values, list)
		return nil
	})
}

// eachMember calls f with each member of a JSON object in the order of the text.
func eachMember(data []byte, f func(name string, value json.RawMessage) error) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	t, err := dec.Token()
	if err != nil {
		return err
	}
	if t == nil {
		return nil
	}
	if t != json.Delim('{') {
		return fmt.Errorf("reading an object: found %v", t)
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		name, ok := key.(string)
		if !ok {
			return fmt.Errorf("reading an object: found %v for a name", key)
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return err
		}
		if err := f(name, raw); err != nil {
			return err
		}
	}
	return nil
}
