package rotation

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// overlap is how long an old key works beside the new one in the tests, and rest
// how long the load goes on after each step, in the long form.
const (
	overlap = 4 * time.Second
	rest    = 10 * time.Second
)

// TestS22_RotationUnderLoad exchanges every credential while the API is called:
// no call fails, and what was replaced does not work when its time is over, at a
// gateway that starts from its disk neither.
func TestS22_RotationUnderLoad(t *testing.T) {
	in := start(t)
	old := in.primary()
	l := in.begin(old)
	settle := func() {
		if *long {
			pause(rest)
		}
	}
	in.await("calls are answered", func() bool { return l.calls.Load() > rate/2 })
	if l.failed.Load() > 0 {
		t.Fatalf("calls failed before anything was exchanged: %s", l.why())
	}

	until := in.rotateSubscriptionKey(l)
	settle()
	in.rotateBackendCertificate(l, "client 2")
	settle()
	in.rotateListenerCertificate(l, "listener 2")
	settle()
	in.rotateGatewayKeys()
	settle()
	written := in.rotateInstallationKey()
	settle()

	in.await("the overlap has ended", func() bool { return time.Now().After(until) })
	if status := in.once(t, old); status != http.StatusUnauthorized {
		t.Errorf("the old key is answered with %d after its time", status)
	}
	l.end()
	if l.failed.Load() != 0 {
		t.Errorf("%d calls failed, the first with %s", l.failed.Load(), l.why())
	}
	fmt.Printf("S22: %d of %d calls failed while 5 kinds of credentials were exchanged, %d of %d writes (0)\n",
		l.failed.Load(), l.calls.Load(), written.failed.Load(), written.all.Load())
	if written.failed.Load() != 0 {
		t.Errorf("%d writes failed", written.failed.Load())
	}
	in.startsFromDisk(old, *l.key.Load())
}

// rotateSubscriptionKey replaces the key of the calls: first at the management
// plane, then at the clients. It returns when the old one ends to work.
func (in *installation) rotateSubscriptionKey(l *load) time.Time {
	in.t.Helper()
	answer := in.post("subscriptions/shop/sallyportRotateKey", map[string]any{"keyType": "primary", "overlap": fmt.Sprintf("PT%dS", int(overlap.Seconds()))})
	text, _ := answer["sallyportPreviousPrimaryKeyExpires"].(string)
	until, err := time.Parse(time.RFC3339, text)
	if err != nil {
		in.t.Fatalf("the old key works until %q", text)
	}
	next := in.primary()
	if status := in.once(in.t, next); status != http.StatusOK {
		in.t.Errorf("the new key is answered with %d", status)
	}
	in.await("calls were made with the old key", after(&l.calls, rate/4))
	if time.Now().After(until) {
		in.t.Fatal("the test is too slow for its overlap")
	}
	l.key.Store(&next)
	return until
}

// after says when so much more has been counted.
func after(count *atomic.Int64, more int64) func() bool {
	from := count.Load()
	return func() bool { return count.Load() >= from+more }
}

// rotateBackendCertificate replaces the client certificate for the backend.
func (in *installation) rotateBackendCertificate(l *load, name string) {
	in.t.Helper()
	in.put("certificates/orders", map[string]any{"data": in.root.issue(in.t, name).archive(in.t, "q"), "password": "q"})
	in.await("the backend sees "+name, func() bool { return is(&l.answered, name) })
	in.await("calls go on", after(&l.calls, rate/4))
	if !is(&l.answered, name) {
		in.t.Errorf("the backend saw another certificate afterwards")
	}
}

// is says whether a name is the one that was seen last.
func is(seen *atomic.Pointer[string], name string) bool {
	last := seen.Load()
	return last != nil && *last == name
}

// rotateListenerCertificate replaces the files of the certificate for clients.
func (in *installation) rotateListenerCertificate(l *load, name string) {
	in.t.Helper()
	in.root.issue(in.t, name).write(in.t, in.path("listener.pem"), in.path("listener.key"))
	in.await("clients are shown "+name, func() bool { return is(&l.shown, name) })
}

// rotateGatewayKeys makes the primary key of a gateway anew while it holds a
// token of the secondary: that works on, and the primary's no longer.
func (in *installation) rotateGatewayKeys() {
	in.t.Helper()
	in.put("gateways/edge", map[string]any{"locationData": map[string]any{"name": "edge"}})
	token := func(key string) string {
		expiry := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
		value, _ := in.post("gateways/edge/generateToken", map[string]any{"keyType": key, "expiry": expiry})["value"].(string)
		return value
	}
	primary, secondary := token("primary"), token("secondary")
	for key, want := range map[string]int{primary: http.StatusNoContent, secondary: http.StatusNoContent} {
		if got := in.heartbeat(key); got != want {
			in.t.Errorf("a gateway's token is answered with %d", got)
		}
	}
	in.post("gateways/edge/regenerateKey", map[string]any{"keyType": "primary"})
	if got := in.heartbeat(secondary); got != http.StatusNoContent {
		in.t.Errorf("the token of the other key is answered with %d", got)
	}
	if got := in.heartbeat(primary); got != http.StatusUnauthorized {
		in.t.Errorf("the token of the old key is answered with %d", got)
	}
	if got := in.heartbeat(token("primary")); got != http.StatusNoContent {
		in.t.Errorf("the token of the new key is answered with %d", got)
	}
}

// writes are changes that went on meanwhile.
type writes struct{ all, failed atomic.Int64 }

// rotateInstallationKey makes a new data key and seals everything with it, while
// secrets are written and read.
func (in *installation) rotateInstallationKey() *writes {
	in.t.Helper()
	w, stop, done := &writes{}, make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			case <-time.After(50 * time.Millisecond):
			}
			value := fmt.Sprintf("value %d", n)
			path := fmt.Sprintf("namedValues/n%d", n%20)
			status, _ := in.ask(http.MethodPut, path, map[string]any{"properties": map[string]any{"displayName": path[12:], "secret": true, "value": value}})
			read, answer := in.ask(http.MethodPost, path+"/listValue", nil)
			if w.all.Add(1); status >= 300 || status == 0 || read != http.StatusOK || answer["value"] != value {
				w.failed.Add(1)
			}
		}
	}()
	in.await("secrets are written", after(&w.all, 20))
	before := in.dataKeys()
	in.sallyport("key", "rotate", "--data", in.data)
	said := in.sallyport("key", "reseal", "--data", in.data)
	if !strings.Contains(said, "secrets anew") || strings.HasPrefix(said, "sealed 0 ") {
		in.t.Errorf("key reseal says %q", said)
	}
	in.await("secrets are written", after(&w.all, 20))
	close(stop)
	<-done
	// Once more, for what was written with the old key until the new one was used.
	if left := in.sallyport("key", "reseal", "--data", in.data); !strings.HasPrefix(left, "sealed 0 ") {
		in.t.Logf("the second time: %s", left)
	}
	if before == 0 {
		in.t.Error("nothing was sealed at all")
	}
	return w
}

// dataKeys is how large the store is: there is one to seal.
func (in *installation) dataKeys() int64 {
	var size int64
	_ = filepath.WalkDir(filepath.Join(in.data, "store"), func(_ string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if info, err := d.Info(); err == nil {
			size += info.Size()
		}
		return nil
	})
	return size
}

// startsFromDisk starts the program without its store: it serves what it has
// kept, and knows of that when the old key ends.
func (in *installation) startsFromDisk(old, next string) {
	in.t.Helper()
	in.kill()
	if err := os.Rename(filepath.Join(in.data, "store"), filepath.Join(in.data, "gone")); err != nil {
		in.t.Fatal(err)
	}
	// What stands there is no store, so that none is made.
	replace(in.t, filepath.Join(in.data, "store"), []byte("gone"))
	in.run()
	if status := in.once(in.t, next); status != http.StatusOK {
		in.t.Errorf("without its store the gateway answers the new key with %d", status)
	}
	if status := in.once(in.t, old); status != http.StatusUnauthorized {
		in.t.Errorf("without its store the gateway answers the old key with %d", status)
	}
}

// TestS22_RotationUnderLoad_NegativeControl exchanges credentials as one should
// not: without an overlap, and for such as the other side does not trust. Calls
// fail each time, so that the other test would find it.
func TestS22_RotationUnderLoad_NegativeControl(t *testing.T) {
	in := start(t)
	stranger := newAuthority(t, "stranger")
	steps := []struct {
		name string
		do   func()
		undo func()
	}{
		{"a key without an overlap", func() { in.post("subscriptions/shop/regeneratePrimaryKey", nil) }, func() {}},
		{"a certificate that the backend does not trust",
			func() {
				in.put("certificates/orders", map[string]any{"data": stranger.issue(t, "client").archive(t, "p"), "password": "p"})
			},
			func() {
				in.put("certificates/orders", map[string]any{"data": in.root.issue(t, "client").archive(t, "p"), "password": "p"})
			}},
		{"a certificate that clients do not trust",
			func() { stranger.issue(t, "listener").write(t, in.path("listener.pem"), in.path("listener.key")) },
			func() { in.root.issue(t, "listener").write(t, in.path("listener.pem"), in.path("listener.key")) }},
	}
	for _, step := range steps {
		l := in.begin(in.primary())
		in.await("calls are answered", func() bool { return l.calls.Load() > rate/10 })
		if l.failed.Load() > 0 {
			t.Fatalf("%s: calls failed before: %s", step.name, l.why())
		}
		step.do()
		in.await("calls fail with "+step.name, func() bool { return l.failed.Load() > 0 })
		l.end()
		step.undo()
		key := in.primary()
		in.await("all is well again", func() bool { return (&load{in: in}).works(key) })
	}
}

// works reports whether one call is answered.
func (l *load) works(key string) bool {
	client := l.client()
	defer client.CloseIdleConnections()
	return l.call(client, key) == ""
}
