package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// waitLimit is when a test gives up on something that should have happened.
const waitLimit = 30 * time.Second

// logBuffer is a log that can be waited on.
type logBuffer struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{}
}

func newLogBuffer() *logBuffer { return &logBuffer{changed: make(chan struct{}, 1)} }

// Write takes a part of the log.
func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case b.changed <- struct{}{}:
	default:
	}
	return b.text.Write(p)
}

// size returns where the log ends now.
func (b *logBuffer) size() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Len()
}

// wait returns what matches a pattern in the log behind a place.
func (b *logBuffer) wait(t *testing.T, from int, pattern string) string {
	t.Helper()
	expression := regexp.MustCompile(pattern)
	limit := time.NewTimer(waitLimit)
	defer limit.Stop()
	for {
		b.mu.Lock()
		text := b.text.String()[from:]
		b.mu.Unlock()
		if found := expression.FindString(text); found != "" {
			return found
		}
		select {
		case <-b.changed:
		case <-limit.C:
			t.Fatalf("the log never had %s; it has:\n%s", pattern, text)
		}
	}
}

// startGateway runs `sallyport gateway` on a folder until the test ends.
func startGateway(t *testing.T, config, data string, flags ...string) (base string, log *logBuffer) {
	t.Helper()
	log = newLogBuffer()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan int, 1)
	arguments := []string{"gateway", "--config", config, "--data", data, "--listen", "127.0.0.1:0", "--admin", ""}
	go func() { done <- run(ctx, append(arguments, flags...), io.Discard, log) }()
	t.Cleanup(func() {
		cancel()
		if code := <-done; code != exitOK {
			t.Errorf("the gateway ended with %d", code)
		}
	})
	line := log.wait(t, 0, `msg="accepting HTTP" address=\S+`)
	_, address, _ := strings.Cut(line, "address=")
	return "http://" + address, log
}

// get returns status and body of a call.
func get(t *testing.T, url string) (int, string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// goodFolder writes a configuration that answers /hello/world by itself.
func goodFolder(t *testing.T, dir, answer string) {
	t.Helper()
	writeFiles(t, filepath.Join(dir, "apis", "hello"), map[string]string{
		"apiInformation.json": `{"properties":{"displayName":"Hello","path":"hello","protocols":["http"],"serviceUrl":"http://127.0.0.1:1","subscriptionRequired":false}}`,
		"specification.yaml":  "openapi: 3.0.3\ninfo: {title: Hello, version: \"1\"}\npaths:\n  /world:\n    get:\n      operationId: world\n      responses: {\"200\": {description: ok}}\n",
		"policy.xml":          "<policies><inbound><base /><return-response><set-status code=\"200\" reason=\"OK\" /><set-body>" + answer + "</set-body></return-response></inbound></policies>",
	})
}

// TestBadFolderKeepsServing breaks a folder in many ways while a gateway serves
// it: each is reported with what is wrong, and the last good configuration goes
// on serving.
func TestBadFolderKeepsServing(t *testing.T) {
	cases := []struct {
		name, report string
		breakIt      func(t *testing.T, dir string)
	}{
		{"missing file", `apis/hello`, func(t *testing.T, dir string) {
			t.Helper()
			remove(t, filepath.Join(dir, "apis", "hello", "apiInformation.json"))
		}},
		{"broken specification", `apis/hello/specification\.yaml:\d+`, func(t *testing.T, dir string) {
			t.Helper()
			write(t, filepath.Join(dir, "apis", "hello", "specification.yaml"), "openapi: 3.0.3\npaths: [}\n")
		}},
		{"broken document", `apis/hello/policy\.xml:1:\d+`, func(t *testing.T, dir string) {
			t.Helper()
			write(t, filepath.Join(dir, "apis", "hello", "policy.xml"), "<policies><inbound></policies>")
		}},
		{"unknown policy", `apis/hello/policy\.xml:1:20: frobnicate: there is no policy of this name`, func(t *testing.T, dir string) {
			t.Helper()
			write(t, filepath.Join(dir, "apis", "hello", "policy.xml"), "<policies><inbound><frobnicate /></inbound></policies>")
		}},
		{"dangling reference", `there is no policy fragment nowhere`, func(t *testing.T, dir string) {
			t.Helper()
			write(t, filepath.Join(dir, "apis", "hello", "policy.xml"), `<policies><inbound><include-fragment fragment-id="nowhere" /></inbound></policies>`)
		}},
		{"cyclic fragment", `the policy fragment round includes itself`, func(t *testing.T, dir string) {
			t.Helper()
			writeFiles(t, filepath.Join(dir, "policy fragments", "round"), map[string]string{
				"policyFragmentInformation.json": `{"properties":{}}`, "policy.xml": `<fragment><include-fragment fragment-id="round" /></fragment>`})
		}},
		{"100 MB specification", `specification\.yaml.*(large|bytes|MB)`, func(t *testing.T, dir string) {
			t.Helper()
			write(t, filepath.Join(dir, "apis", "hello", "specification.yaml"), "openapi: 3.0.3\n#"+strings.Repeat("x", 100<<20))
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			goodFolder(t, dir, "first")
			base, log := startGateway(t, dir, t.TempDir())
			from := log.size()
			c.breakIt(t, dir)
			log.wait(t, from, c.report)
			if status, body := get(t, base+"/hello/world"); status != 200 || body != "first" {
				t.Errorf("after the bad change the answer is %d %q", status, body)
			}
			if err := os.RemoveAll(filepath.Join(dir, "policy fragments")); err != nil {
				t.Fatal(err)
			}
			goodFolder(t, dir, "second")
			log.wait(t, from, `msg="configuration applied" revision=2`)
			if status, body := get(t, base+"/hello/world"); status != 200 || body != "second" {
				t.Errorf("after it was mended the answer is %d %q", status, body)
			}
		})
	}
}

// TestStartFromKeptConfiguration starts a gateway whose folder has become
// unusable: it serves what an earlier run has kept.
func TestStartFromKeptConfiguration(t *testing.T) {
	dir, data := t.TempDir(), t.TempDir()
	t.Run("first run", func(t *testing.T) {
		goodFolder(t, dir, "kept")
		startGateway(t, dir, data)
	})
	t.Run("second run", func(t *testing.T) {
		write(t, filepath.Join(dir, "apis", "hello", "policy.xml"), "<policies>")
		base, log := startGateway(t, dir, data)
		log.wait(t, 0, `the configuration of an earlier run is serving`)
		if status, body := get(t, base+"/hello/world"); status != 200 || body != "kept" {
			t.Errorf("the answer is %d %q", status, body)
		}
	})
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, name string) {
	t.Helper()
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
}
