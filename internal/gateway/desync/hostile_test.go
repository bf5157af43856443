package desync

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// hostilePath is where an origin answers as it likes.
const hostilePath = "/hostile/"

// evil is an answer that nobody has asked for.
const evil = "HTTP/1.1 200 OK\r\n" + originField + ": evil\r\nContent-Length: 4\r\n\r\nEVIL"

// hostileAnswers are answers that two clients could divide differently, or that
// hold a second one. "@" stands for the id of the request.
func hostileAnswers() (list []string) {
	ok := "HTTP/1.1 200 OK\r\n" + originField + ": @\r\n"
	var framed []string
	for _, line := range append(lengthLines, codingLines...) {
		framed = append(framed, ok+line+"\r\n\r\nhello", ok+"Content-Length: 5\r\n"+line+"\r\n\r\nhello", ok+line+"\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
	}
	for _, line := range oddLines {
		framed = append(framed, ok+line+"\r\nContent-Length: 5\r\n\r\nhello")
	}
	for _, body := range chunkBodies {
		framed = append(framed, ok+"Transfer-Encoding: chunked\r\n\r\n"+body)
	}
	for _, status := range []string{"204 No Content", "304 Not Modified", "205 Reset Content", "199 X", "101 Switching Protocols", "100 Continue", "103 Early Hints", "999 X", "99 X", "0200 OK", "2xx OK", "200", "200 ", "200\tOK", "200 O\rK", "200 O\x00K", "301 Moved"} {
		head := "HTTP/1.1 " + status + "\r\n" + originField + ": @\r\n"
		framed = append(framed, head+"\r\n", head+"Content-Length: 5\r\n\r\nhello", head+"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", head+"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	}
	framed = append(framed, ok+"\r\nhello", "", "\r\n"+ok+"Content-Length: 0\r\n\r\n", "HTTP/1.0 200 OK\r\n"+originField+": @\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.0 200 OK\r\n\r\nhello", "HTTP/2.0 200 OK\r\n\r\n", "HTTP/0.9 200 OK\r\n\r\n", "hello",
		strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 100)+ok+"Content-Length: 5\r\n\r\nhello", strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n", 5000), ok+"Location: /a\r\nContent-Length: 5\r\n\r\nhello",
		strings.ReplaceAll(ok, "\r\n", "\n")+"Content-Length: 5\n\nhello", ok+"Content-Length: 5\r\n\r\nhel", ok+"Content-Length: 5\r\n\r\nhello world", ok+"Connection: keep-alive, Content-Length\r\nContent-Length: 5\r\n\r\nhello")
	for _, one := range framed {
		for _, behind := range []string{"", evil, "\r\n", "x", "HTTP/1.1 100 Continue\r\n\r\n" + evil, "0\r\n\r\n" + evil} {
			list = append(list, one+behind)
		}
	}
	return list
}

// spoil changes an answer in one or two places.
func spoil(r *rand.Rand, text string) string {
	for range 1 + r.IntN(2) {
		at := r.IntN(len(text) + 1)
		text = text[:at] + pick(r, append([]string{evil, "Content-Length: 5\r\n"}, splices...)...) + text[min(at+r.IntN(6), len(text)):]
	}
	return text
}

// hostileRig is a gateway in front of an origin that answers with what the target
// says.
func hostileRig(t *testing.T, l *ledger, scripts []string, front func(testing.TB, *ledger, string) *rig) *rig {
	t.Helper()
	o := startAnswering(t, l, func(r *reading, id string) (string, bool) {
		number, ok := strings.CutPrefix(r.target, hostilePath)
		if !ok {
			return reply(r, id), false
		}
		n, _ := strconv.Atoi(number)
		// An answer that does not end has to be ended by the origin, or nobody
		// would ever see it.
		text := strings.ReplaceAll(scripts[n%len(scripts)], "@", id)
		return text, !complete(text, r.method)
	})
	g := front(t, l, "http://"+o.address)
	g.hostile = hostilePath
	return g
}

// complete reports whether an answer is whole for whoever reads it in the
// strictest way.
func complete(text, method string) bool {
	for {
		a, rest, err := readAnswer(text, func(*answer) string { return method })
		if err != nil || a.last || a.status == 101 {
			return false
		}
		if a.status >= 200 {
			return true
		}
		text = rest
	}
}

// provoke asks for each of the answers, with canaries behind it on the same
// connection, and by others at the same time.
func (g *rig) provoke(count int) {
	var all sync.WaitGroup
	for a := range attackers {
		all.Go(func() {
			for i := a; i < count; i += attackers {
				method := []string{"GET", "HEAD", "POST"}[i/attackers%3]
				attack := fmt.Sprintf("%s %s%d HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", method, hostilePath, i)
				t := g.talk()
				t.say(canary(2 * i))
				t.say(attack)
				t.say(canary(2*i + 1))
				t.hangUp()
				t = g.talk() // Who comes next may get the same connection to the origin.
				t.say(canary(2*i+2) + canary(2*i+3))
				t.hangUp()
			}
		})
	}
	all.Wait()
}

// hostileScripts are all answers, and changed ones.
func hostileScripts(changed int) []string {
	scripts := hostileAnswers()
	r := rand.New(rand.NewPCG(seed, 1))
	for known := len(scripts); changed > 0; changed-- {
		scripts = append(scripts, spoil(r, scripts[r.IntN(known)]))
	}
	return scripts
}

func TestS3_HostileOrigin(t *testing.T) {
	l := &ledger{}
	changed := requests(t, 0)
	scripts := hostileScripts(changed)
	// Each script comes with each method, as 3 does not divide their number, where
	// there is time for all.
	for len(scripts)%3 == 0 {
		scripts = append(scripts, evil)
	}
	count := len(scripts)
	if changed > 0 {
		count *= 3
	}
	hostileRig(t, l, scripts, newRig).provoke(count)
	fmt.Printf("S3: %d hostile answers, %d canaries, %d findings (0)\n", count, 4*count, report(t, l))
}

func TestS3_HostileOrigin_NegativeControl(t *testing.T) {
	l := &ledger{}
	scripts := hostileScripts(0)[:400]
	hostileRig(t, l, scripts, newLaxRig).provoke(len(scripts))
	if count, _ := l.found(); count == 0 || l.kinds["MIX-UP"] == 0 {
		t.Errorf("behind a lax proxy there are %d findings, of them %v: the oracle finds nothing", count, l.kinds)
	}
	fmt.Printf("S3: behind a lax proxy hostile answers cause %v (more than 0 mix-ups)\n", l.kinds)
}
