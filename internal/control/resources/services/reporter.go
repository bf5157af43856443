package services

import (
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/usage"
	telemetry "github.com/sallyport/sallyport/internal/telemetry/usage"
)

// reporter says what the rows of a report are about, in the transaction of the
// call.
type reporter struct {
	s       *resource.Session
	service resource.ID
	known   map[resource.ID]string // display names
}

// display returns what a resource is called, or its name where it is gone.
func (r *reporter) display(collection, name, property string) (string, error) {
	switch name {
	case "":
		return "", nil
	case telemetry.Overflow:
		return fmt.Sprintf("Others than the first %d series of a minute", telemetry.MaxSeries), nil
	}
	return r.titled(r.service+resource.ID(idOf(collection, name)), name, property)
}

// titled returns what the resource with an id is called, or its name where it is
// gone.
func (r *reporter) titled(id resource.ID, name, property string) (string, error) {
	if text, ok := r.known[id]; ok {
		return text, nil
	}
	e, err := r.s.Lookup(id)
	if err != nil {
		return "", err
	}
	text := name
	if e != nil && e.Text(property) != "" {
		text = e.Text(property)
	}
	if e != nil && strings.EqualFold(id.Collection().Name(), "users") {
		text = strings.TrimSpace(e.Text("firstName") + " " + e.Text("lastName"))
	}
	r.known[id] = text
	return text, nil
}

func (r *reporter) api(row map[string]any, n *usage.Names) (err error) {
	row["apiId"] = idOf("apis", n.API)
	row["name"], err = r.display("apis", n.API, "displayName")
	return err
}

func (r *reporter) operation(row map[string]any, n *usage.Names) (err error) {
	row["apiId"], row["operationId"] = idOf("apis", n.API), operationID(n)
	if n.Operation == "" {
		row["name"], err = r.display("apis", n.API, "displayName")
		return err
	}
	row["name"], err = r.titled(r.service+resource.ID(operationID(n)), n.Operation, "displayName")
	return err
}

func (r *reporter) product(row map[string]any, n *usage.Names) (err error) {
	row["productId"] = idOf("products", n.Product)
	row["name"], err = r.display("products", n.Product, "displayName")
	return err
}

func (r *reporter) subscription(row map[string]any, n *usage.Names) (err error) {
	row["subscriptionId"], row["productId"] = idOf("subscriptions", n.Subscription), idOf("products", n.Product)
	row["userId"] = idOf("users", n.User)
	row["name"], err = r.display("subscriptions", n.Subscription, "displayName")
	return err
}

func (r *reporter) user(row map[string]any, n *usage.Names) (err error) {
	row["userId"] = idOf("users", n.User)
	if n.User == "" {
		row["name"] = "Anonymous"
		return nil
	}
	row["name"], err = r.display("users", n.User, "")
	return err
}

func (*reporter) region(row map[string]any, n *usage.Names) error {
	row["apiRegion"] = n.Region
	return nil
}

func (*reporter) nothing(map[string]any, *usage.Names) error { return nil }
