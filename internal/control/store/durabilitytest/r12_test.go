package durabilitytest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/anishathalye/porcupine"

	"github.com/sallyport/sallyport/internal/control/store"
)

const (
	clients = 8
	// keys is how many records the clients share.
	keys = 4
	// calm is how many operations a client makes between two in which something
	// is killed.
	calm = 20
)

// errRefused says that a precondition does not hold.
var errRefused = errors.New("the precondition does not hold")

// TestR12_Linearizable has clients read, make, replace and remove few records
// under their ETags, while connections are killed and callers give up: what they
// were told is what one client after the other would have been told.
func TestR12_Linearizable(t *testing.T) {
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			perClient := size(150, 2000)
			h := d.history(t, perClient, func(s store.Store) store.Store { return s })
			legal := porcupine.CheckOperations(model, h.operations)
			fmt.Printf("R12: %s: %d clients × %d operations, %d succeeded, %d refused, %d ended by %d kills and their callers, linearizable %v (true)\n",
				d.name, clients, perClient, h.count(done), h.count(refused)+h.count(notFound), h.count(failed), h.kills.Load(), legal)
			if !legal {
				t.Error("the history is not linearizable")
			}
			if h.count(done) < clients*perClient/4 || h.count(refused) == 0 || h.kills.Load() == 0 {
				t.Error("the history shows too little: few operations succeeded, none was refused, or nothing was killed")
			}
		})
	}
}

// TestR12_Linearizable_NegativeControl puts something between clients and store
// that is wrong now and then.
func TestR12_Linearizable_NegativeControl(t *testing.T) {
	for _, d := range databases {
		for name, wrong := range map[string]func(store.Store) store.Store{
			"stale reads":         func(s store.Store) store.Store { return &stale{Store: s} },
			"an ETag is not seen": func(s store.Store) store.Store { return &careless{Store: s} },
		} {
			t.Run(d.name+"/"+name, func(t *testing.T) {
				h := d.history(t, size(150, 300), wrong)
				if porcupine.CheckOperations(model, h.operations) {
					t.Error("the history is linearizable")
				}
			})
		}
	}
}

// stale reads the state before the latest, now and then.
type stale struct {
	store.Store
	n atomic.Int64
}

func (s *stale) View(ctx context.Context, f func(store.Reader) error) error {
	if s.n.Add(1)%20 != 0 {
		return s.Store.View(ctx, f)
	}
	var latest store.Revision
	err := s.Store.View(ctx, func(r store.Reader) error { latest = r.Revision(); return nil })
	if err != nil {
		return err
	}
	return s.Store.ViewAt(ctx, max(latest, 8)-8, f)
}

// careless says, now and then, that there is what the client believes.
type careless struct {
	store.Store
	n atomic.Int64
}

func (s *careless) Update(ctx context.Context, f func(store.Tx) error) (store.Revision, error) {
	drop := s.n.Add(1)%5 == 0
	return s.Store.Update(ctx, func(tx store.Tx) error {
		if drop {
			tx = blind{tx}
		}
		return f(tx)
	})
}

type blind struct{ store.Tx }

func (b blind) Get(key store.Key) (store.Record, error) {
	r, err := b.Tx.Get(key)
	r.Changed = anyETag
	return r, err
}

// anyETag matches all.
const anyETag = ^store.Revision(0)

// history is what clients saw.
type history struct {
	mu         sync.Mutex
	operations []porcupine.Operation
	time       atomic.Int64
	kills      atomic.Int64
}

func (h *history) count(what told) int {
	n := 0
	for _, op := range h.operations {
		if op.Output.(outcome).told == what {
			n++
		}
	}
	return n
}

// history lets clients work on a store, over all its nodes.
func (d database) history(t *testing.T, perClient int, between func(store.Store) store.Store) *history {
	t.Helper()
	address, h := d.fresh(t), &history{}
	var nodes []store.Store
	for range d.nodes {
		nodes = append(nodes, between(d.opened(t, address)))
	}
	var wait sync.WaitGroup
	for i := range clients {
		c := &client{
			number: i, store: nodes[i%len(nodes)], history: h, random: rand.New(rand.NewPCG(12, uint64(i))),
			seen: map[store.Key]store.Revision{},
		}
		if d.kill != nil {
			c.kill = func() error { return d.kill(t.Context(), address) }
		}
		wait.Go(func() {
			for n := range perClient {
				if err := c.one(t.Context(), n); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wait.Wait()
	return h
}

// client is one that knows the ETags that it saw.
type client struct {
	number  int
	store   store.Store
	history *history
	random  *rand.Rand
	seen    map[store.Key]store.Revision
	kill    func() error
}

// one makes an operation and notes what came of it.
func (c *client) one(ctx context.Context, n int) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if n%calm == calm-1 {
		// In the middle of what this client and the others do.
		trouble := func() { cancel() }
		if c.random.IntN(2) == 0 && c.kill != nil {
			trouble = func() { _ = c.kill() } // What does not kill is no trouble.
		}
		var wait sync.WaitGroup
		wait.Go(trouble)
		defer wait.Wait()
		c.history.kills.Add(1)
	}
	op := c.choose(n)
	call := c.history.time.Add(1)
	out, err := c.do(ctx, op)
	returned := c.history.time.Add(1)
	if err != nil {
		return err
	}
	if op.kind == get || out.told == done {
		c.seen[op.key] = out.etag
	}
	c.history.mu.Lock()
	defer c.history.mu.Unlock()
	c.history.operations = append(c.history.operations, porcupine.Operation{
		ClientId: c.number, Input: op, Output: out, Call: call, Return: returned,
	})
	return nil
}

// choose makes operations most of which may succeed.
func (c *client) choose(n int) operation {
	op := operation{
		key:   store.Key(fmt.Sprintf("apis/%d", c.random.IntN(keys))),
		value: fmt.Sprintf("%d of client %d", n, c.number),
	}
	op.etag = c.seen[op.key]
	switch dice := c.random.IntN(10); {
	case dice < 4:
		op.kind = get
	case op.etag == 0:
		op.kind = create
	case dice < 9:
		op.kind = replace
	default:
		op.kind = remove
	}
	return op
}

// do makes an operation. An error is one that a store may not return.
func (c *client) do(ctx context.Context, op operation) (outcome, error) {
	var out outcome
	var err error
	if op.kind == get {
		out, err = readOne(ctx, c.store, op.key)
	} else {
		out.etag, err = c.store.Update(ctx, func(tx store.Tx) error { return change(tx, op) })
		if op.kind == remove {
			out.etag = 0
		}
	}
	switch {
	case err == nil:
		return out, nil
	case errors.Is(err, store.ErrNotFound):
		return outcome{told: notFound}, nil
	case errors.Is(err, errRefused):
		return outcome{told: refused}, nil
	case errors.Is(err, store.ErrUncertain):
		return outcome{}, err
	}
	// All other errors promise that nothing happened.
	return outcome{told: failed}, nil
}

func readOne(ctx context.Context, s store.Store, key store.Key) (out outcome, err error) {
	err = s.View(ctx, func(r store.Reader) error {
		found, err := r.Get(key)
		out = outcome{etag: found.Changed, value: string(found.Value)}
		return err
	})
	return out, err
}

// change is an operation that writes, as the management API does it.
func change(tx store.Tx, op operation) error {
	found, err := tx.Get(op.key)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	there := err == nil
	matches := there && (found.Changed == op.etag || found.Changed == anyETag)
	if op.kind == create {
		matches = !there
	}
	if !matches {
		return errRefused
	}
	if op.kind == remove {
		err = tx.Delete(op.key)
	} else {
		err = tx.Put(op.key, string(op.key), []byte(op.value))
	}
	if err != nil {
		return err
	}
	_, err = tx.Audit([]byte(op.value))
	return err
}
