package portal

import (
	"html"
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// template is a mail to developers as it is until somebody changes it.
type template struct {
	name, title, description, subject string
	// says are the paragraphs between the greeting and the signature.
	says []string
	// parameters are the names that the subject and the paragraphs use, beside
	// those that every mail has.
	parameters []string
}

// templateKind is the kind of the templates of mail. They always exist; deleting
// one brings back how it was.
func templateKind() *resource.Node {
	names := make([]string, len(templates))
	for i, t := range templates {
		names[i] = t.name
	}
	return resource.New(access.Templates, resource.Kind{
		Collection: "templates", Title: "EmailTemplate", Names: names,
		Contract: "EmailTemplateContract", Create: "EmailTemplateUpdateParameters", Update: "EmailTemplateUpdateParameters",
		Filter: "EmailTemplateClientListByService", Permanent: true,
		Hooks: resource.Hooks{
			Default: func(_ *resource.Session, id resource.ID) (map[string]any, error) {
				return resource.Object(templateNamed(id.Name()).properties()), nil
			},
			Prepare: func(_ *resource.Session, e, old *resource.Entity) error {
				before := templateNamed(e.ID.Name()).properties()
				if old != nil {
					before = old.Clone().Properties()
				}
				for field, value := range before {
					e.SetDefault(field, value)
				}
				return nil
			},
			Present: func(_ *resource.Session, e *resource.Entity) error {
				e.Set("isDefault", e.Changed == 0)
				return nil
			},
		},
	})
}

func templateNamed(name string) *template {
	for i := range templates {
		if strings.EqualFold(templates[i].name, name) {
			return &templates[i]
		}
	}
	return &template{name: name}
}

// bodyBegin is what stands before the paragraphs: lines of a length that can be
// read, wrapped wherever the window ends, in the reader's own colours.
const bodyBegin = "<!DOCTYPE html>\r\n<html lang=\"en\">\r\n  <head>\r\n    <meta charset=\"utf-8\">\r\n" +
	"    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\r\n" +
	"    <meta name=\"color-scheme\" content=\"light dark\">\r\n  </head>\r\n" +
	"  <body style=\"margin: 0; padding: 24px; font: 16px/1.6 system-ui, -apple-system, 'Segoe UI', Roboto, Arial, sans-serif\">\r\n" +
	"    <div style=\"max-width: 36em; overflow-wrap: anywhere; word-break: break-word\">\r\n"

// linked makes links of the parameters that are addresses. It is never written.
var linked = strings.NewReplacer(
	"$ConfirmUrl", `<a href="$ConfirmUrl">$ConfirmUrl</a>`, "$DevPortalUrl", `<a href="$DevPortalUrl">$DevPortalUrl</a>`,
)

// properties are the template as a resource has it.
func (t *template) properties() map[string]any {
	var body strings.Builder
	body.WriteString(bodyBegin)
	paragraphs := append([]string{"Hello $DevFirstName $DevLastName,"}, t.says...)
	for _, paragraph := range append(paragraphs, "$OrganizationName", "$DevPortalUrl") {
		body.WriteString("      <p>" + linked.Replace(html.EscapeString(paragraph)) + "</p>\r\n")
	}
	body.WriteString("    </div>\r\n  </body>\r\n</html>")
	var parameters []any
	for _, name := range append([]string{"DevFirstName", "DevLastName", "OrganizationName", "DevPortalUrl"}, t.parameters...) {
		parameters = append(parameters, map[string]any{"name": name, "title": titleOf(name)})
	}
	return map[string]any{
		"title": t.title, "description": t.description, "subject": t.subject, "body": body.String(), "parameters": parameters,
	}
}

// titles are what the parameters are called for people. It is never written.
var titles = map[string]string{
	"DevFirstName": "Developer first name", "DevLastName": "Developer last name",
	"OrganizationName": "Organization name", "DevPortalUrl": "Developer portal URL",
	"AppId": "Application id", "AppName": "Application name", "CommentDate": "Comment date", "CommentText": "Comment text",
	"ConfirmUrl": "Confirmation URL", "ConfirmQuery": "Query part of the confirmation URL", "DevUsername": "Developer user name",
	"DevPassword": "Developer password", "IssueId": "Issue id", "IssueName": "Issue name", "NewEmail": "New e-mail address",
	"ProdName": "Product name", "SubId": "Subscription id", "SubStartDate": "Subscription start date", "SubTerm": "Subscription term",
	"SubscriptionName": "Subscription name", "Message": "Message",
	"QuotaDescription": "Quota description", "QuotaResetDate": "Quota reset date",
}

func titleOf(parameter string) string {
	if title, ok := titles[parameter]; ok {
		return title
	}
	return parameter
}
