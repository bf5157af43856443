package browser

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// What a page may weigh at a first visit, in bytes as they travel, and how soon
// it paints and answers, in milliseconds of the browser on this machine. The
// times are printed by each run and asserted by the one that is asked to, which
// wants a quiet machine.
const (
	maxPageBytes      = 100_000
	maxReferenceBytes = 300_000
	maxFirstPaint     = 300
	maxInteraction    = 50
)

// settle is how long a browser is left alone after its start: visitors have theirs
// running, and one that starts paints nothing soon.
const settle = time.Second

// visits is how often a page is opened, each time in a browser of its own: what is
// asserted is the median, since others use the machine too.
func visits() int {
	if *long {
		return 3
	}
	return 1
}

// spread is the median of what was measured, and the least and the most.
type spread struct{ median, least, most float64 }

func spreadOf(all []float64) spread {
	slices.Sort(all)
	return spread{all[len(all)/2], all[0], all[len(all)-1]}
}

func (s spread) String() string {
	if s.least == s.most {
		return fmt.Sprintf("%.0f ms", s.median)
	}
	return fmt.Sprintf("%.0f ms (%.0f to %.0f)", s.median, s.least, s.most)
}

// traffic adds up what travels to a tab.
type traffic struct {
	mu    sync.Mutex
	bytes float64
	calls int
}

// weigh begins to add up.
func (t *tab) weigh() *traffic {
	t.tb.Helper()
	w := &traffic{}
	_, err := chromedp.Call(t.ctx, network.Enable, network.EnableParams{})
	t.must(err, "watching the network")
	err = chromedp.Listen(t.ctx, func(event any) {
		if e, ok := event.(*network.EventLoadingFinished); ok {
			w.mu.Lock()
			w.bytes += e.EncodedDataLength
			w.calls++
			w.mu.Unlock()
		}
	})
	t.must(err, "watching the network")
	_, err = chromedp.Call(t.ctx, network.ClearBrowserCache, cdp.Empty{})
	t.must(err, "emptying the cache")
	return w
}

func (w *traffic) sum() (int, int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return int(w.bytes), w.calls
}

// firstPaint is when the page that is open showed something, in milliseconds
// from when it was asked for.
func (t *tab) firstPaint() float64 {
	t.tb.Helper()
	return evaluate[float64](t, `new Promise(done => {
		const look = () => {
			const [entry] = performance.getEntriesByName("first-contentful-paint");
			entry ? done(entry.startTime) : setTimeout(look, 10);
		};
		look();
	})`)
}

// measurePage opens a page as a first visit, as often as visits says, and returns
// what it weighs and when it paints.
func measurePage(tb testing.TB, address string, cookies func(*tab)) (bytes, calls int, paint spread) {
	tb.Helper()
	var paints []float64
	for range visits() {
		t := newTab(tb)
		if cookies != nil {
			cookies(t)
		}
		t.do(sleep(settle))
		w := t.weigh()
		t.open(address)
		paints = append(paints, t.firstPaint())
		// What modules load comes after the load event; the network is idle when
		// nothing has come for a moment.
		t.do(sleep(quietNetwork))
		bytes, calls = w.sum()
	}
	return bytes, calls, spreadOf(paints)
}

// reportPage prints what was measured of a page in one line.
func reportPage(name string, bytes, calls int, paint spread, limit int) string {
	return fmt.Sprintf("portal: %s: %.1f KB in %d requests (%d KB), first contentful paint after %v (%d)",
		name, float64(bytes)/1000, calls, limit/1000, paint, maxFirstPaint)
}
