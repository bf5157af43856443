package fleet

import (
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// largeOperations is how many operations each API has.
const largeOperations = 10

// startLarge starts a management plane with many APIs, each with a policy
// document, and one, /shop, whose answer has the named value revision twice: as
// its API's policies have it, and as its operation's do.
func startLarge(t *testing.T, apis int) *control {
	t.Helper()
	c := &control{dir: t.TempDir(), address: freeAddress(t), role: "control"}
	c.start(t) // Makes the service.
	c.stop(t)
	folder := t.TempDir()
	for i := range apis {
		largeAPI(t, folder, i)
	}
	command(t, "apply", folder, "--data", c.dir)
	c.start(t)
	c.token = command(t, "token", "create", "--data", c.dir)
	c.publish(t, 0)
	c.answers(t, "shop", "")
	c.policy(t, "apis/shop", `<policies><inbound><base /><set-variable name="r" value="{{revision}}" /></inbound></policies>`)
	c.policy(t, "apis/shop/operations/get", `<policies><inbound><base /><return-response><set-status code="200" />`+
		`<set-body>@((string)context.Variables["r"] + " {{revision}}")</set-body></return-response></inbound></policies>`)
	return c
}

// largeAPI writes one of many APIs.
func largeAPI(t *testing.T, folder string, n int) {
	t.Helper()
	var spec strings.Builder
	fmt.Fprintf(&spec, "openapi: 3.0.3\ninfo: {title: API %d, version: \"1\"}\npaths:\n", n)
	for i := range largeOperations {
		fmt.Fprintf(&spec, "  /things%d/{id}:\n    get:\n      operationId: get-%d\n      parameters:\n        - {name: id, in: path, required: true, schema: {type: string}}\n      responses: {\"200\": {description: It is there.}}\n", i, i)
	}
	dir := filepath.Join(folder, "apis", "api-"+strconv.Itoa(n))
	write(t, filepath.Join(dir, "specification.yaml"), spec.String())
	write(t, filepath.Join(dir, "apiInformation.json"), fmt.Sprintf(
		`{"properties":{"displayName":"API %d","path":"api%d","serviceUrl":"http://127.0.0.1:1","subscriptionRequired":false,"protocols":["http"]}}`, n, n))
	write(t, filepath.Join(dir, "policy.xml"), fmt.Sprintf(
		`<policies><inbound><base /><set-header name="X-API" exists-action="override"><value>@("api %d of " + context.Api.Name)</value></set-header></inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>`, n))
}

// publish sets the named value revision.
func (c *control) publish(t *testing.T, n int) {
	t.Helper()
	c.api(t, http.MethodPut, "namedValues/revision", fmt.Sprintf(`{"properties":{"displayName":"revision","value":"%d"}}`, n))
}

// publishes are a number of changes at a rate, with when each began.
type publishes struct {
	mu    sync.Mutex
	begun map[int]time.Time
	seen  map[int]time.Time
}

func newPublishes() *publishes {
	return &publishes{begun: map[int]time.Time{}, seen: map[int]time.Time{}}
}

// publishEvery is the rate of the changes.
const publishEvery = 100 * time.Millisecond

// run makes changes 1 to count.
func (p *publishes) run(t *testing.T, c *control, count int) (took time.Duration) {
	t.Helper()
	ticker := time.NewTicker(publishEvery)
	defer ticker.Stop()
	begin := time.Now()
	for n := 1; n <= count; n++ {
		<-ticker.C
		p.mu.Lock()
		p.begun[n] = time.Now()
		p.mu.Unlock()
		c.publish(t, n)
	}
	return time.Since(begin)
}

// saw notes that a change is in effect, and with it those before.
func (p *publishes) saw(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.seen[n]; known {
		return
	}
	now := time.Now()
	for ; n > 0; n-- {
		if _, known := p.seen[n]; known {
			return
		}
		p.seen[n] = now
	}
}

// delays are how long it took until each change was in effect.
func (p *publishes) delays() (list []time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for n, at := range p.seen {
		list = append(list, at.Sub(p.begun[n]))
	}
	return list
}

var pair = regexp.MustCompile(`^(\d+) (\d+)$`)

// halves are the two numbers of an answer of /shop.
func halves(body string) (a, b int, ok bool) {
	m := pair.FindStringSubmatch(body)
	if m == nil {
		return 0, 0, false
	}
	a, _ = strconv.Atoi(m[1])
	b, _ = strconv.Atoi(m[2])
	return a, b, true
}
