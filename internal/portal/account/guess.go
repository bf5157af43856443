package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/account/proof"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// How often somebody may try to sign in within limitPer. A browser in which the
// account was signed in to before has tries of its own, which nobody else can use
// up; all others share those of the account, and within them those of their
// network.
const (
	// addressRequests bounds what is read at all of one client address.
	addressRequests = 120
	// addressTries are those of one client address, to whatever accounts.
	addressTries = 20
	// networkTries are those of one network (proof.Network) to one account: half
	// of the account's, so that no single network keeps the others out.
	networkTries = 10
	// accountTries are those of all browsers together that the account does not
	// know.
	accountTries = 20
	// deviceTries are those of one browser that it knows.
	deviceTries = 10
)

// What a browser remembers of those who signed in.
const (
	deviceCookie = "sallyport-device"
	deviceLife   = 180 * 24 * time.Hour
	// maxDevices bounds the accounts that one browser is known to.
	maxDevices = 4
)

// The limits of trying. They are never written.
var (
	addressLimit = limit("sign-in from an address", addressTries, "")
	networkLimit = limit("sign-in to an account from a network", networkTries, "")
	accountLimit = limit("sign-in to an account", accountTries, "")
	deviceLimit  = limit("sign-in to an account from a browser", deviceTries, "")
)

// device is one account of a browser's cookie, which is sealed.
type device struct {
	// Account is the digest of the address.
	Account string `json:"a"`
	// ID is random: the budget is the browser's.
	ID string `json:"i"`
}

// accountDigest is an address as cookies and limits have it.
func accountDigest(email string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(email))))
	return hex.EncodeToString(sum[:16])
}

// takeTry takes one of the tries to sign in to an account. It fails, in a way
// that page.Wait understands, where none is left.
func (a *accounts) takeTry(x *page.Exchange, email string) error {
	account := accountDigest(email)
	for _, d := range a.devices(x) {
		if d.Account == account {
			return x.Take(deviceLimit, d.ID+" "+account)
		}
	}
	if err := x.Take(addressLimit, clientOf(x.Address())); err != nil {
		return err
	}
	if err := x.Take(networkLimit, account+" "+proof.Network(x.Address()).String()); err != nil {
		return err
	}
	return x.Take(accountLimit, account)
}

// clientOf is what one client has of addresses: one of IPv4, a network of IPv6.
func clientOf(address netip.Addr) string {
	if address.Unmap().Is6() {
		return proof.Network(address).String()
	}
	return address.Unmap().String()
}

// devices are the accounts that the browser is known to.
func (a *accounts) devices(x *page.Exchange) []device {
	found, err := open[[]device](a, x, deviceCookie)
	if err != nil {
		return nil // A cookie that is none counts for nothing.
	}
	return found
}

// rememberDevice makes the browser one that the account knows. Where that fails,
// it shares the tries of the others.
func (a *accounts) rememberDevice(x *page.Exchange, email string) {
	id := make([]byte, 16)
	_, _ = rand.Read(id) // It never fails, crypto/rand says.
	known := device{Account: accountDigest(email), ID: hex.EncodeToString(id)}
	rest := slices.DeleteFunc(a.devices(x), func(d device) bool {
		if d.Account == known.Account {
			known.ID = d.ID // Signing in brings no new tries.
		}
		return d.Account == known.Account
	})
	list := append([]device{known}, rest[:min(len(rest), maxDevices-1)]...)
	if err := seal(a, x, deviceCookie, deviceLife, list); err != nil {
		a.log.Warn("a browser could not be remembered", "error", err.Error())
	}
}

// rememberOwner is rememberDevice for who has followed a link in the mail of an
// account.
func (a *accounts) rememberOwner(x *page.Exchange, name string) {
	user, err := client.Get[client.User](x.R.Context(), a.client, client.Path("users", name), client.Within(secretTimeout))
	if err != nil {
		a.log.Warn("a browser could not be remembered", "user", name, "error", err.Error())
		return
	}
	a.rememberDevice(x, user.Properties.Email)
}

// tooMany shows the form of signing in to who has no try left, with the ways that
// are open.
func tooMany(x *page.Exchange, f *signInForm, wait time.Duration) error {
	seconds := int64((wait + time.Second - 1) / time.Second)
	x.W.Header().Set("Retry-After", strconv.FormatInt(seconds, 10))
	f.Minutes = int((wait + time.Minute - 1) / time.Minute)
	return renderSignIn(x, http.StatusTooManyRequests, f)
}

// spendProof notes for all portals of the service that a challenge was answered
// by the form with the token.
func (a *accounts) spendProof(ctx context.Context, challenge, token string, end time.Time) error {
	sum := sha256.Sum256([]byte(challenge))
	_, err := client.Post[client.Proof](ctx, a.client, "sallyportSpendProof", client.Proof{
		Proof: hex.EncodeToString(sum[:]), Expires: end.UTC(), Form: token,
	}, client.Within(secretTimeout))
	if client.IsConflict(err) {
		return proof.ErrUsed
	}
	return err
}
