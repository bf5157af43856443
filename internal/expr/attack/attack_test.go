package attack

import (
	"errors"
	"fmt"
	"maps"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/clock/cputest"
	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/trial"
)

// group is a list of attacks of one kind: expressions, and statements in @{…}.
type group struct {
	name string
	code []string
}

// The bounds of the row.
const (
	overTime   = 100 * time.Millisecond
	overMemory = 1 << 20
)

// The bounds of the compiler, which has no budget of a run: processor time and allocated bytes of one expression.
const (
	compileTime   = 2 * time.Second
	compileMemory = 40 << 20
)

// budget are the limits of each run: small, so that the set is quick. A match of a regular expression is part of a
// run, and its time too.
var budget = value.Limits{
	Steps: 100_000, Time: 25 * time.Millisecond, Memory: 4 << 20, RegexTime: 10 * time.Millisecond, StringLength: 1 << 20, Elements: 1 << 17,
}

// outcome is what an attack has come to.
type outcome struct {
	refused  error // by the compiler
	thrown   *expr.Exception
	value    expr.Value
	compile  cost
	run      cost
	tampered string
}

// cost is processor time and allocated bytes.
type cost struct {
	time   time.Duration
	memory uint64
}

func measure(f func()) cost {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	d := cputest.Time(f)
	runtime.ReadMemStats(&after)
	return cost{d, after.TotalAlloc - before.TotalAlloc}
}

// variables are the large and hostile texts that attacks work with.
var variables = func() map[string]string {
	var laughs strings.Builder
	laughs.WriteString("<!DOCTYPE a [<!ENTITY l0 \"ha\">")
	for i := range 20 {
		fmt.Fprintf(&laughs, "<!ENTITY l%d \"%s\">", i+1, strings.Repeat(fmt.Sprintf("&l%d;", i), 10))
	}
	laughs.WriteString("]><a>&l20;</a>")
	return map[string]string{
		"a":          strings.Repeat("a", 64<<10) + "!",
		"x":          strings.Repeat("x", 64<<10),
		"digits":     strings.Repeat("9", 64<<10),
		"deep":       strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000),
		"deepObject": strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000),
		"wide":       "[1" + strings.Repeat(",1", 20_000) + "]",
		"nested":     strings.Repeat(`{"a":`, 60) + "1" + strings.Repeat("}", 60),
		"deepXml":    strings.Repeat("<a>", 100_000) + strings.Repeat("</a>", 100_000),
		"nestedXml":  strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100),
		"laughs":     laughs.String(),
		"big":        strings.Repeat("b", 1<<20-1),
		"wide16":     strings.Repeat("é", 1<<19-1),
		"tags":       "<a>" + strings.Repeat("<b/>", 200_000) + "</a>",
		"attributes": "<a " + manyAttributes(60_000) + "/>",
		"members":    "{" + strings.Repeat(`"a":1,`, 100_000) + "}",
		"escapes":    `["` + strings.Repeat(`\\u0041`, 150_000) + `"]`,
		"external":   `<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>`,
	}
}()

// newCall is the call that an attack runs in.
func newCall(tb testing.TB) *policy.Call {
	tb.Helper()
	request, err := trial.ReadRequest([]byte("POST /a/b?c=d HTTP/1.1\nHost: api.example\nX-Kept: kept\n\n" + variables["deep"]))
	if err != nil {
		tb.Fatal(err)
	}
	call := trial.New(request)
	call.Expr.Static, call.Expr.Now, call.Expr.Timestamp = &host.Static{}, clock.System().Now, clock.System().Now()
	call.Expr.Limits = budget
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		call.Variables.Set(name, expr.StringValue(variables[name]))
	}
	return call
}

// attack compiles and runs one attack.
func attack(tb testing.TB, compiler *expr.Compiler, code string, limits value.Limits) outcome {
	tb.Helper()
	call := newCall(tb)
	call.Expr.Limits = limits
	src := expr.Source{Code: code}
	if rest, ok := strings.CutPrefix(code, "@{"); ok {
		src = expr.Source{Code: strings.TrimSuffix(rest, "}"), Block: true}
	}
	var out outcome
	var program *expr.Program
	out.compile = measure(func() { program, out.refused = compiler.Compile(src) })
	if out.refused != nil {
		return out
	}
	var err error
	out.run = measure(func() { out.value, err = program.Run(call.Expression()) })
	if err != nil && !errors.As(err, &out.thrown) {
		tb.Fatalf("%.200s: the error %v is no exception", code, err)
	}
	out.tampered = tampered(call)
	if out.run.memory > uint64(budget.Memory) {
		// It has allocated more than its budget, but perhaps not at one time.
		again := newCall(tb)
		again.Expr.Limits = limits
		out.run.memory = held(program, again)
	}
	return out
}

// gcEvery is how many bytes a run may allocate before what is in use is looked at again.
const gcEvery = overMemory / 4

// held runs a program once more and returns the most memory that it has had at one time, in bytes: the gateway's
// clock, which a run reads every thousand steps, stops it to collect the garbage. What was allocated since the last
// look counts in full.
func held(program *expr.Program, call *policy.Call) uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	base, last, live, most := stats.HeapAlloc, stats.TotalAlloc, uint64(0), uint64(0)
	look := func() {
		runtime.ReadMemStats(&stats)
		since := stats.TotalAlloc - last
		most = max(most, live+since)
		if since < gcEvery {
			return
		}
		runtime.GC()
		runtime.ReadMemStats(&stats)
		last, live = stats.TotalAlloc, max(stats.HeapAlloc, base)-base
		most = max(most, live)
	}
	now := call.Expr.Now
	stopped := now()
	call.Expr.Now = func() time.Time {
		look()
		return stopped
	}
	v, err := program.Run(call.Expression())
	look()
	runtime.KeepAlive(v)
	runtime.KeepAlive(err)
	return most
}

// tampered says what an attack has changed of its request.
func tampered(c *policy.Call) string {
	request := c.Expression().Request
	kept, _ := request.Headers().Get("X-Kept")
	a, _ := c.Variables.Get("a")
	switch {
	case kept != "kept" || request.Headers().Len() != 2:
		return "the headers"
	case c.Variables.Len() != len(variables) || a.StringOrNull().Go() != variables["a"]:
		return "the variables"
	case request.Method() != "POST" || request.URL().Path != "/a/b":
		return "the request"
	}
	return ""
}

// judge says how an attack got away, or nothing.
func judge(g string, o outcome) string {
	switch {
	case o.compile.time > compileTime || o.compile.memory > compileMemory:
		return fmt.Sprintf("the compiler took %v and %d KiB", o.compile.time, o.compile.memory>>10)
	case o.tampered != "":
		return "it has changed " + o.tampered
	case o.thrown != nil && strings.Contains(o.thrown.Message, "internal error"):
		return o.thrown.Error()
	case o.run.time > budget.Time+overTime:
		return fmt.Sprintf("it ran for %v (budget %v)", o.run.time, budget.Time)
	case o.run.memory > uint64(budget.Memory+overMemory):
		return fmt.Sprintf("it took %d KiB (budget %d KiB)", o.run.memory>>10, budget.Memory>>10)
	case g == "refused" && o.refused == nil && o.thrown == nil:
		return "it gave a value"
	case g == "stopped" && o.refused == nil && (o.thrown == nil || o.thrown.Budget == ""):
		return fmt.Sprintf("no budget has stopped it (%v)", o.thrown)
	}
	return ""
}

func groups() []group {
	return []group{refused, stopped, matching(), ended, last(), compiled(), hostile()}
}

// TestS15_ExpressionAttacks runs every attack: none may get anything that is not in the list of types, change its
// request, or use more than its budgets.
func TestS15_ExpressionAttacks(t *testing.T) {
	compiler, err := expr.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	defer debug.SetMaxStack(debug.SetMaxStack(64 << 20))
	count, escapes := 0, 0
	var worst outcome
	for _, g := range groups() {
		for i, code := range g.code {
			count++
			o := attack(t, compiler, code, budget)
			worst.run.time, worst.run.memory = max(worst.run.time, o.run.time), max(worst.run.memory, o.run.memory)
			worst.compile.time, worst.compile.memory = max(worst.compile.time, o.compile.time), max(worst.compile.memory, o.compile.memory)
			if g.name == "stopped" && o.refused != nil {
				t.Errorf("%s %d %.120s: it is not C# that compiles, and proves nothing: %v", g.name, i, code, o.refused)
			}
			if how := judge(g.name, o); how != "" {
				escapes++
				t.Errorf("%s %d %.200s: %s", g.name, i, code, how)
			}
		}
	}
	if count < 200 {
		t.Errorf("there are %d attacks", count)
	}
	fmt.Printf("S15: %d attacks, %d escapes (0); slowest run %v of processor time (%v + %v), most memory %d KiB (%d KiB + 1 MiB); slowest compilation %v, %d KiB\n",
		count, escapes, worst.run.time.Round(time.Millisecond), budget.Time, overTime, worst.run.memory>>10, budget.Memory>>10,
		worst.compile.time.Round(time.Millisecond), worst.compile.memory>>10)
}

// TestS15_ExpressionAttacks_NegativeControl lifts the budgets: the same harness must see attacks get away.
func TestS15_ExpressionAttacks_NegativeControl(t *testing.T) {
	compiler, err := expr.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	lifted := value.Limits{
		Steps: 1 << 40, Time: time.Hour, Memory: 1 << 40, Depth: 1 << 20, RegexTime: time.Hour, StringLength: 1 << 30, Elements: 1 << 30,
	}
	tests := []struct{ name, group, code string }{
		{"time", "stopped", `@{ var n = 0; for (int i = 0; i < 3000000; i++) { n += i; } return n; }`},
		{"memory", "stopped", `@{ var l = new List<string>(); for (int i = 0; i < 30; i++) { l.Add(new string('a', 1000000)); } return l; }`},
		{"regular expression", "matching", `Regex.Match(new string('a', 24) + "!", "^(a+)+$").Success`},
		{"value", "refused", `context.Request.Method`},
		{"no budget", "stopped", `1`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if how := judge(test.group, attack(t, compiler, test.code, lifted)); how == "" {
				t.Error("without budgets it does not get away: the harness cannot fail")
			} else {
				t.Log(how)
			}
		})
	}
}
