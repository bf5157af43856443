package odata

import (
	"slices"
	"strings"
)

// Fields says what a list can be filtered by.
type Fields []Field

// Field is something that a list can be filtered by.
type Field struct {
	// Name is the name in a filter, for example "displayName". It is matched without
	// regard to case, with "properties/" in front of it or without.
	Name string
	// Paths are the places of the value in an entity, for example
	// "properties.displayName"; the first that is there counts.
	Paths []string
	// Operators are those of eq, ne, gt, lt, ge, le that are allowed.
	Operators []string
	// Functions are those of substringof, contains, startswith, endswith that are
	// allowed.
	Functions []string
	// Lambdas says that the value is a list that any and all may be asked of.
	Lambdas bool
	// Identifier says that the value is a resource id: it is equal to a relative id
	// and to a name that it ends with.
	Identifier bool
}

// find returns the field that a path in a filter names.
func (f Fields) find(path string) *Field {
	lower := strings.ToLower(path)
	lower = strings.TrimPrefix(lower, "properties/")
	for i := range f {
		if strings.EqualFold(f[i].Name, lower) {
			return &f[i]
		}
	}
	return nil
}

// names lists what is allowed, for errors.
func (f Fields) names() string {
	names := make([]string, 0, len(f))
	for i := range f {
		names = append(names, f[i].Name)
	}
	return strings.Join(names, ", ")
}

var (
	operators = []string{"eq", "ne", "gt", "lt", "ge", "le"}
	functions = []string{"substringof", "contains", "startswith", "endswith"}
)

// Of returns the fields of the list operation that the Go SDK calls by this name,
// its client and its method without "New" and "Pager", for example
// "APIClientListByService". It returns nil for a list that has no filter, and
// empty fields for one that documents the filter as "not used".
func Of(list string) Fields {
	spec, ok := lists[list]
	if !ok {
		return nil
	}
	words := strings.Fields(spec)
	fields := make(Fields, 0, len(words))
	for _, word := range words {
		fields = append(fields, field(word))
	}
	return fields
}

// field reads one word of the table of lists: a name, and behind a colon what is
// allowed where that is not everything. "order" is all operators, "text" is all
// functions, "lambda" is any and all beside everything.
func field(word string) Field {
	name, allowed, limited := strings.Cut(word, ":")
	f := Field{Name: name, Paths: paths(name), Identifier: identifiers[name]}
	if !limited || allowed == "lambda" {
		f.Operators, f.Functions, f.Lambdas = operators, functions, limited
		return f
	}
	for a := range strings.SplitSeq(allowed, ",") {
		switch {
		case a == "order":
			f.Operators = operators
		case a == "text":
			f.Functions = functions
		case slices.Contains(operators, a):
			f.Operators = append(f.Operators, a)
		default:
			f.Functions = append(f.Functions, a)
		}
	}
	return f
}

// identifiers are the fields whose values are resource ids.
var identifiers = map[string]bool{
	"apiId": true, "aid": true, "groupId": true, "operationId": true, "ownerId": true,
	"productId": true, "resourceId": true, "scope": true, "subscriptionId": true, "userId": true,
}

// elsewhere are the fields that are not at properties.name or name of an entity.
// Lists by tag hold {"tag":…, "api":…, "operation":…, "product":…}.
var elsewhere = map[string][]string{
	"name":      {"name", "api.name", "operation.name", "product.name"},
	"aid":       {"api.id", "id"},
	"apiName":   {"operation.apiName", "properties.apiName"},
	"productId": {"properties.productId", "productId", "properties.scope"},
	"userId":    {"properties.userId", "userId", "properties.ownerId"},
}

// paths returns where the value of a field may be.
func paths(name string) []string {
	if p, ok := elsewhere[name]; ok {
		return p
	}
	under := name
	if name == "displayName" {
		under = "name" // What is listed by tag has its display name as "name".
	}
	return []string{
		"properties." + name, name,
		"api." + under, "operation." + under, "product." + under,
	}
}
