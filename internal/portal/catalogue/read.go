package catalogue

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/sallyport/sallyport/internal/client"
)

// reading is one reading of the service: what is read goes into records, which nobody else has yet.
type reading struct {
	client *client.Client

	mu      sync.Mutex
	records records
	leftOut int
}

// everything reads the whole service, with its workspaces.
func (r *reading) everything(ctx context.Context) error {
	r.records = records{
		apis: make(map[string]*API), products: make(map[string]*productRecord), sets: make(map[string]versionSet), tagged: newTagged(),
	}
	if err := errors.Join(r.service(ctx), r.tags(ctx)); err != nil {
		return err
	}
	spaces, err := r.workspaces(ctx)
	if err != nil {
		return err
	}
	var all found
	if err := r.find(ctx, "", &all); err != nil { // The service's own come first, where there is no place for all.
		return err
	}
	err = each(ctx, spaces, func(ctx context.Context, workspace string) error {
		return errors.Join(r.find(ctx, workspace, &all), r.workspaceTags(ctx, workspace))
	})
	if err != nil {
		return err
	}
	if err := each(ctx, all.apis, r.api); err != nil {
		return err
	}
	return each(ctx, all.products, r.product)
}

// each calls read for all items, a few at a time, and returns the first error.
func each[T any](ctx context.Context, items []T, read func(context.Context, T) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	todo := make(chan T)
	var wg sync.WaitGroup
	for range min(readers, len(items)) {
		wg.Go(func() {
			for item := range todo {
				if err := read(ctx, item); err != nil {
					cancel(err)
				}
			}
		})
	}
	for _, item := range items {
		select {
		case todo <- item:
		case <-ctx.Done():
		}
	}
	close(todo)
	wg.Wait()
	return context.Cause(ctx)
}

// list reads a list of resources, up to a limit.
func list[P any](ctx context.Context, r *reading, path string, limit int, take func(client.Resource[P])) error {
	n := 0
	for item, err := range client.List[P](ctx, r.client, path, client.Top(pageSize), client.Within(callTimeout)) {
		if err != nil {
			return fmt.Errorf("reading %s: %w", path, err)
		}
		if n == limit {
			r.leaveOut()
			return nil
		}
		n++
		take(item)
	}
	return nil
}

// pageSize is how many items of a list are asked for at once: as many as the management API gives.
const pageSize = 1000

// items reads a list whose items are no resources, up to a limit.
func items[T any](ctx context.Context, r *reading, path string, limit int, take func(T)) error {
	for skip := 0; ; {
		page, err := client.Read[struct {
			Value    []T    `json:"value"`
			NextLink string `json:"nextLink"`
		}](ctx, r.client, path, client.Top(pageSize), client.Query("$skip", strconv.Itoa(skip)), client.Within(callTimeout))
		if err != nil {
			return fmt.Errorf("reading %s: %w", path, err)
		}
		for _, item := range page.Value {
			if skip++; skip > limit {
				r.leaveOut()
				return nil
			}
			take(item)
		}
		if page.NextLink == "" || len(page.Value) == 0 {
			return nil
		}
	}
}

func (r *reading) leaveOut() {
	r.mu.Lock()
	r.leftOut++
	r.mu.Unlock()
}

// service reads where the service's gateways answer.
func (r *reading) service(ctx context.Context) error {
	s, err := client.Get[client.Service](ctx, r.client, "", client.Within(callTimeout))
	if err != nil {
		return fmt.Errorf("reading the service: %w", err)
	}
	r.records.gateway = gatewayOf(s.Properties)
	return nil
}

// gatewayOf is the address of a service's gateways: that of the host name which is the default one, where the
// service has others than its own.
func gatewayOf(s client.Service) string {
	gateway := strings.TrimRight(s.GatewayURL, "/")
	_, own, _ := strings.Cut(gateway, "://")
	for _, h := range s.HostnameConfigurations {
		if h.Type == "Proxy" && h.Default && h.HostName != "" && !strings.EqualFold(h.HostName, own) {
			return "https://" + h.HostName
		}
	}
	return gateway
}

// versionSets reads those of a workspace, or of the service itself.
func (r *reading) versionSets(ctx context.Context, workspace string) error {
	sets := make(map[string]versionSet)
	err := list(ctx, r, within(workspace, "apiVersionSets"), MaxVersionSets, func(s client.Resource[client.VersionSet]) {
		p := s.Properties
		sets[strings.ToLower(client.Qualify(workspace, s.Name))] = versionSet{
			name: s.Name, displayName: p.DisplayName, scheme: p.VersioningScheme,
			parameter: cmp.Or(p.VersionHeaderName, p.VersionQueryName),
		}
	})
	if err != nil && !client.IsNotFound(err) {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.records.sets, func(name string, _ versionSet) bool { return belongs(name, strings.ToLower(workspace)) })
	maps.Copy(r.records.sets, sets)
	return nil
}

// lastName is the last segment of an id, in lower case.
func lastName(id string) string {
	id = strings.TrimRight(id, "/")
	return strings.ToLower(id[strings.LastIndexByte(id, '/')+1:])
}

// apiName is the name of an API of which an id may name a revision.
func apiName(id string) string {
	name, _, _ := strings.Cut(lastName(id), ";")
	return name
}

// product reads what a product holds and who sees it.
func (r *reading) product(ctx context.Context, p client.Resource[client.Product]) error {
	record := &productRecord{product: productOf(p)}
	err := errors.Join(r.ownMembers(ctx, record), r.linkedMembers(ctx, record))
	if err != nil {
		return err
	}
	for _, names := range []*[]string{&record.apis, &record.groups} {
		slices.Sort(*names)
		*names = slices.Compact(*names)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.records.products[strings.ToLower(p.Name)] = record
	return nil
}

// ownMembers reads the APIs of a product of the service itself and the groups that see it, which it has by name.
func (r *reading) ownMembers(ctx context.Context, record *productRecord) error {
	if record.product.Workspace != "" {
		return nil
	}
	err := list(ctx, r, client.PathIn("products", record.product.Name, "apis"), MaxLinks, func(a client.Resource[client.API]) {
		record.apis = append(record.apis, apiName(a.Name))
	})
	if err != nil {
		return err
	}
	return list(ctx, r, client.PathIn("products", record.product.Name, "groups"), MaxLinks, func(g client.Resource[client.Group]) {
		record.groups = append(record.groups, strings.ToLower(g.Name))
	})
}

// linkedMembers reads those that a product has by links: all of a workspace's product, and the APIs of workspaces
// that are in a product of the service itself.
func (r *reading) linkedMembers(ctx context.Context, record *productRecord) error {
	name := record.product.Name
	err := list(ctx, r, client.PathIn("products", name, "apiLinks"), MaxLinks, func(l client.Resource[client.Link]) {
		api := r.member("apis", l.Properties.APIID)
		workspace, _ := client.WorkspaceOf(api)
		own := record.product.Workspace // A product of a workspace opens only what is there, as gateways have it.
		if api != "" && (own == "" && workspace != "" || own != "" && strings.EqualFold(workspace, own)) {
			record.apis = append(record.apis, api)
		}
	})
	if record.product.Workspace == "" && client.IsNotFound(err) {
		return nil // Whether the product itself is gone was seen before.
	}
	if err != nil || record.product.Workspace == "" {
		return err
	}
	return list(ctx, r, client.PathIn("products", name, "groupLinks"), MaxLinks, func(l client.Resource[client.Link]) {
		if group := r.member("groups", l.Properties.GroupID); group != "" {
			record.groups = append(record.groups, group)
		}
	})
}

func productOf(p client.Resource[client.Product]) Product {
	limit := 0
	if p.Properties.SubscriptionsLimit != nil {
		limit = *p.Properties.SubscriptionsLimit
	}
	workspace, own := client.WorkspaceOf(p.Name)
	return Product{
		Name: p.Name, DisplayName: cmp.Or(p.Properties.DisplayName, own), Place: Place{Workspace: workspace},
		Description: clip(p.Properties.Description), Terms: clip(p.Properties.Terms),
		Published:            p.Properties.State == "published",
		SubscriptionRequired: isSet(p.Properties.SubscriptionRequired, true),
		ApprovalRequired:     isSet(p.Properties.ApprovalRequired, false),
		SubscriptionsLimit:   limit,
	}
}

func isSet(b *bool, otherwise bool) bool {
	if b == nil {
		return otherwise
	}
	return *b
}

// clip bounds a text to MaxText, at a character.
func clip(s string) string { return cut(s, MaxText) }

// cut bounds a text to n bytes, at a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
