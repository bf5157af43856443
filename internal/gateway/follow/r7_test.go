package follow_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/snapshot"
	"github.com/sallyport/sallyport/internal/snapshot/wire"
)

// minHeld is of how many documents something has to be held back at the least.
const minHeld = 300

// beside counts what becomes of documents that are broken in one place, and
// change an API in another.
type beside struct {
	pushed, held, crashed, failed, behind, unnamed int
	first                                          string
}

func (b *beside) fail(count *int, format string, args ...any) {
	*count++
	if b.first == "" {
		b.first = fmt.Sprintf(format, args...)
	}
}

// pushBeside sends each document of R4 as a feed does, with a change of another
// API in it.
func pushBeside(t *testing.T, list []poison, send func(g *gateway, p *plane) error) beside {
	t.Helper()
	var b beside
	good := newPlane(t)
	g := newGateway(t, nil)
	defer g.close(t)
	good.replace(g)
	for _, one := range list {
		p := poisoned(t, one.resources)
		if p == nil {
			continue // It has what no line can say.
		}
		p.revision = uint64(b.pushed) + 10
		p.set(policyAt("apis/other", shopPolicyText(210+b.pushed%80)))
		b.pushed++
		before := g.follower.Current()
		crash := ""
		func() {
			defer func() {
				if r := recover(); r != nil {
					crash = fmt.Sprint(r)
				}
			}()
			if err := send(g, p); err != nil {
				crash = err.Error()
			}
		}()
		if crash != "" {
			b.fail(&b.crashed, "%s: %s", one.name, crash)
		}
		if held := g.follower.Held(); len(held) > 0 {
			b.held++
			if held[0].Resource == "" && held[0].Message == "" {
				b.fail(&b.unnamed, "%s: what is held back has no name", one.name)
			}
			if status := g.get("/shop/items/1", "key-one"); status != 200 && p.lines["subscriptions/one"] != nil {
				b.fail(&b.failed, "%s: shop answers %d; held back is %s", one.name, status, held)
			}
		}
		if status := g.get("/other", "key-two"); g.follower.Current() == before || status != 210+(b.pushed-1)%80 && status != 401 {
			b.fail(&b.behind, "%s: the other API was not changed: %d; held back is %s", one.name, status, g.follower.Held())
		}
		good.revision = p.revision + 1
		good.replace(g)
		b.pushed++
	}
	return b
}

// poisoned is a plane with resources as they are, or nil where they cannot be
// written.
func poisoned(t *testing.T, resources []model.Resource) *plane {
	t.Helper()
	p := newPlane(t)
	for key := range p.lines {
		if key != model.ID("apis/other").Key() && key != model.ID("apis/other/operations/get").Key() {
			delete(p.lines, key)
		}
	}
	for i, r := range resources {
		if r == nil || reflect.ValueOf(r).IsNil() {
			return nil
		}
		l, err := wire.LineOf(r)
		if err != nil {
			return nil
		}
		key := r.ResourceID().Key()
		if _, twice := p.lines[key]; twice {
			key = model.Key(fmt.Sprintf("%s #%d", key, i))
		}
		p.lines[key] = l.Text
	}
	return p
}

// every is of how many of R4's documents one is sent.
const every = 4

// TestR7_HeldBack sends a gateway what it cannot serve, in every way that R4
// knows, together with a change of another API: that one is served at once, of
// what is broken the last good state is, and no request fails.
func TestR7_HeldBack(t *testing.T) {
	b := pushBeside(t, some(allPoison(t)), func(g *gateway, p *plane) error {
		return g.follower.Replace("line", p.digest(), p.document())
	})
	if b.crashed+b.failed+b.behind+b.unnamed > 0 {
		t.Errorf("%d crashes, %d failed requests, %d times the other API was behind, %d without a name; first: %s",
			b.crashed, b.failed, b.behind, b.unnamed, b.first)
	}
	if b.held < minHeld {
		t.Errorf("of %d documents something was held back, want %d", b.held, minHeld)
	}
	fmt.Printf("R7: %d documents, of %d a part held back, %d crashes, %d failed requests, %d times others were behind (0, 0, 0)\n",
		b.pushed, b.held, b.crashed, b.failed, b.behind)
}

// TestR7_HeldBack_NegativeControl takes documents whole or not at all.
func TestR7_HeldBack_NegativeControl(t *testing.T) {
	b := pushBeside(t, allPoison(t)[:60], func(g *gateway, p *plane) error {
		_, lines, err := wire.ReadLines(p.document(), nil)
		doc := &snapshot.Document{Revision: p.revision}
		for i := range lines {
			doc.Resources = append(doc.Resources, lines[i].Resource)
		}
		g.follower.Offer(doc, nil)
		return err
	})
	if b.behind == 0 {
		t.Errorf("a gateway that takes documents whole passed: %+v", b)
	}
}

// some are the documents that are sent: a few for each of the ways.
func some(list []poison) []poison {
	var chosen []poison
	for i, p := range list {
		if i%every == 0 || !p.harmless {
			chosen = append(chosen, p)
		}
	}
	return chosen
}
