package console

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// deadlines is an answer that notes the deadlines of its connection.
type deadlines struct {
	*httptest.ResponseRecorder
	read []time.Time
}

func (d *deadlines) SetReadDeadline(t time.Time) error {
	d.read = append(d.read, t)
	return nil
}

// TestSlowFormsGiveUpTheirPlace bounds the reading of a form that is sent byte by
// byte, which holds one of the few places for calls, and not the call itself.
func TestSlowFormsGiveUpTheirPlace(t *testing.T) {
	p := newPortal(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	body, media := form(t, "key", "")
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, p.URL+orderPath+"/send", body)
	r.Header.Set("Content-Type", media)
	r.Header.Set("X-CSRF-Token", p.token(orderPath))
	for _, c := range p.client.Jar.Cookies(nil) {
		r.AddCookie(c)
	}
	w := &deadlines{ResponseRecorder: httptest.NewRecorder()}
	began := time.Now()
	p.Config.Handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK || len(w.read) != 3 {
		t.Fatalf("status %d, deadlines %v: want the frame's, the form's and the call's", w.Code, w.read)
	}
	if reading, call := w.read[1].Sub(began), w.read[2].Sub(began); reading > formTimeout+time.Minute || call < streamTimeout {
		t.Errorf("a form has %v, a call %v", reading, call)
	}
}
