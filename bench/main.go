package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sallyport/sallyport/bench/load"
	"github.com/sallyport/sallyport/internal/clock"
)

// options are the flags.
type options struct {
	scenarios   string
	only        string
	gateway     string
	before      string
	perf        string
	rounds      int
	connections int
	nice        int
	round       time.Duration
}

func main() {
	if origin := os.Getenv(reverseProxyVariable); origin != "" {
		exit(serveReverseProxy(origin))
	}
	o := &options{}
	flag.StringVar(&o.scenarios, "scenario", "", "scenarios, separated by commas; empty for all: "+strings.Join(scenarioNames(), ","))
	flag.StringVar(&o.only, "only", "", "gateways, separated by commas; empty for all: "+strings.Join(peerNames(), ","))
	flag.StringVar(&o.gateway, "gateway", "", "the sallyport binary; empty builds ./cmd/sallyport")
	flag.StringVar(&o.before, "before", "", "another sallyport binary, to compare with")
	flag.StringVar(&o.perf, "perf", "", "folder for profiles of each gateway and scenario, taken with perf; empty for none")
	flag.IntVar(&o.rounds, "rounds", 5, "how often the gateways take turns")
	flag.IntVar(&o.connections, "connections", 64, "clients, on a connection each")
	flag.IntVar(&o.nice, "nice", 0, "priority of everything that is started, as of nice; below 0 needs root")
	seconds := flag.Float64("seconds", 1, "how long each is measured in a round")
	flag.Parse()
	o.round = time.Duration(*seconds * float64(time.Second))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, unix.SIGTERM)
	defer stop()
	exit(run(ctx, o, os.Stdout, os.Stderr))
}

// exit ends the program; an error is printed.
func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// run measures everything that was asked for. Where ctx ends, the program ends,
// and its gateways with it.
func run(ctx context.Context, o *options, out, progress io.Writer) error {
	chosen, err := chosenScenarios(o.scenarios)
	if err != nil {
		return err
	}
	peers, err := chosenPeers(o.only)
	if err != nil {
		return err
	}
	if o.rounds < 1 || o.connections < 1 || o.round <= 0 {
		return fmt.Errorf("-rounds, -connections and -seconds have to be above 0")
	}
	// Children inherit processor and priority from the thread that starts them.
	runtime.LockOSThread()
	if err := pin(loadProcessor); err != nil {
		return err
	}
	if err := prioritise(o.nice); err != nil {
		return err
	}
	loop, err := load.NewLoop(clock.System())
	if err != nil {
		return err
	}
	defer loop.Close()
	s, err := newStage(o, loop, progress)
	if err != nil {
		return err
	}
	defer s.close()
	defer context.AfterFunc(ctx, func() {
		_ = os.RemoveAll(s.dir) // As close does.
		exit(errors.New("interrupted"))
	})()
	if err := s.start(peers); err != nil {
		return err
	}
	s.measureAll(chosen, out)
	return nil
}

// measureAll measures scenario after scenario and prints each at once.
func (s *stage) measureAll(chosen []*scenario, out io.Writer) {
	r := &report{out: out}
	r.head(s)
	for _, c := range chosen {
		r.scenario(c, s.measure(c))
	}
	r.targets()
}

// pick keeps what a flag names, in the order of all; an empty flag names all.
func pick[T any](flagName, value string, all []T, name func(T) string) ([]T, error) {
	if value == "" {
		return all, nil
	}
	words := strings.Split(value, ",")
	for _, word := range words {
		if !slices.ContainsFunc(all, func(t T) bool { return name(t) == word }) {
			return nil, fmt.Errorf("-%s %q: there is no %q", flagName, value, word)
		}
	}
	return slices.DeleteFunc(all, func(t T) bool { return !slices.Contains(words, name(t)) }), nil
}
