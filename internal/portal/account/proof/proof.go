// Package proof asks those who send a form for a little work of their
// processor: nothing for a person, much for a robot that sends thousands.
//
// A challenge is a signed text for one form, one network and a short time. Its
// solution is a number that, appended to it, gives a SHA-256 hash with some zero
// bits at its beginning. Whoever cannot compute it, without JavaScript, sends
// none, waits a little and meets a tighter limit.
package proof

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"math/bits"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
)

// Measures of the work and of those who may do without it.
const (
	// Difficulty is how many zero bits a hash begins with: 2^17 hashes on
	// average, some tenths of a second in a browser.
	Difficulty = 17
	// Life is how long a challenge may be answered: as long as somebody may take
	// to fill in a form.
	Life = 30 * time.Minute
	// SlowAfter is how old a challenge is at least that is answered without
	// work.
	SlowAfter = 4 * time.Second
	// SlowEvents is how many forms without work one network may send in SlowPer.
	SlowEvents = 5
	SlowPer    = time.Hour
	// maxRemembered bounds the challenges that were used and the networks that
	// sent forms without work, each. While there are so many within Life or
	// SlowPer, no further form is taken.
	maxRemembered = 100_000
	// maxSends is how often a Guard that asks nobody else takes one form with one
	// challenge.
	maxSends = 5
	// maxSolution bounds a solution, in digits.
	maxSolution = 20
)

// Why a form is not taken.
var (
	// ErrChallenge is a challenge that is not ours, for another form or network.
	ErrChallenge = errors.New("the check of this form is not for it: please send it again")
	// ErrExpired is a challenge that is too old.
	ErrExpired = errors.New("this form was open for too long: please send it again")
	// ErrUsed is a challenge that was answered before, with another form.
	ErrUsed = errors.New("this form was sent before: please send it again")
	// ErrSolution is a solution that is none.
	ErrSolution = errors.New("the check of this form was not completed: please send it again")
	// ErrTooSoon is a form without work that was sent faster than one can type.
	ErrTooSoon = errors.New("please wait some seconds, then send the form again")
	// ErrTooMany is a form without work from a network that has sent many, or a
	// memory that is full.
	ErrTooMany = errors.New("too many forms were sent from your network: please try again in an hour, or with JavaScript")
)

// Guard makes challenges and checks what comes back. It is safe for use by many
// goroutines.
type Guard struct {
	o     Options
	clock clock.Clock

	mu sync.Mutex
	// used are challenges that were answered.
	used map[string]*use
	// slow are when networks sent forms without work.
	slow map[netip.Prefix][]time.Time
}

// use is what a challenge was answered with, until it ends.
type use struct {
	end   time.Time
	token string // What was sent; see Sent.
	sends int
}

// Sent is a form that was sent.
type Sent struct {
	// Form is what the form is for, Address who sent it.
	Form    string
	Address netip.Addr
	// Challenge is that of the form, with its solution or without one.
	Challenge, Solution string
	// Token says which form this is, and for whom: one that is sent again, because
	// something failed or its answer did not arrive, has the same and needs no new
	// challenge. Whatever makes a difference to what the form does is in it. It is a
	// SHA-256 in hexadecimal digits; "" is a form that is taken once.
	Token string
}

// Options say what a Guard works with.
type Options struct {
	// Key gives the key of signatures, which should be the same in all portals of a
	// service. It is required.
	Key func(context.Context) ([]byte, error)
	// Spend notes for all portals of the service that a challenge was answered by
	// the form with the token, until it ends. It fails with ErrUsed where it was by
	// another one, or by this one often. nil notes it in this Guard only.
	Spend func(ctx context.Context, challenge, token string, end time.Time) error
	// Clock is the system's where it is nil.
	Clock clock.Clock
}

// New makes a Guard.
func New(o Options) *Guard {
	if o.Clock == nil {
		o.Clock = clock.System()
	}
	return &Guard{o: o, clock: o.Clock, used: map[string]*use{}, slow: map[netip.Prefix][]time.Time{}}
}

// Challenge makes a challenge for a form that is shown to an address.
func (g *Guard) Challenge(ctx context.Context, form string, address netip.Addr) (string, error) {
	key, err := g.o.Key(ctx)
	if err != nil {
		return "", fmt.Errorf("making the check of a form: %w", err)
	}
	nonce := make([]byte, 12)
	_, _ = rand.Read(nonce) // It never fails, crypto/rand says.
	text := fmt.Sprintf("1.%d.%d.%s", Difficulty, g.clock.Now().Unix(), base64.RawURLEncoding.EncodeToString(nonce))
	return text + "." + signature(key, text, form, address), nil
}

// Check takes the challenge of a form with its solution, or without one. Each
// challenge is taken for one form.
func (g *Guard) Check(ctx context.Context, s *Sent) error {
	key, err := g.o.Key(ctx)
	if err != nil {
		return fmt.Errorf("checking a form: %w", err)
	}
	made, err := read(key, s.Challenge, s.Form, s.Address)
	if err != nil {
		return err
	}
	now := g.clock.Now()
	age := now.Sub(made)
	switch {
	case age > Life || age < -Life:
		return ErrExpired
	case s.Solution != "" && !Solves(s.Challenge, s.Solution):
		return ErrSolution
	case s.Solution == "" && age < SlowAfter:
		return ErrTooSoon
	}
	if err := g.take(now, s, made.Add(Life)); err != nil || g.o.Spend == nil {
		return err
	}
	return g.o.Spend(ctx, s.Challenge, s.Token, made.Add(Life))
}

// take notes here that a challenge was answered, which keeps most of those that
// come again with another form from being asked about elsewhere.
func (g *Guard) take(now time.Time, s *Sent, end time.Time) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if u, ok := g.used[s.Challenge]; ok {
		if s.Token == "" || u.token != s.Token || u.sends >= maxSends {
			return ErrUsed
		}
		if g.o.Spend == nil { // Who spends elsewhere counts there what was taken.
			u.sends++
		}
		return nil
	}
	if s.Solution == "" && !g.slowly(now, Network(s.Address)) {
		return ErrTooMany
	}
	return g.spend(now, s, end)
}

// spend remembers a challenge until it ends.
func (g *Guard) spend(now time.Time, s *Sent, end time.Time) error {
	if len(g.used) >= maxRemembered {
		for c, u := range g.used {
			if u.end.Before(now) {
				delete(g.used, c)
			}
		}
	}
	if len(g.used) >= maxRemembered {
		return ErrTooMany
	}
	g.used[s.Challenge] = &use{end: end, token: s.Token, sends: 1}
	return nil
}

// slowly reports whether a network may send one more form without work.
func (g *Guard) slowly(now time.Time, network netip.Prefix) bool {
	if len(g.slow) >= maxRemembered {
		for n := range g.slow {
			if len(recent(g.slow[n], now)) == 0 {
				delete(g.slow, n)
			}
		}
	}
	before := recent(g.slow[network], now)
	if len(before) >= SlowEvents || len(g.slow) >= maxRemembered {
		return false
	}
	g.slow[network] = append(before, now)
	return true
}

func recent(times []time.Time, now time.Time) []time.Time {
	for len(times) > 0 && now.Sub(times[0]) >= SlowPer {
		times = times[1:]
	}
	return times
}

// read checks the signature of a challenge and returns when it was made.
func read(key []byte, challenge, form string, address netip.Addr) (time.Time, error) {
	text, mac, ok := cutLast(challenge)
	if !ok || len(challenge) > 200 || !hmac.Equal([]byte(mac), []byte(signature(key, text, form, address))) {
		return time.Time{}, ErrChallenge
	}
	parts := strings.Split(text, ".")
	if len(parts) != 4 || parts[0] != "1" || parts[1] != strconv.Itoa(Difficulty) {
		return time.Time{}, ErrChallenge
	}
	seconds, err := strconv.ParseInt(parts[2], 10, 64)
	if err != nil {
		return time.Time{}, ErrChallenge
	}
	return time.Unix(seconds, 0), nil
}

func cutLast(challenge string) (text, mac string, ok bool) {
	at := strings.LastIndexByte(challenge, '.')
	if at < 0 {
		return "", "", false
	}
	return challenge[:at], challenge[at+1:], true
}

func signature(key []byte, text, form string, address netip.Addr) string {
	mac := hmac.New(sha256.New, key)
	_, _ = fmt.Fprintf(mac, "%s\n%s\n%s", text, form, Network(address)) // A hash never fails to write.
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// Network is the network of an address: people on the move keep it, at least for
// the time of a form.
func Network(address netip.Addr) netip.Prefix {
	address = address.Unmap().WithZone("")
	length := 64
	if address.Is4() {
		length = 24
	}
	network, err := address.Prefix(length)
	if err != nil {
		return netip.Prefix{}
	}
	return network
}

// Solves reports whether a number in decimal digits is a solution.
func Solves(challenge, solution string) bool {
	if solution == "" || len(solution) > maxSolution || strings.Trim(solution, "0123456789") != "" {
		return false
	}
	sum := sha256.Sum256([]byte(challenge + "." + solution))
	return bits.LeadingZeros32(uint32(sum[0])<<24|uint32(sum[1])<<16|uint32(sum[2])<<8|uint32(sum[3])) >= Difficulty
}
