package sample

import (
	"fmt"
	"net/http"
	"strings"
)

// curl is a command for a POSIX shell.
func curl(r *Request) string {
	var b strings.Builder
	b.WriteString("curl ")
	switch {
	case r.Method == http.MethodGet && r.Body == "" && len(r.Form) == 0:
	case r.Method == http.MethodHead:
		b.WriteString("--head ")
	default: // With a body, curl would make a POST of a GET.
		b.WriteString("--request " + quoteShellPlain(r.Method) + " ")
	}
	b.WriteString("--globoff --url " + quoteShell(r.URL))
	for _, h := range r.Headers {
		value := h.Name + ": " + h.Value
		if h.Value == "" {
			value = h.Name + ";" // So curl sends a header that is empty.
		}
		b.WriteString(" \\\n  --header " + quoteShell(value))
	}
	for _, f := range r.Form {
		if f.File {
			b.WriteString(" \\\n  --form " + quoteShell(f.Name+`=@"`+strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(f.Value)+`"`))
		} else {
			b.WriteString(" \\\n  --form-string " + quoteShell(f.Name+"="+f.Value))
		}
	}
	if r.Body != "" {
		b.WriteString(" \\\n  --data-raw " + quoteShell(r.Body))
	}
	b.WriteByte('\n')
	return b.String()
}

func quoteShellPlain(text string) string {
	if strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
		return text
	}
	return quoteShell(text)
}

// python is for Python 3 and what comes with it; forms with files need the package
// requests.
func python(r *Request) string {
	if len(r.Form) > 0 {
		return pythonForm(r)
	}
	var b strings.Builder
	b.WriteString("import urllib.error\nimport urllib.request\n\n")
	data := ""
	if r.Body != "" {
		b.WriteString("body = " + pythonText(r.Body) + "\n\n")
		data = "    data=body.encode(),\n"
	}
	fmt.Fprintf(&b, "request = urllib.request.Request(\n    %s,\n    method=%s,\n%s", quoteUTF32(r.URL), quoteUTF32(r.Method), data)
	if len(r.Headers) > 0 {
		b.WriteString("    headers={\n")
		for _, h := range r.Headers {
			fmt.Fprintf(&b, "        %s: %s,\n", quoteUTF32(h.Name), quoteUTF32(h.Value))
		}
		b.WriteString("    },\n")
	}
	b.WriteString(`)

try:
    with urllib.request.urlopen(request, timeout=30) as response:
        print(response.status)
        print(response.read().decode())
except urllib.error.HTTPError as error:
    print(error.code, error.read().decode())
`)
	return b.String()
}

// pythonText is a literal: of several lines where the text is.
func pythonText(text string) string {
	if !isPlain(text) {
		return quoteUTF32(text)
	}
	return `"""` + strings.NewReplacer(`\`, `\\`, `"""`, `\"\"\"`).Replace(strings.TrimSuffix(text, `"`)) +
		map[bool]string{true: `\"`, false: ""}[strings.HasSuffix(text, `"`)] + `"""`
}

func pythonForm(r *Request) string {
	var b, fields, files strings.Builder
	b.WriteString("import requests\n\n")
	for _, f := range r.Form {
		if f.File {
			fmt.Fprintf(&files, "        (%s, open(%s, \"rb\")),\n", quoteUTF32(f.Name), quoteUTF32(f.Value))
		} else {
			fmt.Fprintf(&files, "        (%s, (None, %s)),\n", quoteUTF32(f.Name), quoteUTF32(f.Value))
		}
	}
	fmt.Fprintf(&b, "response = requests.request(\n    %s,\n    %s,\n", quoteUTF32(r.Method), quoteUTF32(r.URL))
	for _, h := range r.Headers {
		fmt.Fprintf(&fields, "        %s: %s,\n", quoteUTF32(h.Name), quoteUTF32(h.Value))
	}
	if fields.Len() > 0 {
		b.WriteString("    headers={\n" + fields.String() + "    },\n")
	}
	b.WriteString("    files=[\n" + files.String() + "    ],\n    timeout=30,\n)\nprint(response.status_code)\nprint(response.text)\n")
	return b.String()
}

// javascript runs in browsers and in Node.js.
func javascript(r *Request) string {
	var b strings.Builder
	if len(r.Form) > 0 {
		b.WriteString("const form = new FormData();\n")
		for _, f := range r.Form {
			if f.File {
				fmt.Fprintf(&b, "form.append(%s, new Blob([\"…\"]), %s);\n", quoteUTF16(f.Name), quoteUTF16(f.Value))
			} else {
				fmt.Fprintf(&b, "form.append(%s, %s);\n", quoteUTF16(f.Name), quoteUTF16(f.Value))
			}
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "const response = await fetch(%s, {\n  method: %s,\n", quoteUTF16(r.URL), quoteUTF16(r.Method))
	if len(r.Headers) > 0 {
		b.WriteString("  headers: {\n")
		for _, h := range r.Headers {
			fmt.Fprintf(&b, "    %s: %s,\n", quoteUTF16(h.Name), quoteUTF16(h.Value))
		}
		b.WriteString("  },\n")
	}
	switch {
	case len(r.Form) > 0:
		b.WriteString("  body: form,\n")
	case r.Body != "":
		b.WriteString("  body: " + javascriptText(r.Body) + ",\n")
	}
	b.WriteString("});\nconsole.log(response.status);\nconsole.log(await response.text());\n")
	return b.String()
}

func javascriptText(text string) string {
	if !isPlain(text) {
		return quoteUTF16(text)
	}
	return "`" + strings.NewReplacer(`\`, `\\`, "`", "\\`", "${", "\\${").Replace(text) + "`"
}

// php uses the extension cURL, which nearly all installations have.
func php(r *Request) string {
	var b strings.Builder
	b.WriteString("<?php\n")
	fmt.Fprintf(&b, "$request = curl_init(%s);\ncurl_setopt_array($request, [\n", quotePHP(r.URL))
	fmt.Fprintf(&b, "    CURLOPT_CUSTOMREQUEST => %s,\n    CURLOPT_RETURNTRANSFER => true,\n", quotePHP(r.Method))
	if r.Method == http.MethodHead {
		b.WriteString("    CURLOPT_NOBODY => true,\n")
	}
	if len(r.Headers) > 0 {
		b.WriteString("    CURLOPT_HTTPHEADER => [\n")
		for _, h := range r.Headers {
			value := h.Name + ": " + h.Value
			if h.Value == "" {
				value = h.Name + ";"
			}
			fmt.Fprintf(&b, "        %s,\n", quotePHP(value))
		}
		b.WriteString("    ],\n")
	}
	switch {
	case len(r.Form) > 0:
		b.WriteString("    CURLOPT_POSTFIELDS => [\n")
		for _, f := range r.Form {
			value := quotePHP(f.Value)
			if f.File {
				value = "new CURLFile(" + value + ")"
			}
			fmt.Fprintf(&b, "        %s => %s,\n", quotePHP(f.Name), value)
		}
		b.WriteString("    ],\n")
	case r.Body != "":
		fmt.Fprintf(&b, "    CURLOPT_POSTFIELDS => %s,\n", quotePHP(r.Body))
	}
	b.WriteString("]);\n$response = curl_exec($request);\necho curl_getinfo($request, CURLINFO_RESPONSE_CODE), \"\\n\", $response, \"\\n\";\n")
	return b.String()
}
