package serve

import (
	"strings"

	"github.com/sallyport/sallyport/internal/model"
)

// no is a property that is set to false.
var no = new(false)

// api makes an API of one name and path, which needs a key.
func api(name string, change ...func(*model.API)) *model.API {
	a := &model.API{
		ID: model.NewID("apis", name), DisplayName: name, Path: name, ServiceURL: "https://backend.example/base",
		Protocols: []model.Protocol{model.ProtocolHTTPS},
	}
	for _, f := range change {
		f(a)
	}
	return a
}

// anonymous makes an API need no key.
func anonymous(a *model.API) { a.SubscriptionRequired = no }

// operation makes an operation of an API; its name is its method.
func operation(api, method, template string) *model.Operation {
	return operationNamed(api, strings.ToLower(method), method, template)
}

func operationNamed(api, name, method, template string) *model.Operation {
	o := &model.Operation{
		ID: model.NewID("apis", api, "operations", name), DisplayName: name, Method: method, URLTemplate: template,
	}
	for part := range strings.SplitSeq(template, "{") {
		if name, _, ok := strings.Cut(part, "}"); ok {
			o.TemplateParameters = append(o.TemplateParameters, model.Parameter{Name: name, Type: "string", Required: true})
		}
	}
	return o
}

// product makes a product that needs a subscription, with APIs.
func product(name string, apis ...string) []model.Resource {
	return productOf("", name, nil, apis...)
}

// openProduct makes a product that needs no subscription.
func openProduct(name string, apis ...string) []model.Resource {
	return productOf("", name, no, apis...)
}

func productOf(workspace model.ID, name string, required *bool, apis ...string) []model.Resource {
	id := model.NewID("products", name).InWorkspace(workspace)
	all := []model.Resource{&model.Product{ID: id, DisplayName: name, SubscriptionRequired: required, State: model.ProductPublished}}
	for _, a := range apis {
		all = append(all, &model.Link{ID: id.Child("apis", a)})
	}
	return all
}

// subscription makes an active subscription whose keys are "NAME-primary" and
// "NAME-secondary".
func subscription(name, scope string, change ...func(*model.Subscription)) *model.Subscription {
	s := &model.Subscription{
		ID: model.NewID("subscriptions", name), DisplayName: name, Scope: scope, State: model.SubscriptionActive,
		PrimaryKey: name + "-primary", SecondaryKey: name + "-secondary",
	}
	for _, f := range change {
		f(s)
	}
	return s
}

// document makes a policy document of a resource; "" is the global one.
func documentOf(scope, text string) *model.Policy {
	return &model.Policy{ID: model.PolicyID(model.ID(scope)), Value: text, Format: model.PolicyRawXML}
}

// probes is a document that notes each section with a name.
func probes(name string) string {
	return `<policies><inbound><base /><probe name="` + name + ` in" /></inbound><backend><base /></backend>` +
		`<outbound><base /><probe name="` + name + ` out" /></outbound><on-error><base /><probe name="` + name + ` error" /></on-error></policies>`
}

// all joins resources and lists of them.
func all(parts ...any) []model.Resource {
	var list []model.Resource
	for _, p := range parts {
		switch p := p.(type) {
		case model.Resource:
			list = append(list, p)
		case []model.Resource:
			list = append(list, p...)
		}
	}
	return list
}
