package bench

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// The roles that the test binary plays when it is started by itself.
const (
	roleVariable = "SALLYPORT_BENCH_ROLE"
	roleBackend  = "backend"
	roleReverse  = "reverse-proxy"
	rolePass     = "gateway-pass-through"
	roleTypical  = "gateway-key-limit-header"
)

// The processors: what is measured has one of its own.
const (
	measuredCPU = 0
	loadCPU     = 1
)

func TestMain(m *testing.M) {
	role := os.Getenv(roleVariable)
	if role == "" {
		pin(loadCPU)
		os.Exit(m.Run())
	}
	if role == roleBackend {
		pin(loadCPU)
	} else {
		pin(measuredCPU)
	}
	if err := play(role, os.Getenv("SALLYPORT_BENCH_BACKEND")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// pin keeps the process on one processor where there are several.
func pin(cpu int) {
	if runtime.NumCPU() <= cpu {
		return
	}
	var set unix.CPUSet
	set.Set(cpu)
	_ = unix.SchedSetaffinity(0, &set) // Unpinned the figures are noisier, and no less true.
	runtime.GOMAXPROCS(1)
}

// play serves in a role until standard input ends.
func play(role, backend string) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	var serve func(net.Listener) error
	switch role {
	case roleBackend:
		serve = serveBackend
	case roleReverse:
		serve = func(l net.Listener) error { return serveReverse(l, backend) }
	default:
		if serve, err = gatewayRole(role, backend); err != nil {
			return err
		}
	}
	fmt.Println(l.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	return serve(l)
}

// answer is the body that the backend answers with.
var answer = []byte(strings.Repeat("x", 120))

func serveBackend(l net.Listener) error {
	return http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = w.Write(answer)
	}))
}

func serveReverse(l net.Listener, backend string) error {
	target, err := url.Parse("http://" + backend)
	if err != nil {
		return err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 512
	transport.MaxIdleConns = 0
	proxy := &httputil.ReverseProxy{Transport: transport, Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.SetXForwarded()
	}}
	return http.Serve(l, proxy)
}

// process is a child that is measured, or the backend.
type process struct {
	command *exec.Cmd
	stdin   io.WriteCloser
	address string
}

// start starts the test binary in a role.
func start(b *testing.B, role, backend string) *process {
	b.Helper()
	p := &process{command: exec.Command(os.Args[0])}
	p.command.Env = append(os.Environ(), roleVariable+"="+role, "SALLYPORT_BENCH_BACKEND="+backend)
	p.command.Stderr = os.Stderr
	var err error
	if p.stdin, err = p.command.StdinPipe(); err != nil {
		b.Fatal(err)
	}
	out, err := p.command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		b.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatalf("%s did not start: %v", role, err)
	}
	p.address = strings.TrimSpace(line)
	b.Cleanup(p.stop)
	return p
}

func (p *process) stop() {
	_ = p.stdin.Close()
	_ = p.command.Wait()
}

// cpu returns the processor time that the process has used, in seconds.
func (p *process) cpu(b *testing.B) float64 {
	b.Helper()
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", p.command.Process.Pid))
	if err != nil {
		b.Fatal(err)
	}
	var total float64
	for _, t := range tasks {
		line, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/schedstat", p.command.Process.Pid, t.Name()))
		if err != nil {
			continue // The thread has ended.
		}
		ns, err := strconv.ParseFloat(strings.Fields(string(line))[0], 64)
		if err != nil {
			b.Fatal(err)
		}
		total += ns / 1e9
	}
	return total
}
