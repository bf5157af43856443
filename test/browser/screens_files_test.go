package browser

import (
	"fmt"
	"testing"
)

// unbroken is a name of 60 characters without a space, which no line may burst
// of.
const unbroken = "Customer_relationship_management_and_billing_reconciliation"

// screenFiles are a configuration as installations have it after a year: versions
// and revisions, many APIs, deep schemas, names of every length, several owners.
func screenFiles(tb testing.TB) map[string]string {
	tb.Helper()
	files := map[string]string{}
	put := func(name string, p map[string]any) { files[name] = mustJSON(tb, map[string]any{"properties": p}) }
	payments := func(folder, version, revision string) {
		put(folder+"/apiInformation.json", map[string]any{
			"displayName": "Payments", "path": "payments", "protocols": []string{"https", "http"}, "serviceUrl": "https://payments.contoso.example",
			"subscriptionRequired": true, "apiVersion": version, "apiVersionSetId": "/apiVersionSets/payments", "apiRevision": revision,
			"apiRevisionDescription": "Refunds in parts, and the customer's own reference on statements.",
			"description":            "Take payments by card, direct debit and bank transfer, refund them, and follow what becomes of them.\n\nAll amounts are in the **smallest unit** of the currency.",
			"contact":                map[string]any{"name": "Payments team", "email": "payments@contoso.example", "url": "https://contoso.example/payments"},
			"license":                map[string]any{"name": "Contoso API licence 2.1", "url": "https://contoso.example/licence"}, "termsOfServiceUrl": "https://contoso.example/terms",
		})
		files[folder+"/specification.json"] = paymentsDescription(tb, version)
	}
	put("version sets/payments/versionSetInformation.json", map[string]any{"displayName": "Payments", "versioningScheme": "Segment"})
	payments("apis/payments-v1", "v1", "1")
	payments("apis/payments", "v2", "1")
	payments("apis/payments;rev=2", "v2", "2")
	put("apis/payments/releases/r1/apiReleaseInformation.json", map[string]any{"apiId": "/apis/payments", "notes": "Payments can be refunded in parts. The field `reference` is new."})
	put("apis/"+unbroken+"/apiInformation.json", map[string]any{
		"displayName": unbroken, "path": unbroken, "protocols": []string{"https"}, "serviceUrl": "https://crm.contoso.example", "subscriptionRequired": true,
		"description": unbroken + unbroken,
	})
	put("apis/"+unbroken+"/operations/list/operationInformation.json", map[string]any{
		"displayName": "List_" + unbroken, "method": "GET", "urlTemplate": "/" + unbroken + "/{customer_relationship_identifier}",
		"templateParameters": []map[string]any{{"name": "customer_relationship_identifier", "type": "string", "required": true}},
	})
	put("apis/archive/apiInformation.json", map[string]any{"displayName": "Archive", "path": "archive", "protocols": []string{"https"}, "serviceUrl": "https://archive.contoso.example"})
	put("apis/chat/apiInformation.json", map[string]any{"displayName": "Chat", "path": "chat", "type": "websocket", "protocols": []string{"wss"}, "serviceUrl": "wss://chat.contoso.example"})
	for n := range 45 {
		put(fmt.Sprintf("apis/region-%02d/apiInformation.json", n), map[string]any{
			"displayName": fmt.Sprintf("Weather of region %d", n), "path": fmt.Sprintf("weather/%d", n), "protocols": []string{"https"},
			"serviceUrl": "https://weather.contoso.example", "description": "Observations of the last day, and the forecast of the next ten, for each station of the region.",
		})
	}
	screenPeople(put)
	screenProducts(put, files)
	for file, text := range screenPages {
		files["portal/pages/"+file] = text
	}
	return files
}

// screenPeople are users, groups, and subscriptions of others.
func screenPeople(put func(string, map[string]any)) {
	put("groups/partners/groupInformation.json", map[string]any{"displayName": "Partners", "type": "custom", "description": "Firms that resell what we offer."})
	put("groups/"+unbroken+"/groupInformation.json", map[string]any{"displayName": unbroken, "type": "custom"})
	first := []string{"Ada", "Grace", "Katherine", "Edsger", "Barbara", "Donald", "Margaret", "Alan"}
	last := []string{"Lovelace", "Hopper", "Johnson", "Dijkstra", "Liskov"}
	for n := range 40 {
		state := "active"
		if n%9 == 4 {
			state = "blocked"
		}
		put(fmt.Sprintf("users/u%02d/userInformation.json", n), map[string]any{
			"email": fmt.Sprintf("%s.%s.%d@contoso.example", first[n%8], last[n%5], n), "firstName": first[n%8], "lastName": last[n%5], "state": state,
		})
	}
	put("users/long/userInformation.json", map[string]any{"email": unbroken + "@" + "engineering.contoso.example", "firstName": unbroken, "lastName": unbroken, "state": "active"})
	for n, state := range []string{"active", "active", "submitted", "suspended", "cancelled", "rejected"} {
		name, owner := fmt.Sprintf("Warehouse %d", n+1), fmt.Sprintf("/users/u%02d", n)
		if n == 1 {
			name, owner = unbroken, "/users/long"
		}
		put(fmt.Sprintf("subscriptions/s%d/subscriptionInformation.json", n), map[string]any{
			"displayName": name, "scope": "/products/unlimited", "ownerId": owner, "state": state,
		})
	}
}

// screenProducts are products that differ in what they ask for, and tags.
func screenProducts(put func(string, map[string]any), files map[string]string) {
	for name, p := range map[string]map[string]any{
		"enterprise": {"displayName": "Enterprise", "description": "Everything, with support around the clock.\n\n- answers within an hour\n- 10,000 calls a day", "approvalRequired": true, "subscriptionsLimit": 2, "terms": "1. Use it lawfully.\n2. Keep the keys secret.\n3. Tell us when something is broken.\n\nThe **long form** is on our site."},
		unbroken:     {"displayName": unbroken, "description": unbroken + unbroken, "approvalRequired": false},
		"empty":      {"displayName": "Preview programme", "description": "What comes next. Nothing yet.", "approvalRequired": false},
	} {
		p["subscriptionRequired"], p["state"] = true, "published"
		put("products/"+name+"/productInformation.json", p)
		for _, group := range []string{"guests", "developers"} {
			files["products/"+name+"/groups/"+group+"/productGroupInformation.json"] = `{"name": "` + name[:5] + group + `", "properties": {"groupId": "/groups/` + group + `"}}`
		}
	}
	for _, api := range []string{"payments", "payments-v1", unbroken, "archive", "chat"} {
		files["products/enterprise/apis/"+api+"/productApiInformation.json"] = "{}"
		files["products/"+unbroken+"/apis/"+api+"/productApiInformation.json"] = "{}"
	}
	for n := range 45 {
		files[fmt.Sprintf("products/unlimited/apis/region-%02d/productApiInformation.json", n)] = "{}"
	}
	for name, tag := range map[string]string{"money": "Money", "weather": "Weather", "long": unbroken} {
		put("tags/"+name+"/tagInformation.json", map[string]any{"displayName": tag})
	}
	for _, tag := range []string{"money", "long"} {
		files["tags/"+tag+"/apis/payments/tagApiInformation.json"] = "{}"
	}
	for n := range 20 {
		files[fmt.Sprintf("tags/weather/apis/region-%02d/tagApiInformation.json", n)] = "{}"
	}
}

// screenPages are pages with every block.
var screenPages = map[string]string{
	"home.md": "---\ntitle: Home\n---\n::: hero\n# Contoso APIs\n\nPay, deliver, and know the weather.\n\n::: button href=/apis label=\"Browse the APIs\" :::\n:::\n\n## APIs\n\n::: apis limit=6 :::\n\n## Products\n\n::: products limit=3 :::\n",
	"guide.md": "---\ntitle: Getting started\ndescription: From the first key to the first call.\n---\n# Getting started\n\n::: contents :::\n\n## A key\n\nSubscribe to a [product](/products). A paragraph of a usual length follows, so that one sees how long its lines are, and whether they can be read without losing the next one.\n\n" +
		"::: notice kind=warning\nKeep keys out of repositories.\n:::\n\n::: notice kind=success\nAll systems run.\n:::\n\n::: notice kind=information\nThere will be maintenance on Sunday.\n:::\n\n## A call\n\n```bash\ncurl -H 'Ocp-Apim-Subscription-Key: 0123456789abcdef0123456789abcdef' https://api.contoso.example/payments/v2/payments/" + unbroken + "\n```\n\n" +
		"| Status | What it means | What to do |\n|---|---|---|\n| 200 | It was done | Nothing |\n| 401 | The key is missing or wrong | Look at **Subscriptions** |\n| 429 | There were too many calls | Wait as long as `Retry-After` says |\n\n### In parts\n\n> Amounts are in the smallest unit.\n\n1. Authorise.\n2. Capture.\n\n- by card\n- by transfer\n\n" +
		"## More\n\n::: cards\n### Support\n\nWrite to us.\n+++\n### Status\n\nSee what runs.\n+++\n### " + unbroken + "\n\nA name that is long.\n:::\n\n::: columns\n**Left.** Text beside other text.\n+++\n**Right.** Text beside other text.\n:::\n\n::: button href=/apis kind=secondary label=\"To the APIs\" :::\n\n---\n\nThe end.\n",
}
