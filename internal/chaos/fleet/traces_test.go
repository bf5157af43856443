package fleet

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// startNamed starts a gateway that follows as a gateway resource.
func startNamed(t *testing.T, c *control, name string) *gateway {
	t.Helper()
	g := &gateway{dir: t.TempDir(), address: freeAddress(t), admin: freeAddress(t), control: "http://" + c.address,
		token: c.command(t, "gateway", "token", name)}
	g.start(t)
	return g
}

// debugToken asks for a token with which calls of an API, by its name or its id,
// are traced.
func (c *control) debugToken(t *testing.T, gateway, api, life string) string {
	t.Helper()
	if !strings.Contains(api, "/") {
		api = "/apis/" + api
	}
	answer := c.api(t, http.MethodPost, "gateways/"+gateway+"/listDebugCredentials",
		fmt.Sprintf(`{"apiId":%q,"purposes":["tracing"],"credentialsExpireAfter":%q}`, api, life))
	var got struct {
		Token string `json:"token"`
	}
	if err := json.Unmarshal([]byte(answer), &got); err != nil || got.Token == "" {
		t.Fatalf("%v: %s", err, answer)
	}
	return got.Token
}

// traced calls with a debug token, and returns the header of the answer, which is
// always that of a call which succeeds.
func (g *gateway) traced(t *testing.T, path, token string) http.Header {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, "http://"+g.address+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Apim-Debug-Authorization", token)
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	if w.StatusCode != http.StatusOK {
		t.Fatalf("%s with a debug token is answered with %d", path, w.StatusCode)
	}
	return w.Header
}

// recorded is a call of which the gateway says that it is traced.
func (g *gateway) recorded(t *testing.T, path, token string) string {
	t.Helper()
	id := g.traced(t, path, token).Get("Apim-Trace-Id")
	if id == "" {
		t.Fatalf("%s is not traced", path)
	}
	return id
}

// trace is what the management plane has of a trace; "" is nothing.
func (c *control) trace(gateway, id string) string {
	status, answer, err := c.ask(http.MethodPost, "gateways/"+gateway+"/listTrace", fmt.Sprintf(`{"traceId":%q}`, id))
	if err != nil || status != http.StatusOK || !strings.Contains(answer, "transfer-response") {
		return ""
	}
	return answer
}

// fetched waits for a trace.
func (c *control) fetched(t *testing.T, gateway, id string) string {
	t.Helper()
	eventually(t, "the trace is with the management plane", func() bool { return c.trace(gateway, id) != "" })
	return c.trace(gateway, id)
}

// startTraced starts a management plane, a gateway as managed and one as the
// resource edge. Two workspaces have an API that is called as one of the service.
func startTraced(t *testing.T) (c *control, managed, edge *gateway) {
	t.Helper()
	c = startControl(t)
	c.named(t)
	c.api(t, http.MethodPut, "gateways/edge", `{"properties":{"locationData":{"name":"here"}}}`)
	for _, api := range []string{"one", "two", "three"} {
		c.api(t, http.MethodPut, "gateways/edge/apis/"+api, `{}`)
	}
	for _, workspace := range []string{"sales", "ops"} {
		c.api(t, http.MethodPut, "workspaces/"+workspace, `{"properties":{"displayName":"W"}}`)
		path := "workspaces/" + workspace + "/apis/one"
		c.api(t, http.MethodPut, path,
			fmt.Sprintf(`{"properties":{"displayName":"one","path":"%s-one","protocols":["http"],"subscriptionRequired":false}}`, workspace))
		c.api(t, http.MethodPut, path+"/operations/get", `{"properties":{"displayName":"Get","method":"GET","urlTemplate":"/*"}}`)
		c.policy(t, path, returning(workspace))
	}
	managed, edge = startGateway(t, c), startNamed(t, c, "edge")
	managed.until(t, "/three", "three")
	managed.until(t, "/ops-one", "ops")
	edge.until(t, "/three", "three")
	return c, managed, edge
}

// strangers counts the calls that are traced and the traces that are read though
// the token, or the gateway that is asked, is another one. own is what they are
// compared with.
func strangers(t *testing.T, own string) (reached, tried int) {
	t.Helper()
	c, managed, edge := startTraced(t)
	good := c.debugToken(t, "edge", "one", "PT1H")
	id := edge.recorded(t, "/one", good)
	for _, want := range []string{"return-response", "api-inspector", `"serviceName":"sallyport"`} {
		if got := c.fetched(t, "edge", id); !strings.Contains(got, want) {
			t.Errorf("the trace does not have %s: %s", want, got)
		}
	}
	const wrongAPI = "Apim-Debug-Authorization-WrongAPI"
	sales := c.debugToken(t, "managed", "/workspaces/sales/apis/one", "PT1H")
	c.fetched(t, "managed", managed.recorded(t, "/sales-one", sales))
	ask := func(traced bool) {
		if tried++; traced {
			reached++
		}
	}
	for _, one := range []struct {
		g           *gateway
		path, token string
		field       string
	}{
		{managed, "/one", c.debugToken(t, own, "one", "PT1H"), ""},
		{managed, "/one", good[:len(good)-4] + "AA==", ""},
		{edge, "/one", c.debugToken(t, "managed", "one", "PT1H"), ""},
		{edge, "/one", strings.Replace(good, "ex=2", "ex=3", 1), ""},
		{edge, "/one", edge.token, ""},
		{edge, "/two", good, wrongAPI},
		{managed, "/one", sales, wrongAPI},
		{managed, "/ops-one", sales, wrongAPI},
		{managed, "/sales-one", c.debugToken(t, "managed", "one", "PT1H"), wrongAPI},
	} {
		header := one.g.traced(t, one.path, one.token)
		ask(header.Get("Apim-Trace-Id") != "")
		if one.field != "" && header.Get(one.field) == "" {
			t.Errorf("the answer does not have %s", one.field)
		}
	}
	ask(c.trace("managed", id) != "")
	ask(c.trace("edge", id[:len(id)-1]) != "")
	return reached, tried
}

// TestS17_TracesOfGateways uses debug tokens at other gateways and for other APIs
// than they are for, changes them, and reads traces through other gateways.
func TestS17_TracesOfGateways(t *testing.T) {
	reached, tried := strangers(t, "edge")
	fmt.Printf("S17: %d of %d calls and traces reached with tokens and through gateways that they are not of (0)\n", reached, tried)
	if reached != 0 {
		t.Errorf("%d of %d were reached", reached, tried)
	}
}

// TestS17_TracesOfGateways_NegativeControl gives one of them the token that it is
// for: that call is traced.
func TestS17_TracesOfGateways_NegativeControl(t *testing.T) {
	if reached, _ := strangers(t, "managed"); reached != 1 {
		t.Errorf("%d calls were traced, want 1", reached)
	}
}

// TestTracesOutliveNodes traces calls while the management plane is there and
// while it is away: they are served, and all traces are there when it is back.
func TestTracesOutliveNodes(t *testing.T) {
	c, managed, edge := startTraced(t)
	token, other := c.debugToken(t, "managed", "one", "PT1H"), c.debugToken(t, "edge", "two", "PT1H")
	ids := map[string]string{managed.recorded(t, "/one", token): "managed", edge.recorded(t, "/two", other): "edge"}
	for id, gateway := range ids {
		c.fetched(t, gateway, id)
	}
	c.kill()
	for range 5 {
		ids[managed.recorded(t, "/one", token)] = "managed"
		ids[edge.recorded(t, "/two", other)] = "edge"
	}
	c.start(t)
	for id, gateway := range ids {
		c.fetched(t, gateway, id)
	}
	fmt.Printf("traces: %d of %d are there after kill -9 of the management plane, 10 of them recorded without it\n", len(ids), len(ids))
}

// TestTracesOfOneProcess traces a call of the gateway beside the management plane:
// the trace is there after both were killed.
func TestTracesOfOneProcess(t *testing.T) {
	c, address := allInOne(t)
	c.start(t)
	g := &gateway{process: c.process, address: address}
	g.until(t, "/one", "one")
	first := c.debugToken(t, "managed", "one", "PT1H")
	var id string
	eventually(t, "the token is good", func() bool {
		id = g.traced(t, "/one", first).Get("Apim-Trace-Id")
		return id != ""
	})
	c.fetched(t, "managed", id)
	c.kill()
	c.start(t)
	c.fetched(t, "managed", id)
}

// TestTracesAndKeys ends debug tokens: by their time, with the key, and all at once.
func TestTracesAndKeys(t *testing.T) {
	c, _, edge := startTraced(t)
	short := c.debugToken(t, "edge", "one", "PT1S")
	eventually(t, "the token is over", func() bool {
		return edge.traced(t, "/one", short).Get("Apim-Debug-Authorization-Expired") != ""
	})
	for _, end := range []struct{ path, body string }{
		{"gateways/edge/regenerateKey", `{"keyType":"primary"}`},
		{"gateways/edge/invalidateDebugCredentials", ""},
	} {
		if end.body != "" { // The feed goes on with the other key.
			edge.stop(t)
			edge.token = c.command(t, "gateway", "token", "edge", "--secondary")
			edge.start(t)
			edge.until(t, "/three", "three")
		}
		token := c.debugToken(t, "edge", "one", "PT1H")
		eventually(t, "the token is good", func() bool { return edge.traced(t, "/one", token).Get("Apim-Trace-Id") != "" })
		c.api(t, http.MethodPost, end.path, end.body)
		eventually(t, "the token is over after "+end.path, func() bool { return edge.traced(t, "/one", token).Get("Apim-Trace-Id") == "" })
		next := c.debugToken(t, "edge", "one", "PT1H")
		eventually(t, "the next token is good", func() bool { return edge.traced(t, "/one", next).Get("Apim-Trace-Id") != "" })
	}
}

// TestTracesOfOtherReleases follows a management plane that says nothing of
// tracing: calls are served, and their tokens go no further.
func TestTracesOfOtherReleases(t *testing.T) {
	o := startOtherRelease(t)
	o.change(api("one", "one"))
	g := &gateway{dir: t.TempDir(), address: freeAddress(t), admin: freeAddress(t), control: o.URL, token: "managed&203001010000&x"}
	g.start(t)
	g.until(t, "/one", "one")
	if header := g.traced(t, "/one", "p=tracing&aid=one&ex=20300101000000&sn=x"); header.Get("Apim-Trace-Id") != "" {
		t.Error("a gateway that knows no key traces calls")
	}
}
