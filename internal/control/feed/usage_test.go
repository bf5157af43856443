package feed_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/control/usage"
	protocol "github.com/sallyport/sallyport/internal/snapshot/feed"
	counted "github.com/sallyport/sallyport/internal/telemetry/usage"
)

// parcel is a parcel of one call.
func parcel(tb testing.TB, instance string, sequence uint64) string {
	tb.Helper()
	row := counted.Row{Series: counted.Series{API: "echo"}, Minute: morning}
	row.Totals.Success = 1
	data, err := json.Marshal(counted.Parcel{Version: counted.Version, Instance: instance, Boot: "b", Sequence: sequence, Rows: []counted.Row{row}})
	if err != nil {
		tb.Fatal(err)
	}
	return string(data)
}

// tell posts a parcel and returns the status.
func (g *gateway) tell(body string) int {
	g.t.Helper()
	response, err := g.ask(g.t.Context(), http.MethodPost, protocol.UsagePath, []byte(body))
	if err != nil {
		g.t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		g.t.Error(err)
	}
	return response.StatusCode
}

func TestUsage(t *testing.T) {
	n := newNode(t, rig{})
	g := n.follower(n.token("managed"))
	other := newNode(t, rig{store: n.store})
	elsewhere := other.follower(n.token("managed"))
	tests := []struct {
		name string
		g    *gateway
		body string
		want int
	}{
		{"a parcel", g, parcel(t, "instance-1", 1), http.StatusNoContent},
		{"the same", g, parcel(t, "instance-1", 1), http.StatusNoContent},
		{"the same on another node", elsewhere, parcel(t, "instance-1", 1), http.StatusNoContent},
		{"the next one there", elsewhere, parcel(t, "instance-1", 2), http.StatusNoContent},
		{"that of another instance", g, parcel(t, "instance-2", 1), http.StatusBadRequest},
		{"no parcel", g, "{}", http.StatusBadRequest},
		{"no JSON", g, "parcel", http.StatusBadRequest},
		{"too much", g, strings.Repeat(" ", counted.MaxParcel+1), http.StatusRequestEntityTooLarge},
		{"without a token", n.follower("managed&202601012200&x"), parcel(t, "instance-1", 3), http.StatusUnauthorized},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.g.tell(tt.body); got != tt.want {
				t.Errorf("the status is %d, want %d", got, tt.want)
			}
		})
	}
	book := n.plane.Environment().Usage
	sums, err := book.Sums(t.Context(), string(serviceID), usage.Query{
		From: morning, To: morning.Add(time.Minute), By: func(usage.Names) usage.Names { return usage.Names{} },
	})
	if err != nil || len(sums) != 1 || sums[0].Totals.Calls() != 2 {
		t.Errorf("%v, %v: want 2 calls", sums, err)
	}
	if got := n.feed.Stats().Parcels + other.feed.Stats().Parcels; got != 4 {
		t.Errorf("%d parcels were taken, want 4", got)
	}
	if err := n.store.Close(); err != nil {
		t.Fatal(err)
	}
	if got := g.tell(parcel(t, "instance-1", 4)); got != http.StatusServiceUnavailable {
		t.Errorf("without the store the status is %d", got)
	}
	fmt.Println("usage: parcels that come twice, to two nodes, are counted once")
}
