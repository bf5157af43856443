package resources_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

// fact is what the published API promises of one operation.
type fact struct {
	method, path string
	statuses     []string
	kind         string // "lro", "pager", "head" or "-".
	match        string // "required", "optional" or "-".
	query        string
	name         string
}

// conditional says that the operation takes If-Match.
func (f *fact) conditional() bool { return f.match != "-" }

// edition holds the operations of an api-version.
type edition struct {
	version string
	facts   []*fact
}

// find is the operation of a method and a path; nil where there is none.
func (c *edition) find(method, path string) *fact {
	for _, f := range c.facts {
		if f.method == method && f.path == path {
			return f
		}
	}
	return nil
}

// rows are the lines of a file of facts, without comments, in at most n columns.
func rows(t *testing.T, name string, n int) [][]string {
	t.Helper()
	file, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var all [][]string
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if line := lines.Text(); line != "" && !strings.HasPrefix(line, "#") {
			all = append(all, strings.SplitN(line, " ", n))
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// promises reads the operations of an api-version. The oldest one differs from
// the second in what it lacks only.
func promises(t *testing.T, version string) *edition {
	t.Helper()
	c := &edition{version: version}
	file := version
	if version == "2021-08-01" {
		file = "2022-08-01"
	}
	for _, r := range rows(t, "contract-"+file+".txt", 7) {
		c.facts = append(c.facts, &fact{r[0], r[1], strings.Split(r[2], ","), r[3], r[4], r[5], r[6]})
	}
	return c
}

// world is a server in which resources are made as they are needed.
type world struct {
	*resourcestest.Server
	t       *testing.T
	version string
	samples map[string][2]string // What must be there, and the body, by path.
	calls   map[string][2]string // The query and the body, by method and path.
	made    map[string]bool
}

func newWorld(t *testing.T, version string) *world {
	t.Helper()
	w := &world{Server: resourcestest.New(t, nil), t: t, version: version,
		samples: map[string][2]string{}, calls: map[string][2]string{}, made: map[string]bool{"~": true}}
	for _, r := range rows(t, "bodies.txt", 3) {
		w.samples[r[0]] = [2]string{r[1], r[2]}
	}
	for _, r := range rows(t, "calls.txt", 4) {
		w.calls[r[0]+" "+r[1]] = [2]string{r[2], r[3]}
	}
	return w
}

const workspacePath = "~/workspaces/{workspaceId}"

// scopeOf is the service or the workspace of a path, and the path with "$" in
// its place.
func scopeOf(path string) (scope, key string) {
	if rest, ok := strings.CutPrefix(path, workspacePath+"/"); ok {
		return workspacePath, "$/" + rest
	}
	if rest, ok := strings.CutPrefix(path, "~/"); ok && path != workspacePath {
		return "~", "$/" + rest
	}
	return "~", path
}

// sample is what a resource needs, and its body.
func (w *world) sample(path string) (needs, body string, ok bool) {
	scope, key := scopeOf(path)
	s, ok := w.samples[path]
	if !ok {
		s, ok = w.samples[key]
	}
	needs = strings.ReplaceAll(s[0], "$", scope)
	body = strings.NewReplacer("$/", scope+"/").Replace(s[1])
	body = strings.ReplaceAll(w.names(body), "%PFX%", certificate())
	if body == "-" {
		body = ""
	}
	return needs, body, ok
}

// certificate is one with its key, as clients send it.
var certificate = sync.OnceValue(func() string {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return ""
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "example.com"},
		NotBefore: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC)}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return ""
	}
	leaf, err := x509.ParseCertificate(raw)
	if err != nil {
		return ""
	}
	pfx, _ := pkcs12.Modern.Encode(key, leaf, nil, "secret") // An empty one fails the test.
	return base64.StdEncoding.EncodeToString(pfx)
})

// fixed are the names that the API gives, or that say something.
var fixed = map[string]string{
	"subscriptionId": "00000000-0000-0000-0000-000000000000", "resourceGroupName": "rg1", "location": "westus", "locationName": "West US",
	"policyId": "policy", "settingsType": "public", "accessName": "access", "configurationName": "configuration",
	"identityProviderName": "google", "templateName": "newIssueNotificationMessage", "portalConfigId": "default",
	"notificationName": "RequestPublisherNotificationMessage", "quotaCounterKey": "counter", "quotaPeriodKey": "0_P3Y6M4DT12H30M5S",
	"privateLinkSubResourceName": "Gateway", "email": "someone@example.com", "diagnosticId": "applicationinsights",
	"tagDescriptionId": "tag1", "id": "fragment1", "portalRevisionId": "20260101",
}

// names puts names in the place of a path's parameters.
func (w *world) names(path string) string {
	path = strings.ReplaceAll(path, "~", resourcestest.Service)
	for {
		begin := strings.IndexByte(path, '{')
		end := strings.IndexByte(path[begin+1:], '}') + begin + 1
		if begin < 0 || end <= begin+1 || strings.ContainsAny(path[begin:end], `":, `) {
			return w.rest(path, begin)
		}
		parameter := path[begin+1 : end]
		name, ok := fixed[parameter]
		if !ok {
			name = strings.TrimSuffix(strings.TrimSuffix(parameter, "Name"), "Id") + "1"
		}
		path = path[:begin] + name + path[end+1:]
	}
}

// rest goes on behind a brace that is one of JSON.
func (w *world) rest(path string, brace int) string {
	if brace < 0 {
		return path
	}
	return path[:brace+1] + w.names(path[brace+1:])
}

// parent is the resource that one stands below; "" where that is none of ours.
func (w *world) parent(path string) string {
	for {
		end := strings.LastIndexByte(path, '/')
		if end <= 0 {
			return ""
		}
		path = path[:end]
		if _, _, ok := w.sample(path); ok {
			return path
		}
	}
}

// surround makes what a resource needs, and not itself.
func (w *world) surround(path string) {
	w.t.Helper()
	if p := w.parent(path); p != "" {
		w.ensure(p)
	}
	if needs, _, ok := w.sample(path); ok && needs != "-" {
		for need := range strings.SplitSeq(needs, ",") {
			w.ensure(need)
		}
	}
}

// ensure makes a resource, where it was not made.
func (w *world) ensure(path string) {
	w.t.Helper()
	_, body, ok := w.sample(path)
	if w.made[path] || !ok {
		return
	}
	w.made[path] = true
	w.surround(path)
	if status, _, answer := w.ask(http.MethodPut, w.names(path), body); status >= 300 {
		w.t.Fatalf("PUT %s: %d %v", path, status, answer)
	}
}

// ask sends a request of the world's api-version.
func (w *world) ask(method, path string, body any, headers ...string) (int, http.Header, map[string]any) {
	w.t.Helper()
	separator := "?"
	if strings.Contains(path, "?") {
		separator = "&"
	}
	status, header, raw := w.Raw(method, path+separator+"api-version="+w.version, body, headers...)
	var answer map[string]any
	if len(raw) > 0 && raw[0] != '[' { // The status of the network is a list, and nothing else is.
		if err := json.Unmarshal(raw, &answer); err != nil {
			w.t.Errorf("%s %s: %v: %.200s", method, path, err, raw)
		}
	}
	return status, header, answer
}

// oneOf says whether a status is promised.
func (f *fact) oneOf(status int) bool {
	return slices.ContainsFunc(f.statuses, func(s string) bool { return s == decimal(status) })
}
