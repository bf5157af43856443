package issuer

import (
	_ "embed"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"time"
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
	deviceCode, userCode, err := i.devices.add(r.Context(), device{ClientID: r.PostForm.Get("client_id"), Audience: audience, Scope: scope})
	switch {
	case errors.Is(err, errTooManyDevices):
		tooMany(w)
		return
	case err != nil:
		i.unavailable(w, err)
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
	v, problem, err := i.devices.take(r.Context(), code, r.PostForm.Get("client_id"))
	if err != nil {
		i.unavailable(w, err)
		return
	}
	if problem != "" {
		fail(w, http.StatusBadRequest, problem, "The device code is not approved: "+problem+".")
		return
	}
	// It may have been revoked since.
	p, ok := i.config.Directory.Holder(v.Approved, "")
	if !ok {
		fail(w, http.StatusBadRequest, "access_denied", "Who approved the code is not there any more.")
		return
	}
	// Clients keep the token under the scope that they are told.
	r.PostForm.Set("scope", v.Scope)
	i.give(w, info, p, v.Audience, r.PostForm, true)
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
	show(w, http.StatusOK, pageView{Code: shownCode(r.URL.Query().Get("user_code"))})
}

// shownCode is as much of a code as the page shows again.
func shownCode(code string) string { return code[:min(len(code), 2*userCodeLength)] }

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
	code := shownCode(r.PostForm.Get("user_code"))
	p, ok, _ := i.signIn(info, r.PostForm.Get("client_id"), r.PostForm.Get("client_secret"))
	if !ok {
		show(w, http.StatusUnauthorized, pageView{Code: code, Message: "The client id or the client secret is wrong."})
		return
	}
	approved, err := i.devices.approve(r.Context(), r.PostForm.Get("user_code"), p.ObjectID)
	if err != nil {
		i.config.Log.Error("a device could not be approved", slog.Any("error", err))
		show(w, http.StatusServiceUnavailable, pageView{Code: code, Message: "The device cannot be signed in at the moment. Try again."})
		return
	}
	if !approved {
		show(w, http.StatusBadRequest, pageView{Code: code, Message: "No device waits with this code. It may have expired."})
		return
	}
	show(w, http.StatusOK, pageView{Done: true, Message: "The device is signed in as " + p.Name + ". You can close this page."})
}
