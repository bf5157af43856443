package harness

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// volatile are the fields, in lower case, whose values belong to one run: what
// is generated, counted or depends on where it runs.
var volatile = []string{
	"etag", "count", "nextlink", "link", "primarykey", "secondarykey", "thumbprint", "subject",
	"createdat", "lastmodifiedat", "createdby", "lastmodifiedby", "laststatus", "loginlink",
	"defaulthostname", "createdbytype", "lastmodifiedbytype", "publicipaddresses", "privateipaddresses", "outboundpublicipaddresses",
}

// foreign are the fields of kinds whose published values come from services that
// are none of ours: consent that a person gave, or an address in Azure's domain.
var foreign = []string{
	"authorizationproviders/authorizations status", "authorizationproviders/authorizations error",
	"* configurationApi", "* managementApiUrl", "* gatewayRegionalUrl", "* developerPortalUrl",
	"* notificationSenderEmail", "* enableClientCertificate", "* platformVersion", "* natGatewayState",
	"privateendpointconnections privateEndpoint",
	"groups builtIn", "products/groups builtIn", "users/groups builtIn", "groups externalId",
	"loggers connectionString", "loggers instrumentationKey", "loggers isBuffered",
	"identityproviders type", "apis/issues apiId", "portalsettings enabled",
	"templates isDefault", "templates description", "templates body", "templates title",
	"notifications description", "notifications recipients",
	"subscriptions expirationDate", "subscriptions notificationDate",
}

// described are the last segments of paths whose answers describe Azure: its
// network, its catalogue of sizes, its words for policies, its use.
var described = []string{
	"networkstatus", "outboundnetworkdependenciesendpoints", "connectivitycheck", "regions", "skus", "operations",
	"policydescriptions", "listreferences", "listtrace", "listkeys", "listsecrets", "listvalue", "generatetoken",
	"listdebugcredentials", "token", "generatessourl", "getssotoken", "getdomainownershipidentifier", "allpolicies",
	"regeneratekey", "privatelinkresources", "deploy", "save", "validate", "syncstate", "checknameavailability", "identities", "validatepolicies",
}

// isLoose says whether only the kinds of the values of an answer are compared.
func isLoose(path string) bool {
	lower := strings.ToLower(path)
	last := lower[strings.LastIndexByte(lower, '/')+1:]
	if strings.HasSuffix(lower, "/apis/"+last) || strings.Contains(lower, "/reports/") {
		return strings.Contains(lower, "/reports/")
	}
	if last == "operations" && strings.Contains(lower, "/service/") {
		return false
	}
	return slices.Contains(described, last) || strings.Contains(lower, "/networkstatus") || strings.Contains(lower, "/privatelinkresources/")
}

// azure are endings of names in Azure's own domains.
var azure = []string{"azure-api.net", "windows.net", "azure-api.us"}

// inAzure says whether a text is a name or a URL in one of Azure's domains.
func inAzure(text string) bool {
	for _, domain := range azure {
		if strings.HasSuffix(text, domain) {
			return true
		}
	}
	return false
}

// comparison is one comparison of an answer with what was published.
type comparison struct {
	// asked is the body of the request and path its path: where a published answer
	// contradicts its own request, the request counts.
	asked  any
	path   string
	faults []string
	// loose says that values may differ and only their kinds count: of actions,
	// which answer secrets, and of what describes Azure's own network and catalogue.
	loose bool
}

// compare lists where the answer has not what was expected. The answer may have
// more: fields that are newer than the example, and elements that every service
// has.
func compare(want, got map[string]any, s *stage) []string {
	c := &comparison{path: s.path, loose: isLoose(s.action)}
	if s.body != "" {
		_ = json.Unmarshal([]byte(s.body), &c.asked) // What is no JSON asks for nothing.
	}
	c.object("", want, got, c.asked)
	return c.faults
}

func (c *comparison) value(path string, want, got, asked any) {
	if c.loose {
		if fmt.Sprintf("%T", want) != fmt.Sprintf("%T", got) && want != nil && got != nil {
			c.fault(path, want, got)
		}
		return
	}
	switch w := want.(type) {
	case nil:
		return
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok && len(w) == 0 {
			return
		}
		if !ok {
			c.fault(path, want, got)
			return
		}
		c.object(path, w, g, asked)
	case []any:
		if given, ok := asked.([]any); ok && len(given) > 0 && !isObject(given[0]) {
			w = given
		}
		g, ok := got.([]any)
		if !ok && len(w) > 0 {
			c.fault(path, want, got)
			return
		}
		given, _ := asked.([]any)
		c.list(path, w, g, given)
	case string:
		if w == "" && got == nil {
			return
		}
		if !c.same(path, want, got) && (asked == nil || !c.same(path, asked, got)) {
			c.fault(path, want, got)
		}
	default:
		if !c.same(path, want, got) && (asked == nil || !c.same(path, asked, got)) {
			c.fault(path, want, got)
		}
	}
}

func (c *comparison) object(path string, want, got map[string]any, asked any) {
	given, _ := asked.(map[string]any)
	for name, w := range want {
		if slices.Contains(volatile, strings.ToLower(name)) {
			continue
		}
		if name == "tags" && given[name] != nil {
			w = given[name] // A few answers have tags that nobody gave.
		}
		if slices.Contains(foreign, kindOf(c.path)+" "+name) || slices.Contains(foreign, "* "+name) || strings.Contains(path, ".identity") && strings.HasSuffix(name, "Id") {
			continue
		}
		if name == "certificate" && (strings.Contains(path, "hostnameConfigurations") || strings.Contains(path, "certificates")) {
			continue
		}
		c.value(path+"."+name, w, member(got, name), given[name])
	}
}

// member is the member of an object, whose name may be a resource id.
func member(object map[string]any, name string) any {
	if v, ok := object[name]; ok || !strings.HasPrefix(name, "/") {
		return v
	}
	for key, v := range object {
		if strings.EqualFold(key, name) {
			return v
		}
	}
	return nil
}

// list compares elements by their names, where they have some, else as sets.
func (c *comparison) list(path string, want, got, asked []any) {
	for i, w := range want {
		at := fmt.Sprintf("%s[%d]", path, i)
		best := []string{at + ": is missing"}
		for _, g := range got {
			try := &comparison{path: c.path}
			try.value(at, w, g, nil)
			if len(try.faults) == 0 {
				best = nil
				break
			}
			if sameName(w, g) {
				best = try.faults
				if len(best) == 1 && strings.HasPrefix(best[0], at+".id:") {
					best = nil // Some lists have ids that belong to other names.
				}
			}
		}
		if len(best) > 0 && i < len(asked) && c.contains(at, asked[i], got) {
			best = nil
		}
		c.faults = append(c.faults, best...)
	}
}

// contains says whether an element that was asked for is in an answer.
func (c *comparison) contains(path string, asked any, got []any) bool {
	for _, g := range got {
		try := &comparison{path: c.path}
		try.value(path, asked, g, nil)
		if len(try.faults) == 0 {
			return true
		}
	}
	return false
}

func isObject(value any) bool {
	_, ok := value.(map[string]any)
	return ok
}

// sameName says whether two elements are the same resource.
func sameName(a, b any) bool {
	x, ok := a.(map[string]any)
	y, also := b.(map[string]any)
	return ok && also && x["name"] != nil && strings.EqualFold(fmt.Sprint(x["name"]), fmt.Sprint(y["name"]))
}

// same compares two plain values. The examples say of many entities ids and
// names that are not those of their own requests.
func (c *comparison) same(path string, want, got any) bool {
	w, ok := want.(string)
	g, also := got.(string)
	if !ok || !also {
		return want == got
	}
	switch {
	case w == g, inAzure(w), strings.EqualFold(w, "false") && strings.EqualFold(g, "false"):
		return true
	case path == ".id":
		return sameID(w, g) || sameID(c.path, g) || sameEnd(c.path, g)
	case strings.HasSuffix(path, "].name"):
		return strings.EqualFold(w, g)
	case path == ".name":
		return strings.HasSuffix(c.path, "/"+g)
	case strings.HasSuffix(path, "].id"):
		return sameEnd(w, g)
	case strings.HasPrefix(w, "/"):
		return sameID(w, g) || strings.HasSuffix(path, "].apiId")
	case path == ".type":
		return strings.EqualFold(w, g) || strings.EqualFold(typeOf(c.path), g) ||
			strings.EqualFold(w, strings.TrimSuffix(g, "s")) || strings.HasSuffix(strings.ToLower(w), strings.ToLower(g[strings.LastIndexByte(g, '/'):]))
	case strings.HasSuffix(path, "].type") && strings.HasPrefix(w, "Microsoft.ApiManagement/"):
		return strings.HasPrefix(g, "Microsoft.ApiManagement/")
	case strings.HasPrefix(w, "{{") && strings.HasPrefix(g, "{{"):
		return true
	case strings.HasPrefix(w, "<"):
		return squeeze(w) == squeeze(g)
	case strings.HasSuffix(path, ".type"), strings.HasSuffix(path, ".location"):
		return strings.EqualFold(w, g)
	}
	a, err := time.Parse(time.RFC3339, w)
	b, also2 := time.Parse(time.RFC3339, g)
	if err == nil && also2 == nil {
		return a.Equal(b) || generated(path)
	}
	return false
}

// generated says whether a time is one that the service sets.
func generated(path string) bool {
	name := strings.ToLower(path[strings.LastIndexByte(path, '.')+1:])
	return slices.Contains([]string{
		"createddate", "createddatetime", "updateddatetime", "registrationdate", "createdatutc", "startdate",
		"scheduledpurgedate", "deletiondate", "timestamp", "laststatuschange", "lastupdated", "started", "updated",
		"syncdate", "configurationchangedate", "statuschangedate", "createdat", "lastmodifiedat", "expirationdate",
	}, name)
}

// sameID compares resource ids below their services, without regard to case: the
// examples come from many services. A relative id is the same as the whole.
func sameID(want, got string) bool {
	return strings.EqualFold(below(want), below(got))
}

// typeOf is the type of the resource at a path.
func typeOf(path string) string {
	_, segments := split(path)
	kind := "Microsoft.ApiManagement/service"
	for i := 0; i < len(segments); i += 2 {
		kind += "/" + segments[i]
	}
	return kind
}

// squeeze leaves the white space of a document out.
func squeeze(text string) string { return strings.Join(strings.Fields(text), "") }

// sameEnd compares the last collection and the name of two ids.
func sameEnd(want, got string) bool {
	w, g := strings.Split(want, "/"), strings.Split(got, "/")
	return len(w) > 1 && len(g) > 1 && strings.EqualFold(w[len(w)-1], g[len(g)-1]) && strings.EqualFold(w[len(w)-2], g[len(g)-2])
}

func below(id string) string {
	if service, segments := split(id); service != "" {
		if len(segments) == 0 {
			return "service"
		}
		return "/" + strings.Join(segments, "/")
	}
	return id
}

func (c *comparison) fault(path string, want, got any) {
	c.faults = append(c.faults, fmt.Sprintf("%s: want %s, got %s", path, short(encode(want), 300), short(encode(got), 300)))
}

func lines(faults []string) string {
	slices.Sort(faults)
	return "  " + strings.Join(faults, "\n  ")
}
