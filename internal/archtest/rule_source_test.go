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

// clockFolder is where real time comes from.
const clockFolder = "internal/clock"

// socketsFolder sets deadlines of sockets, which the operating system compares
// with its own time: a test's clock would be wrong there. It may read the real
// time, and not wait for it.
const socketsFolder = "internal/gateway/listen"

// realTime are the functions of package time that read or wait for the real
// clock; outside clockFolder they make tests slow or unsteady.
var realTime = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}

// unfinished matches the words that say that something was left for later; an
// issue is the place for that.
var unfinished = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME)\b`)

// checkPackageComments wants exactly one package comment a package, that names
// it as godoc does.
func checkPackageComments(files []sourceFile) []string {
	names, holders := map[string]string{}, map[string][]string{}
	var found []string
	for _, f := range files {
		if f.Test {
			continue
		}
		names[f.Folder()] = f.File.Name.Name
		if f.File.Doc == nil {
			continue
		}
		holders[f.Folder()] = append(holders[f.Folder()], path.Base(f.Path))
		want := "Package " + f.File.Name.Name + " "
		if f.File.Name.Name == "main" {
			want = ""
		}
		if !strings.HasPrefix(f.File.Doc.Text(), want) {
			found = append(found, fmt.Sprintf("%s: the package comment begins with %q", f.Path, want))
		}
	}
	for _, folder := range slices.Sorted(maps.Keys(names)) {
		switch list := holders[folder]; len(list) {
		case 1:
		case 0:
			found = append(found, folder+": has no package comment; say in one what the package is for")
		default:
			found = append(found, fmt.Sprintf("%s: has %d package comments (%s); keep one", folder, len(list), strings.Join(list, ", ")))
		}
	}
	return found
}

// checkCode reports what production code may not do: init functions, panics,
// and real time outside the clock.
func checkCode(f sourceFile) []string {
	if f.Test || isSupport(strings.TrimPrefix(f.Folder(), "internal/")) {
		return nil
	}
	var found []string
	say := func(at token.Pos, text string) {
		found = append(found, fmt.Sprintf("%s:%d: %s", f.Path, f.Set.Position(at).Line, text))
	}
	clock := importName(f.File, "time")
	if f.Folder() == clockFolder {
		clock = ""
	}
	for _, declaration := range f.File.Decls {
		if d, ok := declaration.(*ast.FuncDecl); ok && d.Recv == nil && d.Name.Name == "init" {
			say(d.Pos(), "init(): registration is an explicit list, and set-up a constructor")
		}
	}
	ast.Inspect(f.File, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.CallExpr:
			if callee, ok := n.Fun.(*ast.Ident); ok && callee.Name == "panic" && !abortsHandler(f.File, n) {
				say(n.Pos(), "panic(): return an error, with what was being done")
			}
		case *ast.SelectorExpr:
			owner, ok := n.X.(*ast.Ident)
			deadline := f.Folder() == socketsFolder && n.Sel.Name == "Now"
			if ok && clock != "" && owner.Name == clock && slices.Contains(realTime, n.Sel.Name) && !deadline {
				say(n.Pos(), "time."+n.Sel.Name+": take an internal/clock.Clock, so that tests decide what time it is")
			}
		}
		return true
	})
	return found
}

// abortsHandler says whether a call is panic(http.ErrAbortHandler), which is how
// net/http is told to cut an answer off, and is no crash.
func abortsHandler(file *ast.File, call *ast.CallExpr) bool {
	if len(call.Args) != 1 {
		return false
	}
	selector, ok := call.Args[0].(*ast.SelectorExpr)
	if !ok || selector.Sel.Name != "ErrAbortHandler" {
		return false
	}
	owner, ok := selector.X.(*ast.Ident)
	return ok && owner.Name == importName(file, "net/http")
}

// checkComments reports comments, in tests too, that leave work for later.
func checkComments(f sourceFile) []string {
	var found []string
	for _, group := range f.File.Comments {
		for _, comment := range group.List {
			if word := unfinished.FindString(comment.Text); word != "" {
				found = append(found, fmt.Sprintf("%s:%d: %s: finish it, or open an issue and say here what holds today",
					f.Path, f.Set.Position(comment.Pos()).Line, word))
			}
		}
	}
	return found
}

// importName is the name under which the file knows the package at a path, or
// "" where it does not import it.
func importName(file *ast.File, importPath string) string {
	for _, spec := range file.Imports {
		if value, err := strconv.Unquote(spec.Path.Value); err != nil || value != importPath {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path.Base(importPath)
	}
	return ""
}
