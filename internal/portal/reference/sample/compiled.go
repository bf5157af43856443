package sample

import (
	"fmt"
	"strings"
)

// golang is a program.
func golang(r *Request) string {
	var b strings.Builder
	imports := []string{"fmt", "io", "log", "net/http"}
	body := "nil"
	switch {
	case len(r.Form) > 0:
		imports = append([]string{"bytes", "fmt", "io", "log", "mime/multipart", "net/http"}, goFiles(r)...)
		body = "&body"
	case r.Body != "":
		imports = append(imports, "strings")
		body = "strings.NewReader(" + goText(r.Body) + ")"
	}
	b.WriteString("package main\n\nimport (\n")
	for _, name := range imports {
		fmt.Fprintf(&b, "\t%q\n", name)
	}
	b.WriteString(")\n\nfunc main() {\n")
	if len(r.Form) > 0 {
		goForm(&b, r)
	}
	fmt.Fprintf(&b, "\trequest, err := http.NewRequest(%s, %s, %s)\n", quoteUTF32(r.Method), quoteUTF32(r.URL), body)
	b.WriteString("\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n")
	for _, h := range r.Headers {
		fmt.Fprintf(&b, "\trequest.Header.Set(%s, %s)\n", quoteUTF32(h.Name), quoteUTF32(h.Value))
	}
	if len(r.Form) > 0 {
		b.WriteString("\trequest.Header.Set(\"Content-Type\", form.FormDataContentType())\n")
	}
	b.WriteString(`
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(response.Status)
	fmt.Println(string(answer))
}
`)
	return b.String()
}

func goFiles(r *Request) []string {
	for _, f := range r.Form {
		if f.File {
			return []string{"os"}
		}
	}
	return nil
}

func goForm(b *strings.Builder, r *Request) {
	b.WriteString("\tvar body bytes.Buffer\n\tform := multipart.NewWriter(&body)\n")
	for _, f := range r.Form {
		if !f.File {
			fmt.Fprintf(b, "\tif err := form.WriteField(%s, %s); err != nil {\n\t\tlog.Fatal(err)\n\t}\n", quoteUTF32(f.Name), quoteUTF32(f.Value))
			continue
		}
		fmt.Fprintf(b, `	if part, err := form.CreateFormFile(%s, %s); err != nil {
		log.Fatal(err)
	} else if data, err := os.ReadFile(%[2]s); err != nil {
		log.Fatal(err)
	} else if _, err := part.Write(data); err != nil {
		log.Fatal(err)
	}
`, quoteUTF32(f.Name), quoteUTF32(f.Value))
	}
	b.WriteString("\tif err := form.Close(); err != nil {\n\t\tlog.Fatal(err)\n\t}\n\n")
}

// goText is a literal: of several lines where the text is.
func goText(text string) string {
	if isPlain(text) && !strings.Contains(text, "`") {
		return "`" + text + "`"
	}
	return quoteUTF32(text)
}

// csharp is a program of top-level statements.
func csharp(r *Request) string {
	var b strings.Builder
	if len(r.Form) > 0 || r.Body != "" {
		b.WriteString("using System.Net.Http.Headers;\nusing System.Text;\n\n")
	}
	b.WriteString("using var client = new HttpClient();\n")
	fmt.Fprintf(&b, "using var request = new HttpRequestMessage(new HttpMethod(%s), %s);\n", quoteUTF16(r.Method), quoteUTF16(r.URL))
	for _, h := range r.Headers {
		if !isContentHeader(h.Name) {
			fmt.Fprintf(&b, "request.Headers.TryAddWithoutValidation(%s, %s);\n", quoteUTF16(h.Name), quoteUTF16(h.Value))
		}
	}
	switch {
	case len(r.Form) > 0:
		b.WriteString("using var form = new MultipartFormDataContent();\n")
		for _, f := range r.Form {
			if f.File {
				fmt.Fprintf(&b, "form.Add(new StreamContent(File.OpenRead(%s)), %s, %[1]s);\n", quoteUTF16(f.Value), quoteUTF16(f.Name))
			} else {
				fmt.Fprintf(&b, "form.Add(new StringContent(%s), %s);\n", quoteUTF16(f.Value), quoteUTF16(f.Name))
			}
		}
		b.WriteString("request.Content = form;\n")
	case r.Body != "":
		fmt.Fprintf(&b, "request.Content = new StringContent(%s, Encoding.UTF8);\n", csharpText(r.Body))
		if media := r.media(); media != "" {
			fmt.Fprintf(&b, "request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(%s);\n", quoteUTF16(media))
		}
	}
	b.WriteString(`
using var response = await client.SendAsync(request);
Console.WriteLine((int)response.StatusCode);
Console.WriteLine(await response.Content.ReadAsStringAsync());
`)
	return b.String()
}

// isContentHeader reports whether .NET keeps a header with the content.
func isContentHeader(name string) bool {
	lower := strings.ToLower(name)
	return strings.HasPrefix(lower, "content-") || lower == "expires" || lower == "last-modified" || lower == "allow"
}

// csharpText is a literal: a raw one where the text has several lines, in quotes
// that are more than those in it.
func csharpText(text string) string {
	if !isPlain(text) {
		return quoteUTF16(text)
	}
	quotes := `"""`
	for strings.Contains(text, quotes) {
		quotes += `"`
	}
	return quotes + "\n" + text + "\n" + quotes
}

// java is a class for Java 17 or later.
func java(r *Request) string {
	var b strings.Builder
	b.WriteString("import java.net.URI;\nimport java.net.http.HttpClient;\n")
	b.WriteString("import java.net.http.HttpRequest;\nimport java.net.http.HttpResponse;\n")
	publisher := "HttpRequest.BodyPublishers.noBody()"
	switch {
	case len(r.Form) > 0:
		b.WriteString("import java.io.ByteArrayOutputStream;\nimport java.nio.charset.StandardCharsets;\n")
		b.WriteString("import java.nio.file.Files;\nimport java.nio.file.Path;\n")
		publisher = "HttpRequest.BodyPublishers.ofByteArray(form.toByteArray())"
	case r.Body != "":
		publisher = "HttpRequest.BodyPublishers.ofString(" + javaText(r.Body) + ")"
	}
	b.WriteString("\npublic class Sample {\n    public static void main(String[] args) throws Exception {\n")
	if len(r.Form) > 0 {
		javaForm(&b, r)
	}
	fmt.Fprintf(&b, "        var request = HttpRequest.newBuilder(URI.create(%s))\n", quoteUTF16(r.URL))
	for _, h := range r.Headers {
		fmt.Fprintf(&b, "            .header(%s, %s)\n", quoteUTF16(h.Name), quoteUTF16(h.Value))
	}
	if len(r.Form) > 0 {
		b.WriteString("            .header(\"Content-Type\", \"multipart/form-data; boundary=\" + boundary)\n")
	}
	fmt.Fprintf(&b, "            .method(%s, %s)\n            .build();\n", quoteUTF16(r.Method), publisher)
	b.WriteString(`        var response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        System.out.println(response.statusCode());
        System.out.println(response.body());
    }
}
`)
	return b.String()
}

func javaForm(b *strings.Builder, r *Request) {
	b.WriteString("        var boundary = \"form-\" + System.nanoTime();\n        var form = new ByteArrayOutputStream();\n")
	for _, f := range r.Form {
		name := strings.NewReplacer(`"`, "%22", "\r", " ", "\n", " ").Replace(f.Name)
		head := `Content-Disposition: form-data; name="` + name + `"`
		value := quoteUTF16(f.Value) + ".getBytes(StandardCharsets.UTF_8)"
		if f.File {
			head += `; filename="` + strings.NewReplacer(`"`, "%22", "\r", " ", "\n", " ").Replace(f.Value) + `"`
			value = "Files.readAllBytes(Path.of(" + quoteUTF16(f.Value) + "))"
		}
		head = quoteUTF16(head + "\r\n\r\n")
		fmt.Fprintf(b, "        form.write((\"--\" + boundary + \"\\r\\n\" + %s).getBytes(StandardCharsets.UTF_8));\n", head)
		fmt.Fprintf(b, "        form.write(%s);\n        form.write(\"\\r\\n\".getBytes(StandardCharsets.UTF_8));\n", value)
	}
	b.WriteString("        form.write((\"--\" + boundary + \"--\\r\\n\").getBytes(StandardCharsets.UTF_8));\n")
}

// javaText is a literal: a text block where the text has several lines.
func javaText(text string) string {
	if !isPlain(text) || strings.HasSuffix(text, `"`) {
		return quoteUTF16(text)
	}
	block := strings.NewReplacer(`\`, `\\`, `"""`, `\"""`).Replace(text)
	return "\"\"\"\n" + block + `"""`
}
