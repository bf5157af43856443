package model

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/problem"
)

// Validate checks what can be said of one resource alone: required properties,
// values of enumerations, ranges and lengths, as the management API states
// them. The Element of each problem is the path of a property, as in
// "pool.services[1].weight", and Resource is the resource's id; files and lines
// are for the caller to add.
func Validate(r Resource) problem.Problems {
	v := &validation{resource: r.ResourceID()}
	switch r := r.(type) {
	case *Service:
		v.service(r)
	case *API:
		v.api(r)
	case *Operation:
		v.operation(r)
	case *VersionSet:
		v.versionSet(r)
	case *Product:
		v.product(r)
	case *Group:
		v.group(r)
	case *User:
		v.user(r)
	case *Subscription:
		v.subscription(r)
	case *NamedValue:
		v.namedValue(r)
	case *Backend:
		v.backend(r)
	default:
		v.minor(r)
	}
	return v.problems
}

// minor checks the resources that have few rules.
func (v *validation) minor(r Resource) {
	switch r := r.(type) {
	case *PolicyFragment:
		v.policyText(r.Value, r.Format)
		v.text("description", r.Description, 0, 1000)
	case *Policy:
		v.policyText(r.Value, r.Format)
		if r.ID.Name() != PolicyName {
			v.add("", "a policy must be named "+PolicyName, "")
		}
	case *Tag:
		v.text("displayName", r.DisplayName, 1, 160)
	case *Link:
		if _, err := r.Member(); err != nil {
			v.add("", err.Error(), "")
		}
	case *Diagnostic:
		v.diagnostic(r)
	case *Logger:
		checkEnum(v, "loggerType", r.LoggerType, required, loggerTypes)
		v.text("description", r.Description, 0, 256)
	case *Gateway:
		v.text("description", r.Description, 0, 1000)
		if r.LocationData != nil {
			v.text("locationData.name", r.LocationData.Name, 1, 256)
		}
	case *Schema:
		v.text("contentType", r.ContentType, 1, 0)
	case *Cache:
		v.text("connectionString", r.ConnectionString, 1, 300)
		v.text("useFromLocation", r.UseFromLocation, 1, 256)
		v.text("description", r.Description, 0, 2000)
	case *Certificate:
		if r.Data == "" && r.KeyVault == nil {
			v.add("data", "is missing", "give a PKCS #12 archive in base64, or keyVault")
		}
	}
}

// validation collects the problems of one resource.
type validation struct {
	resource ID
	problems problem.Problems
}

func (v *validation) add(element, message, hint string) {
	v.report(problem.SeverityError, element, message, hint)
}

func (v *validation) warn(element, message, hint string) {
	v.report(problem.SeverityWarning, element, message, hint)
}

func (v *validation) report(s problem.Severity, element, message, hint string) {
	v.problems = append(v.problems, problem.Problem{
		Severity: s,
		Location: problem.Location{Element: element, Resource: string(v.resource)},
		Message:  message,
		Hint:     hint,
	})
}

// text checks a length in characters; most is 0 where there is no upper limit.
func (v *validation) text(element, value string, least, most int) {
	n := utf8.RuneCountInString(value)
	switch {
	case n < least && n == 0:
		v.add(element, "is missing or empty", "")
	case n < least:
		v.add(element, fmt.Sprintf("has %d characters", n), fmt.Sprintf("at least %d are needed", least))
	case most > 0 && n > most:
		v.add(element, fmt.Sprintf("has %d characters", n), fmt.Sprintf("at most %d are allowed", most))
	}
}

func (v *validation) number(element string, value, least, most int64) {
	if value < least || value > most {
		v.add(element, fmt.Sprintf("is %d", value), fmt.Sprintf("it must be between %d and %d", least, most))
	}
}

// presence says whether a property may be absent.
type presence bool

const (
	required presence = true
	optional presence = false
)

// checkEnum checks a value of an enumeration.
func checkEnum[T ~string](v *validation, element string, value T, p presence, allowed []T) {
	if value == "" && p == optional || slices.Contains(allowed, value) {
		return
	}
	words := make([]string, len(allowed))
	for i, a := range allowed {
		words[i] = string(a)
	}
	hint := "give one of " + strings.Join(words, ", ")
	if value == "" {
		v.add(element, "is missing or empty", hint)
		return
	}
	v.add(element, fmt.Sprintf("has the unknown value %q", firstRunes(string(value), 60)), hint)
}

// absoluteURL checks a URL of one of the schemes; an empty one is left to the
// caller. A URL with a named value in it is known only later.
func (v *validation) absoluteURL(element, value string, schemes ...string) {
	if value == "" || strings.Contains(value, "{{") {
		return
	}
	u, err := url.Parse(value)
	hint := "give an absolute URL, as in https://example.com/base"
	if err != nil {
		v.add(element, "is not a URL", hint)
		return
	}
	for _, s := range schemes {
		if strings.EqualFold(u.Scheme, s) {
			// Service Fabric names services, as "fabric:/app/service".
			if u.Host == "" && s != "fabric" {
				v.add(element, "is a URL without a host", hint)
			}
			return
		}
	}
	v.add(element, "is not a URL of the scheme "+strings.Join(schemes, " or "), hint)
}

func (v *validation) duration(element, value string) {
	if value == "" {
		v.add(element, "is missing or empty", "give an ISO 8601 duration, as in PT1M")
		return
	}
	d, err := ParseDuration(value)
	if err != nil {
		v.add(element, err.Error(), "")
	} else if d == 0 {
		v.add(element, "is zero", "give a duration above zero, as in PT1M")
	}
}

func (v *validation) policyText(value string, format PolicyFormat) {
	if strings.TrimSpace(value) == "" {
		v.add("value", "is missing or empty", "give the policy document")
	}
	switch format {
	case PolicyXMLLink, PolicyRawXMLLink:
		v.add("format", fmt.Sprintf("is %q, but links are not followed", format), "give the document itself, with the format rawxml")
	default:
		checkEnum(v, "format", format, optional, policyFormats)
	}
}
