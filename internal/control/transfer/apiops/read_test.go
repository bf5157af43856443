package apiops

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/problem"
)

// has fails the test unless one of the problems is an error and says so.
func has(t *testing.T, problems problem.Problems, want string) {
	t.Helper()
	for _, p := range problems {
		if p.Severity == problem.SeverityError && strings.Contains(p.String(), want) {
			return
		}
	}
	t.Errorf("no error says %q:\n%s", want, problems)
}

// TestTooLarge checks that what is too large is refused by its size, before it
// is read: the files here are mostly holes.
func TestTooLarge(t *testing.T) {
	tests := []struct {
		name, file string
		size       int64
		want       string
	}{
		{"specification", "apis/a/specification.yaml", 100 << 20, "apis/a/specification.yaml: the file has 104857600 bytes (limit MaxSpecificationSize"},
		{"information", "apis/a/apiInformation.json", 3 << 20, "apis/a/apiInformation.json: the file has 3145728 bytes (limit MaxInformationSize"},
		{"policy", "apis/a/policy.xml", 2 << 20, "apis/a/policy.xml: the file has 2097152 bytes (limit MaxPolicySize"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, "apis/a/apiInformation.json", `{"properties":{"path":"a"}}`)
			write(t, dir, tt.file, "openapi: 3.0.0\n")
			if err := os.Truncate(filepath.Join(dir, tt.file), tt.size); err != nil {
				t.Fatal(err)
			}
			_, problems := Read(os.DirFS(dir), Options{})
			has(t, problems, tt.want)
		})
	}
}

func write(tb testing.TB, dir, name, text string) {
	tb.Helper()
	name = filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
}

func TestValuesAreOffUnlessAskedFor(t *testing.T) {
	folder := fstest.MapFS{
		"named values/a/namedValueInformation.json": {Data: []byte(`{"properties":{"displayName":"a","secret":true},"sallyport":{"valueFrom":{"value":{"env":"PATH"}}}}`)},
		"named values/b/namedValueInformation.json": {Data: []byte(`{"properties":{"displayName":"b","secret":true},"sallyport":{"valueFrom":{"value":{"file":"/etc/hostname"}}}}`)},
	}
	_, problems := Read(folder, Options{})
	has(t, problems, "named values/a/namedValueInformation.json:1:83: sallyport.valueFrom.value: values from the environment are off")
	has(t, problems, "values from files are off")
}

func TestNoFolder(t *testing.T) {
	_, problems := Read(os.DirFS(filepath.Join(t.TempDir(), "nothing")), Options{})
	has(t, problems, "the folder cannot be read")
}

func TestOverridesAreBounded(t *testing.T) {
	_, problems := Read(fstest.MapFS{}, Options{Overrides: make([]byte, MaxOverridesSize+1)})
	has(t, problems, "overrides: the file has 4194305 bytes (limit MaxOverridesSize")
}

func TestFilesAreUTF8(t *testing.T) {
	folder := fstest.MapFS{
		"policy.xml": {Data: []byte("\xef\xbb\xbf<policies/>")},
		"policy fragments/f/policyFragmentInformation.json": {Data: []byte(`{}`)},
		"policy fragments/f/policy.xml":                     {Data: []byte("<fragment>\xff</fragment>")},
	}
	c, problems := Read(folder, Options{})
	has(t, problems, "policy fragments/f/policy.xml: the file is not UTF-8")
	if p, ok := c.Resources[0].(*model.Policy); !ok || p.Value != "<policies/>" {
		t.Errorf("got %+v", c.Resources[0])
	}
}

// TestWriteLeavesSecretsOut checks what is written where secrets were not asked
// for, and that a value's source is written and never the value.
func TestWriteLeavesSecretsOut(t *testing.T) {
	folder := fstest.MapFS{
		"named values/a/namedValueInformation.json": {Data: []byte(`{"properties":{"displayName":"a","secret":true,"value":"hidden"}}`)},
		"named values/b/namedValueInformation.json": {Data: []byte(`{"properties":{"displayName":"b","secret":true},"sallyport":{"valueFrom":{"value":{"env":"B"}}}}`)},
		"subscriptions/s/subscriptionInformation.json": {Data: []byte(
			`{"properties":{"scope":"/apis","state":"active","primaryKey":"hidden","secondaryKey":"hidden too"}}`)},
		"certificates/c/certificateInformation.json": {Data: []byte(`{"properties":{"data":"hidden","password":"hidden"}}`)},
		"users/ann/userInformation.json":             {Data: []byte(`{"properties":{"email":"ann@example.com","passwordHash":"hidden"}}`)},
	}
	c, problems := Read(folder, Options{Env: func(string) (string, bool) { return "hidden", true }})
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	for _, secrets := range []bool{false, true} {
		dir := t.TempDir()
		if err := Write(dir, c, WriteOptions{Secrets: secrets}); err != nil {
			t.Fatal(err)
		}
		found := 0
		for name := range folder {
			data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(data), "hidden") {
				found++
			}
			if strings.Contains(name, "/b/") && (strings.Contains(string(data), "hidden") || !strings.Contains(string(data), `"env": "B"`)) {
				t.Errorf("%s: %s", name, data)
			}
		}
		if want := map[bool]int{false: 0, true: 4}[secrets]; found != want {
			t.Errorf("with secrets %v: %d files have secrets, want %d", secrets, found, want)
		}
	}
}

// TestWriteRefusesWhatReadingWouldBringBack covers an operation that was
// removed while the specification still has it.
func TestWriteRefusesWhatReadingWouldBringBack(t *testing.T) {
	folder := fstest.MapFS{
		"apis/a/apiInformation.json": {Data: []byte(`{"properties":{"path":"a"}}`)},
		"apis/a/specification.yaml":  {Data: []byte("openapi: 3.0.0\npaths: {/x: {get: {operationId: x, responses: {}}}}\n")},
	}
	c, problems := Read(folder, Options{})
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	c.Resources = c.Resources[:1]
	if err := Write(t.TempDir(), c, WriteOptions{}); err == nil || !strings.Contains(err.Error(), `the operation "x"`) {
		t.Errorf("got %v", err)
	}
	c.Specifications = map[model.Key]transfer.Specification{}
	if err := Write(t.TempDir(), c, WriteOptions{}); err != nil {
		t.Error(err)
	}
}

// TestWriteStaysInTheFolder covers names that did not come from ParseID.
func TestWriteStaysInTheFolder(t *testing.T) {
	c := transfer.New()
	api := &model.API{ID: "apis/a", Path: "a"}
	c.Resources = []model.Resource{
		api,
		&model.Tag{ID: "tags/..", DisplayName: "t"},
		&model.Policy{ID: "products/../policies/policy", Value: "<policies />"},
	}
	c.Specifications[api.ID.Key()] = transfer.Specification{Format: transfer.FormatGraphQL, File: "../specification.graphql"}
	c.Kept["../policy.xml"] = nil
	files, problems := Files(c, WriteOptions{})
	if len(problems) != 4 || len(files) != 1 {
		t.Errorf("%d files, problems:\n%s", len(files), problems)
	}
}

// specificationOf makes a specification of ten operations.
func specificationOf(name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "openapi: 3.0.3\ninfo: {title: %s, version: \"1\"}\nservers:\n  - url: https://%s.example\npaths:\n", name, name)
	for i := range 5 {
		fmt.Fprintf(&b, "  /things%d/{id}:\n", i)
		for _, method := range []string{"get", "put"} {
			fmt.Fprintf(&b, `    %s:
      operationId: %s-%d
      summary: %s a thing
      parameters:
        - name: id
          in: path
          required: true
          schema:
            type: string
      responses:
        "200":
          description: The thing.
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Thing"
`, method, method, i, method)
		}
	}
	b.WriteString("components:\n  schemas:\n    Thing:\n      type: object\n      properties:\n        id: {type: string}\n        name: {type: string}\n")
	return b.String()
}

// BenchmarkReadThousandAPIs reads 1,000 APIs of 10 operations, each with a
// policy: a cold start's share of this package.
func BenchmarkReadThousandAPIs(b *testing.B) {
	dir := b.TempDir()
	for i := range 1000 {
		name := fmt.Sprintf("api%d", i)
		write(b, dir, "apis/"+name+"/apiInformation.json", `{"properties":{"displayName":"`+name+`","path":"`+name+`","protocols":["https"]}}`)
		write(b, dir, "apis/"+name+"/specification.yaml", specificationOf(name))
		write(b, dir, "apis/"+name+"/policy.xml", "<policies><inbound><base /></inbound></policies>")
		for j := range 5 {
			for _, method := range []string{"get", "put"} {
				write(b, dir, fmt.Sprintf("apis/%s/operations/%s-%d/policy.xml", name, method, j), "<policies><inbound><base /></inbound></policies>")
			}
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		c, problems := Read(os.DirFS(dir), Options{})
		if problems.HasErrors() || len(c.Resources) != 1000*(1+1+10+10+1) {
			b.Fatal(len(c.Resources), problems)
		}
	}
}

// TestCaches reads an external cache and writes it as it was.
func TestCaches(t *testing.T) {
	folder := fstest.MapFS{
		"caches/default/cacheInformation.json": {Data: []byte(`{"properties":{"connectionString":"{{redis}}","useFromLocation":"default"}}`)},
	}
	c, problems := Read(folder, Options{})
	if problems.HasErrors() || len(c.Resources) != 1 {
		t.Fatal(problems, c)
	}
	if got, ok := c.Resources[0].(*model.Cache); !ok || got.ID != "caches/default" || got.ConnectionString != "{{redis}}" {
		t.Errorf("got %+v", c.Resources[0])
	}
	files, problems := Files(c, WriteOptions{})
	if problems.HasErrors() || !strings.Contains(string(files["caches/default/cacheInformation.json"]), `"connectionString": "{{redis}}"`) {
		t.Errorf("%v: %s", problems, files)
	}
}
