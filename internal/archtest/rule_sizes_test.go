package archtest

import (
	"fmt"
	"go/ast"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// The limits of the ratchet, in production code. Codebases that stay readable
// for ten years stay inside these numbers without trying; those that did not
// now have rules against growth.
const (
	maxFileLines        = 500
	maxFunctionLines    = 60
	maxPackageLines     = 4000
	maxPackageFiles     = 40
	maxStructFields     = 25
	maxInterfaceMethods = 8
	// maxCommandLines is for a file of cmd/sallyport: wiring, nothing else.
	maxCommandLines = 200
)

// policiesFolder holds one file a policy, so its files and their sum grow with
// the number of policies; each file keeps the limit of a file.
const policiesFolder = "internal/policies"

// commandFolder is the binary.
const commandFolder = "cmd/sallyport"

// size is one thing measured. Kind and Name are its key in testdata/ratchet.txt.
type size struct {
	Kind  string // file, function, package-lines, package-files, struct, interface
	Name  string // what is measured: PATH, PATH:NAME or FOLDER
	Value int
	Limit int
}

func (s size) key() string { return s.Kind + " " + s.Name }

// measure takes the sizes of every production file, function, type and package.
func measure(files []sourceFile) []size {
	var sizes []size
	lines, count := map[string]int{}, map[string]int{}
	for _, f := range files {
		if f.Test || ast.IsGenerated(f.File) {
			continue
		}
		limit := maxFileLines
		if f.Folder() == commandFolder {
			limit = maxCommandLines
		}
		sizes = append(sizes, size{"file", f.Path, f.Lines, limit})
		sizes = append(sizes, measureDeclarations(f)...)
		lines[f.Folder()] += f.Lines
		count[f.Folder()]++
	}
	for _, folder := range slices.Sorted(maps.Keys(lines)) {
		if folder == policiesFolder {
			continue
		}
		sizes = append(sizes,
			size{"package-lines", folder, lines[folder], maxPackageLines},
			size{"package-files", folder, count[folder], maxPackageFiles})
	}
	return sizes
}

// measureDeclarations takes the sizes of the functions and types of a file. A
// function's size is the number of lines between its braces.
func measureDeclarations(f sourceFile) []size {
	var sizes []size
	for _, declaration := range f.File.Decls {
		switch d := declaration.(type) {
		case *ast.FuncDecl:
			if d.Body == nil {
				continue
			}
			between := f.Set.Position(d.Body.Rbrace).Line - f.Set.Position(d.Body.Lbrace).Line - 1
			sizes = append(sizes, size{"function", f.Path + ":" + functionName(d), max(between, 0), maxFunctionLines})
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if t, ok := spec.(*ast.TypeSpec); ok {
					sizes = append(sizes, measureType(f.Path, t)...)
				}
			}
		}
	}
	return sizes
}

func measureType(path string, t *ast.TypeSpec) []size {
	switch definition := t.Type.(type) {
	case *ast.StructType:
		return []size{{"struct", path + ":" + t.Name.Name, countNames(definition.Fields), maxStructFields}}
	case *ast.InterfaceType:
		return []size{{"interface", path + ":" + t.Name.Name, countNames(definition.Methods), maxInterfaceMethods}}
	}
	return nil
}

// countNames counts fields or methods; an embedded one counts as one.
func countNames(list *ast.FieldList) int {
	total := 0
	for _, field := range list.List {
		total += max(len(field.Names), 1)
	}
	return total
}

// functionName is Name or Receiver.Name.
func functionName(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return d.Name.Name
	}
	receiver := d.Recv.List[0].Type
	for {
		switch r := receiver.(type) {
		case *ast.StarExpr:
			receiver = r.X
		case *ast.IndexExpr:
			receiver = r.X
		case *ast.IndexListExpr:
			receiver = r.X
		case *ast.Ident:
			return r.Name + "." + d.Name.Name
		default:
			return d.Name.Name
		}
	}
}

// allowance is one line of testdata/ratchet.txt: what may be past its limit,
// up to which size.
type allowance struct {
	Key   string
	Value int
}

// parseRatchet reads the allow-list: "KIND NAME VALUE # reason" a line.
func parseRatchet(text string) ([]allowance, error) {
	var list []allowance
	for number, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		entry, reason, _ := strings.Cut(line, "#")
		fields := strings.Fields(entry)
		if len(fields) != 3 || strings.TrimSpace(reason) == "" {
			return nil, fmt.Errorf("line %d: want KIND NAME VALUE # reason, have %q", number+1, line)
		}
		value, err := strconv.Atoi(fields[2])
		if err != nil {
			return nil, fmt.Errorf("line %d: the size: %w", number+1, err)
		}
		list = append(list, allowance{fields[0] + " " + fields[1], value})
	}
	return list, nil
}

// checkSizes compares what was measured with the limits and the allow-list,
// which may only shrink: an entry that reality no longer needs, or is larger
// than reality, is an error as well.
func checkSizes(sizes []size, allowed []allowance) []string {
	var found []string
	entries := map[string]int{}
	for _, a := range allowed {
		entries[a.Key] = a.Value
	}
	seen := map[string]bool{}
	for _, s := range sizes {
		entry, listed := entries[s.key()]
		seen[s.key()] = true
		switch {
		case listed && s.Value <= s.Limit:
			found = append(found, fmt.Sprintf("%s: %d is within the limit of %d now: remove the line from ratchet.txt", s.key(), s.Value, s.Limit))
		case listed && s.Value < entry:
			found = append(found, fmt.Sprintf("%s: %d now: lower the %d in ratchet.txt to it", s.key(), s.Value, entry))
		case listed && s.Value > entry:
			found = append(found, fmt.Sprintf("%s: %d, and ratchet.txt allows %d: make it smaller", s.key(), s.Value, entry))
		case !listed && s.Value > s.Limit:
			found = append(found, fmt.Sprintf("%s: %d, the limit is %d: split it by subject", s.key(), s.Value, s.Limit))
		}
	}
	for _, a := range allowed {
		if !seen[a.Key] {
			found = append(found, a.Key+": there is no such thing any more: remove the line from ratchet.txt")
		}
	}
	return found
}
