package issuer

import (
	"crypto/rand"
	_ "embed"
	"html/template"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/access"
)

// Times and limits of device codes.
const (
	// deviceLifetime is how long a code waits for its approval.
	deviceLifetime = 15 * time.Minute
	// devicePoll is the time between two questions of a device.
	devicePoll = 5 * time.Second
	// maxDevices bounds the number of codes that wait.
	maxDevices = 1000
	// maxScope bounds what a device asks for, in bytes.
	maxScope = 1024
	// userCodeLength is that of the code that a person types. With its alphabet
	// there are 20^8 codes, and an address may try ten a minute.
	userCodeLength = 8
	// userCodeAlphabet has no vowels, so that codes are no words, and nothing
	// that looks like something else.
	userCodeAlphabet = "BCDFGHJKLMNPQRSTVWXZ"
)

// devices are the device codes of this process that wait, or were approved and
// not fetched.
type devices struct {
	clock clock.Clock

	mu     sync.Mutex
	byCode map[string]*device // By device code.
}

type device struct {
	userCode string
	clientID string
	audience string
	scope    string
	expires  time.Time
	polled   time.Time
	// approved is who approved it, nil before.
	approved *access.ServicePrincipal
}

func newDevices(c clock.Clock) *devices { return &devices{clock: c, byCode: map[string]*device{}} }

// add makes a code; false where too many wait.
func (d *devices) add(clientID, audience, scope string) (deviceCode, userCode string, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.clock.Now()
	if len(d.byCode) >= maxDevices {
		for code, v := range d.byCode {
			if !now.Before(v.expires) {
				delete(d.byCode, code)
			}
		}
	}
	if len(d.byCode) >= maxDevices {
		return "", "", false
	}
	deviceCode = random(32)
	userCode = newUserCode()
	d.byCode[deviceCode] = &device{userCode: userCode, clientID: clientID, audience: audience, scope: scope, expires: now.Add(deviceLifetime)}
	return deviceCode, userCode, true
}

// newUserCode draws letters, each as likely as any other.
func newUserCode() string {
	code := make([]byte, 0, userCodeLength)
	for len(code) < userCodeLength {
		var b [1]byte
		_, _ = rand.Read(b[:])
		if n := len(userCodeAlphabet); int(b[0]) < 256/n*n {
			code = append(code, userCodeAlphabet[int(b[0])%n])
		}
	}
	return string(code)
}

// approve gives a code to a service principal; false where no code waits under
// what a person typed.
func (d *devices) approve(typed string, by access.ServicePrincipal) bool {
	typed = strings.NewReplacer("-", "", " ", "").Replace(strings.ToUpper(typed))
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.clock.Now()
	for _, v := range d.byCode {
		if v.userCode == typed && v.approved == nil && now.Before(v.expires) {
			v.approved = &by
			return true
		}
	}
	return false
}

// take is a device's question. It returns the error code of OAuth 2.0, or "" and
// what was approved, once.
func (d *devices) take(deviceCode, clientID string) (*device, string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.clock.Now()
	v, ok := d.byCode[deviceCode]
	switch {
	case !ok || v.clientID != clientID:
		return nil, "invalid_grant"
	case !now.Before(v.expires):
		delete(d.byCode, deviceCode)
		return nil, "expired_token"
	case v.approved != nil:
		delete(d.byCode, deviceCode)
		return v, ""
	case now.Sub(v.polled) < devicePoll/2:
		v.polled = now
		return nil, "slow_down"
	}
	v.polled = now
	return nil, "authorization_pending"
}

// deviceCode is the endpoint at which a device begins.
func (i *Issuer) deviceCode(w http.ResponseWriter, r *http.Request, info request) {
	if !i.limits.allow("device "+info.source, deviceRate) {
		tooMany(w)
		return
	}
	if err := r.ParseForm(); err != nil || r.PostForm.Get("client_id") == "" || len(r.PostForm.Get("client_id")) > maxAudience {
		fail(w, http.StatusBadRequest, "invalid_request", "The parameter client_id is missing.")
		return
	}
	audience, err := audienceOf(r.PostForm)
	if err != nil {
		fail(w, http.StatusBadRequest, "invalid_scope", err.Error())
		return
	}
	scope := r.PostForm.Get("scope")
	if len(scope) > maxScope {
		fail(w, http.StatusBadRequest, "invalid_scope", "The scope is too long.")
		return
	}
	deviceCode, userCode, ok := i.devices.add(r.PostForm.Get("client_id"), audience, scope)
	if !ok {
		tooMany(w)
		return
	}
	page := info.url("/oauth2/device")
	shown := userCode[:userCodeLength/2] + "-" + userCode[userCodeLength/2:]
	answer(w, http.StatusOK, map[string]any{
		"device_code": deviceCode, "user_code": shown,
		"verification_uri": page, "verification_url": page, "verification_uri_complete": page + "?user_code=" + shown,
		"expires_in": int(deviceLifetime / time.Second), "interval": int(devicePoll / time.Second),
		"message": "To sign in, open " + page + " and enter the code " + shown + ".",
	})
}

// deviceToken answers a device that asks whether its code was approved.
func (i *Issuer) deviceToken(w http.ResponseWriter, r *http.Request, info request) {
	code := r.PostForm.Get("device_code")
	if code == "" {
		code = r.PostForm.Get("code")
	}
	v, problem := i.devices.take(code, r.PostForm.Get("client_id"))
	if problem != "" {
		fail(w, http.StatusBadRequest, problem, "The device code is not approved: "+problem+".")
		return
	}
	// It may have been revoked since.
	p, ok := i.config.Directory.Holder(v.approved.ObjectID, "")
	if !ok {
		fail(w, http.StatusBadRequest, "access_denied", "Who approved the code is not there any more.")
		return
	}
	// Clients keep the token under the scope that they are told.
	r.PostForm.Set("scope", v.scope)
	i.give(w, info, p, v.audience, r.PostForm, true)
}

//go:embed device.html
var devicePageText string

// pageView is what the page shows.
type pageView struct {
	Code, Message string
	Done          bool
}

// show writes the page.
func show(w http.ResponseWriter, status int, view pageView) {
	page, err := template.New("device").Parse(devicePageText)
	if err != nil {
		fail(w, http.StatusInternalServerError, "server_error", "The page cannot be shown.")
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy",
		"default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	w.WriteHeader(status)
	// A client that has gone away gets nothing.
	_ = page.Execute(w, view)
}

// devicePage asks for the code and for a credential.
func (i *Issuer) devicePage(w http.ResponseWriter, r *http.Request, _ request) {
	code := r.URL.Query().Get("user_code")
	show(w, http.StatusOK, pageView{Code: code[:min(len(code), 2*userCodeLength)]})
}

// deviceApproval takes the code and the credential. The page has no session, so
// there is none that another page could use.
func (i *Issuer) deviceApproval(w http.ResponseWriter, r *http.Request, info request) {
	if !i.limits.allow("user code "+info.source, userCodeRate) {
		w.Header().Set("Retry-After", "6")
		show(w, http.StatusTooManyRequests, pageView{Message: "There were too many attempts from this address. Try again in a minute."})
		return
	}
	if err := r.ParseForm(); err != nil {
		show(w, http.StatusBadRequest, pageView{Message: "The form is too long."})
		return
	}
	p, ok, _ := i.signIn(info, r.PostForm.Get("client_id"), r.PostForm.Get("client_secret"))
	if !ok {
		show(w, http.StatusUnauthorized, pageView{Message: "The client id or the client secret is wrong."})
		return
	}
	if !i.devices.approve(r.PostForm.Get("user_code"), p) {
		show(w, http.StatusBadRequest, pageView{Message: "No device waits with this code. It may have expired."})
		return
	}
	show(w, http.StatusOK, pageView{Done: true, Message: "The device is signed in as " + p.Name + ". You can close this page."})
}
