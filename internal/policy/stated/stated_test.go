package stated_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/policy/document"
	"github.com/sallyport/sallyport/internal/policy/stated"
)

// line writes a limit for tests to compare.
func line(l stated.Limit, s stated.Subject) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %d/%dkB in %s", l.Policy, l.Calls, l.Kilobytes, l.Period)
	for _, flag := range []struct {
		text string
		set  bool
	}{{"conditional", l.Conditional}, {"partly", l.Partly}, {"calls vary", l.CallsVary}, {"period varies", l.PeriodVaries}} {
		if flag.set {
			b.WriteString(", " + flag.text)
		}
	}
	if l.Path != "" {
		b.WriteString(" at " + l.Path)
	}
	if l.Key != nil {
		key, known := l.Key.Of(s)
		fmt.Fprintf(&b, " by %d %q %t", l.Key.By(), key, known)
	}
	return b.String()
}

var me = stated.Subject{Subscription: "mine", Key: "k1", User: "ann"}

func lines(list []stated.Limit) []string {
	var out []string
	for _, l := range list {
		out = append(out, line(l, me))
	}
	return out
}

func TestRead(t *testing.T) {
	fragments := map[string]string{
		"throttle": `<fragment><rate-limit-by-key calls="4" renewal-period="10" counter-key="@(context.Subscription.Id)" /></fragment>`,
		"itself":   `<fragment><include-fragment fragment-id="itself" /><quota calls="1" renewal-period="300" /></fragment>`,
	}
	around := stated.Surroundings{
		Fragment: func(id string) (stated.Source, bool) {
			text, ok := fragments[id]
			return stated.Source{Text: []byte(text), Format: document.RawXML}, ok
		},
		NamedValue: func(name string) (string, bool) { return "30", name == "calls" },
	}
	for _, test := range []struct {
		name, inbound string
		want          []string
	}{
		{"nothing", `<base />`, nil},
		{"plain", `<quota calls="10" bandwidth="40" renewal-period="3600" />`, []string{"quota 10/40kB in 1h0m0s"}},
		{"nested", `<quota renewal-period="60" calls="9"><api id="a" calls="5"><operation name="Get it" calls="2" renewal-period="30" /></api>
			<operation id="o" bandwidth="7" /></quota>`, []string{
			"quota 9/0kB in 1m0s", "quota 5/0kB in 1m0s at /api/a", "quota 2/0kB in 30s at /api/a/operation/Get it",
			"quota 0/7kB in 1m0s at /operation/o",
		}},
		{"in a choose", `<choose><when condition="@(true)"><rate-limit calls="5" renewal-period="9" /></when>
			<otherwise><choose><when condition="@(false)"><include-fragment fragment-id="throttle" /></when></choose></otherwise></choose>`, []string{
			"rate-limit 5/0kB in 9s, conditional", `rate-limit-by-key 4/0kB in 10s, conditional by 1 "mine" true`,
		}},
		{"in a fragment", `<include-fragment fragment-id="throttle" /><include-fragment fragment-id="none" /><include-fragment fragment-id="itself" />`, []string{
			`rate-limit-by-key 4/0kB in 10s by 1 "mine" true`, "quota 1/0kB in 5m0s",
		}},
		{"named values", `<rate-limit calls="{{calls}}" renewal-period="60" /><quota calls="{{secret}}" renewal-period="60" />`, []string{
			"rate-limit 30/0kB in 1m0s", "quota 0/0kB in 1m0s, calls vary",
		}},
		{"numbers that only a call tells", `<rate-limit-by-key calls="@(context.Product.Id == "a" ? 5 : 6)" renewal-period="@(context.Variables.Count)"
			counter-key="@(context.Subscription.Id)" increment-condition="@(context.Response.StatusCode == 200)" />`, []string{
			`rate-limit-by-key 0/0kB in 0s, partly, calls vary, period varies by 1 "mine" true`,
		}},
		{"one that is no policy at all", `<set-header name="quota"><value>rate-limit</value></set-header>`, nil},
		{"numbers out of range", `<quota calls="-4" bandwidth="99999999999999999999" renewal-period="1" />`, []string{"quota 0/0kB in 1s, calls vary"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := "<policies><inbound>" + test.inbound + `</inbound><outbound><quota calls="1" renewal-period="1" /></outbound></policies>`
			got := stated.Read(stated.Source{Text: []byte(text), Format: document.RawXML}, around)
			if diff := cmp.Diff(test.want, lines(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
	if got := stated.Read(stated.Source{Text: []byte("<policies><inbound>"), Format: document.RawXML}, around); got != nil {
		t.Errorf("a document that cannot be read has limits: %v", got)
	}
	many := "<policies><inbound>" + strings.Repeat(`<quota-by-key calls="1" renewal-period="0" counter-key="a" />`, 2*stated.MaxLimits) + "</inbound></policies>"
	if got := stated.Read(stated.Source{Text: []byte(many), Format: document.RawXML}, stated.Surroundings{}); len(got) != stated.MaxLimits {
		t.Errorf("%d limits of one document, MaxLimits is %d", len(got), stated.MaxLimits)
	}
}

func TestKeys(t *testing.T) {
	for _, test := range []struct {
		key, want string
	}{
		{`@(context.Subscription.Id)`, `1 "mine" true`},
		{`@(context.Subscription?.Id ?? context.Request.IpAddress)`, `1 "mine" true`},
		{`@(context.Subscription.Key)`, `2 "k1" true`},
		{`@(context.User.Id)`, `3 "ann" true`},
		{`@(context.User?.Id.ToString() ?? "anonymous")`, `3 "ann" true`},
		{`@{ return context.Subscription.Id; }`, `1 "mine" true`},
		{`@(context.Subscription != null ? context.Subscription.Id : context.Request.IpAddress)`, `1 "mine" true`},
		{`@(String.Concat(context.Subscription.Id,"-mt-product2"))`, `1 "mine-mt-product2" true`},
		{`@(string.Concat(context.Subscription.Id, "-", context.User.Id))`, `1 "mine-ann" true`},
		{`@($"{context.Subscription.Id}-x")`, `1 "mine-x" true`},
		{`@($"{context.Subscription.Id,5}")`, `1 "" false`},
		{`@(context.Subscription.Id + context.Api.Id)`, `1 "" false`},
		{`@(context.Subscription.Id + "-" + context.Variables["target-deployment"])`, `1 "" false`},
		{`@(context.Subscription.Id.Substring(3))`, `1 "" false`},
		{`@{ var id = context.Subscription.Id; return id; }`, `1 "" false`},
		{`@(context.Request.IpAddress)`, `8 "" false`},
		{`everybody`, `8 "everybody" true`},
		{`{{secret}}`, `8 "" false`},
		{`@(context.Subscription.Id + "{{secret}}")`, `1 "" false`},
		{`@(`, ``},
	} {
		text := `<policies><inbound><quota-by-key calls="1" renewal-period="300" counter-key="` + strings.ReplaceAll(test.key, `"`, "&quot;") + `" /></inbound></policies>`
		var got string
		for _, l := range stated.Read(stated.Source{Text: []byte(text), Format: document.XML}, stated.Surroundings{}) {
			key, known := l.Key.Of(me)
			got = fmt.Sprintf("%d %q %t", l.Key.By(), key, known)
		}
		if got != test.want {
			t.Errorf("%s: %s, want %s", test.key, got, test.want)
		}
	}
}

// TestRead_Published reads the documents that people have published: what is
// stated in them, and nothing that an expression says.
func TestRead_Published(t *testing.T) {
	want := map[string][]string{
		"26b12caac49a591a": {"rate-limit 60/0kB in 1m0s"},
		"433c4e95ac844066": {"rate-limit 3/0kB in 10s"},
		"54b8e9bf60d63a61": {"rate-limit 200/0kB in 1m0s"},
		"5527cf022886f1f9": {"quota 100000/0kB in 1h0m0s"},
		"66f1fb2d7efc6b87": {"rate-limit 60/0kB in 1m0s"},
		"a6b03f4510dfe718": {"rate-limit 5/0kB in 1m0s", "quota 100/0kB in 168h0m0s"},
		"89b30149e71f01fa": {"quota 50000/0kB in 720h0m0s", "rate-limit 100/0kB in 1m0s"},
		"b3fab0ff0508d8b0": {"rate-limit 1200/0kB in 1m0s"},
		"d0f0bc0b9a4b2c30": {`rate-limit-by-key 5/0kB in 30s by 8 "" false`},
		"db936856edf4dc43": {`quota-by-key 3/0kB in 5m0s by 1 "mine-mt-product2" true`},
		"f83c157338c9c052": {
			`rate-limit-by-key 5/0kB in 1m0s, conditional by 3 "ann" true`, `rate-limit-by-key 10/0kB in 1m0s, conditional by 3 "ann" true`,
			`rate-limit-by-key 3/0kB in 1m0s, conditional by 3 "ann" true`,
		},
	}
	folder := published(t)
	files, err := filepath.Glob(filepath.Join(folder, "*.xml"))
	if err != nil || len(files) < 200 {
		t.Fatalf("%d documents in %s (%v)", len(files), folder, err)
	}
	got := map[string][]string{}
	for _, file := range files {
		text, err := os.ReadFile(file) //nolint:gosec // A file of the shared data.
		if err != nil {
			t.Fatal(err)
		}
		if list := lines(stated.Read(stated.Source{Text: text}, stated.Surroundings{})); len(list) > 0 {
			got[strings.TrimSuffix(filepath.Base(file), ".xml")] = list
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// published is the folder of documents that people have published.
func published(tb testing.TB) string {
	tb.Helper()
	at, err := os.Getwd()
	for err == nil {
		if _, missing := os.Stat(filepath.Join(at, "go.mod")); missing == nil {
			break
		}
		at = filepath.Dir(at)
	}
	folder := filepath.Join(at, "..", "shared", "policy-documents")
	if _, err := os.Stat(folder); err != nil {
		if os.Getenv("CI") != "" {
			tb.Fatal(err)
		}
		tb.Skip("SKIPPED: ../shared is not beside the checkout")
	}
	return folder
}

// FuzzRead has whatever a document holds be read within the bounds.
func FuzzRead(f *testing.F) {
	f.Add(`<policies><inbound><quota calls="1" renewal-period="60"><api id="a" calls="2" /></quota></inbound></policies>`)
	f.Add(`<policies><inbound><choose><when condition="@(true)"><rate-limit-by-key calls="@(1)" renewal-period="60" counter-key="@($"{context.Subscription?.Id ?? "x"}")" /></when></choose></inbound></policies>`)
	f.Fuzz(func(t *testing.T, text string) {
		around := stated.Surroundings{Fragment: func(string) (stated.Source, bool) { return stated.Source{Text: []byte(text)}, true }}
		list := stated.Read(stated.Source{Text: []byte(text)}, around)
		if len(list) > stated.MaxLimits {
			t.Fatalf("%d limits", len(list))
		}
		for _, l := range list {
			_ = line(l, me)
		}
	})
}
