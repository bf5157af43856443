package usage

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzParcel reads what gateways send: what is taken can be written and read
// again, and is the same.
func FuzzParcel(f *testing.F) {
	p := Parcel{Version: Version, Instance: "i", Boot: "b", Sequence: 7, Region: "north", Rows: []Row{{Series: Series{API: "echo"}, Minute: noon}}}
	p.Rows[0].Totals.count(callOf("echo", noon))
	data, err := json.Marshal(p)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"version":1,"instance":"i","boot":"b","sequence":1,"rows":[{"minute":"2026-03-10T12:00:00Z","totals":"AQ=="}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := DecodeParcel(data)
		if err != nil {
			return
		}
		again, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		q, err := DecodeParcel(again)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(p, q); diff != "" {
			t.Error(diff)
		}
	})
}

// FuzzTotals reads what stores keep.
func FuzzTotals(f *testing.F) {
	var t Totals
	t.count(callOf("echo", noon))
	f.Add(t.Append(nil))
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, data []byte) {
		totals, err := DecodeTotals(data)
		var added, want Totals
		if again := added.AddEncoded(data); (again == nil) != (err == nil) {
			t.Errorf("they are added with %v, and read with %v", again, err)
		}
		if err != nil {
			return
		}
		for range 2 {
			if want.Add(totals); added != want {
				t.Errorf("added they are %+v, not %+v", added, want)
			}
			_ = added.AddEncoded(data)
		}
		first := totals.Append(nil)
		again, err := DecodeTotals(first)
		if err != nil || !bytes.Equal(first, again.Append(nil)) {
			t.Errorf("read again as %+v, %v", again, err)
		}
	})
}
