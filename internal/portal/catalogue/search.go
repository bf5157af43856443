package catalogue

import (
	"cmp"
	"slices"
	"strings"
)

// Results are a page of what a search found.
type Results struct {
	// Terms are the words that were looked for; none where the query had none, and then nothing is found.
	Terms []string
	// Hits are the APIs of the page, best first; Total counts those of all pages.
	Hits  []Hit
	Total int
	// Page and Size are the page as it was taken: Size is at most MaxPage.
	Page, Size int
	// Products are the products that were found, best first, at most MaxPage.
	Products []*Product
}

// Hit is an API that was found.
type Hit struct {
	API *API
	// Operations are those that were found, best first, at most MaxHitOperations; Found counts all of them.
	Operations []*Operation
	Found      int
}

// query is a search that is under way.
type query struct {
	terms []string
	name  string
	// products is what each product that was found is worth, for each term.
	products map[*Product]worth
	// operations is what each operation of the API at hand is worth, for each term; touched lists those that are.
	operations []worth
	touched    []uint16
}

// worth is what one place is worth for each term of a query; 0 where it does not have the term.
type worth [MaxTerms]uint8

// Search finds what of the view has all words of a query, each as the beginning of a word: APIs by their
// names, tags, products, operations and descriptions, in this order of worth; products by theirs. An API is
// found too where one of its operations has the words that the API itself has not.
func (v *View) Search(text string, page, size int) Results {
	size = min(max(size, 1), MaxPage)
	res := Results{Terms: Terms(text), Page: max(page, 0), Size: size}
	if len(res.Terms) == 0 {
		return res
	}
	q := newQuery(res.Terms)
	res.Products = q.findProducts(v.products)
	found := q.findAPIs(v.apis)
	res.Total = len(found)
	first := min(res.Page, res.Total/size+1) * size
	for _, f := range found[min(first, res.Total):min(first+size, res.Total)] {
		res.Hits = append(res.Hits, q.hit(f.api))
	}
	return res
}

// Find returns all APIs that Search finds, best first; all of the view where the text has no words.
func (v *View) Find(text string) []*API {
	terms := Terms(text)
	if len(terms) == 0 {
		return v.apis
	}
	q := newQuery(terms)
	q.findProducts(v.products)
	found := q.findAPIs(v.apis)
	apis := make([]*API, len(found))
	for i, f := range found {
		apis[i] = f.api
	}
	return apis
}

func newQuery(terms []string) *query {
	return &query{terms: terms, name: strings.Join(terms, " "), products: make(map[*Product]worth)}
}

type scored struct {
	api   *API
	score int
}

func (q *query) findAPIs(apis []*API) []scored {
	var found []scored
	for _, a := range apis {
		if score := q.score(a); score > 0 {
			found = append(found, scored{a, score})
		}
	}
	slices.SortStableFunc(found, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	return found
}

func (q *query) findProducts(products []*Product) []*Product {
	type scored struct {
		product *Product
		score   int
	}
	var found []scored
	for _, p := range products {
		var w worth
		for i, term := range q.terms {
			for _, t := range p.doc.with(term) {
				w[i] = max(w[i], t.weigh(term))
			}
		}
		if w != (worth{}) {
			q.products[p] = w
		}
		if score := q.sum(w, worth{}); score > 0 {
			found = append(found, scored{p, score + q.named(p.doc)})
		}
	}
	slices.SortStableFunc(found, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	list := make([]*Product, 0, min(len(found), MaxPage))
	for _, f := range found[:min(len(found), MaxPage)] {
		list = append(list, f.product)
	}
	return list
}

// look finds the terms in an API: its own worth is returned, that of its operations is in q.operations.
func (q *query) look(a *API) (own worth) {
	for _, n := range q.touched {
		q.operations[n] = worth{}
	}
	q.touched = q.touched[:0]
	if len(q.operations) <= len(a.Operations) {
		q.operations = make([]worth, len(a.Operations)+1)
	}
	for i, term := range q.terms {
		for _, t := range a.doc.with(term) {
			w := t.weigh(term)
			if t.operation == 0 {
				own[i] = max(own[i], w)
				continue
			}
			o := &q.operations[t.operation]
			if *o == (worth{}) {
				q.touched = append(q.touched, t.operation)
			}
			o[i] = max(o[i], w)
		}
	}
	for _, p := range a.Products {
		for i, w := range q.products[p] {
			if w >= weightTag { // The product's name or tag has the term.
				own[i] = max(own[i], weightProduct)
			}
		}
	}
	return own
}

// sum is what two places together are worth; 0 where a term is in neither.
func (q *query) sum(a, b worth) int {
	sum := 0
	for i := range q.terms {
		w := max(a[i], b[i])
		if w == 0 {
			return 0
		}
		sum += int(w)
	}
	return sum
}

// named is what it is worth that the query is the name, or begins it.
func (q *query) named(d *document) int {
	switch {
	case d.name == q.name:
		return weightWholeName
	case strings.HasPrefix(d.name, q.name):
		return weightNameBegins
	}
	return 0
}

// score is what an API is worth, by itself or with the best of its operations; 0 where it is not found.
func (q *query) score(a *API) int {
	own := q.look(a)
	best := q.sum(own, worth{})
	for _, n := range q.touched {
		best = max(best, q.sum(own, q.operations[n]))
	}
	if best == 0 {
		return 0
	}
	return best + q.named(a.doc)
}

// hit lists the best operations of an API that was found.
func (q *query) hit(a *API) Hit {
	own := q.look(a)
	type scored struct {
		n          uint16
		score, own int
	}
	var found []scored
	for _, n := range q.touched {
		score := q.sum(own, q.operations[n])
		if score == 0 {
			continue
		}
		alone := 0
		for _, w := range q.operations[n] {
			alone += int(w)
		}
		found = append(found, scored{n, score, alone})
	}
	slices.SortFunc(found, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.own, a.own), cmp.Compare(b.score, a.score), cmp.Compare(a.n, b.n))
	})
	h := Hit{API: a, Found: len(found)}
	for _, f := range found[:min(len(found), MaxHitOperations)] {
		h.Operations = append(h.Operations, a.Operations[f.n-1])
	}
	return h
}
