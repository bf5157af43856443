package reference

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/policy"
)

// generated says where a page is from. It is the first line of each.
const generated = "<!-- Generated from the policy's Spec by `make docs`. Do not edit. -->\n\n"

// index makes the list of all policies.
func index(r *policy.Registry) []byte {
	var b bytes.Buffer
	b.WriteString(generated)
	b.WriteString("# Policies\n\nThe policies that documents can hold, each with its page. " +
		"[policies.json](policies.json) describes them for editors.\n\n" +
		"Every policy may have an attribute `id`, which `context.LastError.PolicyId` shows.\n\n")
	b.WriteString("| policy | what it does | sections |\n|---|---|---|\n")
	for _, s := range r.All() {
		fmt.Fprintf(&b, "| [%s](%s.md) | %s | %s |\n", s.Name, s.Name, cell(s.Summary), s.Sections)
	}
	return b.Bytes()
}

// page makes the page of a policy.
func page(s *policy.Spec) []byte {
	var b bytes.Buffer
	b.WriteString(generated)
	fmt.Fprintf(&b, "# %s\n\n%s\n\n", s.Name, s.Summary)
	if s.Details != "" {
		fmt.Fprintf(&b, "%s\n\n", strings.TrimSpace(s.Details))
	}
	if s.Example != "" {
		fmt.Fprintf(&b, "```xml\n%s\n```\n\n", strings.TrimSpace(s.Example))
	}
	writeShape(&b, &s.Shape, s.Name)
	b.WriteString("## Where it can stand\n\n")
	fmt.Fprintf(&b, "- Sections: %s\n- Scopes: %s\n", s.Sections, s.Scopes)
	if s.Once {
		b.WriteString("- At most once in a section of a document\n")
	}
	return b.Bytes()
}

// writeShape writes attributes and content of an element, then those of its
// child elements.
func writeShape(b *bytes.Buffer, s *policy.Shape, path string) {
	if len(s.Attributes) > 0 {
		fmt.Fprintf(b, "## Attributes of `%s`\n\n", path)
		b.WriteString("| name | what it is | type | required | default | expression |\n|---|---|---|---|---|---|\n")
		for i := range s.Attributes {
			writeAttribute(b, &s.Attributes[i])
		}
		b.WriteString("\n")
	}
	for _, group := range s.OneOf {
		fmt.Fprintf(b, "Exactly one of `%s` must be present.\n\n", strings.Join(group, "`, `"))
	}
	writeContent(b, s, path)
	for i := range s.Children {
		writeShape(b, &s.Children[i].Shape, path+"/"+s.Children[i].Name)
	}
}

func writeAttribute(b *bytes.Buffer, a *policy.Attribute) {
	fallback := ""
	if a.Value.Default != "" {
		fallback = "`" + a.Value.Default + "`"
	}
	fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s | %s |\n",
		a.Name, cell(a.Value.Doc), typeOf(&a.Value), yesNo(a.Required), fallback, yesNo(a.Value.Expression))
}

// writeContent writes what may stand inside an element.
func writeContent(b *bytes.Buffer, s *policy.Shape, path string) {
	switch {
	case s.Payload:
		fmt.Fprintf(b, "The content of `%s` is the text or markup itself%s.\n\n", path, orExpression(s.Text))
	case s.Text != nil:
		fmt.Fprintf(b, "The content of `%s` is a text: %s (%s%s).\n\n", path, s.Text.Doc, typeOf(s.Text), orExpression(s.Text))
	}
	switch {
	case s.Policies && len(s.Only) > 0:
		fmt.Fprintf(b, "`%s` contains policies: `%s`.\n\n", path, strings.Join(s.Only, "`, `"))
	case s.Policies:
		fmt.Fprintf(b, "`%s` contains policies, those that can stand in the section around it.\n\n", path)
	}
	if len(s.Children) == 0 {
		return
	}
	fmt.Fprintf(b, "## Elements of `%s`\n\n| name | what it is | how many |\n|---|---|---|\n", path)
	for _, k := range s.Children {
		what := k.Doc
		if what == "" && k.Shape.Text != nil {
			what = k.Shape.Text.Doc
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", k.Name, cell(what), howMany(k.Min, k.Max))
	}
	b.WriteString("\n")
}

// typeOf describes the values that are possible.
func typeOf(v *policy.Value) string {
	switch v.Type {
	case policy.TypeEnum:
		return "one of `" + strings.Join(v.Enum, "`, `") + "`"
	case policy.TypeInteger:
		if v.Min != 0 || v.Max != 0 {
			return "integer, " + strconv.FormatInt(v.Min, 10) + " to " + strconv.FormatInt(v.Max, 10)
		}
	case policy.TypeString, policy.TypeBoolean, policy.TypeDuration, policy.TypeURL, policy.TypeDateTime, policy.TypeAny:
	}
	return v.Type.String()
}

func orExpression(v *policy.Value) string {
	if v != nil && v.Expression {
		return ", or an expression"
	}
	return ""
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func howMany(least, most int) string {
	switch {
	case most == 0 && least == 0:
		return "any number"
	case most == 0:
		return strconv.Itoa(least) + " or more"
	case least == most:
		return strconv.Itoa(least)
	}
	return strconv.Itoa(least) + " to " + strconv.Itoa(most)
}

// cell makes a text fit into a cell of a table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(text)
}
