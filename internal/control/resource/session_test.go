package resource_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

func TestMerge(t *testing.T) {
	body := map[string]any{"a": "1", "b": map[string]any{"c": "2", "d": "3"}, "e": []any{"x"}}
	resource.Merge(body, map[string]any{"a": nil, "b": map[string]any{"c": "4", "d": nil}, "e": []any{}, "f": map[string]any{"g": nil, "h": "5"}})
	want := map[string]any{"b": map[string]any{"c": "4"}, "e": []any{}, "f": map[string]any{"h": "5"}}
	if diff := cmp.Diff(want, body); diff != "" {
		t.Errorf("merged (-want +got):\n%s", diff)
	}
}

// TestSecretsMove copies and moves a resource with a secret: the secret opens in
// its new place and is sealed for no other.
func TestSecretsMove(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("namedValues/from", `{"properties":{"displayName":"from","secret":true,"value":"well kept"}}`)
	const service = resource.ID(resourcestest.Service)
	err := s.Write(func(session *resource.Session) error {
		from := service + "/namedValues/from"
		if err := session.Copy(from, service+"/namedValues/copy"); err != nil {
			return err
		}
		return session.Move(from, service+"/namedValues/moved")
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"copy", "moved"} {
		if got := s.Must("POST", "namedValues/"+name+"/listValue", nil, 200); got["value"] != "well kept" {
			t.Errorf("%s: %v", name, got)
		}
	}
	if status, _, _ := s.Do("GET", "namedValues/from", nil); status != 404 {
		t.Errorf("what was moved is still there: %d", status)
	}
	err = s.Write(func(session *resource.Session) error {
		stolen, err := session.Get(service + "/namedValues/copy")
		if err != nil {
			return err
		}
		stolen.ID = service + "/namedValues/thief"
		_, err = session.Reveal(stolen, "value")
		return err
	})
	if err == nil {
		t.Error("a secret opened in a place that it was not sealed for")
	}
}

// TestMasked hides secrets from the audit log and cuts what is long.
func TestMasked(t *testing.T) {
	s := resourcestest.New(t, nil)
	var edits []resource.Edit
	const service = resource.ID(resourcestest.Service)
	err := s.Write(func(session *resource.Session) error {
		for name, value := range map[string]string{"short": "be quiet", "long": "x"} {
			body := map[string]any{"properties": map[string]any{"displayName": name, "secret": name == "short", "value": value}}
			if _, err := session.Put(service+"/namedValues/"+resource.ID(name), body); err != nil {
				return err
			}
		}
		long := map[string]any{"properties": map[string]any{"displayName": "w", "documents": strings.Repeat("y", resource.MaxAudited)}}
		if err := session.Store(service+"/tags/w", long); err != nil {
			return err
		}
		edits = session.Edits()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	cut := false
	for _, edit := range edits {
		before, after, err := edit.Masked()
		if err != nil || before != nil {
			t.Fatal(err, string(before))
		}
		if strings.Contains(string(after), "be quiet") || strings.Contains(string(after), "sealed:") {
			t.Errorf("a secret is in the audit log: %s", after)
		}
		var note struct {
			SHA256 string `json:"sha256"`
			Length int    `json:"length"`
		}
		if json.Unmarshal(after, &note) == nil && note.SHA256 != "" {
			cut = note.Length > resource.MaxAudited
		}
	}
	if !cut {
		t.Error("a long body was not cut")
	}
}

// TestSealedFromOutside refuses text that would be taken for sealed.
func TestSealedFromOutside(t *testing.T) {
	s := resourcestest.New(t, nil)
	status, _, answer := s.Do("PUT", "namedValues/n", `{"properties":{"displayName":"n","secret":true,"value":"sealed:v1:forged"}}`)
	if status != 400 || !cmp.Equal(resourcestest.Targets(answer), []string{"properties.value"}) {
		t.Errorf("%d %v", status, answer)
	}
}
