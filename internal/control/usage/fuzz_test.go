package usage

import (
	"bytes"
	"testing"

	"github.com/sallyport/sallyport/internal/telemetry/usage"
)

// FuzzEntry reads what the ledger keeps.
func FuzzEntry(f *testing.F) {
	row := called("echo", "s", noon, 3)
	f.Add(encodeEntry(&Names{Series: row.Series, Region: "north"}, &row.Totals))
	f.Add([]byte{0, 0, 0, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, value []byte) {
		names, totals, err := decodeEntry(value)
		if err != nil {
			return
		}
		again, sum, err := decodeEntry(encodeEntry(&names, totals))
		if err != nil || again != names {
			t.Errorf("read again as %+v, %v", again, err)
		}
		if !bytes.Equal(sum.Append(nil), totals.Append(nil)) {
			t.Error("the totals differ")
		}
	})
}

// FuzzKey reads keys of the ledger.
func FuzzKey(f *testing.F) {
	f.Add(totalKey(ByHour, noon, digest(service), &Names{Series: usage.Series{API: "echo"}}))
	f.Add("usage/total/m/")
	f.Fuzz(func(t *testing.T, key string) {
		if at, _, ok := startOf(key); ok && at.Unix()%60 != 0 {
			t.Errorf("%q starts at %s", key, at)
		}
	})
}
