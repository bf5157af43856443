package fleet

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/control/store/postgres/postgrestest"
)

// promotionDelay is how long those who look after the database take to make the
// standby the primary; resumeLimit is when changes must be taken again.
const (
	promotionDelay = 2 * time.Second
	resumeLimit    = 30 * time.Second
)

// TestR22_GatewaysThroughAPromotion kills the primary of the database under load,
// and promotes its standby: no call of the gateway fails, and the next change is
// taken and reaches it, by itself.
func TestR22_GatewaysThroughAPromotion(t *testing.T) {
	primary, standby := databases(t)
	c := startControl(t, "--store", postgrestest.Together("postgres", primary, standby))
	c.named(t)
	g := startGateway(t, c)
	g.until(t, "/three", "three")
	load := startLoad(g.address, paths, is)
	time.Sleep(size(time.Second, 20*time.Second))
	begin := time.Now()
	primary.Kill()
	time.Sleep(promotionDelay)
	standby.Promote(t)
	eventually(t, "the change is taken", func() bool {
		status, _, err := c.ask(http.MethodPut, "namedValues/after", `{"properties":{"displayName":"after","value":"1"}}`)
		return err == nil && status < http.StatusMultipleChoices
	})
	resumed := time.Since(begin)
	c.answers(t, "four", "four")
	g.until(t, "/four", "four")
	load.end()
	load.none(t)
	fmt.Printf("R22: %d of %d calls failed while the standby became the primary (0); a change was taken after %.1f s, of which the promotion took %.1f s (30 s), and reached the gateway\n",
		load.failed, load.calls, resumed.Seconds(), promotionDelay.Seconds())
	if resumed > resumeLimit {
		t.Errorf("changes were taken again after %s", resumed)
	}
}

// TestR22_GatewaysThroughAPromotion_NegativeControl does not name the standby in
// the URL of the store: no change is taken, though the standby is the primary.
func TestR22_GatewaysThroughAPromotion_NegativeControl(t *testing.T) {
	primary, standby := databases(t)
	c := startControl(t, "--store", postgrestest.Together("postgres", primary))
	c.named(t)
	primary.Kill()
	standby.Promote(t)
	for range 3 {
		if status, _, err := c.ask(http.MethodPut, "namedValues/after", `{"properties":{"displayName":"after","value":"1"}}`); err == nil && status < http.StatusMultipleChoices {
			t.Error("a change was taken by a database that is gone")
		}
	}
}

// databases are a primary and a standby that it waits for.
func databases(t *testing.T) (primary, standby *postgrestest.Server) {
	t.Helper()
	primary = postgrestest.Start(t)
	standby = primary.Standby(t)
	primary.WaitForStandbys(t)
	return primary, standby
}
