package feed_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/feed"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/services"
	protocol "github.com/sallyport/sallyport/internal/snapshot/feed"
)

// status is with what a feed is refused, 200 where it is not.
func (g *gateway) status() int {
	g.t.Helper()
	err := g.join()
	g.leave()
	if refused, ok := errors.AsType[*refusedError](err); ok {
		if !strings.Contains(refused.body, `"error":{"code":"`) {
			g.t.Errorf("the body of a refusal is %s", refused.body)
		}
		return refused.status
	}
	if err != nil {
		g.t.Error(err)
	}
	return http.StatusOK
}

func TestRefused(t *testing.T) {
	n := newNode(t, rig{})
	n.gateway("edge")
	good, managed := n.token("edge"), n.token("managed")
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	name, rest, _ := strings.Cut(good, "&")
	until, signature, _ := strings.Cut(rest, "&")
	for _, tt := range []struct {
		name, token string
		change      func(*http.Request)
		want        int
	}{
		{"as it is", good, nil, 200},
		{"of the managed gateway", managed, nil, 200},
		{"the service named", good, header(protocol.HeaderService, string(serviceID)), 200},
		{"the service in other letters", good, header(protocol.HeaderService, strings.ToUpper(string(serviceID))), 200},
		{"no formats", good, header(protocol.HeaderFormats, ""), 200},
		{"no token", good, header("Authorization", ""), 401},
		{"another scheme", good, header("Authorization", "Bearer "+good), 401},
		{"nothing in it", "", nil, 401},
		{"two parts", name + "&" + until, nil, 401},
		{"another expiry", name + "&209901010000&" + signature, nil, 401},
		{"an expiry that is none", name + "&soon&" + signature, nil, 401},
		{"another gateway's name", "managed&" + rest, nil, 401},
		{"a gateway that is not there", "none&" + rest, nil, 404},
		{"a name that is a path", "a/b&" + rest, nil, 401},
		{"half a signature", good[:len(good)-10], nil, 401},
		{"too long", good + strings.Repeat("x", 2000), nil, 401},
		{"a service that is not there", good, header(protocol.HeaderService, string(serviceID)+"x"), 404},
		{"no service", good, header(protocol.HeaderService, "x"), 404},
		{"a resource of the service", good, header(protocol.HeaderService, string(serviceID)+"/apis/x"), 404},
		{"no instance", good, header(protocol.HeaderInstance, ""), 400},
		{"an instance that is none", good, header(protocol.HeaderInstance, "../x"), 400},
		{"a long release", good, header(protocol.HeaderRelease, strings.Repeat("x", 300)), 400},
		{"formats of the future", good, header(protocol.HeaderFormats, "2, 3"), 406},
		{"formats that are none", good, header(protocol.HeaderFormats, "x"), 400},
		{"a revision alone", good, header(protocol.HeaderRevision, "1"), 400},
		{"another path", good, func(r *http.Request) { r.URL.Path = "/feed/v1/other" }, 404},
		{"another method", good, func(r *http.Request) { r.Method = http.MethodPut }, 405},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := &gateway{t: t, url: n.http.URL, token: tt.token, change: tt.change}
			if got := g.status(); got != tt.want {
				t.Errorf("the status is %d, want %d", got, tt.want)
			}
		})
	}
	if s := n.feed.Stats(); s.Unproved != 10 || s.Busy != 0 || s.Faulty != 12 {
		t.Errorf("%+v", s)
	}
}

// TestBothKeys signs with the secondary key, and makes it anew.
func TestBothKeys(t *testing.T) {
	n := newNode(t, rig{})
	n.gateway("edge")
	var token string
	n.write(func(s *resource.Session) (err error) {
		token, err = services.NewGatewayToken(s, id("gateways/edge"), s.Now().Add(time.Hour), true)
		return err
	})
	g := n.follower(token)
	if got := g.status(); got != 200 {
		t.Errorf("the status is %d", got)
	}
	n.write(func(s *resource.Session) error {
		e, err := s.Get(id("gateways/edge"))
		if err != nil {
			return err
		}
		next := e.Clone()
		next.Set("secondaryKey", s.NewKey())
		return s.Store(e.ID, next.Body)
	})
	if got := g.status(); got != 401 {
		t.Errorf("with a new key the status is %d", got)
	}
}

// skewed has regions whose clocks are wrong by so much, one each way: a token is
// made on one and shown on the other, in the last minute of its life.
func skewed(t *testing.T, by time.Duration) int {
	t.Helper()
	first := newNode(t, rig{})
	region := func(offset time.Duration) *node {
		c := clock.NewFake(morning.Add(offset))
		return newNode(t, rig{store: first.store, clock: c})
	}
	ahead, behind := region(by), region(-by)
	accepted := 0
	for _, pair := range [][2]*node{{ahead, behind}, {behind, ahead}, {first, ahead}, {first, behind}, {ahead, ahead}, {behind, behind}} {
		var token string
		pair[0].write(func(s *resource.Session) (err error) {
			// What is asked for is a time of the right clock: it ends in a minute.
			token, err = services.NewGatewayToken(s, id("gateways/managed"), morning.Add(time.Minute), false)
			return err
		})
		if pair[1].follower(token).status() == http.StatusOK {
			accepted++
		}
	}
	return accepted
}

// TestR26_GatewayTokensUnderSkew has clocks that are wrong by the leeway, one
// ahead and one behind.
func TestR26_GatewayTokensUnderSkew(t *testing.T) {
	got := skewed(t, feed.TokenLeeway)
	fmt.Printf("R26: gateways' tokens: %d of 6 accepted with clocks ± %s (all)\n", got, feed.TokenLeeway)
	if got != 6 {
		t.Errorf("%d of 6 tokens were accepted", got)
	}
}

// TestR26_GatewayTokensUnderSkew_NegativeControl has clocks that are wrong by
// more: tokens are refused.
func TestR26_GatewayTokensUnderSkew_NegativeControl(t *testing.T) {
	if got := skewed(t, feed.TokenLeeway+2*time.Minute); got == 6 {
		t.Error("a clock that is ahead by more than the leeway has no effect")
	}
}
