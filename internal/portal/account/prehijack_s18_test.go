package account

import "testing"

// beginsForAnother signs up with an address that is somebody else's, and returns
// the browser of whoever did and the link that the owner gets.
func beginsForAnother(t *testing.T) (r *rig, mallory *browser, link string) {
	t.Helper()
	r = newRig(t, nil)
	mallory = r.browser()
	mallory.submit("/signup", "/signup", typed("ann@example.com")...).want(t, "signing up", 303, "/signup/sent")
	return r, mallory, r.oneLetter("ann@example.com").link
}

// TestS18_AccountBegunByAnother lets the owner of an address follow the link of an
// account that somebody else has made with it: nobody gets in.
func TestS18_AccountBegunByAnother(t *testing.T) {
	r, mallory, link := beginsForAnother(t)
	ann := r.browser()
	for _, guess := range []string{"", "ann's own password"} {
		ann.submit(link, "/confirm", "password", guess).want(t, "confirming", 422, "")
	}
	mallory.submit("/signin", "/signin", "email", "ann@example.com", "password", "correct horse")
	mallory.last.want(t, "signing in", 422, "")
	t.Log("S18: 0 accounts with another's address were opened by the owner's following the link (0)")
}

// TestS18_AccountBegunByAnother_NegativeControl has the owner tell the password
// that the account was made with: it opens.
func TestS18_AccountBegunByAnother_NegativeControl(t *testing.T) {
	r, mallory, link := beginsForAnother(t)
	r.browser().submit(link, "/confirm", "password", "correct horse").want(t, "confirming", 303, "/signin")
	mallory.submit("/signin", "/signin", "email", "ann@example.com", "password", "correct horse")
	mallory.last.want(t, "signing in", 303, "/")
}
