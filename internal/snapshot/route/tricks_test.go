package route

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// What a gateway does with a path: whether it forwards it, to which API and
// operation, and what the backend of that API then receives.
type decision struct {
	forwarded      bool
	api, operation int32
	path           string // as the backend receives it, behind its base address
}

var trickAPIs = []struct {
	api        API
	operations []string
}{
	{API{Name: "root", Revision: "1", Current: true}, []string{"/", "/{page}", "/public/*", "/admin/{x}"}},
	{API{Name: "shop", Path: "shop", Revision: "1", Current: true}, []string{
		"/items", "/items/{id}", "/items/new", "/items/{id}/parts", "/items/{id}/parts/{part}", "/items/{id}:cancel",
		"/admin/{x}", "/admin/keys", "/admin/keys/{x}", "/files/{*rest}", "/files/secret", "/{a}.json", "/x+y", "/{page}",
	}},
	{API{Name: "shop;2", Path: "shop", Revision: "2"}, []string{"/items", "/secret", "/{page}"}},
	{API{Name: "admin", Path: "shop/admin/area", Revision: "1", Current: true}, []string{"/{x}", "/users", "/*"}},
}

// server is a way in which a backend reads a path.
type server struct {
	name                             string
	cutParameters, backslash, false8 bool
}

var servers = []server{
	{name: "decodes, then resolves"},
	{name: "cuts path parameters", cutParameters: true},
	{name: "takes backslashes for slashes", backslash: true},
	{name: "accepts overlong UTF-8", false8: true},
	{name: "does all of that", cutParameters: true, backslash: true, false8: true},
}

// read returns the path as the server understands it, in canonical form, and
// whether it stays below the server's root.
func (s server) read(path string) (canonical string, inside bool) {
	parts := strings.Split(path, "/")
	for i := range parts {
		if s.cutParameters {
			parts[i], _, _ = strings.Cut(parts[i], ";")
		}
		parts[i] = decodeOnce(parts[i])
	}
	text := strings.Join(parts, "/")
	if s.false8 {
		text = strings.NewReplacer("\xc0\xaf", "/", "\xc0\xae", ".", "\xe0\x80\xaf", "/").Replace(text)
	}
	if s.backslash {
		text = strings.ReplaceAll(text, `\`, "/")
	}
	var out []string
	inside = true
	for p := range strings.SplitSeq(text, "/") {
		switch p {
		case "", ".":
		case "..":
			if len(out) == 0 {
				inside = false
				continue
			}
			out = out[:len(out)-1]
		default:
			out = append(out, url.PathEscape(p))
		}
	}
	canonical, err := Normalize("/" + strings.Join(out, "/"))
	if err != nil {
		return "", inside
	}
	return strings.ReplaceAll(canonical, "%2B", "+"), inside
}

func decodeOnce(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if v, ok := unhex(s, i+1); ok && s[i] == '%' {
			b.WriteByte(v)
			i += 2
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// tricks returns paths that mean different things to different readers.
func tricks() []string {
	bases := []string{
		"/shop/items/new", "/shop/items/1/parts", "/shop/admin/keys", "/shop/files/secret", "/shop/x+y", "/shop/items/1:cancel",
		"/shop/admin/area/users", "/shop;rev=2/secret", "/shop;rev=2/items", "/public/a/b", "/admin/x",
	}
	inserts := []string{
		"%2e%2e/", "%2E%2e/", "../", "..;/", "..;x=1/", "..%3b/", "..%2f", "%2e%2e%2f", "%2e%2e%5c", `..\`, "./", "%2e/", ".;x/", ".%2f",
		"%2f", "%2F", "%5c", "%5C", `\`, "/", "//", ";", ";x=1", ";/", ";x/", "%3b", "%3Bx", ";rev=1", ";rev=2", ";rev=", "%00", "%0d%0a", "%09",
		"%c0%af", "%c0%ae%c0%ae/", "%e0%80%af", "%c0%2f", "%ef%bc%8f", "%252e%252e%252f", "%252f", "%25", "%", "%2", "%u002f", "%20", ".", "..", "...", "+", "%2b", "%3a", ":", "é", "%e9",
	}
	seen := map[string]bool{}
	var out []string
	add := func(p string) {
		if !seen[p] {
			seen[p] = true
			out = append(out, p)
		}
	}
	for _, base := range bases {
		for at := 1; at <= len(base); at++ {
			edge := at == len(base) || base[at] == '/' || base[at-1] == '/'
			for _, s := range inserts {
				if edge {
					add(base[:at] + s + base[at:])
				}
			}
			add(base[:at-1] + fmt.Sprintf("%%%02x", base[at-1]) + base[at:])
			add(base[:at-1] + fmt.Sprintf("%%%02X", base[at-1]) + base[at:])
			add(base[:at-1] + strings.ToUpper(base[at-1:at]) + base[at:])
		}
	}
	return out
}

// misread counts the tricks after which a backend takes a forwarded path for
// another operation than the one that was matched, or leaves its root.
func misread(t *testing.T, report bool, decide func(raw string) decision) (tried, forwarded, wrong int) {
	t.Helper()
	operations := make([][]slowOperation, len(trickAPIs))
	for i, a := range trickAPIs {
		for k, template := range a.operations {
			operations[i] = append(operations[i], newSlow("GET", template, k))
		}
	}
	for _, raw := range tricks() {
		tried++
		d := decide(raw)
		if !d.forwarded {
			continue
		}
		forwarded++
		for _, s := range servers {
			canonical, inside := s.read(d.path)
			found := slowMatch(operations[d.api], "GET", canonical, "")
			if inside && (canonical == "" || found == nil || found.index == int(d.operation)) {
				continue
			}
			wrong++
			if report {
				t.Errorf("%s is forwarded to %s as %s for operation %s; a server that %s reads %s", raw, trickAPIs[d.api].api.Name,
					d.path, trickAPIs[d.api].operations[d.operation], s.name, canonical)
			}
			break
		}
	}
	return tried, forwarded, wrong
}

func trickTable(t *testing.T) *Table {
	t.Helper()
	var apis []API
	operations := map[string][]string{}
	for _, a := range trickAPIs {
		apis = append(apis, a.api)
		for _, template := range a.operations {
			operations[a.api.Name] = append(operations[a.api.Name], "GET "+template)
		}
	}
	return mustTable(t, apis, operations)
}

func TestS7_PathTricks(t *testing.T) {
	table := trickTable(t)
	tried, forwarded, wrong := misread(t, true, func(raw string) decision {
		path, err := Normalize(raw)
		if err != nil {
			return decision{}
		}
		if again, err := Normalize(path); err != nil || again != path {
			t.Errorf("%s becomes %s, and that %s (%v)", raw, path, again, err)
		}
		var m Match
		if !table.Match(&Query{Path: path, Method: "GET"}, &m) {
			return decision{}
		}
		return decision{true, m.API, m.Operation, path[m.PrefixLen:]}
	})
	if tried < 500 || forwarded < tried/10 || forwarded > tried*9/10 {
		t.Errorf("%d tricks, %d of them forwarded: not a test", tried, forwarded)
	}
	t.Logf("S7: %d tricks, %d forwarded, %d read as another operation (0)", tried, forwarded, wrong)
}

// The negative controls take away one half of the discipline each.
func TestS7_PathTricks_NegativeControl(t *testing.T) {
	table := trickTable(t)
	controls := []struct {
		name   string
		decide func(raw string) decision
	}{
		{"match the decoded path, forward the raw one", func(raw string) decision {
			path, err := Normalize(strings.ReplaceAll(raw, `\`, "%5C"))
			if err != nil {
				path = url.PathEscape(decodeOnce(raw))
				path = "/" + strings.Trim(strings.ReplaceAll(path, "%2F", "/"), "/")
			}
			var m Match
			if !table.Match(&Query{Path: path, Method: "GET"}, &m) {
				return decision{}
			}
			return decision{true, m.API, m.Operation, raw[min(m.PrefixLen, len(raw)):]}
		}},
		{"match one of two readings", func(raw string) decision {
			path, err := Normalize(raw)
			if err != nil {
				return decision{}
			}
			var m Match
			s := search{method: "GET", path: m.fold(path), spans: m.spans[:]}
			if table.find(&Query{Path: path}, &s) != Matched {
				return decision{}
			}
			return decision{true, s.api, s.leaf.operation, path[s.prefixLen:]}
		}},
	}
	for _, c := range controls {
		t.Run(c.name, func(t *testing.T) {
			tried, forwarded, wrong := misread(t, false, c.decide)
			if wrong == 0 {
				t.Errorf("%d tricks, %d forwarded, and no server misreads one: the test finds nothing", tried, forwarded)
			}
			t.Logf("S7 without it: %d tricks, %d forwarded, %d read as another operation", tried, forwarded, wrong)
		})
	}
}
