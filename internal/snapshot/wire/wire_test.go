package wire

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/snapshot"
)

func sample() *snapshot.Document {
	return &snapshot.Document{Revision: 42, Resources: []model.Resource{
		&model.API{ID: "apis/echo", DisplayName: "Echo <API>", Path: "echo", ServiceURL: "https://backend.example"},
		&model.Subscription{ID: "subscriptions/one", Scope: "/apis", PrimaryKey: "secret-key"},
		&model.Policy{ID: "policies/policy", Format: model.PolicyRawXML, Value: "<policies>\n</policies>"},
	}}
}

func TestRoundTrip(t *testing.T) {
	for _, tt := range []struct {
		name string
		key  []byte
	}{{"plain", nil}, {"sealed", []byte("0123456789abcdef0123456789abcdef")}} {
		t.Run(tt.name, func(t *testing.T) {
			data, err := Encode(sample(), tt.key)
			if err != nil {
				t.Fatal(err)
			}
			doc, err := Decode(data, tt.key)
			if err != nil {
				t.Fatal(err)
			}
			delta, err := snapshot.Difference(sample(), doc)
			if err != nil || !delta.Empty() || doc.Revision != 42 {
				t.Errorf("round trip changed %s (%v)", cmp.Diff(nil, delta), err)
			}
		})
	}
}

// TestEveryByteCounts flips each byte of a file: none may go unnoticed.
func TestEveryByteCounts(t *testing.T) {
	data, err := Encode(sample(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range data {
		data[i] ^= 0x20
		if _, err := Decode(data, nil); err == nil {
			t.Errorf("a change of byte %d was not noticed", i)
		}
		data[i] ^= 0x20
	}
}

func TestSealedFileShowsNothing(t *testing.T) {
	data, err := Encode(sample(), []byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	if len(data) == 0 || bytes.Contains(data, []byte("secret-key")) {
		t.Error("the sealed file shows a subscription key")
	}
	if _, err := Decode(data, nil); err == nil {
		t.Error("the sealed file was read without a key")
	}
}

// FuzzDecode gives arbitrary bytes, and arbitrary payloads under a right head.
func FuzzDecode(f *testing.F) {
	data, err := Encode(sample(), nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(magic))
	f.Add([]byte("{\"resources\":1}\n{\"id\":\"apis/a\",\"properties\":{}}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if doc, err := Decode(data, nil); (doc == nil) == (err == nil) {
			t.Errorf("Decode gave %v and %v", doc, err)
		}
		if _, err := decodePayload(data); err == nil && len(data) == 0 {
			t.Error("an empty payload was read")
		}
	})
}
