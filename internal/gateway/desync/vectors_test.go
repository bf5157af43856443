package desync

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var repeated = regexp.MustCompile(`\{\{(.*?)\*(\d+)\}\}`)

// vectors reads the requests of S2.
func vectors(tb testing.TB) (all []string) {
	tb.Helper()
	text, err := os.ReadFile("../listen/testdata/http1.txt")
	if err != nil {
		tb.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		columns := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(columns) < 3 || columns[0][0] == '#' {
			continue
		}
		bytes, err := strconv.Unquote(columns[2])
		if err != nil {
			tb.Fatalf("%s: %v", columns[1], err)
		}
		all = append(all, repeated.ReplaceAllStringFunc(bytes, func(m string) string {
			parts := repeated.FindStringSubmatch(m)
			n, _ := strconv.Atoi(parts[2])
			return strings.Repeat(strings.NewReplacer(`\r`, "\r", `\n`, "\n").Replace(parts[1]), n)
		}))
	}
	return all
}

// report fails the test with the findings.
func report(tb testing.TB, l *ledger) int {
	tb.Helper()
	count, first := l.found()
	for _, f := range first {
		tb.Error(f)
	}
	if count > len(first) {
		tb.Errorf("… and %d more", count-len(first))
	}
	return count
}

func TestS3_Vectors(t *testing.T) {
	l := &ledger{}
	g := newRig(t, l, "http://"+startRaw(t, l).address)
	var all tally
	for i, v := range vectors(t) {
		for m := range modes {
			all.add(g.run(v, m, 10*i+2*int(m)))
			all.sent++
		}
		for _, text := range []string{v, v + canary(10*i+7)} {
			one, err := g.runOnSocket(text)
			if err != nil {
				t.Errorf("%.200q over a socket: %v", text, err)
			}
			one.sent = 1
			all.add(one)
		}
	}
	fmt.Printf("S3: %+v, %d findings (0)\n", all, report(t, l))
}
