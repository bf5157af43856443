// Package transfer holds what moves configuration in and out of Sallyport: a
// Configuration, read from and written to folders by transfer/apiops, and an
// Import, which transfer/description reads of a document that describes an API
// and transfer/export writes back. A package below it knows one format.
package transfer

import (
	"cmp"
	"slices"

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/model/site"
	"github.com/sallyport/sallyport/internal/problem"
)

// Configuration is all resources of a service and where they came from.
type Configuration struct {
	// Resources are sorted by the keys of their ids.
	Resources []model.Resource
	// Sources say where resources were read.
	Sources map[model.Key]Source
	// Specifications are those of APIs as they were read, by the API's id.
	// Operations and schemas are already among the resources.
	Specifications map[model.Key]Specification
	// ValueSources say which properties of resources were not in the resource's
	// own file but in the environment or in another file, by the path of the
	// property.
	ValueSources map[model.Key]map[string]ValueSource
	// Portal is the content of the developer portal; nil says nothing of it.
	Portal *site.Folder
	// Kept are files, by their paths, of what is not served yet: policies of
	// the operations of SOAP, GraphQL and WADL specifications.
	Kept map[string][]byte
}

// Source is the file that a resource was read from, and where in the file it begins.
// Line and Column are 0 where the file as a whole is the resource.
type Source struct {
	File         string
	Line, Column int
}

// Specification is an API's specification as it was read.
type Specification struct {
	Format SpecificationFormat
	// File is the name of the file without its folder: "specification.yaml".
	File string
	Data []byte
}

// SpecificationFormat says what a specification is written in.
type SpecificationFormat string

// The formats of specifications. FormatOpenAPI includes Swagger 2, and is JSON
// or YAML; operations come from it. The others are kept as they are.
const (
	FormatOpenAPI SpecificationFormat = "openapi"
	FormatGraphQL SpecificationFormat = "graphql"
	FormatWSDL    SpecificationFormat = "wsdl"
	FormatWADL    SpecificationFormat = "wadl"
)

// ValueSource names where a property's value is: in an environment variable or
// in a file. Exactly one of the two is set.
type ValueSource struct {
	Env  string `json:"env,omitempty"`
	File string `json:"file,omitempty"`
}

// New returns an empty configuration whose maps are made.
func New() *Configuration {
	return &Configuration{
		Sources:        map[model.Key]Source{},
		Specifications: map[model.Key]Specification{},
		ValueSources:   map[model.Key]map[string]ValueSource{},
		Kept:           map[string][]byte{},
	}
}

// Sort puts the resources in the order of their keys.
func (c *Configuration) Sort() {
	slices.SortStableFunc(c.Resources, func(a, b model.Resource) int {
		return cmp.Compare(a.ResourceID().Key(), b.ResourceID().Key())
	})
}

// Find returns the resource of an id. The resources must be sorted.
func (c *Configuration) Find(id model.ID) (model.Resource, bool) {
	i, ok := slices.BinarySearchFunc(c.Resources, id.Key(), func(r model.Resource, k model.Key) int {
		return cmp.Compare(r.ResourceID().Key(), k)
	})
	if !ok {
		return nil, false
	}
	return c.Resources[i], true
}

// Locate adds to each problem that names a resource and no file the file that
// the resource was read from; where the problem has no line, also where the
// resource begins. It changes and returns problems.
func (c *Configuration) Locate(problems problem.Problems) problem.Problems {
	for i := range problems {
		p := &problems[i]
		if p.File != "" {
			continue
		}
		source, ok := c.Sources[model.ID(p.Resource).Key()]
		if !ok {
			continue
		}
		p.File = source.File
		if p.Line == 0 {
			p.Line, p.Column = source.Line, source.Column
		}
	}
	return problems
}
