package regex

import (
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/dlclark/regexp2"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// pattern is a compiled regular expression. It is immutable and shared.
type pattern struct {
	re *regexp2.Regexp
	// linear says whether an ASCII text matches, in time linear in its length; nil where only re can.
	linear *regexp.Regexp
	// text and options are what it was compiled from.
	text    string
	options regexp2.RegexOptions
	// stack is what each rune of a text may take while the engine goes back over it, in bytes.
	stack int64
}

// The engine remembers each round of a group that is repeated: for each rune in the worst case that many bytes, and
// more for each group.
const (
	roundBytes = 80
	groupBytes = 80
)

// stackOf returns what each rune of a text may take while a pattern is matched with it: nothing without a group that
// is repeated.
func stackOf(pattern string, groups int) int64 {
	for i := range len(pattern) - 1 {
		if pattern[i] == ')' && strings.IndexByte("*+{ \t\n#", pattern[i+1]) >= 0 {
			return roundBytes + groupBytes*int64(groups)
		}
	}
	return 0
}

// patternKey is what a compiled pattern is remembered by.
type patternKey struct {
	text    string
	options regexp2.RegexOptions
	time    time.Duration
}

// maxPatterns is the number of compiled patterns that a library remembers; then it begins anew.
const maxPatterns = 1024

// maxPattern is the length of a pattern, in bytes.
const maxPattern = 64 << 10

// patterns remembers compiled patterns.
type patterns struct {
	mu   sync.Mutex
	list map[patternKey]*pattern
}

type patternsKey struct{}

// clockPeriod is how far behind the engine's own clock may be. A match runs on for up to twice as long after its time.
const clockPeriod = 20 * time.Millisecond

// setClock sets the engine's clock, once for the process and before the first match.
var setClock = sync.OnceFunc(func() { regexp2.SetTimeoutCheckPeriod(clockPeriod) })

// compile returns a pattern, compiled once. Its matching stops at the run's time limit.
func compile(t *value.Thread, text string, options int64) (*pattern, *value.Exception) {
	if len(text) > maxPattern {
		return nil, value.Argument("pattern", "The pattern is too long.")
	}
	if options&^knownOptions != 0 {
		return nil, value.OutOfRange("options", "")
	}
	key := patternKey{text, regexp2.RegexOptions(options &^ ignoredOptions), t.Budget.Limits.RegexTime}
	cache, _ := object.Of(t).Memo(patternsKey{}, func(*object.Env) any {
		setClock()
		return &patterns{list: map[patternKey]*pattern{}}
	}).(*patterns)
	cache.mu.Lock()
	defer cache.mu.Unlock()
	if p := cache.list[key]; p != nil {
		return p, nil
	}
	if e := t.Budget.Alloc(int64(len(text)) * 64); e != nil {
		return nil, e
	}
	// The pattern may be a part of a message, which ends with its exchange.
	text = strings.Clone(text)
	key.text = text
	re, err := regexp2.Compile(rewrite(text), key.options)
	if err != nil {
		return nil, value.Argument("", "parsing \""+text+"\" - "+strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	re.MatchTimeout = key.time
	if len(cache.list) >= maxPatterns {
		clear(cache.list)
	}
	p := &pattern{re: re, linear: linearOf(text, key.options), text: text, options: key.options}
	p.stack = stackOf(text, len(re.GetGroupNumbers()))
	cache.list[key] = p
	return p, nil
}

// timedOut is the exception of a match that takes too long.
func timedOut(pattern string) *value.Exception {
	e := value.Throw("System.Text.RegularExpressions.RegexMatchTimeoutException",
		"The Regex engine has timed out while trying to match a pattern to an input string: "+pattern)
	e.Budget = value.BudgetRegexTime
	return e
}

// find returns the next match after m, the first for nil, and nil after the last.
func (p *pattern) find(input []rune, m *regexp2.Match) (*regexp2.Match, *value.Exception) {
	var err error
	if m == nil {
		m, err = p.re.FindRunesMatch(input)
	} else {
		m, err = p.re.FindNextMatch(m)
	}
	if err != nil {
		return nil, timedOut(p.text)
	}
	return m, nil
}

// findAt returns the first match at or after a place.
func (p *pattern) findAt(input []rune, at int) (*regexp2.Match, *value.Exception) {
	m, err := p.re.FindRunesMatchStartingAt(input, at)
	if err != nil {
		return nil, timedOut(p.text)
	}
	return m, nil
}
