package fleet

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/control/store/postgres/postgrestest"
)

// r2Limit is how soon a gateway serves that starts from disk.
const r2Limit = 2 * time.Second

// r2Restarts is how often a gateway is started.
func r2Restarts() int { return size(4, 100) }

// restarts is what came of starting again and again.
type restarts struct {
	slowest time.Duration
	wrong   int
	first   string
}

// restart starts a process a number of times and asks it at once, until it
// answers as it should.
func restart(t *testing.T, address string, start func() *process) (r restarts) {
	t.Helper()
	for range r2Restarts() {
		begin := time.Now()
		p := start()
		eventually(t, "it serves", func() bool {
			p.running(t)
			status, body, err := call(http.DefaultClient, http.MethodGet, "http://"+address+"/one", "", "")
			if err != nil {
				return false // It does not listen yet.
			}
			if !is("/one", status, body) {
				r.wrong++
				r.first = fmt.Sprintf("%d %q", status, body)
			}
			return is("/one", status, body) || r.wrong > 20
		})
		r.slowest = max(r.slowest, time.Since(begin))
		for _, path := range append(paths, "/nowhere") {
			status, body, err := call(http.DefaultClient, http.MethodGet, "http://"+address+path, "", "")
			if path == "/nowhere" && status == http.StatusNotFound || err == nil && is(path, status, body) {
				continue
			}
			r.wrong++
			r.first = fmt.Sprintf("%s: %d %q %v", path, status, body, err)
		}
		p.kill()
		p.over = true
	}
	return r
}

func (r *restarts) check(t *testing.T) {
	t.Helper()
	if r.wrong > 0 {
		t.Errorf("%d answers were wrong; one: %s", r.wrong, r.first)
	}
	if r.slowest > size(patience, r2Limit) { // The short form runs beside other tests.
		t.Errorf("a start took %s, more than %s", r.slowest, r2Limit)
	}
}

// TestR2_GatewayRestarts takes the management plane and its store away, and starts
// a gateway again and again.
func TestR2_GatewayRestarts(t *testing.T) {
	c := startControl(t)
	c.named(t)
	g := startGateway(t, c)
	g.until(t, "/three", "three")
	g.kept(t)
	c.kill()
	if err := os.RemoveAll(c.dir); err != nil {
		t.Fatal(err)
	}
	g.kill()
	r := restart(t, g.address, func() *process {
		g.start(t)
		return g.process
	})
	r.check(t)
	fmt.Printf("R2: %d starts without management plane and store, the slowest served after %s (%s), %d wrong answers (0)\n",
		r2Restarts(), r.slowest.Round(time.Millisecond), r2Limit, r.wrong)
}

// kept waits until what is served is on disk.
func (g *gateway) kept(t *testing.T) {
	t.Helper()
	_, want, err := call(http.DefaultClient, http.MethodGet, "http://"+g.address+"/three", "", "")
	eventually(t, "the configuration is kept", func() bool {
		found, _ := filepath.Glob(filepath.Join(g.dir, "generations", "*.snapshot"))
		return err == nil && want != "" && len(found) > 0
	})
}

// TestR2_AllInOneRestarts removes the files of the store from under a process that
// is gateway and management plane, and starts it again and again: it neither
// ends nor begins anew with another configuration.
func TestR2_AllInOneRestarts(t *testing.T) {
	for _, lost := range []string{"files removed", "database gone", "PostgreSQL killed"} {
		t.Run(lost, func(t *testing.T) {
			var c *control
			var address, store string
			if lost == "PostgreSQL killed" {
				database := postgrestest.Start(t)
				store = database.URL("postgres")
				c, address = allInOne(t, "--store", store)
				database.Kill()
			} else {
				c, address = allInOne(t)
				store = c.lose(t, lost)
			}
			r := restart(t, address, func() *process {
				return run(t, "serve", "--data", c.dir, "--store", store, "--listen", address, "--management-http", c.address, "--admin", "", "--echo", "127.0.0.1:0")
			})
			r.check(t)
			fmt.Printf("R2: %d starts of all in one with its store's %s, the slowest served after %s (%s), %d wrong answers (0)\n",
				r2Restarts(), lost, r.slowest.Round(time.Millisecond), r2Limit, r.wrong)
		})
	}
}

// lose takes the store of an installation away and returns what is left of it.
func (c *control) lose(t *testing.T, how string) string {
	t.Helper()
	if how == "database gone" {
		return "postgres://nobody@127.0.0.1:1/nowhere?connect_timeout=1"
	}
	if err := os.RemoveAll(filepath.Join(c.dir, "store")); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + filepath.Join(c.dir, "store")
}

// allInOne makes a process that is gateway and management plane, with a
// configuration that is kept, and ends it.
func allInOne(t *testing.T, more ...string) (c *control, address string) {
	t.Helper()
	address = freeAddress(t)
	c = &control{dir: t.TempDir(), address: freeAddress(t), role: "all", more: append(more, "--listen", address)}
	c.start(t)
	c.token = command(t, append([]string{"token", "create", "--data", c.dir}, more...)...)
	c.named(t)
	c.stop(t)
	return c, address
}

// TestR2_GatewayRestarts_NegativeControl starts a gateway that has kept nothing.
func TestR2_GatewayRestarts_NegativeControl(t *testing.T) {
	c := startControl(t)
	c.named(t)
	g := startGateway(t, c)
	g.until(t, "/three", "three")
	g.kept(t)
	c.kill()
	g.kill()
	if err := os.RemoveAll(filepath.Join(g.dir, "generations")); err != nil {
		t.Fatal(err)
	}
	g.start(t)
	eventually(t, "it listens", func() bool {
		status, _, err := g.get("/one")
		return err == nil && status == http.StatusServiceUnavailable
	})
}

// TestR2_AllInOneRestarts_NegativeControl has neither a store nor anything kept:
// the service begins anew.
func TestR2_AllInOneRestarts_NegativeControl(t *testing.T) {
	c, address := allInOne(t)
	for _, folder := range []string{"store", "generations"} {
		if err := os.RemoveAll(filepath.Join(c.dir, folder)); err != nil {
			t.Fatal(err)
		}
	}
	run(t, "serve", "--data", c.dir, "--listen", address, "--management-http", c.address, "--admin", "", "--echo", "127.0.0.1:0")
	eventually(t, "it serves something else", func() bool {
		status, _, err := call(http.DefaultClient, http.MethodGet, "http://"+address+"/one", "", "")
		return err == nil && status == http.StatusNotFound
	})
}
