package fleet

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/snapshot/feed"
	"github.com/sallyport/sallyport/internal/snapshot/wire"
)

// otherRelease is a management plane of another release, which sends whatever
// lines it is told to.
type otherRelease struct {
	*httptest.Server
	t *testing.T

	mu       sync.Mutex
	revision uint64
	lines    map[string][]byte
	feeds    []chan feed.Frame
	beats    []*feed.Heartbeat
}

func startOtherRelease(t *testing.T) *otherRelease {
	t.Helper()
	o := &otherRelease{t: t, lines: map[string][]byte{}, revision: 1}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+feed.ConfigurationPath, o.feed)
	mux.HandleFunc("POST "+feed.HeartbeatPath, func(w http.ResponseWriter, r *http.Request) {
		h, err := feed.DecodeHeartbeat(r.Body)
		if err != nil {
			t.Error(err)
			return
		}
		o.mu.Lock()
		o.beats = append(o.beats, h)
		o.mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	})
	o.Server = httptest.NewServer(mux)
	t.Cleanup(func() {
		o.CloseClientConnections()
		o.Close()
	})
	return o
}

// feed answers a request for the feed, always with a whole document first.
func (o *otherRelease) feed(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	frames := make(chan feed.Frame, 100)
	hello, err := feed.HelloFrame(feed.Hello{Lineage: "other", Release: "99.0", BeatSeconds: 10, HeartbeatSeconds: 1})
	if err != nil {
		o.t.Error(err)
	}
	file, err := wire.EncodeLines(o.revision, o.sorted())
	if err != nil {
		o.t.Error(err)
	}
	frames <- hello
	frames <- feed.DocumentFrame(o.digest(), file)
	o.feeds = append(o.feeds, frames)
	o.mu.Unlock()
	w.Header().Set("Content-Type", feed.MediaType)
	out := feed.NewWriter(w)
	for {
		select {
		case <-r.Context().Done():
			return
		case f := <-frames:
			if out.Write(f) != nil || http.NewResponseController(w).Flush() != nil {
				return
			}
		}
	}
}

func (o *otherRelease) sorted() (list [][]byte) {
	var ids []string
	for id := range o.lines {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		list = append(list, o.lines[id])
	}
	return list
}

func (o *otherRelease) digest() (sum wire.Digest) {
	for _, text := range o.lines {
		l := wire.ReadLine(text)
		sum = sum.Plus(l.Digest)
	}
	return sum
}

// change sets and removes lines, and sends the delta.
func (o *otherRelease) change(put map[string]string, gone ...string) {
	o.t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	var lines bytes.Buffer
	for id, properties := range put {
		o.lines[id] = fmt.Appendf(nil, `{"id":%q,"properties":%s}`, id, properties)
		lines.Write(append(slices.Clip(o.lines[id]), '\n'))
	}
	for _, id := range gone {
		delete(o.lines, id)
		fmt.Fprintf(&lines, "{\"id\":%q}\n", id)
	}
	head, err := json.Marshal(map[string]any{"base": o.revision, "revision": o.revision + 1, "put": len(put), "delete": len(gone), "digest": o.digest().String()})
	if err != nil {
		o.t.Fatal(err)
	}
	o.revision++
	for _, frames := range o.feeds {
		frames <- feed.Frame{Type: feed.TypeDelta, Payload: slices.Concat(head, []byte{'\n'}, lines.Bytes())}
	}
}

// last returns the newest heartbeat, or nil.
func (o *otherRelease) last() *feed.Heartbeat {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.beats) == 0 {
		return nil
	}
	return o.beats[len(o.beats)-1]
}

// api are the lines of an API that answers with a text.
func api(name, text string) map[string]string {
	return map[string]string{
		"apis/" + name:                       fmt.Sprintf(`{"displayName":%q,"path":%q,"protocols":["http"],"subscriptionRequired":false}`, name, name),
		"apis/" + name + "/operations/get":   `{"displayName":"Get","method":"GET","urlTemplate":"/*"}`,
		"apis/" + name + "/policies/policy":  document(returning(text)),
		"apis/" + name + "/schemas/whatever": `{"contentType":"application/json","document":{}}`,
	}
}

// document are the properties of a policy document.
func document(text string) string {
	value, err := json.Marshal(map[string]string{"format": string(model.PolicyRawXML), "value": text})
	if err != nil {
		return ""
	}
	return string(value)
}
