package reference

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/types"
)

// generated says where a page is from. It is the first line of each.
const generated = "<!-- Generated from the tables of internal/expr/library by `make docs`. Do not edit. -->\n\n"

// ownNamespace is the namespace of the types behind context.
const ownNamespace = "Apim"

// title is a namespace as pages name it.
func title(namespace string) string {
	if namespace == ownNamespace {
		return "API Management: context and its types"
	}
	return namespace
}

// fileName is the page of a namespace.
func fileName(namespace string) string { return strings.ToLower(namespace) + ".md" }

// index lists the types of all pages.
func index(pages map[string][]*types.Definition) []byte {
	var b bytes.Buffer
	b.WriteString(generated)
	b.WriteString("# Policy expressions\n\n" + language + "The .NET types that expressions can use, with the members that each page " +
		"lists by their C# signatures. What is not listed does not exist: naming it is an error when the policy is saved.\n\n" +
		"Where .NET 10 and the .NET Framework 4.8 differ (in the digits of `double` and `float`, in what is rounded to " +
		"whole milliseconds), the answers are those of .NET; `--runtime netframework` of the gateway and of " +
		"`sallyport expr` takes the other's.\n\n")
	b.WriteString("| namespace | types |\n|---|---|\n")
	for _, namespace := range slices.Sorted(maps.Keys(pages)) {
		var names []string
		for _, d := range pages[namespace] {
			names = append(names, "[`"+name(d)+"`]("+fileName(namespace)+"#"+anchor(d)+")")
		}
		fmt.Fprintf(&b, "| %s | %s |\n", title(namespace), strings.Join(names, ", "))
	}
	return b.Bytes()
}

// page makes the page of a namespace.
func page(namespace string, list []*types.Definition) []byte {
	var b bytes.Buffer
	b.WriteString(generated)
	fmt.Fprintf(&b, "# %s\n", title(namespace))
	for _, d := range list {
		fmt.Fprintf(&b, "\n## %s\n\n", strings.NewReplacer("<", `\<`).Replace(name(d)))
		if d.Hidden {
			b.WriteString("Values of this type occur; expressions cannot name it.\n\n")
		}
		b.WriteString("```csharp\n")
		writeType(&b, d)
		b.WriteString("```\n")
	}
	return b.Bytes()
}

// writeType writes a type as C# declares it.
func writeType(b *bytes.Buffer, d *types.Definition) {
	if d.Invoke != nil {
		fmt.Fprintf(b, "%s;\n", d.Invoke.Text)
		return
	}
	b.WriteString(head(d))
	if len(d.Members) == 0 {
		b.WriteString(" { }\n")
		return
	}
	end := ";"
	if d.Kind == types.Enum {
		end = ","
	}
	b.WriteString("\n{\n")
	for _, m := range d.Members {
		text := m.Text
		if !strings.HasSuffix(text, "}") {
			text += end
		}
		switch {
		case m.Unlisted:
			text += " // not on Microsoft's list"
		case m.Unnamed:
			text += " // can be met as a value, not named"
		}
		fmt.Fprintf(b, "    %s\n", text)
	}
	b.WriteString("}\n")
}

// kinds are the C# keywords of the kinds of types.
var kinds = map[types.Kind]string{
	types.Class: "class", types.Struct: "struct", types.Enum: "enum", types.Interface: "interface", types.Delegate: "delegate",
}

// head is the declaration of a type: its kind, name, base class and interfaces.
func head(d *types.Definition) string {
	text := kinds[d.Kind] + " " + name(d)
	switch {
	case d.Static:
		return "static " + text
	case d.Kind == types.Enum:
		return text
	case d.Kind == types.Class && d.Abstract:
		text = "abstract " + text
	case d.Kind == types.Class && d.Sealed:
		text = "sealed " + text
	}
	var from []string
	if d.Kind == types.Class && d.Base != nil && d.Base.Name() != "object" {
		from = append(from, d.Base.Name())
	}
	for _, i := range d.Interfaces {
		from = append(from, i.Name())
	}
	if len(from) == 0 {
		return text
	}
	return text + " : " + strings.Join(from, ", ")
}

// name is the C# name of a type with its type parameters.
func name(d *types.Definition) string {
	if len(d.Params) == 0 {
		return d.Name
	}
	var list []string
	for _, p := range d.Params {
		list = append(list, p.Name())
	}
	return d.Name + "<" + strings.Join(list, ", ") + ">"
}

// anchor is the fragment of a type's heading, as Markdown makes it.
func anchor(d *types.Definition) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case strings.ContainsRune("<>,.", r):
			return -1
		}
		return r
	}, strings.ToLower(name(d)))
}
