package visitors_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
)

func TestSpendProof(t *testing.T) {
	m := memory.New()
	ledger, ok := any(m).(store.Ledger)
	if !ok {
		t.Skip("the store has no ledger")
	}
	s := resourcestest.NewWith(t, resourcestest.Options{Store: m})
	body := func(n int, ahead time.Duration) string {
		return fmt.Sprintf(`{"proof": "%064x", "expires": %q}`, n, s.Clock.Now().Add(ahead).Format(time.RFC3339))
	}
	first := body(1, 30*time.Minute)
	with := func(n int, form string) string {
		return strings.Replace(body(n, 30*time.Minute), "}", `, "form": "`+form+`"}`, 1)
	}
	one, other := fmt.Sprintf("%064x", 1), fmt.Sprintf("%064x", 2)
	for _, c := range []struct {
		name, body string
		status     int
	}{
		{"the first time", first, 200}, {"again", first, 409}, {"another", body(2, 30*time.Minute), 200},
		{"too far ahead", body(3, 2*time.Hour), 400}, {"over", body(3, -10*time.Minute), 400},
		{"with a form", with(5, one), 200}, {"the same form", with(5, one), 200}, {"another form", with(5, other), 409},
		{"no form", body(5, 30*time.Minute), 409}, {"a third time", with(5, one), 200}, {"a fourth", with(5, one), 200}, {"a fifth", with(5, one), 200},
		{"too often", with(5, one), 409}, {"a form where there was none", with(1, one), 409}, {"no digest of a form", with(6, "x"+one[1:]), 400},
		{"no digest", strings.Replace(first, "0", "x", 1), 400}, {"nothing", `{}`, 400},
	} {
		status, _, got := s.Do(http.MethodPost, "sallyportSpendProof", c.body)
		if status != c.status {
			t.Errorf("%s: %d %v, want %d", c.name, status, got, c.status)
		}
	}
	s.Clock.Advance(time.Hour)
	s.Must(http.MethodPost, "sallyportSpendProof", body(4, time.Minute), http.StatusOK)
	kept, err := ledger.Accounts(t.Context(), "proof/", "proof0", 100)
	if err != nil || len(kept) != 1 {
		t.Errorf("%d proofs are kept, %v; want the one that lives", len(kept), err)
	}
}
