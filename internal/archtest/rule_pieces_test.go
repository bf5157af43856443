package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// fileSet answers whether a path, relative to the root, is in the tree.
type fileSet map[string]bool

// setOf makes the fileSet of a list of paths.
func setOf(paths []string) fileSet {
	set := fileSet{}
	for _, p := range paths {
		set[p] = true
	}
	return set
}

// declaredPolicy is one Spec of package policies: its name and where it stands.
type declaredPolicy struct {
	Name  string // as in documents: set-header
	File  string // the file of the Spec
	Ident string // the function or variable that holds it, which all.go names
}

// declaredPolicies finds the policies of a folder: each composite literal of a
// type called Spec with a constant Name.
func declaredPolicies(files []sourceFile) []declaredPolicy {
	var list []declaredPolicy
	for _, f := range files {
		if f.Test || f.Folder() != policiesFolder {
			continue
		}
		for _, declaration := range f.File.Decls {
			for ident, node := range declaredIn(declaration) {
				for _, name := range specNames(node) {
					list = append(list, declaredPolicy{Name: name, File: f.Path, Ident: ident})
				}
			}
		}
	}
	slices.SortFunc(list, func(a, b declaredPolicy) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// declaredIn names the functions and variables of a declaration.
func declaredIn(declaration ast.Decl) map[string]ast.Node {
	named := map[string]ast.Node{}
	switch d := declaration.(type) {
	case *ast.FuncDecl:
		named[d.Name.Name] = d
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if v, ok := spec.(*ast.ValueSpec); ok && d.Tok == token.VAR {
				named[v.Names[0].Name] = v
			}
		}
	}
	return named
}

// specNames are the Name fields of the Spec literals below a node.
func specNames(node ast.Node) []string {
	var names []string
	ast.Inspect(node, func(n ast.Node) bool {
		literal, ok := n.(*ast.CompositeLit)
		if !ok || typeName(literal.Type) != "Spec" {
			return true
		}
		for _, element := range literal.Elts {
			pair, ok := element.(*ast.KeyValueExpr)
			if !ok || typeName(pair.Key) != "Name" {
				continue
			}
			if value, ok := pair.Value.(*ast.BasicLit); ok {
				if name, err := strconv.Unquote(value.Value); err == nil {
					names = append(names, name)
				}
			}
		}
		return true
	})
	return names
}

// typeName is the last part of a type's or identifier's name.
func typeName(expression ast.Expr) string {
	switch e := expression.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// checkPolicies wants of each policy: a file under its own name, a line in
// all.go, a test or a golden file, and its generated page.
func checkPolicies(files []sourceFile, tree fileSet) []string {
	listed := map[string]bool{}
	for _, f := range files {
		if f.Path == policiesFolder+"/all.go" {
			ast.Inspect(f.File, func(n ast.Node) bool {
				if ident, ok := n.(*ast.Ident); ok {
					listed[ident.Name] = true
				}
				return true
			})
		}
	}
	var found []string
	for _, p := range declaredPolicies(files) {
		base := strings.ReplaceAll(p.Name, "-", "_")
		if want := policiesFolder + "/" + base + ".go"; p.File != want {
			found = append(found, fmt.Sprintf("policy %s: its Spec stands in %s; its file is %s", p.Name, p.File, want))
		}
		if !listed[p.Ident] {
			found = append(found, fmt.Sprintf("policy %s: %s is not in %s/all.go, the only list", p.Name, p.Ident, policiesFolder))
		}
		tests := []string{base + "_test.go", "testdata/" + p.Name + ".txtar", "testdata/" + base + ".txtar"}
		if !slices.ContainsFunc(tests, func(name string) bool { return tree[policiesFolder+"/"+name] }) {
			found = append(found, fmt.Sprintf("policy %s: has neither %s nor a golden file %s in %s", p.Name, tests[0], tests[1], policiesFolder))
		}
		if page := "docs/policies/" + p.Name + ".md"; !tree[page] {
			found = append(found, fmt.Sprintf("policy %s: has no page %s; run: make docs", p.Name, page))
		}
	}
	return found
}

// testFunction is one Test, Fuzz or Benchmark function.
type testFunction struct {
	Name   string
	Folder string
}

// testFunctions lists the functions of the test files whose name begins with a
// prefix.
func testFunctions(files []sourceFile, prefix string) []testFunction {
	var list []testFunction
	for _, f := range files {
		if !f.Test {
			continue
		}
		for _, declaration := range f.File.Decls {
			if d, ok := declaration.(*ast.FuncDecl); ok && d.Recv == nil && strings.HasPrefix(d.Name.Name, prefix) {
				list = append(list, testFunction{d.Name.Name, f.Folder()})
			}
		}
	}
	return list
}

// checkCorpora wants a committed corpus for each fuzz target, which `go test`
// then runs each time.
func checkCorpora(files []sourceFile, tree fileSet) []string {
	folders := map[string]bool{}
	for name := range tree {
		folders[path.Dir(name)] = true
	}
	var found []string
	for _, f := range testFunctions(files, "Fuzz") {
		if corpus := f.Folder + "/testdata/fuzz/" + f.Name; !folders[corpus] {
			found = append(found, fmt.Sprintf("%s: the fuzz target %s has no corpus in %s", f.Folder, f.Name, corpus))
		}
	}
	return found
}

// guarantee is one row of docs/guarantees.md.
type guarantee struct {
	ID       string
	Tests    []string
	Controls []string
}

var (
	codeSpan    = regexp.MustCompile("`([^`]+)`")
	promiseID   = regexp.MustCompile(`^[RS][0-9]+$`)
	promiseTest = regexp.MustCompile(`^Test([RS][0-9]+)(_|$)`)
)

// parseGuarantees reads the rows of the tables whose first cell is a promise's
// id: | id | promise | test | negative control |.
func parseGuarantees(text string) []guarantee {
	var rows []guarantee
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) < 4 || !promiseID.MatchString(strings.TrimSpace(cells[0])) {
			continue
		}
		rows = append(rows, guarantee{
			ID:       strings.TrimSpace(cells[0]),
			Tests:    testNames(cells[len(cells)-2]),
			Controls: testNames(cells[len(cells)-1]),
		})
	}
	return rows
}

// testNames are the code spans of a cell, without what follows a slash: a
// subtest.
func testNames(cell string) []string {
	list := codeSpans(cell)
	for i, name := range list {
		list[i], _, _ = strings.Cut(name, "/")
	}
	return list
}

// codeSpans are the code spans of a piece of Markdown.
func codeSpans(text string) []string {
	var list []string
	for _, match := range codeSpan.FindAllStringSubmatch(text, -1) {
		list = append(list, match[1])
	}
	return list
}

// checkGuarantees compares the table with the tests, both ways: a row's tests
// exist and carry its id, its control ends in _NegativeControl, and each test
// that carries an id is in the table.
func checkGuarantees(rows []guarantee, tests []testFunction) []string {
	exists, named := map[string]bool{}, map[string]bool{}
	for _, test := range tests {
		exists[test.Name] = true
	}
	var found []string
	for _, row := range rows {
		if len(row.Tests) == 0 || len(row.Controls) == 0 {
			found = append(found, fmt.Sprintf("%s: the row names no test or no negative control", row.ID))
		}
		for _, name := range slices.Concat(row.Tests, row.Controls) {
			named[name] = true
			if match := promiseTest.FindStringSubmatch(name); len(match) < 2 || match[1] != row.ID {
				found = append(found, fmt.Sprintf("%s: %s does not carry the row's id: Test%s_...", row.ID, name, row.ID))
			} else if !exists[name] {
				found = append(found, fmt.Sprintf("%s: there is no test %s", row.ID, name))
			}
		}
		for _, name := range row.Controls {
			if !strings.HasSuffix(name, "_NegativeControl") {
				found = append(found, fmt.Sprintf("%s: the negative control %s does not end in _NegativeControl", row.ID, name))
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(exists)) {
		if promiseTest.MatchString(name) && !named[name] {
			found = append(found, name+": proves a promise that docs/guarantees.md does not list")
		}
	}
	return found
}
