package portal_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

// digest makes one of 64 digits.
func digest(n int) string { return fmt.Sprintf("%064x", 0xabc0+n) }

// portalOfMedia is a service with the portal's content types.
func portalOfMedia(t *testing.T) *resourcestest.Server {
	t.Helper()
	s := resourcestest.New(t, nil)
	for _, name := range []string{"sallyport-media", "sallyport-blob", "sallyport-publication"} {
		s.Put("contentTypes/"+name, `{"properties": {}}`)
	}
	return s
}

func putItem(s *resourcestest.Server, kind, name, properties string) int {
	status, _, _ := s.Do(http.MethodPut, "contentTypes/sallyport-"+kind+"/contentItems/"+name, `{"properties": `+properties+`}`)
	return status
}

func putBlob(s *resourcestest.Server, n int) int {
	return putItem(s, "blob", digest(n), `{"data": "AAAA"}`)
}

func putMedium(s *resourcestest.Server, file string, n int) int {
	return putItem(s, "media", file, fmt.Sprintf(`{"type": "image/png", "digest": %q, "size": 3}`, digest(n)))
}

func publish(s *resourcestest.Server, name string, digests ...int) int {
	var media []string
	for _, n := range digests {
		media = append(media, fmt.Sprintf(`"f%d.png": {"type": "image/png", "digest": %q, "size": 3}`, n, digest(n)))
	}
	return putItem(s, "publication", name, `{"version": 1, "content": {"pages": {}, "media": {`+strings.Join(media, ",")+`}}}`)
}

func deleteItem(s *resourcestest.Server, kind, name string) int {
	status, _, _ := s.Do(http.MethodDelete, "contentTypes/sallyport-"+kind+"/contentItems/"+name, nil, "If-Match", "*")
	return status
}

func held(s *resourcestest.Server) string {
	var list []string
	for _, name := range s.Names("contentTypes/sallyport-blob/contentItems") {
		for n := range 20 {
			if name == digest(n) {
				list = append(list, fmt.Sprint(n))
			}
		}
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

// TestMediaAreKeptWhileNamed takes names away from what media hold, one after the
// other: the last one takes it with it, and none before.
func TestMediaAreKeptWhileNamed(t *testing.T) {
	s := portalOfMedia(t)
	for n := range 4 {
		putBlob(s, n)
	}
	steps := []struct {
		name   string
		do     func() int
		status int
		held   string
	}{
		{"nothing names them yet", func() int { return http.StatusOK }, http.StatusOK, "0 1 2 3"},
		{"a medium", func() int { return putMedium(s, "logo.png", 0) }, http.StatusCreated, "0 1 2 3"},
		{"another file of the same", func() int { return putMedium(s, "copy.png", 0) }, http.StatusCreated, "0 1 2 3"},
		{"published", func() int { return publish(s, "first", 0, 1) }, http.StatusCreated, "0 1 2 3"},
		{"published again", func() int { return publish(s, "second", 0, 2) }, http.StatusCreated, "0 1 2 3"},
		{"one that is needed", func() int { return deleteItem(s, "blob", digest(0)) }, http.StatusBadRequest, "0 1 2 3"},
		{"one that is not", func() int { return deleteItem(s, "blob", digest(3)) }, http.StatusOK, "0 1 2"},
		{"a medium of what is not there", func() int { return putMedium(s, "x.png", 9) }, http.StatusBadRequest, "0 1 2"},
		{"a publication of what is not there", func() int { return publish(s, "third", 0, 9) }, http.StatusBadRequest, "0 1 2"},
		{"all that media hold", func() int {
			status, _, _ := s.Do(http.MethodDelete, "contentTypes/sallyport-blob", nil, "If-Match", "*")
			return status
		}, http.StatusBadRequest, "0 1 2"},
		{"the draft has another", func() int { putBlob(s, 4); return putMedium(s, "logo.png", 4) }, http.StatusOK, "0 1 2 4"},
		{"and another", func() int { putBlob(s, 5); return putMedium(s, "logo.png", 5) }, http.StatusOK, "0 1 2 5"},
		{"the copy goes", func() int { return deleteItem(s, "media", "copy.png") }, http.StatusOK, "0 1 2 5"},
		{"a publication goes", func() int { return deleteItem(s, "publication", "first") }, http.StatusOK, "0 2 5"},
		{"the other is visible", func() int {
			s.Put("portalRevisions/second", `{"properties": {"isCurrent": true}}`)
			return deleteItem(s, "publication", "second")
		}, http.StatusBadRequest, "0 2 5"},
		{"and is not any more", func() int {
			s.Put("portalRevisions/second", `{"properties": {"isCurrent": false}}`)
			return http.StatusOK
		}, http.StatusOK, "0 2 5"},
		{"the other goes", func() int { return deleteItem(s, "publication", "second") }, http.StatusOK, "5"},
		{"the draft's goes", func() int { return deleteItem(s, "media", "logo.png") }, http.StatusOK, ""},
	}
	for _, step := range steps {
		if status := step.do(); status != step.status {
			t.Errorf("%s: %d, not %d", step.name, status, step.status)
		}
		if got := held(s); got != step.held {
			t.Fatalf("%s: held are %q, not %q", step.name, got, step.held)
		}
	}
}

// TestMediaWithManyPublications looks through more publications than are in
// memory at a time.
func TestMediaWithManyPublications(t *testing.T) {
	s := portalOfMedia(t)
	putBlob(s, 1)
	putMedium(s, "logo.png", 1)
	for i := range 30 {
		publish(s, fmt.Sprintf("p%02d", i), map[bool][]int{true: {1}}[i == 29]...)
	}
	deleteItem(s, "media", "logo.png")
	if got := held(s); got != "1" {
		t.Fatalf("held are %q: the last publication is not seen", got)
	}
	deleteItem(s, "publication", "p29")
	if got := held(s); got != "" {
		t.Errorf("held are %q", got)
	}
}

// TestMediaWhilePublishing uploads, publishes and deletes the same few pictures
// from many sides: after every change, whatever is named is there.
func TestMediaWhilePublishing(t *testing.T) {
	s := portalOfMedia(t)
	var wait sync.WaitGroup
	var changes atomic.Int64
	for w := range 6 {
		wait.Go(func() {
			for i := range 25 {
				n := (w + i) % 3
				file, name := fmt.Sprintf("f%d.png", (w*i)%4), fmt.Sprintf("p%d", (w+2*i)%5)
				for _, status := range []int{
					putBlob(s, n), putMedium(s, file, n), publish(s, name, n, (n+1)%3), deleteItem(s, "media", file),
				} {
					if status < http.StatusMultipleChoices {
						changes.Add(1)
					}
				}
				wholeMedia(t, s)
				if i%3 == 0 {
					deleteItem(s, "publication", name)
				}
			}
		})
	}
	wait.Wait()
	wholeMedia(t, s)
	if changes.Load() < 300 {
		t.Errorf("only %d of 600 changes were made", changes.Load())
	}
}

// wholeMedia finds names of what is not there, in one state of the service.
func wholeMedia(t *testing.T, s *resourcestest.Server) {
	t.Helper()
	call := &resource.Call{Principal: "t", Name: "t", Version: resourcestest.Version}
	err := s.Plane.Read(t.Context(), call, func(session *resource.Session) error {
		there, named := map[string]bool{}, map[string]string{}
		types := resource.ID(resourcestest.Service) + "/contentTypes/"
		for e, err := range session.Tree(resource.ID(resourcestest.Service)) {
			if err != nil {
				return err
			}
			switch rest, _ := strings.CutPrefix(string(e.ID), string(types)); {
			case strings.HasPrefix(rest, "sallyport-blob/contentItems/"):
				there[e.ID.Name()] = true
			case strings.HasPrefix(rest, "sallyport-media/contentItems/"):
				named[e.Text("digest")] = rest
			case strings.HasPrefix(rest, "sallyport-publication/contentItems/"):
				media, _ := resourcestest.At(e.Body, "properties.content.media").(map[string]any)
				for _, m := range media {
					medium, _ := m.(map[string]any)
					digest, _ := medium["digest"].(string)
					named[digest] = rest
				}
			}
		}
		for digest, by := range named {
			if !there[digest] {
				t.Errorf("%s names %s, which is gone", by, digest)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
