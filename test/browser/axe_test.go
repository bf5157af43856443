package browser

import (
	"encoding/json"
	"fmt"
	"strings"
)

// violation is what axe-core says of a page.
type violation struct {
	ID     string `json:"id"`
	Impact string `json:"impact"`
	Help   string `json:"help"`
	Nodes  []struct {
		HTML    string `json:"html"`
		Target  []any  `json:"target"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

// axeRules are those of WCAG 2.2 at the levels A and AA.
const axeRules = `{runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}, resultTypes: ["violations"]}`

// violations are what axe-core finds on the page that is open. The script comes
// from the browser's side, so the page's content security policy stays as it is.
func (t *tab) violations(axe string) []violation {
	t.tb.Helper()
	_ = evaluate[bool](t, axe+"; true")
	text := evaluate[string](t, `axe.run(document, `+axeRules+`).then(found => JSON.stringify(found.violations))`)
	var found []violation
	t.must(json.Unmarshal([]byte(text), &found), "reading what the checker found")
	return found
}

// describe says what was found, and where.
func describe(found []violation) string {
	var b strings.Builder
	for _, v := range found {
		fmt.Fprintf(&b, "%s (%s): %s\n", v.ID, v.Impact, v.Help)
		for _, n := range v.Nodes[:min(len(v.Nodes), 3)] {
			fmt.Fprintf(&b, "    %v\n    %s\n    %s\n", n.Target, n.HTML, strings.ReplaceAll(n.Summary, "\n", "\n      "))
		}
	}
	return b.String()
}
