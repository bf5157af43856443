package redistest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const (
	// MasterName is the name under which sentinels know the primary.
	MasterName = "primary"
	// sentinels is the number of sentinels, of which most must agree.
	sentinels = 3
	// slots is the number of hash slots of a cluster.
	slots = 16384
)

// Watched is a primary and a replica that sentinels watch: when one is killed,
// the other becomes the primary within about two seconds.
type Watched struct {
	Primary, Replica *Server
	Sentinels        []*Server
}

// StartSentinel runs a primary, its replica and three sentinels until the test
// ends.
func StartSentinel(t testing.TB, o Options) *Watched {
	t.Helper()
	w := &Watched{Primary: Start(t, o)}
	o.Args = append(o.Args, "--replicaof", fmt.Sprintf("127.0.0.1 %d", w.Primary.port), "--repl-diskless-sync-delay", "0")
	w.Primary.must("CONFIG", "SET", "repl-diskless-sync-delay", "0")
	w.Replica = Start(t, o)
	w.Replica.await("the replica does not follow", func() error {
		return replies(w.Replica, "master_link_status:up", "INFO", "replication")
	})
	for range sentinels {
		w.Sentinels = append(w.Sentinels, startSentinel(t, w.Primary))
	}
	for _, s := range w.Sentinels {
		s.await("the sentinels do not find each other", func() error {
			return replies(s, fmt.Sprintf("slaves=1,sentinels=%d", sentinels), "INFO", "sentinel")
		})
	}
	return w
}

func startSentinel(t testing.TB, primary *Server) *Server {
	t.Helper()
	s := prepare(t, Options{Flavour: primary.options.Flavour})
	lines := []string{
		"bind 127.0.0.1", "port " + strconv.Itoa(s.port), "dir " + s.folder, "logfile " + filepath.Join(s.folder, "log"),
		fmt.Sprintf("sentinel monitor %s 127.0.0.1 %d %d", MasterName, primary.port, sentinels/2+1),
		"sentinel down-after-milliseconds " + MasterName + " 500",
		"sentinel failover-timeout " + MasterName + " 3000",
	}
	if primary.options.Password != "" {
		lines = append(lines, "sentinel auth-pass "+MasterName+" "+primary.options.Password)
	}
	file := filepath.Join(s.folder, "sentinel.conf")
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.args = []string{file, "--sentinel"}
	s.Restart()
	return s
}

// URL is the sentinels as redisconn.Parse reads them.
func (w *Watched) URL() string {
	return "redis+sentinel://" + user(w.Primary) + addresses(w.Sentinels) + "/" + MasterName
}

// Cluster is a cluster without replicas.
type Cluster struct{ Nodes []*Server }

// StartCluster runs a cluster of three nodes until the test ends.
func StartCluster(t testing.TB, o Options) *Cluster {
	t.Helper()
	const nodes = 3
	c := &Cluster{}
	buses := make([]int, nodes)
	for i := range nodes {
		buses[i] = freePort(t)
		one := o
		one.Args = append(append([]string(nil), o.Args...), "--cluster-enabled", "yes", "--cluster-port", strconv.Itoa(buses[i]),
			"--cluster-config-file", "nodes.conf", "--cluster-node-timeout", "1000", "--cluster-require-full-coverage", "no")
		c.Nodes = append(c.Nodes, Start(t, one))
	}
	for i, n := range c.Nodes {
		n.must("CLUSTER", "SET-CONFIG-EPOCH", i+1)
		n.must("CLUSTER", "ADDSLOTSRANGE", i*slots/nodes, (i+1)*slots/nodes-1)
		c.Nodes[0].must("CLUSTER", "MEET", "127.0.0.1", n.port, buses[i])
	}
	for _, n := range c.Nodes {
		n.await("the cluster does not come together", func() error {
			if err := replies(n, fmt.Sprintf("cluster_slots_ok:%d", slots), "CLUSTER", "INFO"); err != nil {
				return err
			}
			return replies(n, "cluster_state:ok", "CLUSTER", "INFO")
		})
	}
	return c
}

// URL is the cluster as redisconn.Parse reads it.
func (c *Cluster) URL() string { return "redis+cluster://" + user(c.Nodes[0]) + addresses(c.Nodes) }

func user(s *Server) string {
	if s.options.Password == "" {
		return ""
	}
	return ":" + s.options.Password + "@"
}

func addresses(servers []*Server) string {
	list := make([]string, len(servers))
	for i, s := range servers {
		list[i] = s.Address()
	}
	return strings.Join(list, ",")
}

// replies is an error until the answer of a command contains a text.
func replies(s *Server, text string, command ...any) error {
	answer, err := s.Do(command...)
	if err != nil {
		return err
	}
	if !strings.Contains(fmt.Sprint(answer), text) {
		return fmt.Errorf("%v: no %s in %v", command, text, answer)
	}
	return nil
}
