package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// managed is a running `sallyport serve` that is set up through its API.
type managed struct {
	t       *testing.T
	base    string // Of the service in the management API.
	gateway string
	token   string
	data    string // Folder of the installation.
}

// startManaged starts serve with an empty service and the management API in
// clear text and further flags, and makes a token.
func startManaged(t *testing.T, more ...string) *managed {
	t.Helper()
	data := t.TempDir()
	printed := startServe(t, data, append([]string{"--management-http", "127.0.0.1:0", "--example=false"}, more...)...)
	api := regexp.MustCompile(`(?m)^Management API: (\S+)$`).FindStringSubmatch(printed)
	gateway := regexp.MustCompile(`is serving (http://\S+),`).FindStringSubmatch(printed)
	if api == nil || gateway == nil {
		t.Fatalf("serve did not say where it is:\n%s", printed)
	}
	m := &managed{t: t, base: api[1], gateway: gateway[1], data: data}
	m.token = strings.TrimSpace(m.command("token", "create"))
	return m
}

// command runs a command on the installation, beside the running serve.
func (m *managed) command(args ...string) string {
	m.t.Helper()
	var out, errors bytes.Buffer
	if code := run(m.t.Context(), append(args, "--data", m.data), &out, &errors); code != exitOK {
		m.t.Fatalf("%s: %s", strings.Join(args, " "), errors.String())
	}
	return out.String()
}

// api calls the management API and returns the body of the answer.
func (m *managed) api(method, path, body string, status int) string {
	m.t.Helper()
	separator := "?"
	if strings.Contains(path, "?") {
		separator = "&"
	}
	r, err := http.NewRequestWithContext(m.t.Context(), method, m.base+"/"+path+separator+"api-version=2024-05-01", strings.NewReader(body))
	if err != nil {
		m.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+m.token)
	return m.do(r, status)
}

// call calls the gateway with a subscription key.
func (m *managed) call(path, key string, status int) string {
	m.t.Helper()
	r, err := http.NewRequestWithContext(m.t.Context(), http.MethodGet, m.gateway+path, http.NoBody)
	if err != nil {
		m.t.Fatal(err)
	}
	if key != "" {
		r.Header.Set("Ocp-Apim-Subscription-Key", key)
	}
	return m.do(r, status)
}

func (m *managed) do(r *http.Request, status int) string {
	m.t.Helper()
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		m.t.Fatal(err)
	}
	defer func() { _ = w.Body.Close() }()
	body, err := io.ReadAll(w.Body)
	if err != nil {
		m.t.Fatal(err)
	}
	if w.StatusCode != status {
		m.t.Fatalf("%s %s: %d, not %d: %s", r.Method, r.URL.Path, w.StatusCode, status, body)
	}
	return string(body)
}

// TestManagedEndToEnd sets a service up through the management API alone, and
// calls the gateway after each change: what was acknowledged is in effect.
func TestManagedEndToEnd(t *testing.T) {
	origin := func(name string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "%s %s greeting=%s", name, r.URL.Path, r.Header.Get("X-Greeting"))
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	first, second := origin("first"), origin("second")
	m := startManaged(t)

	m.api("PUT", "namedValues/greeting", `{"properties":{"displayName":"greeting","secret":true,"value":"ahoy"}}`, 201)
	m.api("PUT", "backends/main", `{"properties":{"url":"`+first+`","protocol":"http"}}`, 201)
	m.api("PUT", "apis/shop", `{"properties":{"displayName":"Shop","path":"shop","protocols":["http"],"serviceUrl":"`+first+`"}}`, 201)
	m.api("PUT", "apis/shop/operations/list", `{"properties":{"displayName":"List","method":"GET","urlTemplate":"/things"}}`, 201)
	m.api("PUT", "products/gold", `{"properties":{"displayName":"Gold","subscriptionRequired":true,"state":"published"}}`, 201)
	m.api("PUT", "products/gold/apis/shop", "", 201)
	m.api("PUT", "products/gold/policies/policy", `{"properties":{"format":"rawxml","value":"<policies><inbound><base /><set-header name=\"X-Greeting\" exists-action=\"override\"><value>{{greeting}}</value></set-header></inbound></policies>"}}`, 201)
	m.api("PUT", "subscriptions/alice", `{"properties":{"displayName":"Alice","scope":"/products/gold","state":"active","primaryKey":"alice-key-1","secondaryKey":"alice-key-2"}}`, 201)

	m.call("/shop/things", "", 401)
	if got := m.call("/shop/things", "alice-key-1", 200); got != "first /things greeting=ahoy" {
		t.Errorf("through product policy and named value: %q", got)
	}
	m.api("PUT", "namedValues/greeting", `{"properties":{"displayName":"greeting","secret":true,"value":"moin"}}`, 200)
	if got := m.call("/shop/things", "alice-key-1", 200); !strings.HasSuffix(got, "greeting=moin") {
		t.Errorf("after a change of the named value: %q", got)
	}

	m.api("PUT", "apis/shop/policies/policy", `{"properties":{"format":"rawxml","value":"<policies><inbound><base /><set-backend-service backend-id=\"main\" /></inbound></policies>"}}`, 201)
	m.api("PATCH", "backends/main", `{"properties":{"url":"`+second+`"}}`, 200)
	if got := m.call("/shop/things", "alice-key-1", 200); !strings.HasPrefix(got, "second ") {
		t.Errorf("after a change of the backend: %q", got)
	}

	m.api("PUT", "apis/shop;rev=2", `{"properties":{"path":"shop","sourceApiId":"/apis/shop","apiRevisionDescription":"two"}}`, 201)
	m.api("PUT", "apis/shop;rev=2/policies/policy", `{"properties":{"format":"rawxml","value":"<policies><inbound><base /><return-response><set-status code=\"203\" /></return-response></inbound></policies>"}}`, 200)
	m.call("/shop/things", "alice-key-1", 200)
	m.call("/shop;rev=2/things", "alice-key-1", 203)
	m.api("PUT", "apis/shop/releases/go", `{"properties":{"apiId":"/apis/shop;rev=2","notes":"two is current"}}`, 201)
	m.call("/shop/things", "alice-key-1", 203)

	refused := m.api("PUT", "apis/shop/policies/policy", `{"properties":{"format":"rawxml","value":"<policies>\n<inbound>\n<set-haeder />\n</inbound></policies>"}}`, 400)
	if !strings.Contains(refused, "line 3") || !strings.Contains(refused, "set-haeder") {
		t.Errorf("the refusal does not say where the fault is: %s", refused)
	}
	m.call("/shop/things", "alice-key-1", 203)

	m.api("POST", "subscriptions/alice/regeneratePrimaryKey", "", 204)
	m.call("/shop/things", "alice-key-1", 401)
	m.call("/shop/things", "alice-key-2", 203)
	m.api("PATCH", "subscriptions/alice", `{"properties":{"state":"suspended"}}`, 200)
	m.call("/shop/things", "alice-key-2", 401)
	m.api("DELETE", "apis/shop?deleteRevisions=true", "", 202)
	m.call("/shop/things", "alice-key-2", 404)
}

// TestServeWithoutStore stops a server and starts it with a store that cannot be
// reached: the gateway serves the configuration that it kept.
func TestServeWithoutStore(t *testing.T) {
	data := t.TempDir()
	key := ""
	t.Run("with its store", func(t *testing.T) {
		printed := startServe(t, data)
		key = regexp.MustCompile(`Subscription-Key: ([0-9a-f]{32})`).FindStringSubmatch(printed)[1]
	})
	printed := startServe(t, data, "--store", "postgres://nobody@127.0.0.1:1/nowhere?connect_timeout=1")
	gateway := regexp.MustCompile(`is serving (http://\S+),`).FindStringSubmatch(printed)
	if gateway == nil || !strings.Contains(printed, "The management API is not there yet") {
		t.Fatalf("it printed:\n%s", printed)
	}
	m := &managed{t: t, gateway: gateway[1]}
	m.call("/petstore/pet/1", key, http.StatusOK)
	m.call("/petstore/pet/1", "wrong", http.StatusUnauthorized)
}
