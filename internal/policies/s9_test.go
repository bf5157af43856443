package policies

import (
	"bufio"
	_ "embed"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
)

// s9Vectors says for each policy, request and answer whether the answer may be
// given to a second caller. A line has columns divided by |: policy; request
// fields; status and answer fields; fields of the second request; hit or miss.
// Fields are divided by ;.
//
//go:embed testdata/cache-vectors.txt
var s9Vectors string

// s9Vector is one line.
type s9Vector struct {
	line                    int
	policy                  string
	first, answer, second   []string
	method, status, outcome string
}

// s9Policies are the documents, by the words of the first column.
var s9Policies = map[string]string{
	"plain":   cached("", `duration="60"`),
	"private": cached(`allow-private-response-caching="true"`, `duration="60"`),
	"all":     cached("", `duration="60" cache-response="true"`),
	"both":    cached(`allow-private-response-caching="true"`, `duration="60" cache-response="true"`),
	"none":    cached("", `duration="60" cache-response="false"`),
	"zero":    cached("", `duration="0"`),
}

func readS9(t *testing.T) []s9Vector {
	t.Helper()
	var all []s9Vector
	lines := bufio.NewScanner(strings.NewReader(s9Vectors))
	for n := 1; lines.Scan(); n++ {
		if lines.Text() == "" || strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		parts := strings.Split(lines.Text(), "|")
		if len(parts) != 5 {
			t.Fatalf("line %d has %d columns", n, len(parts))
		}
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
		}
		v := s9Vector{line: n, policy: parts[0], method: "GET", status: "200", outcome: parts[4]}
		v.first, v.answer, v.second = s9Fields(parts[1], &v.method), s9Fields(parts[2], &v.status), s9Fields(parts[3], nil)
		if s9Policies[v.policy] == "" || v.outcome != "hit" && v.outcome != "miss" {
			t.Fatalf("line %d: %q and %q", n, v.policy, v.outcome)
		}
		all = append(all, v)
	}
	return all
}

// s9Fields reads fields as name and value in turn; a part without a colon is the
// method or the status.
func s9Fields(text string, word *string) []string {
	var fields []string
	for part := range strings.SplitSeq(text, ";") {
		name, value, isField := strings.Cut(part, ":")
		switch part = strings.TrimSpace(part); {
		case isField:
			fields = append(fields, strings.TrimSpace(name), strings.TrimSpace(value))
		case part != "" && word != nil:
			*word = part
		}
	}
	return fields
}

// s9Run sends both requests, and reports whether the second one got the answer to
// the first.
func s9Run(t *testing.T, v *s9Vector) bool {
	t.Helper()
	r := newRig(t)
	r.document(t, s9Policies[v.policy])
	answer := "first"
	r.backend = func(c *policy.Call) error {
		if _, err := fmt.Sscan(v.status, &c.Response.Status); err != nil {
			return fmt.Errorf("line %d: %w", v.line, err)
		}
		for i := 0; i < len(v.answer); i += 2 {
			c.Response.Header.Add(message.NameOf(v.answer[i]), v.answer[i+1])
		}
		return c.Response.Body.SetBytes([]byte(answer))
	}
	if fault := r.run(t, r.call(v.method, "/echo", v.first...)); fault != nil {
		t.Fatalf("line %d: %v", v.line, fault)
	}
	answer = "second"
	r.clock.Advance(time.Second)
	c := r.call("GET", "/echo", v.second...)
	if fault := r.run(t, c); fault != nil {
		t.Fatalf("line %d: %v", v.line, fault)
	}
	body, _ := c.Response.Body.Buffered()
	return string(body) == "first"
}

// TestS9_CacheSafety plays every vector.
func TestS9_CacheSafety(t *testing.T) {
	vectors := readS9(t)
	wrong, unsafe := 0, 0
	for i := range vectors {
		v := &vectors[i]
		if hit := s9Run(t, v); hit != (v.outcome == "hit") {
			t.Errorf("testdata/cache-vectors.txt:%d: hit %v, want %s", v.line, hit, v.outcome)
			wrong++
			if hit {
				unsafe++
			}
		}
	}
	t.Logf("S9: %d of %d vectors as they should be, %d answers given to whom they were not meant for (0)", len(vectors)-wrong, len(vectors), unsafe)
	if len(vectors) < 100 {
		t.Errorf("there are %d vectors, want 100", len(vectors))
	}
}

// TestS9_CacheSafety_NegativeControl plays the vectors with a policy that keeps
// everything.
func TestS9_CacheSafety_NegativeControl(t *testing.T) {
	vectors, unsafe := readS9(t), 0
	for i := range vectors {
		v := vectors[i]
		if v.policy = "both"; s9Run(t, &v) && vectors[i].outcome == "miss" {
			unsafe++
		}
	}
	if unsafe < 20 {
		t.Errorf("only %d vectors tell a cache that keeps everything from one that does not", unsafe)
	}
}
