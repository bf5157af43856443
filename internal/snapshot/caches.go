package snapshot

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/model"
)

// Cache is an external cache with what its connection string stands for.
type Cache struct {
	Model *model.Cache
	// ConnectionString is that of the model with the values of the named values that
	// it names. It is a secret.
	ConnectionString string
}

// Cache returns the external cache that gateways of a region use: that of the
// region, otherwise the default one, or nil. Names of regions are the same in any
// case and with or without blanks, as Azure writes them both ways.
func (s *Snapshot) Cache(region string) *Cache {
	var other *Cache
	for i := range s.caches {
		c := &s.caches[i]
		switch from := foldRegion(c.Model.UseFromLocation); {
		case from == foldRegion(region) && region != "":
			return c
		case from == model.CacheDefault && other == nil:
			other = c
		}
	}
	return other
}

func foldRegion(name string) string { return strings.ToLower(strings.ReplaceAll(name, " ", "")) }

// buildCaches resolves the connection strings of the caches. One that names a named
// value that is not there is left out: policies do without it.
func (b *build) buildCaches() {
	var values map[string]string
	for _, r := range b.byKind[model.KindCache] {
		m, ok := r.(*model.Cache)
		if !ok {
			continue
		}
		if values == nil {
			values = b.serviceValues()
		}
		text, missing := resolve(m.ConnectionString, values)
		if missing != "" {
			b.warnf(m.ID, "connectionString: there is no named value %q: policies do without this cache", missing)
			continue
		}
		b.out.caches = append(b.out.caches, Cache{Model: m, ConnectionString: text})
	}
	// Two of one region are a mistake; which one counts must not be chance.
	slices.SortFunc(b.out.caches, func(x, y Cache) int { return cmp.Compare(x.Model.ID.Key(), y.Model.ID.Key()) })
}

// serviceValues are the named values of the service, by name in lower case.
func (b *build) serviceValues() map[string]string {
	values := map[string]string{}
	for _, r := range b.byKind[model.KindNamedValue] {
		if v, ok := r.(*model.NamedValue); ok && v.ID.Workspace() == "" {
			name := v.DisplayName
			if name == "" {
				name = v.ID.Name()
			}
			values[strings.ToLower(name)] = v.Value
		}
	}
	return values
}

// resolve replaces each {{name}} of a text; missing is the first that is not there.
func resolve(text string, values map[string]string) (resolved, missing string) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{{")
		b.WriteString(before)
		name, after, closed := strings.Cut(rest, "}}")
		if !found || !closed {
			if found {
				b.WriteString("{{" + rest)
			}
			return b.String(), ""
		}
		value, ok := values[strings.ToLower(strings.TrimSpace(name))]
		if !ok {
			return "", strings.TrimSpace(name)
		}
		b.WriteString(value)
		text = after
	}
}

// ServiceName returns the name of the service that the snapshot is of, "" where the
// document does not say.
func (s *Snapshot) ServiceName() string {
	if m, ok := s.config[model.ID("").Key()].(*model.Service); ok {
		return m.Name
	}
	return ""
}
