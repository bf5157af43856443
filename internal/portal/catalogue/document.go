package catalogue

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
)

// document is what is searched of one API or product: its words in order, so that those with a prefix stand
// together. It is made once for each state of an API and shared by all indexes and views that have it.
type document struct {
	// name is the folded display name, its words with one space between them.
	name   string
	tokens []token
}

// token is one word of a document: of an operation where operation is not 0, counted from 1.
type token struct {
	text      string
	weight    uint8
	operation uint16
}

// What it is worth that a word of a query is found, by where it is found. A word that is found whole is worth
// a quarter more than one that only begins so; see weigh. No sum over the words of a query with fewer than
// three words lets a weaker place outrank a stronger one.
const (
	weightName                 = 180
	weightTag                  = 64
	weightProduct              = 40
	weightOperation            = 28
	weightDescription          = 8
	weightOperationDescription = 4
	// weightWholeName and weightNameBegins are added where the query is the name, or its beginning.
	weightWholeName, weightNameBegins = 2000, 1000
)

// weigh is the worth of a token for a term that it begins with.
func (t token) weigh(term string) uint8 {
	if len(t.text) == len(term) {
		return t.weight + t.weight/4
	}
	return t.weight
}

// apiDocument indexes an API.
func apiDocument(a *API) *document {
	d := &document{name: nameOf(a.DisplayName)}
	d.add(a.DisplayName, weightName, 0)
	d.joined(a.DisplayName)
	d.placed(a.Name, a.Place)
	d.add(a.VersionSetName, weightName-20, 0)
	d.add(a.Version, weightTag, 0)
	for _, tag := range a.Tags {
		d.add(tag, weightTag, 0)
	}
	d.add(a.Path, weightTag-4, 0)
	d.add(a.Type, weightDescription, 0)
	d.add(cut(a.Description, maxIndexed), weightDescription, 0)
	for i, o := range a.Operations {
		if i == MaxOperations || len(d.tokens) > maxTokens {
			break
		}
		d.operation(o, uint16(i+1)) //nolint:gosec // MaxOperations fits.
	}
	d.sort()
	return d
}

func (d *document) operation(o *Operation, n uint16) {
	d.add(o.DisplayName, weightOperation, n)
	d.add(o.Name, weightOperation-2, n)
	d.add(o.Template, weightOperation-2, n)
	d.add(o.Method, weightOperation-8, n)
	for _, tag := range o.Tags {
		d.add(tag, weightOperation+2, n)
	}
	d.add(cut(o.Description, maxIndexed/4), weightOperationDescription, n)
}

// productDocument indexes a product.
func productDocument(p *Product) *document {
	d := &document{name: nameOf(p.DisplayName)}
	d.add(p.DisplayName, weightName, 0)
	d.joined(p.DisplayName)
	d.placed(p.Name, p.Place)
	for _, tag := range p.Tags {
		d.add(tag, weightTag, 0)
	}
	d.add(cut(p.Description, maxIndexed), weightDescription, 0)
	d.sort()
	return d
}

// placed adds a name, and the workspace that it is of.
func (d *document) placed(qualified string, p Place) {
	_, name := client.WorkspaceOf(qualified)
	d.add(name, weightName-20, 0)
	d.add(p.WorkspaceName, weightTag, 0)
	d.add(p.Workspace, weightTag-4, 0)
}

func (d *document) add(text string, weight uint8, operation uint16) {
	words(text, func(word string) {
		if len(d.tokens) <= maxTokens {
			d.tokens = append(d.tokens, token{text: strings.Clone(word), weight: weight, operation: operation})
		}
	})
}

// joined adds a name of several words as one, for who types it without spaces.
func (d *document) joined(name string) {
	if one := strings.Join(Terms(name), ""); one != "" {
		d.tokens = append(d.tokens, token{text: cut(one, maxTerm), weight: weightName - 30})
	}
}

// nameOf is the form in which whole names are compared with whole queries.
func nameOf(name string) string { return strings.Join(Terms(name), " ") }

// sort brings the tokens in order and leaves of equal words of one place the worthiest.
func (d *document) sort() {
	slices.SortFunc(d.tokens, func(a, b token) int {
		return cmp.Or(
			cmp.Compare(a.text, b.text), cmp.Compare(a.operation, b.operation), cmp.Compare(b.weight, a.weight))
	})
	d.tokens = slices.Clip(slices.CompactFunc(d.tokens, func(a, b token) bool {
		return a.text == b.text && a.operation == b.operation
	}))
	for i := 1; i < len(d.tokens); i++ { // Equal words share their memory.
		if d.tokens[i].text == d.tokens[i-1].text {
			d.tokens[i].text = d.tokens[i-1].text
		}
	}
}

// with returns the tokens that begin with a term.
func (d *document) with(term string) []token {
	from, _ := slices.BinarySearchFunc(d.tokens, term, func(t token, term string) int { return cmp.Compare(t.text, term) })
	to := from
	for to < len(d.tokens) && strings.HasPrefix(d.tokens[to].text, term) {
		to++
	}
	return d.tokens[from:to]
}
