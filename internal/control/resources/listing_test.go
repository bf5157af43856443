package resources_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

// listing tries one list.
type listing struct {
	*life
	fact *fact
	path string
	lone bool // No resource of its own is looked for.
}

func (g *listing) has(option string) bool { return strings.Contains(g.fact.query, option) }

// required is what must be asked of reports.
func (g *listing) required() string {
	if !strings.Contains(g.path, "/reports/") {
		return ""
	}
	return "$filter=" + url.QueryEscape("timestamp ge datetime'2026-01-01T00:00:00'") + "&interval=PT15M"
}

func (g *listing) get(query string) (int, map[string]any) {
	g.t.Helper()
	all := strings.Trim(query+"&"+g.required(), "&")
	path := g.path
	if all != "" {
		path += "?" + all
	}
	status, _, answer := g.ask(http.MethodGet, path, nil)
	return status, answer
}

func items(answer map[string]any) []any {
	list, _ := answer["value"].([]any)
	return list
}

func (g *listing) run() {
	g.t.Helper()
	if !g.lone {
		g.second()
	}
	status, answer := g.get("")
	if !g.fact.oneOf(status) {
		g.t.Errorf("GET %s: %d %v", g.fact.path, status, answer)
		return
	}
	value, isList := answer["value"].([]any)
	if !isList {
		g.t.Errorf("GET %s: there is no value: %v", g.fact.path, answer)
		return
	}
	g.hushed("GET "+g.fact.path, answer)
	if count, ok := answer["count"].(float64); ok && int(count) < len(value) {
		g.t.Errorf("GET %s: the count is %v of %d", g.fact.path, count, len(value))
	}
	if !g.lone && !g.contains(value) {
		g.t.Errorf("GET %s: %s is not in it: %.600v", g.fact.path, g.id, value)
	}
	if g.has("$top") {
		g.pages(value)
	}
	if g.has("$filter") && !strings.Contains(g.path, "/reports/") {
		g.filters()
	}
}

func (g *listing) contains(value []any) bool {
	name := g.id[strings.LastIndexByte(g.id, '/')+1:]
	for _, item := range value {
		object, _ := item.(map[string]any)
		id, _ := object["id"].(string)
		if strings.HasSuffix(id, "/"+name) || object["name"] == name || strings.HasSuffix(strings.ToLower(id), "/"+strings.ToLower(name)) {
			return true
		}
	}
	return false
}

// pages follows pages of one element.
func (g *listing) pages(value []any) {
	g.t.Helper()
	var seen int
	status, answer := g.get("$top=1")
	for _, want := range value {
		if status != http.StatusOK || len(items(answer)) != 1 || answer["count"] != float64(len(value)) {
			g.t.Errorf("GET %s: page %d: %d %v", g.fact.path, seen, status, answer)
			return
		}
		if got := items(answer)[0]; fmt.Sprint(got) != fmt.Sprint(want) {
			g.t.Errorf("GET %s: page %d has %.300v, not %.300v", g.fact.path, seen, got, want)
		}
		seen++
		link, _ := answer["nextLink"].(string)
		if (link == "") != (seen == len(value)) {
			g.t.Errorf("GET %s: page %d of %d goes on at %q", g.fact.path, seen, len(value), link)
		}
		if link == "" {
			break
		}
		if !strings.HasPrefix(link, "https://management.example/") || !strings.Contains(link, "api-version="+g.version) {
			g.t.Errorf("GET %s: the nextLink is %s", g.fact.path, link)
		}
		status, _, answer = g.Do(http.MethodGet, strings.TrimPrefix(link, "https://management.example"), nil)
	}
	if seen != len(value) {
		g.t.Errorf("GET %s: %d of %d in pages", g.fact.path, seen, len(value))
	}
	if len(value) < 1 {
		return
	}
	if _, answer := g.get("$skip=1"); len(items(answer)) != len(value)-1 {
		g.t.Errorf("GET %s: $skip=1 left %d of %d", g.fact.path, len(items(answer)), len(value))
	}
}

var (
	comparisons = []string{"ge", "le", "eq", "ne", "gt", "lt"}
	searches    = []string{"substringof", "contains", "startswith", "endswith"}
)

// filters tries every documented field with everything that it may be asked, and
// what is not documented.
func (g *listing) filters() {
	g.t.Helper()
	list := strings.NewReplacer(".New", "", ".", "").Replace(strings.TrimSuffix(g.fact.name, "Pager"))
	var words []string
	for _, r := range rows(g.t, "filters.txt", 2) {
		if r[0] == list {
			words = strings.Fields(r[1])
		}
	}
	if len(words) == 0 || words[0] == "-" {
		return
	}
	g.tally.filtered[list] = true
	for _, word := range words {
		field, allowed, _ := strings.Cut(word, ":")
		g.field(field, strings.Split(allowed, ","))
	}
	status, answer := g.filter("nowhere eq 'x'")
	if status != http.StatusBadRequest || resourcestest.At(answer, "error.code") != "ValidationError" {
		g.t.Errorf("GET %s: a field that there is not gave %d %v", g.fact.path, status, answer)
	}
}

func (g *listing) filter(text string) (int, map[string]any) {
	g.t.Helper()
	return g.get("$filter=" + url.QueryEscape(text))
}

// field tries one field.
func (g *listing) field(field string, allowed []string) {
	g.t.Helper()
	may := map[string]bool{}
	for _, a := range allowed {
		for _, operator := range append(comparisons, searches...) {
			may[operator] = may[operator] || a == operator || a == "F"
		}
		may[a] = true
	}
	if field == "tags" {
		g.lambda()
	}
	value := "'x'"
	if strings.HasSuffix(field, "Date") {
		value = "datetime'2026-01-01T00:00:00'"
	} else if field == "isCurrent" {
		value = "true"
	}
	for _, spelled := range []string{field, "properties/" + field, strings.ToUpper(field[:1]) + field[1:]} {
		for _, operator := range comparisons {
			g.expect(spelled+" "+operator+" "+value, may[operator])
		}
		for _, function := range searches {
			text := function + "(" + spelled + ", 'x')"
			if function == "substringof" {
				text = "substringof('x', " + spelled + ")"
			}
			g.expect(text, may[function])
		}
	}
}

func (g *listing) lambda() {
	g.t.Helper()
	g.expect("tags/any(t: t eq 'red')", true)
	g.expect("tags/all(t: t eq 'red')", true)
}

func (g *listing) expect(text string, allowed bool) {
	g.t.Helper()
	g.tally.filters++
	want := http.StatusOK
	if !allowed {
		want = http.StatusBadRequest
	}
	if status, answer := g.filter(text); status != want {
		g.t.Errorf("GET %s: $filter=%s gave %d, not %d: %v", g.fact.path, text, status, want, answer)
	}
}
