package account

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

// hanging is a management plane that takes packets and answers nothing, while it
// hangs.
type hanging struct {
	r     *rig
	hangs chan struct{} // Closed when it hangs no more; nil where it does not.
	calls chan string   // What was called while it hung.
}

func (h *hanging) RoundTrip(q *http.Request) (*http.Response, error) {
	if h.hangs == nil {
		return h.r.RoundTrip(q)
	}
	select {
	case h.calls <- q.URL.Path:
	default:
	}
	select {
	case <-h.hangs:
		return nil, errors.New("connection reset")
	case <-q.Context().Done():
		return nil, q.Context().Err()
	}
}

// TestNoPageWaitsForSettings lets the management plane hang before it was read,
// and after: pages are answered without a call of it, the first time by saying
// that nothing is known yet, and from then on with what is.
func TestNoPageWaitsForSettings(t *testing.T) {
	for _, known := range []bool{false, true} {
		h := &hanging{r: newRig(t, nil), calls: make(chan string, 100)}
		c, err := client.New(client.Options{Service: resourcestest.Service, Transport: h})
		if err != nil {
			t.Fatal(err)
		}
		h.r.change = func(o *Options) {
			o.Client = c
			o.Settings = NewSettings(SettingsOptions{Client: c, Clock: h.r.Clock})
		}
		h.r.away.Store(true) // Nothing reads the settings for the rig.
		h.r.restart()
		if known {
			h.r.away.Store(false)
			h.r.refresh()
			h.r.away.Store(true)
		}
		h.hangs = make(chan struct{})
		want := http.StatusServiceUnavailable
		if known {
			want = http.StatusOK
		}
		for _, path := range []string{"/signin", "/signup", "/reset", "/confirm?token=x", "/invitation?token=x"} {
			h.r.browser().get(path).want(t, path, want, "")
		}
		if n := len(h.calls); n != 0 {
			t.Errorf("known %v: %d calls were made for pages, the first to %s", known, n, <-h.calls)
		}
	}
}

// TestSettingsFollow runs the settings over a management plane that is away when
// they start: they are read when it is back, again when something has changed, and
// not when that does not concern them.
func TestSettingsFollow(t *testing.T) {
	r := newRig(t, nil)
	reads := make(chan struct{}, 100)
	r.before = func(q *http.Request) error {
		if q.URL.Path == resourcestest.Service+"/portalsettings/signin" {
			reads <- struct{}{}
		}
		return nil
	}
	s := NewSettings(SettingsOptions{Client: r.client(), Clock: r.Clock})
	r.away.Store(true)
	if !s.SigninRequired(t.Context()) {
		t.Error("guests are let in while nothing is known")
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.Run(ctx)
	}()
	r.Clock.BlockUntil(1)
	if _, err := s.Current(); !client.IsUnavailable(err) {
		t.Errorf("before the first reading: %v", err)
	}
	r.away.Store(false)
	r.Clock.Advance(firstPause)
	<-reads
	r.Put("portalsettings/signin", `{"properties":{"enabled":true}}`)
	s.Changed(client.Changes{Complete: true, Changed: []string{"apis/echo"}})
	s.Changed(client.Changes{Complete: true, Changed: []string{"portalSettings/signin"}})
	<-reads
	for deadline := time.Now().Add(10 * time.Second); ; {
		if c, err := s.Current(); err == nil && c.SigninRequired {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the change has not come")
		}
		time.Sleep(time.Millisecond)
	}
	cancel()
	<-ended
	if n := len(reads); n != 0 {
		t.Errorf("%d further readings", n)
	}
}

func TestConcerns(t *testing.T) {
	for path, want := range map[string]bool{
		"portalsettings/signin": true, "identityProviders/aad": true, "openidConnectProviders/x": true, "portalconfigs/default": true,
		"apis/portalsettings": false, "": false, "users/ann": false,
	} {
		if concerns(path) != want {
			t.Errorf("%q concerns the settings: %v", path, !want)
		}
	}
}
