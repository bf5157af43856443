package desync

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/fcgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"text/template"
	"time"
)

// program is a server that runs as an origin of its own.
type program struct {
	name      string
	packages  string // of Debian
	config    string
	arguments func(config, dir string) []string
	tells     string // how it tells the recorder
}

// programs is the only list.
var programs = []program{
	{"node", "nodejs", "node.js", func(config, _ string) []string { return []string{config} }, "JSON"},
	{"nginx", "nginx", "nginx.conf", func(config, dir string) []string {
		return []string{"-c", config, "-p", dir, "-e", filepath.Join(dir, "error.log")}
	}, "FastCGI"},
	{"haproxy", "haproxy", "haproxy.cfg", func(config, _ string) []string { return []string{"-db", "-f", config} }, "HTTP"},
	{"apache2", "apache2", "apache2.conf", func(config, _ string) []string { return []string{"-X", "-f", config} }, "FastCGI"},
	{"lighttpd", "lighttpd", "lighttpd.conf", func(config, _ string) []string { return []string{"-D", "-f", config} }, "FastCGI"},
}

// site is what a configuration is made of.
type site struct {
	Dir, Address, Host, Port             string
	Recorder, RecorderHost, RecorderPort string
}

// start runs a program as an origin until the test ends.
func (p *program) start(tb testing.TB, l *ledger) (url string) {
	tb.Helper()
	path, err := exec.LookPath(p.name)
	if err != nil {
		if path, err = exec.LookPath("/usr/sbin/" + p.name); err != nil {
			if os.Getenv("CI") != "" {
				tb.Fatalf("%s is not installed: make services", p.name)
			}
			tb.Skipf("SKIPPED: %s is not installed (make services; Debian: apt-get install %s)", p.name, p.packages)
		}
	}
	s := site{Dir: tb.TempDir(), Address: freeAddress(tb), Recorder: p.record(tb, l)}
	s.Host, s.Port, _ = net.SplitHostPort(s.Address)
	s.RecorderHost, s.RecorderPort, _ = net.SplitHostPort(s.Recorder)
	config := filepath.Join(s.Dir, p.config)
	file, err := os.Create(config)
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	if err := template.Must(template.ParseFiles("testdata/origins/"+p.config)).Execute(file, &s); err != nil {
		tb.Fatal(err)
	}
	p.run(tb, &s, path, config)
	return "http://" + s.Address
}

// run starts the process and waits until it takes connections.
func (p *program) run(tb testing.TB, s *site, path, config string) {
	tb.Helper()
	var output strings.Builder
	command := exec.Command(path, p.arguments(config, s.Dir)...)
	command.Dir, command.Stdout, command.Stderr = s.Dir, &output, &output
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := command.Start(); err != nil {
		tb.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = command.Wait()
		close(ended)
	}()
	tb.Cleanup(func() {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
		<-ended
	})
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for begin := time.Now(); time.Since(begin) < patience; {
		if c, err := net.Dial("tcp", s.Address); err == nil {
			_ = c.Close()
			return
		}
		select {
		case <-ticker.C:
		case <-ended:
			tb.Fatalf("%s has ended: %s", p.name, output.String())
		}
	}
	tb.Fatalf("%s takes no connections", p.name)
}

// freeAddress returns one that nobody listens on.
func freeAddress(tb testing.TB) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// record runs what the program tells of each request that it has understood.
func (p *program) record(tb testing.TB, l *ledger) (address string) {
	tb.Helper()
	if p.tells != "FastCGI" {
		s := httptest.NewUnstartedServer(understood(l, p.name, true))
		if p.tells == "JSON" {
			s.Config.Handler = p.noteJSON(l)
		}
		s.Config.DisableGeneralOptionsHandler = true
		s.Config.ErrorLog = log.New(io.Discard, "", 0)
		s.Start()
		tb.Cleanup(s.Close)
		return s.Listener.Addr().String()
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	note := understood(l, p.name, false)
	go func() {
		_ = fcgi.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.RequestURI = r.URL.RequestURI()
			if target := fcgi.ProcessEnv(r)["DESYNC_TARGET"]; target != "" {
				r.RequestURI = target
			}
			note(w, r)
		}))
	}()
	tb.Cleanup(func() { _ = listener.Close() })
	return listener.Addr().String()
}

// noteJSON takes what a program tells in JSON.
func (p *program) noteJSON(l *ledger) http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) {
		var said struct {
			Method string   `json:"method"`
			Target string   `json:"target"`
			ID     string   `json:"id"`
			Fields []string `json:"fields"`
			Body   []byte   `json:"body"`
		}
		if err := json.NewDecoder(r.Body).Decode(&said); err != nil {
			l.find("%s told what cannot be read: %v", p.name, err)
			return
		}
		o := &sighting{said.Method, said.Target, []field{}, string(said.Body)}
		for i := 0; i+1 < len(said.Fields); i += 2 {
			o.fields = append(o.fields, field{latin1(said.Fields[i]), latin1(said.Fields[i+1])})
		}
		l.observe(p.name, said.ID, o)
	}
}

// latin1 turns the characters that a program has made of bytes back into these.
func latin1(text string) string {
	b := make([]byte, 0, len(text))
	for _, c := range text {
		b = append(b, byte(c))
	}
	return string(b)
}

func TestS3_Origins(t *testing.T) {
	for i := range programs {
		p := &programs[i]
		t.Run(p.name, func(t *testing.T) {
			l := &ledger{}
			g := newRig(t, l, p.start(t, l))
			g.holdTo(t, p.name)
		})
	}
	t.Run("Go", func(t *testing.T) {
		l := &ledger{}
		newRig(t, l, startStandard(t, l)).holdTo(t, "Go")
	})
}

// holdTo sends the vectors and mutated requests to an origin.
func (g *rig) holdTo(t *testing.T, name string) {
	t.Helper()
	var all tally
	for i, v := range vectors(t) {
		for m := range modes {
			all.add(g.run(v, m, 10*i+2*int(m)))
			all.sent++
		}
	}
	begin := time.Now()
	mutated := g.attack(requests(t, 500))
	rate := float64(mutated.sent) / time.Since(begin).Seconds()
	all.add(mutated)
	fmt.Printf("S3: %s: %+v, %.0f/s, sent again %d, %d findings (0)\n", name, all, rate, g.again.Load(), report(t, g.ledger))
}

func TestS3_Origins_NegativeControl(t *testing.T) {
	l := &ledger{}
	g := newLaxRig(t, l, programs[0].start(t, l))
	for i, v := range vectors(t) {
		g.run(v, pipelined, i)
	}
	desyncs(t, l)
}
