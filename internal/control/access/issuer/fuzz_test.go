package issuer

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/store/memory"
)

// FuzzServeHTTP sends the issuer anything: nothing gets a token without the
// secret, and nothing ends in a 500.
func FuzzServeHTTP(f *testing.F) {
	f.Add("POST", "/t/oauth2/v2.0/token", "grant_type=client_credentials&client_id=x&client_secret=y&scope=a/.default")
	f.Add("POST", "/t/oauth2/token", "grant_type=device_code&client_id=x&device_code=y")
	f.Add("POST", "/adfs/oauth2/devicecode", "client_id=x&scope=%ff")
	f.Add("POST", "/t/oauth2/device", "user_code=AAAA-AAAA&client_id=x&client_secret=%00")
	f.Add("GET", "/common/discovery/instance", "")
	c := clock.NewFake(noon)
	d, err := access.OpenDirectory(f.Context(), memory.New(), c)
	if err != nil {
		f.Fatal(err)
	}
	if _, err := d.Bootstrap(f.Context()); err != nil {
		f.Fatal(err)
	}
	i := &Issuer{config: Config{Directory: d, Clock: c}, devices: newDevices(memory.New(), c), limits: newLimiter(c)}
	i.keys.Store(&keySet{})
	f.Fuzz(func(t *testing.T, method, path, body string) {
		request, err := http.NewRequestWithContext(t.Context(), method, "http://host/", strings.NewReader(body))
		if err != nil {
			return
		}
		request.URL.Path = path
		_, request.URL.RawQuery, _ = strings.Cut(path, "?")
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		c.Advance(tokenRate.every)
		w := httptest.NewRecorder()
		i.ServeHTTP(w, request)
		if w.Code >= http.StatusInternalServerError || strings.Contains(w.Body.String(), "access_token") {
			t.Errorf("%s %q: %d %s", method, path, w.Code, w.Body)
		}
	})
}
