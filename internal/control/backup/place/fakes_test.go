package place

import (
	"bufio"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeCloud answers the few calls of a kind of storage that a place makes. What
// is in parts becomes an object when the list of its parts comes.
type fakeCloud struct {
	mu      sync.Mutex
	objects map[string][]byte
	parts   map[string][]byte
	calls   []string
	// failing is how many calls are answered 503 before others are answered.
	failing int
	// refusing answers 403.
	refusing bool
}

func (f *fakeCloud) start(t *testing.T, answer func(*fakeCloud, http.ResponseWriter, *http.Request, []byte)) string {
	t.Helper()
	f.objects, f.parts = map[string][]byte{}, map[string][]byte{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // The client has given up: nothing is kept.
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		f.calls = append(f.calls, r.Method+" "+r.URL.Path)
		switch {
		case f.refusing:
			w.WriteHeader(http.StatusForbidden)
		case f.failing > 0:
			f.failing--
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			answer(f, w, r, body)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func (f *fakeCloud) names(prefix string) []string {
	var names []string
	for name := range f.objects {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// page is two names of a list, and where the next page begins.
func (f *fakeCloud) page(prefix, after string) (names []string, next string) {
	for _, name := range f.names(prefix) {
		if name <= after {
			continue
		}
		if len(names) == 2 {
			return names, names[1]
		}
		names = append(names, name)
	}
	return names, ""
}

func (f *fakeCloud) send(w http.ResponseWriter, name, missing string) {
	data, ok := f.objects[name]
	if !ok {
		w.Header().Set("x-ms-error-code", "BlobNotFound")
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, missing)
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	w.Header().Set("Last-Modified", time.Unix(0, 0).UTC().Format(http.TimeFormat))
	_, _ = w.Write(data)
}

// unchunk takes the chunks of aws-chunked away.
func unchunk(r *http.Request, body []byte) []byte {
	if !strings.Contains(r.Header.Get("Content-Encoding"), "aws-chunked") {
		return body
	}
	var plain []byte
	for b := bufio.NewReader(strings.NewReader(string(body))); ; {
		line, err := b.ReadString('\n')
		size, _, _ := strings.Cut(strings.TrimSpace(line), ";")
		n, sizeErr := strconv.ParseInt(size, 16, 64)
		if err != nil || sizeErr != nil || n == 0 {
			return plain
		}
		chunk := make([]byte, n+2)
		_, _ = io.ReadFull(b, chunk)
		plain = append(plain, chunk[:n]...)
	}
}

// answerS3 is Amazon S3.
func answerS3(f *fakeCloud, w http.ResponseWriter, r *http.Request, body []byte) {
	name := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/bucket"), "/")
	q := r.URL.Query()
	switch {
	case r.Method == http.MethodGet && name == "":
		names, next := f.page(q.Get("prefix"), q.Get("continuation-token"))
		fmt.Fprintf(w, `<ListBucketResult><IsTruncated>%v</IsTruncated><NextContinuationToken>%s</NextContinuationToken>`, next != "", next)
		for _, n := range names {
			fmt.Fprintf(w, `<Contents><Key>%s</Key><Size>%d</Size><LastModified>2026-01-01T00:00:00Z</LastModified></Contents>`, n, len(f.objects[n]))
		}
		_, _ = io.WriteString(w, `</ListBucketResult>`)
	case r.Method == http.MethodGet:
		f.send(w, name, `<Error><Code>NoSuchKey</Code></Error>`)
	case r.Method == http.MethodPost && q.Has("uploads"):
		_, _ = io.WriteString(w, `<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>`)
	case r.Method == http.MethodPost:
		var all []byte
		for i := 1; f.parts[name+strconv.Itoa(i)] != nil; i++ {
			all = append(all, f.parts[name+strconv.Itoa(i)]...)
		}
		f.objects[name] = all
		_, _ = io.WriteString(w, `<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>`)
	case r.Method == http.MethodPut && q.Has("partNumber"):
		f.parts[name+q.Get("partNumber")] = unchunk(r, body)
		w.Header().Set("ETag", `"e"`)
	case r.Method == http.MethodPut:
		f.objects[name] = unchunk(r, body)
	case r.Method == http.MethodDelete:
		if !q.Has("uploadId") {
			delete(f.objects, name)
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

// answerAzure is Azure Blob Storage.
func answerAzure(f *fakeCloud, w http.ResponseWriter, r *http.Request, body []byte) {
	name := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/test/container"), "/")
	q := r.URL.Query()
	switch {
	case r.Method == http.MethodGet && q.Get("comp") == "list":
		names, next := f.page(q.Get("prefix"), q.Get("marker"))
		w.Header().Set("Content-Type", "application/xml")
		_, _ = io.WriteString(w, `<EnumerationResults><Blobs>`)
		for _, n := range names {
			fmt.Fprintf(w, `<Blob><Name>%s</Name><Properties><Content-Length>%d</Content-Length>`+
				`<Last-Modified>Thu, 01 Jan 2026 00:00:00 GMT</Last-Modified><Etag>e</Etag></Properties></Blob>`, n, len(f.objects[n]))
		}
		fmt.Fprintf(w, `</Blobs><NextMarker>%s</NextMarker></EnumerationResults>`, next)
	case r.Method == http.MethodGet:
		f.send(w, name, "")
	case r.Method == http.MethodPut && q.Get("comp") == "block":
		f.parts[name+q.Get("blockid")] = body
		w.WriteHeader(http.StatusCreated)
	case r.Method == http.MethodPut && q.Get("comp") == "blocklist":
		var list struct {
			Latest []string `xml:"Latest"`
		}
		_ = xml.Unmarshal(body, &list)
		var all []byte
		for _, id := range list.Latest {
			all = append(all, f.parts[name+id]...)
		}
		f.objects[name] = all
		w.WriteHeader(http.StatusCreated)
	case r.Method == http.MethodPut:
		f.objects[name] = body
		w.WriteHeader(http.StatusCreated)
	case r.Method == http.MethodDelete:
		if _, ok := f.objects[name]; !ok {
			w.Header().Set("x-ms-error-code", "BlobNotFound")
			w.WriteHeader(http.StatusNotFound)
			return
		}
		delete(f.objects, name)
		w.WriteHeader(http.StatusAccepted)
	}
}

// answerGoogle is Google Cloud Storage.
func answerGoogle(f *fakeCloud, w http.ResponseWriter, r *http.Request, body []byte) {
	q := r.URL.Query()
	name := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/storage/v1/b/bucket/o"), "/")
	switch {
	case r.Method == http.MethodPost:
		f.objects[q.Get("name")] = body
		_, _ = io.WriteString(w, `{}`)
	case r.Method == http.MethodGet && name == "":
		names, next := f.page(q.Get("prefix"), q.Get("pageToken"))
		var items []map[string]string
		for _, n := range names {
			items = append(items, map[string]string{"name": n, "size": strconv.Itoa(len(f.objects[n])), "updated": "2026-01-01T00:00:00Z"})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"items": items, "nextPageToken": next})
	case r.Method == http.MethodGet:
		f.send(w, name, "no such object")
	case r.Method == http.MethodDelete:
		if _, ok := f.objects[name]; !ok {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		delete(f.objects, name)
		w.WriteHeader(http.StatusNoContent)
	}
}
