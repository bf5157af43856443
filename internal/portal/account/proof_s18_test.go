package account

import (
	"maps"
	"net/url"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// answered sends one proof of work with three forms to three portals, of which each
// was started anew, and returns how many have taken it. vary makes of the form that
// was sent another one.
func answered(t *testing.T, path string, vary func(form url.Values, n int), change func(*accounts)) (taken int) {
	t.Helper()
	r := newRig(t, nil)
	b := r.browser()
	b.get(path)
	values := b.fill(path, typed("nobody@example.com")...)
	for n := range 3 {
		r.restart() // Another process: nothing is in its memory.
		change(r.accounts)
		form := maps.Clone(values)
		vary(form, n)
		if b.post(path, form).status == 303 {
			taken++
		}
	}
	return taken
}

// others are the ways in which forms with one proof differ.
func others() map[string]func(url.Values, int) {
	address := func(form url.Values, n int) { form.Set("email", "nobody"+strconv.Itoa(n)+"@example.com") }
	once := func(form url.Values, n int) {
		form.Set("once", strconv.Itoa(n)+form.Get("once")[1:])
	}
	return map[string]func(url.Values, int){
		"address": address, "form": once, "no form": func(form url.Values, _ int) { form.Del("once") },
		"both": func(form url.Values, n int) { address(form, n); once(form, n) },
	}
}

// TestS18_ProofOnce uses a proof of work for three forms at three portals of a
// service: one is taken.
func TestS18_ProofOnce(t *testing.T) {
	tried, worst := 0, 0
	for _, path := range []string{"/signup", "/reset"} {
		for name, vary := range others() {
			n := answered(t, path, vary, func(*accounts) {})
			if n != 1 {
				t.Errorf("%s with another %s: %d portals have taken the proof", path, name, n)
			}
			tried, worst = tried+3, max(worst, n)
		}
	}
	t.Logf("S18: %d forms, each proof of work at 3 portals with 3 forms, at most %d took it (1)", tried, worst)
}

// TestS18_ProofOnce_NegativeControl has portals that remember for themselves only:
// each takes it.
func TestS18_ProofOnce_NegativeControl(t *testing.T) {
	if n := answered(t, "/reset", others()["both"], func(a *accounts) { a.guard = a.newGuard(nil) }); n != 3 {
		t.Errorf("%d portals have taken the proof", n)
	}
}

// TestProofAgain sends one form again and again, at another portal each time: it is
// taken some times, and makes one account.
func TestProofAgain(t *testing.T) {
	r := newRig(t, nil)
	b := r.browser()
	b.get("/signup")
	values := b.fill("/signup", typed("ann@example.com")...)
	var got []int
	for range 6 {
		r.restart()
		got = append(got, b.post("/signup", values).status)
	}
	if diff := cmp.Diff([]int{303, 303, 303, 303, 303, 422}, got); diff != "" {
		t.Error(diff)
	}
	if names := r.Names("users?$filter=email%20eq%20'ann@example.com'"); len(names) != 1 {
		t.Errorf("there are the users %v", names)
	}
}
