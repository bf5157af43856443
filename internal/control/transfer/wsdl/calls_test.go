package wsdl

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policies"
	"github.com/sallyport/sallyport/internal/policies/policytest"
	"github.com/sallyport/sallyport/internal/policy"
)

// TestCalls runs the policies that the import makes of the golden file "rest".
// The comment of each archive names the operation.
func TestCalls(t *testing.T) {
	a, err := txtar.ParseFile(filepath.Join("testdata", "rest.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	in, problems := Read("apis/a", a.Files[0].Data, Options{REST: true})
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	made := map[string]string{}
	for _, p := range in.Policies {
		made[p.ID.Parent().Name()] = p.Value
	}
	pattern := filepath.Join("testdata", "calls", "*.txtar")
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("no calls: %v", err)
	}
	for _, name := range names {
		call, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		document := &call.Files[0]
		want := made[strings.TrimSpace(string(call.Comment))]
		if updating() && string(document.Data) != want {
			document.Data = []byte(want)
			if err := os.WriteFile(name, txtar.Format(call), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if string(document.Data) != want {
			t.Errorf("%s: its policy is not the one that the import makes: run with -update", name)
		}
	}
	policytest.Run(t, pattern, policies.All())
}

// TestPoliciesAreWellFormed compiles the policies of documents whose names are
// chosen to break out of what is generated.
func TestPoliciesAreWellFormed(t *testing.T) {
	const hostile = `x&quot;); } {{secret}} @(1) &lt;/set-body&gt; \`
	text := strings.NewReplacer("SPACE", hostile, "LOCATION", `http://a.example/{{secret}}/@(1)/&quot;x&quot;`).Replace(`<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"
  xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:t="SPACE" targetNamespace="SPACE">
  <types><x:schema targetNamespace="SPACE"><x:element name="In"><x:complexType><x:sequence><x:element name='SPACE' type="x:string"/></x:sequence></x:complexType></x:element></x:schema></types>
  <message name="m"><part name="p" element="t:In"/></message>
  <portType name="p"><operation name="SPACE"><input message="t:m"/><output message="t:m"/></operation></portType>
  <binding name="b" type="t:p"><soap:binding/><operation name="SPACE"><soap:operation soapAction="SPACE"/></operation></binding>
  <service name="s"><port name="p" binding="t:b"><soap:address location="LOCATION"/></port></service></definitions>`)
	in, problems := Read("apis/a", []byte(text), Options{REST: true})
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	value := in.Policies[0].Value
	for _, word := range []string{"{{", "}}", "@(1)", hostile} {
		if strings.Contains(value, word) {
			t.Errorf("the policy has %s as it is in the document:\n%s", word, value)
		}
	}
	if p := model.Validate(in.Operations[0]); p.HasErrors() {
		t.Error(p)
	}
	compile(t, value)
}

// compile fails where the policy of an operation does not compile.
func compile(t *testing.T, value string) {
	t.Helper()
	expressions, err := expr.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	env := &policy.Environment{
		Policies: policies.All(), Expressions: expressions, Services: &policy.Services{},
		NamedValue: func(name string) (string, bool) { t.Errorf("the named value %q is asked for", name); return "", false },
		Fragment:   func(string) (policy.Source, bool) { return policy.Source{}, false },
	}
	source := policy.Source{Text: []byte(value), File: "policy.xml", Resource: "apis/a"}
	if _, problems := policy.Compile(env, source, policy.ScopeOperation); len(problems) > 0 {
		t.Errorf("%v\n%.2000s", problems, value)
	}
}
