package fleet

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// serves has a gateway answer n calls of an API, which all succeed.
func (g *gateway) serves(t *testing.T, path string, n int) {
	t.Helper()
	for range n {
		if status, _, err := g.get(path); err != nil || status != http.StatusOK {
			t.Fatalf("%s: %d %v", path, status, err)
		}
	}
}

// keeps waits until a gateway has kept what it counted until now.
func (g *gateway) keeps(t *testing.T) {
	t.Helper()
	now := time.Now()
	eventually(t, "usage is in the gateway's folder", func() bool {
		g.running(t)
		files, _ := os.ReadDir(filepath.Join(g.dir, "usage")) // It may not be there yet.
		for _, f := range files {
			if info, err := f.Info(); err == nil && filepath.Ext(f.Name()) == ".usage" && info.ModTime().After(now) {
				return true
			}
		}
		return false
	})
}

// reported is how many calls of an API the report has.
func (c *control) reported(t *testing.T, api string) (n int) {
	t.Helper()
	q := url.Values{"api-version": {"2024-05-01"}, "$filter": {"timestamp ge datetime'2020-01-01T00:00:00' and apiId eq '/apis/" + api + "'"}}
	status, answer, err := call(http.DefaultClient, http.MethodGet, "http://"+c.address+service+"/reports/byApi?"+q.Encode(), "Bearer "+c.token, "")
	if err != nil || status != http.StatusOK {
		return -1
	}
	var report struct {
		Value []struct {
			Total int `json:"callCountTotal"`
		} `json:"value"`
	}
	if err := json.Unmarshal([]byte(answer), &report); err != nil {
		t.Fatal(err)
	}
	for _, row := range report.Value {
		n += row.Total
	}
	return n
}

// counting has two gateways serve calls while the management plane is there and
// while it is killed, ends one in order and kills the other when it has kept what
// it counted, and starts all of them anew. between runs while all are down.
func counting(t *testing.T, between func(gateways ...*gateway)) (c *control, served int) {
	t.Helper()
	c = startControl(t)
	c.named(t)
	first, second := startGateway(t, c), startGateway(t, c)
	first.until(t, "/three", "three")
	second.until(t, "/three", "three")
	first.serves(t, "/two", 60)
	second.serves(t, "/two", 40)
	eventually(t, "the calls are reported", func() bool { return c.reported(t, "two") == 100 })
	c.kill()
	first.serves(t, "/two", 50)
	second.serves(t, "/two", 30)
	second.keeps(t)
	second.kill()
	first.stop(t)
	between(first, second)
	c.start(t)
	first.start(t)
	second.start(t)
	first.until(t, "/three", "three")
	second.until(t, "/three", "three")
	return c, 180
}

// TestR42_RunningGateways counts the calls of processes that are killed and ended
// while the management plane is away.
func TestR42_RunningGateways(t *testing.T) {
	c, served := counting(t, func(...*gateway) {})
	eventually(t, "all calls are reported", func() bool { return c.reported(t, "two") >= served })
	if got := c.reported(t, "two"); got != served {
		t.Errorf("%d calls are reported, %d were served", got, served)
	}
	fmt.Printf("R42: %d calls served by two gateways, over kill -9 of the management plane and of one of them; %d reported (limit: no difference)\n",
		served, c.reported(t, "two"))
}

// TestR42_RunningGateways_NegativeControl takes from the gateways what they kept.
func TestR42_RunningGateways_NegativeControl(t *testing.T) {
	c, served := counting(t, func(gateways ...*gateway) {
		for _, g := range gateways {
			if err := os.RemoveAll(filepath.Join(g.dir, "usage")); err != nil {
				t.Fatal(err)
			}
		}
	})
	c.stop(t)
	c.start(t)
	got := c.reported(t, "two")
	if got >= served {
		t.Errorf("%d calls are reported of %d, although what the gateways kept is gone", got, served)
	}
	fmt.Printf("R42: without what the gateways kept %d calls of %d are reported\n", got, served)
}
