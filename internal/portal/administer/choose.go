package administer

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/page"
)

const (
	// maxChoices is how many resources a filter lets one choose from; of more, one
	// searches.
	maxChoices = 100
	// maxFound bounds what a search in a filter shows.
	maxFound = 20
)

// called is what resources of several kinds are called.
type called struct {
	DisplayName, Email, FirstName, LastName string
}

// title is the name to show, with the address of a user.
func (c called) title(name string) string {
	person := strings.TrimSpace(c.FirstName + " " + c.LastName)
	if person != "" && c.Email != "" {
		return person + " (" + c.Email + ")"
	}
	return cmp.Or(c.DisplayName, person, c.Email, name)
}

// chooser is a filter of a list by a resource, which people know by its display
// name and addresses by the name of the resource.
type chooser struct {
	// Name is that of the parameter, Label of the field, Noun what it chooses: "user".
	Name, Label, Noun string
	// Collection has the resources, and Fields are those that a search looks at.
	Collection string
	Fields     []string
	// Searched says that there are too many in any installation to choose from.
	Searched bool
}

// chosen is what a filter has come to.
type chosen struct {
	// Name is that of the resource; "" for any.
	Name  string
	Field field
	// Open says that what was typed names none or several, which Ask is about: the
	// list has nothing until that is clear.
	Open bool
	Ask  *table
}

// choose reads a filter: the name of a resource, or what was typed instead.
func (c *chooser) choose(x *page.Exchange) (*chosen, error) {
	typed := query(x, c.Name)
	if !c.Searched {
		all, total, err := client.Page[called](x.R.Context(), x.Client(), c.Collection, 0, maxChoices)
		if err != nil {
			return nil, err
		}
		if total <= maxChoices {
			return c.among(all, typed), nil
		}
	}
	if typed == "" {
		return &chosen{Field: c.field("")}, nil
	}
	one, err := client.Get[called](x.R.Context(), x.Client(), c.Collection+"/"+client.Path(typed))
	if err == nil {
		return c.known(one), nil
	}
	if !client.IsNotFound(err) && !isRefused(err) {
		return nil, err
	}
	return c.search(x, typed)
}

// isRefused says that what was typed cannot be a name at all.
func isRefused(err error) bool {
	p, ok := asProblem(err)
	return ok && p.Status == http.StatusBadRequest
}

// among lets one choose from a few. What was typed by hand, as in an address of
// before, may be the name of a resource or its display name.
func (c *chooser) among(all []client.Resource[called], typed string) *chosen {
	f := field{Kind: "select", Name: c.Name, Label: c.Label, Options: []page.Option{{Text: "Any"}}}
	name := ""
	for _, one := range all {
		title := one.Properties.title(one.Name)
		f.Options = append(f.Options, page.Option{Value: one.Name, Text: title})
		if strings.EqualFold(one.Name, typed) || name == "" && strings.EqualFold(title, typed) {
			name = one.Name
		}
	}
	if typed != "" && name == "" { // One that is gone: its subscriptions may be there.
		name = typed
		f.Options = append(f.Options, page.Option{Value: typed, Text: typed})
	}
	f.Value = name
	return &chosen{Name: name, Field: f}
}

// field searches.
func (c *chooser) field(text string) field {
	return field{Name: c.Name, Label: c.Label, Type: "search", Value: text}
}

// known has found the one: it stays chosen until another is asked for.
func (c *chooser) known(one client.Resource[called]) *chosen {
	return &chosen{Name: one.Name, Field: field{Kind: "select", Name: c.Name, Label: c.Label, Value: one.Name,
		Options: []page.Option{{Text: "Any"}, {Value: one.Name, Text: one.Properties.title(one.Name)}}}}
}

// search finds by what people call it.
func (c *chooser) search(x *page.Exchange, typed string) (*chosen, error) {
	var filters []string
	for _, name := range c.Fields {
		filters = append(filters, "contains("+name+","+quoted(typed)+")")
	}
	found, total, err := client.Page[called](x.R.Context(), x.Client(), c.Collection, 0, maxFound,
		client.Filter(strings.Join(filters, " or ")))
	if err != nil {
		return nil, err
	}
	if total == 1 && len(found) == 1 {
		return c.known(found[0]), nil
	}
	ask := &table{Columns: []string{"Which " + c.Noun + "?"}, Empty: "No " + c.Noun + " is called so."}
	q := x.R.URL.Query()
	q.Del("page")
	for _, one := range found {
		q.Set(c.Name, one.Name)
		ask.Rows = append(ask.Rows, []any{link(one.Properties.title(one.Name), x.R.URL.Path+"?"+q.Encode())})
	}
	if total > len(found) {
		ask.Rows = append(ask.Rows, []any{"… and more: write more of the name."})
	}
	return &chosen{Field: c.field(typed), Open: true, Ask: ask}, nil
}

// The filters by resources.
func byProduct() *chooser {
	return &chooser{Name: "product", Label: "Product", Noun: "product", Collection: "products", Fields: []string{"displayName"}}
}

func byGroup() *chooser {
	return &chooser{Name: "group", Label: "Group", Noun: "group", Collection: "groups", Fields: []string{"displayName"}}
}

func byOwner() *chooser {
	return &chooser{Name: "owner", Label: "Owner (name or e-mail address)", Noun: "user", Collection: "users",
		Fields: []string{"email", "firstName", "lastName"}, Searched: true}
}
