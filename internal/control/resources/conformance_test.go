package resources_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

func decimal(n int) string { return strconv.Itoa(n) }

// tally counts what was tried.
type tally struct {
	tried    map[*fact]bool
	filtered map[string]bool // The rows of testdata/filters.txt.
	filters  int
}

// life tries every operation of one kind of resource, from before it is there
// until it is gone.
type life struct {
	*world
	c     *edition
	tally *tally
	path  string // As the contract has it.
	id    string
	body  string
	fixed bool // It is there without having been made.
}

// TestConformance holds the server to what each operation promises, in each
// api-version.
func TestConformance(t *testing.T) {
	var told []string
	for _, version := range []string{"2024-05-01", "2022-08-01", "2021-08-01"} {
		t.Run(version, func(t *testing.T) {
			c := promises(t, version)
			count := &tally{tried: map[*fact]bool{}, filtered: map[string]bool{}}
			for _, f := range c.facts {
				if f.method == http.MethodPut {
					t.Run(f.path, func(t *testing.T) { newLife(t, c, count, f.path).run() })
				}
			}
			t.Run("others", func(t *testing.T) { others(t, c, count) })
			for _, f := range c.facts {
				if !count.tried[f] {
					t.Errorf("%s %s (%s) was not tried", f.method, f.path, f.name)
				}
			}
			if version == "2024-05-01" {
				count.complete(t)
			}
			told = append(told, fmt.Sprintf("%s: %d of %d operations, %d filters on %d lists",
				version, len(count.tried), len(c.facts), count.filters, len(count.filtered)))
		})
	}
	fmt.Printf("conformance: %s\n", strings.Join(told, "; "))
}

// complete fails where a documented list was not filtered.
func (y *tally) complete(t *testing.T) {
	t.Helper()
	for _, r := range rows(t, "filters.txt", 2) {
		if !y.filtered[r[0]] && r[1] != "-" {
			t.Errorf("the filters of %s were not tried", r[0])
		}
	}
}

func newLife(t *testing.T, c *edition, count *tally, path string) *life {
	t.Helper()
	w := newWorld(t, c.version)
	_, body, ok := w.sample(path)
	if !ok {
		t.Fatal("testdata/bodies.txt has no body")
	}
	put := c.find(http.MethodPut, path)
	permanent := path == "~" || len(put.statuses) == 1 && put.statuses[0] == "200" || strings.Contains(path, "/templates/")
	return &life{world: w, c: c, tally: count, path: path, id: w.names(path), body: body, fixed: permanent}
}

// do tries an operation, where the contract has it, and fails where the status
// is none of those promised. ok is false where there is no such operation.
func (l *life) do(method string, body any, headers ...string) (header http.Header, answer map[string]any, ok bool) {
	l.t.Helper()
	f := l.c.find(method, l.path)
	if f == nil {
		return nil, nil, false
	}
	l.tally.tried[f] = true
	status, header, answer := l.ask(method, l.id, body, headers...)
	if !f.oneOf(status) {
		l.t.Errorf("%s: %d is none of %v: %v", method, status, f.statuses, answer)
	}
	l.headers(f, status, header)
	return header, answer, true
}

// immediate are the operations whose result is in the first answer, which no GET
// could give again.
var immediate = []string{
	"connectivityCheck", "tenant/{configurationName}/deploy", "tenant/{configurationName}/save", "tenant/{configurationName}/validate",
}

// headers checks those that say how to go on.
func (l *life) headers(f *fact, status int, header http.Header) {
	l.t.Helper()
	if f.kind != "lro" || status == http.StatusNoContent || f.method == http.MethodDelete && status == http.StatusOK {
		return
	}
	if status == http.StatusOK && slices.Contains(immediate, strings.TrimPrefix(f.path, "~/")) {
		return
	}
	location, operation := header.Get("Location"), header.Get("Azure-Asyncoperation")
	if !strings.HasPrefix(location, "https://") || !strings.Contains(location, "asyncId=") || !strings.Contains(location, "asyncCode=") {
		l.t.Errorf("%s %s: %d, the Location is %q", f.method, f.path, status, location)
	}
	if operation == "" && strings.HasPrefix(f.path, "~") {
		l.t.Errorf("%s %s: there is no Azure-AsyncOperation", f.method, f.path)
	}
	for _, link := range []string{location, operation} {
		if link == "" {
			continue
		}
		status, _, answer := l.Do(http.MethodGet, strings.TrimPrefix(link, "https://management.example"), nil)
		if status != http.StatusOK && status != http.StatusNoContent && status != http.StatusCreated {
			l.t.Errorf("%s: following %s gave %d %v", f.method, link, status, answer)
		}
	}
}

// refused expects an error.
func (l *life) refused(what, method string, body any, status int, code string, headers ...string) {
	l.t.Helper()
	if l.c.find(method, l.path) == nil {
		return
	}
	got, _, answer := l.ask(method, l.id, body, headers...)
	if got != status {
		l.t.Errorf("%s: %s gave %d, not %d: %v", what, method, got, status, answer)
		return
	}
	if method == http.MethodHead && answer != nil {
		l.t.Errorf("%s: HEAD answered %v", what, answer)
	}
	if code == "" || method == http.MethodHead {
		return
	}
	_, listed := resourcestest.At(answer, "error.details").([]any)
	message, _ := resourcestest.At(answer, "error.message").(string)
	if resourcestest.At(answer, "error.code") != code || message == "" || !listed {
		l.t.Errorf("%s: %s: the error is not %s with a message and details: %v", what, method, code, answer)
	}
}

func (l *life) run() {
	l.orphan()
	l.surround(l.path)
	l.missing()
	tag := l.create()
	tag = l.read(tag)
	tag = l.change(tag)
	l.list()
	l.actions()
	l.remove(tag)
}

// orphan tries a resource whose parent is not there.
func (l *life) orphan() {
	parent := l.parent(l.path)
	put := l.c.find(http.MethodPut, parent)
	if parent == "" || parent == "~" || put == nil || len(put.statuses) == 1 || strings.HasPrefix(l.path, "/") {
		return
	}
	const what = "without its parent"
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPatch} {
		l.refused(what, method, l.body, http.StatusNotFound, "ResourceNotFound")
	}
	if l.c.find(http.MethodDelete, l.path) != nil {
		if status, _, answer := l.ask(http.MethodDelete, l.id, nil); status != http.StatusNoContent && status != http.StatusNotFound {
			l.t.Errorf("%s: DELETE gave %d: %v", what, status, answer)
		}
	}
	if list := l.c.find(http.MethodGet, collection(l.path)); list != nil {
		if status, _, answer := l.ask(http.MethodGet, l.names(collection(l.path)), nil); status != http.StatusNotFound {
			l.t.Errorf("%s: the list gave %d: %v", what, status, answer)
		}
	}
}

// missing tries a resource that is not there yet.
func (l *life) missing() {
	if l.fixed {
		return
	}
	const what = "before it is there"
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPatch} {
		l.refused(what, method, l.body, http.StatusNotFound, "ResourceNotFound")
	}
	l.refused(what, http.MethodDelete, nil, http.StatusNoContent, "")
	put := l.c.find(http.MethodPut, l.path)
	if put.conditional() {
		l.refused(what, http.MethodPut, l.body, http.StatusPreconditionFailed, "PreconditionFailed", "If-Match", `"stale"`)
	}
}

// create makes the resource with the header that Terraform and az send.
func (l *life) create() string {
	put := l.c.find(http.MethodPut, l.path)
	header, answer, _ := l.do(http.MethodPut, l.body, "If-Match", "*")
	l.created(put, answer)
	if put.conditional() && header.Get("ETag") == "" {
		l.t.Errorf("PUT: there is no ETag")
	}
	l.spelled("PUT", answer)
	l.hushed("PUT", answer)
	return header.Get("ETag")
}

// created tells that a new resource is answered by 201, by doing it once more in
// a world of its own.
func (l *life) created(put *fact, answer map[string]any) {
	l.t.Helper()
	again, _, _ := l.ask(http.MethodPut, l.id, l.body)
	want := http.StatusOK
	if !put.oneOf(want) {
		want = http.StatusCreated
	}
	if again != want {
		l.t.Errorf("PUT again gave %d, not %d", again, want)
	}
	if l.fixed || !put.oneOf(http.StatusCreated) || answer == nil {
		return
	}
	fresh := newWorld(l.t, l.version)
	fresh.surround(l.path)
	if first, _, _ := fresh.ask(http.MethodPut, l.id, l.body); first != http.StatusCreated {
		l.t.Errorf("PUT of a new one gave %d, not 201", first)
	}
}

// spelled checks id, type and name.
func (l *life) spelled(what string, answer map[string]any) {
	l.t.Helper()
	if answer == nil || strings.Contains(l.path, "recipient") {
		return
	}
	id, _ := answer["id"].(string)
	name, kind := id[strings.LastIndexByte(id, '/')+1:], answer["type"]
	if _, body, _ := l.sample(l.path); body != "" && !strings.EqualFold(id, l.id) {
		l.t.Errorf("%s: the id is %q, not %q", what, id, l.id)
	}
	if answer["name"] != name && !strings.HasPrefix(l.path, "/") {
		l.t.Errorf("%s: the name of %s is %v", what, id, answer["name"])
	}
	want := typeOf(l.path)
	if _, body, _ := l.sample(l.path); body == "" && !strings.HasSuffix(l.path, "/users/{userId}") {
		want = resource.Type(resource.ID(id)) // Links are answered as what they lead to.
		if strings.HasSuffix(l.path, "/tags/{tagId}") {
			want = typeOf("~/tags/{tagId}")
		}
	}
	if kind != want {
		l.t.Errorf("%s: the type of %s is %v, not %s", what, id, kind, want)
	}
}

// typeOf is the type of what is at a path.
func typeOf(path string) string {
	path = strings.Replace(path, "~", "/providers/Microsoft.ApiManagement/service/{serviceName}", 1)
	_, path, _ = strings.Cut(path, "/providers/")
	segments := strings.Split(path, "/")
	kind := segments[0]
	for i := 1; i < len(segments); i += 2 {
		kind += "/" + segments[i]
	}
	return kind
}

// hushed looks for secrets.
func (l *life) hushed(what string, answer any) {
	l.t.Helper()
	text := fmt.Sprint(answer)
	for _, secret := range []string{"hush-", "aHVzaC1", "11111111-2222-3333-4444-555555555555", certificate(), "primaryKey:", "secondaryKey:"} {
		if strings.Contains(text, secret) {
			l.t.Errorf("%s answers a secret: %.600s", what, text)
		}
	}
}

func (l *life) read(tag string) string {
	header, answer, ok := l.do(http.MethodGet, nil)
	if ok {
		l.spelled("GET", answer)
		l.hushed("GET", answer)
		if l.c.find(http.MethodPut, l.path).conditional() && header.Get("ETag") == "" {
			l.t.Errorf("GET: there is no ETag")
		}
		tag = header.Get("ETag")
	}
	if header, answer, has := l.do(http.MethodHead, nil); has {
		if !ok {
			tag = header.Get("ETag") // Links have no GET.
		}
		if header.Get("ETag") != tag || tag == "" && header.Get("ETag") == "" && l.c.find(http.MethodPut, l.path).conditional() {
			l.t.Errorf("HEAD: the ETag is %q, not %q", header.Get("ETag"), tag)
		}
		if answer != nil {
			l.t.Errorf("HEAD answered a body")
		}
	}
	return tag
}

// change writes with stale tags, with the right one, and without any.
func (l *life) change(tag string) string {
	for _, method := range []string{http.MethodPut, http.MethodPatch} {
		f := l.c.find(method, l.path)
		if f == nil {
			continue
		}
		if f.conditional() {
			l.refused("with a stale tag", method, l.body, http.StatusPreconditionFailed, "PreconditionFailed", "If-Match", `"AAAAAAAAAAA="`)
		}
		header, answer, _ := l.do(method, l.body, "If-Match", tag)
		if f.conditional() {
			if header.Get("ETag") == tag || header.Get("ETag") == "" {
				l.t.Errorf("%s: the ETag was %q and is %q", method, tag, header.Get("ETag"))
			}
		}
		l.hushed(method, answer)
		l.do(method, l.body)
		header, _, _ = l.do(method, l.body, "If-Match", "*")
		tag = header.Get("ETag")
	}
	return tag
}

func collection(path string) string {
	if end := strings.LastIndexByte(path, '/'); end > 0 {
		return path[:end]
	}
	return path
}

// list looks for the resource in its collection.
func (l *life) list() {
	f := l.c.find(http.MethodGet, collection(l.path))
	if f == nil || l.path == "~" {
		return
	}
	l.tally.tried[f] = true
	list := &listing{life: l, fact: f, path: l.names(f.path)}
	list.run()
}

// second makes another one beside the resource, where that can be.
func (l *life) second() bool {
	body := strings.NewReplacer(`"path":"Query/`, `"path":"Query/second`, `"displayName":"`, `"displayName":"Second `, `"path":"`, `"path":"second`,
		`"urlTemplate":"/`, `"urlTemplate":"/second`, `"email":"`, `"email":"second.`).Replace(l.body)
	status, _, _ := l.ask(http.MethodPut, l.id+"2", body)
	return status < 300
}

// actions tries what stands below the resource and is none itself.
func (l *life) actions() {
	for _, f := range l.c.facts {
		if !strings.HasPrefix(f.path, l.path+"/") || l.path == "~" || f.method != http.MethodPost || l.parent(f.path) != l.path {
			continue
		}
		l.tally.tried[f] = true
		call(l, f)
	}
}

// call sends a request as testdata/calls.txt says.
func call(l *life, f *fact) map[string]any {
	l.t.Helper()
	scope, key := scopeOf(f.path)
	c := l.calls[f.method+" "+key]
	path, body := l.names(f.path), strings.ReplaceAll(c[1], "$/", scope+"/")
	if c[0] != "" && c[0] != "-" {
		path += "?" + c[0]
	}
	body = l.names(body)
	if body == "-" {
		body = ""
	}
	status, header, answer := l.ask(f.method, path, body)
	if !f.oneOf(status) {
		l.t.Errorf("%s %s: %d is none of %v: %v", f.method, f.path, status, f.statuses, answer)
	}
	l.headers(f, status, header)
	return answer
}

// remove deletes, with a stale tag first.
func (l *life) remove(tag string) {
	f := l.c.find(http.MethodDelete, l.path)
	if f == nil {
		return
	}
	if f.conditional() {
		l.refused("with a stale tag", http.MethodDelete, nil, http.StatusPreconditionFailed, "PreconditionFailed", "If-Match", `"AAAAAAAAAAA="`)
		if header, _, ok := l.do(http.MethodGet, nil); ok {
			tag = header.Get("ETag")
		}
		l.do(http.MethodDelete, nil, "If-Match", tag)
	} else {
		l.do(http.MethodDelete, nil)
	}
	if l.fixed && l.path != "~" {
		return
	}
	l.refused("when it is gone", http.MethodDelete, nil, http.StatusNoContent, "")
	l.refused("when it is gone", http.MethodGet, nil, http.StatusNotFound, "ResourceNotFound")
	l.refused("when it is gone", http.MethodHead, nil, http.StatusNotFound, "ResourceNotFound")
}

// others tries what no life of a resource has tried: lists and calls that are
// about no resource that is made by PUT.
func others(t *testing.T, c *edition, count *tally) {
	t.Helper()
	full := newWorld(t, c.version)
	l := &life{world: full, c: c, tally: count, path: "~", id: resourcestest.Service}
	for _, f := range c.facts {
		if f.method == http.MethodPut {
			full.ensure(f.path)
		}
	}
	for _, f := range c.facts {
		if count.tried[f] || strings.Contains(f.path, "deletedservices/") {
			continue
		}
		count.tried[f] = true
		switch {
		case strings.Contains(f.path, "{operationId}") && strings.HasPrefix(f.path, "/subscriptions"):
			l.operation(f)
		case f.kind == "pager":
			list := &listing{life: l, fact: f, path: full.names(f.path), lone: true}
			list.run()
		default:
			l.hushedCall(f)
		}
	}
	l.purge()
}

func (l *life) hushedCall(f *fact) {
	l.t.Helper()
	answer := call(l, f)
	if f.method != http.MethodPost {
		l.hushed(f.method+" "+f.path, answer)
	}
}

// operation asks how a long-running operation is.
func (l *life) operation(f *fact) {
	l.t.Helper()
	_, header, _ := l.ask(http.MethodPut, resourcestest.Service+"/namedValues/running", `{"properties":{"displayName":"running","value":"x"}}`)
	link, err := url.Parse(header.Get("Azure-Asyncoperation"))
	if err != nil {
		l.t.Fatal(err)
	}
	segments := strings.Split(link.Path, "/")
	path := strings.ReplaceAll(f.path, "{operationId}", segments[len(segments)-1])
	status, _, answer := l.ask(http.MethodGet, l.names(path), nil)
	if !f.oneOf(status) || !slices.Contains([]any{"Started", "InProgress", "Succeeded"}, answer["status"]) {
		l.t.Errorf("%s: %d %v", f.path, status, answer)
	}
}

// purge deletes the service, reads it among the deleted ones, and purges it.
func (l *life) purge() {
	const path = "/subscriptions/{subscriptionId}/providers/Microsoft.ApiManagement/locations/{location}/deletedservices/{serviceName}"
	if status, _, answer := l.ask(http.MethodDelete, resourcestest.Service, nil); status != http.StatusOK && status != http.StatusAccepted {
		l.t.Fatalf("DELETE of the service: %d %v", status, answer)
	}
	deleted := strings.ReplaceAll(l.names(strings.ReplaceAll(path, "{serviceName}", "apimService1")), " ", "")
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		f := l.c.find(method, path)
		l.tally.tried[f] = true
		status, _, answer := l.ask(method, deleted, nil)
		if !f.oneOf(status) {
			l.t.Errorf("%s %s: %d %v", method, path, status, answer)
		}
		if method == http.MethodGet && resourcestest.At(answer, "properties.scheduledPurgeDate") == nil {
			l.t.Errorf("the deleted service has no scheduledPurgeDate: %v", answer)
		}
	}
	if status, _, _ := l.ask(http.MethodGet, deleted, nil); status != http.StatusNotFound {
		l.t.Errorf("the purged service is still there: %d", status)
	}
}
