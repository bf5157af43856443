package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// TestCompileReportsAll compiles documents that are wrong, and wants every
// problem with its position, the element, and what would be right.
func TestCompileReportsAll(t *testing.T) {
	in := func(text string) string { return "<policies><inbound>" + text + "</inbound></policies>" }
	tests := []struct {
		name  string
		scope policy.Scope
		text  string
		want  []string
	}{
		{"a name that is nearly right", policy.ScopeAPI, in("<nute text=\"1\" />"), []string{
			"policy.xml:1:20: nute: there is no policy of this name (did you mean note?)"}},
		{"a name that is nothing", policy.ScopeAPI, in("<x-y-z-a-b />"), []string{
			"policy.xml:1:20: x-y-z-a-b: there is no policy of this name (docs/policies lists the policies)"}},
		{"attributes", policy.ScopeAPI, in("\n<note txt=\"1\" id=\"i\" xmlns:x=\"u\" />"), []string{
			"policy.xml:2:1: note: the attribute text is missing (what to note)",
			"policy.xml:2:7: note: there is no attribute txt (possible are text, id)"}},
		{"values", policy.ScopeAPI, in(`<typed a="1" number="6" flag="yes" colour="green" wait="1m" url="/x" date="today"><value>x</value></typed>`), []string{
			`policy.xml:1:41: typed number: "6" is not possible (between 1 and 5)`,
			`policy.xml:1:50: typed flag: "yes" is not possible (true or false is needed)`,
			`policy.xml:1:63: typed colour: "green" is not possible (possible are red, blue)`,
			`policy.xml:1:76: typed wait: "1m" is not possible (reading "1m": seconds or a TimeSpan such as 00:01:30 is needed)`,
			`policy.xml:1:85: typed url: "/x" is not possible (URL "/x" is not absolute: write it with scheme and host)`,
			`policy.xml:1:95: typed date: "today" is not possible (a date such as 2026-01-31T00:00:00Z is needed)`,
			`policy.xml:1:109: value: "x" is not possible (a whole number is needed)`}},
		{"a value that a named value gives", policy.ScopeAPI, in(`<typed a="1" number="{{colour}}" plain="{{none}}"><value>1</value></typed>`), []string{
			`policy.xml:1:41: typed number: "{{colour}}" is not possible (a whole number is needed)`,
			`policy.xml:1:60: {{none}}: there is no named value of this name (create it, or correct the name)`}},
		{"one of", policy.ScopeAPI, in(`<typed a="1" b="2"><value>1</value></typed><typed><value>1</value></typed>`), []string{
			"policy.xml:1:20: typed: exactly one of the attributes a, b must be present (there are 2)",
			"policy.xml:1:63: typed: exactly one of the attributes a, b must be present (there are 0)"}},
		{"children", policy.ScopeAPI, in(`<typed a="1"/><typed a="1"><value>1</value><value>2</value><value>3</value><other/></typed>`), []string{
			"policy.xml:1:20: typed: there must be at least 1 child element value (a value)",
			"policy.xml:1:34: typed: there may be at most 2 child element value, there are 3",
			"policy.xml:1:95: typed: there is no child element other (possible are value)"}},
		{"text", policy.ScopeAPI, in(`<note text="1">more</note>`), []string{"policy.xml:1:35: note: text cannot stand in this element"}},
		{"an expression where none can stand", policy.ScopeAPI, in(`<typed a="@(1)"><value>@(1)</value></typed>`), []string{
			"policy.xml:1:32: typed a: an expression cannot stand here (write the value itself)",
			"policy.xml:1:45: value: an expression cannot stand here (write the value itself)"}},
		{"an expression beside text", policy.ScopeAPI, in(`<note text="a @(1)" />`), []string{
			"policy.xml:1:34: note text: an expression stands beside other text (make the whole value one expression; write a literal @ as &#64;)"}},
		{"another type", policy.ScopeAPI, in(`<typed a="1" flag="@(1)"><value>1</value></typed>`), []string{
			"policy.xml:1:41: typed flag: the expression gives int where bool is needed"}},
		{"a section", policy.ScopeAPI, "<policies><outbound><inbound-only /></outbound></policies>", []string{
			"policy.xml:1:21: inbound-only: this policy cannot stand in outbound (it can stand in inbound)"}},
		{"a scope", policy.ScopeAPI, in("<product-only />"), []string{
			"policy.xml:1:20: product-only: this policy cannot be used at api scope (it can be used at product scope)"}},
		{"once", policy.ScopeAPI, "<policies><inbound><once /><group><once /></group></inbound><outbound><once /></outbound></policies>", []string{
			"policy.xml:1:35: once: this policy can stand only once in inbound (remove one of them)"}},
		{"only some policies", policy.ScopeAPI, in("<only-notes><note text=\"1\" /><fail /></only-notes>"), []string{
			"policy.xml:1:49: only-notes: the policy fail cannot stand here (possible are note)"}},
		{"sections", policy.ScopeAPI, "<policies><inbound /><inbound /><sideways /></policies>", []string{
			"policy.xml:1:22: inbound: the section stands twice",
			"policy.xml:1:33: sideways: there is no section of this name (the sections are inbound, backend, outbound and on-error)"}},
		{"attributes of sections", policy.ScopeAPI, `<policies version="2"><inbound mode="x" /></policies>`, []string{
			"policy.xml:1:11: policies: there is no attribute version (possible are id)",
			"policy.xml:1:32: inbound: there is no attribute mode (possible are id)"}},
		{"another root", policy.ScopeAPI, "<fragment />", []string{"policy.xml:1:1: fragment: the root element must be policies"}},
		{"base inside a policy", policy.ScopeAPI, in("<group><base /></group>"), []string{
			"policy.xml:1:27: base: base cannot stand inside another policy (place it directly in inbound)"}},
		{"what is wrong inside what is wrong", policy.ScopeAPI, in(`<group colour="red"><note /></group>`), []string{
			"policy.xml:1:27: group: there is no attribute colour (possible are id)",
			"policy.xml:1:40: note: the attribute text is missing (what to note)"}},
		{"positions behind a long named value", policy.ScopeAPI, in(`<note text="{{colour}}" /> <note />`), []string{
			"policy.xml:1:47: note: the attribute text is missing (what to note)"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			doc, problems := (&notes{}).compile(t, test.scope, test.text, nil)
			if doc != nil {
				t.Error("a document that is wrong was compiled")
			}
			problems.Sort()
			var got []string
			for _, p := range problems {
				if p.Resource != "apis/echo" {
					t.Errorf("the problem is of %q", p.Resource)
				}
				got = append(got, p.String())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFragments(t *testing.T) {
	include := func(id string) string { return `<include-fragment fragment-id="` + id + `" />` }
	deep := map[string]string{}
	for i := range policy.MaxFragmentDepth + 1 {
		deep[fmt.Sprintf("f%d", i)] = "<fragment>" + include(fmt.Sprintf("f%d", i+1)) + "</fragment>"
	}
	tests := []struct {
		name      string
		document  string
		fragments map[string]string
		want      string // of the first problem; "" where the document is right
	}{
		{"right", include("a") + include("b"), map[string]string{"a": `<fragment><note text="{{five}}" />` + include("b") + `</fragment>`, "b": "<fragment />"}, ""},
		{"is missing", include("a"), nil, "policy.xml:1:20: include-fragment: there is no policy fragment a (create it, or correct the fragment-id)"},
		{"includes itself", include("a"), map[string]string{"a": "<fragment>" + include("A") + "</fragment>"},
			"fragment-a:1:11: include-fragment: the policy fragment A includes itself (remove one of the includes)"},
		{"includes itself through another", include("a"), map[string]string{"a": "<fragment>" + include("b") + "</fragment>", "b": "<fragment><group>" + include("a") + "</group></fragment>"},
			"fragment-b:1:18: include-fragment: the policy fragment a includes itself (remove one of the includes)"},
		{"too deep", include("f0"), deep, "fragment-f7:1:11: include-fragment: policy fragments are nested more than 8 deep"},
		{"has base", include("a"), map[string]string{"a": "<fragment><base /></fragment>"},
			"fragment-a:1:11: base: a policy fragment cannot contain base (move it to the document that includes the fragment)"},
		{"is placed wrongly", include("a"), map[string]string{"a": "<fragment><product-only /></fragment>"},
			"fragment-a:1:11: product-only: this policy cannot be used at api scope (it can be used at product scope)"},
		{"is no fragment", include("a"), map[string]string{"a": "<policies />"}, "fragment-a:1:1: policies: the root element must be fragment"},
		{"many times", strings.Repeat(include("a"), policy.MaxIncludedBytes/(64<<10)+1), map[string]string{"a": "<fragment><!--" + strings.Repeat("x", 64<<10) + "--></fragment>"},
			"policy.xml:1:2288: include-fragment: the policy fragments of the document have more than 4194304 bytes together (MaxIncludedBytes)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			doc, problems := (&notes{}).compile(t, policy.ScopeAPI, "<policies><inbound>"+test.document+"</inbound></policies>", test.fragments)
			if test.want == "" {
				if doc == nil {
					t.Fatal(problems)
				}
				if diff := cmp.Diff([]string{"a", "b"}, doc.Fragments); diff != "" {
					t.Errorf("fragments (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff([]string{"five"}, doc.NamedValues); diff != "" {
					t.Errorf("named values (-want +got):\n%s", diff)
				}
				return
			}
			if len(problems) == 0 || problems[0].String() != test.want {
				t.Errorf("problems\n%s\nwant\n%s", problems, test.want)
			}
		})
	}
}

func TestCheckFragment(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"right in one section", "<fragment><inbound-only /></fragment>", ""},
		{"wrong in all", "<fragment><note /></fragment>", "fragment.xml:1:11: note: the attribute text is missing (what to note)\n"},
		{"includes itself", `<fragment><include-fragment fragment-id="policyFragments/own" /></fragment>`,
			"fragment.xml:1:11: include-fragment: the policy fragment policyFragments/own includes itself (remove one of the includes)\n"},
		{"another root", "<policies />", "fragment.xml:1:1: policies: the root element must be fragment\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			problems := policy.CheckFragment((&notes{}).environment(t, nil),
				policy.Source{Text: []byte(test.text), File: "fragment.xml", Resource: "policyFragments/own"})
			if diff := cmp.Diff(strings.TrimSpace(test.want), strings.TrimSpace(problems.String())); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCompileAny(t *testing.T) {
	env := (&notes{}).environment(t, nil)
	for text, wrong := range map[string]bool{"<fragment><done /></fragment>": false, "<policies />": false, "<fragment><dune /></fragment>": true, "<other />": true} {
		if _, problems := policy.CompileAny(env, policy.Source{Text: []byte(text)}, policy.ScopeAPI); (len(problems) > 0) != wrong {
			t.Errorf("%s: %s", text, problems)
		}
	}
}

// TestCompilerFault makes a policy's Compile panic: that is a problem of the
// document.
func TestCompilerFault(t *testing.T) {
	n := &notes{}
	env := n.environment(t, nil)
	env.Policies = policy.NewRegistry(append(n.registry().All(), &policy.Spec{
		Name: "explode", Sections: policy.AnySection, Scopes: policy.AnyScope,
		Compile: func(*policy.Compiler, *document.Element) policy.Step { panic("boom") },
	})...)
	doc, problems := policy.Compile(env, policy.Source{Text: []byte("<policies><inbound><group><explode /></group></inbound></policies>"), Resource: "r"}, policy.ScopeAPI)
	want := "group[1]/explode[1]: " + policy.InternalErrorPrefix + "boom"
	if doc != nil || len(problems) != 1 || !strings.Contains(problems[0].String(), want) || problems[0].Resource != "r" {
		t.Errorf("problems %s, want %s", problems, want)
	}
	if problems := policy.CheckFragment(env, policy.Source{Text: []byte("<fragment><explode /></fragment>")}); len(problems) != 1 {
		t.Errorf("problems of the fragment: %s", problems)
	}
}

func TestProblemsAreBounded(t *testing.T) {
	_, problems := (&notes{}).compile(t, policy.ScopeAPI, "<policies><inbound>"+strings.Repeat("<none/>", 5000)+"</inbound></policies>", nil)
	if len(problems) != policy.MaxProblems {
		t.Errorf("%d problems are reported, want %d", len(problems), policy.MaxProblems)
	}
}

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0s", "30": "30s", "00:01:30": "1m30s", "1.02:00:00": "26h0m0s", "23:59:59": "23h59m59s",
		"": "", "-1": "", "1m": "", "24:00:00": "", "1.2": "", "00:60:00": "", "99999999999": "", "x.00:00:01": "",
	} {
		d, err := policy.ParseDuration(text)
		if want == "" != (err != nil) || (err == nil && d.String() != want) {
			t.Errorf("%q: %v, %v; want %q", text, d, err, want)
		}
	}
}
